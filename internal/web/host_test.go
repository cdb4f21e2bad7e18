package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/identity"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// nominatedScene is a scene in which three people are nominated to the host,
// each with a document, and the token of the host's link.
type nominatedScene struct {
	*scene
	path  string
	files []uuid.UUID // applications
	ids   []string    // nominations
	after time.Time
}

func newNominatedScene(t *testing.T) *nominatedScene {
	t.Helper()
	s := &nominatedScene{scene: newScene(t, testkit.WorldPlan{Places: []int{3}})}
	s.Exec(`UPDATE forms SET questions = questions || '[{"key": "transcript", "kind": "file", "label": {"en": "Transcript"}}]'`)
	for _, name := range []string{"Anna", "Bert", "Cyril"} {
		student := s.Student(name, "1.5")
		id := s.Draft(student)
		err := s.Process.AddDocument(t.Context(), student, process.Upload{
			Application: id, Question: "transcript", FileName: name + ".pdf", Content: strings.NewReader("%PDF-1.4 " + name), Arrived: s.WhileOpen(),
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Move(student, id, "submit", s.WhileOpen(), process.Given{})
		s.Marked(id, "20")
		s.files = append(s.files, id)
	}
	s.Published(s.AfterClose)
	s.after = s.AfterClose.Add(time.Hour)
	for _, id := range s.files {
		person := testkit.One[uuid.UUID](s.World, `SELECT person_id FROM applications WHERE id = $1`, id)
		s.Move(mobility.Actor{Person: person}, id, "confirm", s.after, process.Given{})
		s.Move(s.Officer, id, "nominate", s.after, process.Given{})
		s.ids = append(s.ids, testkit.One[uuid.UUID](s.World, `SELECT id FROM nominations WHERE application_id = $1`, id).String())
	}
	s.at(s.after.Add(time.Hour))
	token, err := s.site.identity.MakeHostLink(t.Context(), testkit.One[uuid.UUID](s.World, `SELECT id FROM host_links LIMIT 1`))
	if err != nil {
		t.Fatal(err)
	}
	s.path = identity.HostPath(token)
	return s
}

func (s *nominatedScene) answer(move string, n ...int) url.Values {
	form := url.Values{"move": {move}}
	for _, i := range n {
		revision := testkit.One[string](s.World, `SELECT revision::text FROM applications WHERE id = $1`, s.files[i])
		form.Add("n", s.ids[i]+":"+revision)
	}
	return form
}

func TestHostSeesAndAnswersByLink(t *testing.T) {
	t.Parallel()
	s := newNominatedScene(t)
	b := s.site.browser()
	b.get(s.path).want(t, http.StatusOK, "3 nominations", "Anna", "Bert", "Cyril", "Home University", "It is your turn", "Send me the code")
	b.get(s.path+"?all=1").want(t, http.StatusOK, "checked")
	b.get(s.path+"/answer?move=accept").want(t, http.StatusUnprocessableEntity, "Please tick")
	asked := b.get(s.path+"/answer?move=accept&n="+s.ids[0]+"&n="+s.ids[1]).want(t, http.StatusOK, "Anna", "Bert")
	if strings.Contains(asked.body, "Cyril") {
		t.Error("the page that asks names somebody who was not chosen")
	}

	to := b.post(s.path+"/answer", s.answer("accept", 0, 1)).want(t, http.StatusSeeOther).to
	b.get(to).want(t, http.StatusOK, "2 answers recorded", "Anna", "Bert", "accepted")
	expectState(t, s.scene, s.files[0], "accepted")

	b.post(s.path+"/answer", s.answer("refuse", 2)).want(t, http.StatusUnprocessableEntity, "Cyril", "There is 1 problem")
	refusal := s.answer("refuse", 2)
	refusal.Set("reason_code", "no_place")
	refusal.Set("comment", "Full, sorry.")
	to = b.post(s.path+"/answer", refusal).want(t, http.StatusSeeOther).to
	b.get(to).want(t, http.StatusOK, "1 answer recorded", "Cyril", "refused", "No place left")
	expectState(t, s.scene, s.files[2], "to_place")
	b.get(s.path).want(t, http.StatusOK, "All answered", "Cyril")

	s.Move(s.Officer, s.files[1], "cancel", s.after.Add(2*time.Hour), process.Given{Reason: "Bert fell ill."})
	s.at(s.after.AddDate(0, 0, 3))
	s.Exec(`UPDATE shares SET until = now() - interval '2 days' WHERE until IS NOT NULL`) // of the database's clock
	later := b.get(s.path).want(t, http.StatusOK, "Name no longer shown", "cancelled", "Cyril")
	if strings.Contains(later.body, "Bert") {
		t.Error("a host still reads the name of somebody whose nomination was cancelled days ago")
	}
	b.get(s.path+"/answer?move=accept&n="+s.ids[1]).want(t, http.StatusConflict, "cancelled")
}

func expectState(t *testing.T, s *scene, id uuid.UUID, want mobility.State) {
	t.Helper()
	if got := s.State(id); got != want {
		t.Errorf("application is %s, want %s", got, want)
	}
}

func TestHostSeesThatAnAnswerIsOverdue(t *testing.T) {
	t.Parallel()
	s := newNominatedScene(t)
	host := s.site.browser()
	if got := host.get(s.path).want(t, http.StatusOK, "by "); strings.Contains(got.body, "overdue") {
		t.Error("what has time is called overdue")
	}
	s.at(testkit.One[time.Time](s.World, `SELECT max(closes_at) FROM deadlines WHERE kind = 'host_answer'`))
	host.get(s.path).want(t, http.StatusOK, "overdue, was due ")
}

func TestHostIsToldWhatHappenedMeanwhile(t *testing.T) {
	t.Parallel()
	s := newNominatedScene(t)
	b := s.site.browser()
	form := s.answer("accept", 0, 1)
	s.Move(s.Officer, s.files[0], "record_acceptance", s.after.Add(time.Minute), process.Given{Reason: "By telephone."})
	to := b.post(s.path+"/answer", form).want(t, http.StatusSeeOther).to
	b.get(to).want(t, http.StatusOK, "1 answer recorded", "not recorded")
	expectState(t, s.scene, s.files[1], "accepted")
	b.post(s.path+"/answer", form).want(t, http.StatusConflict, "Anna", "Bert", "accepted")
}

func TestHostReadsDocumentsAfterACode(t *testing.T) {
	t.Parallel()
	s := newNominatedScene(t)
	b := s.site.browser()
	document := s.path + "/documents/" + testkit.One[uuid.UUID](s.World, `SELECT id FROM documents WHERE file_name = 'Anna.pdf'`).String()
	if page := b.get(s.path); strings.Contains(page.body, "Anna.pdf") {
		t.Error("a document is named before the code")
	}
	b.get(document).want(t, http.StatusNotFound)
	b.post(s.path+"/code", nil).want(t, http.StatusSeeOther)
	secret, err := s.site.identity.MakeHostCode(t.Context(), testkit.One[uuid.UUID](s.World, `SELECT id FROM host_codes`))
	if err != nil {
		t.Fatal(err)
	}
	b.get(s.path+"?code=1").want(t, http.StatusOK, `name="code"`)
	b.post(s.path+"/documents", url.Values{"code": {"WRNG-CODE"}}).want(t, http.StatusUnprocessableEntity, "This is not the code", "WRNG-CODE")
	b.post(s.path+"/documents", url.Values{"code": {secret.Code}}).want(t, http.StatusSeeOther)
	b.get(s.path).want(t, http.StatusOK, "Anna.pdf", "Bert.pdf", "Transcript")
	got := b.get(document).want(t, http.StatusOK, "%PDF-1.4 Anna")
	if !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("a document is shown in the page: %v", got.header)
	}
	s.site.browser().get(document).want(t, http.StatusNotFound) // another device
}

func TestHostVisitsLeaveLinesAndNoToken(t *testing.T) {
	t.Parallel()
	s := newNominatedScene(t)
	b := s.site.browser()
	b.get(s.path).want(t, http.StatusOK)
	b.post(s.path+"/code", nil).want(t, http.StatusSeeOther)
	for _, page := range []string{"GET /host/{token}", "POST /host/{token}/code"} {
		if n := testkit.One[int](s.World, `SELECT count(*)::int FROM access_lines WHERE page = $1`, page); n != 1 {
			t.Errorf("%s left %d lines, want 1", page, n)
		}
	}
	n := testkit.One[int](s.World, `SELECT count(*)::int FROM access_lines a JOIN host_links l ON l.id = a.host_link_id AND l.institution_id = a.institution_id
		WHERE cardinality(a.subject_ids) = 3 AND a.count = 3`)
	if n != 2 {
		t.Errorf("%d lines say by which link who was shown, want 2", n)
	}
	if token := strings.TrimPrefix(s.path, "/host/"); strings.Contains(s.site.log.String(), token) {
		t.Error("the log holds the link's token")
	}
}

func TestOfficersOfAHostAnswerToo(t *testing.T) {
	t.Parallel()
	s := newNominatedScene(t)
	b, path := s.as(s.ForeignOfficer), "/host-office/"+s.Call.String()
	b.get("/host-office").want(t, http.StatusOK, "Study stays", "3 to answer")
	b.get(path).want(t, http.StatusOK, "Anna", "Anna.pdf", "It is your turn")
	to := b.post(path+"/answer", s.answer("accept", 1)).want(t, http.StatusSeeOther).to
	b.get(to).want(t, http.StatusOK, "1 answer recorded")
	expectState(t, s.scene, s.files[1], "accepted")

	own := s.as(s.Officer)
	own.get(path).want(t, http.StatusNotFound)
	if list := own.get("/host-office").want(t, http.StatusOK, "Nobody is nominated"); strings.Contains(list.body, "Study stays") {
		t.Error("an officer sees the own call among those of others")
	}
	s.as(s.Coordinator).get(path).want(t, http.StatusForbidden)
	own.post(path+"/answer", s.answer("accept", 0)).want(t, http.StatusNotFound)
	s.site.browser().get(path).want(t, http.StatusSeeOther)
}
