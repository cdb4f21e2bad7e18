package web

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/web/page"
)

// zoneOf loads a zone the database names; one this machine lacks is UTC.
func zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

// both writes an instant in zone, and in the reader's own if it is known and
// their clocks differ then.
func (q *request) both(t time.Time, zone *time.Location) string {
	there := q.loc.In(zone).DateTime(t)
	_, theirs := t.In(zone).Zone()
	if _, mine := t.In(q.loc.Zone()).Zone(); q.visitor == nil || mine == theirs {
		return there
	}
	return q.loc.T("moment.there_and_here", "There", there, "Here", q.loc.DateTime(t))
}

// moment is an instant with its distance from now, told as both does.
func (q *request) moment(t time.Time, zone *time.Location) page.Moment {
	return q.told(page.MomentOf(q.loc, t, q.now), t, zone)
}

// deadline is a deadline from its first closed instant, told as both does.
func (q *request) deadline(closesAt time.Time, zone *time.Location) page.Moment {
	return q.told(page.DeadlineOf(q.loc, closesAt, q.now), closesAt.Add(-time.Minute), zone)
}

// told writes t into a moment as both does. Whose zone we do not know sees the
// zone's own time, and by script theirs beside it.
func (q *request) told(m page.Moment, t time.Time, zone *time.Location) page.Moment {
	if m.Zero() {
		return m
	}
	m.Text = q.both(t, zone)
	if q.visitor == nil {
		_, seconds := t.In(zone).Zone()
		m.Here, m.Offset = q.loc.T("moment.here", "Here", "{}"), seconds/60
	}
	return m
}

// dueIn is the kind of deadline the one whose turn it is has to keep in a
// state: that of its timer, else the one its reminders speak of.
func dueIn(d *lifecycle.Definition, state mobility.State) lifecycle.Deadline {
	if timers := d.TimersIn(state); len(timers) > 0 {
		return timers[0].Deadline
	}
	if reminders := d.RemindersIn(state); len(reminders) > 0 {
		return reminders[0].Deadline
	}
	return ""
}

// until is the deadline of whoever's turn it is, no moment if there is none.
func (q *request) until(st process.Standing) page.Moment {
	d, ok := st.Deadlines[dueIn(st.Definition, st.State.Name)]
	if !ok {
		return page.Moment{}
	}
	return q.deadline(d.ClosesAt, zoneOf(d.Zone))
}

// turn is the panel every page about an application starts with.
func (q *request) turn(st process.Standing, audience lifecycle.Audience) page.WhoseTurn {
	q.now = st.Now
	lang := q.loc.Lang()
	t := page.WhoseTurn{
		Whose: q.loc.T("turn." + string(st.State.Turn)),
		What:  st.State.Label[audience].In(lang),
		Next:  st.State.Next[audience].In(lang),
		Over:  st.State.End(),
		Until: q.until(st),
	}
	if slices.Contains(st.Roles, mobility.Role(st.State.Turn)) {
		t.Yours, t.Whose = true, q.loc.T("turn.yours")
	}
	if d, ok := st.Deadlines[dueIn(st.Definition, st.State.Name)]; ok && t.Yours && !mobility.Open(q.now, d.ClosesAt) && st.CanEdit != nil && audience == lifecycle.AudienceApplicant {
		t.Yours, t.Whose, t.Next = false, q.loc.T("turn.passed"), ""
		if justPassed(st, q.now) {
			t.Next = q.loc.T("turn.just_passed")
		}
	}
	if closes, ok := st.Deadlines[lifecycle.Closes]; ok && !t.Yours && st.CanEdit == nil && audience == lifecycle.AudienceApplicant {
		t.Whose, t.Until = q.loc.T("turn.may_change"), q.deadline(closes.ClosesAt, zoneOf(closes.Zone))
	}
	return t
}

// justPassed reports whether a first submission may still be tried though the
// deadline is over. It is the same in every call, whatever its office decided.
func justPassed(st process.Standing, now time.Time) bool {
	d, ok := st.Deadlines[lifecycle.Closes]
	return ok && st.State.Phase == mobility.PhaseDraft && !mobility.Open(now, d.ClosesAt) && mobility.Open(now, d.ClosesAt.Add(mobility.GraceMost))
}

// askFirst reports whether a page should offer a move: a rule that refuses it
// only for want of the destination it asks for does not count.
func askFirst(a lifecycle.Available) bool {
	return a.Refusal == nil || slices.ContainsFunc(a.Move.Asks, func(ask lifecycle.Ask) bool { return ask.Input == lifecycle.AskDestination })
}

// moves splits what the actor may do with an application: what lies open, as
// buttons that lead to the page which asks first (at + the move's name), and
// in words what a rule refuses now.
func (q *request) moves(st process.Standing, at string) (open []page.Button, refused []string) {
	lang := q.loc.Lang()
	primary := false
	for _, a := range answersFirst(st.Moves) {
		if !askFirst(a) {
			if !a.Hide {
				refused = append(refused, a.Move.Label.In(lang)+": "+q.loc.T(a.Refusal.Code, a.Refusal.Data))
			}
			continue
		}
		b := page.Button{Label: a.Move.Label.In(lang), Href: at + a.Move.Name, Look: page.Secondary, Danger: ends(st, a.Move)}
		if !primary && !b.Danger && !a.Move.Correction {
			primary, b.Look = true, page.Primary
		}
		open = append(open, b)
	}
	slices.SortStableFunc(open, func(a, b page.Button) int { return cmp.Compare(placeOf(a), placeOf(b)) })
	return open, refused
}

// answersFirst puts the answers to an offer before other ways to end it.
func answersFirst(moves []lifecycle.Available) []lifecycle.Available {
	out := slices.Clone(moves)
	slices.SortStableFunc(out, func(a, b lifecycle.Available) int {
		rank := map[bool]int{true: 0, false: 1}
		return cmp.Compare(rank[a.Move.EndsOffer == lifecycle.OfferDeclined], rank[b.Move.EndsOffer == lifecycle.OfferDeclined])
	})
	return out
}

// placeOf puts what a page is for first and what ends an application last.
func placeOf(b page.Button) int {
	switch {
	case b.Look == page.Primary:
		return 0
	case b.Danger:
		return 2
	}
	return 1
}

// ends reports whether a move leads to an end before the stay was made.
func ends(st process.Standing, m *lifecycle.MoveDef) bool {
	to, _ := st.Definition.State(m.To)
	return to.End() && !st.State.End() && st.State.Phase != mobility.PhaseEnrolled
}

// movesAt is where the pages that ask before a move of an application stand.
func movesAt(application uuid.UUID) string {
	return "/applications/" + application.String() + "/moves/"
}
