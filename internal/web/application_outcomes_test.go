package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// Who came up from the reserve reads of the place, its grant and what became
// of each choice, as it is now and as it was when it was published.
func TestWhoWasPromotedReadsWhatTheyHaveNow(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1, 1}})
	her, him, third := s.Student("Zdislava", "1.2"), s.Student("Bohdan", "1.2"), s.Student("Ctirad", "1.2")
	first := s.Submitted(her, s.Destinations[0])
	second := s.Submitted(him, s.Destinations[0], s.Destinations[1])
	other := s.Submitted(third, s.Destinations[1])
	s.Marked(first, "27")
	s.Marked(second, "12")
	s.Marked(other, "20")
	s.Published(s.AfterClose)
	s.at(s.AfterClose)
	file := "/applications/" + second.String()
	mine := s.as(him)
	got := mine.get(file).want(t, http.StatusOK, "Reserve, now number 1")
	for _, no := range []string{"No longer on the reserve", "came down the reserve", "Grant"} {
		if strings.Contains(got.body, no) {
			t.Errorf("on the reserve one reads %q", no)
		}
	}
	at := s.AfterClose.Add(time.Hour)
	s.Move(her, first, "decline", at, process.Given{})
	if _, err := s.Process.Promote(t.Context(), s.Round, at); err != nil {
		t.Fatal(err)
	}
	s.at(at)
	mine = s.as(him)
	got = mine.get(file).want(t, http.StatusOK, "You are offered a place", "A place was freed and came down the reserve to you", "Reserve number 1 when published", "No longer on the reserve")
	if strings.Contains(got.body, "Reserve, now number") {
		t.Error("the page says that the person still waits")
	}
	s.Exec(`UPDATE offers SET given = 'without' WHERE application_id = $1`, second)
	mine.get(file).want(t, http.StatusOK, "Without a grant. One that is freed")
	s.Exec(`UPDATE offers SET given = 'with', given_at = made_at WHERE application_id = $1`, second)
	mine.get(file).want(t, http.StatusOK, "With a grant")
	s.Move(him, second, "confirm", at, process.Given{})
	mine.get(file).want(t, http.StatusOK, "Your place", "With a grant", "A place was freed and came down the reserve to you")
}

// Who moves up to a better choice reads that the place before is given up.
func TestWhoMovedUpReadsWhatWasGivenUp(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1, 1}})
	s.Rules(`{"upgrades": "until_confirmed"}`)
	her, him := s.Student("Zdislava", "1.2"), s.Student("Bohdan", "1.2")
	first, second := s.Submitted(her, s.Destinations[0]), s.Submitted(him, s.Destinations[0], s.Destinations[1])
	s.Marked(first, "27")
	s.Marked(second, "12")
	s.Published(s.AfterClose)
	s.at(s.AfterClose)
	file := "/applications/" + second.String()
	if got := s.as(him).get(file).want(t, http.StatusOK, "You are offered a place"); strings.Contains(got.body, "Given up") {
		t.Error("a place that is offered counts as given up")
	}
	at := s.AfterClose.Add(time.Hour)
	s.Move(her, first, "decline", at, process.Given{})
	if _, err := s.Process.Promote(t.Context(), s.Round, at); err != nil {
		t.Fatal(err)
	}
	s.at(at)
	s.as(him).get(file).want(t, http.StatusOK, "Given up for a better choice", "A place was freed and came down the reserve to you")
}
