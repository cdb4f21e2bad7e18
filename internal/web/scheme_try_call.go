package web

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	rules "peregrine/internal/scheme"
	"peregrine/internal/selection"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// A scheme tried out on what was submitted to the call.

// tryCandidate shows one candidate's points by the edited scheme, and by the
// one that holds. A file that is hidden from the reader is not there.
func (s *Server) tryCandidate(q *request, v rulesView, d *schemeDraft, edited scheme) (out []page.Part, err error) {
	wanted := strings.TrimSpace(d.posted.Get(tryPrefix + "candidate"))
	if wanted == "" {
		d.tryWrong = map[string]string{tryPrefix + "candidate": q.loc.T("invalid.required")}
		return q.notTried(page.Danger, q.loc.T("try.wrong")), nil
	}
	err = s.read(q, func(ctx context.Context, db store.DBTX) error {
		files, err := s.tryFiles(ctx, q, db, v)
		if err != nil {
			return err
		}
		files = q.called(files, wanted)
		var ids []uuid.UUID
		for _, f := range files[:min(len(files), mostShifts)] {
			ids = append(ids, f.ID)
		}
		if len(ids) > 0 {
			if err := q.note(db, lookedAt{institution: v.call.InstitutionID, subjects: ids, filter: "try", count: len(ids)}); err != nil {
				return err
			}
		}
		switch len(files) {
		case 0:
			out = q.notTried(page.Warning, q.loc.T("try.no_candidate"))
		case 1:
			out, err = s.candidateTried(ctx, q, db, v, edited, files[0])
		default:
			part := q.notTried(page.Warning, q.loc.T("try.several_candidates"))
			for _, f := range files[:len(ids)] {
				part[0].Notice.Items = append(part[0].Notice.Items, q.calledWords(f))
			}
			out = part
		}
		return err
	})
	return out, err
}

// calledWords name a candidate, by number where the name is hidden.
func (q *request) calledWords(f store.TryCandidatesRow) string {
	if f.Name != "" {
		return f.Name
	}
	return q.loc.T("try.candidate_number", "Number", f.Candidate)
}

// called are the candidates of a number, of exactly that name, or, where there
// is none, with it in their name.
func (q *request) called(files []store.TryCandidatesRow, wanted string) []store.TryCandidatesRow {
	var exact, part []store.TryCandidatesRow
	for _, f := range files {
		name := strings.ToLower(f.Name)
		switch {
		case f.Candidate > 0 && strconv.Itoa(int(f.Candidate)) == wanted, name == strings.ToLower(wanted):
			exact = append(exact, f)
		case strings.Contains(name, strings.ToLower(wanted)):
			part = append(part, f)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return part
}

// candidateTried are the points of a candidate, by destination where they
// differ, and what they are by the rules that hold.
func (s *Server) candidateTried(ctx context.Context, q *request, db store.DBTX, v rulesView, edited scheme, file store.TryCandidatesRow) ([]page.Part, error) {
	holds, err := readScheme(v.call.Scheme)
	if err != nil {
		return nil, err
	}
	before, err := holds.score(ctx, db, valuesOf(v.call, []uuid.UUID{file.ID}))
	if err != nil {
		return nil, err
	}
	after, err := edited.score(ctx, db, valuesOf(v.call, []uuid.UUID{file.ID}))
	if err != nil {
		return nil, err
	}
	part := q.triedPart(edited, after[file.ID], q.loc.T("try.result_candidate", "Name", q.calledWords(file)))
	part.Text = q.loc.T("try.before", "Points", before[file.ID].Breakdown.Total)
	out := []page.Part{part}
	places, err := queries.OfficeRoundPlaces(ctx, db, *v.call.RoundID)
	if err != nil {
		return nil, err
	}
	for _, w := range after[file.ID].Wishes {
		i := slices.IndexFunc(places, func(p store.OfficeRoundPlacesRow) bool { return p.ID == w.Destination })
		if i < 0 || places[i].Barred {
			continue
		}
		if t := q.wishTable(edited, w, places[i].Host+", "+q.loc.T("term."+places[i].Term)); len(t.Rows) > 0 {
			out = append(out, page.Part{ID: "tried-" + w.Destination.String(), Table: t})
		}
	}
	return out, nil
}

// tryFiles are the submitted files of the call whose points the reader may
// know: not those they are barred from, nor, until publication, those that
// compete with them.
func (s *Server) tryFiles(ctx context.Context, q *request, db store.DBTX, v rulesView) ([]store.TryCandidatesRow, error) {
	if v.call.RoundID == nil {
		return nil, nil
	}
	files, err := queries.TryCandidates(ctx, db, v.call.ID)
	if err != nil {
		return nil, err
	}
	who, err := q.reach(ctx, db, v.call.InstitutionID, *v.call.RoundID)
	if err != nil {
		return nil, err
	}
	if err := who.withoutRivals(ctx, db); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(files, func(f store.TryCandidatesRow) bool { return !who.sees(f.ID) }), nil
}

// tryEverybody says for how many of all that was submitted the points or the
// order would be different. Whoever is barred from a file of the call is not
// told: what becomes of the others tells what becomes of it.
func (s *Server) tryEverybody(q *request, v rulesView, edited scheme) ([]page.Part, error) {
	var out []page.Part
	err := s.read(q, func(ctx context.Context, db store.DBTX) error {
		files, err := s.tryFiles(ctx, q, db, v)
		if err != nil {
			return err
		}
		barred, err := queries.BarredFromRound(ctx, db, *v.call.RoundID)
		if err != nil {
			return err
		}
		if barred {
			return mobility.ForbiddenError("refusal.barred_from_round")
		}
		if len(files) == 0 {
			out = q.notTried(page.Warning, q.loc.T("try.no_candidates"))
			return nil
		}
		ids := make([]uuid.UUID, len(files))
		for i, f := range files {
			ids[i] = f.ID
		}
		if err := q.note(db, lookedAt{institution: v.call.InstitutionID, subjects: []uuid.UUID{v.call.ID}, filter: "try", count: len(ids)}); err != nil {
			return err
		}
		holds, err := readScheme(v.call.Scheme)
		if err != nil {
			return err
		}
		before, err := holds.scoreAll(ctx, db, valuesOf(v.call, ids))
		if err != nil {
			return err
		}
		after, err := edited.scoreAll(ctx, db, valuesOf(v.call, ids))
		if err != nil {
			return err
		}
		out = q.everybodyParts(files, before, after)
		return nil
	})
	if err != nil || v.call.RoundID == nil || len(out) == 0 || len(out[0].Summary.Rows) == 0 {
		return out, err
	}
	places, err := s.placesTried(q, *v.call.RoundID, edited)
	return append(out, places), err
}

// placesTried says who would get in or fall out, and where cut-offs move, once
// the call is closed; before that, why it does not.
func (s *Server) placesTried(q *request, round uuid.UUID, edited scheme) (page.Part, error) {
	part := page.Part{ID: "tried-places", Title: q.loc.T("try.places")}
	c, err := s.Process.TryScheme(q.ctx(), q.actor, round, edited.rules, q.arrived)
	if kind := mobility.KindOf(err); kind == mobility.Conflict || kind == mobility.Invalid {
		part.Text = q.loc.T("try.places_not_yet") + " " + problemText(q.loc, err)
		return part, nil
	}
	if err != nil {
		return part, err
	}
	var tally selection.Tally
	for _, x := range c.Shifts {
		tally.Count(x)
	}
	for _, row := range []struct {
		key string
		n   int
	}{{"variant.in", tally.In}, {"variant.out", tally.Out}, {"variant.up", tally.Up}, {"variant.down", tally.Down}} {
		part.Summary.Rows = append(part.Summary.Rows, page.Fact{Term: q.loc.T(row.key), Text: q.loc.Number(row.n)})
	}
	part.Table, err = s.cutOffsTried(q, round, c.CutOffs)
	return part, err
}

// cutOffsTried are the destinations whose lowest admitted points would be
// others.
func (s *Server) cutOffsTried(q *request, round uuid.UUID, all []selection.CutOff) (page.Table, error) {
	t := page.Table{Caption: q.loc.T("variant.cut_offs"), Columns: []page.Column{
		{Label: q.loc.T("office.destination")},
		{Label: q.loc.T("variant.placed_before"), Numeric: true},
		{Label: q.loc.T("variant.placed_after"), Numeric: true},
		{Label: q.loc.T("variant.lowest_before"), Numeric: true},
		{Label: q.loc.T("variant.lowest_after"), Numeric: true},
	}}
	names := map[uuid.UUID]store.OfficeRoundPlacesRow{}
	err := s.read(q, func(ctx context.Context, db store.DBTX) error {
		rows, err := queries.OfficeRoundPlaces(ctx, db, round)
		for _, row := range rows {
			names[row.ID] = row
		}
		return err
	})
	for _, c := range all {
		if !c.Changed() && c.Before.Admitted == c.After.Admitted {
			continue
		}
		row := page.Row{Cells: page.Cells(names[c.Destination].Host, q.loc.Number(c.Before.Admitted), q.loc.Number(c.After.Admitted),
			q.lowestText(c.Before.LowestAdmitted), q.lowestText(c.After.LowestAdmitted))}
		row.Cells[0].Note = q.loc.T("term." + names[c.Destination].Term)
		t.Rows = append(t.Rows, row)
	}
	return t, err
}

// scoreAll turns what there is of all files of a call into points; places
// among the others are places among them.
func (s scheme) scoreAll(ctx context.Context, db store.DBTX, of process.ValuesOf) (map[uuid.UUID]rules.Scored, error) {
	of.Scheme = s.rules
	values, err := process.ReadValues(ctx, db, of)
	if err != nil {
		return nil, err
	}
	scored, err := s.rules.Score(values)
	if err != nil {
		return nil, err
	}
	out := map[uuid.UUID]rules.Scored{}
	for _, one := range scored {
		out[one.Application] = one
	}
	return out, nil
}

// shift is how one file fares.
type shift struct {
	candidate     string
	before, after decimal.Decimal
	was, is       int // place by points, from 1; 0 without points
}

// mostShifts is how many files are listed, those with the largest difference.
const mostShifts = 12

func (q *request) everybodyParts(files []store.TryCandidatesRow, before, after map[uuid.UUID]rules.Scored) []page.Part {
	was, is := placesByPoints(before), placesByPoints(after)
	var moved []shift
	higher, lower, places, in, out := 0, 0, 0, 0, 0
	for _, f := range files {
		x := shift{q.calledWords(f), before[f.ID].Breakdown.Total, after[f.ID].Breakdown.Total, was[f.ID], is[f.ID]}
		switch {
		case x.was == 0 && x.is > 0:
			in++
		case x.was > 0 && x.is == 0:
			out++
		case x.after.GreaterThan(x.before):
			higher++
		case x.after.LessThan(x.before):
			lower++
		}
		if x.was > 0 && x.is > 0 && x.was != x.is {
			places++
		}
		if !x.before.Equal(x.after) || x.was != x.is {
			moved = append(moved, x)
		}
	}
	row := func(key string, n int) page.Fact {
		return page.Fact{Term: q.loc.T("try." + key), Text: q.loc.Number(n)}
	}
	part := page.Part{ID: "tried", Title: q.loc.N("try.result_everybody", len(files)), Summary: page.Summary{Rows: []page.Fact{
		row("higher", higher), row("lower", lower), row("place_changed", places), row("ranked_now", in), row("ranked_no_more", out),
	}}}
	if len(moved) > 0 {
		part.Table = q.shiftTable(moved)
	} else {
		part.Text = q.loc.T("try.nobody_moves")
	}
	return []page.Part{part}
}

// placesByPoints gives each file that can be ranked its place by points alone,
// equal ones the same.
func placesByPoints(scored map[uuid.UUID]rules.Scored) map[uuid.UUID]int {
	var ranked []rules.Scored
	for _, one := range scored {
		if one.Excluded == "" {
			ranked = append(ranked, one)
		}
	}
	slices.SortFunc(ranked, func(a, b rules.Scored) int { return b.Breakdown.Total.Cmp(a.Breakdown.Total) })
	out := map[uuid.UUID]int{}
	for i, one := range ranked {
		out[one.Application] = i + 1
		if i > 0 && one.Breakdown.Total.Equal(ranked[i-1].Breakdown.Total) {
			out[one.Application] = out[ranked[i-1].Application]
		}
	}
	return out
}

func (q *request) shiftTable(moved []shift) page.Table {
	slices.SortStableFunc(moved, func(a, b shift) int {
		return b.after.Sub(b.before).Abs().Cmp(a.after.Sub(a.before).Abs())
	})
	t := page.Table{Caption: q.loc.T("try.shifts"), Columns: []page.Column{
		{Label: q.loc.T("try.candidate")},
		{Label: q.loc.T("try.points_before"), Numeric: true},
		{Label: q.loc.T("try.points_after"), Numeric: true},
		{Label: q.loc.T("try.place_before"), Numeric: true},
		{Label: q.loc.T("try.place_after"), Numeric: true},
	}}
	place := func(n int) string {
		if n == 0 {
			return "–"
		}
		return q.loc.Number(n)
	}
	for _, x := range moved[:min(len(moved), mostShifts)] {
		t.Rows = append(t.Rows, page.Row{Cells: page.Cells(x.candidate, q.loc.Decimal(x.before), q.loc.Decimal(x.after), place(x.was), place(x.is))})
	}
	return t
}
