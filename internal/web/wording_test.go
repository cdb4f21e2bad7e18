package web

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"peregrine/internal/letter"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

func TestAnInstitutionWordsALetterItself(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	her := s.Student("Zdislava", "1.2")
	s.Marked(s.Submitted(her), "20")
	s.Published(s.AfterClose)
	b, path := s.as(s.Administrator), "/admin/letters/offer/en"
	b.get("/admin/letters").want(t, http.StatusOK, "Wording of letters", "Offer", "Built-in text")
	b.get(path).want(t, http.StatusOK, "The built-in text is in use", "{{until .ConfirmBy}}", "Until when the offer must be confirmed", "Longest names and reasons", "Zdislava")

	own := "Subject: Come to {{.Place.Host}}\n" + strings.SplitN(letter.BuiltIn("offer", "en"), "\n", 2)[1]
	dropped := strings.ReplaceAll(own, "{{until .ConfirmBy}}", "soon")
	b.post(path, url.Values{"text": {dropped}, "seen": {"0"}}).want(t, http.StatusUnprocessableEntity, "without something it must say", "{{until .ConfirmBy}}", "Come to {{.Place.Host}}")
	b.post(path, url.Values{"text": {own + "\n{{.Grade}}"}, "seen": {"0"}}).want(t, http.StatusUnprocessableEntity, "Line 20", "{{.Grade}} is not known in this letter", "{{place .Place}}")

	kept := b.post(path, url.Values{"text": {own}, "seen": {"0"}}).want(t, http.StatusSeeOther)
	if kept.to != path+"?version=1#preview" {
		t.Errorf("led to %s", kept.to)
	}
	b.get(path+"?version=1&on=hard").want(t, http.StatusOK, "Version 1 is kept", "Come to **Vilniaus kolegija**", "yours only")
	frame, err := b.client.Get(b.w.http.URL + path + "/letter?version=1&on=long")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(frame.Body)
	_ = frame.Body.Close()
	if policy := frame.Header.Get("Content-Security-Policy"); err != nil || !strings.Contains(policy, "sandbox") || strings.Contains(string(body), "href") {
		t.Errorf("the preview opens something: %s %v", policy, err)
	}
	b.post(path, url.Values{"text": {own}, "seen": {"0"}}).want(t, http.StatusConflict, "Somebody kept another version")

	sent := testkit.One[uuid.UUID](s.World, `SELECT id FROM letters WHERE kind = 'offer'`)
	before := testkit.One[int](s.World, `SELECT count(*) FROM access_lines`)
	b.get(path+"?version=1&on="+sent.String()).want(t, http.StatusOK, "Dear Zdislava", "Come to")
	if after := testkit.One[int](s.World, `SELECT count(*) FROM access_lines`); after != before+1 {
		t.Errorf("%d access lines of a real letter", after-before)
	}

	b.post(path+"/use", url.Values{"version": {"1"}}).want(t, http.StatusSeeOther)
	b.post(path+"/use", url.Values{"version": {"1"}}).want(t, http.StatusConflict)
	b.get("/admin/letters").want(t, http.StatusOK, "Version 1", "not translated")
	b.get(path).want(t, http.StatusOK, "Your own text is in use", "Version 1 taken into use", "Return to the built-in text")
	b.post(path+"/use", url.Values{"version": {"0"}}).want(t, http.StatusSeeOther)
	b.get(path).want(t, http.StatusOK, "The built-in text is in use", "Back to the built-in text")
	if n := testkit.One[int](s.World, `SELECT count(*) FROM acts WHERE subject_kind = 'letter'`); n != 3 {
		t.Errorf("%d acts", n)
	}
	b.get("/admin/letters/sign_in/en").want(t, http.StatusNotFound)
	b.get("/admin/letters/offer/xx").want(t, http.StatusNotFound)
}

// TestABarredAdministratorPreviewsNoRival: nothing of a file, nor of those who
// compete with it, is offered to preview a wording on.
func TestABarredAdministratorPreviewsNoRival(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	for _, name := range []string{"Zdislava", "Bonifac"} {
		s.Marked(s.Submitted(s.Student(name, "1.2")), "20")
	}
	s.Published(s.AfterClose)
	barred := testkit.One[uuid.UUID](s.World, `SELECT a.id FROM applications a JOIN person_facts f ON f.person_id = a.person_id WHERE f.given_names LIKE 'Zdislava%'`)
	s.Exec(`INSERT INTO conflicts (id, institution_id, application_id, person_id, kind, at) VALUES (gen_random_uuid(), $1, $2, $3, 'declared', now())`, s.Home, barred, s.Administrator.Person)
	for _, kind := range []string{"offer", "reserve", "not_selected", "receipt"} {
		got := s.as(s.Administrator).get("/admin/letters/"+kind+"/en").want(t, http.StatusOK)
		for _, name := range []string{"Zdislava", "Bonifac"} {
			if strings.Contains(got.body, name) {
				t.Errorf("%s is offered for %s", name, kind)
			}
		}
	}
}

func TestALetterGoesByTheInstitutionsWords(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	s.Submitted(s.Student("Zdislava", "1.2"))
	w := process.Wording{Institution: s.Home, Kind: "receipt", Language: "cs", Arrived: s.WhileOpen()}
	for _, lang := range []string{"cs", "en"} {
		w.Language = lang
		own := strings.Replace(letter.BuiltIn("receipt", lang), "Subject: ", "Subject: XYZ ", 1)
		version, err := s.Process.SaveWording(t.Context(), s.Administrator, w, own, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Process.UseWording(t.Context(), s.Administrator, w, version); err != nil {
			t.Fatal(err)
		}
		if err := s.Process.UseWording(t.Context(), s.Officer, w, 0); err == nil {
			t.Error("an officer returned to the built-in text")
		}
	}
	text := s.rendered(testkit.One[uuid.UUID](s.World, `SELECT id FROM letters WHERE kind = 'receipt'`))
	if !strings.HasPrefix(text.Subject, "XYZ ") || !strings.Contains(text.Plain, "Zdislava") {
		t.Errorf("%s\n%s", text.Subject, text.Plain)
	}
}

// TestAnOutdatedWordingIsNotSent: a text kept by an earlier version of the
// product that no longer says what the letter must say gives way to the
// built-in one, and the page says so.
func TestAnOutdatedWordingIsNotSent(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	s.Submitted(s.Student("Zdislava", "1.2"))
	for version, body := range []string{"Subject: Outdated\nNothing.\n", "Subject: Outdated\nSee {{.Gone}}.\n"} {
		s.Exec(`UPDATE letter_templates SET active = false`)
		for _, lang := range locale.Languages {
			s.Exec(`INSERT INTO letter_templates (id, institution_id, kind, language, version, body, active, written_at) VALUES (gen_random_uuid(), $1, 'receipt', $2, $3, $4, true, now())`, s.Home, lang, version+1, body)
		}
		text := s.rendered(testkit.One[uuid.UUID](s.World, `SELECT id FROM letters WHERE kind = 'receipt'`))
		if strings.Contains(text.Subject, "Outdated") || !strings.Contains(text.Plain, "Zdislava") {
			t.Errorf("%s\n%s", text.Subject, text.Plain)
		}
		s.as(s.Administrator).get("/admin/letters/receipt/en").want(t, http.StatusOK, "no longer says everything this letter must say")
	}
	s.as(s.Administrator).get("/admin/letters/receipt/en/letter?version=2").want(t, http.StatusNotFound)
	err := s.Process.UseWording(t.Context(), s.Administrator, process.Wording{Institution: s.Home, Kind: "receipt", Language: "en", Arrived: s.WhileOpen()}, 1)
	if mobility.CodeOf(err) != "conflict.wording_no_longer_good" {
		t.Errorf("an outdated text is taken into use: %v", err)
	}
}

// TestEveryPlaceholderHasAMeaning: what a text may name is explained, in every
// language, as are the kinds, the samples and the reasons for refusing.
func TestEveryPlaceholderHasAMeaning(t *testing.T) {
	t.Parallel()
	cat, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, kind := range letter.Kinds {
		ids = append(ids, "letter_kind."+kind)
		for _, p := range letter.Placeholders(kind) {
			ids = append(ids, letter.MeaningOf(p.Field))
		}
		for _, name := range sampleNames(kind) {
			ids = append(ids, "wording.sample_"+name)
		}
	}
	for _, code := range []string{"no_subject", "long_subject", "no_body", "long_body", "not_text", "syntax", "no_end", "end_alone", "unclosed", "not_allowed", "unknown", "wrong_value", "not_printable", "no_list", "unguarded", "missing", "html", "code", "picture", "link"} {
		ids = append(ids, "letter_source."+code)
	}
	for _, id := range ids {
		if !cat.Has(id) {
			t.Errorf("%s has no words", id)
		}
	}
}
