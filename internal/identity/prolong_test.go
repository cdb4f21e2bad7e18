package identity_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"peregrine/internal/identity"
	"peregrine/internal/mobility"
)

// prolong asks for the session of a cookie to last longer.
func (w *world) prolong(cookie *http.Cookie, arrived time.Time) error {
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, "/", nil)
	r.AddCookie(cookie)
	_, err := w.service.Prolong(httptest.NewRecorder(), r, arrived)
	return err
}

func TestASessionIsProlongedByItsOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cookie := w.begin(identity.Entrance{Person: w.officer})
	later := time.Now().Add(11 * time.Hour)
	if err := w.prolong(cookie, later); err != nil {
		t.Fatal(err)
	}
	if v := w.resume(later.Add(identity.StaffLifetime-time.Minute), cookie); v == nil || !v.Ends.Equal(later.Add(identity.StaffLifetime).Truncate(time.Second)) {
		t.Errorf("the visitor is %+v", v)
	}
	if v := w.resume(later.Add(identity.StaffLifetime), cookie); v != nil {
		t.Error("a prolonged session lasts for ever")
	}
	if err := w.prolong(&http.Cookie{Name: cookie.Name, Value: "AAAA"}, later); mobility.CodeOf(err) != "refusal.session_over" {
		t.Errorf("an invented session: %v", err)
	}
}

// Signing out everywhere wins against prolonging, whichever comes first.
func TestProlongingBringsNothingBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 20 {
		cookie := w.begin(identity.Entrance{Person: w.officer})
		var both sync.WaitGroup
		both.Go(func() {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
			r.AddCookie(cookie)
			if err := w.service.EndAll(httptest.NewRecorder(), r, w.officer); err != nil {
				t.Error(err)
			}
		})
		both.Go(func() {
			if err := w.prolong(cookie, time.Now()); err != nil && mobility.CodeOf(err) != "refusal.session_over" {
				t.Error(err)
			}
		})
		both.Wait()
		if v := w.resume(time.Now(), cookie); v != nil {
			t.Fatal("a session that was ended goes on")
		}
	}
}
