package web

import (
	"net/http"

	"peregrine/internal/web/page"
)

// What a person may see and settle about themselves.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /account", Guard: SignedIn, Handle: s.showAccount, Nav: "nav.account", NavOrder: 900},
		{Pattern: "POST /account/sign-out-everywhere", Guard: SignedIn, Handle: s.signOutEverywhere},
	}
})

func (s *Server) showAccount(q *request) error {
	sessions, err := s.Identity.Sessions(q.r, q.actor.Person)
	if err != nil {
		return err
	}
	p := page.Account{
		Base: s.base(q, q.loc.T("account.title")),
		Facts: page.Summary{Rows: []page.Fact{
			{Term: q.loc.T("account.name"), Text: q.actor.Name},
			{Term: q.loc.T("account.email"), Text: q.visitor.Email},
			{Term: q.loc.T("account.zone"), Text: q.loc.Zone().String(), Change: zonePath},
		}},
		Correct: q.loc.T("account.correct"), Calendar: page.Link{Label: q.loc.T("account.calendar"), Href: "/account/calendar"},
		Reminders: page.Link{Label: q.loc.T("account.reminders"), Href: reminderChoicePath},
		Sessions: page.Table{
			Caption: q.loc.N("account.sessions", len(sessions)),
			Columns: []page.Column{{Label: q.loc.T("account.since")}, {Label: q.loc.T("account.until")}},
		},
		Everywhere: page.Button{
			Label: q.loc.T("account.sign_out_everywhere"), Look: page.Secondary, Danger: true,
			Action: "/account/sign-out-everywhere",
		},
	}
	for _, each := range sessions {
		since := page.Cell{When: page.MomentOf(q.loc, each.Started, q.arrived)}
		if each.Current {
			since.Tag = page.Tag{Label: q.loc.T("account.this_device"), Tone: page.Accent}
		}
		p.Sessions.Rows = append(p.Sessions.Rows, page.Row{Cells: []page.Cell{since, {When: page.MomentOf(q.loc, each.Expires, q.arrived)}}})
	}
	return s.render(q, http.StatusOK, p)
}

func (s *Server) signOutEverywhere(q *request) error {
	if err := s.Identity.EndAll(q.w, q.r, q.actor.Person); err != nil {
		return err
	}
	q.w.Header().Set("Clear-Site-Data", `"cache"`)
	return s.done(q, "/sign-in", "notice.signed_out_everywhere")
}
