package web

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
)

// ranked lets so many people want one destination with so many places and
// publishes the result; everybody has points of their own, the first the most.
func ranked(t *testing.T, people, places int) (*scene, []mobility.Actor, []uuid.UUID) {
	t.Helper()
	s := newScene(t, testkit.WorldPlan{Places: []int{places}})
	var who []mobility.Actor
	var files []uuid.UUID
	for i := range people {
		actor := s.Student(fmt.Sprintf("Person%d", i), "2.0")
		file := s.Submitted(actor)
		s.Marked(file, fmt.Sprintf("%d.25", 29-i))
		who, files = append(who, actor), append(files, file)
	}
	s.Published(s.AfterClose)
	s.at(s.AfterClose)
	return s, who, files
}

var tags = regexp.MustCompile(`<[^>]*>`)

// Each applicant reads how their points came about, and of others only what
// gives nobody away (design rule 13).
func TestApplicantsReadTheirOwnExplanation(t *testing.T) {
	t.Parallel()
	s, who, files := ranked(t, 7, 3)
	placed := s.as(who[0]).get("/applications/"+files[0].String()).want(t, http.StatusOK, "How your points came about", "29.25", "Lowest admitted", "Highest refused")
	refused := s.as(who[4]).get("/applications/"+files[4].String()).want(t, http.StatusOK, "Reserve number 2 when published", "now number 2")
	for self, got := range map[int]seen{0: placed, 4: refused} {
		text := tags.ReplaceAllString(got.body, " ")
		for i := range who {
			if name := fmt.Sprintf("Person%d", i); i != self && strings.Contains(text, name) {
				t.Errorf("Person%d reads of %s", self, name)
			}
		}
	}
	// four were refused, three admitted of seven: both ends are told
	lowest, highest := pointsAt(s, 2), pointsAt(s, 3)
	for _, figure := range []string{lowest, highest} {
		if !strings.Contains(refused.body, figure) {
			t.Errorf("the page lacks %s", figure)
		}
	}
	if strings.Contains(refused.body, pointsAt(s, 1)) {
		t.Error("the points of somebody in between are told")
	}
}

// points are those of the n-th in the list, as pages write them.
func pointsAt(s *scene, rank int) string {
	return strings.TrimRight(testkit.One[string](s.World, `SELECT points::text FROM ranking_entries WHERE rank = $1`, rank+1), "0")
}

func TestFiguresOfTooFewAreWithheldAndThePageSaysSo(t *testing.T) {
	t.Parallel()
	s, who, files := ranked(t, 5, 2) // two admitted: too few to tell; three refused: enough
	got := s.as(who[4]).get("/applications/"+files[4].String()).want(t, http.StatusOK, "not shown: too few people", pointsAt(s, 2))
	if strings.Contains(got.body, pointsAt(s, 1)) {
		t.Error("the lowest admitted of two is told")
	}
}

// What an applicant may read of a published result in the database is their
// own entry, not everybody's.
func TestAWholeResultIsTheHousesAlone(t *testing.T) {
	t.Parallel()
	s, who, _ := ranked(t, 5, 2)
	run := testkit.One[uuid.UUID](s.World, `SELECT id FROM rankings`)
	for name, want := range map[string]bool{"applicant": false, "officer": true} {
		actor := map[string]mobility.Actor{"applicant": who[0], "officer": s.Officer}[name]
		var text string
		err := s.site.server.Reads.As(t.Context(), actor, s.AfterClose, func(db store.DBTX, _ time.Time) (err error) {
			text, err = queries.RankingResult(t.Context(), db, run)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if (text != "") != want {
			t.Errorf("%s reads %d bytes of the result", name, len(text))
		}
	}
}
