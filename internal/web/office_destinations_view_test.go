package web

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// send fills in fields of the page's form, by name, and sends it.
func (v *viewer) send(fields map[string]string) {
	v.t.Helper()
	steps := []chromedp.Action[chromedp.Void]{}
	for name, value := range fields {
		steps = append(steps, chromedp.SetValue("main form [name="+name+"]", value))
	}
	steps = append(steps, chromedp.Click("main form button[type=submit]"), chromedp.Sleep(500*time.Millisecond))
	ctx, cancel := context.WithTimeout(v.ctx, 20*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		v.t.Fatal(err)
	}
}

func TestDestinationPagesInABrowser(t *testing.T) {
	s := newView(t, testkit.WorldPlan{Places: []int{2, 1, 1, 2}})
	s.furnish()
	s.Exec(`DELETE FROM call_units`)
	s.Exec(`UPDATE destinations SET unit_id = $2 WHERE id = $1`, s.Destinations[3], s.Other)
	_, _ = s.crowd(12)
	draft := s.Student("Žofie", "1.5")
	s.Draft(draft, s.Destinations[0], s.Destinations[1])
	agreement := uuid.New()
	s.Exec(`INSERT INTO agreements (id, institution_id, unit_id, host_institution_id, isced_f, cycle, places, months, language, cefr, term, academic_year, home_agreement_id)
		VALUES ($1, $2, $3, $4, '0421', 6, 2, 5, 'fi', 'B1', 'spring', '2027/28', 'NEW')`, agreement, s.Home, s.Faculty, s.Host)
	v := s.viewer(t, testkit.AllowStatus(http.StatusUnprocessableEntity, http.StatusConflict))
	list := "/office/calls/" + s.Call.String() + "/destinations"
	v.enter(s.Officer.Person, list)
	v.looked("destinations")
	v.look(list+"/add", "destination-add")
	v.look(s.destinationAt(0, "/change"), "destination-change")
	v.send(map[string]string{"places": "1", "cefr": "C1", "reason": "The partner gives one place fewer this year."})
	v.looked("destination-change-preview")
	s.at(s.AfterClose.Add(time.Hour))
	v.enter(s.Officer.Person, s.destinationAt(0, ""))
	v.looked("destination")
	v.look(s.destinationAt(0, "/drop"), "destination-drop")
	v.send(map[string]string{"reason": "The partner withdrew from the agreement."})
	v.looked("destination-drop-refused")
	v.send(map[string]string{"choose_again": "2027-02-20T12:00"})
	v.looked("destination-drop-preview")
	v.send(nil)
	v.looked("destination-dropped")

	id := testkit.One[uuid.UUID](s.World, `SELECT id FROM applications WHERE state = 'returned' ORDER BY id LIMIT 1`)
	who := testkit.One[uuid.UUID](s.World, `SELECT person_id FROM applications WHERE id = $1`, id)
	v.enter(who, "/applications/"+id.String())
	v.looked("application-choose-again")
	v.look("/applications/"+id.String()+"/edit", "edit-choose-again")
	v.look("/calls/"+s.Call.String(), "call-dropped")
}

func TestEarlierYearsInABrowser(t *testing.T) {
	s := newView(t, testkit.WorldPlan{Places: []int{5, 2}})
	s.pastResult(7)
	call, round := s.followingCall()
	s.EditScheme("- key: average", "- key: average\n  label: {en: Study results}")
	v := s.viewer(t)
	v.look("/calls/"+call.String(), "call-past")
	anna := s.Student("Žofie", "1.5")
	id, err := s.Process.Start(t.Context(), anna, round, s.WhileOpen())
	if err != nil {
		t.Fatal(err)
	}
	destination := testkit.One[uuid.UUID](s.World, `SELECT id FROM destinations WHERE round_id = $1`, round)
	if _, err := s.Process.SaveDraft(t.Context(), anna, process.DraftSave{Application: id, Revision: 1, Choices: []uuid.UUID{destination}, Answers: mobility.Answers{}, Arrived: s.WhileOpen()}); err != nil {
		t.Fatal(err)
	}
	v.enter(anna.Person, "/applications/"+id.String()+"/edit")
	v.looked("edit-past")
}
