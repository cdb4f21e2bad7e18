package process

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// Mapping says, per state of the version a call leaves, which state of the
// new one takes its place. States of the same name need no entry.
type Mapping map[mobility.State]mobility.State

// Repin asks for a call to be moved to another version of its lifecycle.
type Repin struct {
	Call       uuid.UUID
	Definition uuid.UUID
	Mapping    Mapping
	Preview    bool   // say what would happen, change nothing
	Seen       string // Repinned.Fingerprint of the preview; "": not asked for
	Reason     string
	Arrived    time.Time // system clock
}

// Repinned is what moving a call to another version does, or would do.
type Repinned struct {
	Version      int
	Applications []RepinnedApplication
	Fingerprint  string // of the applications and where each goes
}

// Unmapped counts the applications that have nowhere to go.
func (r Repinned) Unmapped() int {
	n := 0
	for _, a := range r.Applications {
		if a.Problem != "" {
			n++
		}
	}
	return n
}

// RepinnedApplication is one application. Problem is empty, or a code: the new
// version lacks the state (repin.state_missing), or its properties contradict
// the application's offer, nomination, place or submission.
type RepinnedApplication struct {
	ID       uuid.UUID
	From, To mobility.State
	Problem  string

	revision int32
}

// MoveCallToVersion moves a call and all its applications to another version
// of a lifecycle, all or nothing. Only an administrator of the institution may.
// As long as an application has nowhere to go it is a conflict,
// "conflict.mapping_needed", and what is returned beside it says which. A
// preview that no longer holds is stale.
func (r *Runner) MoveCallToVersion(ctx context.Context, actor mobility.Actor, plan Repin) (Repinned, error) {
	var done Repinned
	err := r.office(ctx, actor, plan.Arrived, func(s *step) error {
		call, err := queries.VisibleCall(ctx, s.tx, plan.Call)
		if err != nil {
			return store.Translate(err, "call")
		}
		if err := s.asOffice(ctx, call.InstitutionID, mobility.RoleAdministrator); err != nil {
			return err
		}
		if err := queries.LockCall(ctx, s.tx, plan.Call.String()); err != nil {
			return fmt.Errorf("lock the call: %w", err)
		}
		if done, err = r.repinned(ctx, s, plan); err != nil || plan.Preview {
			return err
		}
		if err := done.refuse(plan); err != nil {
			return err
		}
		return s.repin(ctx, call, plan, done)
	})
	return done, err
}

// repinned works out where every application of the call would go.
func (r *Runner) repinned(ctx context.Context, s *step, plan Repin) (Repinned, error) {
	row, err := queries.DefinitionForCall(ctx, s.tx, store.DefinitionForCallParams{CallID: plan.Call, ID: plan.Definition})
	if err != nil {
		return Repinned{}, store.Translate(err, "definition")
	}
	def, err := r.definitions.load(ctx, s.tx, row.ID)
	if err != nil {
		return Repinned{}, err
	}
	if err := plan.Mapping.check(def); err != nil {
		return Repinned{}, err
	}
	rows, err := queries.RepinnedApplications(ctx, s.tx, plan.Call)
	if err != nil {
		return Repinned{}, fmt.Errorf("read the applications: %w", err)
	}
	out := Repinned{Version: def.Version}
	for _, a := range rows {
		out.Applications = append(out.Applications, plan.Mapping.place(a, def))
	}
	out.Fingerprint = out.fingerprint()
	return out, nil
}

func (m Mapping) check(def *lifecycle.Definition) error {
	var wrong []mobility.FieldProblem
	for from, to := range m {
		if _, ok := def.State(to); !ok {
			wrong = append(wrong, mobility.FieldProblem{Field: string(from), Code: "repin.unknown_state", Data: map[string]any{"State": string(to)}})
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	slices.SortFunc(wrong, func(a, b mobility.FieldProblem) int { return cmp.Compare(a.Field, b.Field) })
	return mobility.InvalidError(wrong...)
}

func (m Mapping) place(a store.RepinnedApplicationsRow, def *lifecycle.Definition) RepinnedApplication {
	to, mapped := m[a.State]
	if !mapped {
		to = a.State
	}
	out := RepinnedApplication{ID: a.ID, From: a.State, To: to, revision: a.Revision}
	state, ok := def.State(to)
	if !ok {
		out.To, out.Problem = "", "repin.state_missing"
		return out
	}
	out.Problem = contradiction(a, state.Properties)
	return out
}

// contradiction names what the application's facts say against a state, as
// the database itself would at commit.
func contradiction(a store.RepinnedApplicationsRow, p mobility.Properties) string {
	switch {
	case a.LiveOffer != string(p.Offer):
		return "repin.offer_contradicts"
	case a.LiveNomination != string(p.Nomination):
		return "repin.nomination_contradicts"
	case a.Holding != p.HoldsPlace:
		return "repin.place_contradicts"
	case p.Phase != mobility.PhaseDraft && !a.Submitted:
		return "repin.nothing_submitted"
	}
	return ""
}

// fingerprint changes whenever an application moved, came or would go
// elsewhere since the preview.
func (r Repinned) fingerprint() string {
	h := sha256.New()
	for _, a := range r.Applications {
		h.Write(a.ID[:])
		var revision [4]byte
		binary.BigEndian.PutUint32(revision[:], uint32(a.revision))
		h.Write(revision[:])
		_, _ = fmt.Fprintf(h, "%s\x00%s\x00%s\x00", a.From, a.To, a.Problem)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (r Repinned) refuse(plan Repin) error {
	if plan.Seen != "" && plan.Seen != r.Fingerprint {
		return mobility.StaleError("conflict.preview_outdated", nil)
	}
	if n := r.Unmapped(); n > 0 {
		return mobility.ConflictError("conflict.mapping_needed", map[string]any{"N": n})
	}
	return nil
}

// repin writes the new state, phase and version of every application, one
// event each, and the call's pin.
func (s *step) repin(ctx context.Context, call store.VisibleCallRow, plan Repin, to Repinned) error {
	var ids, events []uuid.UUID
	var from, states []string
	for _, a := range to.Applications {
		ids, events = append(ids, a.ID), append(events, newID())
		from, states = append(from, string(a.From)), append(states, string(a.To))
	}
	moved, err := queries.RemapApplications(ctx, s.tx, store.RemapApplicationsParams{DefinitionID: plan.Definition, At: s.now, Ids: ids, States: states})
	if err != nil {
		return fmt.Errorf("move the applications: %w", err)
	}
	if int(moved) != len(ids) {
		return fmt.Errorf("moved %d of %d applications", moved, len(ids))
	}
	role, err := s.wide(call.InstitutionID, mobility.RoleAdministrator)
	if err != nil {
		return err
	}
	err = queries.AddRemapEvents(ctx, s.tx, store.AddRemapEventsParams{
		At: s.now, ActorID: s.actorID(), ActorRole: string(role), Data: []byte("{}"), EventIds: events, Ids: ids, FromStates: from,
	})
	if err != nil {
		return fmt.Errorf("write the history: %w", err)
	}
	if err := queries.RepinCall(ctx, s.tx, store.RepinCallParams{DefinitionID: plan.Definition, ID: plan.Call}); err != nil {
		return fmt.Errorf("pin the version: %w", err)
	}
	err = s.record(ctx, act{
		institution: call.InstitutionID, name: "call_repinned", kind: "call", subject: plan.Call, reason: plan.Reason,
		data: map[string]any{"from": call.DefinitionID, "to": plan.Definition, "applications": len(ids)},
	})
	return err
}
