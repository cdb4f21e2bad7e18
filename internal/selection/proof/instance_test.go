package proof_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/selection"
)

// plan is a kind of small random instances.
type plan struct {
	name    string
	method  selection.Method
	tied    []selection.TiePolicy
	own     bool // points and class per destination
	shape   shape
	shares  int // at most
	crowd   int // applicants, at most
	choices int // destinations, at most
}

// shape is how pools lie to each other.
type shape int

const (
	single   shape = iota // each destination has one of its own
	common                // some destinations have one together
	nested                // within a pool of several destinations, or of a group
	crossing              // any
)

func id(kind byte, n int) uuid.UUID { return uuid.UUID{0: kind, 15: byte(n)} }

func chance(rng *rand.Rand, percent int) bool { return rng.IntN(100) < percent }

// instance draws one instance of the plan. Points, classes and ties take few
// values, so that equal ones are frequent.
func (p plan) instance(rng *rand.Rand) selection.Input {
	for {
		in := p.draw(rng)
		if in.Check() == nil {
			return in
		}
	}
}

func (p plan) draw(rng *rand.Rand) selection.Input {
	in := selection.Input{Method: p.method, Tied: p.tied[rng.IntN(len(p.tied))], NoReserve: chance(rng, 10)}
	if in.Tied == selection.TiedLot || in.Method == selection.MethodLottery {
		in.Seed = []string{"seed", "other"}[rng.IntN(2)]
	}
	if chance(rng, 25) {
		in.ReserveLimit = 1 + rng.IntN(2)
	}
	for g := range rng.IntN(p.shares + 1) {
		in.Shares = append(in.Shares, selection.Share{Group: string(rune('A' + g)), Percent: []int{0, 1, 20, 34, 50, 100}[rng.IntN(6)]})
	}
	p.drawPlaces(rng, &in)
	if chance(rng, 30) {
		in.Money = append(in.Money, selection.Pool{ID: id('m', 1), Free: rng.IntN(4)})
		if chance(rng, 50) {
			in.Money = append(in.Money, selection.Pool{ID: id('m', 2), Free: rng.IntN(3), Group: "x"})
		}
	}
	ties, classes := rng.IntN(2), rng.IntN(3)
	for n := range 1 + rng.IntN(p.crowd) {
		in.Applicants = append(in.Applicants, p.applicant(rng, &in, n, ties, classes == 0))
	}
	return in
}

func (p plan) drawPlaces(rng *rand.Rand, in *selection.Input) {
	destinations := 1 + rng.IntN(p.choices)
	for n := range destinations {
		d := selection.Destination{ID: id('d', n)}
		if chance(rng, 10) {
			d.Minimum = rng.IntN(4)
		}
		own := id('p', n)
		if p.shape != single && n > 0 && chance(rng, 40) {
			own = id('p', rng.IntN(n))
		}
		d.Pools = []uuid.UUID{own}
		in.Destinations = append(in.Destinations, d)
		in.Pools = append(in.Pools, selection.Pool{ID: id('p', n), Free: rng.IntN(3)})
	}
	if p.shape == nested || p.shape == crossing {
		p.drawQuotas(rng, in)
	}
}

// drawQuotas adds pools over several destinations and pools of groups.
func (p plan) drawQuotas(rng *rand.Rand, in *selection.Input) {
	for n := range 1 + rng.IntN(2) {
		q := selection.Pool{ID: id('q', n), Free: rng.IntN(4)}
		if chance(rng, 40) {
			q.Group = []string{"x", "y"}[rng.IntN(2)]
		}
		in.Pools = append(in.Pools, q)
		for i := range in.Destinations {
			if chance(rng, 60) {
				in.Destinations[i].Pools = append(in.Destinations[i].Pools, q.ID)
			}
		}
	}
}

func (p plan) applicant(rng *rand.Rand, in *selection.Input, n, ties int, classes bool) selection.Applicant {
	a := selection.Applicant{ID: id('a', n), Points: points(rng), Arrived: int64(rng.IntN(3)), Group: []string{"", "A", "B"}[rng.IntN(3)]}
	if classes {
		a.Class = rng.IntN(2)
	}
	if chance(rng, 20) {
		a.Name = "name " + string(rune('a'+n/2))
	}
	for range ties {
		a.Ties = append(a.Ties, decimal.NewFromInt(int64(rng.IntN(2))))
	}
	for _, g := range []string{"x", "y"} {
		if chance(rng, 40) {
			a.Quotas = append(a.Quotas, g)
		}
	}
	if chance(rng, 5) {
		a.Excluded = selection.ExcludedMarksMissing
	}
	for _, d := range rng.Perm(len(in.Destinations))[:rng.IntN(min(4, len(in.Destinations))+1)] {
		w := selection.Wish{Destination: in.Destinations[d].ID, Class: a.Class, Points: a.Points}
		if p.own {
			w.Points = points(rng)
			if classes {
				w.Class = rng.IntN(2)
			}
			if chance(rng, 40) {
				for range ties {
					w.Ties = append(w.Ties, decimal.NewFromInt(int64(rng.IntN(2))))
				}
			}
		}
		if chance(rng, 8) {
			w.Gate = "gate.language"
		} else if in.Method == selection.MethodByHand && a.Excluded == "" && a.Hand == uuid.Nil && chance(rng, 30) {
			a.Hand = w.Destination
		} else if chance(rng, 10) {
			w.Waits = "gate.enough"
		}
		a.Wishes = append(a.Wishes, w)
	}
	return a
}

func points(rng *rand.Rand) decimal.Decimal {
	return []decimal.Decimal{decimal.New(7, 0), decimal.New(70, -1), decimal.New(8, 0), decimal.New(-1, 0), decimal.New(9, 0), decimal.New(95, -1)}[rng.IntN(6)]
}

func allocate(t testing.TB, in selection.Input) selection.Result {
	t.Helper()
	r, err := selection.Allocate(in)
	if err != nil {
		t.Fatalf("%v\n%s", err, text(in))
	}
	return r
}

// text is what to look at when a test fails.
func text(in selection.Input) string {
	var b bytes.Buffer
	_ = selection.WriteInput(&b, in) // a buffer takes everything
	return b.String()
}

var (
	strict = []selection.TiePolicy{selection.TiedID, selection.TiedLot}
	whole  = []selection.TiePolicy{selection.TiedRefuse, selection.TiedAdmit}
	all    = []selection.TiePolicy{selection.TiedID, selection.TiedLot, selection.TiedRefuse, selection.TiedAdmit}
)

var plans = []plan{
	{"deferred acceptance", selection.MethodDeferred, strict, true, single, 0, 5, 4},
	{"deferred acceptance, common places", selection.MethodDeferred, strict, true, common, 0, 5, 4},
	{"deferred acceptance, nested quotas", selection.MethodDeferred, strict, true, nested, 0, 5, 4},
	{"deferred acceptance, shares", selection.MethodDeferred, strict, true, single, 2, 5, 3},
	{"deferred acceptance, one score", selection.MethodDeferred, strict, false, crossing, 0, 5, 4},
	{"deferred acceptance, tied groups", selection.MethodDeferred, whole, true, common, 0, 5, 4},
	{"deferred acceptance, tied groups in nested quotas", selection.MethodDeferred, whole, true, nested, 0, 5, 4},
	{"first choices first", selection.MethodFirstChoice, strict, true, single, 2, 5, 3},
	{"first choices first, nested quotas", selection.MethodFirstChoice, strict, true, nested, 0, 5, 4},
	{"first choices first, tied groups", selection.MethodFirstChoice, whole, true, common, 0, 5, 4},
	{"first choices first, tied groups in nested quotas", selection.MethodFirstChoice, whole, true, nested, 0, 5, 4},
	{"list", selection.MethodList, strict, false, crossing, 2, 5, 4},
	{"list, tied groups", selection.MethodList, whole, false, common, 0, 5, 4},
	{"list, tied groups in nested quotas", selection.MethodList, whole, false, nested, 0, 5, 4},
	{"lottery", selection.MethodLottery, strict, false, crossing, 2, 5, 4},
	{"first come", selection.MethodFirstCome, strict, false, crossing, 2, 5, 4},
	{"first come, tied groups", selection.MethodFirstCome, whole, false, common, 0, 5, 4},
	{"hardest first", selection.MethodHardest, strict, true, crossing, 0, 5, 4},
	{"hardest first, shares", selection.MethodHardest, strict, true, single, 2, 5, 3},
	{"hardest first, tied groups", selection.MethodHardest, whole, true, nested, 0, 5, 4},
	{"by hand", selection.MethodByHand, all, true, crossing, 0, 5, 4},
}
