package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"peregrine/internal/letter"
	"peregrine/internal/outbox"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
)

// rendered is a planned letter as the sending job writes it.
func (s *scene) rendered(id uuid.UUID) letter.Text {
	s.T.Helper()
	text, err := s.render(id)
	if err != nil {
		s.T.Fatal(err)
	}
	return text
}

func (s *scene) render(id uuid.UUID) (letter.Text, error) {
	s.T.Helper()
	row, err := store.One(queries.LettersToSend(s.T.Context(), s.site.db, []uuid.UUID{id}))
	if err != nil {
		s.T.Fatal(err)
	}
	ref, err := outbox.RefOf(row)
	if err != nil {
		s.T.Fatal(err)
	}
	text, _, err := s.site.server.letters.Render(s.T.Context(), s.site.db, ref)
	return text, err
}

var hiddenInput = regexp.MustCompile(`name="(id|seen)" value="([^"]+)"`)

// writeForm is the form with what the page hid in it.
func (a seen) writeForm(f url.Values) url.Values {
	for _, m := range hiddenInput.FindAllStringSubmatch(a.body, -1) {
		f.Set(m[1], m[2])
	}
	return f
}

func news(act string) url.Values {
	return url.Values{
		"act": {act}, "subject.cs": {"Schůzka v úterý"}, "body.cs": {"sejdeme se **v úterý**.\n\n[Otevřít přihlášku]({{.Link}})"}, "why.cs": {"jste se přihlásili."},
		"subject.en": {"We meet on Tuesday"}, "body.en": {"We meet on **Tuesday**."}, "why.en": {"you applied."},
	}
}

func TestAnOfficeWritesToEverybodyOnAList(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	her, him, gone := s.Student("Zdislava", "1.2"), s.Student("Bonifac", "1.4"), s.Student("Cyprian", "1.6")
	s.Submitted(her)
	s.Submitted(him)
	s.Submitted(gone)
	s.Exec(`UPDATE persons SET language = 'cs' WHERE id = $1`, him.Person)
	s.Exec(`INSERT INTO reminder_choices (person_id, way, announcements, chosen_at) VALUES ($1, 'default', false, now())`, gone.Person)
	b, path := s.as(s.Officer), "/office/calls/"+s.Call.String()+"/write"
	b.get("/office/calls/"+s.Call.String()+"/candidates").want(t, http.StatusOK, "Write to these")
	first := b.get(path).want(t, http.StatusOK, "2 people get this letter", "Zdislava", "Cyprian", "asked for no more letters of this kind")
	if strings.Contains(first.body, `value="send"`) {
		t.Error("can be sent before it was looked at")
	}

	broken := news("look")
	broken.Set("why.cs", "")
	broken.Set("body.en", "See {{.Points}} and <b>this</b>")
	b.post(path, first.writeForm(broken)).want(t, http.StatusUnprocessableEntity, "This is needed.", "{{.Points}} is not known", "We meet on Tuesday")
	czechless := news("look")
	for _, name := range []string{"subject.cs", "body.cs", "why.cs"} {
		czechless.Del(name)
	}
	b.post(path, first.writeForm(czechless)).want(t, http.StatusUnprocessableEntity, "This is needed.")

	look := b.post(path, first.writeForm(news("look"))).want(t, http.StatusOK, "Send to 2 people", "As its reader gets it")
	as := news("look")
	as.Set("as", her.Person.String())
	hers := b.post(path, first.writeForm(as)).want(t, http.StatusOK, "Dear Zdislava", "You get this letter because you applied.", "&lt;strong&gt;Tuesday&lt;/strong&gt;")
	if policy := hers.header.Get("Content-Security-Policy"); !strings.Contains(policy, "style-src-elem 'self' 'sha256-") || strings.Contains(policy, "unsafe-inline") {
		t.Errorf("the letter's style under %s", policy)
	}
	as.Set("as", him.Person.String())
	if his := b.post(path, first.writeForm(as)).want(t, http.StatusOK, "v úterý"); strings.Contains(his.body, "href=&#34;") || strings.Contains(his.body, "href=&quot;") {
		t.Error("a link of the preview leads somewhere")
	}
	b.post(path, look.writeForm(news("sample"))).want(t, http.StatusOK, "A sample is on its way")

	f := look.writeForm(news("send"))
	stale := url.Values{}
	for k, v := range f {
		stale[k] = v
	}
	stale.Set("seen", "else")
	b.post(path, stale).want(t, http.StatusConflict, "The list has changed")
	sent := b.post(path, f).want(t, http.StatusSeeOther)
	b.post(path, f).want(t, http.StatusSeeOther)
	if n := testkit.One[int](s.World, `SELECT count(*) FROM letters WHERE kind = 'announcement' AND recipient = 'applicant'`); n != 2 {
		t.Errorf("%d letters", n)
	}
	if n := testkit.One[int](s.World, `SELECT count(*) FROM river_job j JOIN letters l ON l.id = (j.args ->> 'letter')::uuid WHERE l.kind = 'announcement' AND j.queue = 'bulk'`); n != 3 {
		t.Errorf("%d jobs", n)
	}
	b.get(sent.to).want(t, http.StatusOK, "2 letters have not gone out yet", "Take back 2 letters", "Zdislava", "Bonifac")
	english := s.rendered(testkit.One[uuid.UUID](s.World, `SELECT id FROM letters WHERE kind = 'announcement' AND person_id = $1`, her.Person))
	if english.Subject != "We meet on Tuesday" || !strings.Contains(english.Plain, "You get this letter because you applied.") || !strings.Contains(english.HTML, "<strong>Tuesday</strong>") {
		t.Errorf("%s\n%s", english.Subject, english.Plain)
	}
	czech := s.rendered(testkit.One[uuid.UUID](s.World, `SELECT id FROM letters WHERE kind = 'announcement' AND person_id = $1`, him.Person))
	if !strings.Contains(czech.Plain, "Tento dopis dostáváte, protože jste se přihlásili.") || !strings.Contains(czech.Plain, "/applications/") {
		t.Errorf("%s\n%s", czech.Subject, czech.Plain)
	}
	sample := s.rendered(testkit.One[uuid.UUID](s.World, `SELECT id FROM letters WHERE kind = 'announcement' AND recipient = 'person'`))
	if !strings.Contains(sample.Subject, "We meet on Tuesday") || sample.Subject == "We meet on Tuesday" {
		t.Errorf("the sample's subject is %s", sample.Subject)
	}

	s.as(s.OtherCoordinator).post(sent.to+"/retracted", nil).want(t, http.StatusForbidden)
	b.get(sent.to+"/retracted").want(t, http.StatusOK, "Take back 2 letters", "cannot be taken back")
	b.post(sent.to+"/retracted", nil).want(t, http.StatusSeeOther)
	b.get(sent.to).want(t, http.StatusOK, "Nothing waits to be sent any more", "Letters taken back: 2")
	if n := testkit.One[int](s.World, `SELECT count(*) FROM letters WHERE kind = 'announcement' AND status = 'retracted'`); n != 2 {
		t.Errorf("%d taken back", n)
	}
}

// TestACoordinatorWritesToTheOwnUnit: whoever the writer's role does not reach
// is not on the list, whatever else the writer may see.
func TestACoordinatorWritesToTheOwnUnit(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	s.Submitted(s.Student("Zdislava", "1.2"))
	path := "/office/calls/" + s.Call.String() + "/write"
	s.as(s.Coordinator).get(path).want(t, http.StatusOK, "1 person gets this letter", "Zdislava")
	other := s.as(s.OtherCoordinator).get(path).want(t, http.StatusOK, "Nobody on this list would get a letter")
	if strings.Contains(other.body, "Zdislava") {
		t.Error("names somebody of another unit")
	}
	f := other.writeForm(news("send"))
	f.Set("seen", "x")
	s.as(s.OtherCoordinator).post(path, f).want(t, http.StatusConflict, "Nobody on this list would get the letter")
}

func TestAnOfficeWritesToPeopleAndTheNominated(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	s.Student("Zdislava", "1.2")
	b := s.as(s.Officer)
	b.get("/office/people?q=Zdis").want(t, http.StatusOK, "Write to these people")
	b.get("/office/people/write?role=coordinator").want(t, http.StatusOK, "2 people get this letter")
	b.get("/office/people/write?role=coordinator&unit="+s.Faculty.String()).want(t, http.StatusOK, "1 person gets this letter")
	page := b.get("/office/people/write?q=Zdis").want(t, http.StatusOK, "1 person gets this letter")
	look := b.post("/office/people/write?q=Zdis", page.writeForm(news("look"))).want(t, http.StatusOK, "Send to 1 person")
	f := look.writeForm(news("send"))
	sent := b.post("/office/people/write?q=Zdis", f).want(t, http.StatusSeeOther)
	b.get(sent.to).want(t, http.StatusOK, "1 letter has not gone out yet", "People")
	text := s.rendered(testkit.One[uuid.UUID](s.World, `SELECT id FROM letters WHERE kind = 'announcement'`))
	if !strings.Contains(text.Plain, "You get this letter because you applied.") {
		t.Error(text.Plain)
	}
	b.get("/office/calls/"+s.Call.String()+"/write?list=nominations").want(t, http.StatusOK, "Nobody on this list")
}
