package web

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/letter"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// How the institution's letters are worded: what is its own, what is the product's.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /admin/letters", Guard: Administrator, Handle: s.listWordings},
		{Pattern: "GET /admin/letters/{kind}/{language}", Guard: Administrator, Handle: s.showWording},
		{Pattern: "POST /admin/letters/{kind}/{language}", Guard: Administrator, Handle: s.keepWording},
		{Pattern: "POST /admin/letters/{kind}/{language}/use", Guard: Administrator, Handle: s.useWording},
		{Pattern: "GET /admin/letters/{kind}/{language}/letter", Guard: Administrator, Handle: s.showWordedLetter},
	}
})

func wordingPath(kind, language string) string { return "/admin/letters/" + kind + "/" + language }

// keptHouse is the institution whose things an administrator keeps.
func (q *request) keptHouse() uuid.UUID {
	for _, g := range q.actor.Grants {
		if g.Role == mobility.RoleAdministrator && g.Unit == nil && g.Call == nil {
			return g.Institution
		}
	}
	return uuid.Nil
}

func (s *Server) listWordings(q *request) error {
	var used []store.LetterTemplatesInUseRow
	var sent []store.LetterKindsSentRow
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if used, err = queries.LetterTemplatesInUse(ctx, db, q.keptHouse()); err != nil {
			return err
		}
		sent, err = queries.LetterKindsSent(ctx, db, q.keptHouse())
		return err
	})
	if err != nil {
		return err
	}
	p := page.Office{Base: s.base(q, q.loc.T("wording.title")), Tabs: q.adminTabs("letters")}
	p.Lead = q.loc.T("wording.lead")
	p.Parts = []page.Part{{ID: "kinds", Table: q.wordingsTable(used, sent)}}
	return s.render(q, http.StatusOK, p)
}

func (q *request) wordingsTable(used []store.LetterTemplatesInUseRow, sent []store.LetterKindsSentRow) page.Table {
	t := page.Table{Caption: q.loc.T("wording.title"), HideCaption: true, Columns: []page.Column{{Label: q.loc.T("office.letter")}}}
	languages := q.writes
	for _, one := range used {
		languages = locale.Written(q.writes[0], append(languages, one.Language)...)
	}
	for _, lang := range languages {
		t.Columns = append(t.Columns, page.Column{Label: q.loc.Language(lang)})
	}
	t.Columns = append(t.Columns, page.Column{Label: q.loc.T("wording.sent"), Numeric: true}, page.Column{Label: q.loc.T("wording.last")})
	for _, kind := range letter.Kinds {
		if !letter.Own(kind) {
			continue
		}
		row := page.Row{Cells: []page.Cell{{Text: q.loc.T("letter_kind." + kind)}}}
		for _, lang := range languages {
			row.Cells = append(row.Cells, q.wordingCell(kind, lang, used))
		}
		number, last := page.Cell{Text: q.loc.Number(0)}, page.Cell{}
		for _, one := range sent {
			if one.Kind == kind {
				number.Text, last.When = q.loc.Number(int(one.Letters)), page.MomentOf(q.loc, one.Last, time.Time{})
			}
		}
		t.Rows = append(t.Rows, page.Row{Cells: append(row.Cells, number, last)})
	}
	return t
}

// wordingCell says whose words a letter goes by in a language. Where only
// another language is worded by the institution, that is said: readers of
// this one get the product's.
func (q *request) wordingCell(kind, lang string, used []store.LetterTemplatesInUseRow) page.Cell {
	c := page.Cell{Text: q.loc.T("wording.built_in"), Href: wordingPath(kind, lang)}
	for _, one := range used {
		if one.Kind != kind {
			continue
		}
		if one.Language == lang {
			return page.Cell{Text: q.loc.T("wording.own_version", "Version", one.Version), Href: wordingPath(kind, lang), Tag: page.Tag{Label: q.loc.T("wording.own"), Tone: page.Accent}}
		}
		c.Tag = page.Tag{Label: q.loc.T("wording.untranslated"), Tone: page.Warning}
	}
	return c
}
