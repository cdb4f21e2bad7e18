package letter_test

import (
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"peregrine/internal/letter"
	"peregrine/internal/locale"
)

var update = flag.Bool("update", false, "write the golden files anew")

var loaded = sync.OnceValues(locale.Load)

func catalogue(t *testing.T) *locale.Catalogue {
	t.Helper()
	cat, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

// each runs f for every sample in every language.
func each(t *testing.T, f func(t *testing.T, lang string, s letter.Sample, text letter.Text)) {
	t.Helper()
	cat := catalogue(t)
	for _, lang := range locale.Languages {
		for _, s := range letter.Samples() {
			t.Run(lang+"/"+s.Letter.Kind()+"/"+s.Name, func(t *testing.T) {
				text, err := letter.Compose(cat, lang, s.Letter)
				if err != nil {
					t.Fatal(err)
				}
				f(t, lang, s, text)
			})
		}
	}
}

func TestSamplesAreEveryKind(t *testing.T) {
	t.Parallel()
	var got []string
	for _, s := range letter.Samples() {
		if s.Name == "usual" {
			got = append(got, s.Letter.Kind())
		}
	}
	if !slices.Equal(got, letter.Kinds) {
		t.Errorf("samples are\n%v, kinds are\n%v", got, letter.Kinds)
	}
}

func TestEveryTemplateIsOfAKind(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("templates/*/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		kind := strings.TrimSuffix(filepath.Base(file), ".md")
		if kind != "_frame" && !slices.Contains(letter.Kinds, kind) {
			t.Errorf("%s belongs to no kind", file)
		}
	}
}

func TestGolden(t *testing.T) {
	each(t, func(t *testing.T, lang string, s letter.Sample, text letter.Text) {
		base := filepath.Join("testdata", "golden", lang, s.Letter.Kind()+"."+s.Name)
		golden(t, base+".txt", "Subject: "+text.Subject+"\n\n"+text.Plain)
		if s.Name != "bare" && s.Name != "single" {
			golden(t, base+".html", text.HTML)
		}
	})
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run with -update and read the difference. Got:\n%s", file, got)
	}
}

func TestTextsAreWhole(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ string, _ letter.Sample, text letter.Text) {
		for part, s := range map[string]string{"subject": text.Subject, "plain": text.Plain, "html": text.HTML} {
			for _, bad := range []string{"<no value>", "&lt;no value", "{{", "letter.", "%!", "<nil>", "\\*", "ZgotmplZ"} {
				if strings.Contains(s, bad) {
					t.Errorf("%s contains %q:\n%s", part, bad, s)
				}
			}
		}
		if strings.ContainsFunc(text.Subject, unicode.IsControl) || text.Subject == "" {
			t.Errorf("subject %q", text.Subject)
		}
	})
}

func TestPlainTextIsNarrow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ string, _ letter.Sample, text letter.Text) {
		for line := range strings.Lines(text.Plain) {
			line = strings.TrimSuffix(line, "\n")
			if n := utf8.RuneCountInString(line); n > 72 && strings.Contains(strings.TrimLeft(line, "> "), " ") {
				t.Errorf("line of %d columns: %q", n, line)
			}
			if strings.TrimRight(line, " ") != line {
				t.Errorf("white space at the end of %q", line)
			}
		}
	})
}

var address = regexp.MustCompile(`[a-z]+://[^\s)]+`)

// TestLinksLeadHome also proves that nothing typed becomes markup: only what
// the templates and the layout write may be an element.
func TestLinksLeadHome(t *testing.T) {
	t.Parallel()
	allowed := strings.Fields("html head meta title style body main p a strong em ul ol li blockquote br hr")
	each(t, func(t *testing.T, lang string, s letter.Sample, text letter.Text) {
		base := "https://peregrine.example.edu/"
		doc, err := html.Parse(strings.NewReader(text.HTML))
		if err != nil {
			t.Fatal(err)
		}
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			if !slices.Contains(allowed, n.Data) {
				t.Errorf("element <%s> in\n%s", n.Data, text.HTML)
			}
			for _, a := range n.Attr {
				if (a.Key == "href" || a.Key == "src") && !strings.HasPrefix(a.Val, base) && a.Val != "mailto:mobility@example.edu" {
					t.Errorf("link to %q", a.Val)
				}
				if n.Data == "html" && a.Val != lang {
					t.Errorf("language %q", a.Val)
				}
			}
		}
		for _, a := range address.FindAllString(text.Plain, -1) {
			if !strings.HasPrefix(a, base) {
				t.Errorf("address %q in\n%s", a, text.Plain)
			}
		}
		signIn, ok := s.Letter.(letter.SignIn)
		if ok && (!strings.Contains(text.Plain, "\n"+string(signIn.Link)+"\n") || !strings.Contains(text.Plain, signIn.Code)) {
			t.Errorf("link or code is not whole in\n%s", text.Plain)
		}
		if ok && !strings.Contains(html.UnescapeString(text.HTML), string(signIn.Link)) {
			t.Errorf("link is not whole in\n%s", text.HTML)
		}
		if _, err := url.Parse(base); err != nil {
			t.Fatal(err)
		}
	})
}
