package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// assessed is a scene with a scheme of three criteria that assessors mark, the
// last by two of them, and n candidates.
func (s *scene) assessed(n int) []uuid.UUID {
	s.T.Helper()
	s.Scheme(`
name: grid
inputs: {average: {from: imported, kind: number, label: {en: Study average, cs: Studijní průměr}}}
criteria:
  - {key: average, label: {en: Study results, cs: Studijní výsledky}, scale: 2, points: {linear: {of: average, best: 1, worst: 3, max: 30}}}
  - {key: letter, label: {en: Motivation letter, cs: Motivační dopis}, scale: 2, mark: {min: 0, max: 30}}
  - {key: language, label: {en: Language, cs: Jazyk}, scale: 1, mark: {min: 0, max: 20, step: 0.5}}
  - {key: interview, label: {en: Interview, cs: Pohovor}, scale: 1, mark: {min: 0, max: 20, assessors: 2, spread: 5}}
`)
	var files []uuid.UUID
	for i := range n {
		p := s.StudentOf(fmt.Sprintf("Student%02d", i+1), "1.5", s.Faculty)
		s.Exec(`UPDATE person_facts SET family_names = $2 WHERE person_id = $1`, p.Person, fmt.Sprintf("Family%02d", i+1))
		files = append(files, s.Submitted(p))
	}
	s.at(s.AfterClose)
	return files
}

func (b *browser) cell(call, file uuid.UUID, key, points, seen string) (cellAnswer, int) {
	b.w.t.Helper()
	got := b.post("/office/calls/"+call.String()+"/marks/cell", url.Values{"cell": {cellName(file, key)}, "points": {points}, "seen": {seen}})
	var a cellAnswer
	if err := json.Unmarshal([]byte(got.body), &a); err != nil {
		b.w.t.Fatalf("%d, no answer for a script: %.200s", got.status, got.body)
	}
	return a, got.status
}

func TestOneCellAtATime(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	files := s.assessed(2)
	one, two := s.as(s.Coordinator), s.as(s.Staff("assessor", mobility.RoleAssessor, s.Home, &s.Faculty))
	if a, status := one.cell(s.Call, files[0], "letter", "24,5", ""); status != http.StatusOK || a.State != "saved" || a.Cell.Raw != "24.5" || a.Row.Total != "47" {
		t.Errorf("saved: %d %+v", status, a)
	}
	if a, status := two.cell(s.Call, files[0], "letter", "20", ""); status != http.StatusConflict || a.State != "stale" || a.Cell.Text != "24.5" {
		t.Errorf("the same cell by somebody who saw it empty: %d %+v", status, a)
	}
	if a, status := two.cell(s.Call, files[0], "language", "21", ""); status != http.StatusUnprocessableEntity || a.State != "refused" || a.Message == "" {
		t.Errorf("out of range: %d %+v", status, a)
	}
	if a, _ := one.cell(s.Call, files[0], "interview", "12", ""); a.Cell.Missing || a.Cell.Note != "Together 12 (1 of 2)" {
		t.Errorf("the first of two: %+v", a)
	}
	if a, _ := two.cell(s.Call, files[0], "interview", "18", ""); a.Cell.Note != "Together 15 (2 of 3) · 6 apart · One more assessor is wanted" {
		t.Errorf("too far apart: %+v", a)
	}
	changes := "/office/calls/" + s.Call.String() + "/marks/changes?files=" + files[0].String() + "," + files[1].String()
	got := one.get(changes).want(t, http.StatusOK, cellName(files[1], "letter"), "Together 15")
	if again := one.get(changes, "If-None-Match", got.header.Get("ETag")); again.status != http.StatusNotModified {
		t.Errorf("nothing changed: %d", again.status)
	}
	lines := testkit.One[int](s.World, `SELECT count(*)::int FROM access_lines WHERE page LIKE '%/marks/changes'`)
	if lines != 1 {
		t.Errorf("%d access lines for one answer with content", lines)
	}
	s.as(s.OtherCoordinator).post("/office/calls/"+s.Call.String()+"/marks/cell", url.Values{"cell": {cellName(files[0], "letter")}, "points": {"1"}}).want(t, http.StatusNotFound)
	s.as(s.OtherCoordinator).get(changes).want(t, http.StatusOK, `"cells":{}`)
	stranger := one.post("/office/calls/"+s.Call.String()+"/marks/cell", url.Values{"cell": {cellName(files[1], "letter")}, "points": {"1"}, "person": {uuid.NewString()}})
	stranger.want(t, http.StatusConflict, "refused")
}

// gridView is a browser at the grid, with a connection that can be cut.
type gridView struct {
	*viewer
	files []uuid.UUID
	cut   atomic.Bool
}

func newGridView(t *testing.T, n int) *gridView {
	t.Helper()
	g := &gridView{}
	s := newView(t, testkit.WorldPlan{})
	inner := s.site.server.Handler()
	s.site.http.Close()
	s.site.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.cut.Load() && strings.Contains(r.URL.Path, "/marks") {
			panic(http.ErrAbortHandler) // the connection breaks without an answer
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(s.site.http.Close)
	g.files = s.assessed(n)
	g.viewer = s.viewer(t, testkit.AllowStatus(http.StatusUnprocessableEntity, http.StatusConflict))
	awake(t, g.ctx)
	return g
}

func (g *gridView) grid() string { return "/office/calls/" + g.Call.String() + "/marks" }

// keys types into whatever has the focus.
func (g *gridView) keys(ctx context.Context, text string) {
	g.t.Helper()
	if err := chromedp.Do(ctx, chromedp.KeyEvent(text)); err != nil {
		g.t.Fatal(err)
	}
}

// awake lets a page take the focus though another window is in front.
func awake(t *testing.T, ctx context.Context) {
	t.Helper()
	err := chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
}

func (g *gridView) focus(ctx context.Context, file int, key string) {
	g.t.Helper()
	if err := chromedp.Do(ctx, chromedp.Focus(g.input(file, key))); err != nil {
		g.t.Fatal(err)
	}
}

func (g *gridView) input(file int, key string) string {
	return fmt.Sprintf(`input[name="m.%s"]`, cellName(g.files[file], key))
}

func (g *gridView) text(ctx context.Context, script string) string {
	g.t.Helper()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[string](script))
	if err != nil {
		g.t.Fatal(err)
	}
	return got
}

// until waits for a condition of the page.
func (g *gridView) until(ctx context.Context, what, condition string) {
	g.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		got, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+condition+")"))
		if err == nil && got {
			return
		}
	}
	g.t.Fatalf("never: %s; the sheet says %s", what, g.text(ctx, `document.getElementById("sheet").innerText`))
}

func (g *gridView) saved(file int, key string) string {
	return testkit.One[string](g.World, `SELECT coalesce((SELECT trim_scale(points)::text FROM marks WHERE application_id = $1 AND criterion = $2 AND replaced_at IS NULL ORDER BY marked_at DESC LIMIT 1), '')`, g.files[file], key)
}

const allSaved = `document.querySelector("[data-lasting]").dataset.state === "saved"`

func TestGridByKeyboardThroughALostConnection(t *testing.T) {
	g := newGridView(t, 6)
	g.enter(g.Coordinator.Person, g.grid())
	g.looked("grid")
	g.focus(g.ctx, 0, "letter")
	g.keys(g.ctx, "21\r22,5\r")
	g.until(g.ctx, "two saved", allSaved)
	g.cut.Store(true)
	g.keys(g.ctx, "23\r24\r25\r")
	g.until(g.ctx, "three wait", `document.querySelector("[data-figure=waiting]").textContent === "3"`)
	g.looked("grid-offline")
	g.cut.Store(false)
	g.open(g.grid()) // a reload loses nothing
	g.cut.Store(true)
	g.focus(g.ctx, 0, "language")
	g.keys(g.ctx, "10.5\t7")
	g.cut.Store(false)
	g.keys(g.ctx, "\t")
	g.until(g.ctx, "all is sent once the way is open", allSaved)
	for i, want := range []string{"21", "22.5", "23", "24", "25"} {
		if got := g.saved(i, "letter"); got != want {
			t.Errorf("candidate %d: %q saved, typed %s", i, got, want)
		}
	}
	if got := [2]string{g.saved(0, "language"), g.saved(0, "interview")}; got != [2]string{"10.5", "7"} {
		t.Errorf("by tab: %v", got)
	}
	g.focus(g.ctx, 1, "language")
	g.keys(g.ctx, "99\r")
	g.until(g.ctx, "refused with a reason", `document.querySelector("td[data-state=refused] .p-error")`)
	g.looked("grid-refused")
	g.keys(g.ctx, "\x1b") // at the cell below: nothing happens there
	g.focus(g.ctx, 1, "language")
	g.keys(g.ctx, "\x1b")
	g.until(g.ctx, "escape restores", `document.querySelectorAll("td[data-state=refused]").length === 0`)
	if got := g.text(g.ctx, `document.querySelector('`+g.input(1, "language")+`').value`); got != "" {
		t.Errorf("restored to %q", got)
	}
	g.paste()
	for _, problem := range testkit.Problems(g.ctx) {
		if !strings.Contains(problem, "ERR_EMPTY_RESPONSE") && !strings.Contains(problem, "ERR_CONNECTION") {
			t.Error(problem)
		}
	}
}

func (g *gridView) paste() {
	g.t.Helper()
	g.focus(g.ctx, 1, "language")
	g.text(g.ctx, `(() => { const d = new DataTransfer(); d.setData("text/plain", "11\t12\n13\t14\r\n15\t16\n");
		document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: d, bubbles: true, cancelable: true })); return ""; })()`)
	g.until(g.ctx, "what was pasted is saved", allSaved)
	for i, want := range [][2]string{{"11", "12"}, {"13", "14"}, {"15", "16"}} {
		if got := [2]string{g.saved(i+1, "language"), g.saved(i+1, "interview")}; got != want {
			g.t.Errorf("pasted row %d: %v", i, got)
		}
	}
}

func TestTwoInOneGrid(t *testing.T) {
	g := newGridView(t, 4)
	g.enter(g.Coordinator.Person, g.grid())
	other := testkit.Visitor(t, g.ctx, testkit.AllowStatus(http.StatusUnprocessableEntity, http.StatusConflict))
	second := &gridView{viewer: &viewer{g.scene, t, other}, files: g.files}
	awake(t, other)
	second.enter(g.Officer.Person, g.grid())
	g.focus(g.ctx, 0, "letter")
	g.keys(g.ctx, "21\r")
	second.until(other, "the other sees it", `document.querySelector('`+g.input(0, "letter")+`').value === "21"`)
	second.looked("grid-changed")

	// Both at one cell: the second saw it empty.
	second.focus(other, 1, "letter")
	second.keys(other, "18")
	g.focus(g.ctx, 1, "letter")
	g.keys(g.ctx, "25\r")
	g.until(g.ctx, "the first is saved", allSaved)
	second.keys(other, "\r")
	second.until(other, "both values stand beside the cell", `document.querySelectorAll(".p-grid-choice button").length === 2`)
	second.looked("grid-stale")
	if got := g.saved(1, "letter"); got != "25" {
		t.Errorf("overwritten silently by %s", got)
	}
	if err := chromedp.Do(other, chromedp.Click(".p-grid-choice button")); err != nil {
		t.Fatal(err)
	}
	second.until(other, "settled", allSaved)
	if got := g.saved(1, "letter"); got != "18" {
		t.Errorf("kept mine: %s saved", got)
	}
	g.until(g.ctx, "the first sees it", `document.querySelector('`+g.input(1, "letter")+`').value === "18"`)

	// Two windows of one person.
	window := testkit.Window(t, g.ctx, testkit.AllowStatus(http.StatusConflict))
	third := &gridView{viewer: &viewer{g.scene, t, window}, files: g.files}
	awake(t, window)
	third.open(g.grid())
	third.focus(window, 2, "interview")
	third.keys(window, "5")
	g.focus(g.ctx, 2, "interview")
	g.keys(g.ctx, "9\r")
	g.until(g.ctx, "saved in the first window", allSaved)
	third.focus(window, 2, "interview")
	third.keys(window, "\r")
	third.until(window, "the second window asks", `document.querySelectorAll(".p-grid-choice button").length === 2`)
	if got := g.saved(2, "interview"); got != "9" {
		t.Errorf("two windows of one person: %s", got)
	}
}

func TestAFlaggedMarkIsKeptWithOnePress(t *testing.T) {
	g := newGridView(t, 2)
	one := g.as(g.Coordinator)
	one.cell(g.Call, g.files[0], "letter", "20", "")
	one.cell(g.Call, g.files[1], "letter", "12", "")
	by := mobility.Wall(2027, time.February, 20, 12, 0)
	g.Move(g.Officer, g.files[0], "return", g.AfterClose, process.Given{Reason: "More.", Questions: []string{"motivation"}, CompleteBy: &by})
	student := mobility.Actor{Person: testkit.One[uuid.UUID](g.World, `SELECT person_id FROM applications WHERE id = $1`, g.files[0])}
	g.Move(student, g.files[0], "complete", g.AfterClose.Add(time.Minute), process.Given{})
	one.get(g.grid()).want(t, http.StatusOK, "Saw version 1, look again")
	g.enter(g.Coordinator.Person, g.grid())
	g.looked("grid-flagged")
	if n := g.text(g.ctx, `String(document.querySelectorAll("button[name=keep]:not([hidden])").length)`); n != "1" {
		t.Errorf("%s marks to look at again", n)
	}
	if err := chromedp.Do(g.ctx, chromedp.Click("button[name=keep]:not([hidden])")); err != nil {
		t.Fatal(err)
	}
	g.until(g.ctx, "no flag is left", `document.querySelectorAll("button[name=keep]:not([hidden])").length === 0`)
	one.cell(g.Call, g.files[0], "language", "10", "")
	g.EditScheme("{min: 0, max: 20, step: 0.5}", "{min: 0, max: 25, step: 0.5}")
	one.get(g.grid()).want(t, http.StatusOK, "Given when the range was 0 to 20")
	name := cellName(g.files[0], "language")
	one.post(g.grid(), url.Values{"m." + name: {"10"}, "s." + name: {"10"}, "keep": {name}}).want(t, http.StatusSeeOther)
	if strings.Contains(one.get(g.grid()).body, "Given when") {
		t.Error("kept without script, and still flagged")
	}
}
