package allocation_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"peregrine/internal/allocation"
)

const (
	soundWishes = "applicant,preference,destination,score,tie1,group\nana,1,X,5,1,g\nana,2,Y,5,1,g\nbo,1,X,4,0,\n"
	soundPlaces = "destination,places,partner\nX,1,P\nY,2,P\n"
)

// The parts of an input that tests write.
const wishes, places, shares = "applications", "destinations", "shares"

// Each kind of wrong row is named with file, line and column.
func TestEveryWrongRow(t *testing.T) {
	t.Parallel()
	for _, c := range slices.Concat(wrongWishes, wrongFiles, wrongPlaces) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			parts := map[string]string{"options": c.options, wishes: soundWishes, places: soundPlaces + "Z,1,Q\n"}
			if strings.Contains(c.options, "partner-ranks") {
				parts[places] = "destination,places,partner,partner_places\nX,1,P,2\nY,2,P,2\nZ,1,Q,\n"
			}
			parts[c.part] = c.text
			o, _ := save(t, parts)
			got := problems(t, o)
			if len(got) != len(c.want) {
				t.Fatalf("%d problems, want %d:\n%s", len(got), len(c.want), strings.Join(got, "\n"))
			}
			for i, line := range got {
				if want := c.part + ".csv, " + c.want[i]; !strings.HasPrefix(line, want) {
					t.Errorf("got  %s\nwant %s …", line, want)
				}
			}
		})
	}
}

// wrongRow is a file with something wrong in it, beside others that are sound.
type wrongRow struct {
	name, options, part string
	text                string
	want                []string // lines, after the file's name
}

var wrongWishes = []wrongRow{
	{"unknown destination", "", wishes, "applicant,preference,destination,score\nana,1,X,5\nana,2,Atlantis,5\n", []string{`line 3, column 3 (destination): there is no destination "Atlantis"`}},
	{"case and space count", "", wishes, "applicant,preference,destination,score\nana,1,x,5\nana,2,X ,5\n", []string{`line 2, column 3 (destination): there is no destination "x"`, `line 3, column 3 (destination): "X " begins or ends with a space`}},
	{"duplicate wish", "", wishes, "applicant,preference,destination,score\nana,1,X,5\nbo,1,X,5\nana,2,X,5\n", []string{`line 4, column 3 (destination): "ana" has destination "X" in line 2 already`}},
	{"duplicate preference", "", wishes, "score,applicant,preference,destination\n5,ana,1,X\n5,ana,1,Y\n", []string{`line 3, column 3 (preference): "ana" has preference 1 in line 2 already`}},
	{"the same row twice", "", wishes, "applicant,preference,destination,score\nana,1,X,5\nana,1,X,5\n", []string{
		`line 3, column 2 (preference): "ana" has preference 1 in line 2 already`, `line 3, column 3 (destination): "ana" has destination "X" in line 2 already`,
	}},
	{"no preference", "", wishes, "applicant,preference,destination,score\nana,0,X,5\nbo,1.0,X,5\ncy,,X,5\ndan,first,X,5\neve,-1,X,5\nfay,+1,X,5\ngil,99999999999999999999,X,5\n", []string{
		`line 2, column 2 (preference): "0" is not a whole number from 1 to 1000000`, `line 3, column 2 (preference): "1.0"`, `line 4, column 2 (preference): ""`,
		`line 5, column 2 (preference): "first"`, `line 6, column 2 (preference): "-1"`, `line 7, column 2 (preference): "+1"`, `line 8, column 2 (preference): "99999999999999999999"`,
	}},
	{"no number", "", wishes, "applicant,preference,destination,score\na,1,X,many\nb,1,X,\nc,1,X,1e400\nd,1,X,NaN\ne,1,X,Inf\nf,1,X,1_000\ng,1,X,٣\nh,1,X,\"1,5\"\ni,1,X,.5\nj,1,X,5.\nk,1,X,0x10\nl,1,X, 5\nm,1,X,--5\nn,1,X,1.2.3\no,1,X,1e3\np,1,X,-\n", []string{
		`line 2, column 4 (score): "many" is not a number like 12, -3 or 87.25`, `line 3, column 4 (score): ""`, `line 4, column 4 (score): "1e400"`,
		`line 5, column 4 (score): "NaN"`, `line 6, column 4 (score): "Inf"`, `line 7, column 4 (score): "1_000"`, `line 8, column 4 (score): "٣"`,
		`line 9, column 4 (score): "1,5"`, `line 10, column 4 (score): ".5"`, `line 11, column 4 (score): "5."`, `line 12, column 4 (score): "0x10"`,
		`line 13, column 4 (score): " 5"`, `line 14, column 4 (score): "--5"`, `line 15, column 4 (score): "1.2.3"`, `line 16, column 4 (score): "1e3"`, `line 17, column 4 (score): "-"`,
	}},
	{"too many digits", "", wishes, "applicant,preference,destination,score\na,1,X," + strings.Repeat("9", 31) + "\nb,1,X,0." + strings.Repeat("9", 31) + "\n", []string{"line 2, column 4 (score):", "line 3, column 4 (score):"}},
	{"empty ids", "", wishes, "applicant,preference,destination,score\n,1,X,5\nbo,1,,5\n", []string{"line 2, column 1 (applicant): this cell is empty", "line 3, column 3 (destination): this cell is empty"}},
	{"no tie", "", wishes, "applicant,preference,destination,score,tie1\nana,1,X,5,\nbo,1,X,5,x\n", []string{`line 2, column 5 (tie1): ""`, `line 3, column 5 (tie1): "x"`}},
	{"ties differ", "", wishes, "applicant,preference,destination,score,tie1,tie2\nana,1,X,5,1,2\nana,2,Y,5,1.0,3\n", []string{`line 3, column 6 (tie2): "ana" has 2 in line 2`}},
	{"groups differ", "", wishes, "applicant,preference,destination,score,group\nana,1,X,5,g\nana,2,Y,5,\n", []string{`line 3, column 5 (group): "ana" has group "g" in line 2`}},
	{"scores differ in a list", "--method list", wishes, "applicant,preference,destination,score\nana,1,X,5\nana,2,Y,5.5\nbo,1,X,5\nbo,2,Y,5.0\n", []string{`line 3, column 4 (score): "ana" has 5 in line 2, and --method list`}},
	{"scores differ at a partner", "--partner-ranks", wishes, "applicant,preference,destination,score\nana,1,X,5\nana,2,Z,7\nana,3,Y,6\n", []string{`line 4, column 4 (score): "ana" has 5 from partner "P" in line 2, and with --partner-ranks`}},
}

var wrongFiles = []wrongRow{
	{"missing column", "", wishes, "applicant,preference,destination\nana,1,Atlantis\n", []string{"line 1, column 4 (score): this column is missing", `line 2, column 3 (destination): there is no destination "Atlantis"`}},
	{"unknown columns", "", wishes, "applicant,preference,destination,score,colour,tie0,tie01\nana,1,X,5,red,1,1\n", []string{`line 1, column 5: there is no column "colour"`, `line 1, column 6: there is no column "tie0"`, `line 1, column 7: there is no column "tie01"`}},
	{"column twice", "", wishes, "applicant,preference,destination,score,score\nana,1,X,5,5\n", []string{"line 1, column 5 (score): there are two columns of this name"}},
	{"gap in the chain", "", wishes, "applicant,preference,destination,score,tie2\nana,1,X,5,5\n", []string{"line 1, column 5 (tie2): column tie1 is missing before it"}},
	{"wrong number of cells", "", wishes, "applicant,preference,destination,score\nana,1,X\nbo,1,X,5,6\ncy\n", []string{
		"line 2, column 4 (score): this row has 3 cells, the header has 4", "line 3, column 5: this row has 5 cells", "line 4, column 2 (preference): this row has 1 cell, the header has 4",
	}},
	{"broken encoding", "", wishes, "applicant,preference,destination,score\nNov\xe1kov\xe1,1,X,5\nbo,1,\xff,5\n", []string{`line 2, column 1 (applicant): "Nov\xe1kov\xe1" is not UTF-8`, `line 3, column 3 (destination): "\xff" is not UTF-8`}},
	{"UTF-16", "", wishes, "\xff\xfea\x00p\x00", []string{"line 1, column 1:"}},
	{"quotes", "", wishes, "applicant,preference,destination,score\nan\"a,1,X,5\n\"bo\"x,1,X,5\ncy,1,X,many\n", []string{
		"line 2, column 1 (applicant): quotation marks", "line 3, column 1 (applicant): quotation marks", `line 4, column 4 (score): "many"`,
	}},
	{"quote left open", "", wishes, "applicant,preference,destination,score\nana,1,\"X,5\nbo,1,X,5\n", []string{"line 2, column 3 (destination): quotation marks"}},
	{"lines within cells", "", wishes, "applicant,preference,destination,score\n\"a\nb\",1,X,5\ncy,1,X,many\n", []string{`line 4, column 4 (score): "many"`}},
	{"quotes in the header", "", wishes, "applicant,pref\"erence,destination,score\nana,1,X,5\n", []string{"line 1, column 2: quotation marks"}},
	{"empty", "", wishes, "", []string{"line 1, column 1: the file is empty"}},
	{"blank", "", wishes, "\n\n", []string{"line 1, column 1: the file is empty"}},
	{"only a byte order mark", "", wishes, "\ufeff", []string{"line 1, column 1: the file is empty"}},
}

var wrongPlaces = []wrongRow{
	{"negative places", "", places, "destination,places\nX,-1\nY,\nZ,1.5\n", []string{`line 2, column 2 (places): "-1" is not a whole number from 0`, `line 3, column 2 (places): ""`, `line 4, column 2 (places): "1.5"`}},
	{"duplicate destination", "", places, "destination,places\nX,1\nY,2\nX,3\nZ,1\n", []string{`line 4, column 1 (destination): "X" is in line 2 already`}},
	{"no destination column", "", places, "place,places\nX,1\n", []string{`line 1, column 1: there is no column "place"`, "line 1, column 3 (destination): this column is missing"}},
	{"empty destinations", "", places, "", []string{"line 1, column 1: the file is empty"}},
	{"partner differs", "--partner-ranks", places, "destination,places,partner,partner_places\nX,1,P,2\nY,1,P,3\nZ,1,P,\nV,1,Q,\nW,1,Q,1\n", []string{
		`line 3, column 4 (partner_places): "P" has "2" in line 2`, `line 4, column 4 (partner_places): "P" has "2" in line 2`, `line 6, column 4 (partner_places): "Q" has "" in line 5`,
	}},
	{"places of no partner", "--partner-ranks", places, "destination,places,partner,partner_places\nX,1,,2\nY,1,P,-2\nZ,1,,\n", []string{"line 2, column 4 (partner_places): there is no partner", `line 3, column 4 (partner_places): "-2"`}},
	{"no partners", "--partner-ranks", places, "destination,places\nX,1\nY,1\nZ,1\n", []string{"line 1, column 3 (partner): this column is missing", "line 1, column 3 (partner_places): this column is missing"}},
	{"shares", "", shares, "group,percent\ng,101\nh,10.5\ng,5\ng,6\n,7\n", []string{
		`line 2, column 2 (percent): "101" is not a whole number from 0 to 100`, `line 3, column 2 (percent): "10.5"`, `line 5, column 1 (group): "g" is in line 4 already`, "line 6, column 1 (group): this cell is empty",
	}},
	{"empty shares", "", shares, "", []string{"line 1, column 1: the file is empty"}},
}

// problems returns the lines of what is wrong, without the folder.
func problems(t *testing.T, o allocation.Options) []string {
	t.Helper()
	_, err := allocation.Read(o)
	var found *allocation.Problems
	if !errors.As(err, &found) {
		t.Fatalf("no problems but %v", err)
	}
	dir := filepath.Dir(o.Applications) + string(filepath.Separator)
	lines := found.Lines()
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], dir)
	}
	return lines
}

// All that is wrong is told at once: destinations, shares, applications, each
// by line and column.
func TestAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	o, _ := save(t, map[string]string{
		"applications": "applicant,preference,destination,score,group\nana,1,X,x,g\nbo,2,Y,5,\nbo,2,Nowhere,5,\nbo,3,Y,5,g\n",
		"destinations": "destination,places\nX,-1\nY,1\n", "shares": "group,percent\ng,x\n",
	})
	got := problems(t, o)
	for i, want := range []string{
		"destinations.csv, line 2, column 2", "shares.csv, line 2, column 2", "applications.csv, line 2, column 4",
		"applications.csv, line 4, column 3", "applications.csv, line 5, column 3", "applications.csv, line 5, column 5",
	} {
		if i >= len(got) || !strings.HasPrefix(got[i], want) {
			t.Fatalf("no %s in its place:\n%s", want, strings.Join(got, "\n"))
		}
	}
	if len(got) != 6 {
		t.Errorf("%d problems:\n%s", len(got), strings.Join(got, "\n"))
	}
}

func TestSharesNeedGroups(t *testing.T) {
	t.Parallel()
	o, _ := save(t, map[string]string{
		"applications": "applicant,preference,destination,score\nana,1,X,5\n", "destinations": soundPlaces, "shares": "group,percent\ng,5\n",
	})
	if got := problems(t, o); len(got) != 1 || !strings.HasPrefix(got[0], "applications.csv, line 1, column 5 (group): this column is missing") {
		t.Errorf("%q", got)
	}
}

// Options that do not go together are one line, and no problem of rows.
func TestWrongUse(t *testing.T) {
	t.Parallel()
	for options, want := range map[string]string{
		"--method lottery": "--method lottery needs --seed",
		"--ties lot":       "--ties lot needs --seed",
		"--method lottery --seed s --ties refuse":       "--ties refuse does not go with --method lottery",
		"--method lottery --seed s --ties admit":        "--ties admit does not go with --method lottery",
		"--ties refuse --shares":                        "--ties refuse does not go with --shares",
		"--method list --ties admit --shares":           "--ties admit does not go with --shares",
		"--partner-ranks --shares":                      "--shares with --partner-ranks need --method list or lottery",
		"--reserve-limit -1":                            "--reserve-limit is below zero",
		"--with-partner-places":                         "line 1, column 3 (partner_places): these bind only with --partner-ranks",
		"--missing":                                     "no such file",
		"--method first-choice --ties lot --no-reserve": "--ties lot needs --seed",
	} {
		parts := map[string]string{"applications": soundWishes, "destinations": soundPlaces, "options": options}
		for flag, do := range map[string]func(){
			"--shares": func() { parts["shares"] = "group,percent\ng,5\n" },
			"--with-partner-places": func() {
				parts["destinations"] = "destination,places,partner_places,partner\nX,-1,1,P\nY,2,1,P\n"
			},
			"--missing": func() {},
		} {
			if strings.Contains(options, flag) {
				parts["options"] = strings.ReplaceAll(parts["options"], flag, "")
				do()
			}
		}
		o, _ := save(t, parts)
		if options == "--missing" {
			o.Destinations += ".none"
		}
		_, err := allocation.Read(o)
		var rows *allocation.Problems
		if err == nil || errors.As(err, &rows) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", options, err)
		}
	}
}
