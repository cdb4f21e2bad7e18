package process

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/google/uuid"
)

// Spreading files over assessors evenly. Pure.

// spreadFile is a file that wants more assessors, and who may be one.
type spreadFile struct {
	id   uuid.UUID
	want int
	may  []uuid.UUID // in order of id, without those it has
	got  []uuid.UUID
}

// spread is the problem: load is how many files each assessor has before.
type spread struct {
	files []spreadFile
	load  map[uuid.UUID]int
	now   map[uuid.UUID]int
	holds map[uuid.UUID][]int // files given to an assessor, by index
}

// solve gives each file as many assessors as it wants and may have, so that
// the loads lie as close together as conflicts and reach allow: first to whom
// has least, then along chains of exchanges until none would help. The same
// problem gets the same answer.
func (p *spread) solve() []Assigned {
	p.now, p.holds = map[uuid.UUID]int{}, map[uuid.UUID][]int{}
	for _, f := range p.files {
		for _, a := range f.may {
			p.now[a] = p.load[a]
		}
	}
	order := make([]int, len(p.files))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { // who has least choice first
		return cmp.Or(cmp.Compare(len(p.files[a].may), len(p.files[b].may)), compareIDs(p.files[a].id, p.files[b].id))
	})
	for _, i := range order {
		p.fill(i)
	}
	for p.improve() {
	}
	return p.pairs()
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }

func (p *spread) fill(i int) {
	f := &p.files[i]
	left := slices.Clone(f.may)
	slices.SortStableFunc(left, func(a, b uuid.UUID) int { return cmp.Compare(p.now[a], p.now[b]) })
	for _, a := range left[:max(0, min(f.want, len(left)))] {
		p.give(i, a)
	}
}

func (p *spread) give(i int, a uuid.UUID) {
	p.files[i].got = append(p.files[i].got, a)
	p.holds[a] = append(p.holds[a], i)
	p.now[a]++
}

func (p *spread) take(i int, a uuid.UUID) {
	p.files[i].got = slices.DeleteFunc(p.files[i].got, func(x uuid.UUID) bool { return x == a })
	p.holds[a] = slices.DeleteFunc(p.holds[a], func(x int) bool { return x == i })
	p.now[a]--
}

// hop is one step of a chain: assessor from passes the file on to to.
type hop struct {
	file     int
	from, to uuid.UUID
}

// improve finds the shortest chain of hand-overs that leads from an assessor
// to one with at least two files less, carries it out, and reports whether
// there was one. Without such a chain the sum of squares of the loads is the
// least possible.
func (p *spread) improve() bool {
	people := p.people()
	for _, from := range slices.Backward(people) { // who has most first
		if len(p.holds[from]) == 0 {
			continue
		}
		if chain := p.chain(from); chain != nil {
			for _, h := range chain {
				p.take(h.file, h.from)
				p.give(h.file, h.to)
			}
			return true
		}
	}
	return false
}

// people are all assessors, by load and then by id.
func (p *spread) people() []uuid.UUID {
	out := make([]uuid.UUID, 0, len(p.now))
	for a := range p.now {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b uuid.UUID) int { return cmp.Or(cmp.Compare(p.now[a], p.now[b]), compareIDs(a, b)) })
	return out
}

// chain searches breadth first, files and people in order.
func (p *spread) chain(from uuid.UUID) []hop {
	came := map[uuid.UUID]hop{from: {}}
	for queue := []uuid.UUID{from}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if p.now[at] <= p.now[from]-2 {
			var out []hop
			for at != from {
				out = append(out, came[at])
				at = came[at].from
			}
			slices.Reverse(out)
			return out
		}
		held := slices.Sorted(slices.Values(p.holds[at]))
		for _, i := range held {
			for _, to := range p.files[i].may {
				if _, known := came[to]; !known && !slices.Contains(p.files[i].got, to) {
					came[to] = hop{i, at, to}
					queue = append(queue, to)
				}
			}
		}
	}
	return nil
}

func (p *spread) pairs() []Assigned {
	var out []Assigned
	for _, f := range p.files {
		got := slices.Clone(f.got)
		slices.SortFunc(got, compareIDs)
		for _, a := range got {
			out = append(out, Assigned{f.id, a})
		}
	}
	return out
}

// short tells how many assessors each file still lacks.
func (p *spread) short() map[uuid.UUID]int {
	out := map[uuid.UUID]int{}
	for _, f := range p.files {
		if lacks := f.want - len(f.got); lacks > 0 {
			out[f.id] = lacks
		}
	}
	return out
}
