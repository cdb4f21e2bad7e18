package process_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// reminding is a world with a random lifecycle's reminders, and what should
// become of them as it is worked out here: from the same story and by nothing
// the product uses.
type reminding struct {
	*testkit.World
	t         *testing.T
	random    *rand.Rand
	now       time.Time
	zone      *time.Location // of the deadlines
	home      *time.Location // of the institution
	off       map[string]bool
	reminders []lifecycle.Reminder
	round     map[lifecycle.Deadline]*deadlineNow
	files     []*remindedFile
	want      map[string]string // key and kind → outcome
}

type deadlineNow struct {
	id      uuid.UUID
	version int
	closes  time.Time
}

type remindedFile struct {
	id      uuid.UUID
	student mobility.Actor
	zone    *time.Location // of the student
	state   mobility.State
	since   time.Time
	own     *deadlineNow // complete_by, while returned
	erased  bool
}

// TestEveryReminderHasOneOutcome tells random stories: reminders before and
// after deadlines, a clock that jumps, a house that sleeps for days, deadlines
// moved, files that come and go, several workers looking at once.
func TestEveryReminderHasOneOutcome(t *testing.T) {
	t.Parallel()
	stories, chapters := 4, 25
	if os.Getenv("PEREGRINE_SOAK") != "" {
		stories, chapters = 150, 80
	}
	for seed := range stories {
		t.Run(fmt.Sprintf("story %d", seed), func(t *testing.T) {
			t.Parallel()
			r := newReminding(t, uint64(seed))
			for range chapters {
				r.chapter()
			}
			r.now = r.now.AddDate(0, 0, r.random.IntN(40))
			r.scan()
			r.compare()
		})
	}
}

func newReminding(t *testing.T, seed uint64) *reminding {
	t.Helper()
	r := &reminding{
		t: t, random: rand.New(rand.NewPCG(seed, 4)), off: map[string]bool{"2027-03-29": true, "2027-04-05": true},
		round: map[lifecycle.Deadline]*deadlineNow{}, want: map[string]string{},
	}
	zones := []string{"Europe/Prague", "Europe/Lisbon", "Europe/Helsinki"}
	r.zone, r.home = location(t, zones[r.random.IntN(len(zones))]), location(t, "Europe/Prague")
	r.World = testkit.NewWorld(t, testkit.WorldPlan{Zone: r.zone.String(), Closes: mobility.Wall(2027, time.March, 25, 12, 0)})
	for day := range r.off {
		r.Exec(`INSERT INTO holidays (institution_id, day) VALUES ($1, $2::text::date)`, r.Home, day)
	}
	r.lifecycle()
	r.now = time.Date(2027, time.March, 1, 9, 0, 0, 0, time.UTC).Add(r.minutes(5 * 24 * 60))
	r.round[lifecycle.Closes] = &deadlineNow{testkit.One[uuid.UUID](r.World, `SELECT id FROM deadlines WHERE kind = 'closes'`), 1, r.ClosesAt}
	assess := mobility.Wall(2027, time.April, 6, 12, 0)
	id := uuid.New()
	r.Exec(`INSERT INTO deadlines (id, institution_id, kind, round_id, wall, zone, closes_at) VALUES ($1, $2, 'assess_by', $3, $4, $5, $6)`,
		id, r.Home, r.Round, assess.Time(), r.zone.String(), mobility.ClosesAt(assess, r.zone))
	r.round[lifecycle.AssessBy] = &deadlineNow{id, 1, mobility.ClosesAt(assess, r.zone)}
	return r
}

func (r *reminding) minutes(below int) time.Duration {
	return time.Duration(r.random.IntN(below)) * time.Minute
}

// lifecycle loads the study stay with other reminders, for the call to pin.
func (r *reminding) lifecycle() {
	r.t.Helper()
	source := string(studyStaySource(r.t))
	source = source[:strings.Index(source, "\nreminders:")] + "\nreminders:\n" + r.declared()
	source = strings.Replace(source, "\nversion: 1\n", "\nversion: 2\n", 1)
	d, problems := lifecycle.Parse("erasmus-study.yaml", []byte(source))
	if len(problems) > 0 {
		r.t.Fatal(problems)
	}
	r.reminders = d.Reminders
	id, _, err := r.Process.LoadDefinition(r.t.Context(), r.now, nil, []byte(source))
	if err != nil {
		r.t.Fatal(err)
	}
	r.Exec(`UPDATE calls SET definition_id = $1`, id)
}

// declared makes a few reminders of each kind at offsets that differ.
func (r *reminding) declared() string {
	var b strings.Builder
	for _, kind := range []struct {
		state, deadline, letter string
		to                      string
		after                   bool
	}{
		{"draft", "closes", "remind_draft", "applicant", false},
		{"returned", "complete_by", "remind_complete", "applicant", false},
		{"submitted", "assess_by", "remind_documents", "applicant", true},
		{"submitted", "assess_by", "remind_coordinator", "coordinator, assessor", true},
	} {
		taken := map[int]bool{}
		for range 1 + r.random.IntN(4) {
			o := lifecycle.Offset{Days: r.random.IntN(5), Clock: r.minutes(50 * 60)}
			if r.random.IntN(3) == 0 {
				o.Days = 0
			}
			if !kind.after || r.random.IntN(2) == 0 {
				o.Days, o.Clock = -o.Days, -o.Clock-time.Minute
			}
			if taken[o.Minutes()] {
				continue
			}
			taken[o.Minutes()] = true
			hours := []lifecycle.Hours{lifecycle.HoursAny, lifecycle.HoursWorking}[r.random.IntN(2)]
			fmt.Fprintf(&b, "  - {state: %s, deadline: %s, offset: %s, to: [%s], letter: %s, hours: %s}\n", kind.state, kind.deadline, o, kind.to, kind.letter, hours)
		}
	}
	return b.String()
}

// chapter does one thing, lets time pass, and mostly looks.
func (r *reminding) chapter() {
	r.t.Helper()
	switch n := r.random.IntN(10); {
	case n < 4:
		r.begin()
	case n < 6:
		r.moveOne()
	case n < 7:
		r.moveDeadline()
	case n < 8:
		r.erase()
	}
	switch n := r.random.IntN(10); {
	case n < 5:
		r.now = r.now.Add(r.minutes(12 * 60))
	case n < 8:
		r.now = r.now.Add(r.minutes(3 * 24 * 60))
	case n < 9:
		r.now = r.now.Add(r.minutes(12 * 24 * 60))
	}
	if r.random.IntN(4) > 0 {
		r.scan()
	}
}

func (r *reminding) begin() {
	if !r.now.Before(r.round[lifecycle.Closes].closes) || len(r.files) > 12 {
		return
	}
	student := r.Student("Anna", "1.2")
	id, err := r.Process.Start(r.t.Context(), student, r.Round, r.now)
	if err != nil {
		r.t.Fatal(err)
	}
	_, err = r.Process.SaveDraft(r.t.Context(), student, process.DraftSave{
		Application: id, Revision: 1, Answers: mobility.Answers{"motivation": "I want to learn."}, Choices: r.Destinations, Arrived: r.now,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	zone := r.home
	if n := r.random.IntN(6); n < 2 {
		name := []string{"America/New_York", "Asia/Tokyo"}[n]
		zone = location(r.t, name)
		inZone(r.t, r.World, student, name)
	}
	r.files = append(r.files, &remindedFile{id: id, student: student, zone: zone, state: "draft", since: r.now})
}

// moveOne submits, returns or completes a file, whatever fits.
func (r *reminding) moveOne() {
	if len(r.files) == 0 {
		return
	}
	f := r.files[r.random.IntN(len(r.files))]
	open := r.now.Before(r.round[lifecycle.Closes].closes)
	switch {
	case f.erased:
	case f.state == "draft" && open:
		r.Move(f.student, f.id, "submit", r.now, process.Given{})
		f.state, f.since = "submitted", r.now
	case f.state == "submitted" && !open && r.now.After(r.round[lifecycle.Closes].closes.Add(time.Hour)):
		by := mobility.WallOf(r.now.In(r.zone).Add(r.minutes(9*24*60) + 24*time.Hour))
		r.Move(r.Coordinator, f.id, "return", r.now, process.Given{
			Reason: "A page is missing.", Questions: []string{"motivation"}, CompleteBy: &by,
		})
		f.state, f.since = "returned", r.now
		f.own = &deadlineNow{
			testkit.One[uuid.UUID](r.World, `SELECT id FROM deadlines WHERE application_id = $1 AND kind = 'complete_by'`, f.id),
			testkit.One[int](r.World, `SELECT version FROM deadlines WHERE application_id = $1 AND kind = 'complete_by'`, f.id), mobility.ClosesAt(by, r.zone),
		}
	case f.state == "returned" && r.now.Before(f.own.closes):
		r.Move(f.student, f.id, "complete", r.now, process.Given{})
		f.state, f.since = "submitted", r.now
	}
}

// moveDeadline moves one of the round's by hours or days, as a new version.
func (r *reminding) moveDeadline() {
	kind := []lifecycle.Deadline{lifecycle.Closes, lifecycle.AssessBy}[r.random.IntN(2)]
	d := r.round[kind]
	from := d.closes
	if from.Before(r.now) {
		from = r.now // nobody moves a deadline to a time long past
	}
	wall := mobility.WallOf(from.In(r.zone).Add(r.minutes(8*24*60) - 3*24*time.Hour))
	if kind == lifecycle.Closes && !r.now.Before(d.closes) {
		return // what was shut stays shut, so that the story stays simple
	}
	d.version++
	d.closes = mobility.ClosesAt(wall, r.zone)
	r.Exec(`UPDATE deadlines SET wall = $1, closes_at = $2, version = version + 1 WHERE id = $3`, wall.Time(), d.closes, d.id)
}

func (r *reminding) erase() {
	if len(r.files) == 0 || r.random.IntN(3) > 0 {
		return
	}
	f := r.files[r.random.IntN(len(r.files))]
	f.erased = true
	r.Exec(`UPDATE persons SET erased_at = $1 WHERE id = $2`, r.now, f.student.Person)
}

// scan lets four workers look at the same time, and one again when they are
// done.
func (r *reminding) scan() {
	r.t.Helper()
	r.decide()
	look := func() {
		if _, _, err := r.Process.Due(r.t.Context(), r.now); err != nil {
			r.t.Error(err)
		}
	}
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(look)
	}
	workers.Wait()
	look()
	states := r.states()
	for _, f := range r.files { // timers move files too
		if state := states[f.id]; state != f.state {
			f.state, f.since = state, r.now
		}
	}
	r.decide() // of those files too: the last to look has seen them
}

// states reads the state of every file at once.
func (r *reminding) states() map[uuid.UUID]mobility.State {
	r.t.Helper()
	rows, err := r.Admin.Query(r.t.Context(), `SELECT id, state FROM applications`)
	if err != nil {
		r.t.Fatal(err)
	}
	states := map[uuid.UUID]mobility.State{}
	var id uuid.UUID
	var state mobility.State
	_, err = pgx.ForEachRow(rows, []any{&id, &state}, func() error {
		states[id] = state
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return states
}

// decide works out the outcome of everything that is due and has none.
func (r *reminding) decide() {
	for _, f := range r.files {
		for _, m := range r.reminders {
			if m.State == f.state && m.To[0] == mobility.RoleApplicant {
				r.decideFor(f, m)
			}
		}
	}
}

func (r *reminding) decideFor(f *remindedFile, m lifecycle.Reminder) {
	d := r.round[m.Deadline]
	if m.Deadline == lifecycle.CompleteBy {
		d = f.own
	}
	due := r.goes(f, d, m)
	if r.now.Before(due) {
		return
	}
	key := fmt.Sprintf("reminder:%s:%s:v%d:%d %s", f.id, d.id, d.version, m.Offset.Minutes()*60, m.Letter)
	if _, done := r.want[key]; done {
		return
	}
	overtaken := slices.ContainsFunc(r.reminders, func(x lifecycle.Reminder) bool {
		if x.State != m.State || x.Deadline != m.Deadline || x.Letter != m.Letter || x.Offset.Minutes() <= m.Offset.Minutes() {
			return false
		}
		later := r.goes(f, d, x)
		return !r.now.Before(later) && !f.since.After(later)
	})
	switch {
	case f.erased:
		r.want[key] = "skipped erased"
	case f.since.After(due):
		r.want[key] = "skipped came_later"
	case !m.Offset.After() && !r.now.Before(d.closes):
		r.want[key] = "skipped deadline_over"
	case m.Offset.After() && !r.now.Before(due.Add(14*24*time.Hour)):
		r.want[key] = "skipped too_late"
	case overtaken:
		r.want[key] = "skipped overtaken"
	default:
		r.want[key] = "planned"
	}
	r.want[key] += r.now.UTC().Format(" 2006-01-02T15:04")
}

func (r *reminding) goes(f *remindedFile, d *deadlineNow, m lifecycle.Reminder) time.Time {
	return goes(d.closes, r.zone, m.Offset, m.Hours, f.zone, r.off)
}

// compare holds what the product wrote down against what was worked out.
func (r *reminding) compare() {
	r.t.Helper()
	got := map[string]string{}
	rows, err := r.Admin.Query(r.t.Context(), `SELECT subject_key || ' ' || kind, rtrim(status || ' ' || skip_reason) || to_char(planned_at AT TIME ZONE 'UTC', ' YYYY-MM-DD"T"HH24:MI')
		FROM letters WHERE subject_key LIKE 'reminder:%' AND recipient = 'applicant'`)
	if err != nil {
		r.t.Fatal(err)
	}
	for rows.Next() {
		var key, outcome string
		if err := rows.Scan(&key, &outcome); err != nil {
			r.t.Fatal(err)
		}
		got[key] = outcome
	}
	for key, want := range r.want {
		if got[key] != want {
			r.t.Errorf("%s: %q, want %q", key, got[key], want)
		}
	}
	for key, outcome := range got {
		if r.want[key] == "" {
			r.t.Errorf("%s: %q, want nothing", key, outcome)
		}
	}
	told := map[string]int{}
	for _, outcome := range got {
		told[outcome[:strings.LastIndex(outcome, " ")]]++
	}
	r.t.Logf("%d reminders: %v", len(got), told)
	if n := testkit.One[int](r.World, `SELECT count(*)::int FROM letters l WHERE l.subject_key LIKE 'reminder:%'
		AND (l.status = 'planned') <> EXISTS (SELECT 1 FROM river_job j WHERE j.args ->> 'letter' = l.id::text)`); n != 0 {
		r.t.Errorf("%d reminders have a job without need, or none", n)
	}
	if n := testkit.One[int](r.World, `SELECT count(*)::int FROM letters l WHERE l.subject_key LIKE 'reminder:%' AND l.planned_at < (l.data ->> 'due')::timestamptz`); n != 0 {
		r.t.Errorf("%d reminders came before they were due", n)
	}
}
