package lifecycle

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is another picture now; look at it and run with -update", name)
	}
}

func TestDiagrams(t *testing.T) {
	for _, name := range builtInNames {
		d := builtIn(t, name)
		for _, lang := range BuiltInLanguages {
			golden(t, name+"."+lang+".mmd", Mermaid(d, lang))
			golden(t, name+"."+lang+".svg", SVG(d, Picture{Lang: lang, Audience: AudienceApplicant, Here: "nominated"}))
		}
	}
}

// TestPictureShowsEveryState in every definition, marks the one and is sound
// XML with a title and a description and without style of its own.
func TestPictureShowsEveryState(t *testing.T) {
	for _, name := range builtInNames {
		d := builtIn(t, name)
		for _, here := range d.States {
			svg := SVG(d, Picture{Lang: "en", Here: here.Name})
			if n := strings.Count(svg, `<g class="lc-node`); n != len(d.States) {
				t.Errorf("%s: %d boxes for %d states", name, n, len(d.States))
			}
			if strings.Count(svg, "lc-here") != 1 || strings.Count(svg, "▼ You are here") != 1 {
				t.Errorf("%s: %s is not marked once", name, here.Name)
			}
			if strings.Contains(svg, "style") || !strings.Contains(svg, "<desc") || !strings.Contains(svg, "<title") {
				t.Errorf("%s: style inside, or no title or description", name)
			}
			sound(t, svg)
		}
	}
}

func sound(t *testing.T, src string) {
	t.Helper()
	r := xml.NewDecoder(strings.NewReader(src))
	for {
		_, err := r.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestBoxesDoNotOverlap in any picture.
func TestBoxesDoNotOverlap(t *testing.T) {
	for _, name := range builtInNames {
		l := builtIn(t, name).lay()
		for i, a := range l.order {
			if a.x < 0 || a.y < 0 || a.x+boxWidth > l.width || a.y+boxHeight > l.height {
				t.Errorf("%s: %s is outside", name, a.Name)
			}
			for _, b := range l.order[:i] {
				if a.x < b.x+boxWidth && b.x < a.x+boxWidth && a.y < b.y+boxHeight && b.y < a.y+boxHeight {
					t.Errorf("%s: %s and %s overlap", name, a.Name, b.Name)
				}
			}
		}
	}
}
