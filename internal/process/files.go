package process

import (
	"context"
	"io"
)

// FileStore keeps documents by key: a folder, or anything that can do the same.
type FileStore interface {
	Put(ctx context.Context, key string, content io.Reader) error
	Open(ctx context.Context, key string) (io.ReadCloser, error)
}
