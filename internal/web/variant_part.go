package web

import (
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/selection"
)

// narrow cuts a result down to what the reader sees: entries of those files,
// and of each destination the figures that these make.
func (r reach) narrow(whole selection.Result) selection.Result {
	if r.all {
		return whole
	}
	out := whole
	out.Entries = nil
	for _, e := range whole.Entries {
		if r.sees(e.Applicant) {
			out.Entries = append(out.Entries, e)
		}
	}
	figures, at := make([]selection.Figures, len(whole.Destinations)), map[uuid.UUID]*selection.Figures{}
	for i, d := range whole.Destinations {
		figures[i].Destination, at[d.Destination] = d.Destination, &figures[i]
	}
	for _, e := range out.Entries {
		for _, c := range e.Choices {
			if f := at[c.Destination]; f != nil {
				countChoice(f, c)
			}
		}
	}
	out.Destinations = figures
	return out
}

func countChoice(f *selection.Figures, c selection.Choice) {
	switch c.Outcome {
	case selection.Placed:
		f.Admitted++
		if !f.LowestAdmitted.Valid || c.Points.LessThan(f.LowestAdmitted.Decimal) {
			f.LowestAdmitted = decimal.NewNullDecimal(c.Points)
		}
	case selection.Reserve:
		f.Waiting++
	case selection.NotPlaced, selection.Gated:
	}
}
