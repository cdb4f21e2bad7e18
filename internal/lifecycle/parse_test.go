package lifecycle

import (
	"os"
	"testing"
)

// FuzzParse holds that no file, however broken, brings the parser down; that
// problems carry a line of the file; and that what is accepted can be drawn.
func FuzzParse(f *testing.F) {
	src, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(src)
	for _, src := range []string{"", "[]", "name: 1", "states: {}", "moves: [{from: [a, a]}]", "a: &a [*a]", "timers: [{}]\nstates: [null]"} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		d, found := ParseIn([]string{"en"}, "fuzz.yaml", src)
		if (d == nil) != (len(found) > 0) {
			t.Fatalf("a definition with problems, or neither: %v", found)
		}
		for _, p := range found {
			if p.Line < 1 || p.Text == "" || p.Rule == "" {
				t.Fatalf("a problem without place or words: %+v", p)
			}
		}
		if d == nil {
			return
		}
		again, _ := ParseIn([]string{"en"}, "fuzz.yaml", src)
		if again == nil || again.Hash != d.Hash {
			t.Fatal("read twice, it is two definitions")
		}
		SVG(d, Picture{Lang: "en"})
		Mermaid(d, "en")
	})
}
