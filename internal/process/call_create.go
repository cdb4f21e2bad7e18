package process

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/intake"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// strictJSON decodes one value and refuses unknown keys and anything after it.
func strictJSON(source []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(source))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more than one value")
	}
	return nil
}

// CreateCall makes a call, not open yet, from a plan: an officer of its
// institution may, or the system. Everything wrong with the plan is named at
// once, kind invalid, each field by its path ("rounds.1.closes").
func (r *Runner) CreateCall(ctx context.Context, actor mobility.Actor, arrived time.Time, plan CallPlan) (uuid.UUID, error) {
	var id uuid.UUID
	err := r.office(ctx, actor, arrived, func(s *step) error {
		c := &planCheck{}
		plan.check(c)
		at, err := queries.InstitutionByName(ctx, s.tx, &plan.Institution)
		if errors.Is(err, pgx.ErrNoRows) {
			c.fail("institution", "plan.unknown_institution", map[string]any{"Code": plan.Institution})
			return mobility.InvalidError(c.problems...)
		}
		if err != nil {
			return fmt.Errorf("find the institution: %w", err)
		}
		if err := s.asOffice(ctx, at.ID, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
			return err
		}
		m := &callMaker{step: s, planCheck: c, plan: plan, at: at, id: newID(), definitions: r.definitions}
		id = m.id
		return m.make(ctx)
	})
	if err != nil {
		return uuid.Nil, err
	}
	return id, nil
}

// callMaker makes one call from one plan.
type callMaker struct {
	*step
	*planCheck
	plan  CallPlan
	at    store.InstitutionByNameRow
	id    uuid.UUID
	zone  *time.Location
	units map[string]uuid.UUID
	hosts map[string]uuid.UUID // by intake.CodeKey
	pools []callPool           // of the announced rules
	names map[uuid.UUID]string // of the hosts whose places a pool counts

	definitions *definitionCache
}

func (m *callMaker) make(ctx context.Context) error {
	if m.plan.Zone == "" {
		m.plan.Zone = m.at.TimeZone
	}
	definition, err := m.look(ctx)
	if err != nil {
		return err
	}
	scheme, err := m.scheme(ctx)
	if err != nil {
		return err
	}
	m.fits()
	m.plan.Selection = selectionDefaults(m.plan.Selection)
	m.checkSelection(m.plan.Selection, m.plan.Scheme.read)
	if definition != uuid.Nil {
		def, err := m.definitions.load(ctx, m.tx, definition)
		if err != nil {
			return err
		}
		m.fitsLifecycle(m.plan.Selection, def)
	}
	m.announcePools()
	rounds, err := m.destinations(ctx)
	if err != nil {
		return err
	}
	m.crossing(rounds)
	if len(m.problems) > 0 {
		return mobility.InvalidError(m.problems...)
	}
	if m.zone, err = time.LoadLocation(m.plan.Zone); err != nil {
		return fmt.Errorf("read the zone: %w", err)
	}
	if err := m.add(ctx, definition, scheme); err != nil {
		return err
	}
	for n, agreements := range rounds {
		if err := m.addRound(ctx, n, agreements); err != nil {
			return err
		}
	}
	err = m.record(ctx, act{institution: m.at.ID, name: "call_created", kind: "call", subject: m.id})
	return err
}

// look finds what the plan names: lifecycle, units, hosts.
func (m *callMaker) look(ctx context.Context) (definition uuid.UUID, err error) {
	d, err := queries.NewestDefinitionFor(ctx, m.tx, store.NewestDefinitionForParams{Name: m.plan.Lifecycle, InstitutionID: &m.at.ID})
	if errors.Is(err, pgx.ErrNoRows) {
		m.fail("lifecycle", "plan.unknown_lifecycle", map[string]any{"Name": m.plan.Lifecycle})
	} else if err != nil {
		return d.ID, fmt.Errorf("find the lifecycle: %w", err)
	}
	units, err := queries.KnownUnits(ctx, m.tx, m.at.ID)
	if err != nil {
		return d.ID, fmt.Errorf("read the units: %w", err)
	}
	m.units = make(map[string]uuid.UUID, len(units))
	for _, u := range units {
		m.units[u.Code] = u.ID
	}
	known, err := queries.KnownInstitutions(ctx, m.tx)
	if err != nil {
		return d.ID, fmt.Errorf("read the institutions: %w", err)
	}
	m.hosts = make(map[string]uuid.UUID, len(known))
	for _, k := range known {
		m.hosts[intake.CodeKey(k.Code)] = k.ID
	}
	return d.ID, nil
}

func (m *callMaker) unitIDs(field string, codes []string) []uuid.UUID {
	out := []uuid.UUID{}
	for _, code := range codes {
		id, ok := m.units[code]
		if !ok {
			m.fail(field, "plan.unknown_unit", map[string]any{"Code": code})
			continue
		}
		out = append(out, id)
	}
	return out
}

func (m *callMaker) hostIDs(field string, codes []string) []uuid.UUID {
	out := []uuid.UUID{}
	for _, code := range codes {
		id, ok := m.hosts[intake.CodeKey(code)]
		if !ok {
			m.fail(field, "plan.unknown_host", map[string]any{"Code": code})
			continue
		}
		out = append(out, id)
	}
	return out
}

// chosen is an agreement that becomes a destination, with the part of the
// plan that took it.
type chosen struct {
	store.AgreementsForRow
	plan DestinationPlan
}

// destinations returns the agreements of each round, each once.
func (m *callMaker) destinations(ctx context.Context) ([][]chosen, error) {
	out := make([][]chosen, len(m.plan.Rounds))
	for n, round := range m.plan.Rounds {
		taken := map[uuid.UUID]bool{}
		for k, d := range round.Destinations {
			field := fmt.Sprintf("rounds.%d.destinations.%d", n+1, k+1)
			rows, err := m.agreements(ctx, field, d)
			if err != nil {
				return nil, err
			}
			if len(rows) == 0 {
				m.fail(field, "plan.no_agreement", nil)
			}
			for _, row := range rows {
				if !taken[row.ID] {
					taken[row.ID] = true
					out[n] = append(out[n], chosen{row, d})
				}
			}
		}
	}
	return out, nil
}

func (m *callMaker) agreements(ctx context.Context, field string, d DestinationPlan) ([]store.AgreementsForRow, error) {
	codes, year := d.Units, d.AcademicYear
	if len(codes) == 0 {
		codes = m.plan.Units
	}
	if year == "" {
		year = m.plan.AcademicYear
	}
	rows, err := queries.AgreementsFor(ctx, m.tx, store.AgreementsForParams{
		InstitutionID: m.at.ID, AcademicYear: year, UnitIds: m.unitIDs(field+".units", codes), HostIds: m.hostIDs(field+".hosts", d.Hosts),
	})
	if err != nil {
		return nil, fmt.Errorf("read the agreements: %w", err)
	}
	return m.pick(field, rows, d), nil
}

// pick keeps the agreements the plan takes by their ids. An id among none of
// them is a slip of the pen.
func (m *callMaker) pick(field string, rows []store.AgreementsForRow, d DestinationPlan) []store.AgreementsForRow {
	for name, ids := range map[string][]string{"agreements": d.Agreements, "except": d.Except} {
		for _, id := range ids {
			if !slices.ContainsFunc(rows, func(row store.AgreementsForRow) bool { return row.HomeAgreementID == id }) {
				m.fail(field+"."+name, "plan.unknown_agreement", map[string]any{"Code": id})
			}
		}
	}
	return slices.DeleteFunc(rows, func(row store.AgreementsForRow) bool {
		return (len(d.Agreements) > 0 && !slices.Contains(d.Agreements, row.HomeAgreementID)) || slices.Contains(d.Except, row.HomeAgreementID)
	})
}

// add writes the call with its own versions of form and scheme.
func (m *callMaker) add(ctx context.Context, definition, scheme uuid.UUID) error {
	form, err := m.addForm(ctx)
	if err != nil {
		return err
	}
	if err := m.addScheme(ctx, scheme); err != nil {
		return err
	}
	arg := m.plan.row()
	if m.plan.FactsAt != "" {
		wall, err := mobility.ParseWall(m.plan.FactsAt)
		if err != nil {
			return err
		}
		at := mobility.ClosesAt(wall, m.zone)
		arg.FactsAt = &at
	}
	arg.ID, arg.InstitutionID, arg.DefinitionID, arg.FormID, arg.SchemeID = m.id, m.at.ID, definition, form, scheme
	if err := queries.AddCall(ctx, m.tx, arg); err != nil {
		return fmt.Errorf("add the call: %w", err)
	}
	see := store.SetAssessingParams{ID: m.id, AssessorsSee: cmp.Or(m.plan.AssessorsSee, SeeUnit), Blind: m.plan.Blind}
	if err := queries.SetAssessing(ctx, m.tx, see); err != nil {
		return fmt.Errorf("say how the call is assessed: %w", err)
	}
	if err := m.setLists(ctx); err != nil {
		return err
	}
	if err := m.addPools(ctx); err != nil {
		return err
	}
	units := m.unitIDs("units", m.plan.Units)
	if err := queries.AddCallUnits(ctx, m.tx, store.AddCallUnitsParams{CallID: m.id, UnitIds: units}); err != nil {
		return fmt.Errorf("add the call's units: %w", err)
	}
	return nil
}

func (m *callMaker) addForm(ctx context.Context) (uuid.UUID, error) {
	version, err := queries.NextFormVersion(ctx, m.tx, store.NextFormVersionParams{InstitutionID: m.at.ID, Name: m.plan.Form.Name})
	if err != nil {
		return uuid.Nil, fmt.Errorf("number the form: %w", err)
	}
	questions := m.plan.Form.Questions
	if questions == nil {
		questions = []mobility.Question{}
	}
	id := newID()
	err = queries.AddForm(ctx, m.tx, store.AddFormParams{ID: id, InstitutionID: m.at.ID, Name: m.plan.Form.Name, Version: version, Questions: questions})
	if err != nil {
		return uuid.Nil, fmt.Errorf("add the form: %w", err)
	}
	return id, nil
}

// row is the plan with the product's defaults filled in.
func (p CallPlan) row() store.AddCallParams {
	hour, lead := 12, 3
	if p.Confirm.Hour != nil {
		hour = *p.Confirm.Hour
	}
	if p.Confirm.LeadDays != nil {
		lead = *p.Confirm.LeadDays
	}
	return store.AddCallParams{
		Programme: p.Programme, AcademicYear: p.AcademicYear, Title: p.Title, Description: texts(p.Description), Requirements: texts(p.Requirements),
		Appeal: texts(p.Appeal), Zone: p.Zone, MaxChoices: int32(p.MaxChoices), MaxLanguages: int32(p.MaxLanguages),
		MinEcts: p.MinECTS, MinDays: small(p.MinDays), MaxDays: small(p.MaxDays),
		ConfirmDays: int32(cmp.Or(p.Confirm.Days, 7)), PromotionDays: int32(cmp.Or(p.Confirm.PromotionDays, 3)), ConfirmHour: int32(hour),
		ConfirmMinimumHours: int32(cmp.Or(p.Confirm.MinimumHours, 48)), LeadDays: int32(lead), Selection: p.Selection,
		Registration: cmp.Or(p.Registration, "none"),
		ContactEmail: p.Contact.Email, ContactPhone: p.Contact.Phone,
	}
}

func texts(t mobility.Texts) mobility.Texts {
	if t == nil {
		return mobility.Texts{}
	}
	return t
}

func small(n *int) *int32 {
	if n == nil {
		return nil
	}
	out := int32(*n)
	return &out
}
