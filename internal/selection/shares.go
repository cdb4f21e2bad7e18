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
func shared(shares []Share, by []int32, groupOf func(int32) int) []int32 {
	if len(shares) == 0 {
		return by
	}
	queues := make([][]int32, len(shares)+1) // by group; 0 is no group
	for _, x := range by {
		g := groupOf(x)
		queues[g] = append(queues[g], x)
	}
	place := make(map[int32]int, len(by))
	for i, x := range by {
		place[x] = i
	}
	given := make([]int, len(queues))
	out := make([]int32, 0, len(by))
	for k := 1; k <= len(by); k++ {
		g := due(shares, given, queues, k)
		if g < 0 {
			g = bestOf(queues, place)
		}
		out = append(out, queues[g][0])
		queues[g] = queues[g][1:]
		given[g]++
	}
	return out
}

// due is the first group that would fall short at place k, -1 for none.
func due(shares []Share, given []int, queues [][]int32, k int) int {
	for i, s := range shares {
		if given[i+1] < s.quota(k) && len(queues[i+1]) > 0 {
			return i + 1
		}
	}
	return -1
}

func bestOf(queues [][]int32, place map[int32]int) int {
	best := -1
	for g, q := range queues {
		if len(q) > 0 && (best < 0 || place[q[0]] < place[queues[best][0]]) {
			best = g
		}
	}
	return best
}
