package demo

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// planting is what candidates of one call sent, as columns.
type planting struct {
	ids, people, units []uuid.UUID
	at                 []time.Time
	submissions        []uuid.UUID
	answers, marks     []string
	choices            store.PlantChoicesParams
}

// plant lets students apply, each at a minute of the time after the opening,
// and their coordinators mark what they wrote once the call is closed.
func (h *chronicle) plant(c *call, at *house, people []student, within time.Duration) []*part {
	var rows planting
	var out []*part
	for n, p := range people {
		unit := p.unitID
		f := &part{student: p, call: c, id: h.newID(), choices: h.chooseFor(c, unit)}
		f.at = c.closes.Add(-time.Hour - time.Duration(h.rnd.Int64N(int64(within)))).Truncate(time.Minute)
		if len(f.choices) == 0 {
			h.fail(fmt.Errorf("nothing to choose for applicant %d", n))
			return nil
		}
		rows.add(h, f, unit)
		out = append(out, f)
	}
	err := h.together(func(tx store.DBTX) error { return rows.write(h, tx, c, at) })
	if err != nil {
		h.fail(fmt.Errorf("plant applications: %w", err))
	}
	return out
}

func (r *planting) add(h *chronicle, f *part, unit uuid.UUID) {
	submission := h.newID()
	r.ids, r.people, r.units, r.at = append(r.ids, f.id), append(r.people, f.Person), append(r.units, unit), append(r.at, f.at)
	r.submissions = append(r.submissions, submission)
	answers, _ := json.Marshal(mobility.Answers{"motivation": motivation(h.rnd, true)}) // a map of texts is always written
	r.answers = append(r.answers, string(answers))
	r.marks = append(r.marks, fmt.Sprintf("%.2f", 10+float64(h.rnd.IntN(1500))/100+float64(h.rnd.IntN(1500))/100))
	for n, d := range f.choices {
		c := &r.choices
		c.Submissions, c.Applications = append(c.Submissions, submission), append(c.Applications, f.id)
		c.Positions, c.Destinations = append(c.Positions, int32(n+1)), append(c.Destinations, d.id)
	}
}

// chooseFor picks one to four destinations of a unit; what comes first in the
// file is wanted by more people.
func (h *chronicle) chooseFor(c *call, unit uuid.UUID) []destination {
	all := c.destinations[unit]
	taken := map[uuid.UUID]bool{}
	var out []destination
	for range min(1+h.rnd.IntN(4), len(all)) {
		d := all[min(h.rnd.IntN(len(all)), h.rnd.IntN(len(all)))]
		if !taken[d.id] {
			taken[d.id], out = true, append(out, d)
		}
	}
	return out
}

// The moves that are planted, by the names of the built-in lifecycle.
const (
	draft     mobility.State = "draft"
	submitted mobility.State = "submitted"
	submit                   = "submit"
	receipt                  = "receipt"
)

// write plants everything in one transaction: when it ends, the database looks
// whether the facts agree with the states.
func (r *planting) write(h *chronicle, tx store.DBTX, c *call, at *house) error {
	ctx := h.ctx
	err := queries.PlantApplications(ctx, tx, store.PlantApplicationsParams{
		CallID: c.id, RoundID: c.round, State: string(submitted), Revision: 2, Ids: r.ids, PersonIds: r.people, UnitIds: r.units, Ats: r.at,
	})
	if err != nil {
		return err
	}
	if err := queries.PlantStarts(ctx, tx, store.PlantStartsParams{State: draft, Ids: r.ids}); err != nil {
		return err
	}
	err = queries.PlantMoves(ctx, tx, store.PlantMovesParams{Move: submit, FromState: string(draft), Letter: receipt, Ids: r.ids})
	if err != nil {
		return err
	}
	err = queries.PlantSubmissions(ctx, tx, store.PlantSubmissionsParams{Ids: r.submissions, Applications: r.ids, Answers: r.answers})
	if err != nil {
		return err
	}
	if err := queries.PlantChoices(ctx, tx, r.choices); err != nil {
		return err
	}
	if err := queries.PlantDrafts(ctx, tx, r.ids); err != nil {
		return err
	}
	return r.mark(h, tx, c, at)
}

// mark plants the marks, each by the coordinator of the applicant's unit.
func (r *planting) mark(h *chronicle, tx store.DBTX, c *call, at *house) error {
	marks := map[uuid.UUID]*store.PlantMarksParams{}
	for n, unit := range r.units {
		m := marks[unit]
		if m == nil {
			m = &store.PlantMarksParams{Criterion: "letter", AssessorID: at.coordinators[unit].Person, At: c.closes.Add(9 * 24 * time.Hour)}
			marks[unit] = m
		}
		m.Submissions, m.Applications, m.Points = append(m.Submissions, r.submissions[n]), append(m.Applications, r.ids[n]), append(m.Points, r.marks[n])
	}
	for _, m := range marks {
		if err := queries.PlantMarks(h.ctx, tx, *m); err != nil {
			return err
		}
	}
	return nil
}
