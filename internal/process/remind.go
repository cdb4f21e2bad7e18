package process

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/store"
)

// remind plans the reminders that are due, one row per subject, kind and
// deadline version, and the jobs of those that are to be sent. What lost its
// point is recorded as skipped with the reason. It returns how many are to be
// sent.
func (r *Runner) remind(ctx context.Context, arrived time.Time) (planned int, err error) {
	for {
		n, more, err := r.remindSome(ctx, arrived)
		planned += n
		if err != nil || !more {
			return planned, err
		}
	}
}

// remindSome plans one batch in one transaction; more reports whether there
// may be others.
func (r *Runner) remindSome(ctx context.Context, arrived time.Time) (planned int, more bool, err error) {
	err = r.system(ctx, arrived, func(s *step) error {
		if err := queries.LockReminders(ctx, s.tx); err != nil {
			return fmt.Errorf("wait for another scan: %w", err)
		}
		since, err := queries.ReminderScanFrom(ctx, s.tx, s.now)
		if err != nil {
			return fmt.Errorf("read up to when reminders were looked for: %w", err)
		}
		passed, err := queries.PassOverReminders(ctx, s.tx, store.PassOverRemindersParams{Now: s.now, Most: remindersAtOnce})
		if err != nil {
			return fmt.Errorf("pass over reminders whose files came later: %w", err)
		}
		if passed == remindersAtOnce {
			more = true
			return nil
		}
		due, err := s.dueReminders(ctx, since)
		if err != nil {
			return err
		}
		var letters []uuid.UUID
		if letters, more, err = s.remindApplicants(ctx, due["applicant"]); err != nil || more {
			planned = len(letters)
			return s.enqueueUnless(ctx, letters, err)
		}
		ours, err := s.remindHouse(ctx, due)
		if err != nil {
			return err
		}
		if err := queries.PassOverAssessors(ctx, s.tx, s.now); err != nil {
			return fmt.Errorf("pass over reminders to who assesses, whose files came later: %w", err)
		}
		hosts, err := s.remindHosts(ctx, since)
		if err != nil {
			return err
		}
		digests, err := s.planDigests(ctx)
		if err != nil {
			return err
		}
		letters = append(append(letters, ours...), digests...)
		planned = len(letters) + hosts
		if err := s.markReminders(ctx, due); err != nil {
			return err
		}
		return s.enqueueLetters(ctx, letters, QueueReminders)
	})
	if err != nil {
		return 0, false, err
	}
	return planned, more, nil
}

func (s *step) enqueueUnless(ctx context.Context, letters []uuid.UUID, err error) error {
	if err != nil {
		return err
	}
	return s.enqueueLetters(ctx, letters, QueueReminders)
}

// dueReminders lists by readers which reminders of which deadlines have come
// due, as the queries that plan them take it.
func (s *step) dueReminders(ctx context.Context, since time.Time) (map[string][]byte, error) {
	rows, err := queries.DueReminders(ctx, s.tx, store.DueRemindersParams{Now: s.now, Since: since})
	if err != nil {
		return nil, fmt.Errorf("find the reminders that are due: %w", err)
	}
	due := make(map[string][]byte, len(rows))
	for _, row := range rows {
		due[row.Readers] = row.Due
	}
	return due, nil
}

func (s *step) remindApplicants(ctx context.Context, due []byte) (letters []uuid.UUID, more bool, err error) {
	if due == nil {
		return nil, false, nil
	}
	rows, err := queries.RemindApplicants(ctx, s.tx, store.RemindApplicantsParams{Now: s.now, Due: due, Most: remindersAtOnce})
	if err != nil {
		return nil, false, fmt.Errorf("remind the applicants: %w", err)
	}
	for _, row := range rows {
		if row.Status == "planned" {
			letters = append(letters, row.ID)
		}
	}
	return letters, len(rows) == remindersAtOnce, nil
}

// remindHouse plans the reminders to coordinators, assessors and officers.
func (s *step) remindHouse(ctx context.Context, due map[string][]byte) (letters []uuid.UUID, err error) {
	if list := due["assessor"]; list != nil {
		rows, err := queries.RemindAssessors(ctx, s.tx, store.RemindAssessorsParams{Now: s.now, Due: list})
		if err != nil {
			return nil, fmt.Errorf("remind the assessors: %w", err)
		}
		for _, row := range rows {
			if row.Status == "planned" {
				letters = append(letters, row.ID)
			}
		}
	}
	if list := due["officer"]; list != nil {
		rows, err := queries.RemindOffices(ctx, s.tx, store.RemindOfficesParams{Now: s.now, Due: list})
		if err != nil {
			return nil, fmt.Errorf("remind the offices: %w", err)
		}
		for _, row := range rows {
			if row.Status == "planned" {
				letters = append(letters, row.ID)
			}
		}
	}
	return letters, nil
}

// markReminders lets the next scan pass over what is planned for everybody it
// concerns. Offices and hosts may still get something to be reminded of.
func (s *step) markReminders(ctx context.Context, due map[string][]byte) error {
	for _, readers := range []string{"applicant", "assessor"} {
		if due[readers] == nil {
			continue
		}
		if err := queries.MarkReminders(ctx, s.tx, store.MarkRemindersParams{Now: s.now, Due: due[readers]}); err != nil {
			return fmt.Errorf("mark the reminders that are planned: %w", err)
		}
	}
	if err := queries.ReminderScanned(ctx, s.tx, s.now); err != nil {
		return fmt.Errorf("mark up to when reminders were looked for: %w", err)
	}
	return nil
}

// remindHosts plans a reminder with a fresh personal link for each host that
// owes answers: a link's token is never stored, so an old one cannot be sent again.
func (s *step) remindHosts(ctx context.Context, since time.Time) (planned int, err error) {
	rows, err := queries.HostsToRemind(ctx, s.tx, store.HostsToRemindParams{Now: s.now, Since: since})
	if err != nil {
		return 0, fmt.Errorf("find the hosts to remind: %w", err)
	}
	for _, h := range rows {
		if h.SkipReason != "" {
			if err := s.skipHost(ctx, h); err != nil {
				return planned, err
			}
			continue
		}
		if err := s.remindHost(ctx, h); err != nil {
			return planned, err
		}
		planned++
	}
	return planned, nil
}

// reminderData is what the letter's row keeps of why it is sent.
func reminderData(h store.HostsToRemindRow) map[string]any {
	data := map[string]any{"deadline": h.DeadlineID, "due": h.DueAt}
	if h.After {
		data["after"] = true
	}
	if h.Moved {
		data["moved"] = true
	}
	return data
}

func (s *step) remindHost(ctx context.Context, h store.HostsToRemindRow) error {
	link := newID()
	err := queries.AddHostLink(ctx, s.tx, store.AddHostLinkParams{
		ID: link, InstitutionID: h.InstitutionID, CallID: h.CallID, HostInstitutionID: *h.HostInstitutionID,
		Address: h.Address, CreatedAt: s.now, ExpiresAt: s.now.Add(hostLinkLife),
	})
	if err != nil {
		return fmt.Errorf("make the host's link: %w", err)
	}
	data := reminderData(h)
	data["host_link"] = link
	return s.planLetter(ctx, letterPlan{
		institution: h.InstitutionID, kind: h.Letter, recipient: "host", language: h.Language, call: &h.CallID,
		key: h.SubjectKey, queue: QueueReminders, data: data,
	})
}

func (s *step) skipHost(ctx context.Context, h store.HostsToRemindRow) error {
	data, err := json.Marshal(reminderData(h))
	if err != nil {
		return err
	}
	_, err = queries.AddSkippedLetter(ctx, s.tx, store.AddSkippedLetterParams{
		ID: newID(), InstitutionID: h.InstitutionID, Kind: h.Letter, Language: h.Language, Recipient: "host", CallID: &h.CallID,
		SubjectKey: h.SubjectKey, Data: data, SkipReason: h.SkipReason, PlannedAt: s.now,
	})
	return err
}

// planDigests plans the digests whose day and hour have come.
func (s *step) planDigests(ctx context.Context) ([]uuid.UUID, error) {
	ids, err := queries.PlanDigests(ctx, s.tx, s.now)
	if err != nil {
		return nil, fmt.Errorf("plan the digests: %w", err)
	}
	return ids, nil
}
