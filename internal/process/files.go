package process

import (
	"context"
	"errors"
	"io"

	"github.com/google/uuid"
)

// FileStore keeps documents by key: a folder, or anything that can do the same.
type FileStore interface {
	Put(ctx context.Context, key string, content io.Reader) error
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	Remove(ctx context.Context, key string) error // of what is not there: nothing
}

// RemoveDocuments removes the contents of erased documents.
func (r *Runner) RemoveDocuments(ctx context.Context, documents []uuid.UUID) error {
	var failed []error
	for _, id := range documents {
		failed = append(failed, r.files.Remove(ctx, id.String()))
	}
	return errors.Join(failed...)
}
