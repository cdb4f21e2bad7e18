package identity_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/identity"
	"peregrine/internal/mobility"
)

func TestALateLinkSignsInOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	link := id()
	w.exec(`INSERT INTO late_links (id, institution_id, call_id, round_id, person_id, wall, zone, expires_at, made_at)
		SELECT $1, $2, $3, r.id, $4, now(), 'UTC', now() + interval '1 day', now() FROM rounds r WHERE r.call_id = $3`, link, w.home, w.call, w.student)
	refused := func(token, code string) {
		t.Helper()
		_, _, err := w.service.OpenLateLink(t.Context(), token, time.Now())
		wantCode(t, err, mobility.Conflict, code)
	}
	refused("nothing", "refusal.late_link_unknown")
	refused("", "refusal.late_link_unknown")
	early, err := w.service.MakeLateLink(t.Context(), link)
	if err != nil {
		t.Fatal(err)
	}
	token, err := w.service.MakeLateLink(t.Context(), link)
	if err != nil {
		t.Fatal(err)
	}
	refused(early, "refusal.late_link_unknown") // a retry made it worthless
	w.exec(`UPDATE late_links SET expires_at = now()`)
	refused(token, "refusal.late_link_over")
	if _, err := w.service.MakeLateLink(t.Context(), link); mobility.CodeOf(err) != "refusal.late_link_over" {
		t.Errorf("a letter about one that is over: %v", err)
	}
	w.exec(`UPDATE late_links SET expires_at = now() + interval '1 day', revoked_at = now()`)
	refused(token, "refusal.late_link_revoked")
	w.exec(`UPDATE late_links SET revoked_at = NULL`)
	if l, err := w.service.LateLinkOf(t.Context(), token); err != nil || l.Opened || l.Person != w.student {
		t.Errorf("looking: %+v, %v", l, err)
	}
	entered := make(chan uuid.UUID, 8)
	for range 8 {
		go func() {
			var e identity.Entrance
			e, _, _ = w.service.OpenLateLink(t.Context(), token, time.Now())
			entered <- e.Person
		}()
	}
	n := 0
	for range 8 {
		if who := <-entered; who == w.student {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d came in by one link", n)
	}
	refused(token, "refusal.late_link_opened")
}
