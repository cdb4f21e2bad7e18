package web

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// crowd submits applications of invented students and returns them in order.
func (s *scene) crowd(n int) (people []mobility.Actor, files []uuid.UUID) {
	s.T.Helper()
	given := []string{"Žofie", "Łukasz", "Ąžuolas", "İpek", "Čeněk", "Øyvind", "Éva", "Björn", "Noémie", "Šárka", "Tomáš", "Andreea", "Giórgos", "Mónica"}
	family := []string{"Šťastná", "Wiśniewski", "Kazlauskas", "Yıldız", "Černý", "Sørensen", "Szabó", "Müller", "Lefèvre", "Horáková", "Dvořák", "Ionescu", "Papadópoulos", "García"}
	for i := range n {
		unit, choices := s.Faculty, []uuid.UUID{s.Destinations[i%3], s.Destinations[(i+1)%3]}
		if i%5 == 4 {
			unit, choices = s.Other, s.Destinations[3:]
		}
		p := s.StudentOf(given[i%len(given)], fmt.Sprintf("%.2f", 1.1+float64(i%9)*0.21), unit)
		s.Exec(`UPDATE person_facts SET family_names = $2, phone = '+420 777 000 111' WHERE person_id = $1`, p.Person, family[i%len(family)])
		people, files = append(people, p), append(files, s.complete(p, choices...))
	}
	return people, files
}

// preparedCall makes a second call that is not open yet.
func (s *scene) preparedCall() uuid.UUID {
	s.T.Helper()
	id, round := uuid.New(), uuid.New()
	s.Exec(`INSERT INTO calls (id, institution_id, programme, academic_year, title, description, zone, definition_id, form_id, scheme_id, max_choices, selection, appeal)
		SELECT $1, institution_id, 'bip', academic_year, '{"en": "Blended week at Fontys", "cs": "Kombinovaný týden na Fontysu"}', description, zone, definition_id, form_id, scheme_id, 1, selection, appeal FROM calls WHERE id = $2`, id, s.Call)
	s.Exec(`INSERT INTO rounds (id, institution_id, call_id, number) VALUES ($1, $2, $3, 1)`, round, s.Home, id)
	s.Exec(`INSERT INTO deadlines (id, institution_id, kind, round_id, wall, zone, closes_at) SELECT gen_random_uuid(), institution_id, kind, $1, wall + interval '30 days', zone, closes_at + interval '30 days' FROM deadlines WHERE round_id = $2`, round, s.Round)
	s.Exec(`INSERT INTO destinations (id, institution_id, call_id, round_id, agreement_id, host_institution_id, unit_id, term, cycle, isced_f, language, cefr, months, selected_by, host_email)
		SELECT gen_random_uuid(), institution_id, $1, $2, agreement_id, host_institution_id, unit_id, term, cycle, isced_f, language, cefr, months, 'host', '' FROM destinations WHERE id = $3`, id, round, s.Destinations[2])
	s.Exec(`INSERT INTO destination_pools (destination_id, pool_id) SELECT d.id, $2 FROM destinations d WHERE d.call_id = $1`, id, s.Pools[2])
	return id
}

func TestOfficePagesInABrowser(t *testing.T) {
	s := newView(t, testkit.WorldPlan{Places: []int{2, 1, 1, 2}})
	s.furnish()
	s.Exec(`UPDATE units SET name = '{"en": "Faculty of Forestry", "cs": "Lesnická fakulta"}' WHERE id = $1`, s.Other)
	s.Exec(`DELETE FROM call_units`)
	s.Exec(`UPDATE destinations SET unit_id = $2 WHERE id = $1`, s.Destinations[3], s.Other)
	for who, name := range map[uuid.UUID][2]string{s.Officer.Person: {"Jana", "Veselá"}, s.Coordinator.Person: {"Karel", "Novotný"}, s.Administrator.Person: {"Ivo", "Malý"}} {
		s.Exec(`UPDATE person_facts SET given_names = $2, family_names = $3 WHERE person_id = $1`, who, name[0], name[1])
	}
	people, files := s.crowd(14)
	prepared := s.preparedCall()
	v := s.viewer(t, testkit.AllowStatus(http.StatusUnprocessableEntity, http.StatusConflict))
	call := "/office/calls/" + s.Call.String()

	v.enter(s.Officer.Person, "/work")
	v.looked("work-open")
	v.look("/office/calls", "calls")
	v.look("/office/calls/"+prepared.String(), "call-prepared")
	v.look("/office/calls/"+prepared.String()+"/open", "call-open-ask")
	v.look(call+"/ranking", "ranking-none")

	after := s.AfterClose.Add(time.Hour)
	s.at(after)
	by := mobility.Wall(2027, time.February, 20, 12, 0)
	s.Move(s.Officer, files[3], "return", after, process.Given{Reason: "The transcript is not readable. Please attach it again.", Questions: []string{"transcript", "motivation"}, CompleteBy: &by})
	for i, f := range files {
		if i != 3 && i != 6 {
			s.mark(f, fmt.Sprintf("%d.5", 12+i%3*6))
		}
	}
	v.enter(s.Officer.Person, call)
	v.looked("call-assessed")
	v.look(call+"/candidates", "candidates")
	v.look("/office/applications/"+files[3].String(), "file-returned")
	v.enter(s.Coordinator.Person, "/work")
	v.looked("work-coordinator")
	v.look(call+"/marks", "marks")
	v.look("/office/applications/"+files[6].String()+"?at=2", "file-to-mark")
	v.enter(s.Officer.Person, call+"/ranking")
	v.looked("ranking-before")

	s.Move(people[3], files[3], "complete", after.Add(time.Minute), process.Given{})
	s.mark(files[3], "21")
	s.mark(files[6], "24.5")
	run, err := s.Process.ComputeRanking(t.Context(), s.Officer, s.Round, after)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Process.HoldBack(t.Context(), s.Officer, files[9], "The certificate is being checked with the issuing office.", after); err != nil {
		t.Fatal(err)
	}
	ranking := "/office/rankings/" + run.String()
	v.look(call+"/ranking", "rankings")
	v.look(ranking, "ranking")
	v.look(ranking+"/letters/"+files[0].String(), "ranking-letter")
	v.look(ranking+"/held/"+files[1].String(), "ranking-hold")
	v.look(ranking+"/publish", "ranking-publish")
	s.publishRun(run, after)
	v.look(ranking, "ranking-published")
	v.look(call, "call-published")

	s.lookAfterPublication(t, v, people, after.Add(24*time.Hour))
}

// lookAfterPublication goes on where the results are out.
func (s *scene) lookAfterPublication(t *testing.T, v *viewer, people []mobility.Actor, later time.Time) {
	t.Helper()
	call := "/office/calls/" + s.Call.String()
	s.at(later)
	offered := testkit.One[[]uuid.UUID](s.World, `SELECT array_agg(application_id ORDER BY application_id) FROM offers WHERE status = 'open'`)
	for i, id := range offered {
		if i == len(offered)-1 {
			continue
		}
		who := mobility.Actor{Person: testkit.One[uuid.UUID](s.World, `SELECT person_id FROM applications WHERE id = $1`, id)}
		s.Move(who, id, "confirm", later, process.Given{})
	}
	s.Move(s.Officer, offered[0], "nominate", later, process.Given{})
	s.Move(s.Officer, offered[1], "nominate", later, process.Given{})
	s.Move(s.Officer, offered[1], "record_acceptance", later, process.Given{Reason: "By telephone, Ms Virtanen."})
	s.trouble()
	v.enter(s.Officer.Person, call+"/nominations")
	v.looked("nominations")
	v.look("/office/applications/"+offered[1].String(), "file-accepted")
	v.look("/work", "work")
	v.look("/office/letters", "letters")
	v.look("/office/letters/"+testkit.One[uuid.UUID](s.World, `SELECT id FROM letters WHERE status = 'unknown'`).String(), "letter")
	v.look("/office/people?q=er", "people")
	v.look("/office/people/"+people[0].Person.String(), "person")
	v.look("/office/deadlines/"+testkit.One[uuid.UUID](s.World, `SELECT id FROM deadlines WHERE destination_id = $1`, s.Destinations[0]).String(), "amend")
	v.look(call+"/pools/"+s.Pools[0].String(), "overbook")
	v.enter(s.Administrator.Person, "/admin/lifecycles")
	v.looked("admin-lifecycles")
	v.look("/admin/calls/"+s.Call.String()+"/version", "admin-repin")
	v.look("/admin/units", "admin-units")
	v.look("/admin/roles", "admin-roles")
}

func (s *scene) publishRun(run uuid.UUID, at time.Time) {
	s.T.Helper()
	hash := testkit.One[string](s.World, `SELECT result_hash FROM rankings WHERE id = $1`, run)
	if _, err := s.Process.Publish(context.Background(), s.Officer, process.Publication{Ranking: run, Hash: hash, Arrived: at}); err != nil {
		s.T.Fatal(err)
	}
}

// trouble lets letters fail the ways they do, and somebody ask to be let in.
func (s *scene) trouble() {
	s.Exec(`UPDATE letters SET status = 'sent', sent_at = planned_at WHERE status = 'planned'`)
	for i, status := range []string{"failed", "unknown"} {
		id := testkit.One[uuid.UUID](s.World, `SELECT id FROM letters WHERE recipient = 'applicant' AND status = 'sent' ORDER BY id OFFSET $1 LIMIT 1`, 3+i)
		s.Exec(`UPDATE letters SET status = $2, sent_at = NULL WHERE id = $1`, id, status)
		s.Exec(`INSERT INTO letter_texts (letter_id, address, subject, plain, html, message_id, frozen_at) SELECT l.id, p.email, 'Your application has arrived', E'Dear student,\n\nyour application has arrived.\n\nInternational Relations Office', '', l.id::text, now()
			FROM letters l JOIN persons p ON p.id = l.person_id WHERE l.id = $1`, id)
		outcome, code, said := "permanent", 550, "5.1.1 no such mailbox here"
		if status == "unknown" {
			outcome, code, said = "unknown", 0, "the sending process ended before it knew"
		}
		s.Exec(`INSERT INTO letter_attempts (letter_id, number, started_at, finished_at, outcome, code, response) VALUES ($1, 1, now(), now(), $2, nullif($3, 0), $4)`, id, outcome, code, said)
	}
	s.Exec(`INSERT INTO registrations (id, institution_id, call_id, unit_id, email, given_names, family_names, status, asked_at) VALUES (gen_random_uuid(), $1, $2, $3, 'ana@elsewhere.example', 'Ana', 'Kovač', 'pending', '2027-02-01')`, s.Home, s.Call, s.Faculty)
}

// mark gives points as the office, which reaches every file.
func (s *scene) mark(id uuid.UUID, points string) {
	s.T.Helper()
	err := s.Process.SetMark(context.Background(), s.Officer, process.Mark{Application: id, Criterion: "letter", Points: points, Arrived: s.AfterClose})
	if err != nil {
		s.T.Fatal(err)
	}
}
