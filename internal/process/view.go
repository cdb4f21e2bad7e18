package process

import (
	"context"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// Standing is where an application stands for one reader: whose turn it is,
// until when, and what the reader may do now.
type Standing struct {
	Application uuid.UUID
	Definition  *lifecycle.Definition
	State       lifecycle.StateDef
	Revision    int32
	Roles       []mobility.Role
	Moves       []lifecycle.Available // in file order; those a rule refuses now carry their refusal
	Deadlines   map[lifecycle.Deadline]Deadline
	Zone        *time.Location // of the call
	CanEdit     error          // nil if the applicant may change the working copy now, else why not
	Problems    []mobility.FieldProblem
	EditOnly    []string // after a return: the only answer keys that may change; empty: all
	Published   bool
	FreePlaces  int
	Now         time.Time // business time
}

// Deadline is a deadline in force.
type Deadline struct {
	Wall     mobility.WallMinute
	Zone     string
	ClosesAt time.Time
}

// Standing reads where an application stands for the actor, without locking.
// destination is the one a move would be about, nil for where it stands.
// Errors: not found if the actor does not see it.
func (r *Runner) Standing(ctx context.Context, actor mobility.Actor, application uuid.UUID, arrived time.Time) (Standing, error) {
	var out Standing
	err := r.do(ctx, actor, arrived, func(s *step) error {
		seen, err := r.visible(ctx, s, application)
		if err != nil {
			return err
		}
		app, err := queries.ApplicationRow(ctx, s.tx, application)
		if err != nil {
			return store.Translate(err, "application")
		}
		f, err := r.read(ctx, s, store.LockApplicationRow(app), nil)
		if err != nil {
			return err
		}
		f.facts.Grace = mobility.GraceMost // whether the call has one, no page tells
		roles, err := f.roles(ctx, s, seen)
		if err != nil {
			return err
		}
		out = f.standing(s, roles)
		out.EditOnly, err = queries.OpenQuestions(ctx, s.tx, application)
		return err
	})
	return out, err
}

func (f *file) standing(s *step, roles []mobility.Role) Standing {
	state, _ := f.def.State(f.app.State)
	out := Standing{
		Application: f.app.ID, Definition: f.def, State: state, Revision: f.app.Revision, Roles: roles,
		Moves: f.def.Open(f.facts, roles, s.now), Zone: f.zone, Published: f.facts.Published, FreePlaces: f.facts.FreePlaces, Now: s.now,
		Deadlines: make(map[lifecycle.Deadline]Deadline, len(f.deadlines)),
	}
	for kind, d := range f.deadlines {
		out.Deadlines[kind] = Deadline{Wall: mobility.WallOf(d.Wall.UTC()), Zone: d.Zone, ClosesAt: d.ClosesAt}
	}
	if refused := f.def.CanEdit(f.facts, s.now); refused != nil {
		out.CanEdit = refused
	}
	if f.draft != nil {
		out.Problems = f.draft.problems
	}
	return out
}
