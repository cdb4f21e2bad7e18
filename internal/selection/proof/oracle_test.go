package proof_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/selection"
)

// The oracle knows nothing of how places are given out. It writes an instance
// as sets of wishes, goes through every assignment, and keeps those that are
// what the words of the method say.

// set is a set of wishes. Bit 0 is the wish that stands first; in a set the
// worst is the highest bit.
type set uint32

func (s set) has(w int) bool { return s>>w&1 == 1 }
func (s set) size() int      { return bits.OnesCount32(uint32(s)) }
func (s set) worst() int     { return 31 - bits.LeadingZeros32(uint32(s)) }

// best is the first n of s.
func (s set) best(n int) set {
	for s.size() > n {
		s &^= 1 << s.worst()
	}
	return s
}

func (s set) each(f func(w int)) {
	for ; s != 0; s &= s - 1 {
		f(bits.TrailingZeros32(uint32(s)))
	}
}

// world is an instance in numbers. Wishes are in the strict order in which
// they compete; where nothing decides between equal ones, by any.
type world struct {
	in    selection.Input
	of    []int // the applicant of each wish
	pref  []int
	at    []int
	level []string // of each wish: equal for a tied group
	pools []set    // the wishes that draw on each pool
	free  []int
	stay  []set   // the wishes for each destination
	own   [][]int // the wishes of each applicant, in order of preference
	open  set
}

func newWorld(in selection.Input) *world {
	type row struct {
		a, k, d    int
		level, key string
	}
	var rows []row
	place := listPlaces(in)
	for a, who := range in.Applicants {
		for k, wish := range who.Wishes {
			if who.Excluded != "" || wish.Gate != "" || wish.Waits != "" {
				continue
			}
			r := row{a: a, k: k, d: slices.IndexFunc(in.Destinations, func(d selection.Destination) bool { return d.ID == wish.Destination })}
			r.level = level(in, who, wish, k)
			r.key = r.level + last(in, who) + fmt.Sprint(k)
			if oneList(in) {
				r.key = fmt.Sprintf("%02d %d", place[a], k)
			}
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(x, y row) int { return strings.Compare(x.key, y.key) })
	w := &world{in: in, pools: make([]set, len(in.Pools)), stay: make([]set, len(in.Destinations)), own: make([][]int, len(in.Applicants))}
	for i, r := range rows {
		w.of, w.pref, w.at, w.level = append(w.of, r.a), append(w.pref, r.k), append(w.at, r.d), append(w.level, r.level)
		w.stay[r.d] |= 1 << i
		w.open |= 1 << i
		w.own[r.a] = append(w.own[r.a], i)
		for p, pool := range in.Pools {
			counted := pool.Group == "" || slices.Contains(in.Applicants[r.a].Quotas, pool.Group)
			if counted && slices.Contains(in.Destinations[r.d].Pools, pool.ID) {
				w.pools[p] |= 1 << i
			}
		}
	}
	for _, own := range w.own {
		slices.SortFunc(own, func(x, y int) int { return w.pref[x] - w.pref[y] })
	}
	for _, p := range in.Pools {
		w.free = append(w.free, p.Free)
	}
	return w
}

func oneList(in selection.Input) bool {
	return in.Method == selection.MethodList || in.Method == selection.MethodLottery || in.Method == selection.MethodFirstCome
}

// level writes a wish's claim as text that sorts as the claims do.
func level(in selection.Input, who selection.Applicant, wish selection.Wish, k int) string {
	class, points := fmt.Sprintf("class %02d ", wish.Class), number(wish.Points)
	ties := wish.Ties
	if ties == nil {
		ties = who.Ties
	}
	for _, tie := range ties {
		points += number(tie)
	}
	switch in.Method {
	case selection.MethodLottery:
		return fmt.Sprintf("class %02d ", who.Class)
	case selection.MethodFirstCome:
		return fmt.Sprintf("class %02d arrived %03d ", who.Class, who.Arrived)
	case selection.MethodFirstChoice:
		return fmt.Sprintf("round %d ", k) + class + points
	default:
		return class + points
	}
}

func number(d decimal.Decimal) string {
	f, _ := d.Float64()
	return fmt.Sprintf("%09.3f ", 1000-f)
}

func last(in selection.Input, who selection.Applicant) string {
	if in.Tied == selection.TiedLot || in.Method == selection.MethodLottery {
		name := []byte(who.Name)
		if who.Name == "" {
			name = who.ID[:]
		}
		sum := sha256.Sum256(append([]byte(in.Seed+"\x00"), name...))
		return hex.EncodeToString(sum[:]) + hex.EncodeToString(who.ID[:]) // a name may be there twice
	}
	return hex.EncodeToString(who.ID[:])
}

// listPlaces says where each applicant stands in the whole list, shares
// included.
func listPlaces(in selection.Input) []int {
	var order []int
	for i := range in.Applicants {
		if in.Applicants[i].Excluded == "" {
			order = append(order, i)
		}
	}
	key := func(i int) string {
		a := in.Applicants[i]
		return level(in, a, selection.Wish{Class: a.Class, Points: a.Points}, 0) + last(in, a)
	}
	slices.SortFunc(order, func(i, j int) int { return strings.Compare(key(i), key(j)) })
	if oneList(in) {
		order = withShares(in, order)
	}
	place := make([]int, len(in.Applicants))
	for k, i := range order {
		place[i] = k
	}
	return place
}

// withShares lines people up again: whenever a share is short and has anybody
// left, its best comes next.
func withShares(in selection.Input, left []int) (out []int) {
	left = slices.Clone(left)
	for k := 1; len(left) > 0; k++ {
		next := 0
		for _, s := range in.Shares {
			of := func(i int) bool { return in.Applicants[i].Group == s.Group }
			had := 0
			for _, i := range out {
				if of(i) {
					had++
				}
			}
			if i := slices.IndexFunc(left, of); i >= 0 && had < (k*s.Percent+99)/100 {
				next = i
				break
			}
		}
		out = append(out, left[next])
		left = slices.Delete(left, next, next+1)
	}
	return out
}

// assignments calls f with every way to grant each applicant one wish or none.
func (w *world) assignments(f func(set)) {
	var walk func(a int, s set)
	walk = func(a int, s set) {
		if a == len(w.own) {
			f(s)
			return
		}
		walk(a+1, s)
		for _, x := range w.own[a] {
			walk(a+1, s|1<<x)
		}
	}
	walk(0, 0)
}

func (w *world) feasible(s set) bool {
	for p, pool := range w.pools {
		if (s & pool).size() > w.free[p] {
			return false
		}
	}
	return true
}

// rank says how much applicant a likes s: 0 is the first wish.
func (w *world) rank(a int, s set) int {
	for k, x := range w.own[a] {
		if s.has(x) {
			return k
		}
	}
	return len(w.own[a])
}

// wanted are the wishes people want more than what they have in s.
func (w *world) wanted(s set) (out set) {
	for a, own := range w.own {
		for _, x := range own[:w.rank(a, s)] {
			out |= 1 << x
		}
	}
	return out
}

// inner lists pools so that one within another comes first.
func (w *world) inner() []int {
	order := make([]int, len(w.pools))
	for p := range order {
		order[p] = p
	}
	slices.SortStableFunc(order, func(p, q int) int { return w.pools[p].size() - w.pools[q].size() })
	return order
}

// choice is what the pools keep of s: each the best of what those within it
// keep; with shares, first the best of each group as far as places are kept.
func (w *world) choice(s set) set {
	if len(w.in.Shares) > 0 {
		var out set
		for d := range w.stay {
			out |= w.seats(d, s&w.stay[d])
		}
		return out
	}
	for _, p := range w.inner() {
		s = s&^w.pools[p] | (s & w.pools[p]).best(w.free[p])
	}
	return s
}

func (w *world) seats(d int, s set) (out set) {
	left := 0
	for p, pool := range w.in.Pools {
		if pool.ID == w.in.Destinations[d].Pools[0] {
			left = w.free[p]
		}
	}
	all := left
	for _, share := range w.in.Shares {
		var group set
		s.each(func(x int) {
			if w.in.Applicants[w.of[x]].Group == share.Group {
				group |= 1 << x
			}
		})
		taken := group.best(min((all*share.Percent+99)/100, left))
		left -= taken.size()
		out |= taken
	}
	return out | (s &^ out).best(all-out.size())
}

// stable reports whether the pools keep s and would take in nobody who wants
// to come.
func (w *world) stable(s set) bool {
	if w.choice(s) != s {
		return false
	}
	ok := true
	w.wanted(s).each(func(x int) { ok = ok && !w.choice(s|1<<x).has(x) })
	return ok
}

// bestStable goes through every assignment. There must be one stable one that
// everybody likes as much as any other.
func (w *world) bestStable(t testing.TB) set {
	var all []set
	w.assignments(func(s set) {
		if w.feasible(s) && w.stable(s) {
			all = append(all, s)
		}
	})
	best := slices.IndexFunc(all, func(s set) bool {
		return !slices.ContainsFunc(all, func(other set) bool {
			for a := range w.own {
				if w.rank(a, other) < w.rank(a, s) {
					return true
				}
			}
			return false
		})
	})
	if best < 0 {
		t.Fatalf("%d stable assignments, none best for everybody\n%s", len(all), text(w.in))
	}
	return all[best]
}

// lexicographic is the feasible assignment best for the first of the list,
// then for the second, and so on.
func (w *world) lexicographic() set {
	place := listPlaces(w.in)
	order := make([]int, len(w.own))
	for a := range order {
		order[a] = a
	}
	slices.SortFunc(order, func(a, b int) int { return place[a] - place[b] })
	best, found := set(0), false
	w.assignments(func(s set) {
		if !w.feasible(s) {
			return
		}
		for _, a := range order {
			if !found || w.rank(a, s) < w.rank(a, best) {
				best, found = s, true
				return
			}
			if w.rank(a, s) > w.rank(a, best) {
				return
			}
		}
	})
	return best
}

// byHand is what people decided.
func (w *world) byHand() (out set) {
	for a, who := range w.in.Applicants {
		for _, x := range w.own[a] {
			if who.Hand != uuid.Nil && w.in.Destinations[w.at[x]].ID == who.Hand {
				out |= 1 << x
			}
		}
	}
	return out
}

// granted reads a result as a set.
func (w *world) granted(r selection.Result) (out set) {
	for _, e := range r.Entries {
		a := slices.IndexFunc(w.in.Applicants, func(a selection.Applicant) bool { return a.ID == e.Applicant })
		if c, ok := e.Placed(); ok {
			for _, x := range w.own[a] {
				if w.pref[x] == c.Preference-1 {
					out |= 1 << x
				}
			}
		}
	}
	return out
}
