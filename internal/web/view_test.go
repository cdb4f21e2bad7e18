package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// viewer is a browser that looks at a scene as one person.
type viewer struct {
	*scene
	t   *testing.T
	ctx context.Context
}

func (s *scene) viewer(t *testing.T, options ...testkit.VisitOption) *viewer {
	return &viewer{s, t, testkit.Browser(t, options...)}
}

func (v *viewer) open(path string) {
	v.t.Helper()
	if err := chromedp.Do(v.ctx, chromedp.Navigate(v.site.http.URL+path)); err != nil {
		v.t.Fatal(err)
	}
}

func (v *viewer) enter(person uuid.UUID, next string) {
	v.t.Helper()
	v.open("/test/enter/" + person.String() + "?next=/calls")
	v.Exec(`UPDATE sessions SET expires_at = now() + interval '1 day'`)
	v.open(next)
}

// look checks and pictures a page at both widths.
func (v *viewer) look(path, name string) {
	v.t.Helper()
	v.open(path)
	v.looked(name)
}

func (v *viewer) looked(name string) {
	v.t.Helper()
	for _, width := range []int64{1440, 360} {
		if err := chromedp.Do(v.ctx, chromedp.EmulateViewport(width, 900)); err != nil {
			v.t.Fatal(err)
		}
		wide, err := chromedp.Run(v.ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth"))
		if err != nil {
			v.t.Fatal(err)
		}
		if wide > width {
			v.t.Errorf("%s: %d pixels wide on a screen of %d", name, wide, width)
		}
		testkit.Axe(v.t, v.ctx)
		testkit.Screenshot(v.t, v.ctx, fmt.Sprintf("%s-%d", name, width), width, 900)
	}
}

// press clicks what the selector finds and waits for what comes of it.
func (v *viewer) press(selector string) {
	v.t.Helper()
	if err := chromedp.Do(v.ctx, chromedp.Click(selector), chromedp.Sleep(500*time.Millisecond), chromedp.WaitReady("main")); err != nil {
		v.t.Fatal(err)
	}
}

// furnish makes the scene look like a call of a real university.
func (s *scene) furnish() {
	s.askEverything()
	s.Exec(`UPDATE calls SET title = '{"en": "Study stays abroad 2027/28", "cs": "Studijní pobyty v zahraničí 2027/28"}', max_languages = 2, contact_phone = '+420 545 130 000',
		description = '{"en": "Spend a semester or a year at one of our partner universities.\n\nYou keep studying here while you are away, and what you pass there counts.", "cs": "Strávíte semestr nebo rok na některé z našich partnerských univerzit."}',
		requirements = '{"en": "Enrolled in a degree programme, at least one year of it passed.\nLevel B2 in the language of instruction.", "cs": "Zapsané studium, nejméně rok úspěšně za sebou."}',
		seed_hash = decode('8d969eef6ecad3c29a3a629280e686cf0c3f5d5a86aff3ca12020c923adc6c92', 'hex')`)
	s.Exec(`UPDATE institutions SET name = 'Mendelova univerzita v Brně', city = 'Brno' WHERE id = $1`, s.Home)
	s.Exec(`UPDATE units SET name = '{"en": "Faculty of Business and Economics", "cs": "Provozně ekonomická fakulta"}' WHERE id = $1`, s.Faculty)
	s.Exec(`INSERT INTO call_units (call_id, unit_id) VALUES ($1, $2)`, s.Call, s.Faculty)
	s.Scheme(`
name: scheme
inputs:
  average: {from: imported, kind: number, label: {en: Study average, cs: Studijní průměr}}
  buddy: {from: answer, kind: yesno}
criteria:
  - {key: average, label: {en: Study results, cs: Studijní výsledky}, points: {linear: {of: average, best: 1, worst: 3, max: 30}}}
  - {key: letter, label: {en: Motivation letter, cs: Motivační dopis}, mark: {min: 0, max: 30}, scale: 2}
ties:
  - {of: buddy}
`)
	for i, host := range []struct{ name, city, country, language, cefr, code string }{
		{"Helsingin yliopisto", "Helsinki", "FI", "en", "B2", "SF HELSINK01"},
		{"Universitat Politècnica de València", "Valencia", "ES", "es", "B1", "E VALENCI02"},
		{"Fontys Hogeschool", "Eindhoven", "NL", "en", "B2", "NL EINDHOV03"},
		{"Vilniaus kolegija", "Vilnius", "LT", "en", "B1", "LT VILNIUS10"},
	} {
		id := uuid.New()
		s.Exec(`INSERT INTO institutions (id, name, city, country) VALUES ($1, $2, $3, $4)`, id, host.name, host.city, host.country)
		s.Exec(`INSERT INTO erasmus_codes (code, institution_id) VALUES ($1, $2)`, host.code, id)
		s.Exec(`UPDATE destinations SET host_institution_id = $2, language = $3, cefr = $4 WHERE id = $1`, s.Destinations[i], id, host.language, host.cefr)
	}
}

// complete fills in and submits everything the call asks.
func (s *scene) complete(student mobility.Actor, choices ...uuid.UUID) uuid.UUID {
	s.T.Helper()
	ctx, at := context.Background(), s.WhileOpen()
	id, err := s.Process.Start(ctx, student, s.Round, at)
	if err != nil {
		s.T.Fatal(err)
	}
	answers := mobility.Answers{"motivation": "I want to learn how forests are managed in the north, and to write my thesis on it.", "level": "C1", "buddy": "yes"}
	for _, c := range choices {
		answers[mobility.AnswerKey("subjects", c.String())] = "Econometrics, forest policy and a language course."
	}
	if _, err := s.Process.SaveDraft(ctx, student, process.DraftSave{Application: id, Revision: 1, Answers: answers, Choices: choices, Arrived: at}); err != nil {
		s.T.Fatal(err)
	}
	s.attach(student, id)
	s.Move(student, id, "submit", at, process.Given{})
	return id
}

func (s *scene) attach(student mobility.Actor, id uuid.UUID) {
	err := s.Process.AddDocument(context.Background(), student, process.Upload{Application: id, Question: "transcript", FileName: "výpis-známek-2026.pdf", Content: bytes.NewReader(pdf), Arrived: s.WhileOpen()})
	if err != nil {
		s.T.Fatal(err)
	}
}

func TestPublicAndApplicantPagesInABrowser(t *testing.T) {
	s := newView(t, testkit.WorldPlan{Places: []int{2, 1, 3, 4}})
	s.furnish()
	v := s.viewer(t, testkit.AllowStatus(http.StatusUnprocessableEntity, http.StatusConflict))
	call := "/calls/" + s.Call.String()
	v.look("/calls", "catalogue")
	v.look(call, "call")
	v.look("/help", "help")
	v.look("/help/lifecycles/erasmus-study?here=submitted", "lifecycle")
	s.Exec(`UPDATE calls SET registration = 'officer'`)
	v.look(call+"/register", "register")

	student := s.Student("Žofie", "1.5")
	v.enter(student.Person, "/me")
	v.looked("me-empty")
	id, err := s.Process.Start(t.Context(), student, s.Round, s.WhileOpen())
	if err != nil {
		t.Fatal(err)
	}
	edit := "/applications/" + id.String() + "/edit"
	v.look(edit, "edit-empty")
	if _, err := s.Process.SaveDraft(t.Context(), student, process.DraftSave{Application: id, Revision: 1, Choices: s.Destinations[:2], Answers: mobility.Answers{"motivation": "I want to learn."}, Arrived: s.WhileOpen()}); err != nil {
		t.Fatal(err)
	}
	s.attach(student, id)
	v.look(edit, "edit")
	v.look(edit+"?check=1", "edit-problems")
	v.look("/applications/"+id.String()+"/check", "check-problems")
	v.look("/me", "me-draft")
	v.open(edit)
	v.autosaves()

	other := s.Student("Jan", "1.2")
	sent := s.complete(other, s.Destinations[0], s.Destinations[1])
	v.enter(other.Person, "/applications/"+sent.String())
	v.looked("application-submitted")
	v.look("/applications/"+sent.String()+"/check", "check")
	v.look("/applications/"+sent.String()+"/moves/withdraw", "withdraw")
	s.at(s.AfterClose.Add(time.Minute))
	by := mobility.Wall(2027, time.February, 20, 12, 0)
	s.Move(s.Officer, sent, "return", s.AfterClose, process.Given{Reason: "The transcript is not readable. Please attach it again.", Questions: []string{"transcript", "motivation"}, CompleteBy: &by})
	v.look("/applications/"+sent.String(), "application-returned")
	v.look("/applications/"+sent.String()+"/edit", "edit-returned")
	s.Move(other, sent, "complete", s.AfterClose.Add(time.Minute), process.Given{})

	third := s.Student("Petr", "2.2")
	waiting := s.complete(third, s.Destinations[1])
	s.Marked(sent, "25.5")
	s.Marked(waiting, "27")
	v.enter(student.Person, edit)
	v.looked("edit-closed")
	later := s.AfterClose.Add(24 * time.Hour)
	s.at(later)
	s.Move(mobility.Actor{System: true}, id, "expire", later, process.Given{})
	s.Published(later)
	v.enter(other.Person, "/applications/"+sent.String())
	v.looked("application-offered")
	v.look("/applications/"+sent.String()+"/moves/confirm", "confirm")
	s.Move(other, sent, "confirm", later, process.Given{})
	v.look("/applications/"+sent.String(), "application-confirmed")
	v.look("/me", "me")
	v.enter(s.Officer.Person, "/applications/"+sent.String()+"/moves/undo_confirmation")
	v.looked("office-move")
}

// autosaves types into the form and waits until it says that it saved.
func (v *viewer) autosaves() {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, 20*time.Second)
	defer cancel()
	err := chromedp.Do(ctx,
		chromedp.SendKeys("#f-a-motivation", " And more."),
		chromedp.WaitVisible(`.p-autosave[data-state="saved"]`),
	)
	if err != nil {
		v.t.Error(err)
	}
	if got := testkit.One[string](v.World, `SELECT answers ->> 'motivation' FROM drafts ORDER BY saved_at LIMIT 1`); got != " And more.I want to learn." {
		v.t.Errorf("saved %q", got)
	}
}
