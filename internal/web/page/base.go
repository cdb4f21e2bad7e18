package page

import (
	"time"

	"peregrine/internal/locale"
)

// Page is any struct that embeds Base and was given a template by define.
type Page interface{ frame() Base }

// Base is what the frame around every page needs. Title is the page's one h1
// and its title in the browser.
type Base struct {
	Loc         locale.Printer
	Title       string
	Kicker      string // small line above the title: the call, the institution
	Lead        string // one or two sentences below it
	Path        string // path and query of this page, to come back to after changing the language
	Nav         []NavItem
	Breadcrumbs []Link
	Person      string // name of who is signed in, "" for nobody
	Unread      int    // letters to them they have not opened
	Demo        bool
	Notice      Notice // what just happened, once
	Now         time.Time
	Wide        bool // tables that need the whole width
	Leaving     Leaving
}

func (b Base) frame() Base { return b }

// Leaving warns before the reader is signed out. It lies hidden until then,
// and without script is shown to who opens a page shortly before.
type Leaving struct {
	Left int64 // seconds until then; 0: nobody is signed in
	Warn int64 // so many seconds before, it is shown
	Soon bool
	Text string
}

// NavItem is one entry of the navigation.
type NavItem struct {
	Label, Href string
	Current     bool
}

// Link is a label that leads somewhere.
type Link struct{ Label, Href string }

// Hidden is a value a form carries unseen.
type Hidden struct{ Name, Value string }

// Choosable is a language one may switch to.
type Choosable struct {
	Lang, Name string
	Current    bool
}

// autonyms are the languages in their own words; they are never translated.
var autonyms = map[string]string{
	"en": "English", "cs": "Čeština", "da": "Dansk", "de": "Deutsch", "fi": "Suomi", "lt": "Lietuvių", "nl": "Nederlands", "pt": "Português", "sv": "Svenska",
}

// Languages lists the languages of the product for the switch.
func (b Base) Languages() []Choosable {
	out := make([]Choosable, 0, len(locale.Languages))
	for _, lang := range locale.Languages {
		out = append(out, Choosable{Lang: lang, Name: autonyms[lang], Current: lang == b.Loc.Lang()})
	}
	return out
}

// Autonym is the page's language in its own words.
func (b Base) Autonym() string { return autonyms[b.Loc.Lang()] }

// Lang is the language of the page.
func (b Base) Lang() string { return b.Loc.Lang() }

// Seconds is the business clock for scripts, 0 if not known.
func (b Base) Seconds() int64 {
	if b.Now.IsZero() {
		return 0
	}
	return b.Now.Unix()
}

// Clock is the business clock in the reader's words, "" if not known.
func (b Base) Clock() string {
	if b.Now.IsZero() {
		return ""
	}
	return b.Loc.DateTime(b.Now)
}
