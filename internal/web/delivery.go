package web

import (
	"context"

	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// silentRelay tells the office that the mail server does not answer, since
// when, and how many letters of the house wait; nothing if it does.
func (q *request) silentRelay(ctx context.Context, db store.DBTX) ([]page.Part, error) {
	found, err := queries.SilentRelay(ctx, db, q.house())
	if err != nil || len(found) == 0 {
		return nil, err
	}
	silent := found[0]
	notice := page.Notice{
		Tone: page.Warning, Title: q.loc.T("delivery.silent_title", "Since", q.loc.DateTime(silent.Since)), Text: q.loc.T("delivery.silent_none"),
	}
	if silent.Waiting > 0 {
		notice.Text, notice.Items = q.loc.N("delivery.silent_waiting", int(silent.Waiting)), []string{q.loc.T("delivery.silent_reminders")}
	}
	return []page.Part{{ID: "mail-server", Notice: notice}}, nil
}
