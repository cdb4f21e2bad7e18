package process

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/uuid"
)

// instance makes a problem from a seed: everybody may assess every file if
// open, else conflicts and reach leave holes.
func instance(seed uint64, open bool) spread {
	r := rand.New(rand.NewPCG(seed, 1))
	people := make([]uuid.UUID, 1+r.IntN(7))
	p := spread{load: map[uuid.UUID]int{}}
	for i := range people {
		people[i] = uuid.NewSHA1(uuid.Nil, fmt.Append(nil, "person", seed, i))
		p.load[people[i]] = r.IntN(4)
		if open {
			p.load[people[i]] = 0
		}
	}
	slices.SortFunc(people, compareIDs)
	for i := range r.IntN(25) {
		f := spreadFile{id: uuid.NewSHA1(uuid.Nil, fmt.Append(nil, "file", seed, i)), want: r.IntN(4)}
		for _, a := range people {
			if open || r.IntN(3) > 0 {
				f.may = append(f.may, a)
			}
		}
		p.files = append(p.files, f)
	}
	return p
}

func TestSpreadingIsEven(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		p := instance(seed, true)
		p.solve()
		least, most := 1<<30, 0
		for _, n := range p.now {
			least, most = min(least, n), max(most, n)
		}
		if len(p.now) > 0 && most-least > 1 {
			t.Fatalf("seed %d: from %d to %d files", seed, least, most)
		}
	}
}

// Nobody gets a file they may not have or have twice, no file goes without
// where somebody could take it, and no exchange would even out the loads.
func TestSpreadingWithConflicts(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		p := instance(seed, false)
		pairs := p.solve()
		given := map[uuid.UUID]int{}
		for _, pair := range pairs {
			i := slices.IndexFunc(p.files, func(f spreadFile) bool { return f.id == pair.Application })
			if !slices.Contains(p.files[i].may, pair.Assessor) {
				t.Fatalf("seed %d: somebody got a file they may not have", seed)
			}
			given[pair.Application]++
		}
		if len(slices.Compact(slices.Clone(pairs))) != len(pairs) {
			t.Fatalf("seed %d: a file twice to the same", seed)
		}
		for _, f := range p.files {
			if given[f.id] != min(f.want, len(f.may)) {
				t.Fatalf("seed %d: %d of %d wanted, %d may", seed, given[f.id], f.want, len(f.may))
			}
		}
		if len(p.files) <= 6 && len(p.load) <= 4 {
			if got, best := p.squares(), best(instance(seed, false), 0); got != best {
				t.Fatalf("seed %d: loads come to %d, %d were possible", seed, got, best)
			}
		}
	}
}

// squares is the sum of squares of the loads: the less, the more even.
func (p *spread) squares() int {
	sum := 0
	for a, n := range p.load {
		if _, may := p.now[a]; may {
			n = p.now[a]
		}
		sum += n * n
	}
	return sum
}

// best tries every assignment there is.
func best(p spread, from int) int {
	if p.now == nil {
		p.now = map[uuid.UUID]int{}
		for a, n := range p.load {
			p.now[a] = n
		}
	}
	if from == len(p.files) {
		return p.squares()
	}
	f, found := p.files[from], 1<<30
	for set := range 1 << len(f.may) {
		var picked []uuid.UUID
		for i, a := range f.may {
			if set&(1<<i) != 0 {
				picked = append(picked, a)
			}
		}
		if len(picked) != min(f.want, len(f.may)) {
			continue
		}
		for _, a := range picked {
			p.now[a]++
		}
		found = min(found, best(p, from+1))
		for _, a := range picked {
			p.now[a]--
		}
	}
	return found
}

func TestSpreadingIsTheSameEachTimeInWhateverOrder(t *testing.T) {
	t.Parallel()
	sorted := func(pairs []Assigned) []Assigned {
		slices.SortFunc(pairs, func(a, b Assigned) int {
			if c := compareIDs(a.Application, b.Application); c != 0 {
				return c
			}
			return compareIDs(a.Assessor, b.Assessor)
		})
		return pairs
	}
	for seed := range uint64(500) {
		p, again := instance(seed, seed%2 == 0), instance(seed, seed%2 == 0)
		rand.New(rand.NewPCG(seed, 2)).Shuffle(len(again.files), func(i, j int) { again.files[i], again.files[j] = again.files[j], again.files[i] })
		if a, b := sorted(p.solve()), sorted(again.solve()); !slices.Equal(a, b) {
			t.Fatalf("seed %d: another order of files, another answer", seed)
		}
	}
}

func TestSpreadingManyFilesIsQuick(t *testing.T) {
	t.Parallel()
	var people []uuid.UUID
	for range 30 {
		people = append(people, newID())
	}
	p := spread{load: map[uuid.UUID]int{}}
	r := rand.New(rand.NewPCG(1, 1))
	for range 3000 {
		f := spreadFile{id: newID(), want: 2}
		for _, a := range people {
			if r.IntN(4) > 0 {
				f.may = append(f.may, a)
			}
		}
		p.files = append(p.files, f)
	}
	if got := len(p.solve()); got != 6000 {
		t.Errorf("%d assigned", got)
	}
}
