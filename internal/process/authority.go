package process

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// wide returns the first of roles that the actor holds in the whole of
// institution, or refuses. A job may do what any of them may.
func (s *step) wide(institution uuid.UUID, roles ...mobility.Role) (mobility.Role, error) {
	if s.actor.System {
		return mobility.RoleSystem, nil
	}
	for _, role := range roles {
		if slices.ContainsFunc(s.actor.Grants, func(g mobility.Grant) bool {
			return g.Role == role && g.Institution == institution && g.Unit == nil && g.Call == nil
		}) {
			return role, nil
		}
	}
	return "", mobility.ForbiddenError("refusal.not_your_office")
}

// office runs fn as do does; what the system itself asks for is elevated from
// the start, as nobody's eyes are to be proved.
func (r *Runner) office(ctx context.Context, actor mobility.Actor, arrived time.Time, fn func(s *step) error) error {
	if actor.System {
		return r.system(ctx, arrived, fn)
	}
	return r.do(ctx, actor, arrived, fn)
}

// asOffice refuses whoever is not in the institution's office, and elevates
// the step. What is to change must have been seen under the web role before.
func (s *step) asOffice(ctx context.Context, institution uuid.UUID, roles ...mobility.Role) error {
	if _, err := s.wide(institution, roles...); err != nil {
		return err
	}
	return s.elevate(ctx)
}

// act is one line of the history of what is no application.
type act struct {
	id          uuid.UUID // zero: a new one
	institution uuid.UUID
	name        string // call_opened
	kind        string // what the subject is: call, deadline, person
	subject     uuid.UUID
	data        map[string]any // ids, codes, numbers
	reason      string         // free text, kept apart
	about       *uuid.UUID     // whom the reason may be about
}

// record writes an act and its words.
func (s *step) record(ctx context.Context, a act) error {
	if a.data == nil {
		a.data = map[string]any{}
	}
	data, err := json.Marshal(a.data)
	if err != nil {
		return err
	}
	id := a.id
	if id == uuid.Nil {
		id = newID()
	}
	err = queries.AddAct(ctx, s.tx, store.AddActParams{
		ID: id, InstitutionID: a.institution, Act: a.name, SubjectKind: a.kind, SubjectID: a.subject,
		At: s.now, ActorID: s.actorID(), Data: data,
	})
	if err != nil {
		return fmt.Errorf("record the act: %w", err)
	}
	if a.reason == "" {
		return nil
	}
	err = queries.AddActText(ctx, s.tx, store.AddActTextParams{ActID: id, PersonID: a.about, Reason: a.reason})
	if err != nil {
		return fmt.Errorf("keep the act's words: %w", err)
	}
	return nil
}
