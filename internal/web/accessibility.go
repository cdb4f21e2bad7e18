package web

import (
	"context"
	"net/http"

	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// The accessibility statement every page's foot leads to: what holds, how it
// is checked, what is known not to, and whom to tell (Directive (EU) 2016/2102).
var _ = screen(func(s *Server) []Route {
	return []Route{{Pattern: "GET /accessibility", Guard: Public, Handle: s.showAccessibility}}
})

func (s *Server) showAccessibility(q *request) error {
	contacts := page.Summary{}
	err := s.read(q, func(ctx context.Context, db store.DBTX) error {
		rows, err := queries.OfficesToTell(ctx, db)
		for _, row := range rows {
			contacts.Rows = append(contacts.Rows, page.Fact{Term: row.Name, Text: row.OfficeEmail, Href: "mailto:" + row.OfficeEmail})
		}
		return err
	})
	if err != nil {
		return err
	}
	base := s.base(q, q.loc.T("accessibility.title"))
	base.Lead = q.loc.T("accessibility.lead")
	p := page.Help{Base: base}
	for _, topic := range []string{"status", "checked", "known"} {
		p.Parts = append(p.Parts, page.Part{ID: topic, Title: q.loc.T("accessibility." + topic), Text: q.loc.T("accessibility." + topic + "_text")})
	}
	p.Parts = append(p.Parts, page.Part{ID: "feedback", Title: q.loc.T("accessibility.feedback"), Text: q.loc.T("accessibility.feedback_text"), Summary: contacts})
	return s.render(q, http.StatusOK, p)
}
