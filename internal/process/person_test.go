package process_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

func TestCorrectAddress(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	anna, bert := w.Student("Anna", "1.2"), w.Student("Bert", "2")
	w.Exec(`INSERT INTO sessions (token_hash, person_id, data, expires_at) VALUES ('t', $1, '', now() + interval '1 day')`, anna.Person)
	req := process.CorrectAddress{Institution: w.Home, Person: anna.Person, Email: "anna@new.example", Arrived: w.Opens}
	for _, who := range []mobility.Actor{w.Coordinator, w.ForeignOfficer, bert} {
		if k := mobility.KindOf(w.Process.CorrectAddress(t.Context(), who, req)); k != mobility.Forbidden && k != mobility.NotFound {
			t.Errorf("%s: kind %v", who.Name, k)
		}
	}
	if err := w.Process.CorrectAddress(t.Context(), w.Officer, req); err != nil {
		t.Fatal(err)
	}
	if n := testkit.One[int](w, `SELECT count(*)::int FROM sessions`); n != 0 {
		t.Error("a session stays")
	}
	if n := testkit.One[int](w, `SELECT count(*)::int FROM river_job WHERE kind = 'letter_planned'`); n != 1 {
		t.Errorf("%d letters on their way to the old address", n)
	}
	req.Person = bert.Person
	if err := w.Process.CorrectAddress(t.Context(), w.Officer, req); mobility.CodeOf(err) != "conflict.address_taken" {
		t.Errorf("somebody else's address: %v", err)
	}
	verifyClean(t.Context(), t, w)
}

func TestAnAddressIsNoWayIntoARole(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	for name, c := range map[string]struct {
		person uuid.UUID
		code   string
	}{"one's own": {w.Officer.Person, "refusal.own_file"}, "the administrator's": {w.Administrator.Person, "refusal.role_elsewhere"}} {
		err := w.Process.CorrectAddress(t.Context(), w.Officer, process.CorrectAddress{Institution: w.Home, Person: c.person, Email: "mine@evil.example", Arrived: w.Opens})
		if mobility.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRegistration(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	ask := process.Registration{Call: w.Call, Unit: w.Faculty, Email: "New@guest.example", FamilyNames: "Guest", Arrived: w.WhileOpen()}
	if err := w.Process.Register(t.Context(), ask); mobility.CodeOf(err) != "conflict.no_registration" {
		t.Errorf("where the call does not allow it: %v", err)
	}
	w.Exec(`UPDATE calls SET registration = 'coordinator'`)
	for range 2 { // the second time says the same
		if err := w.Process.Register(t.Context(), ask); err != nil {
			t.Fatal(err)
		}
	}
	late := ask
	late.Arrived, late.Email = w.ClosesAt, "late@guest.example"
	if err := w.Process.Register(t.Context(), late); mobility.CodeOf(err) != "conflict.no_registration" {
		t.Errorf("after the deadline: %v", err)
	}
	id := testkit.One[uuid.UUID](w, `SELECT id FROM registrations`)
	answer := process.AnswerRegistration{Registration: id, Confirm: true, Arrived: w.WhileOpen()}
	if err := w.Process.AnswerRegistration(t.Context(), w.OtherCoordinator, answer); mobility.KindOf(err) != mobility.NotFound {
		t.Errorf("another faculty: %v", err)
	}
	if err := w.Process.AnswerRegistration(t.Context(), w.Coordinator, answer); err != nil {
		t.Fatal(err)
	}
	if err := w.Process.AnswerRegistration(t.Context(), w.Officer, answer); mobility.CodeOf(err) != "conflict.registration_answered" {
		t.Errorf("twice: %v", err)
	}
	guest := mobility.Actor{Person: testkit.One[uuid.UUID](w, `SELECT id FROM persons WHERE email = 'new@guest.example'`)}
	if n := testkit.One[int](w, `SELECT count(*)::int FROM letters l JOIN persons p ON p.id = l.person_id
		WHERE l.kind = 'registered' AND p.email = 'new@guest.example' AND l.call_id IS NOT NULL`); n != 1 {
		t.Errorf("%d letters tell the guest, want one", n)
	}
	w.Draft(guest)
}

func TestRegistrationForTheOfficeAlone(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	w.Exec(`UPDATE calls SET registration = 'officer'`)
	err := w.Process.Register(t.Context(), process.Registration{Call: w.Call, Unit: w.Faculty, Email: "new@guest.example", FamilyNames: "Guest", Language: "cs", Arrived: w.WhileOpen()})
	if err != nil {
		t.Fatal(err)
	}
	answer := process.AnswerRegistration{Registration: testkit.One[uuid.UUID](w, `SELECT id FROM registrations`), Reason: " The call is for our students. ", Arrived: w.WhileOpen()}
	if err := w.Process.AnswerRegistration(t.Context(), w.Coordinator, answer); mobility.KindOf(err) != mobility.Forbidden {
		t.Errorf("a coordinator: %v", err)
	}
	if err := w.Process.AnswerRegistration(t.Context(), w.Officer, answer); err != nil {
		t.Fatal(err)
	}
	if n := testkit.One[int](w, `SELECT count(*)::int FROM persons WHERE email = 'new@guest.example'`); n != 0 {
		t.Error("a refused guest became a person")
	}
	told := testkit.One[string](w, `SELECT l.recipient || '|' || l.status || '|' || l.language || '|' || r.reason FROM letters l JOIN registrations r ON r.id = (l.data ->> 'registration')::uuid
		WHERE l.kind = 'registration_refused' AND l.person_id IS NULL AND l.call_id = $1`, w.Call)
	if told != "registrant|planned|cs|The call is for our students." {
		t.Errorf("the refused guest is told %q", told)
	}
}

func TestRevokeHostLink(t *testing.T) {
	t.Parallel()
	w := busyWorld(t)
	link := testkit.One[uuid.UUID](w, `SELECT id FROM host_links`)
	if err := w.Process.RevokeHostLink(t.Context(), w.Coordinator, w.AfterClose, link); err == nil {
		t.Error("a coordinator revoked it")
	}
	if err := w.Process.RevokeHostLink(t.Context(), w.Officer, w.AfterClose, link); err != nil {
		t.Fatal(err)
	}
	if err := w.Process.RevokeHostLink(t.Context(), w.Officer, w.AfterClose, link); mobility.CodeOf(err) != "conflict.link_revoked" {
		t.Errorf("twice: %v", err)
	}
}

func TestDeclareConflict(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	a := w.Submitted(w.Student("Anna", "1.2"))
	if err := w.Process.DeclareConflict(t.Context(), w.Coordinator, w.WhileOpen(), a, w.Officer.Person); mobility.KindOf(err) != mobility.Forbidden {
		t.Errorf("a coordinator bars an officer: %v", err)
	}
	for range 2 {
		err := w.Process.DeclareConflict(t.Context(), w.Coordinator, w.WhileOpen(), a, w.Coordinator.Person)
		if err != nil && mobility.KindOf(err) != mobility.NotFound { // the second time the file is hidden already
			t.Fatal(err)
		}
	}
	_, err := w.Process.Move(t.Context(), w.Coordinator, process.MoveRequest{Application: a, Move: "declare_ineligible", Arrived: w.AfterClose, Given: process.Given{Reason: "x"}})
	if mobility.KindOf(err) != mobility.NotFound {
		t.Errorf("the barred coordinator still acts: %v", err)
	}
	if err := w.Process.DeclareConflict(t.Context(), w.Officer, w.WhileOpen(), a, w.OtherCoordinator.Person); err != nil {
		t.Errorf("the office bars a coordinator: %v", err)
	}
}

func TestAnApplicantWhoSharedAnAddressWithStaffIsKeptFromThem(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	anna := w.Student("Anna", "1.2")
	w.Exec(`INSERT INTO person_addresses (id, person_id, email, until) SELECT gen_random_uuid(), $1, upper(email), now() FROM persons WHERE id = $2`, anna.Person, w.Coordinator.Person)
	a := w.Draft(anna)
	if kind := testkit.One[string](w, `SELECT kind FROM conflicts WHERE application_id = $1 AND person_id = $2`, a, w.Coordinator.Person); kind != "same_address" {
		t.Errorf("conflict %s", kind)
	}
}

func TestErasePerson(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	anna := w.Student("Anna", "1.2")
	a := w.Submitted(anna)
	inZone(t, w, anna, "Asia/Tokyo")
	w.Exec(`INSERT INTO documents (id, institution_id, application_id, person_id, question, file_name, media_type, size, sha256, uploaded_at)
		VALUES (gen_random_uuid(), $1, $2, $3, 'motivation', 'anna.pdf', 'application/pdf', 1, '', now())`, w.Home, a, anna.Person)
	hash := testkit.One[[]byte](w, `SELECT hash FROM submissions`)
	req := process.Erasure{Institution: w.Home, Person: anna.Person, Arrived: w.AfterClose}
	if _, err := w.Process.ErasePerson(t.Context(), w.Officer, req); mobility.KindOf(err) != mobility.Forbidden {
		t.Errorf("an officer: %v", err)
	}
	if _, err := w.Process.ErasePerson(t.Context(), w.Administrator, req); mobility.CodeOf(err) != "conflict.still_applying" {
		t.Errorf("while applying: %v", err)
	}
	w.Move(anna, a, "withdraw", w.WhileOpen(), process.Given{Reason: "I am ill."})
	done, err := w.Process.ErasePerson(t.Context(), w.Administrator, req)
	if err != nil || len(done.Documents) != 1 || !done.Tombstone {
		t.Fatalf("erased %+v, %v", done, err)
	}
	if string(testkit.One[[]byte](w, `SELECT hash FROM submissions`)) != string(hash) {
		t.Error("history changed")
	}
	if n := testkit.One[int](w, `SELECT count(*)::int FROM letters WHERE status = 'planned'`); n != 0 {
		t.Errorf("%d letters are still on their way", n)
	}
	if n := testkit.One[int](w, `SELECT count(*)::int FROM persons WHERE time_zone <> ''`); n != 0 {
		t.Error("where they were is left")
	}
	verifyClean(t.Context(), t, w)
}

func TestErasureLeavesWhatAnotherInstitutionKnows(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	anna := w.Student("Anna", "1.2")
	w.Exec(`INSERT INTO person_facts (institution_id, person_id, family_names) VALUES ($1, $2, 'Nováková')`, w.Host, anna.Person)
	done, err := w.Process.ErasePerson(t.Context(), w.Administrator, process.Erasure{Institution: w.Home, Person: anna.Person, Arrived: time.Now()})
	if err != nil || done.Tombstone {
		t.Fatalf("erased %+v, %v", done, err)
	}
	if n := testkit.One[int](w, `SELECT count(*)::int FROM person_facts WHERE person_id = $1`, anna.Person); n != 1 {
		t.Errorf("%d facts are left", n)
	}
	if _, err := w.Process.ErasePerson(t.Context(), w.Administrator, process.Erasure{Institution: w.Host, Person: anna.Person, Arrived: time.Now()}); mobility.KindOf(err) != mobility.NotFound {
		t.Errorf("somebody else's facts: %v", err)
	}
	verifyClean(t.Context(), t, w)
}
