package selection

import (
	"bytes"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// Allocate computes the ranking. The error is of kind invalid and lists every
// fault of the input (see Input.Check).
func Allocate(in Input) (Result, error) {
	if err := in.Check(); err != nil {
		return Result{}, err
	}
	w := newWalk(in)
	for k, a := range w.list {
		w.visit(k, a)
	}
	w.exclude()
	w.summarize()
	return Result{Engine: Engine, Method: in.Method, Tied: in.Tied, Entries: w.entries, Destinations: w.figures}, nil
}

const nobody = int32(-1)

// walk is one pass down the list. Applicants, destinations and pools are
// indices into the input here.
type walk struct {
	in      Input
	order   *order
	list    []int32
	number  map[uuid.UUID]int32 // destination id → index
	pools   [][]int32           // of each destination
	free    []int               // left in each pool
	last    []int32             // who took the newest place of each pool
	lastAt  []int32             // and at which destination
	figures []Figures           // of each destination
	entries []Entry
	store   []Choice // one block for the choices of all entries
}

func newWalk(in Input) *walk {
	w := &walk{in: in, order: newOrder(in), number: make(map[uuid.UUID]int32, len(in.Destinations))}
	w.list = w.order.list(in)
	pool := make(map[uuid.UUID]int32, len(in.Pools))
	for i, p := range in.Pools {
		pool[p.ID] = int32(i)
		w.free = append(w.free, p.Free)
		w.last, w.lastAt = append(w.last, nobody), append(w.lastAt, nobody)
	}
	for i, d := range in.Destinations {
		w.number[d.ID] = int32(i)
		drawn := make([]int32, len(d.Pools))
		for k, id := range d.Pools {
			drawn[k] = pool[id]
		}
		w.pools = append(w.pools, drawn)
		w.figures = append(w.figures, Figures{Destination: d.ID})
	}
	choices := 0
	for _, a := range in.Applicants {
		choices += len(a.Wishes)
	}
	w.entries = make([]Entry, 0, len(in.Applicants))
	w.store = make([]Choice, 0, choices)
	return w
}

// visit gives the applicant a, k-th of the list, the first wish that has a
// place left, and writes what became of each wish.
func (w *walk) visit(k int, a int32) {
	e := Entry{Applicant: w.in.Applicants[a].ID, Rank: k + 1, Points: w.in.Applicants[a].Points}
	if k > 0 {
		_, e.Rule = w.order.compare(w.list[k-1], a)
	}
	granted := w.granted(a)
	start := len(w.store)
	for i, wish := range w.in.Applicants[a].Wishes {
		c := Choice{Destination: wish.Destination, Preference: i + 1, Points: wish.Points}
		w.decide(&c, a, granted)
		w.store = append(w.store, c)
	}
	e.Choices = w.store[start:len(w.store):len(w.store)]
	if granted >= 0 {
		w.take(a, w.number[w.in.Applicants[a].Wishes[granted].Destination])
	}
	w.entries = append(w.entries, e)
}

// granted returns the index of the first wish that is open to a and free.
func (w *walk) granted(a int32) int {
	for i, wish := range w.in.Applicants[a].Wishes {
		if wish.Gate == "" && w.exhausted(w.number[wish.Destination]) == nobody {
			return i
		}
	}
	return -1
}

// exhausted returns the pool of d that ran out first, nobody if none did.
func (w *walk) exhausted(d int32) int32 {
	found := nobody
	for _, p := range w.pools[d] {
		if w.free[p] > 0 {
			continue
		}
		if found == nobody || w.earlier(p, found) {
			found = p
		}
	}
	return found
}

// earlier reports whether pool p ran out before pool q: whose last taker
// stands higher in the list; one that never had a place comes first.
func (w *walk) earlier(p, q int32) bool {
	if w.last[p] == nobody || w.last[q] == nobody {
		return w.last[p] == nobody && w.last[q] != nobody
	}
	c, _ := w.order.compare(w.last[p], w.last[q])
	return c < 0
}

func (w *walk) take(a, d int32) {
	for _, p := range w.pools[d] {
		w.free[p]--
		w.last[p], w.lastAt[p] = a, d
	}
	f := &w.figures[d]
	f.Admitted++
	f.LowestAdmitted = decimal.NewNullDecimal(w.in.Applicants[a].Points)
}

// decide fills in one wish of a, whose wish number granted (from 0, -1: none)
// is fulfilled.
func (w *walk) decide(c *Choice, a int32, granted int) {
	if gate := w.in.Applicants[a].Wishes[c.Preference-1].Gate; gate != "" {
		c.Outcome, c.Reason = Gated, Reason{Code: ReasonGated, Gate: gate}
		return
	}
	d := w.number[c.Destination]
	f := &w.figures[d]
	f.Listed++
	c.Rank = f.Listed
	switch i := c.Preference - 1; {
	case i == granted:
		c.Outcome, c.Reason = Placed, Reason{Code: ReasonPlaced, Preference: c.Preference}
	case granted >= 0 && i > granted:
		c.Outcome, c.Reason = NotPlaced, Reason{Code: ReasonBetterChoice, Preference: granted + 1}
	default:
		w.refuse(c, a, d)
		if granted < 0 {
			w.wait(c, f)
		}
	}
}

func (w *walk) refuse(c *Choice, a, d int32) {
	c.Outcome, c.Reason = NotPlaced, w.lost(a, d)
	f := &w.figures[d]
	f.Refused++
	if !f.HighestRefused.Valid {
		f.HighestRefused = decimal.NewNullDecimal(w.in.Applicants[a].Points)
	}
}

// wait puts a refused wish on the reserve if there is one with room.
func (w *walk) wait(c *Choice, f *Figures) {
	if w.in.NoReserve {
		return
	}
	if w.in.ReserveLimit > 0 && f.Waiting >= w.in.ReserveLimit {
		c.Reason.ReserveFull = true
		return
	}
	f.Waiting++
	c.Outcome, c.Reserve = Reserve, f.Waiting
}

// lost says why d had no place left for a: against whom the last one went.
func (w *walk) lost(a, d int32) Reason {
	p := w.exhausted(d)
	taker := w.last[p]
	if taker == nobody {
		return Reason{Code: ReasonNoPlaces}
	}
	_, rule := w.order.compare(taker, a)
	r := Reason{Code: ReasonNoPlaceLeft, Rule: rule, Shared: w.lastAt[p] != d}
	r.LastPoints = decimal.NewNullDecimal(w.in.Applicants[taker].Points)
	switch {
	case rule == RuleLot:
		r.Code = ReasonLostLot
	case rule > RulePoints:
		r.Code = ReasonLostTie
	}
	return r
}

// exclude lists those who are not ranked, by id, with every wish gated.
func (w *walk) exclude() {
	ranked := len(w.entries)
	for _, a := range w.in.Applicants {
		if a.Excluded == "" {
			continue
		}
		start := len(w.store)
		for i, wish := range a.Wishes {
			reason := Reason{Code: ReasonExcluded, Gate: a.Excluded}
			w.store = append(w.store, Choice{Destination: wish.Destination, Preference: i + 1, Points: wish.Points, Outcome: Gated, Reason: reason})
		}
		choices := w.store[start:len(w.store):len(w.store)]
		w.entries = append(w.entries, Entry{Applicant: a.ID, Points: a.Points, Excluded: a.Excluded, Choices: choices})
	}
	slices.SortFunc(w.entries[ranked:], func(a, b Entry) int { return bytes.Compare(a.Applicant[:], b.Applicant[:]) })
}

func (w *walk) summarize() {
	slices.SortFunc(w.figures, func(a, b Figures) int { return bytes.Compare(a.Destination[:], b.Destination[:]) })
}
