package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"github.com/emersion/go-imap"
	"github.com/emersion/go-imap/client"
)

// dealtWith marks a mail that was dealt with, apart from whether a person has
// read it. Where a server keeps no marks but its own, a mail counts as dealt
// with once it is seen.
const dealtWith = "$PeregrineRead"

// Patience with a server.
const (
	connectWithin = 20 * time.Second
	answerWithin  = time.Minute
)

// imapFolder is a folder of an IMAP account.
type imapFolder struct {
	host, addr, user, password, folder string
	tls                                bool
	roots                              *tls.Config // for tests
}

// String implements Source.
func (f imapFolder) String() string {
	scheme := map[bool]string{true: "imaps", false: "imap"}[f.tls]
	return scheme + "://" + f.addr + "/" + f.folder
}

// Read implements Source.
func (f imapFolder) Read(ctx context.Context, take Take) (int, error) {
	c, err := f.connect(ctx)
	if err != nil {
		return 0, fmt.Errorf("mailbox: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Terminate() })
	defer stop()
	defer func() { _ = c.Logout() }() // what counts was answered before
	box, err := c.Select(f.folder, false)
	if err != nil {
		return 0, fmt.Errorf("mailbox: open the folder: %w", err)
	}
	if box.ReadOnly {
		return 0, errors.New("mailbox: the folder lets nobody mark what was read")
	}
	mark := dealtWith
	if !slices.Contains(box.PermanentFlags, `\*`) && !slices.Contains(box.PermanentFlags, dealtWith) {
		mark = imap.SeenFlag
	}
	n, err := reading{c: c, mark: mark, take: take}.all(ctx)
	return n, errors.Join(err, ctx.Err())
}

func (f imapFolder) connect(ctx context.Context) (*client.Client, error) {
	conn, err := (&net.Dialer{Timeout: connectWithin}).DialContext(ctx, "tcp", f.addr)
	if err != nil {
		return nil, err
	}
	config := f.roots
	if config == nil {
		config = &tls.Config{ServerName: f.host, MinVersion: tls.VersionTLS12}
	}
	if f.tls {
		conn = tls.Client(conn, config)
	}
	// The greeting is waited for without a limit of the library's own.
	if err := conn.SetDeadline(deadline(ctx, connectWithin)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	c, err := client.New(conn)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		return nil, errors.Join(err, c.Terminate())
	}
	c.Timeout = answerWithin
	if err := f.enter(c, config); err != nil {
		return nil, errors.Join(err, c.Terminate())
	}
	return c, nil
}

func deadline(ctx context.Context, within time.Duration) time.Time {
	if at, ok := ctx.Deadline(); ok {
		return at
	}
	return time.Now().Add(within) //nolint:forbidigo // the limit of a connection, no business time
}

// enter signs in, never in the open but on this machine.
func (f imapFolder) enter(c *client.Client, config *tls.Config) error {
	if !f.tls {
		offered, err := c.SupportStartTLS()
		switch {
		case err != nil:
			return err
		case offered:
			if err := c.StartTLS(config); err != nil {
				return fmt.Errorf("begin TLS: %w", err)
			}
		case !loopback(f.host):
			return errors.New("the server offers no TLS: the password would travel in the open")
		}
	}
	if err := c.Login(f.user, f.password); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	return nil
}

// reading is one round through the folder.
type reading struct {
	c    *client.Client
	mark string
	take Take
}

func (r reading) all(ctx context.Context) (int, error) {
	criteria := imap.NewSearchCriteria()
	criteria.WithoutFlags = []string{r.mark, imap.DeletedFlag}
	uids, err := r.c.UidSearch(criteria)
	if err != nil {
		return 0, fmt.Errorf("mailbox: look for new mail: %w", err)
	}
	var failed failures
	taken := 0
	for _, uid := range uids[:min(len(uids), mostMails)] {
		if ctx.Err() != nil {
			break
		}
		raw, err := r.fetch(uid)
		if err != nil {
			return taken, errors.Join(failed.err(), fmt.Errorf("mailbox: fetch a mail: %w", err))
		}
		if raw == nil {
			continue // gone meanwhile
		}
		if err := r.take(ctx, raw); err != nil {
			failed.add(err)
			continue
		}
		item := imap.FormatFlagsOp(imap.AddFlags, true)
		if err := r.c.UidStore(one(uid), item, []any{r.mark}, nil); err != nil {
			return taken, errors.Join(failed.err(), fmt.Errorf("mailbox: mark a mail: %w", err))
		}
		taken++
	}
	return taken, failed.err()
}

func one(uid uint32) *imap.SeqSet {
	set := new(imap.SeqSet)
	set.AddNum(uid)
	return set
}

// fetch reads a mail without marking it as seen; nil if it is gone.
func (r reading) fetch(uid uint32) ([]byte, error) {
	section := &imap.BodySectionName{Peek: true, Partial: []int{0, mostBytes}}
	messages := make(chan *imap.Message, 4)
	done := make(chan error, 1)
	go func() { done <- r.c.UidFetch(one(uid), []imap.FetchItem{imap.FetchUid, section.FetchItem()}, messages) }()
	var raw []byte
	var readErr error
	for m := range messages {
		if m.Uid != uid {
			continue
		}
		for _, body := range m.Body {
			if body != nil && raw == nil {
				raw, readErr = io.ReadAll(io.LimitReader(body, mostBytes))
			}
		}
	}
	return raw, errors.Join(<-done, readErr)
}
