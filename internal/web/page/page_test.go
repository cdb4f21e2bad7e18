package page

import (
	"bytes"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/web/pagetest"
)

func load(t *testing.T) (*locale.Catalogue, *Pages) {
	t.Helper()
	cat, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	pages, err := New(cat)
	if err != nil {
		t.Fatal(err)
	}
	return cat, pages
}

func render(t *testing.T, pages *Pages, page Page) string {
	t.Helper()
	var buf bytes.Buffer
	if err := pages.Write(&buf, page); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func styleguide(t *testing.T, cat *locale.Catalogue, lang string) Styleguide {
	t.Helper()
	prague, err := time.LoadLocation("Europe/Prague")
	if err != nil {
		t.Fatal(err)
	}
	return StyleguideOf(Base{
		Loc:         cat.Printer(lang, prague),
		Path:        "/styleguide",
		Nav:         []NavItem{{Label: "A", Href: "/", Current: true}, {Label: "B", Href: "/b"}},
		Breadcrumbs: []Link{{Label: "A", Href: "/"}},
		Person:      "Žofie Šťastná",
		Demo:        true,
		Notice:      Notice{Tone: Success, Text: "C"},
		Now:         time.Date(2027, 1, 28, 9, 0, 0, 0, prague),
	})
}

// Every component in every state, in every language, is sound HTML.
func TestStyleguideIsSound(t *testing.T) {
	cat, pages := load(t)
	for _, lang := range locale.Languages {
		text := render(t, pages, styleguide(t, cat, lang))
		for _, problem := range pagetest.Unsound(text) {
			t.Errorf("%s: %s", lang, problem)
		}
		for _, id := range []string{"style.", "part.", "base.", "phase.", "invalid.", "relative."} {
			if i := strings.Index(text, ">"+id); i >= 0 {
				t.Errorf("%s: a key instead of words: %.60s", lang, text[i:])
			}
		}
	}
}

func TestRefusedFormKeepsWhatWasTyped(t *testing.T) {
	cat, pages := load(t)
	guide := styleguide(t, cat, "en")
	text := render(t, pages, guide)
	for _, want := range []string{`value="zofie@example"`, `href="#f-email"`, `aria-describedby="f-motivation-hint f-motivation-error"`, `<textarea`} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	var order []string
	for _, p := range guide.Errors.Problems {
		order = append(order, p.Href)
	}
	if got := strings.Join(order, " "); got != "#f-email #f-term #f-motivation #f-agree " {
		t.Errorf("problems in the order %q", got)
	}
}

func TestRenderWritesNothingWhenItFails(t *testing.T) {
	type stray struct{ Base }
	_, pages := load(t)
	w := httptest.NewRecorder()
	if err := pages.Render(w, 200, stray{}); err == nil || w.Body.Len() > 0 {
		t.Errorf("err %v, %d bytes written", err, w.Body.Len())
	}
}

func TestDeadlineNamesTheLastMinute(t *testing.T) {
	cat, _ := load(t)
	prague, _ := time.LoadLocation("Europe/Prague")
	closes := mobility.ClosesAt(mobility.Wall(2027, 1, 31, 23, 59), prague)
	for lang, want := range map[string]string{
		"en": "Sunday 31 January 2027, 23:59 CET",
		"cs": "ne 31.\u00a0ledna 2027 ve\u00a023:59 SEČ",
	} {
		m := DeadlineOf(cat.Printer(lang, prague), closes, closes.Add(-49*time.Hour))
		if m.Text != want || m.Relative == "" || m.Until != closes.Unix() {
			t.Errorf("%s: %+v", lang, m)
		}
	}
}

func TestTheLastDayIsToldToTheMinute(t *testing.T) {
	cat, _ := load(t)
	closes := time.Date(2027, time.January, 31, 23, 0, 0, 0, time.UTC)
	for left, want := range map[time.Duration]string{
		25 * time.Hour: "in 25 hours",
		3*time.Hour + 10*time.Minute + 59*time.Second: "in 3 h 10 min",
		59*time.Minute + 59*time.Second:               "in 59 min",
		30 * time.Second:                              "in less than a minute",
		-2 * time.Minute:                              "2 minutes ago",
	} {
		m := DeadlineOf(cat.Printer("en", time.UTC), closes, closes.Add(-left))
		if m.Relative != want || m.Counts != (left > 0 && left < 24*time.Hour) {
			t.Errorf("%s left: %q, counts %t", left, m.Relative, m.Counts)
		}
	}
}

func TestPhaseStepsEndWhereTheWayEnded(t *testing.T) {
	cat, _ := load(t)
	steps := PhaseSteps(cat.Printer("en", nil), mobility.PhaseNominated, false).Steps
	got := ""
	for _, s := range steps {
		got += string(s.State) + " "
	}
	if got != "done done here ahead ahead ahead " {
		t.Error(got)
	}
}

func TestPager(t *testing.T) {
	p := PagerOf(5, 9, 400, func(int) string { return "/x" })
	got := ""
	for _, l := range p.Links {
		switch {
		case l.Gap:
			got += "… "
		case l.Current:
			got += "[" + string(rune('0'+l.Number)) + "] "
		default:
			got += string(rune('0'+l.Number)) + " "
		}
	}
	if got != "1 … 4 [5] 6 … 9 " {
		t.Error(got)
	}
}

func TestFailedTellsTheReaderAndKeepsTheCause(t *testing.T) {
	cat, pages := load(t)
	base := Base{Loc: cat.Printer("cs", nil), Path: "/x"}
	for _, test := range []struct {
		err   error
		title string
		text  string
	}{
		{errors.New("pq: secret"), "Na naší straně se něco pokazilo", "R-17"},
		{mobility.NotFoundError("call"), "Nenalezeno", "neexistuje"},
		{mobility.InvalidError(mobility.FieldProblem{Field: "row 3", Code: "invalid.number"}), "Něco ještě není v pořádku", "row 3: Toto není číslo."},
	} {
		text := render(t, pages, Failed(base, test.err, "R-17"))
		if !strings.Contains(text, test.title) || !strings.Contains(text, test.text) || strings.Contains(text, "secret") {
			t.Errorf("%v: %s", test.err, text)
		}
		for _, problem := range pagetest.Unsound(text) {
			t.Errorf("%v: %s", test.err, problem)
		}
	}
	text := render(t, pages, Confirm{Base: Base{Loc: cat.Printer("en", nil), Title: "T"}, Dialog: styleguide(t, cat, "en").Dialog})
	for _, problem := range pagetest.Unsound(strings.ReplaceAll(text, `href="#main"`, `href="/"`)) {
		t.Errorf("confirm: %s", problem)
	}
}
