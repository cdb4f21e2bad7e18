package selection

// money gives out grants down the order of those placed, shares included: a
// share holds among those who get a place, whatever it did to the list.
func (s *settlement) money(entries []Entry) {
	if len(s.in.Money) == 0 {
		return
	}
	line := make([]int32, len(s.group)) // the entry of each applicant
	for k, a := range s.list {
		line[a] = int32(k)
	}
	var placed []int32
	for _, a := range s.order.list() {
		if s.granted[a] != none {
			placed = append(placed, a)
		}
	}
	left := make([]int, len(s.in.Money))
	for i, p := range s.in.Money {
		left[i] = p.Free
	}
	for i, a := range shared(s.in.Shares, placed, func(a int32) int32 { return s.group[a] }) {
		e := &entries[line[a]]
		e.Grant, e.GrantRank = s.spend(left, a), i+1
	}
}

func (s *settlement) spend(left []int, a int32) Grant {
	var drawn []int
	for i, p := range s.in.Money {
		if !p.counts(s.in.Applicants[a].Quotas) {
			continue
		}
		if left[i] == 0 {
			return WithoutGrant
		}
		drawn = append(drawn, i)
	}
	for _, i := range drawn {
		left[i]--
	}
	return WithGrant
}
