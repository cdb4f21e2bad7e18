package web

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/selection"
	"peregrine/internal/store"
)

// run is a computed ranking in memory. It never changes, so that it is read
// once and every page of it is cut from it; what a reader may see of it is
// decided anew for each.
type run struct {
	entries []runEntry
	result  selection.Result
	counted sync.Once
	counts  map[uuid.UUID]runFigures
}

// runEntry is one application in the run, in order.
type runEntry struct {
	application uuid.UUID
	rank        int
	points      decimal.Decimal
	outcome     lifecycle.RankingOutcome
	choices     []selection.Choice
	unmarked    bool // not ranked for want of points
}

// storedRun reads a ranking's stored result, or remembers it.
func (s *Server) storedRun(ctx context.Context, db store.DBTX, ranking uuid.UUID) (*run, error) {
	if known := s.runs.find(ranking); known != nil {
		return known, nil
	}
	text, err := queries.RankingResult(ctx, db, ranking)
	if err != nil {
		return nil, err
	}
	result, err := selection.ReadResult(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	out := &run{entries: make([]runEntry, 0, len(result.Entries)), result: result}
	for _, e := range result.Entries {
		out.entries = append(out.entries, runEntry{e.Applicant, e.Rank, e.Points, process.OutcomeOf(e), e.Choices, e.Excluded == selection.ExcludedMarksMissing})
	}
	s.runs.keep(ranking, out)
	return out, nil
}

// reach tells which files of a round the reader sees.
type reach struct {
	all  bool // but those listed
	list map[uuid.UUID]bool
}

func (r reach) sees(application uuid.UUID) bool { return r.list[application] != r.all }

func (q *request) reach(ctx context.Context, db store.DBTX, institution, round uuid.UUID) (r reach, err error) {
	for _, g := range q.actor.Grants {
		r.all = r.all || (g.Role != mobility.RoleOperator && g.Role != mobility.RoleAssessor && g.Institution == institution && g.Unit == nil && g.Call == nil)
	}
	var ids []uuid.UUID
	if r.all {
		ids, err = queries.OfficeHidden(ctx, db, store.OfficeHiddenParams{RoundID: round, Self: q.actor.Person})
	} else {
		ids, err = queries.OfficeReached(ctx, db, store.OfficeReachedParams{RoundID: round, Self: q.actor.Person})
	}
	r.list = make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		r.list[id] = true
	}
	return r, err
}

// withoutRivals leaves out who competes with a file the reader is barred
// from: until publication where they stand would tell where it stands.
func (r reach) withoutRivals(ctx context.Context, db store.DBTX) error {
	ids, err := queries.OfficeRivals(ctx, db)
	for _, id := range ids {
		r.list[id] = r.all
	}
	return err
}

// runFigures are the counts of one destination.
type runFigures struct {
	listed, first, admitted, waiting int
	lowest                           *decimal.Decimal
}

// seenBy cuts the run down to what a reader sees, and lists the rest.
func (r *run) seenBy(who reach) (seen *run, unseen []uuid.UUID) {
	unseen = []uuid.UUID{}
	for _, e := range r.entries {
		if !who.sees(e.application) {
			unseen = append(unseen, e.application)
		}
	}
	if len(unseen) == 0 {
		return r, unseen
	}
	seen = &run{entries: make([]runEntry, 0, len(r.entries)-len(unseen))}
	for _, e := range r.entries {
		if who.sees(e.application) {
			seen.entries = append(seen.entries, e)
		}
	}
	return seen, unseen
}

// figures are the counts of each destination, made once.
func (r *run) figures() map[uuid.UUID]runFigures {
	r.counted.Do(func() { r.counts = r.count() })
	return r.counts
}

func (r *run) count() map[uuid.UUID]runFigures {
	out := map[uuid.UUID]runFigures{}
	for _, e := range r.entries {
		for _, c := range e.choices {
			f := out[c.Destination]
			if c.Rank > 0 {
				f.listed++
				if c.Preference == 1 {
					f.first++
				}
			}
			switch c.Outcome {
			case selection.Placed:
				f.admitted++
				if f.lowest == nil || c.Points.LessThan(*f.lowest) {
					f.lowest = &c.Points
				}
			case selection.Reserve:
				f.waiting++
			case selection.NotPlaced, selection.Gated:
			}
			out[c.Destination] = f
		}
	}
	return out
}

// unmarked counts whom publishing would refuse only for want of points.
func (r *run) unmarked() int {
	n := 0
	for _, e := range r.entries {
		if e.unmarked {
			n++
		}
	}
	return n
}

// narrowed keeps the entries of an outcome and of those who chose a destination.
func (r *run) narrowed(outcome string, destination *uuid.UUID) *run {
	if outcome == "" && destination == nil {
		return r
	}
	out := &run{}
	for _, e := range r.entries {
		if outcome != "" && string(e.outcome) != outcome {
			continue
		}
		if destination != nil && !slices.ContainsFunc(e.choices, func(c selection.Choice) bool { return c.Destination == *destination }) {
			continue
		}
		out.entries = append(out.entries, e)
	}
	return out
}

// ids are the applications of a stretch of the order.
func (r *run) ids(from, most int) []uuid.UUID {
	out := []uuid.UUID{}
	for i := max(from, 0); i < min(from+most, len(r.entries)); i++ {
		out = append(out, r.entries[i].application)
	}
	return out
}

// outcomes are the outcomes of all entries, in order.
func (r *run) outcomes() []string {
	out := make([]string, len(r.entries))
	for i, e := range r.entries {
		out[i] = string(e.outcome)
	}
	return out
}
