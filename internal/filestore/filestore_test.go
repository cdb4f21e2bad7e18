package filestore_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/uuid"

	"peregrine/internal/filestore"
	"peregrine/internal/mobility"
)

func open(t *testing.T) (*filestore.Folder, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "documents")
	f, err := filestore.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f, dir
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWhatIsPutComesBackUntilItIsRemoved(t *testing.T) {
	t.Parallel()
	f, dir := open(t)
	key := uuid.NewString()
	for _, content := range []string{"first", "second"} {
		if err := f.Put(t.Context(), key, strings.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		r, err := f.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || string(got) != content {
			t.Errorf("got %q, %v", got, err)
		}
		_ = r.Close()
	}
	for range 2 {
		if err := f.Remove(t.Context(), key); err != nil {
			t.Error(err)
		}
	}
	if _, err := f.Open(t.Context(), key); mobility.KindOf(err) != mobility.NotFound {
		t.Errorf("after removal: %v", err)
	}
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
}

func TestBrokenUploadLeavesWhatWasThere(t *testing.T) {
	t.Parallel()
	f, dir := open(t)
	key := uuid.NewString()
	if err := f.Put(t.Context(), key, strings.NewReader("whole")); err != nil {
		t.Fatal(err)
	}
	broken := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errors.New("gone")))
	if err := f.Put(t.Context(), key, broken); err == nil {
		t.Error("half a file was kept")
	}
	r, err := f.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if got, _ := io.ReadAll(r); string(got) != "whole" {
		t.Errorf("now there is %q", got)
	}
	if left := files(t, dir); len(left) != 1 {
		t.Errorf("left over: %v", left)
	}
}

func TestOnlyIdsAreKeys(t *testing.T) {
	t.Parallel()
	f, dir := open(t)
	if err := os.WriteFile(filepath.Join(filepath.Dir(dir), "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"", "../secret", "/etc/passwd", "a/b", uuid.NewString() + "/../../secret"} {
		if err := f.Put(t.Context(), key, strings.NewReader("x")); err == nil {
			t.Errorf("%q was taken as a key", key)
		}
		if _, err := f.Open(t.Context(), key); err == nil {
			t.Errorf("%q was opened", key)
		}
	}
}

func TestFolderThatCannotBeUsedIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := filestore.Open(file); err == nil {
		t.Error("a file was taken as a folder")
	}
}
