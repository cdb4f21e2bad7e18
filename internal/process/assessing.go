package process

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// Assessing is how a call is assessed.
type Assessing struct {
	Call         uuid.UUID
	AssessorsSee string // SeeUnit or SeeAssigned
	Blind        bool   // assessors see no names
	Arrived      time.Time
}

// SetAssessing changes how a call is assessed. Only an officer or an
// administrator of its institution may. A call cannot become open-eyed again,
// nor blind, once there are marks: conflict.
func (r *Runner) SetAssessing(ctx context.Context, actor mobility.Actor, a Assessing) error {
	return r.do(ctx, actor, a.Arrived, func(s *step) error {
		if a.AssessorsSee != SeeUnit && a.AssessorsSee != SeeAssigned {
			return mobility.InvalidError(mobility.FieldProblem{Field: "assessors_see", Code: "invalid.oneof"})
		}
		call, err := queries.CallAssessing(ctx, s.tx, a.Call)
		if err != nil {
			return store.Translate(err, "call")
		}
		if !slices.Contains(actor.Institutions(), call.InstitutionID) {
			return mobility.NotFoundError("call")
		}
		if err := s.asOffice(ctx, call.InstitutionID, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
			return err
		}
		if err := queries.LockCall(ctx, s.tx, a.Call.String()); err != nil {
			return fmt.Errorf("hold the call: %w", err)
		}
		if call, err = queries.CallAssessing(ctx, s.tx, a.Call); err != nil {
			return err
		}
		if call.Blind != a.Blind && call.Marked {
			return mobility.ConflictError("conflict.marked_already", nil)
		}
		if err := queries.SetAssessing(ctx, s.tx, store.SetAssessingParams{ID: a.Call, AssessorsSee: a.AssessorsSee, Blind: a.Blind}); err != nil {
			return err
		}
		if a.Blind {
			if err := queries.NumberCandidates(ctx, s.tx, store.NumberCandidatesParams{CallID: a.Call, Salt: rand.Text()}); err != nil {
				return fmt.Errorf("number the candidates: %w", err)
			}
		}
		data := map[string]any{"assessors_see": a.AssessorsSee, "blind": a.Blind}
		return s.record(ctx, act{institution: call.InstitutionID, name: "assessing_changed", kind: "call", subject: a.Call, data: data})
	})
}
