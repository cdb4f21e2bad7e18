package app_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/xuri/excelize/v2"

	"peregrine/internal/demo/data"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// Exporting the demo's lists and importing what came out changes nothing.
func TestExportsImportAsTheyWere(t *testing.T) {
	t.Parallel()
	url, env := production(t)
	for _, table := range []string{"institutions", "members"} {
		if code, _, errs := invoke(t, env, "import", table); code != 0 {
			t.Fatalf("%s: %s", table, errs)
		}
	}
	dir := t.TempDir()
	for _, list := range []struct {
		kind  string
		files [][]byte
	}{{"units", [][]byte{data.Units}}, {"agreements", [][]byte{data.Agreements, data.BIP}}, {"people", [][]byte{data.People}}} {
		rows := 0
		for _, content := range list.files {
			rows += bytes.Count(bytes.TrimSpace(content), []byte("\n"))
			file := filepath.Join(dir, "in.csv")
			if err := os.WriteFile(file, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if code, _, errs := invoke(t, env, "import", list.kind, file, "--institution", "mendelu.cz"); code != 0 {
				t.Fatalf("%s: code %d, %s", list.kind, code, errs)
			}
		}
		// A name that a spreadsheet would compute.
		exec(t, url, `UPDATE person_facts SET family_names = '=' || family_names WHERE person_id = (SELECT min(person_id::text)::uuid FROM person_facts)`)
		for _, extension := range []string{"csv", "xlsx", "XLSX", ""} {
			file := filepath.Join(dir, list.kind+"."+extension)
			args := []string{"export", list.kind, file, "--institution", "CZ BRNO02"}
			if extension == "" {
				args = []string{"export", list.kind, "--institution", "mendelu.cz"}
			}
			code, out, errs := invoke(t, env, args...)
			if code != 0 || errs != "" {
				t.Fatalf("export %s %s: code %d, %s", list.kind, extension, code, errs)
			}
			if extension == "" {
				file = filepath.Join(dir, "out.csv")
				if err := os.WriteFile(file, []byte(out), 0o600); err != nil {
					t.Fatal(err)
				}
			} else if want := fmt.Sprintf("%d rows\n", rows); out != want {
				t.Errorf("export %s %s: %q, want %q", list.kind, extension, out, want)
			}
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", file, info, err)
			}
			want := fmt.Sprintf("%d rows: 0 new, 0 changed, %d as they were\n", rows, rows)
			if code, out, errs := invoke(t, env, "import", list.kind, file, "--institution", "mendelu.cz"); code != 0 || out != want {
				t.Errorf("import %s %s again: code %d, %q, want %q\n%s", list.kind, extension, code, out, want, errs)
			}
		}
		if lines := accessLines(t, url, "export "+list.kind); lines != strings.Repeat(fmt.Sprintf(" %d", rows), 4) {
			t.Errorf("%s: access lines count%s, want four of %d", list.kind, lines, rows)
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".peregrine-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// accessLines are the counts of an institution's lines of a page.
func accessLines(t *testing.T, url, page string) string {
	t.Helper()
	conn := must(pgx.Connect(t.Context(), url))(t)
	defer func() { _ = conn.Close(t.Context()) }()
	var out string
	err := conn.QueryRow(t.Context(), `SELECT coalesce(string_agg(' ' || count, '' ORDER BY at), '') FROM access_lines
		WHERE page = $1 AND institution_id IS NOT NULL AND actor_id IS NULL`, page).Scan(&out)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestExportOfApplications(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1}, Production: true})
	w.Exec(`UPDATE institutions SET schac_domain = 'home.example' WHERE id = $1`, w.Home)
	w.Exec(`INSERT INTO erasmus_codes (code, institution_id) VALUES ('SF HOST01', $1), ('SF HOST02', $1)`, w.Host)
	anna, bert := w.Student("Anna", "1.2"), w.Student("Bert", "2.4")
	w.Exec(`UPDATE person_facts SET family_names = '=cmd' WHERE person_id = $1`, bert.Person)
	a, b, draft := w.Submitted(anna), w.Submitted(bert), w.Draft(w.Student("Dora", "2"))
	w.Marked(a, "28")
	w.Marked(b, "20,5")
	env := environ(map[string]string{"PEREGRINE_DATABASE_URL": w.URL})
	args := []string{"export", "applications", "--institution", "home.example"}

	before := exported(t, env, args...)
	if row := before[a.String()]; len(before) != 3 || row["state"] != "submitted" || row["points"] != "" || row["outcome"] != "" || row["email"] == "" {
		t.Errorf("before publication: %v", before)
	}
	w.Published(w.AfterClose)
	at := w.AfterClose.Add(time.Hour)
	w.Move(anna, a, "confirm", at, process.Given{})
	w.Move(w.Officer, a, "nominate", at, process.Given{})
	after := exported(t, env, append(args, "--call", w.Call.String())...)
	for id, want := range map[string]map[string]string{
		a.String():     {"state": "nominated", "phase": "nominated", "rank": "1", "outcome": "placed", "nomination": "sent", "host_code": "SF HOST01", "offer": "confirmed", "arrived_on": ""},
		b.String():     {"state": "reserve", "rank": "2", "outcome": "reserve", "offer": "", "nomination": "", "family_names": "'=cmd"},
		draft.String(): {"state": "draft", "submitted_at": "", "points": ""},
	} {
		for column, value := range want {
			if got := after[id][column]; got != value {
				t.Errorf("%s of %s is %q, want %q", column, want["state"], got, value)
			}
		}
	}
	if row := after[a.String()]; row["points"] == "" || !strings.HasPrefix(row["submitted_at"], "2026-12-15 ") {
		t.Errorf("points and arrival: %v", row)
	}

	w.Exec(`UPDATE applications SET held_back = 'later' WHERE id = $1`, b)
	if row := exported(t, env, args...)[b.String()]; row["points"]+row["rank"]+row["outcome"] != "" {
		t.Errorf("a result held back is told: %v", row)
	}
	book := filepath.Join(t.TempDir(), "a.xlsx")
	if code, out, errs := invoke(t, env, append(args, book)...); code != 0 || out != "3 rows\n" {
		t.Errorf("code %d, %s%s", code, out, errs)
	}
	opened := must(excelize.OpenFile(book))(t)
	defer func() { _ = opened.Close() }()
	for _, row := range must(opened.GetRows(opened.GetSheetName(0)))(t) {
		if row[0] == "'=cmd" {
			t.Error("a workbook's text is guarded, which it needs not")
		}
	}
	if lines := accessLines(t, w.URL, "export applications"); lines != " 3 3 3 3" {
		t.Errorf("access lines count%s", lines)
	}
}

// exported reads a CSV by the applications' ids and the columns' names.
func exported(t *testing.T, env []string, args ...string) map[string]map[string]string {
	t.Helper()
	code, out, errs := invoke(t, env, args...)
	if code != 0 {
		t.Fatalf("%v: code %d, %s", args, code, errs)
	}
	rows := must(csv.NewReader(strings.NewReader(out)).ReadAll())(t)
	found := map[string]map[string]string{}
	for _, row := range rows[1:] {
		cells := map[string]string{}
		for i, name := range rows[0] {
			cells[name] = row[i]
		}
		found[cells["application_id"]] = cells
	}
	return found
}

func TestExportsRefuseWhatIsNotThere(t *testing.T) {
	t.Parallel()
	url, env := production(t)
	if code, _, errs := invoke(t, env, "import", "members"); code != 0 {
		t.Fatal(errs)
	}
	for _, args := range [][]string{
		{"people"},
		{"people", "--institution", "nowhere.example"},
		{"applications", "--institution", "mendelu.cz", "--call", "x"},
		{"applications", "--institution", "mendelu.cz", "--call", uuid.NewString()},
		{"people", "--institution", "mendelu.cz", filepath.Join(t.TempDir(), "no", "file.csv")},
	} {
		if code, out, errs := invoke(t, env, append([]string{"export"}, args...)...); code != 2 || out != "" || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: code %d, %s%s", args, code, out, errs)
		}
	}
	if code, out, _ := invoke(t, env, "export", "people", "--institution", "mendelu.cz"); code != 0 || strings.Count(out, "\n") != 1 {
		t.Errorf("nobody: code %d, %s", code, out)
	}
	if lines := accessLines(t, url, "export applications"); lines != "" {
		t.Errorf("a refused export left lines:%s", lines)
	}
}
