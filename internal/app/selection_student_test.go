package app_test

import (
	"strings"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"
)

// candidate is somebody who applied for the spring, as the database knows them.
type candidate struct {
	application uuid.UUID
	who, email  string
}

// oneWhere finds the first candidate of the run who fulfils a condition on
// the application a, its entry e and the person p.
func (w *way) oneWhere(condition string) candidate {
	w.t.Helper()
	var c candidate
	err := w.stage.Work.QueryRow(w.t.Context(), `
		SELECT a.id, f.given_names || ' ' || f.family_names, p.email
		FROM rankings r JOIN ranking_entries e ON e.ranking_id = r.id JOIN applications a ON a.id = e.application_id
		JOIN calls c ON c.id = a.call_id JOIN persons p ON p.id = a.person_id
		JOIN person_facts f ON f.person_id = p.id AND f.institution_id = a.institution_id
		WHERE r.id = (SELECT id FROM rankings WHERE call_id = c.id ORDER BY computed_at DESC, number DESC LIMIT 1)
		  AND c.title ->> 'cs' = $1 AND `+condition+` ORDER BY e.rank, a.id LIMIT 1`, springCall).Scan(&c.application, &c.who, &c.email)
	if err != nil {
		w.t.Fatalf("nobody of the run where %s: %v", condition, err)
	}
	return c
}

// Conditions of oneWhere.
const (
	// couldWin is who got no place and would have one with full points for the letter.
	couldWin = `p.language <> 'en' AND e.outcome <> 'placed' AND EXISTS (
		SELECT 1 FROM choice_outcomes o JOIN marks m ON m.application_id = o.application_id AND m.criterion = 'letter' AND m.replaced_at IS NULL
		WHERE o.ranking_id = e.ranking_id AND o.application_id = a.id AND o.points + 20 - m.points > (
			SELECT min(x.points) FROM choice_outcomes x WHERE x.ranking_id = o.ranking_id AND x.destination_id = o.destination_id AND x.outcome = 'placed') + 1)`
	placedAtALaterWish = `p.language <> 'en' AND e.outcome = 'placed' AND e.given = 'with' AND EXISTS (
		SELECT 1 FROM choice_outcomes o WHERE o.ranking_id = e.ranking_id AND o.application_id = a.id AND o.position = 1 AND o.outcome <> 'placed')
		AND EXISTS (SELECT 1 FROM choice_outcomes o WHERE o.ranking_id = e.ranking_id AND o.destination_id = e.destination_id AND o.reserve_rank = 1)`
	waitsInCzech     = `p.language <> 'en' AND e.outcome = 'reserve'`
	refusedInEnglish = `p.language = 'en' AND e.outcome = 'not_placed'`
)

// nextAfter is the first on the reserve of the destination somebody has a place at.
func (w *way) nextAfter(c candidate) candidate {
	w.t.Helper()
	return w.oneWhere(`EXISTS (SELECT 1 FROM choice_outcomes o JOIN ranking_entries mine ON mine.ranking_id = o.ranking_id AND mine.destination_id = o.destination_id
		WHERE o.ranking_id = e.ranking_id AND o.application_id = a.id AND o.reserve_rank = 1 AND mine.application_id = '` + c.application.String() + `')`)
}

// others are the names of everybody else in the call.
func (w *way) others(than candidate) []string {
	w.t.Helper()
	rows := must(w.stage.Work.Query(w.t.Context(), `
		SELECT f.given_names || ' ' || f.family_names FROM applications a JOIN calls c ON c.id = a.call_id
		JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
		WHERE c.title ->> 'cs' = $1 AND a.id <> $2`, springCall, than.application))(w.t)
	defer rows.Close()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			w.t.Fatal(err)
		}
		out = append(out, name)
	}
	return out
}

// reader is a student who reads what became of an application.
type reader struct {
	*person
	candidate
}

func (w *way) reads(name string, c candidate) *reader {
	w.t.Helper()
	r := &reader{w.sit(name, c.email), c}
	r.becomes(c.who)
	return r
}

// inCzech has the pages in Czech from now on, if they are not already.
func (r *reader) inCzech() *reader {
	r.t.Helper()
	if lang := must(eval[string](r.person, `document.documentElement.lang`))(r.t); lang != "cs" {
		r.do(chromedp.Click(chromedp.CSS(".p-menu summary")))
		r.press("Čeština")
	}
	return r
}

// understands opens the application's page: what came of it, how the own
// points came about, which rule decided about each wish, and nobody else.
func (r *reader) understands(words ...string) {
	r.t.Helper()
	r.open("/applications/" + r.application.String())
	r.sees(words...)
	r.shown("result")
	text := must(eval[string](r.person, `document.body.innerText`))(r.t)
	for _, other := range r.others(r.candidate) {
		if strings.Contains(text, other) {
			r.t.Errorf("%s reads of %s", r.name, other)
		}
	}
	for _, c := range r.choices() {
		if !strings.Contains(text, c) {
			r.t.Errorf("%s does not read of the wish %s", r.name, c)
		}
	}
	points := must(eval[int](r.person, `document.querySelectorAll("#points tbody tr").length`))(r.t)
	if points < 4 {
		r.t.Errorf("%s reads %d lines of how the points came about", r.name, points)
	}
}

// choices are the hosts the student named.
func (r *reader) choices() []string {
	r.t.Helper()
	var hosts []string
	err := r.stage.Work.QueryRow(r.t.Context(), `
		SELECT array_agg(DISTINCT i.name) FROM choice_outcomes o JOIN destinations d ON d.id = o.destination_id
		JOIN institutions i ON i.id = d.host_institution_id WHERE o.application_id = $1`, r.application).Scan(&hosts)
	if err != nil {
		r.t.Fatal(err)
	}
	return hosts
}

// appeals against the provisional list.
func (r *reader) appeals(reason string) {
	r.t.Helper()
	r.person.letter("Předběžný výsledek vaší přihlášky: " + springCall)
	r.open("/applications/" + r.application.String())
	r.sees("Váš předběžný výsledek", "Zatím se vám nic nenabízí")
	r.shown("provisional")
	r.press("Odvolat se…")
	r.fill("Co je špatně?", reason)
	r.shown("reason")
	r.press("Podat odvolání")
	r.sees("Vaše odvolání jsme přijali", reason)
	r.shown("filed")
	r.letter("Přijali jsme vaše odvolání č. 1: " + springCall)
}

func (r *reader) readsTheAnswer(words string) {
	r.t.Helper()
	r.letter("Vašemu odvolání č. 1 jsme vyhověli: " + springCall)
	r.open("/applications/" + r.application.String())
	r.sees("Vyhověno", words)
	r.shown("answered")
}

// declines gives the offered place up.
func (r *reader) declines() {
	r.t.Helper()
	r.move("Odmítnout místo", func() { r.fill("Odůvodnění", "Dostala jsem stáž doma.") })
	r.sees("Místo jste odmítli")
	r.shown("declined")
}

// promotedSoon waits until the worker moved the reserve up.
func (w *way) promotedSoon(c candidate) {
	w.t.Helper()
	for end := time.Now().Add(mailWait); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		var open bool
		if err := w.stage.Work.QueryRow(w.t.Context(), `SELECT EXISTS (SELECT 1 FROM offers WHERE application_id = $1 AND status = 'open')`, c.application).Scan(&open); err == nil && open {
			return
		}
	}
	w.t.Fatalf("%s is not offered the place that became free", c.who)
}

// gets the place that became free, with a deadline of their own to confirm it.
func (r *reader) gets() {
	r.t.Helper()
	var host string
	var days float64
	err := r.stage.Work.QueryRow(r.t.Context(), `
		SELECT i.name, extract(epoch FROM l.closes_at - o.made_at) / 86400 FROM offers o JOIN destinations d ON d.id = o.destination_id
		JOIN institutions i ON i.id = d.host_institution_id JOIN deadlines l ON l.offer_id = o.id WHERE o.application_id = $1 AND o.status = 'open'`, r.application).Scan(&host, &days)
	if err != nil || days < 3 || days > 7 {
		r.t.Fatalf("%s has %.1f days to confirm %s, %v", r.name, days, host, err)
	}
	r.letter(": " + host) // in their language
	r.open("/applications/" + r.application.String())
	r.sees(host)
	r.shown("promoted")
}
