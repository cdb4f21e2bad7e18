package outbox

import (
	"context"
	"errors"

	"peregrine/internal/letter"
	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// deadlineMoved tells the deadline that holds when the letter is written: one
// moved again meanwhile has a letter of its own, and this one no point.
func deadlineMoved(ctx context.Context, l *loader) (letter.Letter, error) {
	if l.ref.Data.DeadlineChange == nil {
		return nil, errors.New("a letter about a moved deadline that names no change")
	}
	row, err := queries.LetterDeadlineChange(ctx, l.db, *l.ref.Data.DeadlineChange)
	if err != nil {
		return nil, store.Translate(err, "deadline")
	}
	if row.Overtaken {
		return nil, Pointless{"deadline_moved"}
	}
	by, err := until(row.ClosesAt, row.Zone)
	if err != nil {
		return nil, err
	}
	out := letter.DeadlineMoved{
		Frame: l.frame, File: l.about(), What: l.p.T("deadline.letter_" + row.Kind), Until: by, Reason: letter.Prose(row.Reason),
	}
	if row.WasWall == nil || row.WasZone == nil {
		return out, nil
	}
	was, err := until(row.ClosesAt, *row.WasZone)
	was.ClosesAt = mobility.ClosesAt(mobility.WallOf(row.WasWall.UTC()), was.Zone)
	out.Was = &was
	return out, err
}

// lateLink carries a secret only in the letter that is sent.
func lateLink(ctx context.Context, l *loader) (letter.Letter, error) {
	if l.ref.Data.LateLink == nil {
		return nil, errors.New("a letter with a late link that names none")
	}
	row, err := queries.LateLinkToSend(ctx, l.db, store.LateLinkToSendParams{ID: *l.ref.Data.LateLink, Now: l.ref.At})
	if err != nil {
		return nil, store.Translate(err, "link")
	}
	if row.Over {
		return nil, Pointless{"link_over"}
	}
	by, err := until(row.ExpiresAt, row.Zone)
	if err != nil {
		return nil, err
	}
	out := letter.LateLink{Frame: l.frame, Call: row.Title.In(l.ref.Language), Link: l.link("/"), Until: by}
	if l.hosts == nil {
		return out, nil
	}
	path, err := l.hosts(ctx, row.ID)
	if mobility.CodeOf(err) == "refusal.late_link_over" {
		return nil, Pointless{"link_over"}
	}
	out.Link = l.link(path)
	return out, err
}

func remindDocuments(ctx context.Context, l *loader) (letter.Letter, error) {
	by, err := l.inForce(ctx, lifecycle.Documents)
	if err != nil {
		return nil, err
	}
	if by == nil {
		return nil, Pointless{"state_left"}
	}
	return letter.RemindDocuments{Frame: l.frame, File: l.about(), Until: *by}, nil
}
