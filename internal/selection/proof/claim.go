package proof

import (
	"crypto/sha256"
	"slices"

	"github.com/google/uuid"

	"peregrine/internal/selection"
)

const none = int32(-1)

// claim is a result laid out beside its input. People are numbered by their
// line in the result, wishes, destinations and pools one after another.
type claim struct {
	in     *selection.Input
	result *selection.Result
	found  []Violation

	who   []*selection.Applicant // of each line
	lots  [][sha256.Size]byte    // of each line, where lots decide
	share []int                  // of each line, the share that counts it, -1 none
	first []int32                // the wishes of line i are first[i] … first[i+1]-1
	got   []int32                // of each line, the wish granted

	line []int32 // of each wish
	at   []int32 // of each wish, its destination
	open []bool  // of each wish: not gated
	asks []bool  // of each wish: may have a place, not only wait for one

	pools   [][]int32          // of each destination
	span    []int              // of each pool, how many destinations draw on it
	listed  [][]int32          // of each destination, its open wishes by rank
	turn    []int              // of each destination, hardest first: when it is filled
	taken   []map[int32]taken  // of each pool of each destination, hardest first: what its turn took
	holders [][]int32          // of each pool, the granted wishes that draw on it
	tail    [][]int32          // of each pool, the holders equal to the lowest, once asked for
	lowest  []int32            // of each pool, the holder that stands lowest, none without one
	highest map[[2]int32]int32 // of each pool, the highest wish it refused, once asked for
}

func (c *claim) add(x Violation) { c.found = append(c.found, x) }

// about adds what is wrong with one wish.
func (c *claim) about(code string, w int32, detail string) {
	c.add(Violation{Code: code, Applicant: c.who[c.line[w]].ID, Destination: c.in.Destinations[c.at[w]].ID, Detail: detail})
}

func (c *claim) keepsTies() bool {
	return c.in.Tied == selection.TiedRefuse || c.in.Tied == selection.TiedAdmit
}

// oneList reports whether the method has one order for all destinations.
func (c *claim) oneList() bool {
	switch c.in.Method {
	case selection.MethodList, selection.MethodLottery, selection.MethodFirstCome:
		return true
	default:
		return false
	}
}

func (c *claim) wish(w int32) *selection.Wish {
	i := c.line[w]
	return &c.who[i].Wishes[w-c.first[i]]
}

func (c *claim) choice(w int32) *selection.Choice {
	i := c.line[w]
	return &c.result.Entries[i].Choices[w-c.first[i]]
}

// drawn are the pools that wish w takes a place of.
func (c *claim) drawn(w int32) []int32 {
	all := c.pools[c.at[w]]
	for k, p := range all {
		if !counts(c.in.Pools[p], c.who[c.line[w]]) {
			rest := slices.Clone(all[:k])
			for _, q := range all[k+1:] {
				if counts(c.in.Pools[q], c.who[c.line[w]]) {
					rest = append(rest, q)
				}
			}
			return rest
		}
	}
	return all
}

func counts(p selection.Pool, a *selection.Applicant) bool {
	return p.Group == "" || slices.Contains(a.Quotas, p.Group)
}

// wanted calls f for each place that line i asked for and wanted more than what they
// got, in order of preference.
func (c *claim) wanted(i int, f func(w int32)) {
	for w := c.first[i]; w < c.first[i+1] && w != c.got[i]; w++ {
		if c.asks[w] {
			f(w)
		}
	}
}

func (c *claim) layOut() {
	pool, destination := map[uuid.UUID]int32{}, map[uuid.UUID]int32{}
	for i, p := range c.in.Pools {
		pool[p.ID] = int32(i)
	}
	c.span = make([]int, len(c.in.Pools))
	for i, d := range c.in.Destinations {
		destination[d.ID] = int32(i)
		pools := make([]int32, len(d.Pools))
		for k, p := range d.Pools {
			pools[k] = pool[p]
			c.span[pool[p]]++
		}
		c.pools = append(c.pools, pools)
	}
	c.holders, c.lowest = make([][]int32, len(c.in.Pools)), make([]int32, len(c.in.Pools))
	share := map[string]int{}
	for i, s := range c.in.Shares {
		share[s.Group] = i
	}
	for i, a := range c.who {
		s, of := share[a.Group]
		if !of || a.Group == "" {
			s = -1
		}
		c.share = append(c.share, s)
		c.layWishes(i, destination)
	}
	c.first = append(c.first, int32(len(c.line)))
	if c.in.Tied == selection.TiedLot || c.in.Method == selection.MethodLottery {
		c.draw()
	}
}

func (c *claim) layWishes(i int, destination map[uuid.UUID]int32) {
	a, granted := c.who[i], none
	c.first = append(c.first, int32(len(c.line)))
	for k := range a.Wishes {
		if c.result.Entries[i].Choices[k].Outcome == selection.Placed {
			granted = int32(len(c.line))
		}
		c.line = append(c.line, int32(i))
		c.at = append(c.at, destination[a.Wishes[k].Destination])
		open := a.Excluded == "" && a.Wishes[k].Gate == ""
		c.open, c.asks = append(c.open, open), append(c.asks, open && a.Wishes[k].Waits == "")
	}
	c.got = append(c.got, granted)
}

// draw computes the lots: of the seed, a zero byte and the name, or the bytes
// of the id where there is no name.
func (c *claim) draw() {
	c.lots = make([][sha256.Size]byte, len(c.who))
	for i, a := range c.who {
		name := a.Name
		if name == "" {
			name = string(a.ID[:])
		}
		c.lots[i] = sha256.Sum256([]byte(c.in.Seed + "\x00" + name))
	}
}
