package outbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/letter"
	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/selection"
	"peregrine/internal/store"
)

func offer(ctx context.Context, l *loader) (letter.Letter, error) {
	r, err := l.result(ctx)
	if err != nil {
		return nil, err
	}
	at := l.ref.Data.Destination
	if at == nil && r != nil {
		at = r.entry.DestinationID // a draft: nothing is offered yet
	}
	if at == nil {
		return nil, errors.New("an offer of no destination")
	}
	out := letter.Offer{Frame: l.frame, File: l.about()}
	if out.Place, err = l.placeAt(ctx, *at); err != nil {
		return nil, err
	}
	if out.ConfirmBy, err = l.confirmBy(ctx, *at); err != nil {
		return nil, err
	}
	if out.Points, err = l.points(ctx, r); err != nil {
		return nil, err
	}
	if out.Choice, err = l.position(ctx, *at); err != nil {
		return nil, err
	}
	if wish, ok := r.wish(*at); ok {
		out.Rank = int(wish.Rank)
	}
	made := l.ref.Data.Promoted != nil
	if !made || !*l.ref.Data.Promoted {
		if out.Earlier, err = l.earlier(ctx, r); err != nil {
			return nil, err
		}
	}
	out.FromReserve = made && *l.ref.Data.Promoted
	out.Extended = !made && l.ref.Data.ConfirmBy != nil // the offer was there before
	if out.Extended {
		out.Earlier = ""
	}
	if err := l.money(ctx, r, &out); err != nil || l.ref.Data.From == nil {
		return out, err
	}
	instead, err := l.placeAt(ctx, *l.ref.Data.From)
	out.Instead = &instead
	return out, err
}

// money says whether an offer comes with a grant, as it is when the letter is
// written; of a draft, as the ranking has it.
func (l *loader) money(ctx context.Context, r *result, out *letter.Offer) error {
	given := ""
	switch {
	case l.ref.Data.Offer != nil:
		row, err := l.offers.get(ctx, l.ref.Kind, *l.ref.Data.Offer)
		if err != nil {
			return store.Translate(err, "offer")
		}
		given = row.Given
	case r != nil:
		given = r.entry.Given
	}
	out.WithGrant, out.WithoutGrant = given == string(selection.WithGrant), given == string(selection.WithoutGrant)
	return nil
}

func grantAwarded(ctx context.Context, l *loader) (letter.Letter, error) {
	place, err := l.place(ctx)
	return letter.GrantAwarded{Frame: l.frame, File: l.about(), Place: place}, err
}

// position is which of the applicant's choices a destination is, 0 for none.
func (l *loader) position(ctx context.Context, destination uuid.UUID) (int, error) {
	rows, err := list(ctx, l.ref.Kind, &l.lastChosen, l.file.ID)
	if err != nil {
		return 0, fmt.Errorf("read the choices: %w", err)
	}
	for _, row := range rows {
		if row.DestinationID == destination {
			return int(row.Position), nil
		}
	}
	return 0, nil
}

// confirmBy is the offer's own deadline; of an offer that publishing would
// make, the one it would get now (design rule 8).
func (l *loader) confirmBy(ctx context.Context, destination uuid.UUID) (letter.Until, error) {
	if l.ref.Data.ConfirmBy != nil {
		return l.deadline(ctx, l.ref.Data.ConfirmBy)
	}
	call, err := queries.CallRules(ctx, l.db, l.file.CallID)
	if err != nil {
		return letter.Until{}, store.Translate(err, "call")
	}
	working, err := store.WorkingDays(ctx, l.db, l.file.InstitutionID, l.ref.At.In(l.zone))
	if err != nil {
		return letter.Until{}, err
	}
	host, err := l.hostDeadline(ctx, destination)
	if err != nil {
		return letter.Until{}, err
	}
	var closes time.Time
	if host != nil {
		closes = host.ClosesAt
	}
	by, _ := call.ConfirmRule(l.zone, int(call.ConfirmDays)).ConfirmBy(l.ref.At, closes, working)
	return letter.Until{ClosesAt: mobility.ClosesAt(by, l.zone), Zone: l.zone}, nil
}

func reserve(ctx context.Context, l *loader) (letter.Letter, error) {
	r, err := l.result(ctx)
	if err != nil {
		return nil, err
	}
	ranks, err := l.ranks(ctx, r)
	if err != nil {
		return nil, err
	}
	out := letter.Reserve{Frame: l.frame, File: l.about()}
	ids := make([]uuid.UUID, len(ranks))
	for i, rank := range ranks {
		ids[i] = rank.destination
	}
	places, err := l.places(ctx, ids...)
	if err != nil {
		return nil, err
	}
	for _, rank := range ranks {
		out.Places = append(out.Places, letter.Waiting{Place: places[rank.destination], Rank: rank.rank})
	}
	if out.Points, err = l.points(ctx, r); err != nil {
		return nil, err
	}
	if l.ref.Data.Ranking != nil {
		if out.Earlier, err = l.earlier(ctx, r); err != nil {
			return nil, err
		}
	}
	out.Until, err = l.hostDeadline(ctx, ids...)
	return out, err
}

type reserveRank struct {
	destination uuid.UUID
	rank        int
}

// ranks are the live ranks; of a draft, or of somebody whom things have
// overtaken, those decided.
func (l *loader) ranks(ctx context.Context, r *result) ([]reserveRank, error) {
	var out []reserveRank
	if l.ref.Event != nil {
		rows, err := list(ctx, l.ref.Kind, &l.liveRanks, l.file.ID)
		if err != nil {
			return nil, fmt.Errorf("read the reserve: %w", err)
		}
		for _, row := range rows {
			out = append(out, reserveRank{row.DestinationID, int(row.Rank)})
		}
	}
	if len(out) > 0 || r == nil {
		return out, nil
	}
	for _, w := range r.wishes {
		if w.ReserveRank > 0 {
			out = append(out, reserveRank{w.DestinationID, int(w.ReserveRank)})
		}
	}
	return out, nil
}

// notSelected has the ranking's reasons where it decided, an officer's where
// one is written.
func notSelected(ctx context.Context, l *loader) (letter.Letter, error) {
	r, err := l.result(ctx)
	if err != nil {
		return nil, err
	}
	out := letter.NotSelected{Frame: l.frame, File: l.about()}
	if out.Appeal, err = l.appeal(ctx); err != nil {
		return nil, err
	}
	if out.Points, err = l.points(ctx, r); err != nil {
		return nil, err
	}
	written := strings.TrimSpace(l.event.Reason) != ""
	if written || r == nil || len(r.wishes) == 0 {
		out.Reason = l.why()
		return out, nil
	}
	if out.Choices, err = l.outcomes(ctx, r); err != nil {
		return nil, err
	}
	if out.Earlier, err = l.earlier(ctx, r); err != nil {
		return nil, err
	}
	out.Rule, err = l.rule(ctx)
	return out, err
}

func confirmed(ctx context.Context, l *loader) (letter.Letter, error) {
	place, err := l.place(ctx)
	return letter.Confirmed{Frame: l.frame, File: l.about(), Place: place, At: l.event.At}, err
}

// declined keeps the other choices alive if the application did not end.
func declined(ctx context.Context, l *loader) (letter.Letter, error) {
	place, err := l.place(ctx)
	return letter.Declined{Frame: l.frame, File: l.about(), Place: place, At: l.event.At, KeepsOthers: l.event.Phase != mobility.PhaseClosed}, err
}

func lapsed(ctx context.Context, l *loader) (letter.Letter, error) {
	place, err := l.place(ctx)
	if err != nil {
		return nil, err
	}
	if l.ref.Data.Offer == nil {
		return nil, errors.New("a lapse of no offer")
	}
	row, err := queries.OfferDeadline(ctx, l.db, l.ref.Data.Offer)
	if err != nil {
		return nil, store.Translate(err, "deadline")
	}
	by, err := until(row.ClosesAt, row.Zone)
	return letter.Lapsed{Frame: l.frame, File: l.about(), Place: place, ConfirmBy: by}, err
}

func offerWithdrawn(ctx context.Context, l *loader) (letter.Letter, error) {
	place, err := l.place(ctx)
	if err != nil {
		return nil, err
	}
	next, err := l.standing(ctx)
	return letter.OfferWithdrawn{Frame: l.frame, File: l.about(), Place: place, Reason: l.why(), Next: next}, err
}

func remindDraft(ctx context.Context, l *loader) (letter.Letter, error) {
	by, err := l.deadline(ctx, l.ref.Data.Deadline)
	return letter.RemindDraft{Frame: l.frame, File: l.about(), Until: by}, err
}

func remindComplete(ctx context.Context, l *loader) (letter.Letter, error) {
	by, err := l.completeBy(ctx)
	if err != nil {
		return nil, err
	}
	const newest = 1<<31 - 1
	items, err := l.items(ctx, newest)
	return letter.RemindComplete{Frame: l.frame, File: l.about(), Items: items, Until: by}, err
}

func remindConfirm(ctx context.Context, l *loader) (letter.Letter, error) {
	place, err := l.place(ctx)
	if err != nil {
		return nil, err
	}
	by, err := l.inForce(ctx, lifecycle.ConfirmBy)
	if err != nil {
		return nil, err
	}
	if by == nil {
		return nil, Pointless{"state_left"}
	}
	return letter.RemindConfirm{Frame: l.frame, File: l.about(), Place: place, ConfirmBy: *by}, nil
}
