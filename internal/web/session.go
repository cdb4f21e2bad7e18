package web

import (
	"net/http"
	"strconv"
	"time"

	"peregrine/internal/identity"
	"peregrine/internal/web/page"
)

// Staying signed in, for who is still there when the session is about to end.
var _ = screen(func(s *Server) []Route {
	return []Route{{Pattern: "POST /session/stay", Guard: SignedIn, Handle: s.staySignedIn}}
})

// leavingSoon is how long before the end of a session its owner is told.
const leavingSoon = 15 * time.Minute

// leaving is when the reader will be signed out. Nobody is told of the end of
// a session that lasts for weeks from now: no page is open so long.
func (q *request) leaving() page.Leaving {
	if q.visitor == nil || q.visitor.Ends.IsZero() {
		return page.Leaving{}
	}
	left := q.visitor.Ends.Sub(q.arrived)
	if left > identity.StaffLifetime {
		return page.Leaving{}
	}
	words := q.loc.T("session.leaving", "Clock", q.loc.Clock(q.visitor.Ends), "In", q.loc.ZoneName(q.visitor.Ends))
	return page.Leaving{Left: max(1, int64(left/time.Second)), Warn: int64(leavingSoon / time.Second), Soon: left <= leavingSoon, Text: words + " " + q.loc.T("session.leaving_text")}
}

// sessionLeft tells the script how many seconds the session lasts now.
const sessionLeft = "Peregrine-Session-Left"

func (s *Server) staySignedIn(q *request) error {
	ends, err := s.Identity.Prolong(q.w, q.r, q.arrived)
	if err != nil {
		return err
	}
	q.w.Header().Set(sessionLeft, strconv.FormatInt(int64(ends.Sub(q.arrived)/time.Second), 10))
	q.visitor.Ends = ends
	return s.render(q, http.StatusOK, page.Message{
		Base: s.base(q, q.loc.T("session.stayed_title")), Text: q.loc.T("session.stayed_text", "Until", q.loc.DateTime(ends)),
	})
}
