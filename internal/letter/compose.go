package letter

import (
	"bytes"
	"embed"
	"fmt"
	"strings"
	"sync"
	"text/template"

	"peregrine/internal/locale"
)

//go:embed templates/*/*.md
var sources embed.FS

// source is one kind in one language: the subject and the body.
type source struct {
	subject *template.Template
	body    *template.Template
}

// library holds every source, keyed by language and kind.
var library = sync.OnceValues(parseAll)

// Compose writes l in lang: subject, plain text and HTML. It fails if l lacks
// something (see Check) and otherwise only for a defect of a template, which
// the tests meet first.
func Compose(cat *locale.Catalogue, lang string, l Letter) (Text, error) {
	if err := Check(l); err != nil {
		return Text{}, err
	}
	sources, err := library()
	if err != nil {
		return Text{}, err
	}
	printer := cat.Printer(lang, l.frame().Reader.Zone)
	src, ok := sources[printer.Lang()+"/"+l.Kind()]
	if !ok {
		return Text{}, fmt.Errorf("letter %s: no template in %s", l.Kind(), printer.Lang())
	}
	return compose(printer, src, l)
}

func compose(printer locale.Printer, src source, l Letter) (Text, error) {
	w := words{Printer: printer, about: l}
	subject, err := execute(src.subject, w, l)
	if err != nil {
		return Text{}, err
	}
	body, err := execute(src.body, w, l)
	if err != nil {
		return Text{}, err
	}
	return render(w, inline(subject), []byte(body))
}

func execute(t *template.Template, w words, l Letter) (string, error) {
	own, err := t.Clone()
	if err != nil {
		return "", fmt.Errorf("letter %s: %w", l.Kind(), err)
	}
	var b bytes.Buffer
	if err := own.Funcs(w.funcs()).Execute(&b, l); err != nil {
		return "", fmt.Errorf("letter %s: %w", l.Kind(), err)
	}
	return b.String(), nil
}

func parseAll() (map[string]source, error) {
	out := map[string]source{}
	for _, lang := range locale.Languages {
		frame, err := sources.ReadFile("templates/" + lang + "/_frame.md")
		if err != nil {
			return nil, fmt.Errorf("letters in %s: %w", lang, err)
		}
		for _, kind := range Kinds {
			text, err := sources.ReadFile("templates/" + lang + "/" + kind + ".md")
			if err != nil {
				return nil, fmt.Errorf("letters in %s: %w", lang, err)
			}
			src, err := parseSource(lang+"/"+kind, string(frame), string(text))
			if err != nil {
				return nil, err
			}
			out[lang+"/"+kind] = src
		}
	}
	return out, nil
}

const subjectMark = "Subject: "

// parseSource splits a source into its subject, the first line, and the body,
// and puts the body into the frame.
func parseSource(name, frame, text string) (source, error) {
	first, rest, _ := strings.Cut(text, "\n")
	subject, ok := strings.CutPrefix(first, subjectMark)
	if !ok {
		return source{}, fmt.Errorf("letter %s: the first line is no %q", name, subjectMark)
	}
	if strings.HasSuffix(name, "/"+KindAnnouncement) {
		rest += whyTail
	}
	var src source
	var err error
	if src.subject, err = parseEscaped(name+" subject", subject, subjectEscaper); err != nil {
		return source{}, err
	}
	src.body, err = parseEscaped(name, frame+`{{define "body"}}`+rest+`{{end}}`, bodyEscaper)
	return src, err
}

func parseEscaped(name, text, escaper string) (*template.Template, error) {
	t, err := template.New(name).Option("missingkey=error").Funcs(words{}.funcs()).Funcs(escapers).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("letter %s: %w", name, err)
	}
	escapeAll(t, escaper)
	return t, nil
}
