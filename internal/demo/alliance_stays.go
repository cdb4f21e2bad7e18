package demo

import (
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
)

// hands is how many people act at the same moment while the past is played.
const hands = 4

// publishAll releases the results of a year's calls on one morning in March.
func (h *chronicle) publishAll(all []*played, year int) {
	for _, p := range all {
		if h.err == nil {
			h.publish(p.call, fmt.Sprintf("%d-03-10 10:00", year))
		}
	}
}

// each lets several files go on at the same time; within one, everything comes
// in its order.
func (h *chronicle) each(parts []*part, act func(n int, f *part) error) {
	if h.err != nil {
		return
	}
	var group errgroup.Group
	group.SetLimit(hands)
	for n, f := range parts {
		group.Go(func() error { return act(n, f) })
	}
	h.fail(group.Wait())
}

// makes is one move of one file.
func (h *chronicle) makes(actor mobility.Actor, f *part, move string, at time.Time, given process.Given) error {
	_, err := h.Process.Move(h.ctx, actor, process.MoveRequest{Application: f.id, Move: move, Arrived: at, Given: given})
	if err != nil {
		return fmt.Errorf("%s as of %s: %w", move, at.Format(time.RFC3339), err)
	}
	return nil
}

// answerAll: most confirm, some decline, some say nothing; whoever moves up
// confirms.
func (h *chronicle) answerAll(all []*played, year int) {
	told := h.when(fmt.Sprintf("%d-03-10 12:00", year))
	for _, p := range all {
		h.each(h.in(p.parts, offered), func(n int, f *part) error {
			at := told.Add(time.Duration(1+n*37%90) * time.Hour)
			switch n % 19 {
			case 5:
				return h.makes(f.Actor, f, "decline", at, process.Given{Reason: "I found a place of work."})
			case 11:
				return nil
			}
			return h.makes(f.Actor, f, "confirm", at, process.Given{})
		})
	}
	if h.err != nil {
		return
	}
	_, _, err := h.Process.Due(h.ctx, told.AddDate(0, 0, 10))
	h.fail(err)
	for _, p := range all {
		if h.err != nil {
			return
		}
		_, err := h.Process.Promote(h.ctx, p.round, told.AddDate(0, 0, 10).Add(time.Hour))
		h.fail(err)
		h.each(h.in(p.parts, offered), func(_ int, f *part) error {
			return h.makes(f.Actor, f, "confirm", told.AddDate(0, 0, 11), process.Given{})
		})
	}
}

// stays: everybody is nominated, most are accepted, leave and come back.
func (h *chronicle) stays(all []*played, year int) {
	sent := h.when(fmt.Sprintf("%d-03-27 09:00", year))
	for _, p := range all {
		h.each(h.in(p.parts, confirmed), func(n int, f *part) error {
			return h.stay(p.officer, f, sent.Add(time.Duration(n)*time.Minute), n)
		})
	}
	if h.err != nil {
		return
	}
	_, _, err := h.Process.Due(h.ctx, h.when(fmt.Sprintf("%d-12-01 08:00", year)))
	h.fail(err)
}

func (h *chronicle) stay(officer mobility.Actor, f *part, at time.Time, n int) error {
	if err := h.makes(officer, f, "nominate", at, process.Given{}); err != nil {
		return err
	}
	answered := at.AddDate(0, 0, 9+n%20)
	if n%23 == 7 {
		given := process.Given{Reason: "By e-mail.", ReasonCode: string(mobility.HostRequirementsNotMet)}
		if err := h.makes(officer, f, "record_refusal", answered, given); err != nil {
			return err
		}
		return h.makes(officer, f, "end_refused", answered.AddDate(0, 0, 2), process.Given{Reason: "No other university has a place left in your field."})
	}
	if err := h.makes(officer, f, "record_acceptance", answered, process.Given{Reason: "By e-mail."}); err != nil {
		return err
	}
	if n%29 == 13 {
		return h.makes(officer, f, "cancel", answered.AddDate(0, 1, 0), process.Given{Reason: "You told us that you cannot leave this year."})
	}
	d := f.choices[0] // both terms of a call have the same dates everywhere
	arrived, left := d.begins.AddDate(0, 0, n%5), d.ends.AddDate(0, 0, -n%25)
	if err := h.makes(officer, f, "enrol", instantOf(arrived, h.zone, 11), process.Given{Arrival: &arrived}); err != nil {
		return err
	}
	return h.makes(officer, f, "finish", instantOf(left, h.zone, 15).AddDate(0, 0, 3), process.Given{End: &left})
}
