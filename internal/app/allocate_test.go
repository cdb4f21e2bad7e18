package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// files writes files into a folder of the test's own and returns it.
func files(t *testing.T, content map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range content {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var allocated = map[string]string{
	"A.csv": "applicant,preference,destination,score,group\nanna,1,Helsinki,55.5,\nanna,2,Porto,55.5,\nbert,1,Helsinki,40,g\ncyril,1,Porto,40,\n",
	"D.csv": "destination,places\nHelsinki,1\nPorto,1\n", "S.csv": "group,percent\ng,50\n",
	"partner.csv": "destination,places,partner,partner_places\nHelsinki,1,P,1\nPorto,1,P,1\n",
	"wrong.csv":   "applicant,preference,destination,score\nanna,1,Atlantis,1\nbert,0,Helsinki,many\n", "empty.csv": "",
}

// Exit codes: 0 done, 1 rows are wrong, each on a line, 2 wrong use in one
// line. Nothing is printed unless it is 0.
func TestAllocateExitCodes(t *testing.T) {
	t.Parallel()
	dir := files(t, allocated)
	for _, c := range []struct {
		args  string
		code  int
		lines int    // on stderr
		want  string // somewhere in what is printed or said
	}{
		{"--applications A.csv --destinations D.csv", 0, 0, "anna,placed,Helsinki,1,55.5,55.5,40,,placed\nbert,reserve,Helsinki,1,40,55.5,40,1,no_place_left\n"},
		{"--applications A.csv --destinations D.csv --shares S.csv --method list", 0, 0, "bert,placed,Helsinki,1,40,40,55.5,,placed\n"},
		{"--applications A.csv --destinations D.csv --method lottery --seed x", 0, 0, "applicant,"},
		{"--applications A.csv --destinations D.csv --ties lot --seed x --no-reserve", 0, 0, "bert,unplaced,"},
		{"--applications A.csv --destinations D.csv --ties refuse --reserve-limit 1", 0, 0, "bert,reserve,"},
		{"--applications A.csv --destinations D.csv --ties admit --method hardest-first", 0, 0, "applicant,"},
		{"--applications A.csv --destinations D.csv --method first-choice --per-wish", 0, 0, "anna,unplaced,Porto,2,55.5,40,,,placed_at_better_choice\n"},
		{"--applications A.csv --destinations partner.csv --partner-ranks", 0, 0, "cyril,reserve,Porto,1,40,,40,1,no_place_left\n"},
		{"--applications wrong.csv --destinations D.csv", 1, 3, `wrong.csv, line 2, column 3 (destination): there is no destination "Atlantis"`},
		{"--applications empty.csv --destinations D.csv", 1, 1, "empty.csv, line 1, column 1: the file is empty"},
		{"--applications A.csv --destinations empty.csv", 1, 1, "empty.csv, line 1, column 1: the file is empty"},
		{"--applications A.csv --destinations partner.csv", 2, 1, "partner.csv, line 1, column 4 (partner_places)"},
		{"--applications A.csv --destinations D.csv --method magic", 2, 1, "--method must be one of"},
		{"--applications A.csv --destinations D.csv --ties magic", 2, 1, "--ties must be one of"},
		{"--applications A.csv --destinations D.csv --ties lot", 2, 1, "--ties lot needs --seed"},
		{"--applications A.csv --destinations D.csv --method lottery --seed x --ties admit", 2, 1, "--ties admit does not go with --method lottery"},
		{"--applications A.csv --destinations D.csv --reserve-limit 2 --no-reserve", 2, 1, "can't be used together"},
		{"--applications A.csv --destinations D.csv --reserve-limit many", 2, 1, "reserve-limit"},
		{"--applications none.csv --destinations D.csv", 2, 1, "none.csv"},
		{"--applications A.csv", 2, 1, "--destinations"},
	} {
		args := []string{"allocate"}
		for _, arg := range strings.Fields(c.args) {
			if strings.HasSuffix(arg, ".csv") {
				arg = filepath.Join(dir, arg)
			}
			args = append(args, arg)
		}
		code, out, errs := invoke(t, nil, args...)
		if code != c.code || strings.Count(errs, "\n") != c.lines || !strings.Contains(out+errs, c.want) || code != 0 && out != "" {
			t.Errorf("%s: code %d, want %d and %q\n%s%s", c.args, code, c.code, c.want, out, errs)
		}
	}
}

// The JSON has every name in every object, and numbers where the CSV has them.
func TestAllocateAsJSON(t *testing.T) {
	t.Parallel()
	dir := files(t, allocated)
	code, out, errs := invoke(t, nil, "allocate", "--applications", filepath.Join(dir, "A.csv"), "--destinations", filepath.Join(dir, "D.csv"), "--json")
	var rows []map[string]any
	if err := json.Unmarshal([]byte(out), &rows); err != nil || code != 0 || len(rows) != 3 {
		t.Fatalf("code %d, %v: %s%s", code, err, out, errs)
	}
	if r := rows[1]; r["applicant"] != "bert" || r["score"] != 40.0 || r["reserve_position"] != 1.0 || rows[0]["reserve_position"] != nil || len(r) != 9 {
		t.Errorf("%v", rows)
	}
}

func TestAllocateHelp(t *testing.T) {
	t.Parallel()
	code, out, _ := invoke(t, nil, "allocate", "--help")
	for _, want := range []string{"--per-wish", "partner_places", "hardest-first", "lost_share", "docs/allocate.md"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("code %d, no %q in\n%s", code, want, out)
		}
	}
}

var example = regexp.MustCompile("(?s)```\n(\\$ cat A\\.csv\n.*?)```")

// What the README shows is what happens.
func TestAllocateAsInTheReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := example.FindSubmatch(readme)
	if found == nil {
		t.Fatal("there is no example")
	}
	shown, printed := map[string]string{}, 0
	for _, step := range strings.Split(string(found[1]), "$ ")[1:] {
		command, text, _ := strings.Cut(step, "\n")
		if name, ok := strings.CutPrefix(command, "cat "); ok {
			shown[name] = text
			continue
		}
		dir := files(t, shown)
		args := strings.Fields(strings.TrimPrefix(command, "peregrine "))
		for i, arg := range args {
			if _, ok := shown[arg]; ok {
				args[i] = filepath.Join(dir, arg)
			}
		}
		if code, out, errs := invoke(t, nil, args...); code != 0 || out != text {
			t.Errorf("%s: code %d\n%s%s", command, code, out, errs)
		}
		printed++
	}
	if printed == 0 {
		t.Error("the example runs nothing")
	}
}
