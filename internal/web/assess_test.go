package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

var hashField = regexp.MustCompile(`name="hash" value="([^"]*)"`)

// hash is that of the plan a page shows.
func (a seen) hash(t *testing.T) string {
	t.Helper()
	found := hashField.FindStringSubmatch(a.body)
	if found == nil {
		t.Fatalf("no plan on the page: %.600s", a.body)
	}
	return found[1]
}

func TestAssessorsAreAssignedAfterALook(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	files := s.assessed(5)
	one := s.Staff("Ada", mobility.RoleAssessor, s.Home, &s.Faculty)
	two := s.Staff("Ben", mobility.RoleAssessor, s.Home, &s.Faculty)
	path := "/office/calls/" + s.Call.String() + "/assessors"
	b := s.as(s.Coordinator)
	b.get(path).want(t, http.StatusOK, "Ada Nov", "2 assessors lacking", "Assign evenly")
	s.as(one).get(path).want(t, http.StatusForbidden)
	look := b.post(path+"/look", url.Values{"how": {"even"}}).want(t, http.StatusOK, "10 assignments would be made", "Who gets how many")
	if n := testkit.One[int](s.World, `SELECT count(*)::int FROM assignments`); n != 0 {
		t.Errorf("a look assigned %d", n)
	}
	b.post(path, url.Values{"how": {"even"}, "hash": {"other"}}).want(t, http.StatusConflict, "Something changed since")
	b.post(path, url.Values{"how": {"even"}, "hash": {look.hash(t)}}).want(t, http.StatusSeeOther)
	b.get(path).want(t, http.StatusOK, "Assignments made: 10.")
	b.post(path+"/look", url.Values{"how": {"even"}}).want(t, http.StatusOK, "There is nothing to assign")
	b.post(path+"/look", url.Values{"how": {"hand"}, "file": {files[0].String()}}).want(t, http.StatusUnprocessableEntity, "at least one assessor")

	s.as(one).cell(s.Call, files[0], "interview", "5", "")
	s.as(two).cell(s.Call, files[0], "interview", "20", "")
	b.get(path+"?show=apart").want(t, http.StatusOK, "One more assessor is wanted", "Family01")
	file := "/office/applications/" + files[0].String()
	b.get(file).want(t, http.StatusOK, "The marks lie further apart", "assigned evenly", "1 of 3")
	third := s.Staff("Cyd", mobility.RoleAssessor, s.Home, &s.Faculty)
	b.post(file+"/assessors", url.Values{"assessor": {third.Person.String()}}).want(t, http.StatusSeeOther)
	b.post(file+"/assessors", url.Values{"end": {two.Person.String()}}).want(t, http.StatusSeeOther)
	if got := b.get(path + "?show=apart"); strings.Contains(got.body, "Family01") {
		t.Error("a third is assigned, and one more is still asked for")
	}

	office := s.as(s.Officer)
	office.post("/office/calls/"+s.Call.String()+"/assessing", url.Values{"assessors_see": {"assigned"}}).want(t, http.StatusSeeOther)
	s.as(third).get("/office/applications/"+files[1].String()).want(t, http.StatusNotFound)
	s.as(third).get(file).want(t, http.StatusOK)
	office.post("/office/calls/"+s.Call.String()+"/assessing", url.Values{"assessors_see": {"assigned"}, "blind": {"true"}}).want(t, http.StatusConflict, "There are marks already")
}

func TestAConflictIsDeclaredOnTheFile(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	files := s.assessed(1)
	who := s.Staff("Ada", mobility.RoleAssessor, s.Home, &s.Faculty)
	b, file := s.as(who), "/office/applications/"+files[0].String()
	b.cell(s.Call, files[0], "letter", "20", "")
	b.get(file).want(t, http.StatusOK, "I have a conflict of interest")
	b.get(file+"/conflict").want(t, http.StatusOK, "disappears from your pages")
	b.post(file+"/conflict", nil).want(t, http.StatusSeeOther)
	b.get(file).want(t, http.StatusNotFound)
	s.as(s.Coordinator).get(file).want(t, http.StatusOK, "Family01")
	if n := testkit.One[int](s.World, `SELECT count(*)::int FROM marks WHERE replaced_at IS NULL`); n != 0 {
		t.Errorf("%d marks stand", n)
	}
}

func TestWordsForTheApplicantComeWithTheResult(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	student := s.Student("Anna", "1.5")
	id := s.Submitted(student)
	s.at(s.AfterClose)
	file := "/office/applications/" + id.String()
	b := s.as(s.Coordinator)
	form := url.Values{"committee": {"Rather weak."}, "applicant": {"Say more about the courses."}, "revision_committee": {"0"}, "revision_applicant": {"0"}}
	b.post(file+"/comments", form).want(t, http.StatusSeeOther)
	b.get(file).want(t, http.StatusOK, "Rather weak.", "Say more about")
	form.Set("applicant", "Something else.")
	b.post(file+"/comments", form).want(t, http.StatusConflict, "Something else.", "Now it says: Say more")
	s.as(s.Officer).get(file).want(t, http.StatusOK, "Rather weak.")
	mine := "/applications/" + id.String()
	if got := s.as(student).get(mine); strings.Contains(got.body, "Say more") {
		t.Error("the applicant reads it before the result")
	}
	s.Marked(id, "20")
	s.Published(s.AfterClose)
	if got := s.as(student).get(mine).want(t, http.StatusOK, "What the committee tells you", "Say more about"); strings.Contains(got.body, "Rather weak") {
		t.Error("the applicant reads what is for the committee")
	}
}

// A blind call: no byte of the name, nor of what tells who it is, reaches an
// assessor, on any page, export, file or answer for a script.
func TestABlindAssessorReadsNoName(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{2}})
	s.demoless()
	secrets := []string{"Zdislava", "Hornofova", "zdislava", "+420600", "Hornof.pdf", "portrait", "secret-own-site", "Kazakhstan", "Female"}
	her := s.blindApplicant()
	file := testkit.One[uuid.UUID](s.World, `SELECT id FROM applications WHERE person_id = $1`, her.Person)
	other := s.Submitted(s.Student("Bohdana", "2.0"))
	unit := s.Staff("Ada", mobility.RoleAssessor, s.Home, &s.Faculty)
	wide := s.Staff("Ben", mobility.RoleAssessor, s.Home, nil)
	s.as(unit).get("/office/applications/"+file.String()).want(t, http.StatusOK, "Zdislava", "Zdislava-Hornof.pdf", "portrait", "secret-own-site", "Kazakhstan")
	if err := s.Process.SetAssessing(t.Context(), s.Officer, process.Assessing{Call: s.Call, AssessorsSee: process.SeeUnit, Blind: true, Arrived: s.AfterClose}); err != nil {
		t.Fatal(err)
	}
	s.at(s.AfterClose)
	by := mobility.Wall(2027, time.February, 20, 12, 0)
	s.Move(s.Officer, file, "return", s.AfterClose, process.Given{Reason: "Zdislava, please say more.", Comment: "Zdislava again", Questions: []string{"motivation"}, CompleteBy: &by})
	s.Move(her, file, "complete", s.AfterClose.Add(time.Minute), process.Given{})
	s.Exec(`INSERT INTO letter_texts SELECT id, person_id, 'zdislava@home.example', 'Zdislava', 'Dear Zdislava', '', id::text, now() FROM letters WHERE application_id = $1 ON CONFLICT DO NOTHING`, file)
	s.Exec(`INSERT INTO registrations (id, institution_id, call_id, unit_id, email, given_names, family_names, status, asked_at) VALUES (gen_random_uuid(), $1, $2, $3, 'zdislava@else.example', 'Zdislava', 'Hornofova', 'pending', now())`, s.Home, s.Call, s.Faculty)

	number := testkit.One[int](s.World, `SELECT candidate FROM applications WHERE id = $1`, file)
	called := "Candidate " + string(rune('0'+number))
	for _, who := range []mobility.Actor{unit, wide} {
		b := s.as(who)
		s.crawl(t, b, secrets, file)
		b.get("/office/calls/"+s.Call.String()+"/marks").want(t, http.StatusOK, called, "Candidate")
		b.get("/office/applications/"+file.String()).want(t, http.StatusOK, called, "I want to learn.", "transcript.pdf", "names are hidden")
		b.get("/office/calls/"+s.Call.String()+"/candidates?q=Zdis").want(t, http.StatusOK, "Nobody here")
		csv := b.get("/office/calls/"+s.Call.String()+"/candidates.csv").want(t, http.StatusOK, called)
		s.none(t, csv, "candidates.csv", secrets)
	}
	b := s.as(unit)
	if a, status := b.cell(s.Call, file, "letter", "20", ""); status != http.StatusOK {
		t.Errorf("a blind assessor marks: %d %+v", status, a)
	}
	b.cell(s.Call, other, "letter", "10", "")
	office := s.as(s.Officer)
	office.get("/office/applications/"+file.String()).want(t, http.StatusOK, "Zdislava")
	if _, status := office.cell(s.Call, file, "letter", "20", "20"); status != http.StatusForbidden {
		t.Errorf("who reads the name gives a mark: %d", status)
	}
	s.as(s.Coordinator).get("/office/calls/"+s.Call.String()+"/marks").want(t, http.StatusOK, "Zdislava", "gives no marks")

	if _, err := s.Process.ComputeRanking(t.Context(), s.Officer, s.Round, s.AfterClose.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, who := range []mobility.Actor{unit, wide} {
		s.crawl(t, s.as(who), secrets, file)
	}
	run := testkit.One[uuid.UUID](s.World, `SELECT id FROM rankings LIMIT 1`)
	s.publishRun(run, s.AfterClose.Add(time.Hour))
	for _, who := range []mobility.Actor{unit, wide} {
		s.crawl(t, s.as(who), secrets, file)
	}
}

// demoless keeps what names nobody out of the way: the world's students share
// a family name.
func (s *scene) demoless() {
	s.Exec(`UPDATE forms SET questions = questions || '[{"key": "transcript", "kind": "file", "label": {"en": "Transcript"}}, {"key": "photo", "kind": "file", "label": {"en": "Photo"}, "identifies": true},
		{"key": "website", "kind": "text", "label": {"en": "Website"}, "identifies": true}]'`)
	s.Scheme(`
name: blind
criteria: [{key: letter, label: {en: Letter}, scale: 2, mark: {min: 0, max: 30}}]
`)
}

// blindApplicant submits everything that tells who somebody is.
func (s *scene) blindApplicant() mobility.Actor {
	her := s.Student("Zdislava", "1.2")
	s.Exec(`UPDATE person_facts SET family_names = 'Hornofova', nationality = 'KZ', gender = 2, phone = '+420600100200' WHERE person_id = $1`, her.Person)
	s.Exec(`UPDATE persons SET email = 'zdislava@home.example' WHERE id = $1`, her.Person)
	id := s.Draft(her)
	s.Exec(`UPDATE drafts SET answers = answers || '{"website": "secret-own-site.example"}' WHERE application_id = $1`, id)
	edit := "/applications/" + id.String() + "/edit"
	owner := s.as(her)
	for field, name := range map[string]string{"file.transcript": "Zdislava-Hornof.pdf", "file.photo": "portrait.pdf"} {
		owner.upload(edit, url.Values{"revision": {owner.get(edit).revision(s.T.(*testing.T))}, "act": {"save"}}, field, name, pdf).want(s.T.(*testing.T), http.StatusSeeOther)
	}
	s.Move(her, id, "submit", s.WhileOpen(), process.Given{})
	return her
}

var hrefs = regexp.MustCompile(`(?:href|action|data-changes)="(/[^"#]*)`)

// crawl follows every link an assessor can, and asks every address the
// product has for this file beside them.
func (s *scene) crawl(t *testing.T, b *browser, secrets []string, file uuid.UUID) {
	t.Helper()
	queue, known := []string{"/work", "/office/calls", "/office/people?q=Zdis", "/office/people?q=horn"}, map[string]bool{}
	person := testkit.One[uuid.UUID](s.World, `SELECT person_id FROM applications WHERE id = $1`, file)
	call := "/office/calls/" + s.Call.String()
	queue = append(queue,
		"/office/people/"+person.String(), "/applications/"+file.String(), "/office/applications/"+file.String()+"/conflict",
		call+"/marks/changes?files="+file.String(), call+"/candidates?sort=name", call+"/candidates?sort=average", call+"/candidates.csv", call+"/assessors", call+"/nominations",
	)
	for _, sql := range []string{
		`SELECT '/documents/' || id FROM documents`, `SELECT '/office/letters/' || id FROM letters`, `SELECT '/letters/' || id FROM letters`,
		`SELECT '/office/rankings/' || id || '/letters/' || a FROM rankings, (SELECT id AS a FROM applications) x`, `SELECT '/office/rankings/' || id FROM rankings`,
	} {
		queue = append(queue, testkit.One[[]string](s.World, `SELECT coalesce(array_agg(x), '{}') FROM (`+sql+`) y (x)`)...)
	}
	for _, move := range []string{"return", "accept", "withdraw", "mark_ineligible"} {
		queue = append(queue, "/applications/"+file.String()+"/moves/"+move)
	}
	for ; len(queue) > 0; queue = queue[1:] {
		path := strings.ReplaceAll(queue[0], "&amp;", "&")
		if known[path] || strings.Contains(path, "sort=") && strings.Contains(path, "down=") || strings.HasPrefix(path, "/assets/") || strings.HasPrefix(path, "/jobs/") || strings.HasPrefix(path, "/test/") || len(known) > 150 {
			continue
		}
		known[path] = true
		got := b.get(path)
		s.none(t, got, path, secrets)
		for _, link := range hrefs.FindAllStringSubmatch(got.body, -1) {
			queue = append(queue, link[1])
		}
	}
	if len(known) < 20 {
		t.Errorf("only %d pages were looked at", len(known))
	}
}

// none fails for each secret in an answer, its headers included. What was
// searched for stands on the page again.
func (s *scene) none(t *testing.T, got seen, path string, secrets []string) {
	t.Helper()
	text := got.body + " " + got.to
	for name, values := range got.header {
		text += " " + name + ": " + strings.Join(values, " ")
	}
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%s tells %q", path, secret)
		}
	}
}

func TestAssessorPagesInABrowser(t *testing.T) {
	s := newView(t, testkit.WorldPlan{Places: []int{2, 1, 1, 2}})
	s.furnish()
	s.assessed(0)
	_, files := s.crowd(4)
	for _, name := range [][2]string{{"Ludmila", "Pokorná"}, {"Radim", "Beneš"}, {"Ivana", "Králová"}} {
		who := s.Staff(name[0], mobility.RoleAssessor, s.Home, &s.Faculty)
		s.Exec(`UPDATE person_facts SET family_names = $2 WHERE person_id = $1`, who.Person, name[1])
	}
	s.Exec(`UPDATE persons SET language = 'cs' WHERE id = $1`, s.Officer.Person)
	v := s.viewer(t)
	path := "/office/calls/" + s.Call.String() + "/assessors"
	v.enter(s.Coordinator.Person, path)
	v.looked("assessors-none")
	v.press(`button[value="even"]`)
	v.looked("assessors-look")
	v.press(`.p-form button[type="submit"]`)
	v.looked("assessors")
	v.look("/office/applications/"+files[0].String(), "assessors-file")
	v.look("/office/applications/"+files[0].String()+"/conflict", "assessors-conflict")
	v.enter(s.Officer.Person, path)
	v.press(`#rules summary`)
	v.looked("assessors-cs")
	v.look("/office/calls/"+s.Call.String()+"/marks", "grid-cs")
}
