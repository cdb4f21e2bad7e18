package process_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// assessing gives the round an end of assessment on Friday 9 April 2027, noon
// in Prague.
func assessing(w *testkit.World) time.Time {
	wall := mobility.Wall(2027, time.April, 9, 12, 0)
	at := mobility.ClosesAt(wall, location(w.T, "Europe/Prague"))
	w.Exec(`INSERT INTO deadlines (id, institution_id, kind, round_id, wall, zone, closes_at) VALUES ($1, $2, 'assess_by', $3, $4, 'Europe/Prague', $5)`,
		uuid.New(), w.Home, w.Round, wall.Time(), at)
	return at
}

// outcomes lists the letters of a kind to a person, oldest first.
func outcomes(t *testing.T, w *testkit.World, kind string, person uuid.UUID) []string {
	t.Helper()
	rows, err := w.Admin.Query(t.Context(), `SELECT rtrim(status || ' ' || skip_reason) FROM letters WHERE kind = $1 AND person_id = $2 ORDER BY planned_at, subject_key`, kind, person)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func due(t *testing.T, w *testkit.World, at time.Time) int {
	t.Helper()
	_, n, err := w.Process.Due(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestStaffAreRemindedBeforeAndAfterInTheirWorkingHours(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	ends := assessing(w)
	w.Submitted(w.Student("Anna", "1.2"))
	w.Exec(`INSERT INTO holidays (institution_id, day) VALUES ($1, '2027-04-12')`, w.Home) // a Monday
	who := w.Coordinator.Person
	if due(t, w, ends.Add(-72*time.Hour-time.Second)); len(outcomes(t, w, "remind_coordinator", who)) != 0 {
		t.Error("reminded too early")
	}
	due(t, w, ends.Add(-72*time.Hour))
	if got := outcomes(t, w, "remind_coordinator", who); len(got) != 1 || got[0] != "planned" {
		t.Errorf("three days before: %v", got)
	}
	// A day after Friday noon is Saturday, Monday is a holiday: Tuesday at eight.
	tuesday := time.Date(2027, time.April, 13, 8, 0, 0, 0, location(t, "Europe/Prague"))
	if due(t, w, tuesday.Add(-time.Second)); len(outcomes(t, w, "remind_coordinator", who)) != 1 {
		t.Error("reminded on a day nobody works")
	}
	due(t, w, tuesday)
	if got := outcomes(t, w, "remind_coordinator", who); len(got) != 2 {
		t.Errorf("after the deadline: %v", got)
	}
	if got := outcomes(t, w, "remind_coordinator", w.OtherCoordinator.Person); len(got) != 0 {
		t.Errorf("the other faculty has nothing to assess: %v", got)
	}
}

func TestWhoeverChoseAnOverviewGetsItInsteadOncePerPeriod(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	ends := assessing(w)
	w.Submitted(w.Student("Anna", "1.2"))
	choose := func(who mobility.Actor, way string, at time.Time) {
		t.Helper()
		err := w.Process.ChooseReminders(t.Context(), who, process.ReminderChoice{Way: way, Weekday: 3, Hour: 9, Announcements: true, Arrived: at})
		if err != nil {
			t.Fatal(err)
		}
		inZone(t, w, who, "Europe/Lisbon")
	}
	monday := time.Date(2027, time.April, 5, 7, 0, 0, 0, time.UTC)
	choose(w.Coordinator, process.Daily, monday)
	choose(w.OtherCoordinator, process.Weekly, monday)
	nine := time.Date(2027, time.April, 5, 9, 0, 0, 0, location(t, "Europe/Lisbon"))
	due(t, w, nine.Add(-time.Second))
	if got := outcomes(t, w, "digest", w.Coordinator.Person); len(got) != 0 {
		t.Errorf("too early: %v", got)
	}
	for range 3 {
		due(t, w, nine.Add(time.Hour))
	}
	if got := outcomes(t, w, "digest", w.Coordinator.Person); len(got) != 1 {
		t.Errorf("on one day: %v", got)
	}
	due(t, w, ends.Add(-71*time.Hour)) // Tuesday
	if got := outcomes(t, w, "remind_coordinator", w.Coordinator.Person); len(got) != 1 || got[0] != "skipped in_digest" {
		t.Errorf("the single reminder: %v", got)
	}
	for day := range 9 {
		due(t, w, nine.AddDate(0, 0, day))
	}
	if got := outcomes(t, w, "digest", w.Coordinator.Person); len(got) != 7 { // Monday to Friday, Monday, Tuesday
		t.Errorf("over nine days: %v", got)
	}
	if got := outcomes(t, w, "digest", w.OtherCoordinator.Person); len(got) != 1 {
		t.Errorf("a week's: %v", got)
	}
	// A house that slept for a month makes up for nothing but the last.
	due(t, w, nine.AddDate(0, 1, 2))
	if got := outcomes(t, w, "digest", w.Coordinator.Person); len(got) != 8 {
		t.Errorf("after a month: %v", got)
	}
}

func TestWhoeverWantsNoneGetsNone(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	anna := w.Student("Anna", "1.2")
	w.Draft(anna)
	if err := w.Process.LeaveReminders(t.Context(), anna.Person, w.WhileOpen()); err != nil {
		t.Fatal(err)
	}
	if n := due(t, w, w.ClosesAt.Add(-23*time.Hour)); n != 0 {
		t.Errorf("%d planned", n)
	}
	if got := outcomes(t, w, "remind_draft", anna.Person); len(got) != 2 || got[0] != "skipped overtaken" && got[1] != "skipped overtaken" {
		t.Errorf("outcomes %v", got)
	}
	if n := testkit.One[int](w, `SELECT count(*)::int FROM letters WHERE skip_reason = 'not_wanted'`); n != 1 {
		t.Errorf("%d not wanted", n)
	}
	if !testkit.One[bool](w, `SELECT wants_announcements($1)`, anna.Person) {
		t.Error("announcements are another thing")
	}
	if err := w.Process.LeaveAnnouncements(t.Context(), anna.Person, w.WhileOpen()); err != nil {
		t.Fatal(err)
	}
	if testkit.One[bool](w, `SELECT wants_announcements($1)`, anna.Person) || testkit.One[string](w, `SELECT way FROM reminder_choices`) != "none" {
		t.Error("leaving one leaves the other as it was")
	}
}

// TestAReminderWhoseTimeWasOverBeforeIsLeftOutByName: who begins in the last
// hours is not told at once that there are three days left, and the office sees
// why.
func TestAReminderWhoseTimeWasOverBeforeIsLeftOutByName(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	anna := w.Student("Anna", "1.2")
	_, err := w.Process.Start(t.Context(), anna, w.Round, w.ClosesAt.Add(-30*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	due(t, w, w.ClosesAt.Add(-29*time.Hour))
	if got := outcomes(t, w, "remind_draft", anna.Person); !slices.Equal(got, []string{"skipped came_later"}) {
		t.Errorf("just begun: %v", got)
	}
	due(t, w, w.ClosesAt.Add(-24*time.Hour))
	if got := outcomes(t, w, "remind_draft", anna.Person); !slices.Equal(got, []string{"skipped came_later", "planned"}) {
		t.Errorf("a day before: %v", got)
	}
	// The mark says that all are planned; a deadline that moves is another.
	due(t, w, w.ClosesAt.Add(-23*time.Hour))
	if n := testkit.One[int](w, `SELECT count(*)::int FROM reminder_marks`); n == 0 {
		t.Error("nothing is marked as planned")
	}
	bea := w.Student("Bea", "1.2")
	if _, err := w.Process.Start(t.Context(), bea, w.Round, w.ClosesAt.Add(-20*time.Hour)); err != nil {
		t.Fatal(err)
	}
	due(t, w, w.ClosesAt.Add(-20*time.Hour))
	if got := outcomes(t, w, "remind_draft", bea.Person); !slices.Equal(got, []string{"skipped came_later", "skipped came_later"}) {
		t.Errorf("begun after the mark: %v", got)
	}
	w.Exec(`UPDATE deadlines SET closes_at = closes_at + interval '5 days', wall = wall + interval '5 days', version = version + 1 WHERE kind = 'closes'`)
	due(t, w, w.ClosesAt.Add(96*time.Hour))
	if got := outcomes(t, w, "remind_draft", anna.Person); !slices.Equal(got, []string{"skipped came_later", "planned", "skipped overtaken", "planned"}) {
		t.Errorf("moved: %v", got)
	}
}

func TestAHostNominatedTooLateToBeRemindedIsLeftOutByName(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{2}})
	nominated(t, w)
	sent := w.AfterClose.Add(3 * time.Hour)
	w.Exec(`UPDATE deadlines SET closes_at = $1 WHERE kind = 'host_answer'`, sent.Add(4*time.Hour)) // three days before is a Friday morning
	for range 2 {
		due(t, w, sent.Add(time.Hour))
	}
	if n := testkit.One[int](w, `SELECT count(*)::int FROM letters WHERE kind = 'remind_host' AND status = 'skipped' AND skip_reason = 'came_later'`); n != 2 {
		t.Errorf("%d left out, one for each of the deadlines", n)
	}
	if n := testkit.One[int](w, `SELECT count(*)::int FROM letters WHERE kind = 'remind_host'`); n != 2 {
		t.Errorf("%d in all", n)
	}
}

// nominated sends two nominations that the host is asked to answer by a
// Wednesday, noon in Helsinki.
func nominated(t *testing.T, w *testkit.World) (files []uuid.UUID, answerBy time.Time) {
	t.Helper()
	var students []mobility.Actor
	for _, name := range []string{"Anna", "Bea"} {
		who := w.Student(name, "1.2")
		file := w.Submitted(who)
		w.Marked(file, "20")
		files, students = append(files, file), append(students, who)
	}
	w.Published(w.AfterClose.Add(time.Hour))
	for i, file := range files {
		w.Move(students[i], file, "confirm", w.AfterClose.Add(2*time.Hour), process.Given{})
		w.Move(w.Officer, file, "nominate", w.AfterClose.Add(3*time.Hour), process.Given{})
	}
	answerBy = time.Date(2027, time.May, 12, 12, 0, 0, 0, location(t, "Europe/Helsinki"))
	w.Exec(`UPDATE deadlines SET wall = '2027-05-12T11:59', zone = 'Europe/Helsinki', closes_at = $1 WHERE kind = 'host_answer'`, answerBy)
	return files, answerBy
}

func TestHostsAreRemindedInTheirHoursBeforeAndAfter(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{2}})
	files, answerBy := nominated(t, w)
	helsinki := location(t, "Europe/Helsinki")
	count := func(status string) int {
		return testkit.One[int](w, `SELECT count(*)::int FROM letters WHERE kind = 'remind_host' AND status = $1`, status)
	}
	monday := time.Date(2027, time.May, 10, 8, 0, 0, 0, helsinki) // three days before Wednesday noon is a Sunday
	if due(t, w, monday.Add(-time.Second)); count("planned") != 0 {
		t.Error("a host is reminded on a Sunday")
	}
	if due(t, w, monday); count("planned") != 1 {
		t.Errorf("%d reminders on Monday", count("planned"))
	}
	// The deadline of before is over by now: there is nothing after it until three days later, at noon.
	saturday := answerBy.AddDate(0, 0, 3)
	next := time.Date(2027, time.May, 17, 8, 0, 0, 0, helsinki)
	if due(t, w, saturday); count("planned") != 1 {
		t.Error("reminded on a Saturday")
	}
	if due(t, w, next); count("planned") != 2 {
		t.Errorf("%d reminders after the deadline", count("planned"))
	}
	// One letter speaks of both nominations.
	if n := testkit.One[int](w, `SELECT count(*)::int FROM letters WHERE kind = 'remind_host' AND skip_reason = 'with_another'`); n != 2 {
		t.Errorf("%d are told with another", n)
	}
	for _, file := range files {
		w.Move(w.ForeignOfficer, file, "accept", next.Add(time.Hour), process.Given{})
	}
	w.Exec(`UPDATE deadlines SET version = version + 1 WHERE kind = 'host_answer'`)
	if due(t, w, next.AddDate(0, 0, 1)); count("planned")+count("skipped") != 4 {
		t.Error("who answered is reminded")
	}
}

func TestALinkToAHostLastsByTheSystemsClock(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{2}})
	_, answerBy := nominated(t, w)
	w.Exec(`UPDATE installation SET clock_offset = interval '90 days'`)
	asked := answerBy.Add(-26*time.Hour).AddDate(0, 0, -90) // on the system's clock
	due(t, w, asked)
	if got := testkit.One[time.Time](w, `SELECT max(expires_at) FROM host_links WHERE created_at > $1`, asked); !got.Equal(asked.Add(60 * 24 * time.Hour)) {
		t.Errorf("asked at %s, it ends at %s", asked, got)
	}
}

func TestOfficersGetTheirOwnIfTheyAskForIt(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	anna := w.Student("Anna", "1.2")
	file := w.Submitted(anna)
	w.Marked(file, "20")
	w.Published(w.AfterClose.Add(time.Hour))
	w.Move(anna, file, "confirm", w.AfterClose.Add(2*time.Hour), process.Given{})
	err := w.Process.ChooseReminders(t.Context(), w.Officer, process.ReminderChoice{Way: process.AtOnce, Weekday: 1, Hour: 8, Arrived: w.AfterClose})
	if err != nil {
		t.Fatal(err)
	}
	due(t, w, w.HostClosesAt.Add(-48*time.Hour))
	if n := testkit.One[int](w, `SELECT count(*)::int FROM letters WHERE kind = 'remind_nominate' AND recipient = 'office' AND status = 'planned'`); n != 1 {
		t.Errorf("%d to the office", n)
	}
	if got := outcomes(t, w, "remind_nominate", w.Officer.Person); len(got) != 1 || got[0] != "planned" {
		t.Errorf("to the officer: %v", got)
	}
}

// TestWhatIsShownAsComingIsWhatComes reads what is coming, lets the time come
// and finds exactly that.
func TestWhatIsShownAsComingIsWhatComes(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	file := w.Draft(w.Student("Anna", "1.2"))
	type line struct {
		At   time.Time
		Kind string
	}
	var coming []line
	rows, err := w.Admin.Query(t.Context(), `SELECT due_at, letter FROM file_reminders WHERE application_id = $1 AND due_at > $2 ORDER BY due_at`, file, w.WhileOpen())
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var l line
		if err := rows.Scan(&l.At, &l.Kind); err != nil {
			t.Fatal(err)
		}
		coming = append(coming, l)
	}
	if len(coming) != 2 {
		t.Fatalf("coming: %v", coming)
	}
	for i, l := range coming {
		due(t, w, l.At.Add(-time.Second))
		before := testkit.One[int](w, `SELECT count(*)::int FROM letters WHERE application_id = $1 AND status = 'planned' AND kind = $2`, file, l.Kind)
		due(t, w, l.At)
		after := testkit.One[int](w, `SELECT count(*)::int FROM letters WHERE application_id = $1 AND status = 'planned' AND kind = $2`, file, l.Kind)
		if before != i || after != i+1 {
			t.Errorf("%s at %s: %d before, %d then", l.Kind, l.At, before, after)
		}
	}
}

func TestAChoiceIsChecked(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	for field, c := range map[string]process.ReminderChoice{
		"way":     {Way: "loudly", Weekday: 1},
		"weekday": {Way: process.Weekly, Weekday: 8},
		"hour":    {Way: process.Daily, Weekday: 1, Hour: 24},
	} {
		c.Arrived = w.WhileOpen()
		if err := w.Process.ChooseReminders(t.Context(), w.Officer, c); mobility.KindOf(err) != mobility.Invalid {
			t.Errorf("%s: %v", field, err)
		}
	}
	if err := w.Process.ChooseReminders(t.Context(), mobility.Actor{}, process.ReminderChoice{Way: process.Daily, Weekday: 1}); mobility.KindOf(err) != mobility.NotFound {
		t.Errorf("nobody: %v", err)
	}
}
