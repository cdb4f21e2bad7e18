// Package view tells the demo's own pages who there is to sign in as, what the
// clock will bring, and which letters were caught.
package view

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/catcher"
	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web"
)

// queries is stateless: every call names what it runs on.
var queries = store.New()

// Tools gives the demo's pages what they show: the world as db holds it, a
// pool of the work role, and what the catcher caught.
func Tools(db store.DBTX, mail *catcher.Catcher) *web.DemoTools {
	tools := &web.DemoTools{World: world{db}}
	tools.Zone, _ = time.LoadLocation("Europe/Prague") // not there: UTC
	if mail != nil {
		tools.Inbox = inbox{mail}
	}
	return tools
}

// world implements web.DemoWorld.
type world struct{ db store.DBTX }

// studentsShown is the whole small world, and as much of a large one as a page
// can hold.
const studentsShown = 600

// People implements web.DemoWorld: staff first, then everybody who may apply.
func (w world) People(ctx context.Context) ([]web.DemoPerson, error) {
	staff, err := queries.DemoStaff(ctx, w.db)
	if err != nil {
		return nil, fmt.Errorf("read who works where: %w", err)
	}
	students, err := queries.DemoStudents(ctx, w.db, studentsShown)
	if err != nil {
		return nil, fmt.Errorf("read the students: %w", err)
	}
	ids := make([]uuid.UUID, len(students))
	for i, p := range students {
		ids[i] = p.ID
	}
	standings, err := w.standings(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]web.DemoPerson, 0, len(staff)+len(students))
	for _, p := range staff {
		out = append(out, web.DemoPerson{
			ID: p.ID, Name: fullName(p.GivenNames, p.FamilyNames), Role: mobility.Role(p.Role), Institution: p.Institution, Unit: p.UnitName,
		})
	}
	for _, p := range students {
		out = append(out, web.DemoPerson{
			ID: p.ID, Name: fullName(p.GivenNames, p.FamilyNames), Role: mobility.RoleApplicant, Unit: p.UnitName, Standings: standings[p.ID],
		})
	}
	return out, nil
}

func fullName(given, family string) string { return strings.TrimSpace(given + " " + family) }

// standings reads where people's applications stand, in the words of their
// lifecycles.
func (w world) standings(ctx context.Context, people []uuid.UUID) (map[uuid.UUID][]web.DemoStanding, error) {
	rows, err := queries.DemoStandings(ctx, w.db, people)
	if err != nil {
		return nil, fmt.Errorf("read where applications stand: %w", err)
	}
	sources, err := queries.DemoDefinitions(ctx, w.db)
	if err != nil {
		return nil, fmt.Errorf("read the lifecycles: %w", err)
	}
	definitions := make(map[uuid.UUID]*lifecycle.Definition, len(sources))
	for _, source := range sources {
		def, problems := lifecycle.ParseIn([]string{"en"}, source.Name, []byte(source.Source))
		if len(problems) > 0 {
			return nil, fmt.Errorf("read the lifecycle %s: %v", source.Name, problems[0])
		}
		definitions[source.ID] = def
	}
	out := map[uuid.UUID][]web.DemoStanding{}
	for _, row := range rows {
		state, _ := definitions[row.DefinitionID].State(row.State)
		out[row.PersonID] = append(out[row.PersonID], web.DemoStanding{
			Call: row.CallTitle, State: state.Label[lifecycle.AudienceApplicant], Phase: row.Phase, Decision: state.Decision,
		})
	}
	return out, nil
}

// Hosts implements web.DemoWorld.
func (w world) Hosts(ctx context.Context) ([]web.DemoHost, error) {
	rows, err := queries.DemoHosts(ctx, w.db)
	if err != nil {
		return nil, fmt.Errorf("read the hosts: %w", err)
	}
	out := make([]web.DemoHost, len(rows))
	for i, row := range rows {
		out[i] = web.DemoHost{Institution: row.Institution, Address: row.Address}
	}
	return out, nil
}

// deadlinesShown is how far the clock's page looks ahead.
const deadlinesShown = 24

// Deadlines implements web.DemoWorld.
func (w world) Deadlines(ctx context.Context, now time.Time) ([]web.DemoDeadline, error) {
	rows, err := queries.DemoDeadlines(ctx, w.db, store.DemoDeadlinesParams{Now: now, Most: deadlinesShown})
	if err != nil {
		return nil, fmt.Errorf("read the deadlines ahead: %w", err)
	}
	out := make([]web.DemoDeadline, len(rows))
	for i, row := range rows {
		out[i] = web.DemoDeadline{Kind: row.Kind, ClosesAt: row.ClosesAt, Zone: row.Zone, Call: row.CallTitle, Number: int(row.Number)}
	}
	return out, nil
}

// inbox implements web.DemoInbox.
type inbox struct{ mail *catcher.Catcher }

// Mails implements web.DemoInbox.
func (i inbox) Mails(to string) []web.DemoMail {
	caught := i.mail.Mails(catcher.Filter{To: to})
	out := make([]web.DemoMail, len(caught))
	for n, m := range caught {
		out[n] = shown(m)
	}
	slices.Reverse(out)
	return out
}

// Mail implements web.DemoInbox.
func (i inbox) Mail(id int) (web.DemoMail, bool) {
	m, ok := i.mail.Mail(id)
	return shown(m), ok
}

func shown(m catcher.Mail) web.DemoMail {
	return web.DemoMail{
		ID: m.ID, At: m.At, From: m.From, To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Links: m.Links, Raw: m.Raw,
	}
}
