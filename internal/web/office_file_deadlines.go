package web

import (
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// deadlineEvent is a deadline that was moved while the file was under way.
func (q *request) deadlineEvent(f file, m store.FileDeadlineChangesRow) page.TimelineEvent {
	text := q.fromTo(m.Kind, m.WasWall, m.WasZone, m.ClosesAt, m.Zone)
	if m.Reason != "" {
		text += "\n" + m.Reason
	}
	return page.TimelineEvent{
		When: q.moment(m.MadeAt, zoneOf(f.Zone)), By: m.By, Text: text,
		Title: q.loc.T("deadlines.file_moved", "Deadline", q.loc.T("office.deadline_"+m.Kind)),
	}
}

// lateNotices say by what a submission was let in after the deadline.
func (q *request) lateNotices(f file) []page.Notice {
	var out []page.Notice
	for _, m := range f.lateMarks {
		key := map[string]string{"grace": "deadlines.within_grace", "link": "deadlines.by_link"}[m.LetInBy]
		out = append(out, page.Notice{Tone: page.Warning, Text: q.loc.T(key, "Number", q.loc.Number(int(m.Number)), "When", q.both(m.ArrivedAt, zoneOf(f.Zone)))})
	}
	return out
}
