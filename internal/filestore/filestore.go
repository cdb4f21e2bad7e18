// Package filestore keeps documents in a folder, one file per key. Keys are
// ids, so no name that anybody chose becomes a path.
package filestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
)

// Folder is a document store in a folder. It is safe for use by any number of
// goroutines and processes.
type Folder struct{ root *os.Root }

// Open opens the folder, making it if need be. It proves that files can be
// written there.
func Open(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder of documents: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("folder of documents: %w", err)
	}
	probe := "probe-" + uuid.NewString()
	f, err := root.OpenFile(probe, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		err = errors.Join(f.Close(), root.Remove(probe))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("folder of documents: %w", err), root.Close())
	}
	return &Folder{root}, nil
}

// Close gives the folder free.
func (f *Folder) Close() error { return f.root.Close() }

// name spreads files over folders by the last digits, which in ids made in
// order of time are the random ones.
func name(key string) (string, error) {
	id, err := uuid.Parse(key)
	if err != nil {
		return "", fmt.Errorf("document key: %w", err)
	}
	s := id.String()
	return filepath.Join(s[len(s)-2:], s), nil
}

// Put keeps content under key, whole or not at all: it is written beside its
// place, forced to the disk, and moved there. What was there is replaced.
func (f *Folder) Put(_ context.Context, key string, content io.Reader) error {
	to, err := name(key)
	if err != nil {
		return err
	}
	if err := f.root.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return fmt.Errorf("keep a document: %w", err)
	}
	part := to + "." + uuid.NewString() + ".part"
	if err := f.write(part, content); err != nil {
		return errors.Join(fmt.Errorf("keep a document: %w", err), f.root.Remove(part))
	}
	if err := f.root.Rename(part, to); err != nil {
		return errors.Join(fmt.Errorf("keep a document: %w", err), f.root.Remove(part))
	}
	return nil
}

func (f *Folder) write(part string, content io.Reader) error {
	file, err := f.root.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// Open returns what is kept under key; not found if nothing is.
func (f *Folder) Open(_ context.Context, key string) (io.ReadCloser, error) {
	from, err := name(key)
	if err != nil {
		return nil, err
	}
	file, err := f.root.Open(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil, mobility.NotFoundError("document")
	}
	if err != nil {
		return nil, fmt.Errorf("open a document: %w", err)
	}
	return file, nil
}

// Remove forgets what is kept under key, if anything is.
func (f *Folder) Remove(_ context.Context, key string) error {
	from, err := name(key)
	if err != nil {
		return err
	}
	if err := f.root.Remove(from); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove a document: %w", err)
	}
	return nil
}
