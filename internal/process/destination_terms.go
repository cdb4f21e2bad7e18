package process

import (
	"cmp"
	"slices"
	"strconv"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// changes compares what is asked for with what is.
func (p *destinationPlan) changes() []TermChange {
	if p.req.Kind == DestinationDropped {
		return nil
	}
	var out []TermChange
	add := func(what, from, to string) {
		if from != to {
			out = append(out, TermChange{what, from, to})
		}
	}
	t := p.req.Terms
	if p.req.Kind == DestinationChanged {
		add("language", p.at.Language, t.Language)
		add("cefr", p.at.CEFR, t.CEFR)
		add("places", number(p.places()), number(&t.Places))
	}
	if t.Begins != nil || p.req.Kind == DestinationChanged {
		add("begins", day(p.at.StartsOn), day(t.Begins))
		add("ends", day(p.at.EndsOn), day(t.Ends))
	}
	if p.req.Kind == DestinationChanged || t.Limit != nil {
		add("limit", number(p.at.NominationLimit), number(t.Limit))
	}
	if t.HostDeadline != nil {
		from := ""
		if p.at.HostWall != nil {
			from = wallCode(mobility.WallOf(p.at.HostWall.UTC()))
		}
		add("host_deadline", from, wallCode(*t.HostDeadline))
	}
	return out
}

// places are those of the smallest pool, as pages show them.
func (p *destinationPlan) places() *int32 {
	if len(p.stock) == 0 {
		return nil
	}
	least := slices.MinFunc(p.stock, func(a, b store.DestinationStockRow) int { return cmp.Compare(a.Places, b.Places) })
	return &least.Places
}

func number(n *int32) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(int(*n))
}

// wallCode writes a minute without a blank, as history keeps it.
func wallCode(w mobility.WallMinute) string { return w.Time().Format("2006-01-02T15:04") }

// lacking is how many places have to be recorded as overbooked in a pool whose
// places are cut below what is used of it.
func (p *destinationPlan) lacking(x store.DestinationStockRow) int32 {
	if p.req.Kind != DestinationChanged {
		return 0
	}
	return max(x.Used-x.Overbooked-p.req.Terms.Places, 0)
}
