package outbox

import (
	"context"

	"github.com/jackc/pgx/v5"

	"peregrine/internal/store"
)

// shelf keeps what was read for letters that are written together, by key.
// Whoever first asks for something that is not on it has everything read that
// the other letters will ask for, by the same statement.
type shelf[K comparable, V any] struct {
	rows  map[K]V
	asked map[K]bool
	// ahead are the keys that others will ask for when a letter of a kind asks.
	ahead func(kind string) []K
	// read returns what there is of these keys.
	read func(ctx context.Context, keys []K) (map[K]V, error)
}

// get returns what belongs to a key, or pgx.ErrNoRows.
func (s *shelf[K, V]) get(ctx context.Context, kind string, key K) (V, error) {
	v, ok := s.rows[key]
	if ok || s.asked[key] {
		return v, found(ok)
	}
	if err := s.lay(ctx, append(s.ahead(kind), key)); err != nil {
		return v, err
	}
	v, ok = s.rows[key]
	return v, found(ok)
}

// list is get for what may be many: none is no error.
func list[K comparable, V any](ctx context.Context, kind string, s *shelf[K, []V], key K) ([]V, error) {
	v, err := s.get(ctx, kind, key)
	if err == pgx.ErrNoRows { //nolint:errorlint // our own, as it is
		return nil, nil
	}
	return v, err
}

func found(ok bool) error {
	if !ok {
		return pgx.ErrNoRows
	}
	return nil
}

// lay reads those of the keys that were not asked for before.
func (s *shelf[K, V]) lay(ctx context.Context, keys []K) error {
	if s.rows == nil {
		s.rows, s.asked = map[K]V{}, map[K]bool{}
	}
	var fresh []K
	for _, key := range keys {
		if !s.asked[key] {
			s.asked[key] = true
			fresh = append(fresh, key)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	rows, err := s.read(ctx, fresh)
	if err != nil {
		return err
	}
	for key, v := range rows {
		s.rows[key] = v
	}
	return nil
}

// one reads rows that are one of each key.
func one[K comparable, V any](db store.DBTX, query func(context.Context, store.DBTX, []K) ([]V, error), key func(V) K) func(context.Context, []K) (map[K]V, error) {
	return func(ctx context.Context, keys []K) (map[K]V, error) {
		rows, err := query(ctx, db, keys)
		if err != nil {
			return nil, err
		}
		out := make(map[K]V, len(rows))
		for _, row := range rows {
			out[key(row)] = row
		}
		return out, nil
	}
}

// several reads rows that may be several of a key, in their order.
func several[K comparable, V any](db store.DBTX, query func(context.Context, store.DBTX, []K) ([]V, error), key func(V) K) func(context.Context, []K) (map[K][]V, error) {
	return func(ctx context.Context, keys []K) (map[K][]V, error) {
		rows, err := query(ctx, db, keys)
		if err != nil {
			return nil, err
		}
		out := map[K][]V{}
		for _, row := range rows {
			out[key(row)] = append(out[key(row)], row)
		}
		return out, nil
	}
}
