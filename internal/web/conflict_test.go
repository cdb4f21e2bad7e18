package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/testkit"
)

// Until publication somebody with a conflict of interest learns nothing of
// how a destination that the file names comes out: not of the file, not of
// those who compete with it, not by a number (design rule 11).
func TestAConflictHidesHowADraftComesOut(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1, 1}})
	file := s.Submitted(s.Student("Zdislava", "1.2"), s.Destinations[0])
	rival := s.Submitted(s.Student("Bohdana", "2.8"), s.Destinations[0], s.Destinations[1])
	other := s.Submitted(s.Student("Ctirada", "2.0"), s.Destinations[1])
	s.Marked(file, "27.31")
	s.Marked(rival, "12.65")
	s.Marked(other, "20.05")
	s.at(s.AfterClose)
	id, err := s.Process.ComputeRanking(context.Background(), s.Officer, s.Round, s.AfterClose)
	if err != nil {
		t.Fatal(err)
	}
	run, runs := "/office/rankings/"+id.String(), "/office/calls/"+s.Call.String()+"/ranking"
	s.as(s.Officer).get(run).want(t, http.StatusOK, "Zdislava", "Bohdana", "Ctirada", "54.31")
	for _, barred := range []mobility.Actor{s.Staff("aunt", mobility.RoleOfficer, s.Home, nil), s.Staff("cousin", mobility.RoleCoordinator, s.Home, &s.Faculty)} {
		s.Exec(`INSERT INTO conflicts (id, institution_id, application_id, person_id, kind, at) VALUES (gen_random_uuid(), $1, $2, $3, 'declared', now())`, s.Home, file, barred.Person)
		b := s.as(barred)
		pages := []string{run, run + "?outcome=placed", run + "?destination=" + s.Destinations[0].String(), runs}
		if barred.Has(mobility.RoleOfficer) {
			pages = append(pages, run+"/publish")
		}
		for _, path := range pages {
			got := b.get(path).want(t, http.StatusOK)
			for _, secret := range []string{"Zdislava", "Bohdana", "54.31", "15.65"} {
				if strings.Contains(got.body, secret) {
					t.Errorf("%s: %s shows %s", barred.Name, path, secret)
				}
			}
		}
		b.get(run).want(t, http.StatusOK, "Ctirada", "35.05")
		for _, hidden := range []uuid.UUID{file, rival} {
			b.get(run+"/letters/"+hidden.String()).want(t, http.StatusNotFound)
			if barred.Has(mobility.RoleOfficer) {
				b.get(run+"/held/"+hidden.String()).want(t, http.StatusNotFound)
			}
		}
		b.get(run+"/letters/"+other.String()).want(t, http.StatusOK)
		b.get("/office/applications/"+rival.String()).want(t, http.StatusOK, "Bohdana")
	}
}
