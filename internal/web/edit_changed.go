package web

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/outbox"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// changedNotices tell what happened to the destinations one has chosen, and
// until when one may choose again; once the list was sent without them, or
// after the change, there is nothing to tell any more.
func (v *editView) changedNotices(q *request) []page.Notice {
	if v.st.State.End() {
		return nil
	}
	var out []page.Notice
	told := map[uuid.UUID]bool{}
	for _, c := range v.changed { // newest first
		at := v.place(c.DestinationID)
		if told[c.DestinationID] || at == nil || !slices.Contains(v.mine(), c.DestinationID) {
			continue
		}
		told[c.DestinationID] = true
		if n, ok := v.changedNotice(q, c, *at); ok {
			out = append(out, n)
		}
	}
	return out
}

func (v *editView) changedNotice(q *request, c store.DestinationChangesRow, at store.PublicDestinationsRow) (page.Notice, bool) {
	when := q.both(c.At, zoneOf(v.app.Zone))
	n := page.Notice{Tone: page.Warning, Title: q.loc.T("destinations.was_dropped", "Host", at.Host, "When", when), Text: c.Reason}
	switch {
	case at.DroppedAt != nil:
	case c.Kind == string(process.DestinationChanged) && c.At.After(v.sentAt):
		lines, err := outbox.DestinationChanges(q.loc, c.Data)
		if err != nil || len(lines) == 0 {
			return n, false
		}
		n.Tone, n.Title, n.Items = page.Info, q.loc.T("destinations.has_changed", "Host", at.Host, "When", when), lines
	default:
		return n, false
	}
	if v.returned != nil && v.returned.Reason == c.Reason {
		n.Text = "" // the return says it beside this
	}
	if v.open("choices") {
		if d, ok := v.st.Deadlines[dueOf(v.st)]; ok && mobility.Open(q.now, d.ClosesAt) {
			n.Items = append(n.Items, q.loc.T("destinations.choose_again_until", "When", q.both(d.ClosesAt.Add(-time.Minute), zoneOf(d.Zone))))
		}
	}
	return n, true
}

// mine are the destinations of the working copy and of what was sent last.
func (v *editView) mine() []uuid.UUID {
	return append(slices.Clone(v.draft.Choices), v.sentChoices...)
}
