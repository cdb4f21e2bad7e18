package web

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

func TestAppealPagesInABrowser(t *testing.T) {
	s := newView(t, testkit.WorldPlan{Places: []int{2, 1, 1, 2}})
	s.furnish()
	s.Exec(`DELETE FROM call_units`)
	s.Exec(`UPDATE destinations SET unit_id = $2 WHERE id = $1`, s.Destinations[3], s.Other)
	s.Exec(`UPDATE calls SET provisional_days = 5, approval = 'second_person', appeal = '{"en": "Say which points, which document or which rule of the call was not respected.", "cs": "Uveďte, které body, který dokument nebo které pravidlo výzvy nebylo dodrženo."}'`)
	people, files := s.crowd(12)
	after := s.AfterClose.Add(time.Hour)
	s.at(after)
	for i, f := range files {
		s.mark(f, fmt.Sprintf("%d.5", 10+i))
	}
	v := s.viewer(t, testkit.AllowStatus(http.StatusUnprocessableEntity, http.StatusConflict))
	run, err := s.Process.ComputeRanking(t.Context(), s.Officer, s.Round, after)
	if err != nil {
		t.Fatal(err)
	}
	ranking := "/office/rankings/" + run.String()
	second := s.Staff("Alena", mobility.RoleOfficer, s.Home, nil)
	v.enter(s.Officer.Person, ranking)
	v.looked("list-draft")
	v.look(ranking+"/letters/"+files[0].String(), "list-letter")
	press := process.Publication{Ranking: run, Hash: testkit.One[string](s.World, `SELECT result_hash FROM rankings`), Arrived: after}
	if err := s.Process.Approve(t.Context(), second, press); err != nil {
		t.Fatal(err)
	}
	v.look(ranking+"/provisional", "list-ask")
	if _, err := s.Process.PublishProvisionally(t.Context(), s.Officer, press); err != nil {
		t.Fatal(err)
	}
	v.look(ranking, "list-provisional")

	loser := testkit.One[uuid.UUID](s.World, `SELECT application_id FROM ranking_entries WHERE outcome = 'reserve' ORDER BY rank LIMIT 1`)
	who := testkit.One[uuid.UUID](s.World, `SELECT person_id FROM applications WHERE id = $1`, loser)
	file := "/applications/" + loser.String()
	v.enter(who, file)
	v.looked("own-provisional")
	v.look(file+"/appeal", "own-appeal")
	if err := chromedp.Do(v.ctx, chromedp.SetValue("#f-reason", "The certificate on page three of my letter was not read. It is worth five points by the table of the call.")); err != nil {
		t.Fatal(err)
	}
	v.press("form.p-form button[type=submit], main form button[type=submit]")
	v.looked("own-appealed")
	for _, i := range []int{2, 5} {
		if _, err := s.Process.FileAppeal(t.Context(), people[i], process.NewAppeal{Application: files[i], Reason: "The points of my average are wrong.", Arrived: after}); err != nil && mobility.CodeOf(err) != "conflict.appeal_waits" {
			t.Fatal(err)
		}
	}

	id := testkit.One[uuid.UUID](s.World, `SELECT id FROM appeals WHERE application_id = $1`, loser)
	appeal := "/office/appeals/" + id.String()
	v.enter(s.Officer.Person, "/work")
	v.looked("appeal-work")
	v.look(appeal, "appeal-assign")
	if err := s.Process.AssignAppeal(t.Context(), s.Officer, process.GiveAppeal{Appeal: id, To: second.Person, Arrived: after}); err != nil {
		t.Fatal(err)
	}
	v.enter(second.Person, "/office/calls/"+s.Call.String()+"/appeals")
	v.looked("appeals")
	v.look(appeal, "appeal-decide")
	mark := testkit.One[uuid.UUID](s.World, `SELECT id FROM marks WHERE application_id = $1`, loser)
	if err := chromedp.Do(v.ctx, chromedp.Click(`input[value="granted"]`), chromedp.SetValue("#f-answer", "Page three was overlooked."),
		chromedp.SetValue("#f-correction", "mark:"+mark.String()), chromedp.SetValue("#f-points", "30")); err != nil {
		t.Fatal(err)
	}
	v.press(`button[name="act"][value="look"]`)
	v.looked("appeal-look")
	v.press(`button[name="act"][value="do"]`)
	v.looked("appeal-granted")
	v.look("/office/applications/"+files[4].String()+"/correct", "correct")
	v.enter(who, file)
	v.looked("own-answered")

	s.lookAtTheFinalList(t, v)
}

// lookAtTheFinalList lets the window close with no appeal left open.
func (s *scene) lookAtTheFinalList(t *testing.T, v *viewer) {
	t.Helper()
	s.Exec(`UPDATE appeals SET status = 'withdrawn', withdrawn_at = filed_at, assigned_to = NULL WHERE status IN ('filed', 'assigned')`)
	closes := testkit.One[time.Time](s.World, `SELECT closes_at FROM deadlines WHERE kind = 'appeal'`)
	s.at(closes.Add(mobility.Grace))
	final, err := s.Process.ComputeRanking(t.Context(), s.Officer, s.Round, closes.Add(mobility.Grace))
	if err != nil {
		t.Fatal(err)
	}
	v.enter(s.Officer.Person, "/office/rankings/"+final.String())
	v.looked("list-final")
	v.look("/office/rankings/"+final.String()+"/publish", "list-final-ask")
	v.look("/office/calls/"+s.Call.String()+"/ranking", "list-runs")
}
