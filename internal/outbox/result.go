package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"peregrine/internal/letter"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/scheme"
	"peregrine/internal/selection"
	"peregrine/internal/store"
)

// result is what a ranking says of one application.
type result struct {
	ranking uuid.UUID
	entry   store.LetterEntriesRow
	wishes  []store.LetterOutcomesRow
}

// result reads the ranking the letter names, else the round's published one;
// nil if the application is in none.
func (l *loader) result(ctx context.Context) (*result, error) {
	r := &result{}
	if l.ref.Data.Ranking != nil {
		r.ranking = *l.ref.Data.Ranking
	} else {
		published, err := l.rankings.get(ctx, l.ref.Kind, l.file.RoundID)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("find the ranking: %w", err)
		}
		r.ranking = published.ID
	}
	var err error
	r.entry, err = l.entries.get(ctx, l.ref.Kind, pair{r.ranking, l.file.ID})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the result: %w", err)
	}
	r.wishes, err = list(ctx, l.ref.Kind, &l.Desk.outcomes, pair{r.ranking, l.file.ID})
	if err != nil {
		return nil, fmt.Errorf("read the outcomes: %w", err)
	}
	return r, nil
}

// wish is what became of one destination.
func (r *result) wish(destination uuid.UUID) (store.LetterOutcomesRow, bool) {
	if r != nil {
		for _, w := range r.wishes {
			if w.DestinationID == destination {
				return w, true
			}
		}
	}
	return store.LetterOutcomesRow{}, false
}

// scheme is the call's, for what a letter says of it.
func (l *loader) scheme(ctx context.Context) (*scheme.Scheme, error) {
	if known, ok := l.schemes.Load(l.file.SchemeID); ok {
		return known.(*scheme.Scheme), nil
	}
	source, err := queries.SchemeSource(ctx, l.db, l.file.SchemeID)
	if err != nil {
		return nil, fmt.Errorf("read the scheme: %w", err)
	}
	s, problems := scheme.Parse([]byte(source))
	if len(problems) > 0 {
		return nil, fmt.Errorf("read the scheme: %s", problems[0])
	}
	l.schemes.Store(l.file.SchemeID, s)
	return s, nil
}

// points are the applicant's, out of what the scheme can give; nil for whoever
// was not ranked.
func (l *loader) points(ctx context.Context, r *result) (*letter.Points, error) {
	if r == nil || r.entry.Rank == 0 {
		return nil, nil
	}
	s, err := l.scheme(ctx)
	if err != nil {
		return nil, err
	}
	points := &letter.Points{Reached: trim(r.entry.Points)}
	if most := s.MaxTotal(); most.Valid {
		points.Of = trim(most.Decimal)
	}
	return points, nil
}

// trim leaves out zeros that say nothing: 82.5000 is 82.5.
func trim(d decimal.Decimal) decimal.Decimal {
	if !strings.Contains(d.String(), ".") {
		return d
	}
	short, err := decimal.NewFromString(strings.TrimRight(strings.TrimRight(d.String(), "0"), "."))
	if err != nil {
		return d
	}
	return short
}

// rule words the announced order: points, then the scheme's chain, then the
// lot.
func (l *loader) rule(ctx context.Context) (string, error) {
	s, err := l.scheme(ctx)
	if err != nil {
		return "", err
	}
	if len(s.Ties) == 0 {
		return l.p.T("letter.rule_points"), nil
	}
	questions, err := l.questions(ctx)
	if err != nil {
		return "", err
	}
	links := make([]string, len(s.Ties))
	for i, t := range s.Ties {
		links[i] = tieLabel(s, t, l.ref.Language, questions)
	}
	return l.p.T("letter.rule_ties", "Ties", strings.Join(links, "; ")), nil
}

// tieLabel is what a link of the chain is called: its own label, else that of
// the criterion or the input it is about, else the question's.
func tieLabel(s *scheme.Scheme, t scheme.Tie, language string, questions func(string) string) string {
	key := strings.TrimSuffix(strings.TrimPrefix(t.Of, "points("), ")")
	c, _ := s.Criterion(key)
	in, _ := s.Input(key)
	for _, label := range []mobility.Texts{t.Label, c.Label, in.Label} {
		if text := label.In(language); text != "" {
			return text
		}
	}
	return questions(key)
}

// Figures about others are shown only where they give nobody away (design
// rule 13).
const (
	figureListed   = 5
	figureAdmitted = 3
)

// figuresOf returns a ranking's counts by destination.
func (l *loader) figuresOf(ctx context.Context, ranking uuid.UUID) (map[uuid.UUID]selection.Figures, error) {
	if known, ok := l.figures.Load(ranking); ok {
		return known.(map[uuid.UUID]selection.Figures), nil
	}
	text, err := queries.RankingResult(ctx, l.db, ranking)
	if err != nil {
		return nil, store.Translate(err, "ranking")
	}
	stored, err := selection.ReadResult(strings.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("read the stored result: %w", err)
	}
	out := make(map[uuid.UUID]selection.Figures, len(stored.Destinations))
	for _, f := range stored.Destinations {
		out[f.Destination] = f
	}
	l.figures.Store(ranking, out)
	return out, nil
}

// Reason words why a wish came out as it did. figures are the destination's.
func Reason(p locale.Printer, r selection.Reason, figures selection.Figures) string {
	id := r.Code
	shown := figures.Listed >= figureListed && figures.Admitted >= figureAdmitted
	if shown && r.LastPoints.Valid && p.Has(id+"_figure") {
		id += "_figure"
	}
	data := r.Data()
	if r.LastPoints.Valid {
		data["LastPoints"] = trim(r.LastPoints.Decimal)
	}
	words := []string{p.T(id, data)}
	if r.Gate != "" && p.Has(r.Gate) {
		words = append(words, p.T(r.Gate))
	}
	if r.Shared {
		words = append(words, p.T("reason.shared"))
	}
	if r.ReserveFull {
		words = append(words, p.T("reason.reserve_full"))
	}
	return strings.Join(words, " ")
}

// outcomes words the reason of every wish.
func (l *loader) outcomes(ctx context.Context, r *result) ([]letter.Outcome, error) {
	figures, err := l.figuresOf(ctx, r.ranking)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(r.wishes))
	for i, w := range r.wishes {
		ids[i] = w.DestinationID
	}
	places, err := l.places(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]letter.Outcome, len(r.wishes))
	for i, w := range r.wishes {
		var reason selection.Reason
		if err := json.Unmarshal(w.Data, &reason); err != nil {
			return nil, fmt.Errorf("read a reason: %w", err)
		}
		out[i] = letter.Outcome{Place: places[w.DestinationID], Reason: Reason(l.p, reason, figures[w.DestinationID])}
	}
	return out, nil
}
