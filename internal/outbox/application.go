package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/letter"
	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

func receipt(ctx context.Context, l *loader) (letter.Letter, error) {
	if l.ref.Data.Submission == nil {
		return nil, errors.New("a receipt that names no submission")
	}
	submission, err := l.submissions.get(ctx, l.ref.Kind, *l.ref.Data.Submission)
	if err != nil {
		return nil, store.Translate(err, "submission")
	}
	choices, err := l.choices(ctx, *l.ref.Data.Submission)
	if err != nil {
		return nil, err
	}
	newer, err := l.stillOpen(ctx, lifecycle.Closes)
	return letter.Receipt{
		Frame: l.frame, File: l.about(), Submission: int(submission.Number), ArrivedAt: submission.ArrivedAt, Choices: choices, Until: newer,
	}, err
}

// choices are a submission's destinations in order.
func (l *loader) choices(ctx context.Context, submission uuid.UUID) ([]letter.Choice, error) {
	rows, err := list(ctx, l.ref.Kind, &l.chosen, submission)
	if err != nil {
		return nil, fmt.Errorf("read the choices: %w", err)
	}
	ids := make([]uuid.UUID, len(rows))
	for i, row := range rows {
		ids[i] = row.DestinationID
	}
	places, err := l.places(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]letter.Choice, len(rows))
	for i, row := range rows {
		out[i] = letter.Choice{Order: int(row.Position), Place: places[row.DestinationID]}
	}
	return out, nil
}

func withdrawn(ctx context.Context, l *loader) (letter.Letter, error) {
	again, err := l.stillOpen(ctx, lifecycle.Closes)
	return letter.Withdrawn{Frame: l.frame, File: l.about(), At: l.event.At, Until: again}, err
}

func returned(ctx context.Context, l *loader) (letter.Letter, error) {
	by, err := l.completeBy(ctx)
	if err != nil {
		return nil, err
	}
	items, err := l.items(ctx, l.event.Revision)
	return letter.Returned{Frame: l.frame, File: l.about(), Reason: letter.Prose(l.event.Reason), Items: items, Until: by}, err
}

func (l *loader) completeBy(ctx context.Context) (letter.Until, error) {
	by, err := l.inForce(ctx, lifecycle.CompleteBy)
	if err == nil && by == nil {
		err = errors.New("a return without a deadline")
	}
	if err != nil {
		return letter.Until{}, err
	}
	return *by, nil
}

// items words what the last return up to revision asked to be completed: the
// question as the form puts it, with the destination if it is asked for each.
func (l *loader) items(ctx context.Context, revision int32) ([]string, error) {
	keys, err := queries.ReturnedItems(ctx, l.db, store.ReturnedItemsParams{ApplicationID: l.file.ID, Revision: revision})
	if err != nil {
		return nil, fmt.Errorf("read what was returned: %w", err)
	}
	labels, err := l.questions(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(keys))
	for i, key := range keys {
		question, destination, each := strings.Cut(key, "@")
		out[i] = labels(question)
		id, bad := uuid.Parse(destination)
		if !each || bad != nil {
			continue
		}
		place, err := l.placeAt(ctx, id)
		if err != nil {
			return nil, err
		}
		out[i] = l.p.T("letter.item_at", "Item", out[i], "Host", place.Host)
	}
	return out, nil
}

// questions returns the words of the form's questions by key; choices are
// asked for like a question.
func (l *loader) questions(ctx context.Context) (func(key string) string, error) {
	form, err := queries.FormQuestions(ctx, l.db, l.file.FormID)
	if err != nil {
		return nil, fmt.Errorf("read the form: %w", err)
	}
	labels := map[string]mobility.Texts{}
	for _, q := range form {
		labels[q.Key] = q.Label
	}
	return func(key string) string {
		if key == "choices" {
			return l.p.T("letter.item_choices")
		}
		if label := labels[key].In(l.ref.Language); label != "" {
			return label
		}
		return key
	}, nil
}

func ineligible(_ context.Context, l *loader) (letter.Letter, error) {
	return letter.Ineligible{Frame: l.frame, File: l.about(), Reason: l.why(), Appeal: l.appealText()}, nil
}

// why is the reason written at the event; a move that asks for none gets a
// plain sentence.
func (l *loader) why() letter.Prose {
	if strings.TrimSpace(l.event.Reason) == "" {
		return letter.Prose(l.p.T("letter.no_reason"))
	}
	return letter.Prose(l.event.Reason)
}

// appeal is appealText with the deadline, where one may appeal in the product
// now.
func (l *loader) appeal(ctx context.Context) (letter.Appeal, error) {
	out := l.appealText()
	var err error
	out.Until, err = l.stillOpen(ctx, "appeal")
	return out, err
}

// appealText is how a decision can be questioned: by the call's own words if
// it has any.
func (l *loader) appealText() letter.Appeal {
	text := l.file.Appeal.In(l.ref.Language)
	if strings.TrimSpace(text) == "" {
		text = l.p.T("letter.appeal")
	}
	return letter.Appeal{Text: letter.Prose(text), Contact: l.frame.Office.Email}
}

// reopened has a deadline if it is the applicant's turn.
func reopened(ctx context.Context, l *loader) (letter.Letter, error) {
	var by *letter.Until
	var err error
	if l.event.Editable && mobility.Turn(l.event.Turn) == mobility.TurnApplicant {
		by, err = l.stillOpen(ctx, lifecycle.CompleteBy, lifecycle.Closes)
	}
	return letter.Reopened{Frame: l.frame, File: l.about(), Reason: l.why(), Until: by}, err
}

// correction follows an earlier letter, also one that was taken back before it
// went: its reader waits for word. Where none was ever planned there is nothing
// to correct (design rule 9).
func correction(ctx context.Context, l *loader) (letter.Letter, error) {
	earlier, err := l.earlierLetter(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, Pointless{"nothing_to_correct"}
	}
	if err != nil {
		return nil, err
	}
	holds, err := l.standing(ctx)
	out := letter.Correction{Frame: l.frame, File: l.about(), Changed: holds, Reason: l.why()}
	if earlier.Told {
		out.EarlierSubject, out.EarlierAt = earlier.Subject, earlier.ToldAt
	}
	return out, err
}

func (l *loader) earlierLetter(ctx context.Context) (store.EarlierLetterRow, error) {
	earlier, err := queries.EarlierLetter(ctx, l.db, store.EarlierLetterParams{ApplicationID: l.ref.Application, LetterID: l.ref.Letter, PlannedAt: l.ref.At})
	if err != nil {
		return earlier, fmt.Errorf("find the earlier letter: %w", err)
	}
	return earlier, nil
}

// corrects says in the frame which letter this one corrects, if a correcting
// move made it and its own words do not say so.
func (l *loader) corrects(ctx context.Context) error {
	if l.ref.Event == nil || l.ref.Recipient != "applicant" || l.ref.Kind == letter.KindCorrection || l.ref.Kind == letter.KindOfferWithdrawn || l.event.Move == "" {
		return nil
	}
	d, err := l.definition(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(d.MovesNamed(l.event.Move), func(m *lifecycle.MoveDef) bool { return m.Correction }) {
		return nil
	}
	earlier, err := l.earlierLetter(ctx)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !earlier.Told {
		return nil
	}
	l.frame.Corrects = &letter.Corrected{Subject: earlier.Subject, At: earlier.ToldAt}
	return err
}
