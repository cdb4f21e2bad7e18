package process

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/selection"
	"peregrine/internal/store"
)

// drawsOtherwise reports whether the change lets the destination draw on other
// limits of the call's rules than before. Once a result was told, its places
// are held as they were counted, and stay so.
func (p *destinationPlan) drawsOtherwise() bool {
	switch {
	case p.at.Published:
		return p.req.Kind == DestinationAdded && !p.preview.Restored
	case p.req.Kind == DestinationChanged:
		return p.req.Terms.Language != p.at.Language
	}
	return p.req.Kind == DestinationAdded
}

// checkPools refuses what would let limits of the call cross, with both named:
// no result could be computed any more.
func (p *destinationPlan) checkPools(ctx context.Context, s *step) error {
	if !p.drawsOtherwise() {
		return nil
	}
	call, err := queries.CallToAmend(ctx, s.tx, p.at.CallID)
	if err != nil {
		return store.Translate(err, "call")
	}
	m := p.maker(s)
	if err := m.knownPools(ctx); err != nil || len(m.pools) == 0 {
		return err
	}
	drawing, err := p.drawing(ctx, s)
	if err != nil {
		return err
	}
	in, err := m.probing(ctx, call.Selection, drawing)
	if err != nil {
		return err
	}
	counted, err := readScheme(call.Source)
	if err != nil {
		return err
	}
	in.Applicants = probes(in, counted)
	return crossed(in, (&amendmentPlan{rules: call.Selection, maker: m}).limitFields())
}

// crossed is what keeps a result from being computed, in words.
func crossed(in selection.Input, fields limitFields) error {
	var e *mobility.Error
	if err := in.Check(); !errors.As(err, &e) {
		return err
	}
	for _, f := range e.Fields {
		fields.of(f)
		switch f.Code {
		case "selection.quotas_cross":
			return mobility.ConflictError("conflict.destination_crosses", f.Data)
		case "selection.shares_need_own_places":
			return mobility.ConflictError("conflict.destination_shares", nil)
		}
	}
	return nil
}

func (p *destinationPlan) maker(s *step) *callMaker {
	return &callMaker{step: s, planCheck: &planCheck{}, at: store.InstitutionByNameRow{ID: p.at.InstitutionID}, id: p.at.CallID}
}

// drawing is the call's destinations as they would be.
func (p *destinationPlan) drawing(ctx context.Context, s *step) ([]store.DrawingOfCallRow, error) {
	rows, err := queries.DrawingOfCall(ctx, s.tx, p.at.CallID)
	if err != nil {
		return nil, fmt.Errorf("read the destinations: %w", err)
	}
	if p.at.ID == uuid.Nil {
		return append(rows, store.DrawingOfCallRow{ID: newID(), HostInstitutionID: p.at.HostInstitutionID, Term: p.at.Term, Language: p.at.Language, Host: p.at.Host}), nil
	}
	i := slices.IndexFunc(rows, func(d store.DrawingOfCallRow) bool { return d.ID == p.at.ID })
	if i >= 0 && p.req.Kind == DestinationChanged {
		rows[i].Language = p.req.Terms.Language
	}
	return rows, nil
}

// drawAgain lets a destination whose terms changed draw on the limits that
// count it now.
func (p *destinationPlan) drawAgain(ctx context.Context, s *step) error {
	if !p.drawsOtherwise() {
		return nil
	}
	m := p.maker(s)
	if err := m.knownPools(ctx); err != nil || len(m.pools) == 0 {
		return err
	}
	if err := queries.ReleaseRulesOf(ctx, s.tx, p.at.ID); err != nil {
		return fmt.Errorf("release the limits: %w", err)
	}
	d := store.DrawingOfCallRow{HostInstitutionID: p.at.HostInstitutionID, Term: p.at.Term, Language: p.req.Terms.Language}
	return m.drawOn(ctx, p.at.ID, drawn(d))
}
