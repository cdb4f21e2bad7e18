package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
	"peregrine/internal/web/asset"
)

// reader is somebody who asks: signed in, by a host's link, or nobody at all.
type reader struct {
	name  string
	actor mobility.Actor
	link  uuid.UUID // of a host; its token stands in the path
	token string
	knows []string // secrets of the file the reader may read
	read  map[string]bool
	b     *browser
}

// The secrets of the file, none of which may be on a page of somebody else.
// What is searched for stands on the page again, so tests look for half of her name.
const (
	herName   = "Zdislava"
	otherName = "Bohdana"
	comment   = "between offices only"
	herPoints = "27.31"
	herReason = "reason of the move"

	knownDevice = "host on a known device"
)

var secrets = []string{herName, otherName, comment, herPoints, herReason}

// matrix is the world in which every route is tried: the file of Zdislava, a
// student of the first faculty, is nominated, with everything a file can have.
type matrix struct {
	*scene
	t       *testing.T
	readers []*reader
	values  map[string]string // of the parts of paths and of forms
}

func newMatrix(t *testing.T) *matrix {
	t.Helper()
	return newMatrixOf(t, 0)
}

// newMatrixOf is the world with so many more destinations, applicants and
// whatever else there may be many of.
func newMatrixOf(t *testing.T, more int) *matrix {
	t.Helper()
	m := &matrix{scene: newScene(t, testkit.WorldPlan{Places: slices.Repeat([]int{1}, 2+more)}), t: t}
	m.demo()
	m.Exec(`UPDATE forms SET questions = questions || '[{"key": "transcript", "kind": "file", "label": {"en": "Transcript"}}]'`)
	m.Exec(`UPDATE calls SET registration = 'coordinator', appeal_days = 7`)
	her, other := m.Student(herName, "1.2"), m.Student(otherName, "2.8")
	id := m.Draft(her, m.Destinations[0])
	edit := "/applications/" + id.String() + "/edit"
	owner := m.as(her)
	owner.upload(edit, url.Values{"revision": {owner.get(edit).revision(t)}, "act": {"save"}}, "file.transcript", "Zdislava.pdf", pdf).want(t, http.StatusSeeOther)
	m.Move(her, id, "submit", m.WhileOpen(), process.Given{})
	m.Marked(id, herPoints)
	m.Marked(m.Submitted(other, m.Destinations[0]), "10")
	crowd := m.crowd(more)
	at := m.AfterClose.Add(time.Hour)
	ranking := m.Published(m.AfterClose)
	m.Move(her, id, "confirm", at, process.Given{})
	m.Move(m.Officer, id, "nominate", at, process.Given{})
	for file, who := range crowd {
		m.Move(who, file, "confirm", at, process.Given{})
		m.Move(m.Officer, file, "nominate", at, process.Given{})
	}
	m.at(at)
	m.appeals(her, id, at)
	m.Exec(`INSERT INTO event_comments SELECT id, $2, $3 FROM events WHERE application_id = $1 LIMIT 1`, id, her.Person, comment)
	m.Exec(`INSERT INTO event_texts SELECT id, $2, $3 FROM events WHERE application_id = $1 AND move = 'nominate'`, id, her.Person, herReason)
	m.Exec(`INSERT INTO letter_texts SELECT id, person_id, 'z@home.example', 'About you', 'Dear ' || $2::text, '', id::text, now() FROM letters WHERE application_id = $1`, id, herName)
	m.Exec(`UPDATE letters SET status = 'sent', sent_at = $2 WHERE application_id = $1`, id, at)
	m.Exec(`INSERT INTO registrations (id, institution_id, call_id, unit_id, email, given_names, family_names, status, asked_at)
		VALUES (gen_random_uuid(), $1, $2, $3, 'new@home.example', 'New', 'Person', 'pending', now())`, m.Home, m.Call, m.Faculty)
	m.people(her, other, id)
	m.fill(id, ranking)
	m.values["amendment"] = testkit.One[uuid.UUID](m.World, `INSERT INTO amendments (id, institution_id, call_id, number, selection, changes, from_scheme, from_selection, proposed_by, proposed_at)
		SELECT gen_random_uuid(), institution_id, id, 1, jsonb_set(selection, '{method}', '"lottery"'), '[]', scheme_id, selection, $2, $3 FROM calls WHERE id = $1 RETURNING id`, m.Call, m.Administrator.Person, at).String()
	m.values["variant"] = testkit.One[uuid.UUID](m.World, `INSERT INTO variants (id, institution_id, call_id, ranking_id, number, name, changes, input_hash, result, result_hash, tried_at, tried_by)
		SELECT gen_random_uuid(), institution_id, call_id, id, 1, 'by lot', '[{"kind": "method", "word": "lottery"}]', input_hash, result, result_hash, $2, $3 FROM rankings WHERE id = $1 RETURNING id`, ranking, at, m.Officer.Person).String()
	m.values["late"] = testkit.One[uuid.UUID](m.World, `INSERT INTO late_links (id, institution_id, call_id, round_id, person_id, wall, zone, expires_at, made_at)
		VALUES (gen_random_uuid(), $1, $2, $3, $4, '2027-06-01 12:00', 'UTC', '2027-06-01 12:01Z', $5) RETURNING id`, m.Home, m.Call, m.Round, her.Person, at).String()
	m.values["announcement"] = testkit.One[uuid.UUID](m.World, `INSERT INTO announcements (id, institution_id, call_id, list, filter, recipients_hash, written_by, written_at)
		VALUES (gen_random_uuid(), $1, $2, 'candidates', '', '', $3, $4) RETURNING id`, m.Home, m.Call, m.Officer.Person, at).String()
	m.Exec(`INSERT INTO announcement_texts (announcement_id, language, institution_id, subject, body, why) VALUES ($1, 'en', $2, 'News', 'There is news.', 'you applied.')`, m.values["announcement"], m.Home)
	return m
}

// crowd lets so many others apply, each for a destination of their own before
// the one that everybody wants.
func (m *matrix) crowd(n int) map[uuid.UUID]mobility.Actor {
	out := map[uuid.UUID]mobility.Actor{}
	for i := range n {
		who := m.Student("Crowd"+strconv.Itoa(i), "2.9")
		id := m.Submitted(who, m.Destinations[2+i], m.Destinations[0])
		m.Marked(id, "5")
		out[id] = who
	}
	return out
}

// appeals files one that waits for the officer.
func (m *matrix) appeals(her mobility.Actor, id uuid.UUID, at time.Time) {
	appeal, err := m.Process.FileAppeal(m.t.Context(), her, process.NewAppeal{Application: id, Reason: "The letter was misread.", Arrived: at})
	if err == nil {
		err = m.Process.AssignAppeal(m.t.Context(), m.Officer, process.GiveAppeal{Appeal: appeal, To: m.Officer.Person, Arrived: at})
	}
	if err != nil {
		m.t.Fatal(err)
	}
}

// demo puts a server in front that has everything a demo and an operator have.
func (m *matrix) demo() {
	c := m.site.server.Config
	c.Demo = &DemoTools{World: emptyDemo{}, Inbox: oneMail{}}
	c.Jobs = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	server, err := New(c)
	if err != nil {
		m.t.Fatal(err)
	}
	m.site.server, m.site.http = server, httptest.NewTLSServer(server.Handler())
	m.t.Cleanup(m.site.http.Close)
}

type emptyDemo struct{}

func (emptyDemo) People(context.Context) ([]DemoPerson, error)                 { return nil, nil }
func (emptyDemo) Hosts(context.Context) ([]DemoHost, error)                    { return nil, nil }
func (emptyDemo) Deadlines(context.Context, time.Time) ([]DemoDeadline, error) { return nil, nil }

type oneMail struct{}

func (oneMail) Mails(string) []DemoMail { return []DemoMail{{ID: 1, Subject: "A letter"}} }
func (oneMail) Mail(id int) (DemoMail, bool) {
	return DemoMail{ID: 1, Subject: "A letter", Text: "Dear all", HTML: page404}, id == 1
}

// page404 is any sound page, as the body of a letter.
const page404 = `<!DOCTYPE html><html lang="en"><head><title>A letter</title></head><body><main><h1>A letter</h1></main></body></html>`

// people gathers the readers, in the order of the table's columns.
func (m *matrix) people(her, other mobility.Actor, id uuid.UUID) {
	third := uuid.New()
	m.Exec(`INSERT INTO institutions (id, name, country, language, time_zone, tenant) VALUES ($1, 'Third University', 'PT', 'en', 'Europe/Lisbon', true)`, third)
	office := secrets
	barred := []string{otherName}
	m.readers = []*reader{
		{name: "nobody"},
		{name: "the applicant", actor: her, knows: []string{herName, herPoints, herReason}},
		{name: "another applicant", actor: other, knows: []string{otherName}},
		{name: "coordinator", actor: m.Coordinator, knows: office},
		{name: "coordinator of another faculty", actor: m.OtherCoordinator},
		{name: "assessor", actor: m.Staff("assessor", mobility.RoleAssessor, m.Home, &m.Faculty), knows: office},
		{name: "officer", actor: m.Officer, knows: office},
		{name: "administrator", actor: m.Administrator, knows: office},
		{name: "operator", actor: m.Staff("operator", mobility.RoleOperator, m.Home, nil)},
		{name: "officer of the host", actor: m.ForeignOfficer, knows: []string{herName}},
		{name: "office of a third institution", actor: m.Staff("third", mobility.RoleOfficer, third, nil)},
		{name: "barred coordinator", actor: m.Staff("cousin", mobility.RoleCoordinator, m.Home, &m.Faculty), knows: barred},
		{name: "barred officer", actor: m.Staff("aunt", mobility.RoleOfficer, m.Home, nil), knows: barred},
	}
	m.Exec(`INSERT INTO roles (id, person_id, institution_id, role, valid_from) SELECT gen_random_uuid(), person_id, institution_id, 'administrator', valid_from FROM roles WHERE institution_id = $1`, third)
	for _, link := range []struct {
		name   string
		host   uuid.UUID
		change string
		knows  []string
	}{
		{knownDevice, m.Host, "", []string{herName}},
		{"host by link", m.Host, "", []string{herName}},
		{"link of another host", third, "", nil},
		{"revoked link", m.Host, "revoked_at = now()", nil},
		{"expired link", m.Host, "expires_at = now() - interval '1 minute'", nil},
	} {
		r := m.hostLink(link.host, link.change)
		r.name, r.knows = link.name, link.knows
		m.readers = append(m.readers, r)
	}
	for _, r := range m.readers {
		if strings.HasPrefix(r.name, "barred") {
			m.Exec(`INSERT INTO conflicts (id, institution_id, application_id, person_id, kind, at) VALUES (gen_random_uuid(), $1, $2, $3, 'declared', now())`, m.Home, id, r.actor.Person)
		}
		r.b, r.read = m.enter(r), map[string]bool{}
	}
}

// hostLink makes a link with its token and then changes it.
func (m *matrix) hostLink(host uuid.UUID, change string) *reader {
	id := uuid.New()
	m.Exec(`INSERT INTO host_links (id, institution_id, call_id, host_institution_id, address, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, now(), now() + interval '1 day')`, id, m.Home, m.Call, host, id.String()+"@host.example")
	token, err := m.site.identity.MakeHostLink(m.t.Context(), id)
	if err != nil {
		m.t.Fatal(err)
	}
	if change != "" {
		m.Exec(`UPDATE host_links SET `+change+` WHERE id = $1`, id)
	}
	return &reader{link: id, token: token}
}

// enter gives the reader a browser that knows them.
func (m *matrix) enter(r *reader) *browser {
	if r.actor.SignedIn() {
		return m.as(r.actor)
	}
	b := m.site.browser()
	if r.name == knownDevice {
		b.post("/host/"+r.token+"/code", nil).want(m.t, http.StatusSeeOther)
		secret, err := m.site.identity.MakeHostCode(m.t.Context(), testkit.One[uuid.UUID](m.World, `SELECT id FROM host_codes WHERE host_link_id = $1`, r.link))
		if err != nil {
			m.t.Fatal(err)
		}
		b.post("/host/"+r.token+"/documents", url.Values{"code": {secret.Code}}).want(m.t, http.StatusSeeOther)
	}
	return b
}

// fill names everything a path or a form may speak of.
func (m *matrix) fill(id, ranking uuid.UUID) {
	one := func(sql string, args ...any) string { return testkit.One[uuid.UUID](m.World, sql, args...).String() }
	style, err := asset.URL("theme.css")
	if err != nil {
		m.t.Fatal(err)
	}
	m.values = map[string]string{
		"call": m.Call.String(), "round": m.Round.String(), "unit": m.Faculty.String(), "application": id.String(), "id": id.String(), "ranking": ranking.String(),
		"hash": testkit.One[string](m.World, `SELECT result_hash FROM rankings`), "pool": m.Pools[0].String(), "agreement": one(`SELECT agreement_id FROM destinations WHERE id = $1`, m.Destinations[1]), "destination": m.Destinations[0].String(),
		"person": one(`SELECT person_id FROM applications WHERE id = $1`, id), "document": one(`SELECT id FROM documents LIMIT 1`),
		"barred":       one(`SELECT person_id FROM conflicts WHERE application_id = $1 LIMIT 1`, id),
		"letter":       one(`SELECT id FROM letters WHERE application_id = $1 AND person_id IS NOT NULL ORDER BY planned_at LIMIT 1`, id),
		"deadline":     one(`SELECT id FROM deadlines WHERE round_id = $1 AND kind = 'closes'`, m.Round),
		"registration": one(`SELECT id FROM registrations`), "definition": one(`SELECT definition_id FROM calls`), "name": "erasmus-study",
		"nomination": one(`SELECT id FROM nominations WHERE application_id = $1`, id), "link": m.hostLink(m.Host, "").link.String(), "style": strings.TrimPrefix(style, asset.Prefix),
		"appeal": one(`SELECT id FROM appeals`), "officer": m.Officer.Person.String(), "mark": one(`SELECT id FROM marks WHERE application_id = $1`, id),
		"revision": strconv.Itoa(testkit.One[int](m.World, `SELECT revision FROM applications WHERE id = $1`, id)), "tomorrow": "2027-06-01T12:00", "token": "unknown", "move": "accept", "asked": uuid.NewString(), "mail": "1",
		"home": m.Home.String(), "office": testkit.One[string](m.World, `SELECT office_email FROM institutions WHERE id = $1`, m.Home),
	}
}
