package scheme

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// load reads a scheme of testdata, which must be without problems.
func load(t testing.TB, file string) *Scheme {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, string(source))
}

func parsed(t testing.TB, source string) *Scheme {
	t.Helper()
	s, found := Parse([]byte(source))
	for _, p := range found {
		t.Error(p)
	}
	if len(found) > 0 {
		t.FailNow()
	}
	return s
}

func examples(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d schemes, %v", len(files), err)
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	return files
}

func TestEverySchemeIsWrittenAsItIsRead(t *testing.T) {
	for _, file := range examples(t) {
		s := load(t, file)
		text := s.YAML()
		again := parsed(t, string(text))
		if !reflect.DeepEqual(s, again) {
			t.Errorf("%s: another scheme comes back from\n%s", file, text)
		}
		if !bytes.Equal(text, again.YAML()) {
			t.Errorf("%s: written twice in two ways", file)
		}
		if copied := s.Copy(); !reflect.DeepEqual(s, copied) {
			t.Errorf("%s: the copy differs", file)
		}
		for _, c := range Diff(s, again) {
			if c.Kind != Unchanged {
				t.Errorf("%s: %+v", file, c)
			}
		}
	}
}

// TestWordsThatYAMLReadsOtherwise holds that what looks like something else
// in YAML is written so that it comes back.
func TestWordsThatYAMLReadsOtherwise(t *testing.T) {
	s := parsed(t, `
name: odd
inputs:
  n: {from: answer, kind: choice, options: ["yes", "null", "1e3", "2004-05-31"]}
criteria:
  - key: c
    label: {en: "yes: no # - [x]", cs: 'Žádost „navíc“ ''a'' "b"'}
    points: {lookup: {of: n, points: {yes: 1, null: 2, 1e3: 3}, otherwise: 0}}
  - key: d
    points: {when: "n in ('yes', \"null\")", points: 1}
`)
	again := parsed(t, string(s.YAML()))
	if !reflect.DeepEqual(s, again) {
		t.Errorf("another scheme comes back from\n%s", s.YAML())
	}
}

// FuzzParse holds that no text brings the parser down, that problems have a
// place in it, and that what is accepted is written as it is read and can
// score.
func FuzzParse(f *testing.F) {
	for _, file := range examples(f) {
		source, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(source)
	}
	for _, source := range []string{"", "[]", "name: [", "a: &a [*a]", "inputs: {a: null}", "criteria: [{points: {linear: 3}}]", "name: x\nscale: -1"} {
		f.Add([]byte(source))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		s, found := Parse(source)
		lines := strings.Count(string(source), "\n") + strings.Count(string(source), "\r") + 2
		for _, p := range found {
			if p.Line < 1 || p.Line > lines || p.Column < 1 || p.Code == "" {
				t.Fatalf("a problem without place or code: %+v", p)
			}
		}
		if s == nil && len(found) == 0 {
			t.Fatal("no scheme, and no problem")
		}
		if s == nil {
			return
		}
		if len(found) > 0 {
			s.YAML()
			return
		}
		again, problems := Parse(s.YAML())
		if len(problems) > 0 || !reflect.DeepEqual(s, again) {
			t.Fatalf("written %q: %v", s.YAML(), problems)
		}
		if _, err := s.Score([]Values{{Destinations: make([]DestinationValues, 1)}}); err != nil {
			t.Fatal(err)
		}
	})
}
