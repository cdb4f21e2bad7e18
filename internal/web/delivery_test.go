package web

import (
	"net/http"
	"testing"

	"peregrine/internal/testkit"
)

func TestOfficeSeesThatTheMailServerIsSilent(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	s.Submitted(s.Student("Anna", "1.5"))
	officer := s.as(s.Officer)
	officer.get("/office/letters").want(t, http.StatusOK).lacks(t, "mail server")
	s.Exec(`INSERT INTO relays (name, answered_at) VALUES ('mail.example.edu:587', now())`)
	officer.get("/office/letters").want(t, http.StatusOK).lacks(t, "mail server")
	s.Exec(`UPDATE relays SET down_since = now() - interval '3 hours', look_at = now(), response = 'dial tcp 192.0.2.1:587: connection refused'`)
	officer.get("/office/letters").want(t, http.StatusOK, "The mail server has not answered since", "1 letter waits. It is not lost").lacks(t, "192.0.2.1")
	s.Exec(`UPDATE letters SET status = 'sent'`)
	officer.get("/office/letters").want(t, http.StatusOK, "No letter waits so far")
	s.as(s.ForeignOfficer).get("/office/letters").want(t, http.StatusOK, "No letter waits so far")
	s.Exec(`UPDATE persons SET language = 'cs' WHERE id = $1`, s.Officer.Person)
	s.as(s.Officer).get("/office/letters").want(t, http.StatusOK, "Poštovní server neodpovídá od")
}
