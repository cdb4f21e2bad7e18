package allocation_test

import (
	"bytes"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"peregrine/internal/allocation"
	"peregrine/internal/selection"
	"peregrine/internal/selection/proof"
)

// sections reads a file of testdata: what it shows, then one part after
// another, each under "-- name --".
func sections(t *testing.T, file string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out, name := map[string]string{}, "why"
	for line := range strings.Lines(string(data)) {
		if next, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(next, " --\n") {
			name = strings.TrimSuffix(next, " --\n")
			out[name] = ""
			continue
		}
		out[name] += line
	}
	return out
}

// save writes the files of a case and returns the options that name them.
func save(t *testing.T, parts map[string]string) (allocation.Options, allocation.Form) {
	t.Helper()
	dir := t.TempDir()
	file := func(part string) string {
		path := filepath.Join(dir, part+".csv")
		if err := os.WriteFile(path, []byte(parts[part]), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	o := allocation.Options{Applications: file("applications"), Destinations: file("destinations")}
	if _, ok := parts["shares"]; ok {
		o.Shares = file("shares")
	}
	var form allocation.Form
	set := flag.NewFlagSet("options", flag.ContinueOnError)
	set.StringVar((*string)(&o.Method), "method", string(selection.MethodDeferred), "")
	set.StringVar((*string)(&o.Ties), "ties", string(selection.TiedID), "")
	set.StringVar(&o.Seed, "seed", "", "")
	set.BoolVar(&o.PartnerRanks, "partner-ranks", false, "")
	set.IntVar(&o.ReserveLimit, "reserve-limit", 0, "")
	set.BoolVar(&o.NoReserve, "no-reserve", false, "")
	set.BoolVar(&form.PerWish, "per-wish", false, "")
	set.BoolVar(&form.JSON, "json", false, "")
	if err := set.Parse(strings.Fields(parts["options"])); err != nil {
		t.Fatal(err)
	}
	return o, form
}

// printed is the whole way of the command, from files to what it prints.
func printed(t *testing.T, o allocation.Options, form allocation.Form) string {
	t.Helper()
	c, err := allocation.Read(o)
	if err != nil {
		t.Fatal(err)
	}
	result, err := selection.Allocate(c.Input)
	if err != nil {
		t.Fatal(err)
	}
	if broken := proof.Verify(c.Input, result); len(broken) > 0 {
		t.Errorf("%d violations, the first %+v", len(broken), broken[0])
	}
	var out bytes.Buffer
	if err := c.Write(&out, result, form); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// The results were worked out by hand; each file says how.
func TestByHand(t *testing.T) {
	t.Parallel()
	for _, file := range golden(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			parts := sections(t, file)
			o, form := save(t, parts)
			if got := printed(t, o, form); got != parts["want"] {
				t.Errorf("%sgot:\n%swant:\n%s", parts["why"], got, parts["want"])
			}
		})
	}
}

func golden(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	return files
}

// The order of rows, the line ends, a byte order mark and the number of
// processors change no byte.
func TestSameBytes(t *testing.T) {
	for _, file := range golden(t) {
		parts := sections(t, file)
		for seed := range uint64(6) {
			shuffled := map[string]string{"options": parts["options"]}
			for _, part := range []string{"applications", "destinations", "shares"} {
				if text, ok := parts[part]; ok {
					shuffled[part] = shuffle(text, seed, part != "shares")
				}
			}
			o, form := save(t, shuffled)
			before := runtime.GOMAXPROCS(1 + int(seed%2))
			got := printed(t, o, form)
			runtime.GOMAXPROCS(before)
			if got != parts["want"] {
				t.Errorf("%s, shuffle %d:\n%s", file, seed, got)
			}
		}
	}
}

func shuffle(text string, seed uint64, rows bool) string {
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
	lines[len(lines)-1] += "\n"
	if rest := lines[1:]; rows {
		rand.New(rand.NewPCG(1, seed)).Shuffle(len(rest), func(i, k int) { rest[i], rest[k] = rest[k], rest[i] })
	}
	out := strings.Join(lines, "")
	if seed%3 == 1 {
		out = strings.ReplaceAll(out, "\n", "\r\n")
	}
	if seed%3 == 2 {
		out = "\ufeff" + out
	}
	return out
}

// Every reason the engine can give here has a line in the documentation, and
// none is left there that it cannot give.
func TestReasonsAreDocumented(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/allocate.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(doc), "| reason |")
	table, _, _ = strings.Cut(table, "\n\n")
	var told []string
	for line := range strings.Lines(table) {
		if cells := strings.Split(line, "`"); strings.HasPrefix(line, "| `") {
			told = append(told, cells[1])
		}
	}
	if !slices.Equal(told, allocation.Reasons) {
		t.Errorf("documented %v, given %v", told, allocation.Reasons)
	}
	for _, file := range golden(t) {
		for line := range strings.Lines(sections(t, file)["want"]) {
			if cells := strings.Split(strings.TrimSuffix(line, "\n"), ","); strings.HasSuffix(cells[0], "applicant") || len(cells) < 9 {
				continue
			} else if reason := strings.Trim(strings.TrimPrefix(cells[len(cells)-1], `"reason":`), `"}`); reason != "" && !slices.Contains(allocation.Reasons, reason) {
				t.Errorf("%s: reason %q", file, reason)
			}
		}
	}
}

// A UUID in the usual form draws the lot of its 16 bytes, as in the product.
func TestLotOfUUID(t *testing.T) {
	t.Parallel()
	const id = "5b4e1d0e-6f0a-4f7e-9d5c-2f4c1f3d9a10"
	parts := map[string]string{"options": "--method lottery --seed s", "destinations": "destination,places\nX,1\n", "applications": "applicant,preference,destination,score\n"}
	for i, name := range []string{id, strings.ToUpper(id), "ana"} {
		parts["applications"] += name + "," + strconv.Itoa(i+1) + ",X,1\n"
	}
	o, _ := save(t, parts)
	c, err := allocation.Read(o)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]int{}
	for _, a := range c.Input.Applicants {
		names[a.Name] = len(a.Name)
	}
	if names["ana"] != 3 || names[strings.ToUpper(id)] != 36 || names["\x5b\x4e\x1d\x0e\x6f\x0a\x4f\x7e\x9d\x5c\x2f\x4c\x1f\x3d\x9a\x10"] != 16 {
		t.Errorf("lots are drawn for %v", names)
	}
}

// full is a disk with no room left.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no room left") }

func TestWhatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	o, _ := save(t, map[string]string{"applications": soundWishes, "destinations": soundPlaces})
	c, err := allocation.Read(o)
	if err != nil {
		t.Fatal(err)
	}
	result, err := selection.Allocate(c.Input)
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []allocation.Form{{}, {JSON: true}} {
		if err := c.Write(full{}, result, form); err == nil {
			t.Errorf("%+v: no error", form)
		}
	}
}
