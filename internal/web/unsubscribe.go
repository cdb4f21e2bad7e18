package web

import (
	"net/http"

	"peregrine/internal/identity"
	"peregrine/internal/web/page"
)

// The way out that every letter which is no decision carries. It asks before
// it does anything, because programs follow links; programs that mean it post
// (RFC 8058), and need no page to be led to.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /unsubscribe/{token}", Guard: Public, Handle: s.askUnsubscribe},
		{Pattern: "POST /unsubscribe/{token}", Guard: Public, Handle: s.unsubscribe},
	}
})

func (s *Server) askUnsubscribe(q *request) error {
	token := q.r.PathValue("token")
	_, group, err := s.Identity.ReadUnsubscribe(q.ctx(), token)
	if err != nil {
		return err
	}
	return s.render(q, http.StatusOK, page.Confirm{Base: s.base(q, q.loc.T("unsubscribe.title_"+group)), Dialog: page.Dialog{
		Text: q.loc.T("unsubscribe.text_" + group), Action: identity.UnsubscribePath(token),
		Confirm: page.Button{Label: q.loc.T("unsubscribe.confirm")}, Cancel: page.Link{Label: q.loc.T("unsubscribe.keep"), Href: "/"},
	}})
}

func (s *Server) unsubscribe(q *request) error {
	person, group, err := s.Identity.ReadUnsubscribe(q.ctx(), q.r.PathValue("token"))
	if err != nil {
		return err
	}
	leave := s.Process.LeaveReminders
	if group == identity.LeaveAnnouncements {
		leave = s.Process.LeaveAnnouncements
	}
	if err := leave(q.ctx(), person, q.arrived); err != nil {
		return err
	}
	return s.render(q, http.StatusOK, page.Message{
		Base: s.base(q, q.loc.T("unsubscribe.done")), Text: q.loc.T("unsubscribe.done_" + group),
		Buttons: []page.Button{{Label: q.loc.T("unsubscribe.choose"), Href: reminderChoicePath, Look: page.Secondary}},
	})
}
