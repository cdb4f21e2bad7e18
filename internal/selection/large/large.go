// Package large makes selections of the sizes the product is held to. Tests
// and measurements alone use it.
package large

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/selection"
)

const destinations = 2000

// Input makes n applicants with 8 wishes each among 2,000 destinations that
// hold about half of them, each drawing on one or two pools. It is the same
// for the same n.
func Input(n int) selection.Input {
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	in := selection.Input{Method: selection.MethodList, Tied: selection.TiedLot, Seed: "bench"}
	for i := range destinations {
		in.Pools = append(in.Pools, selection.Pool{ID: number('p', i), Free: 1 + rng.IntN(1+n/destinations)})
		d := selection.Destination{ID: number('d', i), Pools: []uuid.UUID{number('p', i)}}
		if i%4 == 1 {
			d.Pools = append(d.Pools, number('p', i-1))
		}
		in.Destinations = append(in.Destinations, d)
	}
	for i := range n {
		in.Applicants = append(in.Applicants, applicant(rng, in.Destinations, i))
	}
	return in
}

// OwnPoints is Input for deferred acceptance: every destination has points of
// its own for everybody.
func OwnPoints(n int) selection.Input {
	rng := rand.New(rand.NewPCG(2, uint64(n)))
	in := Input(n)
	in.Method = selection.MethodDeferred
	for _, a := range in.Applicants {
		for i := range a.Wishes {
			a.Wishes[i].Points = decimal.New(rng.Int64N(1_000_000), -4)
		}
	}
	return in
}

func applicant(rng *rand.Rand, among []selection.Destination, i int) selection.Applicant {
	a := selection.Applicant{
		ID: number('a', i), Points: decimal.New(rng.Int64N(1_000_000), -4), Ties: []decimal.Decimal{decimal.New(rng.Int64N(2), 0)},
	}
	for len(a.Wishes) < 8 {
		wish := among[int(destinations*rng.Float64()*rng.Float64())].ID // some are wanted more
		if !slices.ContainsFunc(a.Wishes, func(w selection.Wish) bool { return w.Destination == wish }) {
			a.Wishes = append(a.Wishes, selection.Wish{Destination: wish, Points: a.Points})
		}
	}
	return a
}

func number(kind byte, i int) (id uuid.UUID) {
	id[0] = kind
	binary.BigEndian.PutUint32(id[12:], uint32(i))
	return id
}
