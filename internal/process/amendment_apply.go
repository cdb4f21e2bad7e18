package process

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// waitingAmendment is one that the actor sees, may decide about, and that
// nobody has decided yet; the step is elevated then.
func (s *step) waitingAmendment(ctx context.Context, id uuid.UUID) (store.AmendmentByIDRow, error) {
	row, err := queries.AmendmentByID(ctx, s.tx, id)
	if err != nil {
		return row, store.Translate(err, "amendment")
	}
	if !isOfficer(s.actor, row.InstitutionID, row.CallID) {
		return row, mobility.ForbiddenError("refusal.officers_only")
	}
	if row.Status != "proposed" {
		return row, mobility.ConflictError("conflict.amendment_decided", nil)
	}
	return row, s.elevate(ctx)
}

// proposed plans again what was proposed.
func (s *step) proposed(ctx context.Context, id uuid.UUID, arrived time.Time) (store.AmendmentByIDRow, *amendmentPlan, error) {
	row, err := queries.AmendmentByID(ctx, s.tx, id)
	if err != nil {
		return row, nil, store.Translate(err, "amendment")
	}
	if row.Status != "proposed" {
		return row, nil, mobility.ConflictError("conflict.amendment_decided", nil)
	}
	req := Amendment{Call: row.CallID, Scheme: row.Source, Reason: row.Reason, Arrived: arrived}
	if err := req.readLimits(row.Limits); err != nil {
		return row, nil, err
	}
	if err := json.Unmarshal(row.Mapping, &req.Mapping); err != nil {
		return row, nil, fmt.Errorf("read the mapping: %w", err)
	}
	if len(row.Selection) > 0 {
		req.Rules = &mobility.SelectionRules{}
		if err := json.Unmarshal(row.Selection, req.Rules); err != nil {
			return row, nil, fmt.Errorf("read the rules: %w", err)
		}
	}
	p, err := s.planAmendment(ctx, req)
	if err != nil {
		return row, nil, err
	}
	var was mobility.SelectionRules
	if err := json.Unmarshal(row.FromSelection, &was); err != nil {
		return row, nil, fmt.Errorf("read the rules before: %w", err)
	}
	limits, err := json.Marshal(limitsOf(p.call))
	if err != nil {
		return row, nil, err
	}
	if p.call.SchemeID != row.FromScheme || !sameRules(was, p.call.Selection) || !sameJSON(limits, row.FromLimits) {
		return row, nil, mobility.StaleError("conflict.amendment_outdated", nil)
	}
	return row, p, nil
}

func (s *step) keepAmendment(ctx context.Context, id uuid.UUID, p *amendmentPlan) error {
	arg := store.AddAmendmentParams{
		ID: id, InstitutionID: p.call.InstitutionID, CallID: p.call.ID, FromScheme: p.call.SchemeID, ProposedBy: s.actor.Person, ProposedAt: s.now,
	}
	if p.schemed {
		arg.Source = string(p.newer.YAML())
	}
	mapping := p.req.Mapping
	if mapping == nil {
		mapping = map[string]string{}
	}
	var rules, limits any // nil is none
	if p.ruled {
		rules = withoutPools(p.rules)
	}
	if p.limited {
		limits = p.limits
	}
	for into, v := range map[*[]byte]any{
		&arg.Selection: rules, &arg.Limits: limits, &arg.Mapping: mapping, &arg.Changes: p.preview.Changes,
		&arg.FromSelection: p.call.Selection, &arg.FromLimits: limitsOf(p.call),
	} {
		if v == nil {
			continue
		}
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		*into = text
	}
	if err := queries.AddAmendment(ctx, s.tx, arg); err != nil {
		return store.Translate(err, "amendment")
	}
	err := queries.AddAmendmentText(ctx, s.tx, store.AddAmendmentTextParams{AmendmentID: id, Part: "reason", InstitutionID: p.call.InstitutionID, Body: strings.TrimSpace(p.req.Reason)})
	if err != nil {
		return fmt.Errorf("keep the reason: %w", err)
	}
	return s.record(ctx, act{institution: p.call.InstitutionID, name: "amendment_proposed", kind: "call", subject: p.call.ID, reason: p.req.Reason, data: map[string]any{"amendment": id}})
}

// applyAmendment pins the new version, sets the new rules and takes out the
// marks that no longer fit; it returns how many have to be given again or are
// gone.
func (s *step) applyAmendment(ctx context.Context, p *amendmentPlan, amendment *uuid.UUID) (int, error) {
	if p.schemed {
		id := newID()
		if err := s.addScheme(ctx, id, p.call.InstitutionID, p.newer); err != nil {
			return 0, err
		}
		if err := queries.PinScheme(ctx, s.tx, store.PinSchemeParams{ID: p.call.ID, SchemeID: id}); err != nil {
			return 0, fmt.Errorf("pin the scheme: %w", err)
		}
	}
	if p.ruled {
		if err := s.setRules(ctx, p); err != nil {
			return 0, err
		}
	}
	if p.limited {
		if err := queries.SetChoiceLimits(ctx, s.tx, store.SetChoiceLimitsParams{ID: p.call.ID, MaxChoices: int32(p.limits.Choices), MaxLanguages: int32(p.limits.Languages)}); err != nil {
			return 0, fmt.Errorf("set the limits of choices: %w", err)
		}
	}
	if amendment == nil { // nobody submitted: there are no marks
		return 0, nil
	}
	return s.moveMarks(ctx, p, *amendment)
}

// setRules writes the rules with the pools they count by.
func (s *step) setRules(ctx context.Context, p *amendmentPlan) error {
	var over []uuid.UUID
	for _, id := range poolsOfRules(p.call.Selection) {
		if !p.kept[id] {
			over = append(over, id)
		}
	}
	if err := queries.ReleaseDestinationPools(ctx, s.tx, over); err != nil {
		return fmt.Errorf("release the limits: %w", err)
	}
	if err := queries.ReleaseDestinationQuotas(ctx, s.tx, over); err != nil {
		return fmt.Errorf("release the quotas: %w", err)
	}
	if err := queries.DropCallPools(ctx, s.tx, store.DropCallPoolsParams{Pools: over, CallID: &p.call.ID}); err != nil {
		return fmt.Errorf("drop the pools: %w", err)
	}
	if err := queries.RetireCallPools(ctx, s.tx, store.RetireCallPoolsParams{Pools: over, CallID: &p.call.ID, At: &s.now}); err != nil {
		return fmt.Errorf("retire the pools: %w", err)
	}
	all := p.maker.pools
	for _, x := range all {
		if !p.kept[x.id] {
			continue
		}
		if err := queries.SetCallPool(ctx, s.tx, store.SetCallPoolParams{ID: x.id, CallID: &p.call.ID, Places: int32(x.places), Label: texts(x.label)}); err != nil {
			return fmt.Errorf("change the pool: %w", err)
		}
	}
	p.maker.pools = slices.DeleteFunc(slices.Clone(all), func(x callPool) bool { return p.kept[x.id] })
	if err := p.maker.addPools(ctx); err != nil {
		return err
	}
	for _, d := range p.drawing {
		if err := p.maker.drawOn(ctx, d.ID, drawn(d)); err != nil {
			return err
		}
	}
	if err := queries.SetSelection(ctx, s.tx, store.SetSelectionParams{ID: p.call.ID, Selection: p.rules}); err != nil {
		return fmt.Errorf("set the rules: %w", err)
	}
	return nil
}

// moveMarks takes out the marks of what changed and carries on those whose
// criterion only has another key. They stay on record as they were given.
func (s *step) moveMarks(ctx context.Context, p *amendmentPlan, amendment uuid.UUID) (int, error) {
	var out, from, to []string
	for _, f := range p.preview.Marks {
		switch f.Fate {
		case MarksCarried:
			from, to = append(from, f.Key), append(to, f.To)
		case MarksAgain, MarksGone:
			out = append(out, f.Key)
		case MarksKept:
		}
	}
	taken, err := queries.TakeMarksOut(ctx, s.tx, store.TakeMarksOutParams{At: &s.now, Amendment: &amendment, CallID: p.call.ID, Criteria: slices.Concat(out, from)})
	if err != nil {
		return 0, fmt.Errorf("set marks aside: %w", err)
	}
	carried, err := queries.CarryMarksOn(ctx, s.tx, store.CarryMarksOnParams{OldKeys: from, NewKeys: to, Amendment: &amendment})
	if err != nil {
		return 0, fmt.Errorf("carry marks on: %w", err)
	}
	return int(taken - carried), nil
}

// tellAmendment plans one letter to every applicant who has submitted.
func (s *step) tellAmendment(ctx context.Context, row store.AmendmentByIDRow) (int, error) {
	people, err := queries.TellAmendment(ctx, s.tx, row.CallID)
	if err != nil {
		return 0, fmt.Errorf("read the applicants: %w", err)
	}
	for _, a := range people {
		err := s.planLetter(ctx, letterPlan{
			institution: row.InstitutionID, kind: "rules_amended", recipient: "applicant", language: a.Language, person: &a.PersonID,
			application: &a.ID, call: &row.CallID, key: "amendment:" + row.ID.String() + ":" + a.PersonID.String(), queue: QueueBulk, data: map[string]any{"amendment": row.ID},
		})
		if err != nil {
			return 0, err
		}
	}
	return len(people), nil
}

func (s *step) decideAmendment(ctx context.Context, row store.AmendmentByIDRow, status string, done AmendmentDone, answer string) error {
	n, err := queries.DecideAmendment(ctx, s.tx, store.DecideAmendmentParams{
		ID: row.ID, Status: status, DecidedBy: s.actorID(), DecidedAt: &s.now, Told: int32(done.Told), SetAside: int32(done.SetAside),
	})
	if err != nil {
		return fmt.Errorf("decide about the amendment: %w", err)
	}
	if n == 0 {
		return mobility.ConflictError("conflict.amendment_decided", nil)
	}
	if answer = strings.TrimSpace(answer); answer != "" {
		err := queries.AddAmendmentText(ctx, s.tx, store.AddAmendmentTextParams{AmendmentID: row.ID, Part: "answer", InstitutionID: row.InstitutionID, Body: answer})
		if err != nil {
			return fmt.Errorf("keep the answer: %w", err)
		}
	}
	return s.record(ctx, act{
		institution: row.InstitutionID, name: "amendment_" + status, kind: "call", subject: row.CallID, reason: answer,
		data: map[string]any{"amendment": row.ID, "told": done.Told, "set_aside": done.SetAside},
	})
}
