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
// hold about half of them, every fourth drawing on the places of its
// neighbour too. Everybody has one score; the method is the list. It is the
// same for the same n, and so are the others.
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

const ofPartner = 8 // destinations, next to each other

// TwoLevel is OwnPoints with a quota of every partner over its destinations,
// of about two thirds of their places, and one of a unit at every destination.
func TwoLevel(n int) selection.Input {
	in := OwnPoints(n)
	for i := 0; i < destinations; i += ofPartner {
		partner := selection.Pool{ID: number('q', i)}
		for k := i; k < i+ofPartner; k++ {
			partner.Free += in.Pools[k].Free
			unit := selection.Pool{ID: number('u', k), Free: 1 + in.Pools[k].Free/3, Group: "unit"}
			in.Pools = append(in.Pools, unit)
			in.Destinations[k].Pools = append(in.Destinations[k].Pools, partner.ID, unit.ID)
		}
		partner.Free -= partner.Free / 3
		in.Pools = append(in.Pools, partner)
	}
	for i := range in.Applicants {
		if i%3 == 0 {
			in.Applicants[i].Quotas = []string{"unit"}
		}
	}
	for i := range in.Destinations { // a unit's quota at one destination is within the places of that one alone
		if i%4 == 1 {
			in.Destinations[i].Pools = slices.Delete(in.Destinations[i].Pools, 1, 2)
		}
	}
	return in
}

// Shares is OwnPoints with places of each destination's own, a quarter of
// them guaranteed to one group and a twentieth to another, and grants for a
// third.
func Shares(n int) selection.Input {
	in := OwnPoints(n)
	in.Shares = []selection.Share{{Group: "first", Percent: 25}, {Group: "second", Percent: 5}}
	in.Money = []selection.Pool{{ID: number('m', 0), Free: n / 3}}
	for d := range in.Destinations {
		in.Destinations[d].Pools = in.Destinations[d].Pools[:1]
	}
	for i := range in.Applicants {
		switch {
		case i%5 == 0:
			in.Applicants[i].Group = "first"
		case i%11 == 0:
			in.Applicants[i].Group = "second"
		}
	}
	return in
}

// Tied is OwnPoints in whole points, so that there are many equal ones, who
// are refused or admitted together.
func Tied(n int, policy selection.TiePolicy) selection.Input {
	in := OwnPoints(n)
	in.Tied, in.Seed = policy, ""
	for _, a := range in.Applicants {
		for i := range a.Wishes {
			a.Wishes[i].Points = a.Wishes[i].Points.RoundDown(0)
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
