package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/testkit"
)

func TestAllMailIsSeenPausedAndLetGoOn(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	file := s.Submitted(s.Student("Anna", "1.0"))
	b, house := s.as(s.Officer), url.Values{"institution": {s.Home.String()}}
	b.get("/office/letters").want(t, http.StatusOK, "All e-mail: what waits")
	b.get("/office/mail").want(t, http.StatusOK, "1 letter waits for its turn", "Receipt", "Pause all e-mail").lacks(t, "Pauses so far")
	b.post("/office/mail/pause", house).want(t, http.StatusUnprocessableEntity, "There is 1 problem")
	pause := url.Values{"institution": house["institution"], "reason": {"The server is being moved."}}
	b.post("/office/mail/pause", pause).want(t, http.StatusSeeOther)
	b.get("/office/mail").want(t, http.StatusOK, "E-mail is paused, and 1 letter waits because of it", "All our e-mail is paused", "The server is being moved.", "Let all e-mail go on", "Pauses so far", "Paused now")
	b.get("/office/letters").want(t, http.StatusOK, "All our e-mail is paused", `href="/office/mail"`)
	b.post("/office/mail/pause", pause).want(t, http.StatusConflict, "This e-mail is paused already.")
	s.as(s.Coordinator).get("/office/mail").want(t, http.StatusForbidden)
	foreign := s.as(s.ForeignOfficer)
	foreign.get("/office/mail").want(t, http.StatusOK, "Nothing waits").lacks(t, "The server is being moved.")
	foreign.post("/office/mail/resume", house).want(t, http.StatusForbidden)

	// An officer of one call sees what waits and pauses nothing.
	partly := s.Staff("partly", mobility.RoleOfficer, s.Home, &s.Faculty)
	s.as(partly).get("/office/mail").want(t, http.StatusOK, "Pauses so far").lacks(t, "Let all e-mail go on", "Correct our address")
	s.as(partly).post("/office/mail/resume", house).want(t, http.StatusForbidden)

	s.as(s.Administrator).post("/office/mail/resume", house).want(t, http.StatusSeeOther)
	b.get("/office/mail").want(t, http.StatusOK, "1 letter waits for its turn", "The server is being moved.").lacks(t, "Paused now")
	if n := testkit.One[int](s.World, `SELECT count(*)::int FROM letters WHERE application_id = $1 AND status = 'planned'`, file); n != 1 {
		t.Error("a pause did something to the letter")
	}
}

func TestTheOfficesOwnAddressIsCorrectedAndItsLettersGoAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	old, id := testkit.One[string](s.World, `SELECT office_email FROM institutions WHERE id = $1`, s.Home), uuid.Must(uuid.NewV7())
	s.Exec(`INSERT INTO letters (id, institution_id, kind, queue, language, recipient, call_id, subject_key, status, planned_at, sent_at)
		VALUES ($1::uuid, $2, 'refused_office', 'decisions', 'en', 'office', $3, 'test:' || $1::uuid, 'sent', $4::timestamptz, $4)`, id, s.Home, s.Call, s.WhileOpen())
	s.Exec(`INSERT INTO letter_texts (letter_id, address, subject, plain, html, message_id, frozen_at) VALUES ($1, $2, 'Refused: Petr', 'x', 'x', 'office@peregrine.example', $3)`, id, old, s.WhileOpen())
	s.returned("office@peregrine.example", old, "5.1.1", "550 5.1.1 no such user")

	b := s.as(s.Officer)
	at := ownAddressPath(s.Home, old)
	b.get("/office/letters/"+id.String()).want(t, http.StatusOK, "Correct our address", strings.ReplaceAll(at, "&", "&amp;"))
	b.get("/office/mail").want(t, http.StatusOK, old, "1 letter did not arrive", "Nobody has this address", strings.ReplaceAll(at, "&", "&amp;"))
	b.get(at).want(t, http.StatusOK, old, "Refused: Petr", "Send again to the new address", "checked")
	b.get(ownAddressPath(s.Home, "nobodys@home.example")).want(t, http.StatusNotFound)
	b.get("/office/mail/address").want(t, http.StatusNotFound)
	s.as(s.Coordinator).get(at).want(t, http.StatusForbidden)
	s.as(s.ForeignOfficer).get(at).want(t, http.StatusNotFound)

	right := url.Values{"institution": {s.Home.String()}, "address": {old}, "email": {"office@right.example"}, "letter": {id.String()}}
	for _, wrong := range []string{"office@", old} {
		form := url.Values{"institution": right["institution"], "address": right["address"], "email": {wrong}}
		b.post("/office/mail/address", form).want(t, http.StatusUnprocessableEntity, "There is 1 problem", wrong)
	}
	s.as(s.ForeignOfficer).post("/office/mail/address", right).want(t, http.StatusNotFound)
	b.post("/office/mail/address", right).want(t, http.StatusSeeOther)
	b.get("/office/mail").want(t, http.StatusOK, "office@right.example", "The address was corrected.").lacks(t, old, "did not arrive")
	b.get("/office/letters").want(t, http.StatusOK, "Every letter is settled")
	if n := testkit.One[int](s.World, `SELECT count(*)::int FROM letters l JOIN letter_texts t ON t.letter_id = l.id WHERE l.again_of = $1 AND t.address = 'office@right.example'`, id); n != 1 {
		t.Errorf("%d letters go to the right address", n)
	}
}
