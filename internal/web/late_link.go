package web

import (
	"net/http"
	"time"

	"peregrine/internal/identity"
	"peregrine/internal/mobility"
	"peregrine/internal/web/page"
)

// Who was given a link comes in by it, once, and writes and submits until it
// ends.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /late/{token}", Guard: Public, Handle: s.showLateLink},
		{Pattern: "POST /late/{token}", Guard: Public, Handle: s.openLateLink},
	}
})

// showLateLink asks before it opens: a mail program that follows links must
// not use it up.
func (s *Server) showLateLink(q *request) error {
	link, err := s.Identity.LateLinkOf(q.ctx(), q.r.PathValue("token"))
	if err != nil {
		return s.lateLinkOver(q, err)
	}
	if link.Opened {
		return s.lateLinkOver(q, &mobility.Error{Kind: mobility.Conflict, Code: "refusal.late_link_opened"})
	}
	return s.render(q, http.StatusOK, page.SignIn{
		Base: s.base(q, q.loc.T("late_link.title")), Action: identity.LatePath(q.r.PathValue("token")),
		Text:   q.loc.T("late_link.text", "Call", link.Title.In(q.loc.Lang()), "When", q.loc.In(zoneOf(link.Zone)).DateTime(link.Expires.Add(-time.Minute))),
		Button: page.Button{Label: q.loc.T("late_link.enter")},
	})
}

func (s *Server) lateLinkOver(q *request, err error) error {
	if mobility.KindOf(err) != mobility.Conflict {
		return err
	}
	p := page.Failed(s.base(q, ""), err, q.ref)
	p.Title = q.loc.T("sign_in.link_over_title")
	p.Buttons = []page.Button{{Label: q.loc.T("call.sign_in"), Href: "/sign-in"}}
	return s.render(q, http.StatusConflict, p)
}

// openLateLink signs its person in and leads to their application, which is
// begun if it was not.
func (s *Server) openLateLink(q *request) error {
	e, link, err := s.Identity.OpenLateLink(q.ctx(), q.r.PathValue("token"), q.arrived)
	if err != nil {
		return s.lateLinkOver(q, err)
	}
	if err := s.Identity.Begin(q.w, q.r, e, q.arrived); err != nil {
		return err
	}
	id, err := s.Process.Start(q.ctx(), mobility.Actor{Person: e.Person}, link.Round, q.arrived)
	if err != nil {
		return err
	}
	return s.done(q, "/applications/"+id.String(), "notice.late_link_opened")
}
