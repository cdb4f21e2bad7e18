package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"peregrine/internal/letter"
	"peregrine/internal/lifecycle"
	"peregrine/internal/locale"
	"peregrine/internal/store"
)

// touched is what every letter about a changed destination has.
type touched struct {
	letter.Touched
	place  letter.Place
	change store.DestinationChangeRow
	until  *letter.Until
}

func (l *loader) touched(ctx context.Context) (t touched, err error) {
	if l.ref.Data.Change == nil {
		return t, errors.New("a letter about a destination that names no change")
	}
	if t.change, err = queries.DestinationChange(ctx, l.db, *l.ref.Data.Change); err != nil {
		return t, store.Translate(err, "destination")
	}
	if t.place, err = l.placeAt(ctx, t.change.DestinationID); err != nil {
		return t, err
	}
	switch l.ref.Data.Concern {
	case "draft":
		t.Draft = true
		t.until, err = l.stillOpen(ctx, lifecycle.Closes)
	case "open":
		t.until, err = l.stillOpen(ctx, lifecycle.Closes)
	case "returned":
		t.Again = true
		t.until, err = l.stillOpen(ctx, lifecycle.CompleteBy)
	case "waiting":
		t.Waiting = true
	case "holding":
		t.Holding = true
	}
	return t, err
}

func destinationDropped(ctx context.Context, l *loader) (letter.Letter, error) {
	t, err := l.touched(ctx)
	return letter.DestinationDropped{
		Frame: l.frame, File: l.about(), Touched: t.Touched, Place: t.place, Preference: l.ref.Data.Position, Reason: l.reasonOf(t.change), Until: t.until,
	}, err
}

func destinationChanged(ctx context.Context, l *loader) (letter.Letter, error) {
	t, err := l.touched(ctx)
	if err != nil {
		return nil, err
	}
	changes, err := DestinationChanges(l.p, t.change.Data)
	return letter.DestinationChanged{
		Frame: l.frame, File: l.about(), Touched: t.Touched, Place: t.place, Preference: l.ref.Data.Position,
		Changes: changes, Reason: l.reasonOf(t.change), Until: t.until,
	}, err
}

func destinationAdded(ctx context.Context, l *loader) (letter.Letter, error) {
	t, err := l.touched(ctx)
	if err != nil {
		return nil, err
	}
	at, err := queries.DestinationToChange(ctx, l.db, t.change.DestinationID)
	if err != nil {
		return nil, store.Translate(err, "destination")
	}
	if at.DroppedAt != nil {
		return nil, Pointless{"nothing_left"}
	}
	level := l.p.Language(at.Language)
	if at.CEFR != "" {
		level += " " + at.CEFR
	}
	return letter.DestinationAdded{
		Frame: l.frame, File: l.about(), Touched: t.Touched, Place: t.place, Level: level, Reason: letter.Prose(t.change.Reason), Until: t.until,
	}, nil
}

func (l *loader) reasonOf(c store.DestinationChangeRow) letter.Prose {
	if c.Reason == "" {
		return letter.Prose(l.p.T("letter.no_reason"))
	}
	return letter.Prose(c.Reason)
}

// terms is the order in which changes of a destination are told. What only
// offices go by is left out.
var terms = []string{"language", "cefr", "begins", "ends", "places", "host_deadline"}

// DestinationChanges words what changed about a destination, as its history
// keeps it, for applicants and hosts' deadlines included.
func DestinationChanges(p locale.Printer, data []byte) ([]string, error) {
	var changes map[string]struct{ From, To string }
	if err := json.Unmarshal(data, &changes); err != nil {
		return nil, fmt.Errorf("read what changed: %w", err)
	}
	var out []string
	for _, what := range terms {
		if c, ok := changes[what]; ok {
			out = append(out, DestinationTerm(p, what, c.From, c.To))
		}
	}
	return out, nil
}

// DestinationTerm words one change: what it is, what it was, what it is now.
func DestinationTerm(p locale.Printer, what, from, to string) string {
	return p.T("destination.change_"+what, "From", termValue(p, what, from), "To", termValue(p, what, to))
}

// termValue writes a code as its reader knows it.
func termValue(p locale.Printer, what, code string) string {
	if code == "" {
		return p.T("destination.not_set")
	}
	switch what {
	case "language":
		return p.Language(code)
	case "begins", "ends":
		if day, err := time.Parse(time.DateOnly, code); err == nil {
			return p.In(time.UTC).Date(day)
		}
	case "host_deadline": // a wall minute of its own zone
		if wall, err := time.Parse("2006-01-02T15:04", code); err == nil {
			return p.In(time.UTC).Date(wall) + " " + wall.Format("15:04")
		}
	}
	return code
}
