package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// AppealDeadline is the kind of the deadline until which one may appeal: the
// round's, or an application's own.
const AppealDeadline = "appeal"

// PublishProvisionally tells a draft ranking as a provisional list (design
// rule 5): one letter row and job per person it decides about, and the deadline
// to appeal, in one transaction. No state changes, nothing is offered; entries
// held back are told with the final list. Errors: as Publish, and conflict if
// the call has no provisional list or the round had one already.
func (r *Runner) PublishProvisionally(ctx context.Context, actor mobility.Actor, p Publication) (Published, error) {
	var done Published
	err := r.do(ctx, actor, p.Arrived, func(s *step) error {
		ranking, at, err := r.rankingForOfficer(ctx, s, p.Ranking)
		if err != nil {
			return err
		}
		lists, err := r.publishable(ctx, s, at, ranking, p)
		if err != nil {
			return err
		}
		if lists.ProvisionalDays == nil {
			return mobility.ConflictError("refusal.no_provisional_list", nil)
		}
		switch out, err := s.provisionalOut(ctx, at.ID); {
		case err != nil:
			return err
		case out:
			return mobility.ConflictError("conflict.already_provisional", nil)
		}
		call, err := queries.CallRules(ctx, s.tx, at.CallID)
		if err != nil {
			return err
		}
		if err := p.enough(ranking.Result, call.Selection); err != nil {
			return err
		}
		if err := r.sameInputs(ctx, s, at, ranking); err != nil {
			return err
		}
		done, err = r.tellProvisionally(ctx, s, at, ranking)
		return err
	})
	return done, err
}

// publishable is what is asked before a list is told in any way.
func (r *Runner) publishable(ctx context.Context, s *step, at store.RoundForRankingRow, ranking store.RankingForPublishingRow, p Publication) (store.CallListsRow, error) {
	if at.Published {
		return store.CallListsRow{}, mobility.ConflictError("conflict.already_published", nil)
	}
	if ranking.ResultHash != p.Hash {
		return store.CallListsRow{}, mobility.StaleError("conflict.other_draft", nil)
	}
	lists, err := queries.CallLists(ctx, s.tx, at.CallID)
	if err != nil {
		return lists, err
	}
	return lists, s.approved(ctx, at, ranking.ID, lists)
}

// provisionalOut reports whether the round's provisional list was told.
func (s *step) provisionalOut(ctx context.Context, round uuid.UUID) (bool, error) {
	_, err := queries.ProvisionalList(ctx, s.tx, round)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for a provisional list: %w", err)
	}
	return true, nil
}

// finalNow refuses a final list before its provisional one, before the window
// to appeal closed, and while appeals wait for an answer.
func (s *step) finalNow(ctx context.Context, round uuid.UUID, lists store.CallListsRow) error {
	if lists.ProvisionalDays == nil {
		return nil
	}
	switch out, err := s.provisionalOut(ctx, round); {
	case err != nil:
		return err
	case !out:
		return mobility.ConflictError("refusal.provisional_first", nil)
	}
	window, err := queries.AppealWindow(ctx, s.tx, &round)
	if err != nil {
		return fmt.Errorf("read the window to appeal: %w", err)
	}
	if !mobility.Due(s.now, window.ClosesAt) {
		return mobility.ConflictError("refusal.appeal_window_open", map[string]any{"Until": window.ClosesAt.Add(-time.Minute)})
	}
	waiting, err := queries.AppealsWaiting(ctx, s.tx, round)
	if err != nil {
		return fmt.Errorf("count the appeals: %w", err)
	}
	if waiting > 0 {
		return mobility.ConflictError("refusal.appeals_waiting", map[string]any{"Count": int(waiting)})
	}
	return nil
}

// listLetters gathers the letters that tell a list, one column at a time.
type listLetters struct{ store.AddListLettersParams }

func (l *listLetters) add(row store.PublishingRowsRow, ranking, deadline uuid.UUID) error {
	data, err := json.Marshal(map[string]any{"ranking": ranking, "outcome": row.Outcome, "deadline": deadline})
	if err != nil {
		return err
	}
	l.Ids, l.Languages, l.Persons = append(l.Ids, newID()), append(l.Languages, row.Language), append(l.Persons, row.PersonID)
	l.Applications, l.Datas = append(l.Applications, row.ID), append(l.Datas, string(data))
	return nil
}

// tellsList reports whether publishing would tell this entry anything; whoever
// was told before by a move of its own hears nothing new.
func tellsList(def *lifecycle.Definition, row store.PublishingRowsRow) bool {
	move := def.ForOutcome(row.State, lifecycle.RankingOutcome(row.Outcome))
	return move != nil && len(move.Letters) > 0
}

func (r *Runner) tellProvisionally(ctx context.Context, s *step, at store.RoundForRankingRow, ranking store.RankingForPublishingRow) (Published, error) {
	var done Published
	deadline, call, err := s.openAppeals(ctx, at, appealWindow{})
	if err != nil {
		return done, err
	}
	def, err := r.definitions.load(ctx, s.tx, call.DefinitionID)
	if err != nil {
		return done, err
	}
	rows, err := queries.PublishingRows(ctx, s.tx, ranking.ID)
	if err != nil {
		return done, err
	}
	letters := &listLetters{}
	for _, row := range rows {
		switch {
		case row.HeldBack != "":
			done.HeldBack++
			continue
		case tellsList(def, row):
			if err := letters.add(row, ranking.ID, deadline); err != nil {
				return done, err
			}
		}
		done.Decided++
	}
	if err := s.sendList(ctx, at, ranking.ID, letters); err != nil {
		return done, err
	}
	n, err := queries.MarkProvisional(ctx, s.tx, store.MarkProvisionalParams{ID: ranking.ID, At: &s.now, By: s.actorID()})
	if err != nil {
		return done, store.Translate(err, "ranking")
	}
	if n == 0 {
		return done, mobility.ConflictError("conflict.already_provisional", nil)
	}
	return done, s.record(ctx, act{
		institution: at.InstitutionID, name: "ranking_provisional", kind: "ranking", subject: ranking.ID,
		data: map[string]any{"decided": done.Decided, "held_back": done.HeldBack, "result_hash": ranking.ResultHash, "deadline": deadline},
	})
}

// sendList writes the letters and their jobs.
func (s *step) sendList(ctx context.Context, at store.RoundForRankingRow, ranking uuid.UUID, l *listLetters) error {
	if len(l.Ids) == 0 {
		return nil
	}
	l.InstitutionID, l.CallID, l.RankingID = at.InstitutionID, &at.CallID, ranking
	l.Kind, l.Queue, l.PlannedAt = "provisional_result", QueueDecisions, s.now
	planned, err := queries.AddListLetters(ctx, s.tx, l.AddListLettersParams)
	if err != nil {
		return fmt.Errorf("plan the letters: %w", err)
	}
	if err := s.carryEdits(ctx, ranking, planned); err != nil {
		return err
	}
	return s.enqueueLetters(ctx, planned, QueueDecisions)
}

// appealWindow is who may appeal, a whole round or one application alone, and
// against which list.
type appealWindow struct {
	application *uuid.UUID
	final       bool
}

// openAppeals sets until when somebody may appeal. Against the final list
// nobody has less time than the round. A call that takes no appeals gets no deadline.
func (s *step) openAppeals(ctx context.Context, at store.RoundForRankingRow, w appealWindow) (uuid.UUID, store.CallRulesRow, error) {
	call, err := queries.CallRules(ctx, s.tx, at.CallID)
	if err != nil {
		return uuid.Nil, call, err
	}
	lists, err := queries.CallLists(ctx, s.tx, at.CallID)
	if err != nil {
		return uuid.Nil, call, err
	}
	zone, err := time.LoadLocation(call.Zone)
	if err != nil {
		return uuid.Nil, call, err
	}
	rule, takes := call.AppealRule(lists, zone, w.final)
	if !takes {
		return uuid.Nil, call, nil
	}
	working, err := store.WorkingDays(ctx, s.tx, at.InstitutionID, s.now.In(zone))
	if err != nil {
		return uuid.Nil, call, err
	}
	by, _ := rule.ConfirmBy(s.now, time.Time{}, working)
	id, err := s.putAppealDeadline(ctx, at, w, by, zone)
	if err != nil {
		return uuid.Nil, call, fmt.Errorf("set the deadline to appeal: %w", err)
	}
	return id, call, nil
}

func (s *step) putAppealDeadline(ctx context.Context, at store.RoundForRankingRow, w appealWindow, by mobility.WallMinute, zone *time.Location) (uuid.UUID, error) {
	closes := mobility.ClosesAt(by, zone)
	if w.application == nil {
		if err := queries.ProlongOwnAppeals(ctx, s.tx, store.ProlongOwnAppealsParams{RoundID: at.ID, Wall: by.Time(), Zone: zone.String(), ClosesAt: closes}); err != nil {
			return uuid.Nil, err
		}
		return queries.PutRoundAppeal(ctx, s.tx, store.PutRoundAppealParams{
			ID: newID(), InstitutionID: at.InstitutionID, RoundID: &at.ID, Wall: by.Time(), Zone: zone.String(), ClosesAt: closes,
		})
	}
	return queries.PutApplicationDeadline(ctx, s.tx, store.PutApplicationDeadlineParams{
		ID: newID(), InstitutionID: at.InstitutionID, Kind: AppealDeadline, ApplicationID: w.application, Wall: by.Time(), Zone: zone.String(), ClosesAt: closes,
	})
}

// tellHeld tells one entry its provisional result that was held back when the
// list was told, with a window to appeal of its own.
func (r *Runner) tellHeld(ctx context.Context, s *step, application uuid.UUID, at store.RoundForRankingRow) error {
	list, err := queries.ProvisionalList(ctx, s.tx, at.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a provisional list: %w", err)
	}
	told, err := queries.ToldProvisionally(ctx, s.tx, store.ToldProvisionallyParams{ApplicationID: &application, Ranking: list.ID.String()})
	if err != nil || told {
		return err
	}
	rows, err := queries.PublishingRows(ctx, s.tx, list.ID)
	if err != nil {
		return fmt.Errorf("read the entries: %w", err)
	}
	for _, row := range rows {
		if row.ID == application && row.HeldBack != "" {
			return r.tellOne(ctx, s, at, list.ID, row)
		}
	}
	return nil
}

func (r *Runner) tellOne(ctx context.Context, s *step, at store.RoundForRankingRow, list uuid.UUID, row store.PublishingRowsRow) error {
	def, err := r.definitions.load(ctx, s.tx, row.DefinitionID)
	if err != nil || !tellsList(def, row) {
		return err
	}
	deadline, _, err := s.openAppeals(ctx, at, appealWindow{application: &row.ID})
	if err != nil {
		return err
	}
	letters := &listLetters{}
	if err := letters.add(row, list, deadline); err != nil {
		return err
	}
	return s.sendList(ctx, at, list, letters)
}
