package identity_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/identity"
	"peregrine/internal/mobility"
)

func TestSessionCookie(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cookie := w.begin(identity.Entrance{Person: w.student})
	if cookie.Name != "__Host-peregrine" || !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" {
		t.Errorf("cookie is %v", cookie)
	}
	if days := time.Duration(cookie.MaxAge) * time.Second / (24 * time.Hour); days < 29 || days > 30 {
		t.Errorf("an applicant's session lasts %d days", days)
	}
	if n := w.one(`SELECT count(*) FROM sessions WHERE token_hash = $1`, cookie.Value); n != 0 {
		t.Error("the token is stored as it is")
	}
	plain := newWorld(t, func(c *identity.Config) { c.Secure = false })
	if cookie := plain.begin(identity.Entrance{Person: plain.student}); cookie.Name != "peregrine" || cookie.Secure {
		t.Errorf("over plain http: %v", cookie)
	}
}

func TestSessionBelongsToItsPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.resume(time.Now(), w.begin(identity.Entrance{Person: w.student}))
	if v == nil || v.Actor.Person != w.student || v.Actor.Name != "Jana Nováková" || v.Email != "Student@example.org" ||
		v.Language != "cs" || v.Zone.String() != "Europe/Prague" || len(v.Actor.Grants) != 0 {
		t.Errorf("visitor is %+v", v)
	}
	for name, cookie := range map[string]*http.Cookie{
		"none": {Name: "other", Value: "x"}, "empty": {Name: "__Host-peregrine"}, "invented": {Name: "__Host-peregrine", Value: "AAAA"},
	} {
		if v := w.resume(time.Now(), cookie); v != nil {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

func TestStaffSessionEndsWithTheDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cookie := w.begin(identity.Entrance{Person: w.officer})
	if hours := cookie.MaxAge / 3600; hours < 11 || hours > 12 {
		t.Errorf("an officer's session lasts %d hours", hours)
	}
	applicant := w.begin(identity.Entrance{Person: w.student})
	tomorrow := time.Now().Add(13 * time.Hour)
	if w.resume(tomorrow, applicant) == nil {
		t.Error("an applicant was signed out after a day")
	}
	w.grant(w.student, mobility.RoleAssessor, &w.faculty)
	if w.resume(tomorrow, applicant) != nil {
		t.Error("a person granted a role keeps a session of thirty days")
	}
	if v := w.resume(time.Now(), applicant); v == nil || !v.Actor.Has(mobility.RoleAssessor) {
		t.Error("the new role does not count at once")
	}
}

func TestSignInRotatesTheToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.begin(identity.Entrance{Person: w.student, LateUntil: time.Now().Add(time.Hour)})
	second := w.begin(identity.Entrance{Person: w.officer}, first)
	if first.Value == second.Value || w.resume(time.Now(), first) != nil {
		t.Error("the old token still opens a session")
	}
	if v := w.resume(time.Now(), second); v == nil || v.Actor.Person != w.officer || !v.Actor.LateUntil.IsZero() {
		t.Errorf("the new session is %+v", v)
	}
	fixed := &http.Cookie{Name: first.Name, Value: "chosen-by-somebody-else"}
	if got := w.begin(identity.Entrance{Person: w.student}, fixed); got.Value == fixed.Value {
		t.Error("a token brought along was taken")
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here, there, other := w.begin(identity.Entrance{Person: w.student}), w.begin(identity.Entrance{Person: w.student}), w.begin(identity.Entrance{Person: w.officer})
	list, err := w.service.Sessions(request(here), w.student)
	if err != nil || len(list) != 2 || list[0].Current == list[1].Current || time.Since(list[0].Started) > time.Minute {
		t.Errorf("sessions are %+v, %v", list, err)
	}
	rec := httptest.NewRecorder()
	if err := w.service.End(rec, request(here)); err != nil {
		t.Fatal(err)
	}
	if c := rec.Result().Cookies(); len(c) != 1 || c[0].MaxAge >= 0 {
		t.Errorf("the cookie is not taken back: %v", c)
	}
	if w.resume(time.Now(), here) != nil || w.resume(time.Now(), there) == nil {
		t.Error("signing out ended the wrong session")
	}
	again := w.begin(identity.Entrance{Person: w.student})
	if err := w.service.EndAll(httptest.NewRecorder(), request(again), w.student); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*http.Cookie{there, again} {
		if w.resume(time.Now(), c) != nil {
			t.Error("a session outlived signing out everywhere")
		}
	}
	if w.resume(time.Now(), other) == nil {
		t.Error("somebody else was signed out")
	}
	if err := w.service.End(httptest.NewRecorder(), request()); err != nil {
		t.Errorf("signing out without a session: %v", err)
	}
}

func TestRolesReachDownTheTree(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.grant(w.student, mobility.RoleCoordinator, &w.faculty)
	w.exec(`INSERT INTO roles (id, person_id, institution_id, role, call_id, valid_from) VALUES ($1, $2, $3, 'assessor', $4, now() - interval '1 day')`, id(), w.student, w.home, w.call)
	w.exec(`INSERT INTO roles (id, person_id, institution_id, role, valid_from, valid_to) VALUES ($1, $2, $3, 'officer', now() - interval '2 days', now() - interval '1 day'), ($4, $2, $3, 'administrator', now() + interval '1 hour', NULL)`, id(), w.student, w.home, id())
	actor, err := w.service.Actor(t.Context(), w.student)
	if err != nil || len(actor.Grants) != 2 {
		t.Fatalf("grants are %+v, %v", actor.Grants, err)
	}
	units := actor.Grants[0].Units
	if len(units) != 2 || !slices.Contains(units, w.faculty) || !slices.Contains(units, w.department) {
		t.Errorf("the faculty's coordinator reaches %v", units)
	}
	at := func(unit, call uuid.UUID) []mobility.Role {
		return actor.RolesAt(mobility.Place{Institution: w.home, Unit: unit, Call: call, Applicant: w.officer})
	}
	if got := at(w.department, uuid.New()); !slices.Equal(got, []mobility.Role{mobility.RoleCoordinator}) {
		t.Errorf("at the department: %v", got)
	}
	if got := at(w.otherFaculty, uuid.New()); len(got) != 0 {
		t.Errorf("at the other faculty: %v", got)
	}
	if got := at(w.otherFaculty, w.call); !slices.Equal(got, []mobility.Role{mobility.RoleAssessor}) {
		t.Errorf("in the call: %v", got)
	}
	w.exec(`UPDATE installation SET clock_offset = '2 hours'`)
	if actor, err := w.service.Actor(t.Context(), w.student); err != nil || !actor.Has(mobility.RoleAdministrator) {
		t.Errorf("two hours on by the business clock: %+v, %v", actor.Grants, err)
	}
	w.exec(`UPDATE units SET parent_id = $1 WHERE id = $2`, w.department, w.faculty) // a ring
	if _, err := w.service.Actor(t.Context(), w.student); err != nil {
		t.Errorf("units in a ring: %v", err)
	}
	_, err = w.service.Actor(t.Context(), uuid.New())
	if mobility.KindOf(err) != mobility.NotFound {
		t.Errorf("nobody: %v", err)
	}
}
