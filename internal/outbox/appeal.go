package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/letter"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// provisionalResult tells what a provisional list says, also of a draft that
// is not out yet.
func provisionalResult(ctx context.Context, l *loader) (letter.Letter, error) {
	r, err := l.result(ctx)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, mobility.NotFoundError("ranking")
	}
	out := letter.ProvisionalResult{Frame: l.frame, File: l.about(), Appeal: l.appealText()}
	if out.Points, err = l.points(ctx, r); err != nil {
		return nil, err
	}
	if out.Until, err = l.appealUntil(ctx); err != nil {
		return nil, err
	}
	if r.entry.DestinationID != nil {
		place, err := l.placeAt(ctx, *r.entry.DestinationID)
		out.Place = &place
		return out, err
	}
	if out.Waiting, err = l.decidedRanks(ctx, r); err != nil || len(out.Waiting) > 0 {
		return out, err
	}
	if out.Choices, err = l.outcomes(ctx, r); err != nil || len(out.Choices) == 0 {
		return out, err
	}
	out.Rule, err = l.rule(ctx)
	return out, err
}

// decidedRanks are the ranks on the reserve as decided.
func (l *loader) decidedRanks(ctx context.Context, r *result) ([]letter.Waiting, error) {
	var ids []uuid.UUID
	for _, w := range r.wishes {
		if w.ReserveRank > 0 {
			ids = append(ids, w.DestinationID)
		}
	}
	places, err := l.places(ctx, ids...)
	if err != nil {
		return nil, err
	}
	var out []letter.Waiting
	for _, w := range r.wishes {
		if w.ReserveRank > 0 {
			out = append(out, letter.Waiting{Place: places[w.DestinationID], Rank: int(w.ReserveRank)})
		}
	}
	return out, nil
}

// appealUntil is the deadline the list was told with; of a draft, the one it
// would get now.
func (l *loader) appealUntil(ctx context.Context) (letter.Until, error) {
	if l.ref.Data.Deadline != nil {
		return l.deadline(ctx, l.ref.Data.Deadline)
	}
	call, err := queries.CallRules(ctx, l.db, l.file.CallID)
	if err != nil {
		return letter.Until{}, store.Translate(err, "call")
	}
	lists, err := queries.CallLists(ctx, l.db, l.file.CallID)
	if err != nil {
		return letter.Until{}, store.Translate(err, "call")
	}
	rule, takes := call.AppealRule(lists, l.zone, false)
	if !takes {
		return letter.Until{}, errors.New("a call that takes no appeals")
	}
	working, err := store.WorkingDays(ctx, l.db, l.file.InstitutionID, l.ref.At.In(l.zone))
	if err != nil {
		return letter.Until{}, err
	}
	by, _ := rule.ConfirmBy(l.ref.At, time.Time{}, working)
	return letter.Until{ClosesAt: mobility.ClosesAt(by, l.zone), Zone: l.zone}, nil
}

// earlier words what the provisional list said of the applicant, if they were
// told and this list says something else; "" otherwise.
func (l *loader) earlier(ctx context.Context, r *result) (string, error) {
	if r == nil {
		return "", nil
	}
	was, err := l.Desk.earlier.get(ctx, l.ref.Kind, pair{r.ranking, l.file.ID})
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the provisional list: %w", err)
	}
	same := was.DestinationID == nil && r.entry.DestinationID == nil || was.DestinationID != nil && r.entry.DestinationID != nil && *was.DestinationID == *r.entry.DestinationID
	if same && was.Outcome == r.entry.Outcome {
		return "", nil
	}
	if was.DestinationID == nil {
		return l.p.T("letter.earlier_" + was.Outcome), nil
	}
	place, err := l.placeAt(ctx, *was.DestinationID)
	return l.p.T("letter.earlier_placed", "Host", place.Host), err
}

// letterAppeal reads the appeal a letter is about.
func (l *loader) letterAppeal(ctx context.Context) (store.LetterAppealRow, error) {
	if l.ref.Data.Appeal == nil {
		return store.LetterAppealRow{}, errors.New("a letter about an appeal that names none")
	}
	a, err := queries.LetterAppeal(ctx, l.db, *l.ref.Data.Appeal)
	return a, store.Translate(err, "appeal")
}

func appealReceived(ctx context.Context, l *loader) (letter.Letter, error) {
	a, err := l.letterAppeal(ctx)
	if err != nil {
		return nil, err
	}
	if a.Reason == "" {
		return nil, Pointless{"erased"}
	}
	return letter.AppealReceived{Frame: l.frame, File: l.about(), Number: int(a.Number), At: a.FiledAt, Reason: letter.Prose(a.Reason)}, nil
}

func appealAnswered(ctx context.Context, l *loader) (letter.Letter, error) {
	a, err := l.letterAppeal(ctx)
	if err != nil {
		return nil, err
	}
	if a.Answer == "" {
		return nil, Pointless{"erased"}
	}
	return letter.AppealAnswered{
		Frame: l.frame, File: l.about(), Number: int(a.Number), FiledAt: a.FiledAt,
		Granted: a.Status == "granted", Provisional: a.List == "provisional", Answer: letter.Prose(a.Answer),
	}, nil
}

// appealAssigned has lost its point once the appeal is somebody else's, or
// answered.
func appealAssigned(ctx context.Context, l *loader) (letter.Letter, error) {
	a, err := l.letterAppeal(ctx)
	if err != nil {
		return nil, err
	}
	if a.Status != "assigned" || a.AssignedTo == nil || l.ref.Person == nil || *a.AssignedTo != *l.ref.Person {
		return nil, Pointless{"appeal_settled"}
	}
	return letter.AppealAssigned{
		Frame: l.frame, Call: l.file.Title.In(l.ref.Language), Zone: l.zone, Link: l.link(AppealPath(a.ID)), Number: int(a.Number), FiledAt: a.FiledAt,
	}, nil
}
