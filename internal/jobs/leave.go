package jobs

import (
	"context"
	"fmt"

	"peregrine/internal/identity"
	"peregrine/internal/process"
)

// groups says what whoever gets a letter of a queue may ask not to get any
// more. Nobody is without decisions.
var groups = map[string]string{
	process.QueueReminders: identity.LeaveReminders,
	process.QueueBulk:      identity.LeaveAnnouncements,
}

// leavable gives a letter that is no decision the address at which its reader
// says no to more of them. Only people have one: an office or a host is
// reached by what it is, not by what it likes.
func (w *letterWorker) leavable(ctx context.Context, d *delivery, queue string) error {
	d.bulk = queue == process.QueueBulk
	group, ok := groups[queue]
	if !ok || d.ref.Person == nil {
		return nil
	}
	token, err := w.Identity.MakeUnsubscribe(ctx, *d.ref.Person, group)
	if err != nil {
		return fmt.Errorf("the way to unsubscribe: %w", err)
	}
	d.leave = w.Outbox.BaseURL + identity.UnsubscribePath(token)
	return nil
}
