package process

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// dueAtOnce is how many timers one scan acts on; the next scan takes the rest.
const dueAtOnce = 2000

// Due acts on everything the business clock has brought due: timers, each in
// a transaction of its own so that one file in the way stops no other, then
// reminders, set-wise. It may run at any time and any number of times at
// once; a move that somebody else made meanwhile is simply no longer due.
func (r *Runner) Due(ctx context.Context, arrived time.Time) (moved, reminded int, err error) {
	var timers []store.DueTimersRow
	err = r.system(ctx, arrived, func(s *step) error {
		timers, err = queries.DueTimers(ctx, s.tx, store.DueTimersParams{Now: s.now, Most: dueAtOnce})
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("find what is due: %w", err)
	}
	var failed []error
	for _, t := range timers {
		_, err := r.Move(ctx, mobility.Actor{System: true}, MoveRequest{Application: t.ID, Move: t.Move, Revision: t.Revision, Arrived: arrived})
		switch mobility.KindOf(err) {
		case mobility.Conflict, mobility.Stale:
		default:
			if err != nil {
				failed = append(failed, fmt.Errorf("%s of %s: %w", t.Move, t.ID, err))
				continue
			}
			moved++
		}
	}
	reminded, err = r.remind(ctx, arrived)
	return moved, reminded, errors.Join(append(failed, err)...)
}

// remind plans the reminders that are due, one row per subject, kind and
// deadline version, and their jobs. What lost its point is recorded as
// skipped with the reason.
func (r *Runner) remind(ctx context.Context, arrived time.Time) (int, error) {
	planned := 0
	err := r.system(ctx, arrived, func(s *step) error {
		lead, err := queries.ReminderLead(ctx, s.tx)
		if err != nil {
			return err
		}
		horizon := s.now.Add(time.Duration(lead) * time.Microsecond)
		ids, err := s.remindOurs(ctx, horizon)
		if err != nil {
			return err
		}
		hosts, err := r.remindHosts(ctx, s, horizon)
		if err != nil {
			return err
		}
		planned = len(ids) + hosts
		return s.enqueueLetters(ctx, ids, QueueReminders)
	})
	return planned, err
}

// remindOurs plans the reminders to applicants and to the house: those whose
// deadline comes before the horizon can be due.
func (s *step) remindOurs(ctx context.Context, horizon time.Time) ([]uuid.UUID, error) {
	ids, err := queries.RemindApplicants(ctx, s.tx, store.RemindApplicantsParams{Now: s.now, Horizon: horizon})
	if err != nil {
		return nil, fmt.Errorf("remind the applicants: %w", err)
	}
	assessors, err := queries.RemindAssessors(ctx, s.tx, store.RemindAssessorsParams{Now: s.now, Horizon: horizon})
	if err != nil {
		return nil, fmt.Errorf("remind the assessors: %w", err)
	}
	offices, err := queries.RemindOffices(ctx, s.tx, store.RemindOfficesParams{Now: s.now, Horizon: horizon})
	if err != nil {
		return nil, fmt.Errorf("remind the offices: %w", err)
	}
	return append(append(ids, assessors...), offices...), nil
}

// remindHosts plans a reminder with a fresh personal link for each host that
// owes answers: a link's token is never stored, so an old one cannot be sent again.
func (r *Runner) remindHosts(ctx context.Context, s *step, horizon time.Time) (planned int, err error) {
	rows, err := queries.HostsToRemind(ctx, s.tx, store.HostsToRemindParams{Now: s.now, Horizon: horizon})
	if err != nil {
		return planned, err
	}
	for _, h := range rows {
		link := newID()
		err := queries.AddHostLink(ctx, s.tx, store.AddHostLinkParams{
			ID: link, InstitutionID: h.InstitutionID, CallID: h.CallID, HostInstitutionID: h.HostInstitutionID,
			Address: h.Address, CreatedAt: s.now, ExpiresAt: s.now.Add(hostLinkLife),
		})
		if err != nil {
			return planned, err
		}
		err = s.planLetter(ctx, letterPlan{
			institution: h.InstitutionID, kind: h.Letter, recipient: "host", language: h.Language, call: &h.CallID,
			key: h.SubjectKey, queue: QueueReminders, data: map[string]any{"host_link": link, "deadline": h.DeadlineID},
		})
		if err != nil {
			return planned, err
		}
		planned++
	}
	return planned, nil
}
