package lifecycle

import (
	"errors"
	"testing"
	"time"

	"peregrine/internal/mobility"
)

// TestEveryGuard asks each guard with facts that it lets through and with
// facts that it refuses.
func TestEveryGuard(t *testing.T) {
	past, future := noon.Add(-time.Hour), noon.Add(time.Hour)
	on := func(kind Deadline, at time.Time) Facts { return Facts{Deadlines: map[Deadline]time.Time{kind: at}} }
	cases := map[string]struct {
		pass, refuse Facts
		code         string
	}{
		"call_open@1":            {on(Closes, future), on(Closes, past), "refusal.closed"},
		"call_closed@1":          {on(Closes, past), on(Closes, future), "refusal.still_open"},
		"in_time_to_complete@1":  {on(CompleteBy, future), on(CompleteBy, past), "refusal.complete_by_passed"},
		"in_time_to_confirm@1":   {on(ConfirmBy, future), on(ConfirmBy, past), "refusal.confirm_by_passed"},
		"host_deadline_open@1":   {Facts{}, on(HostNomination, past), "refusal.host_deadline_passed"},
		"host_deadline_passed@1": {on(HostNomination, past), Facts{}, "refusal.host_deadline_open"},
		"enough_time@1":          {Facts{EnoughTime: true}, Facts{}, "refusal.too_little_time"},
		"place_free@1":           {Facts{FreePlaces: 1}, Facts{}, "refusal.no_place_free"},
		"no_place_free@1":        {Facts{FreePlaces: -1}, Facts{FreePlaces: 1}, "refusal.place_is_free"},
		"draft_complete@1":       {Facts{DraftComplete: true}, Facts{DraftProblems: 2}, "refusal.draft_incomplete"},
		"has_submission@1":       {Facts{Submissions: 1}, Facts{}, "refusal.nothing_submitted"},
		"published@1":            {Facts{Published: true}, Facts{}, "refusal.not_published_yet"},
		"not_published@1":        {Facts{}, Facts{Published: true}, "refusal.already_published"},
		"selected_by_home@1":     {Facts{}, Facts{SelectedByHost: true}, "refusal.host_selects"},
		"selected_by_host@1":     {Facts{SelectedByHost: true}, Facts{}, "refusal.home_selects"},
		"nomination_limit@1":     {Facts{NominationLimit: 2, OpenNominations: 1}, Facts{NominationLimit: 2, OpenNominations: 2}, "refusal.nomination_limit"},
		"nomination_complete@1":  {Facts{}, Facts{NominationMissing: []string{"nomination_fact.esi"}}, "refusal.nomination_incomplete"},
		"nothing_elsewhere@1":    {Facts{}, Facts{ConfirmedElsewhere: true}, "refusal.confirmed_elsewhere"},
		"none_live@1":            {Facts{}, Facts{LiveInRound: true}, "refusal.already_applied"},
		"was_confirmed@1":        {Facts{ConfirmedBefore: true}, Facts{}, "refusal.never_confirmed"},
		"host_refused@1":         {Facts{HostRefused: true}, Facts{}, "refusal.host_has_not_refused"},
		"upgrades@1":             {Facts{Upgrades: true}, Facts{}, "refusal.no_upgrades"},
		"second_class@1":         {Facts{SecondClass: true}, Facts{}, "refusal.no_second_class"},
		"late_link@1":            {Facts{LateLink: true}, Facts{}, "refusal.no_late_link"},
		"no_second_class@1":      {Facts{}, Facts{SecondClass: true}, "refusal.second_class"},
	}
	for _, name := range Guards() {
		c, ok := cases[name]
		if !ok {
			t.Errorf("%s is not tested", name)
			continue
		}
		ask := func(f Facts) *refusal { return guards[name].test(question{f, &MoveDef{}, noon}) }
		if r := ask(c.pass); r != nil {
			t.Errorf("%s refuses: %s", name, r.rule)
		}
		if r := ask(c.refuse); r == nil || r.err().Code != c.code || r.err().Kind != mobility.Conflict {
			t.Errorf("%s: got %+v, want %s", name, r, c.code)
		}
	}
}

// moment is how one move is answered a second before a deadline, at its first
// closed instant, and a second after.
type moment struct {
	name, state, move, role string
	deadline                Deadline
	shift                   time.Duration // of the instant at which the answer changes
	before, after           string        // codes; "" lets through
}

func TestDeadlinesHoldToTheSecond(t *testing.T) {
	d := builtIn(t, "erasmus-study")
	moments := []moment{
		{"submit", "draft", "submit", "applicant", Closes, 0, "", "refusal.closed"},
		{"resubmit", "submitted", "resubmit", "applicant", Closes, 0, "", "refusal.closed"},
		{"start again", "withdrawn", "start_again", "applicant", Closes, 0, "", "refusal.closed"},
		{"complete", "returned", "complete", "applicant", CompleteBy, 0, "", "refusal.complete_by_passed"},
		{"confirm", "offered", "confirm", "applicant", ConfirmBy, 0, "", "refusal.confirm_by_passed"},
		{"nominate", "confirmed", "nominate", "officer", HostNomination, 0, "", "refusal.host_deadline_passed"},
		{"nominate late", "confirmed", "nominate_late", "officer", HostNomination, 0, "refusal.host_deadline_open", ""},
		{"draft expires", "draft", "expire", "system", Closes, mobility.Grace, "refusal.not_due", ""},
		{"return ends", "returned", "judge_as_it_stands", "system", CompleteBy, mobility.Grace, "refusal.not_due", ""},
		{"offer lapses", "offered", "lapse", "system", ConfirmBy, mobility.Grace, "refusal.not_due", ""},
		{"reserve ends", "reserve", "close_reserve", "system", ReserveEnds, mobility.Grace, "refusal.not_due", ""},
	}
	for _, m := range moments {
		f := Facts{
			State: mobility.State(m.state), DraftComplete: true, Submissions: 1,
			Deadlines: map[Deadline]time.Time{m.deadline: noon},
		}
		turn := noon.Add(m.shift)
		for _, at := range []struct {
			now  time.Time
			code string
		}{
			{turn.Add(-time.Second), m.before},
			{turn.Add(-time.Nanosecond), m.before},
			{turn, m.after},
			{turn.Add(time.Second), m.after},
		} {
			_, err := Step(d, f, m.move, []mobility.Role{mobility.Role(m.role)}, at.now)
			if mobility.CodeOf(err) != at.code {
				t.Errorf("%s at %s: got %q, want %q", m.name, at.now.Sub(turn), mobility.CodeOf(err), at.code)
			}
		}
	}
}

func TestOpeningHoldsToTheSecond(t *testing.T) {
	d := builtIn(t, "erasmus-study")
	f := Facts{Opens: noon, Deadlines: map[Deadline]time.Time{Closes: noon.Add(time.Hour)}}
	who := []mobility.Role{mobility.RoleApplicant}
	if _, err := Step(d, f, "start", who, noon.Add(-time.Second)); mobility.CodeOf(err) != "refusal.not_open_yet" {
		t.Errorf("a second before: %v", err)
	}
	if _, err := Step(d, f, "start", who, noon); err != nil {
		t.Errorf("at the first instant: %v", err)
	}
}

// TestRefusalsNameTheMinutePeopleKnow: a call that closes at 11:59 is closed
// from 12:00 on, and that is not the time to tell.
func TestRefusalsNameTheMinutePeopleKnow(t *testing.T) {
	d := builtIn(t, "erasmus-study")
	f := Facts{State: "draft", DraftComplete: true, Deadlines: map[Deadline]time.Time{Closes: noon}}
	_, err := Step(d, f, "submit", []mobility.Role{mobility.RoleApplicant}, noon)
	var refused *mobility.Error
	if !errors.As(err, &refused) || refused.Data["Until"] != noon.Add(-time.Minute) {
		t.Errorf("got %+v", refused)
	}
}

// TestLateSignIn lets a submission in after the deadline, marked, and nothing
// else; and no longer than it says.
func TestLateSignIn(t *testing.T) {
	d := builtIn(t, "erasmus-study")
	f := Facts{
		State: "draft", DraftComplete: true, LateUntil: noon.Add(20 * time.Minute),
		Deadlines: map[Deadline]time.Time{Closes: noon},
	}
	who := []mobility.Role{mobility.RoleApplicant}
	o, err := Step(d, f, "submit", who, noon.Add(19*time.Minute))
	if err != nil || !o.Late {
		t.Errorf("19 minutes late: %v, marked %t", err, o.Late)
	}
	if o, err := Step(d, f, "submit", who, noon.Add(-time.Second)); err != nil || o.Late {
		t.Errorf("in time: %v, marked %t", err, o.Late)
	}
	if _, err := Step(d, f, "submit", who, f.LateUntil); mobility.CodeOf(err) != "refusal.closed" {
		t.Errorf("20 minutes late: %v", err)
	}
	f.State = "withdrawn"
	if _, err := Step(d, f, "start_again", who, noon.Add(time.Minute)); mobility.CodeOf(err) != "refusal.closed" {
		t.Errorf("starting again late: %v", err)
	}
}
