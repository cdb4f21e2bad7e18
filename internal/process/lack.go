package process

import (
	"strings"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/selection"
)

// Lack is how many participants a result lacks to the announced minimum.
type Lack struct {
	Destinations map[uuid.UUID]int // only those that lack somebody
	Overall      int
}

// Any reports whether anything lacks.
func (l Lack) Any() bool { return l.Overall > 0 || len(l.Destinations) > 0 }

// LackOf counts what a result lacks.
func LackOf(r selection.Result, rules mobility.SelectionRules) Lack {
	out := Lack{Destinations: map[uuid.UUID]int{}, Overall: max(0, rules.Minimum.Overall-admitted(r))}
	for _, f := range r.Destinations {
		if f.Lacking > 0 {
			out.Destinations[f.Destination] = f.Lacking
		}
	}
	return out
}

// enough refuses to publish a result that lacks participants, unless the
// office says that it is to be published although it does.
func (p Publication) enough(result string, rules mobility.SelectionRules) error {
	if p.Although || (rules.Minimum == mobility.MinimumRule{}) {
		return nil
	}
	read, err := selection.ReadResult(strings.NewReader(result))
	if err != nil {
		return err
	}
	if LackOf(read, rules).Any() {
		return mobility.ConflictError("refusal.too_few_participants", nil)
	}
	return nil
}
