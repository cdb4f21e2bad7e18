package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"

	"peregrine/internal/testkit"
)

// everything is a scheme with every kind of value and every rule.
const everything = `
name: everything
title: {en: Study stays abroad, cs: Studijní pobyty v zahraničí}
scale: 2
inputs:
  average: {from: imported, kind: number, min: 1, max: 4, frozen: instant, label: {en: Study average, cs: Studijní průměr}}
  credits: {from: imported, kind: number, min: 0, label: {en: Credits passed, cs: Získané kredity}}
  year: {from: imported, kind: count, min: 1, label: {en: Year of study, cs: Ročník}}
  cycle: {from: imported, kind: choice, options: [bachelor, master], label: {en: Level of study, cs: Stupeň studia}}
  english: {from: answer, kind: level, evidence: certificate, label: {en: English, cs: Angličtina}}
  buddy: {from: answer, kind: yesno, evidence: buddy_confirmation, label: {en: Buddy or ESN, cs: Buddy nebo ESN}}
  earlier: {from: record, kind: count, of: mobilities, same_cycle: true, label: {en: Earlier stays, cs: Dřívější pobyty}}
  least: {from: destination, kind: level, label: {en: Level asked there, cs: Požadovaná úroveň}}
  place: {from: cohort, kind: number, of: average, by: [cycle], best: low, label: {en: Place in the year, cs: Pořadí v ročníku}}
  pace: {from: formula, kind: number, formula: credits / year, label: {en: Credits a year, cs: Kredity za rok}}
criteria:
  - key: average
    label: {en: Study results, cs: Studijní výsledky}
    variants:
      - {when: cycle = 'master', points: {linear: {of: average, best: 1, worst: 2.5, max: 30}}}
      - {when: year < 2, points: 12}
    points: {linear: {of: average, best: 1, worst: 3, max: 30}}
  - key: english
    label: {en: Language, cs: Jazyk}
    points: {bands: {of: english, steps: [{from: B1, points: 10}, {from: B2, points: 60}, {from: C1, points: 80}]}}
  - {key: letter, label: {en: Motivation letter, cs: Motivační dopis}, mark: {min: 0, max: 30, step: 0.5, assessors: 2, combine: median, spread: 8}}
  - {key: credits, label: {en: Progress, cs: Postup studiem}, points: {ratio: {of: credits, expected: 60 * (year - 0.5), max: 10}}}
  - {key: level, label: {en: Level of study, cs: Stupeň studia}, points: {lookup: {of: cycle, points: {bachelor: 2, master: 4}, otherwise: 0}}}
  - {key: earlier, label: {en: Earlier stays, cs: Dřívější pobyty}, points: {each: {of: earlier, points: -10, most: -30}}}
  - {key: buddy, label: {en: Help for guests, cs: Pomoc hostům}, points: {when: buddy, points: 5}}
  - {key: place, label: {en: Place in the year, cs: Pořadí v ročníku}, aside: true, points: {formula: 100 - place}}
  - {key: host, label: {en: Level for the host, cs: Úroveň pro hostitele}, per: destination, missing: 0, points: {when: english >= least, points: 3}}
gates:
  - {key: letter, label: {en: Letter good enough, cs: Dostatečný dopis}, require: points(letter) >= 10}
  - {key: dean, label: {en: Consent of the faculty, cs: Souhlas fakulty}, veto: coordinator}
classes:
  - {key: others, when: earlier = 0, label: {en: Never abroad before, cs: Dosud nevyjeli}}
  - {key: rest}
ties:
  - {of: points(average)}
  - {of: average, prefer: low}
`

func (v *viewer) shows(selector string) bool {
	v.t.Helper()
	seen, err := chromedp.Run(v.ctx, chromedp.Evaluate[bool](`(document.querySelector(`+"`"+selector+"`"+`) || {offsetParent: null}).offsetParent !== null`))
	if err != nil {
		v.t.Fatal(err)
	}
	return seen
}

func (v *viewer) evaluate(script string) {
	v.t.Helper()
	if _, err := chromedp.Run(v.ctx, chromedp.Evaluate[bool](script+"; true")); err != nil {
		v.t.Fatal(err)
	}
}

func TestSchemeFormInABrowser(t *testing.T) {
	s := newView(t, testkit.WorldPlan{Places: []int{2, 1, 1, 2}})
	s.furnish()
	s.Exec(`DELETE FROM call_units`)
	s.Exec(`UPDATE calls SET facts_at = now() - interval '1 day'`)
	s.Scheme(strings.TrimSpace(everything) + "\n")
	v := s.viewer(t, testkit.AllowStatus(http.StatusUnprocessableEntity, http.StatusConflict))
	path := "/office/calls/" + s.Call.String() + "/rules"
	v.enter(s.Officer.Person, path)
	for _, card := range []string{"inputs-1", "inputs-7", "criteria-1", "criteria-2", "criteria-3", "criteria-5", "gates-1", "ties-2"} {
		v.evaluate(`document.getElementById("` + card + `").open = true`)
	}
	v.looked("scheme-open")
	// What is chosen decides what is shown, without a word to the server.
	at := `[name="criteria.2.points.`
	if !v.shows(at+`bands.of"]`) || v.shows(at+`linear.of"]`) {
		t.Error("steps do not show their own fields alone")
	}
	v.evaluate(`document.querySelector('[name="criteria.2.points.rule"]').value = "linear"`)
	if v.shows(at+`bands.of"]`) || !v.shows(at+`linear.of"]`) {
		t.Error("another rule does not show its fields")
	}
	if !v.shows(`[name="criteria.3.mark.max"]`) || v.shows(`[name="criteria.2.mark.max"]`) {
		t.Error("fields of marks are not shown by the tick alone")
	}
	// Nor is a word needed for what only a value that is stated can have.
	at = `[name="inputs.1.`
	v.evaluate(`document.querySelector("#inputs-1 .p-more").open = true`)
	for source, stated := range map[string]bool{"": false, "formula": false, "answer": true, "cohort": false, "mark": true} {
		v.evaluate(`document.querySelector('[name="inputs.1.from"]').value = "` + source + `"`)
		if v.shows(at+`evidence"]`) != stated || v.shows(at+`per"]`) != stated || !v.shows(at+`instead"]`) {
			t.Errorf("from %q: what proves the value is shown: %v", source, !stated)
		}
	}
	v.evaluate(`document.querySelector('[name="inputs.1.from"]').value = "imported"`)
	v.press(`button[value="add:criteria"]`)
	if !v.shows(`[name="criteria.10.key"]`) {
		t.Error("the new criterion is not open")
	}
	v.press(`#save button[value="check"]`)
	v.looked("scheme-wrong")
	v.press(`button[value="text"]`)
	v.looked("scheme-text")
	v.open(path)
	v.evaluate(`document.querySelector("#try details").open = true`)
	v.evaluate(`document.querySelector('[name="try.value.average"]').value = "1,4"; document.querySelector('[name="try.value.english"]').value = "C1"; document.querySelector('[name="try.value.year"]').value = "2";
		document.querySelector('[name="try.value.credits"]').value = "85"; document.querySelector('[name="try.value.cycle"]').value = "bachelor"; document.querySelector('[name="try.mark.letter"]').value = "21; 24.5"`)
	v.press(`button[value="made_up"]`)
	v.looked("scheme-tried")
	v.press(`button[value="look"]`) // the call asks nothing of the kind
	v.looked("scheme-unfit")
	s.Scheme("name: short\nscale: 2\ninputs:\n  average: {from: imported, kind: number}\ncriteria:\n  - {key: average, points: {linear: {of: average, best: 1, worst: 3, max: 30}}}\n  - {key: letter, mark: {min: 0, max: 30}}\n")
	v.open(path)
	v.evaluate(`document.querySelector('[name="criteria.1.points.linear.max"]').value = "25"`)
	v.press(`button[value="look"]`)
	v.looked("scheme-preview")
	v.press(`#decide button`)
	if got := s.schemeSource(); !strings.Contains(got, "max: 25") {
		t.Errorf("the scheme is\n%s", got)
	}
	var files []uuid.UUID
	for i, name := range []string{"Žofie", "Łukasz", "Ąžuolas", "İpek", "Čeněk", "Øyvind", "Éva"} {
		files = append(files, s.complete(s.Student(name, fmt.Sprintf("1.%d", 9-i)), s.Destinations[i%3], s.Destinations[(i+1)%3]))
	}
	s.at(s.AfterClose.Add(time.Hour))
	for i, f := range files {
		s.mark(f, fmt.Sprintf("%d.5", 10+i*i%17))
	}
	v.enter(s.Officer.Person, path)
	v.evaluate(`document.querySelector('[name="criteria.2.weight"]').value = "2"; document.querySelector("#try details").open = true`)
	v.press(`button[value="everybody"]`)
	v.looked("scheme-everybody")
	v.enter(s.Coordinator.Person, path)
	v.looked("scheme-read")
}
