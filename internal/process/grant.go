package process

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"peregrine/internal/selection"
	"peregrine/internal/store"
)

// giveMoney says whether a new offer comes with a grant. One that takes the
// place of another keeps what that had; a new one waits behind all who were
// placed by the ranking, and grants that are left are given right afterwards.
func (f *file) giveMoney(ctx context.Context, s *step, c *change, offer *store.AddOfferParams) error {
	if len(f.call.Selection.Grants) == 0 {
		return nil
	}
	if was := c.replaced; was != nil && was.Given == string(selection.WithGrant) {
		offer.Given, offer.GrantRank = was.Given, was.GrantRank
		c.data["grant"] = offer.Given
		_, err := queries.HoldMoney(ctx, s.tx, store.HoldMoneyParams{
			Applications: []uuid.UUID{f.app.ID}, Destinations: []uuid.UUID{offer.DestinationID}, Since: s.now,
		})
		return err
	}
	rank, err := queries.GrantRank(ctx, s.tx, store.GrantRankParams{RoundID: f.app.RoundID, ApplicationID: f.app.ID})
	if err != nil {
		return fmt.Errorf("find the place in the order of grants: %w", err)
	}
	offer.Given, offer.GrantRank = string(selection.WithoutGrant), rank
	if c.replaced != nil {
		offer.GrantRank = c.replaced.GrantRank
	}
	if !c.promoted {
		c.jobs = append(c.jobs, PlaceFreed{Round: f.app.RoundID}) // a grant may be free
	}
	return nil
}

// awardGrants gives grants that are free to those who hold a place without
// one, in the announced order. Money pools are locked by then.
func (s *step) awardGrants(ctx context.Context, at store.RoundForRankingRow) error {
	money, err := queries.CallMoney(ctx, s.tx, &at.CallID)
	if err != nil || len(money) == 0 {
		return err
	}
	waiting, err := queries.WaitingForGrants(ctx, s.tx, at.ID)
	if err != nil {
		return fmt.Errorf("read who goes without a grant: %w", err)
	}
	for _, w := range waiting {
		if !draw(money, w.Pools) {
			continue
		}
		if err := s.awardGrant(ctx, at, w); err != nil {
			return err
		}
	}
	return nil
}

// draw takes one of each pool that counts somebody in these groups, or
// nothing if one of them is used up.
func draw(money []store.CallMoneyRow, groups []uuid.UUID) bool {
	var mine []int
	for i, m := range money {
		if m.Grouped && !contains(groups, m.ID) {
			continue
		}
		if m.Free <= 0 {
			return false
		}
		mine = append(mine, i)
	}
	for _, i := range mine {
		money[i].Free--
	}
	return len(mine) > 0
}

func contains(ids []uuid.UUID, id uuid.UUID) bool {
	for _, x := range ids {
		if x == id {
			return true
		}
	}
	return false
}

// awardGrant gives one grant, with an act and a letter; an offer made in this
// very step says so itself.
func (s *step) awardGrant(ctx context.Context, at store.RoundForRankingRow, w store.WaitingForGrantsRow) error {
	_, err := queries.HoldMoney(ctx, s.tx, store.HoldMoneyParams{
		Applications: []uuid.UUID{w.ApplicationID}, Destinations: []uuid.UUID{w.DestinationID}, Since: s.now,
	})
	if err != nil {
		return fmt.Errorf("hold the grant: %w", err)
	}
	if err := queries.GiveGrant(ctx, s.tx, store.GiveGrantParams{ID: w.ID, At: &s.now}); err != nil {
		return fmt.Errorf("give the grant: %w", err)
	}
	data := map[string]any{"offer": w.ID, "destination": w.DestinationID}
	if err := s.record(ctx, act{institution: w.InstitutionID, name: "grant_awarded", kind: "application", subject: w.ApplicationID, data: data}); err != nil {
		return err
	}
	if w.MadeAt.Equal(s.now) {
		return nil
	}
	language, err := queries.PersonLanguage(ctx, s.tx, store.PersonLanguageParams{PersonID: w.PersonID, InstitutionID: w.InstitutionID})
	if err != nil {
		return err
	}
	return s.planLetter(ctx, letterPlan{
		institution: w.InstitutionID, kind: "grant_awarded", recipient: "applicant", language: language, person: &w.PersonID,
		application: &w.ApplicationID, call: &at.CallID, key: "grant:" + w.ID.String(), data: data,
	})
}
