package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"reflect"
	"strings"

	"github.com/jba/templatecheck"

	"peregrine/internal/locale"
	"peregrine/internal/web/asset"
)

//go:embed template
var templates embed.FS

// definition ties a page's type to its template.
type definition struct {
	name  string
	typ   reflect.Type
	check func(*template.Template) error
}

// definitions is filled by define while the package is initialised and only
// read afterwards; pages stand in files of their own and need no common list.
var definitions []definition

// define ties the page type T to the template name.
func define[T Page](name string) bool {
	var zero T
	definitions = append(definitions, definition{
		name:  name,
		typ:   reflect.TypeOf(zero),
		check: func(set *template.Template) error { return check(set, name, zero) },
	})
	return true
}

// check type-checks one template against the value it will be given. It is
// the only place that knows the checking library.
func check(set *template.Template, name string, zero any) error {
	one := set.Lookup(name)
	if one == nil {
		return fmt.Errorf("page %T has no template %q", zero, name)
	}
	if err := templatecheck.CheckHTMLStrict(one, zero); err != nil {
		return fmt.Errorf("template %s: %w", name, err)
	}
	return nil
}

// Pages renders pages. It is safe for use by any number of goroutines.
type Pages struct {
	sets  map[string]*template.Template // by language: words of templates are bound once, never per request
	names map[reflect.Type]string
}

// New parses every template in every language and checks each against its
// struct. An error names template, line and field.
func New(cat *locale.Catalogue) (*Pages, error) {
	p := &Pages{sets: map[string]*template.Template{}, names: map[reflect.Type]string{}}
	for _, d := range definitions {
		if before, twice := p.names[d.typ]; twice {
			return nil, fmt.Errorf("page %v is defined as %q and as %q", d.typ, before, d.name)
		}
		p.names[d.typ] = d.name
	}
	for _, lang := range locale.Languages {
		set, err := parse(templates, cat.Printer(lang, nil))
		if err != nil {
			return nil, err
		}
		p.sets[lang] = set
	}
	return p, p.check(cat)
}

// check works on a copy in one language: the checker executes, and a set that
// was executed cannot be added to; types are the same in every language.
func (p *Pages) check(cat *locale.Catalogue) error {
	set, err := parse(templates, cat.Printer(locale.Default, nil))
	if err != nil {
		return err
	}
	for _, d := range definitions {
		if err := d.check(set); err != nil {
			return err
		}
	}
	return nil
}

func parse(fsys fs.FS, loc locale.Printer) (*template.Template, error) {
	set := template.New("").Option("missingkey=zero").Funcs(template.FuncMap{
		"t":     loc.T,
		"n":     loc.N,
		"asset": asset.URL,
	})
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".html") {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		if _, err := set.New(name).Parse(string(text)); err != nil {
			return fmt.Errorf("template %s: %w", name, err)
		}
		return nil
	})
	return set, err
}

// Write renders page into w. Nothing is written if rendering fails.
func (p *Pages) Write(w io.Writer, page Page) error {
	b, err := p.render(page)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// Render answers a request with page and status. An error before the first
// byte leaves w untouched, so that the caller can still answer otherwise.
func (p *Pages) Render(w http.ResponseWriter, status int, page Page) error {
	b, err := p.render(page)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, err = w.Write(b)
	return err
}

func (p *Pages) render(page Page) ([]byte, error) {
	typ := reflect.TypeOf(page)
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	name, ok := p.names[typ]
	if !ok {
		return nil, fmt.Errorf("page %v has no template: it lacks its define", typ)
	}
	var buf bytes.Buffer
	if err := p.sets[page.frame().Loc.Lang()].ExecuteTemplate(&buf, name, page); err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	return buf.Bytes(), nil
}
