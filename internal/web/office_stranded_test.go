package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// A place freed with less than the call's minimum left before the host's
// deadline is offered to nobody by itself; the office finds whom to call.
func TestOfficeIsToldOfPlacesThatDoNotMoveOn(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	anna, bert := s.Student("Anna", "1.2"), s.Student("Bert", "2.4")
	a, b := s.Submitted(anna), s.Submitted(bert)
	s.Marked(a, "28")
	s.Marked(b, "20")
	s.Published(s.AfterClose)
	s.Exec(`UPDATE person_facts SET phone = '+420 777 123 456' WHERE person_id = $1`, bert.Person)
	s.at(s.AfterClose.Add(3 * time.Hour))
	officer := s.as(s.Officer)
	if body := officer.get("/work").want(t, http.StatusOK).body; strings.Contains(body, "Free places with people waiting") {
		t.Error("nothing is free, and the office is told so")
	}
	s.Exec(`UPDATE deadlines SET closes_at = $1, wall = $1 AT TIME ZONE zone WHERE kind = 'host_nomination'`, s.AfterClose.Add(30*time.Hour))
	s.Move(anna, a, "decline", s.AfterClose.Add(time.Hour), process.Given{})
	if n, err := s.Process.Promote(context.Background(), s.Round, s.AfterClose.Add(2*time.Hour)); err != nil || n != 0 {
		t.Fatalf("promoted %d, %v", n, err)
	}
	officer.get("/work").want(t, http.StatusOK, "Free places with people waiting", "Bert", "420 777 123 456", "Host University")
}
