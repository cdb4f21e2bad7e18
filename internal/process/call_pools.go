package process

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"peregrine/internal/intake"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// callPool is a pool that an announced rule makes: a quota, a limit per
// partner, money.
type callPool struct {
	id       uuid.UUID
	kind     string
	label    mobility.Texts
	places   int
	grouped  bool
	term     string
	language string
	hosts    []uuid.UUID // nil: every destination; of money none
}

// announcePools gives every rule that counts something a pool of its own, and
// finds the hosts it names.
func (m *callMaker) announcePools() {
	r := &m.plan.Selection
	for n := range r.Quotas {
		r.Quotas[n].Pool = newID()
		if r.Quotas[n].Unit != "" {
			m.unitIDs(fmt.Sprintf("selection.quotas.%d.unit", n+1), []string{r.Quotas[n].Unit})
		}
	}
	for n := range r.Partners {
		r.Partners[n].Pool = newID()
	}
	for n := range r.Grants {
		r.Grants[n].Pool = newID()
	}
	m.readPools(*r)
}

// readPools makes of the rules the pools they stand for.
func (m *callMaker) readPools(r mobility.SelectionRules) {
	for n, q := range r.Quotas {
		p := callPool{id: q.Pool, kind: "quota", label: q.Label, places: q.Places, grouped: q.Grouped(), term: q.Term, language: q.Language}
		if len(q.Hosts) > 0 {
			p.hosts = m.hostIDs(fmt.Sprintf("selection.quotas.%d.hosts", n+1), q.Hosts)
		}
		m.pools = append(m.pools, p)
	}
	for n, p := range r.Partners {
		hosts := m.hostIDs(fmt.Sprintf("selection.partners.%d.host", n+1), []string{p.Host})
		m.pools = append(m.pools, callPool{id: p.Pool, kind: "partner", places: p.Places, hosts: hosts})
	}
	for _, g := range r.Grants {
		m.pools = append(m.pools, callPool{id: g.Pool, kind: "money", label: g.Label, places: g.Places, grouped: g.When != ""})
	}
}

// knownPools reads the pools of a call that was made before, for destinations
// that are added to it.
func (m *callMaker) knownPools(ctx context.Context) error {
	call, err := queries.CallRules(ctx, m.tx, m.id)
	if err != nil {
		return fmt.Errorf("read the call: %w", err)
	}
	if len(call.Selection.Quotas)+len(call.Selection.Partners) == 0 {
		return nil
	}
	known, err := queries.KnownInstitutions(ctx, m.tx)
	if err != nil {
		return fmt.Errorf("read the institutions: %w", err)
	}
	m.hosts = make(map[string]uuid.UUID, len(known))
	for _, k := range known {
		m.hosts[intake.CodeKey(k.Code)] = k.ID
	}
	m.readPools(call.Selection)
	return nil
}

func (m *callMaker) addPools(ctx context.Context) error {
	for _, p := range m.pools {
		err := queries.AddCallPool(ctx, m.tx, store.AddCallPoolParams{
			ID: p.id, InstitutionID: m.at.ID, CallID: &m.id, Kind: p.kind, Label: texts(p.label), Grouped: p.grouped,
			AcademicYear: m.plan.AcademicYear, Places: int32(p.places),
		})
		if err != nil {
			return fmt.Errorf("add the pool: %w", err)
		}
	}
	return nil
}

// drawOn lets a destination draw on the pools of the announced rules.
func (m *callMaker) drawOn(ctx context.Context, destination uuid.UUID, c chosen) error {
	for _, p := range m.pools {
		if !p.covers(c) {
			continue
		}
		arg := store.AddDestinationPoolParams{DestinationID: destination, PoolID: p.id}
		if p.grouped {
			if err := queries.AddDestinationQuota(ctx, m.tx, store.AddDestinationQuotaParams(arg)); err != nil {
				return fmt.Errorf("add the destination's quota: %w", err)
			}
			continue
		}
		if err := queries.AddDestinationPool(ctx, m.tx, arg); err != nil {
			return fmt.Errorf("add the destination's limit: %w", err)
		}
	}
	return nil
}

// covers reports whether the pool counts places at the destination. A stay of
// a year counts in both terms.
func (p callPool) covers(c chosen) bool {
	if p.kind == "money" {
		return false
	}
	host := p.hosts == nil
	for _, h := range p.hosts {
		host = host || h == c.HostInstitutionID
	}
	term := p.term == "" || c.Term == p.term || c.Term == "year"
	return host && term && (p.language == "" || intake.CodeKey(p.language) == intake.CodeKey(c.Language))
}
