package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maildir is a folder in which a mail server leaves each mail as a file of
// its own in new. What was dealt with moves to cur, marked as seen, which is
// how every program that reads a Maildir says so.
type maildir struct{ folder string }

// String implements Source.
func (m maildir) String() string { return "maildir://" + filepath.ToSlash(m.folder) }

// Read implements Source. A file that somebody else moved meanwhile is theirs.
func (m maildir) Read(ctx context.Context, take Take) (int, error) {
	entries, err := os.ReadDir(filepath.Join(m.folder, "new"))
	if err != nil {
		return 0, fmt.Errorf("mailbox: %w", err)
	}
	var failed failures
	taken := 0
	for _, e := range entries {
		if taken == mostMails || ctx.Err() != nil {
			break
		}
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		switch err := m.one(ctx, e.Name(), take); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			failed.add(err)
		default:
			taken++
		}
	}
	return taken, errors.Join(failed.err(), ctx.Err())
}

func (m maildir) one(ctx context.Context, name string, take Take) error {
	from := filepath.Join(m.folder, "new", name)
	raw, err := readFile(from)
	if err != nil {
		return err
	}
	if err := take(ctx, raw); err != nil {
		return err
	}
	cur := filepath.Join(m.folder, "cur")
	if err := os.MkdirAll(cur, 0o700); err != nil {
		return err
	}
	base, _, _ := strings.Cut(name, ":")
	return os.Rename(from, filepath.Join(cur, base+":2,S"))
}

// mostBytes bounds what is read of one mail.
const mostBytes = 1 << 20

func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(f, mostBytes))
	return raw, errors.Join(err, f.Close())
}
