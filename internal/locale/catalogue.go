package locale

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed en/*.toml cs/*.toml da/*.toml de/*.toml fi/*.toml lt/*.toml nl/*.toml pt/*.toml sv/*.toml
var files embed.FS

// Default is the language that is complete by definition and stands in where
// another one lacks a message.
const Default = "en"

// Languages lists the languages of the product, in the order pages offer them.
var Languages = []string{"en", "cs", "da", "de", "fi", "lt", "nl", "pt", "sv"}

// Catalogue is every message of every language. It is safe for use by any
// number of goroutines.
type Catalogue struct {
	speakers map[string]*speaker
}

// speaker is one language ready for use.
type speaker struct {
	lang      string
	localizer *i18n.Localizer
	plain     map[string]string // messages without placeholder and plural, the common case
	ids       map[string]bool
	manner    manner
}

// Load reads the catalogue embedded in the binary. It fails on a file that
// cannot be read and on a key defined twice in one language.
func Load() (*Catalogue, error) { return load(files) }

func load(fsys fs.FS) (*Catalogue, error) {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	c := &Catalogue{speakers: map[string]*speaker{}}
	for _, lang := range Languages {
		messages, err := read(fsys, lang)
		if err != nil {
			return nil, err
		}
		s := &speaker{lang: lang, plain: map[string]string{}, ids: map[string]bool{}, manner: manners[lang]}
		for _, m := range messages {
			s.ids[m.ID] = true
			if plain(m) {
				s.plain[m.ID] = m.Other
			}
		}
		if err := bundle.AddMessages(s.manner.tag, messages...); err != nil {
			return nil, fmt.Errorf("messages in %s: %w", lang, err)
		}
		c.speakers[lang] = s
	}
	for _, s := range c.speakers {
		s.localizer = i18n.NewLocalizer(bundle, s.manner.tag.String(), Default)
	}
	return c, nil
}

// read returns every message of a language, from all its files.
func read(fsys fs.FS, lang string) ([]*i18n.Message, error) {
	names, err := fs.Glob(fsys, lang+"/*.toml")
	if err != nil {
		return nil, fmt.Errorf("messages in %s: %w", lang, err)
	}
	sort.Strings(names)
	var out []*i18n.Message
	origin := map[string]string{}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("messages in %s: %w", lang, err)
		}
		file, err := i18n.ParseMessageFileBytes(data, path.Base(lang)+".toml",
			map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
		if err != nil {
			return nil, fmt.Errorf("messages in %s: %w", name, err)
		}
		for _, m := range file.Messages {
			if before, twice := origin[m.ID]; twice {
				return nil, fmt.Errorf("message %q is in %s and again in %s", m.ID, before, name)
			}
			origin[m.ID] = name
			out = append(out, m)
		}
	}
	return out, nil
}

// plain reports whether a message is the same text whatever it is given.
func plain(m *i18n.Message) bool {
	return m.Zero == "" && m.One == "" && m.Two == "" && m.Few == "" && m.Many == "" &&
		!strings.Contains(m.Other, "{{")
}

// Has reports whether the catalogue knows a message in the default language.
func (c *Catalogue) Has(id string) bool { return c.speakers[Default].ids[id] }

// Printer returns a printer for a language and the zone its reader lives in.
// An unknown language becomes the default one, no zone becomes UTC.
func (c *Catalogue) Printer(lang string, zone *time.Location) Printer {
	s, ok := c.speakers[lang]
	if !ok {
		s = c.speakers[Default]
	}
	if zone == nil {
		zone = time.UTC
	}
	return Printer{s: s, zone: zone}
}

// Everywhere returns a message in every language, for what is kept as a text of
// its own.
func (c *Catalogue) Everywhere(id string) map[string]string {
	out := map[string]string{}
	for _, lang := range Languages {
		out[lang] = c.Printer(lang, nil).T(id)
	}
	return out
}

// Negotiate chooses the language of an answer: what the person settled on,
// else what this browser was told, else what the browser asks for, else the
// institution's own. Arguments may be empty.
func (c *Catalogue) Negotiate(person, cookie, acceptLanguage, institution string) string {
	for _, lang := range []string{person, cookie} {
		if c.speakers[lang] != nil {
			return lang
		}
	}
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err == nil {
		for _, tag := range wanted {
			base, _ := tag.Base()
			if c.speakers[base.String()] != nil {
				return base.String()
			}
		}
	}
	if c.speakers[institution] != nil {
		return institution
	}
	return Default
}
