package demo

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/demo/data"
	"peregrine/internal/intake"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
)

// stage is where the story is played: each of its methods makes people act
// through the product's processes, as of a moved date. The first error ends
// the play; what is asked after it does nothing.
type stage struct {
	ctx context.Context //nolint:containedctx // one play, one context
	Deps
	calendar
	rnd *rand.Rand
	err error

	home     uuid.UUID
	officer  mobility.Actor
	offices  map[string]mobility.Actor // coordinator by unit
	students []student                 // in the order of the file
	crowd    []student                 // who applies for the spring alone
	busy     map[uuid.UUID]bool        // has a part in an earlier call
}

// newRandom gives the same world every time: nothing depends on these numbers
// being hard to guess.
func newRandom() *rand.Rand { return rand.New(rand.NewPCG(2027, 1)) } //nolint:gosec // see above

// student is a member of the cast who may apply.
type student struct {
	mobility.Actor
	unit   string
	unitID uuid.UUID // of those who were planted
	cycle  int
	year   int
}

// part is one application being played.
type part struct {
	student
	id       uuid.UUID
	call     *call
	choices  []destination
	revision int32 // of the working copy
	at       time.Time
}

// call is one opened call.
type call struct {
	id, round    uuid.UUID
	closes       time.Time
	destinations map[uuid.UUID][]destination // by unit
	units        map[string]uuid.UUID
	plan         process.CallPlan
	officer      mobility.Actor
}

type destination struct {
	id       uuid.UUID
	host     string
	language string
	term     string
	cycle    int
	begins   time.Time
	ends     time.Time
}

func (s *stage) fail(err error) bool {
	if err != nil && s.err == nil {
		s.err = err
	}
	return s.err != nil
}

// when is a moved wall minute; within spreads people over the hours after it.
func (s *stage) when(written string) time.Time {
	t, err := s.instant(written)
	s.fail(err)
	return t
}

func (s *stage) within(written string, hours int) time.Time {
	return s.when(written).Add(time.Duration(s.rnd.IntN(hours*60)) * time.Minute)
}

// cast finds the people who were imported, with the roles they hold.
func (s *stage) cast() {
	staff, err := queries.DemoStaff(s.ctx, s.DB)
	if s.fail(err) {
		return
	}
	s.offices, s.busy = map[string]mobility.Actor{}, map[uuid.UUID]bool{}
	for _, p := range staff {
		if p.InstitutionID != s.home {
			continue
		}
		actor := mobility.Actor{Person: p.ID, Grants: []mobility.Grant{{Role: mobility.Role(p.Role), Institution: p.InstitutionID, Unit: p.UnitID}}}
		switch {
		case p.UnitID != nil && mobility.Role(p.Role) == mobility.RoleCoordinator:
			actor.Grants[0].Units = []uuid.UUID{*p.UnitID}
			s.offices[p.UnitCode] = actor
		case p.Email == officerOfHome:
			s.officer = actor
		}
	}
	s.castStudents()
}

// officerOfHome is who acts for the international office.
const officerOfHome = "lenka.hruba@mendelu.example"

func (s *stage) castStudents() {
	rows, err := queries.DemoStudents(s.ctx, s.DB, math.MaxInt32)
	if s.fail(err) {
		return
	}
	ids := make(map[string]uuid.UUID, len(rows))
	for _, row := range rows {
		ids[row.Email] = row.ID
	}
	s.students = s.castFrom(data.People, ids)
	s.crowd = s.castFrom(data.SpringPeople, ids)
}

// castFrom is the people of one file, in its order.
func (s *stage) castFrom(file []byte, ids map[string]uuid.UUID) []student {
	f, err := intake.People(file, intake.Known{}, s.when(loaded))
	if s.fail(err) {
		return nil
	}
	var out []student
	for _, p := range f.Rows {
		if s.fail(s.speak(ids[p.Email], p.Nationality)) {
			return nil
		}
		out = append(out, student{Actor: mobility.Actor{Person: ids[p.Email]}, unit: p.Unit, cycle: p.Cycle, year: p.Year})
	}
	return out
}

// speak lets students from abroad have chosen English; the others get the
// language of home.
func (s *stage) speak(person uuid.UUID, nationality string) error {
	if nationality == "CZ" || nationality == "SK" {
		return nil
	}
	return queries.SetPersonLanguage(s.ctx, s.DB, store.SetPersonLanguageParams{ID: person, Language: "en"})
}

// open makes a call from its files and opens it.
func (s *stage) open(written string, sources ...[]byte) *call {
	made, err := plan(sources...)
	if s.fail(err) {
		return nil
	}
	return s.openPlan(s.officer, written, made)
}

// openPlan makes a call of a plan in written dates, and an hour later opens it.
func (s *stage) openPlan(officer mobility.Actor, written string, made process.CallPlan) *call {
	at := s.when(written)
	c := &call{destinations: map[uuid.UUID][]destination{}, units: map[string]uuid.UUID{}, plan: made, officer: officer}
	if s.err != nil || s.fail(s.move(&c.plan)) {
		return nil
	}
	var err error
	if c.id, err = s.Process.CreateCall(s.ctx, officer, at, c.plan); s.fail(err) || s.fail(s.Process.OpenCall(s.ctx, officer, at.Add(time.Hour), c.id)) {
		return nil
	}
	s.fail(s.look(c))
	return c
}

// look reads what opening a call made of its plan.
func (s *stage) look(c *call) error {
	rounds, err := queries.DemoRounds(s.ctx, s.DB, c.id)
	if err != nil || len(rounds) == 0 {
		return fmt.Errorf("find the rounds: %w", err)
	}
	c.round, c.closes = rounds[0].ID, rounds[0].ClosesAt
	rows, err := queries.DemoDestinations(s.ctx, s.DB, c.id)
	if err != nil {
		return fmt.Errorf("find the destinations: %w", err)
	}
	for _, row := range rows {
		d := destination{id: row.ID, host: row.HostCode, language: row.Language, term: row.Term, cycle: int(row.Cycle)}
		if row.StartsOn != nil && row.EndsOn != nil {
			d.begins, d.ends = *row.StartsOn, *row.EndsOn
		}
		c.destinations[row.UnitID] = append(c.destinations[row.UnitID], d)
	}
	for code, office := range s.offices {
		c.units[code] = *office.Grants[0].Unit
	}
	return nil
}

// start begins an application with its choices and, if whole, everything the
// form asks for.
func (s *stage) start(c *call, p student, at time.Time, whole bool) *part {
	if s.err != nil {
		return nil
	}
	s.busy[p.Person] = true
	f := &part{student: p, call: c, at: at, choices: s.choose(c, p)}
	var err error
	if f.id, err = s.Process.Start(s.ctx, p.Actor, c.round, at); s.fail(err) {
		return nil
	}
	f.revision = 1
	ids := make([]uuid.UUID, len(f.choices))
	for i, d := range f.choices {
		ids[i] = d.id
	}
	f.at = f.at.Add(25 * time.Minute)
	f.revision, err = s.Process.SaveDraft(s.ctx, p.Actor, process.DraftSave{
		Application: f.id, Revision: f.revision, Answers: s.answers(c, whole), Choices: ids, Arrived: f.at,
	})
	s.fail(err)
	if whole {
		s.attach(f)
	}
	return f
}

// attach answers every file question that is required, for each destination
// where it is asked for each.
func (s *stage) attach(f *part) {
	for _, q := range f.call.plan.Form.Questions {
		if q.Kind != mobility.QuestionFile || (!q.Required && s.rnd.IntN(3) != 0) {
			continue
		}
		if !q.PerDestination {
			s.upload(f, q, nil)
			continue
		}
		for i := range f.choices {
			s.upload(f, q, &f.choices[i])
		}
	}
}

func (s *stage) upload(f *part, q mobility.Question, d *destination) {
	if s.err != nil {
		return
	}
	title, name := q.Label.In("en"), q.Key
	up := process.Upload{Application: f.id, Question: q.Key, Arrived: f.at}
	if d != nil {
		title += ", " + d.host
		name += "-" + slug(d.host)
		up.Destination = &d.id
	}
	up.FileName = name + ".pdf"
	up.Content = bytes.NewReader(pdf(title, subjects(s.rnd)...))
	f.at = f.at.Add(4 * time.Minute)
	up.Arrived = f.at
	s.fail(s.Process.AddDocument(s.ctx, f.Actor, up))
}

// act makes a move at a time; the part's own clock goes on from there.
func (s *stage) act(actor mobility.Actor, f *part, move string, at time.Time, given process.Given) {
	if s.err != nil || f == nil {
		return
	}
	_, err := s.Process.Move(s.ctx, actor, process.MoveRequest{Application: f.id, Move: move, Arrived: at, Given: given})
	if err != nil {
		s.fail(fmt.Errorf("%s as of %s: %w", move, at.Format(time.RFC3339), err))
	}
	f.at = at
}

// submit sends a complete application.
func (s *stage) submit(f *part) {
	if f != nil {
		s.act(f.Actor, f, "submit", f.at.Add(15*time.Minute), process.Given{})
	}
}

// office is the coordinator of the part's faculty.
func (s *stage) office(f *part) mobility.Actor { return s.offices[f.unit] }

// mark gives points for every criterion that is a mark.
func (s *stage) mark(f *part, at time.Time) {
	if s.err != nil || f == nil {
		return
	}
	marked, err := f.call.plan.Scheme.Marked()
	if s.fail(err) {
		return
	}
	for _, c := range marked {
		share := 0.45 + 0.5*s.rnd.Float64() // of what can be had
		points := fmt.Sprintf("%.1f", share*c.Max.InexactFloat64())
		s.fail(s.Process.SetMark(s.ctx, s.office(f), process.Mark{Application: f.id, Criterion: c.Key, Points: points, Arrived: at}))
	}
}

// publish computes the ranking of a call and releases it.
func (s *stage) publish(c *call, written string) {
	at := s.when(written)
	if s.err != nil {
		return
	}
	ranking, err := s.Process.ComputeRanking(s.ctx, c.officer, c.round, at.Add(-2*time.Hour))
	if s.fail(err) {
		return
	}
	hash, err := queries.DemoRankingHash(s.ctx, s.DB, ranking)
	if s.fail(err) {
		return
	}
	_, err = s.Process.Publish(s.ctx, c.officer, process.Publication{Ranking: ranking, Hash: hash, Arrived: at})
	s.fail(err)
}

// due lets timers and reminders act as of a time, and freed places move.
func (s *stage) due(c *call, at time.Time) {
	if s.err != nil {
		return
	}
	_, _, err := s.Process.Due(s.ctx, at)
	s.fail(err)
	_, err = s.Process.Promote(s.ctx, c.round, at.Add(time.Minute))
	s.fail(err)
}

// in returns the parts of a call that stand in a state now.
func (s *stage) in(parts []*part, state mobility.State) []*part {
	parts = slices.DeleteFunc(slices.Clone(parts), func(f *part) bool { return f == nil })
	if s.err != nil || len(parts) == 0 {
		return nil
	}
	rows, err := queries.DemoStates(s.ctx, s.DB, parts[0].call.id)
	if s.fail(err) {
		return nil
	}
	states := make(map[uuid.UUID]mobility.State, len(rows))
	for _, row := range rows {
		states[row.ID] = row.State
	}
	return slices.DeleteFunc(parts, func(f *part) bool { return states[f.id] != state })
}

// host answers a nomination by the link the host got.
func (s *stage) host(f *part, move string, at time.Time, given process.Given) {
	if s.err != nil {
		return
	}
	link, err := queries.DemoHostLink(s.ctx, s.DB, f.id)
	if s.fail(err) {
		return
	}
	s.act(mobility.Actor{HostLink: link.ID, HostInstitution: link.HostInstitutionID}, f, move, at, given)
}
