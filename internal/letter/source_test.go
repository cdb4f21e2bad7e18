package letter_test

import (
	"strings"
	"testing"

	"peregrine/internal/letter"
	"peregrine/internal/locale"
)

// TestBuiltInTextsPassTheirOwnCheck: an edit starts from them.
func TestBuiltInTextsPassTheirOwnCheck(t *testing.T) {
	t.Parallel()
	for _, kind := range letter.Kinds {
		for _, lang := range locale.Languages {
			if _, err := letter.ParseSource(kind, lang, letter.BuiltIn(kind, lang)); err != nil {
				t.Errorf("%s in %s: %v", kind, lang, err)
			}
		}
	}
}

// TestComposeWithBuiltIn: the built-in text as an override changes nothing.
func TestComposeWithBuiltIn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, lang string, s letter.Sample, text letter.Text) {
		src, err := letter.ReadSource(s.Letter.Kind(), lang, letter.BuiltIn(s.Letter.Kind(), lang))
		if err != nil {
			t.Fatal(err)
		}
		got, err := letter.ComposeWith(catalogue(t), lang, s.Letter, src)
		if err != nil || got != text {
			t.Errorf("differs: %v\n%s", err, got.Plain)
		}
	})
}

func TestRefusedSources(t *testing.T) {
	t.Parallel()
	builtIn := letter.BuiltIn(letter.KindOffer, "en")
	for name, c := range map[string]struct {
		text string
		code string
		line int
		what string
	}{
		"unknown placeholder":     {builtIn + "\n{{.Grade}}", "unknown", 20, "{{place .Place}}"},
		"unknown function":        {builtIn + "\n{{shout .Call}}", "unknown", 0, ""},
		"a method":                {builtIn + "\n{{.Kind}}", "unknown", 0, ""},
		"no subject":              {"We offer you a place\n" + builtIn, "no_subject", 1, ""},
		"confirm-by dropped":      {strings.ReplaceAll(builtIn, "{{until .ConfirmBy}}", "soon"), "missing", 0, "{{until .ConfirmBy}}"},
		"decision dropped":        {strings.ReplaceAll(builtIn, "{{decision}}", "Good news."), "missing", 0, "{{decision}}"},
		"decision on one path":    {strings.ReplaceAll(builtIn, "{{decision}}", "{{if .FromReserve}}{{decision}}{{end}}"), "missing", 0, "{{decision}}"},
		"link dropped":            {strings.ReplaceAll(builtIn, "({{.Link}})", "(https://example.org/)"), "missing", 0, "{{.Link}}"},
		"not guarded":             {builtIn + "\n{{.Rank}}", "unguarded", 0, ""},
		"pointer not guarded":     {builtIn + "\n{{points .Points}}", "unguarded", 0, ""},
		"guarded by another":      {builtIn + "\n{{if .Choice}}{{.Rank}}{{end}}", "unguarded", 0, ""},
		"guarded elsewhere":       {builtIn + "\n{{if .Rank}}x{{else}}{{.Rank}}{{end}}", "unguarded", 0, ""},
		"guarded by either":       {builtIn + "\n{{if or .Rank .Choice}}{{.Rank}}{{end}}", "unguarded", 0, ""},
		"a whole place":           {builtIn + "\n{{.Place}}", "not_printable", 0, "{{place .Place}}"},
		"a flag":                  {builtIn + "\n{{.Extended}}", "not_printable", 0, ""},
		"wrong value":             {builtIn + "\n{{until .Place}}", "wrong_value", 0, ""},
		"no list":                 {builtIn + "\n{{range .Call}}x{{end}}", "no_list", 0, ""},
		"define":                  {builtIn + "\n{{define \"x\"}}y{{end}}", "not_allowed", 0, ""},
		"template":                {builtIn + "\n{{template \"body\"}}", "not_allowed", 0, ""},
		"variable":                {builtIn + "\n{{$x := .Call}}", "not_allowed", 0, ""},
		"pipeline":                {builtIn + "\n{{.Call | printf}}", "not_allowed", 0, ""},
		"html function":           {builtIn + "\n{{printf \"%s\" .Call}}", "unknown", 0, ""},
		"no end":                  {builtIn + "\n{{if .Extended}}x", "no_end", 0, ""},
		"end alone":               {builtIn + "\n{{end}}", "end_alone", 20, ""},
		"unclosed":                {builtIn + "\n{{.Call", "unclosed", 0, ""},
		"HTML":                    {builtIn + "\n<b>now</b>", "html", 20, "<b>"},
		"HTML block":              {builtIn + "\n\n<script>\nalert(1)\n</script>\n", "html", 21, ""},
		"required in a comment":   {strings.ReplaceAll(builtIn, "{{until .ConfirmBy}}", "<!-- {{until .ConfirmBy}} -->"), "html", 0, ""},
		"required in a reference": {strings.ReplaceAll(builtIn, "{{until .ConfirmBy}}", "soon") + "\n\n[x]: https://example.org \"{{until .ConfirmBy}}\"\n", "missing", 0, ""},
		"picture":                 {builtIn + "\n![x](https://example.org/p.png)", "picture", 20, ""},
		"plain http":              {builtIn + "\n[x](http://example.org/)", "link", 20, ""},
		"script":                  {builtIn + "\n[x](javascript:alert(1))", "link", 20, ""},
		"value in an address":     {builtIn + "\n[x](https://example.org/?name={{.Call}})", "link", 0, ""},
		"code":                    {builtIn + "\n\n    indented\n", "code", 21, ""},
		"long":                    {builtIn + strings.Repeat("long ", letter.MaxBody), "long_body", 2, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := letter.ParseSource(letter.KindOffer, "en", c.text)
			for _, p := range letter.Problems(err) {
				if p.Code == c.code && (c.line == 0 || p.Line == c.line) && strings.Contains(strings.Join(stringsOf(p.Data), " "), c.what) {
					return
				}
			}
			t.Errorf("refused with %v", err)
		})
	}
}

func stringsOf(data map[string]any) []string {
	var out []string
	for _, v := range data {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// TestReasonsAndAppealsCannotBeDropped goes through everything required of
// every kind: replacing its placeholder is refused by its name.
func TestReasonsAndAppealsCannotBeDropped(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, drop, name string }{
		{letter.KindNotSelected, "{{.Reason}}", "{{with .Reason}}…{{.}}…{{end}}"},
		{letter.KindNotSelected, "{{.Appeal.Text}}", "{{.Appeal.Text}}"},
		{letter.KindNotSelected, "{{.Appeal.Contact}}", "{{.Appeal.Contact}}"},
		{letter.KindNotSelected, "{{with .Appeal.Until}} until **{{until .}}**{{end}}", "{{with .Appeal.Until}}…{{until .}}…{{end}}"},
		{letter.KindNotSelected, "The rule that decided: {{$.Rule}}", "{{$.Rule}}"},
		{letter.KindIneligible, "> {{.Reason}}", "{{.Reason}}"},
		{letter.KindReturned, "{{until .Until}}", "{{until .Until}}"},
		{letter.KindRemindConfirm, "{{until .ConfirmBy}}", "{{until .ConfirmBy}}"},
		{letter.KindAppealAnswered, "{{.Answer}}", "{{.Answer}}"},
		{letter.KindCorrection, "{{.Changed}}", "{{.Changed}}"},
	} {
		text := letter.BuiltIn(c.kind, "en")
		dropped := strings.ReplaceAll(text, c.drop, "")
		if dropped == text {
			t.Fatalf("%s has no %s", c.kind, c.drop)
		}
		_, err := letter.ParseSource(c.kind, "en", dropped)
		if c.kind == letter.KindNotSelected && c.drop == "{{.Reason}}" {
			_, err = letter.ParseSource(c.kind, "en", strings.Replace(text, "> {{.}}", "", 1))
		}
		found := false
		for _, p := range letter.Problems(err) {
			found = found || p.Code == "missing" && p.Data["What"] == c.name
		}
		if !found {
			t.Errorf("%s without %s: %v", c.kind, c.drop, err)
		}
	}
}

func TestAnOwnTextIsComposed(t *testing.T) {
	t.Parallel()
	src, err := letter.ParseSource(letter.KindOffer, "en", "Subject: A place for you: {{.Place.Host}}\r\n"+
		"{{decision}} It is **{{place .Place}}**.{{with .Earlier}} Before: {{.}}.{{end}}{{with .Instead}} Instead of {{place .}}.{{end}}\r\n\r\nAnswer by {{until .ConfirmBy}}.\r\n\r\n[Answer]({{.Link}})\r\n\r\n[Survey](https://survey.example/)")
	if err != nil {
		t.Fatal(err)
	}
	text, err := letter.ComposeWith(catalogue(t), "en", sample[letter.Offer](t), src)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Dear Jana Nováková,", "We are glad to offer you a place.", "Fontys", "12 March 2027", "Mendel University", "Survey:\nhttps://survey.example/"} {
		if !strings.Contains(text.Plain, want) {
			t.Errorf("lacks %q:\n%s", want, text.Plain)
		}
	}
	if _, err := letter.ComposeWith(catalogue(t), "cs", sample[letter.Offer](t), src); err == nil {
		t.Error("composed an English text for a Czech reader")
	}
	if _, err := letter.ComposeWith(catalogue(t), "en", sample[letter.Reserve](t), src); err == nil {
		t.Error("composed another kind")
	}
}
