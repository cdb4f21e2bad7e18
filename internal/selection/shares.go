package selection

// quota is how many of the first k are guaranteed to a share: its percentage,
// rounded up.
func (s Share) quota(k int) int { return (k*s.Percent + 99) / 100 }

// kept is how many of free places each share has for itself: what an earlier
// share took of them is not there for a later one.
func kept(shares []Share, free int) []int {
	out, left := make([]int, len(shares)), free
	for i, s := range shares {
		out[i] = min(s.quota(free), left)
		left -= out[i]
	}
	return out
}

// shared rearranges an order so that every share holds in each of its
// prefixes while its group has anyone left: at each place the first share
// that would fall short gives its best, else the best of all comes.
func shared(shares []Share, by []int32, groupOf func(int32) int32) []int32 {
	if len(shares) == 0 {
		return by
	}
	q := newQueues(by, len(shares)+1, groupOf)
	out := make([]int32, 0, len(by))
	for k := 1; k <= len(by); k++ {
		g := q.due(shares, k)
		if g < 0 {
			g = q.best()
		}
		out = append(out, by[q.take(g)])
	}
	return out
}

// queues are the places in an order of each group's people who are left.
type queues struct {
	places [][]int32 // by group; 0 is no group
	given  []int
}

func newQueues(by []int32, groups int, groupOf func(int32) int32) *queues {
	q := &queues{places: make([][]int32, groups), given: make([]int, groups)}
	for i, x := range by {
		g := groupOf(x)
		q.places[g] = append(q.places[g], int32(i))
	}
	return q
}

// due is the first group that would fall short at place k, -1 for none.
func (q *queues) due(shares []Share, k int) int {
	for i, s := range shares {
		if q.given[i+1] < s.quota(k) && len(q.places[i+1]) > 0 {
			return i + 1
		}
	}
	return -1
}

// best is the group whose next comes first of all.
func (q *queues) best() int {
	best := -1
	for g, left := range q.places {
		if len(left) > 0 && (best < 0 || left[0] < q.places[best][0]) {
			best = g
		}
	}
	return best
}

func (q *queues) take(g int) int32 {
	place := q.places[g][0]
	q.places[g] = q.places[g][1:]
	q.given[g]++
	return place
}
