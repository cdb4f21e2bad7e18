package process_test

import (
	"bytes"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
	"peregrine/workflows"
)

// studyStay is the built-in study stay under another version, with the
// replacements given in pairs.
func studyStay(t *testing.T, version string, pairs ...string) []byte {
	t.Helper()
	source, err := fs.ReadFile(workflows.Files, "erasmus-study.yaml")
	if err != nil {
		t.Fatal(err)
	}
	source = bytes.Replace(source, []byte("\nversion: 1\n"), []byte("\nversion: "+version+"\n"), 1)
	return []byte(strings.NewReplacer(pairs...).Replace(string(source)))
}

func TestLoadingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	added, err := w.Process.LoadBuiltIn(t.Context(), time.Now(), workflows.Files)
	if err != nil || added != 0 {
		t.Errorf("again: %d added, %v", added, err)
	}
	first, loaded, err := w.Process.LoadDefinition(t.Context(), time.Now(), nil, studyStay(t, "2"))
	if err != nil || !loaded {
		t.Fatalf("version 2: loaded %v, %v", loaded, err)
	}
	same := append([]byte("# only a comment\n"), studyStay(t, "2")...)
	again, loaded, err := w.Process.LoadDefinition(t.Context(), time.Now(), nil, same)
	if err != nil || loaded || again != first {
		t.Errorf("the same meaning again: %v, loaded %v, %v", again, loaded, err)
	}
}

func TestLoadedPartsAreThoseOfTheFile(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	d, problems := lifecycle.Parse("erasmus-study.yaml", studyStay(t, "1"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	reminders := 0
	for _, r := range d.Reminders {
		reminders += len(r.To)
	}
	for table, want := range map[string]int{"definition_states": len(d.States), "definition_timers": len(d.Timers), "definition_reminders": reminders} {
		got := testkit.One[int](w, `SELECT count(*)::int FROM `+table+` x JOIN definitions d ON d.id = x.definition_id WHERE d.name = 'erasmus-study'`)
		if got != want {
			t.Errorf("%s has %d rows, want %d", table, got, want)
		}
	}
	for _, m := range d.Moves {
		for _, from := range m.From {
			if testkit.One[int](w, `SELECT count(*)::int FROM definition_moves x JOIN definitions d ON d.id = x.definition_id
				WHERE d.name = 'erasmus-study' AND x.name = $1 AND from_state = $2 AND to_state = $3`, m.Name, string(from), string(m.To)) != 1 {
				t.Errorf("move %s from %s to %s has no row", m.Name, from, m.To)
			}
		}
	}
}

func TestAVersionIsNeverLoadedWithAnotherContent(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	_, _, err := w.Process.LoadDefinition(t.Context(), time.Now(), nil, studyStay(t, "1", `"Study stay"`, `"Stay"`))
	if mobility.CodeOf(err) != "conflict.version_loaded" {
		t.Errorf("answer %v", err)
	}
	// An institution's own of the same name and version is another lifecycle.
	if _, loaded, err := w.Process.LoadDefinition(t.Context(), time.Now(), &w.Home, studyStay(t, "1", `"Study stay"`, `"Stay"`)); err != nil || !loaded {
		t.Errorf("own: loaded %v, %v", loaded, err)
	}
}

func TestABrokenDefinitionIsRefusedByLine(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	_, _, err := w.Process.LoadDefinition(t.Context(), time.Now(), nil, studyStay(t, "3", "    to: submitted\n", "    to: nowhere\n"))
	if mobility.CodeOf(err) != "lifecycle.refused" || mobility.KindOf(err) != mobility.Invalid {
		t.Fatalf("answer %v", err)
	}
	if n := testkit.One[int](w, `SELECT count(*)::int FROM definitions WHERE version = 3`); n != 0 {
		t.Errorf("%d kept", n)
	}
}

func TestCheckPinnedNamesTheCallsARelaseBreaks(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	pinned, err := w.Process.CheckPinned(t.Context(), time.Now(), workflows.Files)
	if err != nil || len(pinned) != 0 {
		t.Fatalf("this release: %v, %v", pinned, err)
	}
	release := fstest.MapFS{"erasmus-study.yaml": {Data: studyStay(t, "1", `"Study stay"`, `"Stay"`)}}
	pinned, err = w.Process.CheckPinned(t.Context(), time.Now(), release)
	if err != nil || len(pinned) != 1 || pinned[0].Call != w.Call || len(pinned[0].Problems) != 1 {
		t.Errorf("a changed version: %v, %v", pinned, err)
	}
	w.Exec(`UPDATE definitions SET source = replace(source, 'call_open@1', 'call_open@0') WHERE name = 'erasmus-study'`)
	pinned, err = w.Process.CheckPinned(t.Context(), time.Now(), workflows.Files)
	if err != nil || len(pinned) != 1 || !strings.Contains(pinned[0].Problems[0], "call_open@0") {
		t.Errorf("a guard this release lacks: %v, %v", pinned, err)
	}
}

// namesState matches the lines of a definition that name states, and the word
// on them.
var (
	namesState = regexp.MustCompile(`^\s*(- name|from|to|- ?\{? ?state|state):`)
	reserved   = regexp.MustCompile(`\breserve\b`)
)

// newVersion loads a second version in which the reserve is called waiting.
func newVersion(t *testing.T, w *testkit.World) uuid.UUID {
	t.Helper()
	lines := strings.Split(string(studyStay(t, "2")), "\n")
	for i, line := range lines {
		if namesState.MatchString(line) {
			before, after, _ := strings.Cut(line, ",") // of an inline timer or reminder only the state
			if !strings.Contains(line, "{") {
				before, after = line, ""
			}
			lines[i] = strings.TrimSuffix(reserved.ReplaceAllString(before, "waiting")+","+after, ",")
		}
	}
	id, _, err := w.Process.LoadDefinition(t.Context(), time.Now(), nil, []byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return id
}

func TestMovingACallAsksForAMappingAndIsAllOrNothing(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	a, b := w.Submitted(w.Student("Anna", "1.2")), w.Submitted(w.Student("Bert", "2.4"))
	d := w.Draft(w.Student("Dana", "1.5"))
	w.Marked(a, "28")
	w.Marked(b, "20")
	w.Published(w.AfterClose)
	to := newVersion(t, w)
	plan := process.Repin{Call: w.Call, Definition: to, Arrived: w.AfterClose.Add(time.Hour)}

	lacking, err := w.Process.MoveCallToVersion(t.Context(), w.Administrator, plan)
	if mobility.CodeOf(err) != "conflict.mapping_needed" || lacking.Unmapped() != 1 || len(lacking.Applications) != 3 {
		t.Fatalf("without a mapping: %+v, %v", lacking, err)
	}
	expect(t, w, b, "reserve")
	plan.Mapping = process.Mapping{"reserve": "offered"}
	lacking, err = w.Process.MoveCallToVersion(t.Context(), w.Administrator, plan)
	if mobility.CodeOf(err) != "conflict.mapping_needed" || lacking.Unmapped() != 1 {
		t.Fatalf("against the facts: %+v, %v", lacking, err)
	}
	for _, x := range lacking.Applications {
		if x.ID == b && x.Problem != "repin.offer_contradicts" {
			t.Errorf("problem %q", x.Problem)
		}
	}
	plan.Mapping = process.Mapping{"reserve": "waiting"}
	plan.Preview = true
	seen, err := w.Process.MoveCallToVersion(t.Context(), w.Administrator, plan)
	if err != nil || seen.Unmapped() != 0 {
		t.Fatalf("preview: %+v, %v", seen, err)
	}
	expect(t, w, b, "reserve")
	plan.Preview, plan.Seen = false, "of another day"
	if _, err := w.Process.MoveCallToVersion(t.Context(), w.Administrator, plan); mobility.KindOf(err) != mobility.Stale {
		t.Errorf("a stale preview: %v", err)
	}
	plan.Seen = seen.Fingerprint
	if _, err := w.Process.MoveCallToVersion(t.Context(), w.Administrator, plan); err != nil {
		t.Fatal(err)
	}
	expect(t, w, a, "offered")
	expect(t, w, b, "waiting")
	expect(t, w, d, "draft")
	if n := testkit.One[int](w, `SELECT count(*)::int FROM events WHERE kind = 'remap' AND definition_id = $1`, to); n != 3 {
		t.Errorf("%d remap events", n)
	}
	verifyClean(t.Context(), t, w)
}

func TestOnlyAnAdministratorMovesACall(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	plan := process.Repin{Call: w.Call, Definition: newVersion(t, w), Arrived: w.AfterClose}
	foreign := w.Staff("foreign-administrator", mobility.RoleAdministrator, w.Host, nil)
	for _, who := range []mobility.Actor{w.Officer, w.Coordinator, foreign, w.Student("Anna", "1")} {
		if _, err := w.Process.MoveCallToVersion(t.Context(), who, plan); mobility.KindOf(err) != mobility.Forbidden {
			t.Errorf("%s: %v", who.Name, err)
		}
	}
	plan.Mapping = process.Mapping{"draft": "nowhere"}
	if _, err := w.Process.MoveCallToVersion(t.Context(), w.Administrator, plan); mobility.KindOf(err) != mobility.Invalid {
		t.Errorf("a mapping to nowhere: %v", err)
	}
}
