package selection

// quota is how many of the first k are guaranteed to a share: its percentage,
// rounded up.
func (s Share) quota(k int) int { return (k*s.Percent + 99) / 100 }

// kept is how many of free places each share has for itself, if so many of
// its group ask: an earlier share comes first, and what it finds nobody to
// take is there for the later ones.
func kept(shares []Share, free int, asking []int) []int {
	out, left := make([]int, len(shares)), free
	for i, s := range shares {
		out[i] = min(s.quota(free), left)
		left -= min(out[i], asking[i])
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
	q := queues{by: by, groupOf: groupOf, next: make([]int, len(shares)+1), given: make([]int, len(shares)+1)}
	for g := range q.next {
		q.skip(g)
	}
	out := make([]int32, 0, len(by))
	for k := 1; k <= len(by); k++ {
		g := q.due(shares, k)
		if g < 0 {
			g = q.best()
		}
		out = append(out, by[q.next[g]])
		q.given[g]++
		q.next[g]++
		q.skip(g)
	}
	return out
}

// queues are the people of each group who are left in an order.
type queues struct {
	by      []int32
	groupOf func(int32) int32
	next    []int // by group, where its next one is; 0 is no group
	given   []int
}

// skip goes on to the next of group g.
func (q *queues) skip(g int) {
	for q.next[g] < len(q.by) && q.groupOf(q.by[q.next[g]]) != int32(g) {
		q.next[g]++
	}
}

// due is the first group that would fall short at place k, -1 for none.
func (q *queues) due(shares []Share, k int) int {
	for i, s := range shares {
		if q.given[i+1] < s.quota(k) && q.next[i+1] < len(q.by) {
			return i + 1
		}
	}
	return -1
}

// best is the group whose next comes first of all.
func (q *queues) best() int {
	best := 0
	for g := range q.next {
		if q.next[g] < q.next[best] {
			best = g
		}
	}
	return best
}
