package outbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"peregrine/internal/letter"
	"peregrine/internal/store"
)

// source is whose words a letter goes by: those written by hand for this one,
// else the institution's own; nil for the built-in ones.
func (d *Desk) source(ctx context.Context, ref Ref) (*letter.Source, error) {
	if ref.Edit != "" {
		return letter.ReadSource(ref.Kind, ref.Language, ref.Edit)
	}
	own, err := d.sources.get(ctx, ref.Kind, ref.Letter)
	switch {
	case err == nil:
		return letter.ReadSource(ref.Kind, own.Language, own.Source)
	case !errors.Is(err, pgx.ErrNoRows):
		return nil, fmt.Errorf("read what was written by hand: %w", err)
	}
	return d.wording(ctx, ref)
}

// sample writes a letter of a run as its reader would get it, marked and with
// dead links, to whoever asked for it.
func (d *Desk) sample(ctx context.Context, ref Ref) (letter.Text, Address, error) {
	l, err := d.begin(ctx, ref, nil)
	if err != nil {
		return letter.Text{}, Address{}, err
	}
	if ref.Data.SampleOf == nil || ref.Application == nil {
		return letter.Text{}, l.to, errors.New("a sample of nothing")
	}
	of := Ref{
		Kind: ref.Data.Sample, Language: ref.Language, Recipient: "applicant", Institution: ref.Institution, Person: &l.file.PersonID,
		Application: ref.Application, Call: ref.Call, Data: Data{Ranking: ref.Data.SampleOf, Outcome: ref.Data.Outcome}, At: ref.At,
	}
	edit, err := queries.OutboxEdit(ctx, d.db, store.OutboxEditParams{RankingID: *ref.Data.SampleOf, ApplicationID: *ref.Application, Kind: of.Kind})
	switch {
	case err == nil && edit.Language == of.Language:
		of.Edit = edit.Source
	case err != nil && !errors.Is(err, pgx.ErrNoRows):
		return letter.Text{}, l.to, fmt.Errorf("read what was written by hand: %w", err)
	}
	text, _, err := d.Outbox.Render(ctx, d.db, of)
	if err != nil {
		return letter.Text{}, l.to, err
	}
	text = text.Dead(l.p.T("letter.dead_link"))
	text.Subject = l.p.T("letter.sample_subject", "Subject", text.Subject)
	return text, l.to, nil
}
