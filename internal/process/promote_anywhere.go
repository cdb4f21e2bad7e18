package process

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/scheme"
	"peregrine/internal/selection"
	"peregrine/internal/store"
)

// reserveRound is a round whose reserve is for several destinations.
type reserveRound struct {
	at   store.RoundForRankingRow
	call store.CallRulesRow
	rows []store.LiveReserveRow
}

// anywhere adds, behind everybody's own wishes, the destinations they never
// asked for and may go to: of their unit, their level of study and, with one
// reserve per language, a language they wait for; through every gate of the
// scheme; never what they turned down. Who holds an offer moves to own wishes
// alone.
func (r *Runner) anywhere(ctx context.Context, s *step, in reserveRound, open func(uuid.UUID) bool, state *selection.ReserveState) error {
	all, err := queries.RoundValueChoices(ctx, s.tx, in.at.ID)
	if err != nil {
		return fmt.Errorf("read the destinations: %w", err)
	}
	ids := make([]uuid.UUID, len(state.Waiting))
	for i, w := range state.Waiting {
		ids[i] = w.Applicant
	}
	may, err := r.mayGo(ctx, s, in, ids, all)
	if err != nil {
		return err
	}
	turned, err := queries.TurnedDown(ctx, s.tx, ids)
	if err != nil {
		return fmt.Errorf("read what was turned down: %w", err)
	}
	for i := range state.Waiting {
		w := &state.Waiting[i]
		if w.Holds != uuid.Nil || len(w.Wishes) == 0 {
			continue
		}
		languages := in.languages(w.Applicant)
		for _, d := range all {
			switch {
			case !may[w.Applicant][d.DestinationID], !open(d.DestinationID):
			case in.call.Selection.Reserve.Per == mobility.ReservePerLanguage && !slices.Contains(languages, d.Language):
			case slices.Contains(turned, store.TurnedDownRow{ApplicationID: w.Applicant, DestinationID: d.DestinationID}):
			case slices.ContainsFunc(w.Wishes, func(own selection.Stand) bool { return own.Destination == d.DestinationID }):
			default:
				w.Wishes = append(w.Wishes, selection.Stand{Destination: d.DestinationID, Class: w.Wishes[0].Class, Rank: w.Wishes[0].Rank})
			}
		}
	}
	return nil
}

// languages are those somebody waits for.
func (in reserveRound) languages(application uuid.UUID) []string {
	var out []string
	for _, row := range in.rows {
		if row.ApplicationID == application {
			out = append(out, row.Language)
		}
	}
	return out
}

// mayGo says of each application to which destinations of the round it may
// go: those of its unit and level that no gate of the scheme shuts.
func (r *Runner) mayGo(ctx context.Context, s *step, in reserveRound, ids []uuid.UUID, all []store.RoundValueChoicesRow) (map[uuid.UUID]map[uuid.UUID]bool, error) {
	source, err := queries.SchemeSource(ctx, s.tx, in.call.SchemeID)
	if err != nil {
		return nil, err
	}
	read, err := readScheme(source)
	if err != nil {
		return nil, err
	}
	of := ValuesOf{Institution: in.at.InstitutionID, Scheme: read, Applications: ids, FactsAt: in.call.FactsAt, At: in.at.ClosesAt}
	of.everywhere = all
	values, err := readValues(ctx, s.tx, of)
	if err != nil {
		return nil, err
	}
	plain := make([]scheme.Values, len(values))
	for i := range values {
		plain[i] = values[i].values
	}
	scored, err := read.Score(plain)
	if err != nil {
		return nil, err
	}
	out := map[uuid.UUID]map[uuid.UUID]bool{}
	for _, one := range scored {
		out[one.Application] = map[uuid.UUID]bool{}
		for _, w := range one.Wishes {
			out[one.Application][w.Destination] = !shut(one.Breakdown.Gates) && !shut(w.Gates)
		}
	}
	return out, nil
}

// shut reports whether a gate keeps somebody out. One that leaves only the
// reserve does not: that is where they are.
func shut(gates []scheme.GateLine) bool {
	return slices.ContainsFunc(gates, func(g scheme.GateLine) bool {
		return g.Standing != scheme.GateOpen && g.Effect != scheme.EffectReserve
	})
}

// asChosen are the destinations of a round that an application of this unit
// and level could have chosen, as if it had.
func asChosen(all []store.RoundValueChoicesRow, row store.ValueSourcesRow, cycle *int16) []store.ValueChoicesRow {
	var out []store.ValueChoicesRow
	for _, d := range all {
		if d.UnitID != row.UnitID || d.SelectedBy != "home" || d.Dropped || (d.Cycle != nil && cycle != nil && *d.Cycle != *cycle) {
			continue
		}
		out = append(out, store.ValueChoicesRow{
			ApplicationID: row.ID, Position: int32(len(out) + 1), DestinationID: d.DestinationID, Cycle: d.Cycle, SelectedBy: d.SelectedBy,
			Language: d.Language, CEFR: d.CEFR, Term: d.Term, ISCEDF: d.ISCEDF, Months: d.Months, Unit: d.Unit, Country: d.Country, Host: d.Host,
		})
	}
	return out
}
