package web

import (
	"slices"
	"strings"
	"time"

	"peregrine/internal/lifecycle"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// The history of a file and what it caused.

func (q *request) eventsPart(f file) page.Part {
	part := page.Part{ID: "history", Title: q.loc.T("office.history"), Timeline: page.Timeline{Label: q.loc.T("office.history")}}
	type dated struct {
		at time.Time
		page.TimelineEvent
	}
	var all []dated
	for _, e := range f.events {
		all = append(all, dated{e.At, q.event(f, e)})
	}
	for _, m := range f.moved {
		all = append(all, dated{m.MadeAt, q.deadlineEvent(f, m)})
	}
	for _, a := range f.conflictActs {
		all = append(all, dated{a.At, q.conflictEvent(f, a)})
	}
	slices.SortStableFunc(all, func(a, b dated) int { return b.at.Compare(a.at) })
	for _, one := range all {
		part.Timeline.Events = append(part.Timeline.Events, one.TimelineEvent)
	}
	return part
}

func (q *request) event(f file, e store.OfficeEventsRow) page.TimelineEvent {
	out := page.TimelineEvent{When: q.moment(e.At, zoneOf(f.Zone)), By: q.who(e.ActorRole, e.Actor), Title: stateLabel(q.loc, f.def, e.ToState)}
	switch e.Kind {
	case "start":
		out.Title = q.loc.T("office.started")
	case "remap":
		out.Title = q.loc.T("office.remapped", "State", out.Title)
	default:
		if len(f.def.MovesNamed(e.Move)) > 0 {
			out.Title = doneWords(f.def, e.Move, e.FromState, e.ToState).In(q.loc.Lang())
		}
	}
	if e.Host != "" {
		out.Title += ": " + e.Host
	}
	if to, ok := f.def.State(e.ToState); ok {
		out.Tone = page.StateTag("", to.Phase, to.Decision).Tone
	}
	out.Text = q.eventText(f, e)
	return out
}

// eventText gathers the words that belong to an event, a line each.
func (q *request) eventText(f file, e store.OfficeEventsRow) string {
	text := ""
	add := func(words string) {
		if text != "" && words != "" {
			text += "\n"
		}
		text += words
	}
	if e.ReasonCode != "" {
		add(q.loc.T("host_reason_office." + string(mobility.HostReasonOf(e.ReasonCode))))
	}
	add(e.Reason)
	for _, key := range e.Questions {
		add("– " + f.questionWords(q.loc, key))
	}
	if e.Comment != "" {
		add(q.loc.T("office.comment", "Comment", e.Comment))
	}
	return text
}

// who made an event: by name where there is one, and in which role.
func (q *request) who(role, name string) string {
	if name == "" {
		return q.loc.T("by." + role)
	}
	return name + " (" + q.loc.T("by."+role) + ")"
}

func (q *request) offersPart(f file) page.Part {
	if len(f.offers) == 0 {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("office.offers"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.destination")}, {Label: q.loc.T("office.state")}, {Label: q.loc.T("office.made")}, {Label: q.loc.T("office.confirm_by")}, {Label: q.loc.T("office.ended")},
	}}
	for _, o := range f.offers {
		made := page.Cell{When: page.MomentOf(q.loc, o.MadeAt, time.Time{})}
		if o.Promoted {
			made.Note = q.loc.T("office.promoted")
		}
		row := page.Row{Cells: []page.Cell{{Text: o.Host}, {Tag: offerTag(q.loc, o.Status)}, made, {}, {}}}
		row.Cells[3].When = page.DeadlineOf(inZone(q.loc, f.Zone), value(o.ConfirmBy), time.Time{})
		row.Cells[4].When = page.MomentOf(q.loc, value(o.EndedAt), time.Time{})
		t.Rows = append(t.Rows, row)
	}
	return page.Part{ID: "offers", Title: q.loc.T("office.offers"), Table: t}
}

func offerTag(loc locale.Printer, status string) page.Tag {
	tones := map[string]page.Tone{"open": page.Accent, "confirmed": page.Success, "declined": page.Neutral, "lapsed": page.Neutral, "withdrawn": page.Warning}
	return page.Tag{Label: loc.T("office.offer_" + status), Tone: tones[status]}
}

func nominationTag(loc locale.Printer, status string) page.Tag {
	tones := map[string]page.Tone{"draft": page.Neutral, "sent": page.Info, "accepted": page.Success, "refused": page.Danger, "cancelled": page.Neutral}
	return page.Tag{Label: loc.T("office.nomination_" + status), Tone: tones[status]}
}

func (q *request) nominationsPart(f file) page.Part {
	if len(f.nominations) == 0 {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("office.tab_nominations"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.host")}, {Label: q.loc.T("office.state")}, {Label: q.loc.T("office.sent")}, {Label: q.loc.T("office.answered")}, {Label: q.loc.T("office.stay")},
	}}
	for _, n := range f.nominations {
		state := page.Cell{Tag: nominationTag(q.loc, n.Status)}
		if n.ReasonCode != "" {
			state.Note = q.loc.T("host_reason_office." + string(mobility.HostReasonOf(n.ReasonCode)))
		}
		stay := page.Cell{}
		if n.ArrivedOn != nil {
			stay.Text = q.loc.In(time.UTC).Date(*n.ArrivedOn)
		}
		if n.EndedOn != nil {
			stay.Text += " – " + q.loc.In(time.UTC).Date(*n.EndedOn)
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: n.Host}, state, {When: page.MomentOf(q.loc, value(n.SentAt), time.Time{})}, {When: page.MomentOf(q.loc, value(n.AnsweredAt), time.Time{})}, stay,
		}})
	}
	return page.Part{ID: "nominations", Title: q.loc.T("office.tab_nominations"), Table: t}
}

func (q *request) lettersPart(f file) page.Part {
	if len(f.letters) == 0 {
		return page.Part{}
	}
	part := page.Part{ID: "letters", Title: q.loc.T("office.letters"), Table: q.lettersTable(f.letters, f.events, f.def)}
	return part
}

// letterCause words what made a letter: the step of the file it belongs to, the
// reminder, or whatever else did.
func (q *request) letterCause(l store.OfficeLettersOfRow, events []store.OfficeEventsRow, def *lifecycle.Definition) string {
	if l.EventID != nil {
		for _, e := range events {
			if e.ID == *l.EventID && len(def.MovesNamed(e.Move)) > 0 {
				return q.loc.T("letter.cause_event", "Move", doneWords(def, e.Move, e.FromState, e.ToState).In(q.loc.Lang()))
			}
		}
		return q.loc.T("letter.cause_step")
	}
	if key := "letter.cause_" + l.Cause; q.loc.Has(key) {
		return q.loc.T(key)
	}
	return ""
}

// lettersTable lists letters, each with what made it and the way to its text.
// events and def are those of the file they are about, nil for a person's.
func (q *request) lettersTable(letters []store.OfficeLettersOfRow, events []store.OfficeEventsRow, def *lifecycle.Definition) page.Table {
	t := page.Table{Caption: q.loc.T("office.letters"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.letter")}, {Label: q.loc.T("letter.cause")}, {Label: q.loc.T("office.to")}, {Label: q.loc.T("office.state")}, {Label: q.loc.T("office.when")},
	}}
	for _, l := range letters {
		at := l.PlannedAt
		if l.SentAt != nil {
			at = *l.SentAt
		}
		to := page.Cell{Text: value(l.Address), Note: q.loc.T("office.to_" + l.Recipient)}
		if to.Text == "" {
			to.Text, to.Note = to.Note, ""
		}
		state := letterState(q.loc, l.Status, l.SkipReason)
		if l.Bounce != "" {
			state = q.bounceState(l.Bounce, "")
		}
		cause := page.Cell{Text: q.letterCause(l, events, def)}
		if l.Cause == "again" {
			cause.Note = q.loc.T("letter.cause_again")
		}
		if l.Overtaken {
			state.Note = strings.TrimPrefix(state.Note+" "+q.loc.T("letter.overtaken"), " ")
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: q.loc.T("letter_kind." + l.Kind), Href: letterPath(l.ID), Note: value(l.Subject)},
			cause,
			to,
			state,
			{When: page.MomentOf(q.loc, at, time.Time{})},
		}})
	}
	return t
}

// letterState is what became of a letter, and what was decided about it.
func letterState(loc locale.Printer, status, why string) page.Cell {
	tones := map[string]page.Tone{"planned": page.Neutral, "sending": page.Neutral, "sent": page.Success, "failed": page.Danger, "unknown": page.Warning}
	c := page.Cell{Tag: page.Tag{Label: loc.T("letter.status_" + status), Tone: tones[status]}}
	if why != "" && loc.Has("letter.skipped_"+why) {
		c.Note = loc.T("letter.skipped_" + why)
	}
	if loc.Has("office.settled_" + why) {
		c.Note = loc.T("office.settled_" + why)
	}
	return c
}
