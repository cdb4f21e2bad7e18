package outbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"peregrine/internal/letter"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

func nominated(ctx context.Context, l *loader) (letter.Letter, error) {
	place, err := l.place(ctx)
	if err != nil {
		return nil, err
	}
	var by *letter.Until
	if at := l.ref.Data.Destination; at != nil {
		by, err = l.hostDeadline(ctx, *at)
	}
	return letter.Nominated{Frame: l.frame, File: l.about(), Place: place, Until: by}, err
}

// waiting counts what waits for the host's answer; nothing makes a letter
// about it pointless.
func (l *loader) waiting(ctx context.Context) (int, error) {
	n, err := queries.OpenNominations(ctx, l.db, store.OpenNominationsParams{HostInstitutionID: l.host.HostInstitutionID, CallID: l.host.CallID})
	if err != nil {
		return 0, fmt.Errorf("count the nominations: %w", err)
	}
	if n == 0 {
		return 0, Pointless{"nothing_left"}
	}
	return int(n), nil
}

// answerBy is when the host is asked to have answered what waits, the first
// day of several, by the clock on its wall, as the page behind the letter's
// link says it; nil if none is left.
func (l *loader) answerBy(ctx context.Context) (*letter.Until, error) {
	closesAt, err := queries.HostAnswerBy(ctx, l.db, store.HostAnswerByParams{
		HostInstitutionID: l.host.HostInstitutionID, CallID: l.host.CallID, Now: l.ref.At,
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read until when the host is asked to answer: %w", err)
	}
	return &letter.Until{ClosesAt: closesAt, Zone: l.frame.Reader.Zone}, nil
}

func hostNominations(ctx context.Context, l *loader) (letter.Letter, error) {
	n, err := l.waiting(ctx)
	if err != nil {
		return nil, err
	}
	by, err := l.answerBy(ctx)
	if err != nil {
		return nil, err
	}
	link, err := l.personal(ctx)
	return letter.HostNominations{Frame: l.frame, Host: l.host.Host, Count: n, Link: link, Expires: l.host.ExpiresAt, Until: by}, err
}

func hostCancelled(ctx context.Context, l *loader) (letter.Letter, error) {
	place, err := l.place(ctx)
	if err != nil {
		return nil, err
	}
	link, err := l.personal(ctx)
	return letter.HostCancelled{Frame: l.frame, Host: l.host.Host, Student: l.file.Student, Term: place.Term, Link: link}, err
}

func accepted(ctx context.Context, l *loader) (letter.Letter, error) {
	place, err := l.place(ctx)
	return letter.Accepted{Frame: l.frame, File: l.about(), Place: place}, err
}

func acceptedOffice(ctx context.Context, l *loader) (letter.Letter, error) {
	place, err := l.place(ctx)
	return letter.AcceptedOffice{Frame: l.frame, File: l.about(), Student: l.file.Student, Place: place, Comment: letter.Prose(l.event.Comment)}, err
}

func refusedOffice(ctx context.Context, l *loader) (letter.Letter, error) {
	place, err := l.place(ctx)
	return letter.RefusedOffice{
		Frame: l.frame, File: l.about(), Student: l.file.Student, Place: place,
		Reason:  l.p.T("host_reason_office." + string(mobility.HostReasonOf(l.ref.Data.ReasonCode))),
		Comment: letter.Prose(l.event.Comment), TookBack: l.ref.Data.NominationBecame == "cancelled",
	}, err
}

// refusal is the place that fell through and the host's reason, in words for
// the applicant.
func (l *loader) refusal(ctx context.Context) (letter.Place, string, error) {
	code := l.ref.Data.ReasonCode
	at := l.ref.Data.Destination
	if code == "" {
		row, err := queries.RefusalReason(ctx, l.db, l.file.ID)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return letter.Place{}, "", fmt.Errorf("read the host's reason: %w", err)
		}
		if err == nil {
			code, at = row.ReasonCode, &row.DestinationID
		}
	}
	words := l.p.T("host_reason." + string(mobility.HostReasonOf(code)))
	if at == nil {
		place, err := l.place(ctx)
		return place, words, err
	}
	place, err := l.placeAt(ctx, *at)
	return place, words, err
}

func refused(ctx context.Context, l *loader) (letter.Letter, error) {
	place, why, err := l.refusal(ctx)
	return letter.Refused{Frame: l.frame, File: l.about(), Place: place, Reason: why}, err
}

func toPlace(ctx context.Context, l *loader) (letter.Letter, error) {
	place, why, err := l.refusal(ctx)
	return letter.ToPlace{Frame: l.frame, File: l.about(), Place: place, Reason: why}, err
}

// cancelled gives the office's reason; a host gives a code.
func cancelled(ctx context.Context, l *loader) (letter.Letter, error) {
	place, err := l.place(ctx)
	reason := l.why()
	if l.ref.Data.ReasonCode != "" && strings.TrimSpace(l.event.Reason) == "" {
		reason = letter.Prose(l.p.T("host_reason." + string(mobility.HostReasonOf(l.ref.Data.ReasonCode))))
	}
	return letter.Cancelled{
		Frame: l.frame, File: l.about(), Place: place, Reason: reason, ByHost: l.event.ActorRole == string(mobility.RoleHost),
	}, err
}

func enrolled(ctx context.Context, l *loader) (letter.Letter, error) {
	place, err := l.place(ctx)
	if err != nil {
		return nil, err
	}
	arrived, err := time.Parse(time.DateOnly, l.ref.Data.ArrivedOn)
	if err != nil {
		return nil, fmt.Errorf("read the day of arrival: %w", err)
	}
	return letter.Enrolled{Frame: l.frame, File: l.about(), Place: place, Arrived: arrived}, nil
}

func completed(ctx context.Context, l *loader) (letter.Letter, error) {
	place, err := l.place(ctx)
	return letter.Completed{Frame: l.frame, File: l.about(), Place: place}, err
}

// call is the title of the call of a letter that is about no one file.
func (l *loader) call(ctx context.Context) (string, error) {
	if l.ref.Call == nil {
		return "", errors.New("a letter about a call that names none")
	}
	row, err := queries.LetterCall(ctx, l.db, *l.ref.Call)
	return row.Title.In(l.ref.Language), store.Translate(err, "call")
}

func remindNominate(ctx context.Context, l *loader) (letter.Letter, error) {
	title, err := l.call(ctx)
	if err != nil {
		return nil, err
	}
	if l.ref.Data.Deadline == nil {
		return nil, errors.New("a reminder of no deadline")
	}
	row, err := l.deadlines.get(ctx, l.ref.Kind, *l.ref.Data.Deadline)
	if err != nil || row.DestinationID == nil {
		return nil, store.Translate(errors.Join(err, noDestination(row)), "deadline")
	}
	n, err := queries.NotNominated(ctx, l.db, *row.DestinationID)
	if err != nil {
		return nil, fmt.Errorf("count the confirmed: %w", err)
	}
	if n == 0 {
		return nil, Pointless{"nothing_left"}
	}
	place, err := l.placeAt(ctx, *row.DestinationID)
	if err != nil {
		return nil, err
	}
	by, err := until(row.ClosesAt, row.Zone)
	return letter.RemindNominate{
		Frame: l.frame, Call: title, Host: place.Host, Count: int(n), Until: by, Link: l.link(CandidatesPath(*l.ref.Call)),
	}, err
}

func noDestination(row store.LetterDeadlinesRow) error {
	if row.DestinationID == nil {
		return errors.New("a nomination deadline of no destination")
	}
	return nil
}

func remindHost(ctx context.Context, l *loader) (letter.Letter, error) {
	n, err := l.waiting(ctx)
	if err != nil {
		return nil, err
	}
	by, err := l.answerBy(ctx)
	if err != nil {
		return nil, err
	}
	link, err := l.personal(ctx)
	return letter.RemindHost{Frame: l.frame, Host: l.host.Host, Count: n, Link: link, Until: by}, err
}

func remindCoordinator(ctx context.Context, l *loader) (letter.Letter, error) {
	title, err := l.call(ctx)
	if err != nil {
		return nil, err
	}
	if l.ref.Person == nil {
		return nil, errors.New("a reminder to nobody")
	}
	n, err := queries.ToAssess(ctx, l.db, store.ToAssessParams{CallID: *l.ref.Call, PersonID: *l.ref.Person})
	if err != nil {
		return nil, fmt.Errorf("count the files: %w", err)
	}
	if n == 0 {
		return nil, Pointless{"nothing_left"}
	}
	by, err := l.deadline(ctx, l.ref.Data.Deadline)
	return letter.RemindCoordinator{
		Frame: l.frame, Call: title, Count: int(n), Until: &by, Over: l.ref.Data.After, Link: l.link(CandidatesPath(*l.ref.Call)),
	}, err
}
