package store

import "github.com/jackc/pgx/v5"

// One is the only row of a query that could return many, pgx.ErrNoRows if it
// returned none.
func One[T any](rows []T, err error) (row T, _ error) {
	if err != nil {
		return row, err
	}
	if len(rows) == 0 {
		return row, pgx.ErrNoRows
	}
	return rows[0], nil
}
