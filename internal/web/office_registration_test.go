package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"peregrine/internal/testkit"
)

// Whoever is not let in is asked about first, and told why.
func TestARegistrationIsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	s.Exec(`UPDATE calls SET registration = 'officer'`)
	asked := uuid.New()
	s.Exec(`INSERT INTO registrations (id, institution_id, call_id, unit_id, email, given_names, family_names, language, status, asked_at)
		VALUES ($1, $2, $3, $4, 'ana@else.example', 'Ana', 'Kovač', 'cs', 'pending', now())`, asked, s.Home, s.Call, s.Faculty)
	b, at := s.as(s.Officer), "/office/registrations/"+asked.String()
	b.get("/office/people").want(t, http.StatusOK, `href="`+at+`"`)
	b.get(at).want(t, http.StatusOK, "Refuse the registration", "ana@else.example", "Why")
	s.as(s.Coordinator).get(at).want(t, http.StatusNotFound) // the office answers in this call
	long := strings.Repeat("why ", 300)
	b.post(at, url.Values{"answer": {"refuse"}, "reason": {long}}).want(t, http.StatusUnprocessableEntity, strings.TrimSpace(long))
	b.post(at, url.Values{"answer": {"refuse"}, "reason": {"The call is for our students."}}).want(t, http.StatusSeeOther)
	b.get(at).want(t, http.StatusNotFound)
	b.get("/office/letters?status=all").want(t, http.StatusOK, "who asked to register")
}
