package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"peregrine/internal/letter"
	"peregrine/internal/store"
)

// lateFrom is how much later than it should a reminder may come without a word.
const lateFrom = time.Hour

// belated says of a reminder that comes late when it should have come. One
// whose deadline was moved meanwhile could not have come earlier.
func (l *loader) belated(ctx context.Context) error {
	due := l.ref.Data.Due
	if due == nil || l.ref.Data.Moved {
		return nil
	}
	now, err := queries.BusinessNow(ctx, l.db)
	if err != nil {
		return fmt.Errorf("read the business clock: %w", err)
	}
	if l.ref.At.After(now) {
		now = l.ref.At
	}
	if now.Sub(*due) >= lateFrom {
		l.frame.Late = due
	}
	return nil
}

// digest says what waits for somebody now, in the calls of the institution
// that writes.
func digest(ctx context.Context, l *loader) (letter.Letter, error) {
	if l.ref.Person == nil || l.ref.Data.Due == nil {
		return nil, errors.New("a digest for nobody, or of no day")
	}
	choice, err := queries.ReminderChoice(ctx, l.db, *l.ref.Person)
	if err != nil {
		return nil, store.Translate(err, "person")
	}
	if choice.Way != "daily" && choice.Way != "weekly" {
		return nil, Pointless{"not_wanted"}
	}
	rows, err := queries.DigestOf(ctx, l.db, store.DigestOfParams{PersonID: *l.ref.Person, InstitutionID: l.ref.Institution})
	if err != nil {
		return nil, fmt.Errorf("find what waits: %w", err)
	}
	if len(rows) == 0 {
		return nil, Pointless{"nothing_left"}
	}
	l.frame.Late = nil // it says what waits now
	d := letter.Digest{Frame: l.frame, Weekly: choice.Way == "weekly", Link: l.link("/work"), Settings: l.link("/account")}
	for _, row := range rows {
		line, err := l.digestLine(row)
		if err != nil {
			return nil, err
		}
		d.Lines = append(d.Lines, line)
	}
	return d, nil
}

// digestLine words one thing that waits: how many, in which call, until when.
func (l *loader) digestLine(row store.DigestOfRow) (string, error) {
	what := l.p.N("digest."+row.What, int(row.Files))
	if row.Host != "" {
		what = l.p.T("digest.to_host", "What", what, "Host", row.Host)
	}
	call := row.Title.In(l.ref.Language)
	if row.ClosesAt.IsZero() {
		return l.p.T("digest.line", "Call", call, "What", what), nil
	}
	zone, err := time.LoadLocation(row.Zone)
	if err != nil {
		return "", fmt.Errorf("read the deadline's zone: %w", err)
	}
	return l.p.T("digest.line_until", "Call", call, "What", what, "Until", l.p.In(zone).DateTime(row.ClosesAt.Add(-time.Minute))), nil
}
