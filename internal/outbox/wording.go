package outbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"peregrine/internal/letter"
)

// wording is how the institution that writes words this kind of letter itself;
// nil if it does not, in this language, or if its text, kept by an earlier
// version of the product, no longer says everything the kind must say.
func (d *Desk) wording(ctx context.Context, ref Ref) (*letter.Source, error) {
	if ref.Kind == letter.KindAnnouncement {
		return d.announced(ctx, d.db, ref)
	}
	if !letter.Own(ref.Kind) {
		return nil, nil
	}
	key, _ := ref.wording()
	row, err := d.wordings.get(ctx, ref.Kind, key)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the institution's wording: %w", err)
	}
	if known, ok := d.Outbox.wordings.Load(row.ID); ok {
		return known.(*letter.Source), nil
	}
	src, err := letter.ParseSource(ref.Kind, ref.Language, row.Body)
	if err != nil && letter.Problems(err) == nil {
		return nil, err
	}
	d.Outbox.wordings.Store(row.ID, src) // nil for a text that is refused
	return src, nil
}
