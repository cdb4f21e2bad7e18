package catcher

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Options say how a catcher behaves. The zero value listens on a free port,
// keeps mail in memory, offers no TLS and takes any Unicode address.
type Options struct {
	Addr       string // host:port on loopback; empty: a free port
	Dir        string // mails are kept there over restarts; empty: in memory only
	TLS        bool   // offer STARTTLS with a certificate of its own, see Roots
	NoSMTPUTF8 bool   // refuse addresses outside ASCII
	Forget     bool   // count mails and keep none: for measurements
	User       string // require AUTH PLAIN with this user and Password
	Password   string
}

// Catcher is a running server. Its methods may be called from any goroutine.
type Catcher struct {
	options  Options
	server   *smtp.Server
	listener net.Listener
	roots    *x509.CertPool
	done     chan struct{}
	served   chan struct{}
	closing  sync.Once

	mu      sync.Mutex
	mails   []Mail
	next    int           // id of the next mail
	arrived chan struct{} // closed and replaced when a mail arrives
	faults  faults
	counts  Counts
}

// Counts are what the catcher has seen since it started.
type Counts struct {
	Connections int // accepted
	Open        int // of these, still open
	MostOpen    int // the most that were open at once
	Mails       int // taken
}

// Start loads what the folder holds and begins to listen.
func Start(o Options) (*Catcher, error) {
	c := &Catcher{
		options: o, next: 1,
		done: make(chan struct{}), served: make(chan struct{}), arrived: make(chan struct{}),
	}
	if err := c.load(); err != nil {
		return nil, err
	}
	if err := c.listen(); err != nil {
		return nil, err
	}
	c.server = smtp.NewServer(smtp.BackendFunc(func(conn *smtp.Conn) (smtp.Session, error) {
		return &session{catcher: c, conn: conn}, nil
	}))
	c.server.Domain = "catcher.localhost"
	c.server.MaxMessageBytes = 32 << 20
	c.server.AllowInsecureAuth = true
	c.server.EnableSMTPUTF8 = !o.NoSMTPUTF8
	c.server.ErrorLog = log.New(io.Discard, "", 0)
	if o.TLS {
		config, roots, err := selfSigned(c.refusesTLS)
		if err != nil {
			return nil, errors.Join(err, c.listener.Close())
		}
		c.server.TLSConfig, c.roots = config, roots
	}
	go func() {
		defer close(c.served)
		_ = c.server.Serve(faultyListener{c.listener, c}) // ends with Close
	}()
	return c, nil
}

func (c *Catcher) listen() error {
	addr := c.options.Addr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("mail catcher: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("mail catcher: %s is not on this machine's loopback", host)
	}
	c.listener, err = net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("mail catcher: %w", err)
	}
	return nil
}

// Close ends all connections and waits until the server has stopped. What was
// caught can still be read.
func (c *Catcher) Close() error {
	var err error
	c.closing.Do(func() {
		close(c.done)
		err = c.server.Close()
		// Serve may not have registered the listener yet.
		if e := c.listener.Close(); err == nil && !errors.Is(e, net.ErrClosed) {
			err = e
		}
		<-c.served
	})
	return err
}

// Addr returns host:port.
func (c *Catcher) Addr() string { return c.listener.Addr().String() }

// URL returns the address as a sender is configured with it.
func (c *Catcher) URL() string {
	u := url.URL{Scheme: "smtp", Host: c.Addr(), RawQuery: "tls=none"}
	if c.options.TLS {
		u.RawQuery = "tls=starttls"
	}
	if c.options.User != "" {
		u.User = url.UserPassword(c.options.User, c.options.Password)
	}
	return u.String()
}

// TLS returns the configuration with which a client trusts this catcher; nil
// without TLS.
func (c *Catcher) TLS() *tls.Config {
	if c.roots == nil {
		return nil
	}
	return &tls.Config{RootCAs: c.roots, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
}

// Counts returns the counters.
func (c *Catcher) Counts() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts
}

// Filter chooses mails; empty fields choose all.
type Filter struct {
	To        string // an address of the envelope, in any case of letters
	Subject   string // part of the subject
	MessageID string
	After     int // ids above this one
}

// Match reports whether the filter chooses m.
func (f Filter) Match(m Mail) bool {
	return m.ID > f.After &&
		(f.To == "" || m.sentTo(f.To)) &&
		(f.MessageID == "" || m.MessageID == f.MessageID) &&
		strings.Contains(m.Subject, f.Subject)
}

// Mails returns the chosen mails, oldest first.
func (c *Catcher) Mails(f Filter) []Mail {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []Mail
	for _, m := range c.mails {
		if f.Match(m) {
			out = append(out, m)
		}
	}
	return out
}

// Mail returns one mail by its id.
func (c *Catcher) Mail(id int) (Mail, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.mails {
		if m.ID == id {
			return m, true
		}
	}
	return Mail{}, false
}

// Wait returns the first mail that match accepts, which may have arrived
// already. It fails when ctx ends, saying what did arrive.
func (c *Catcher) Wait(ctx context.Context, match func(Mail) bool) (Mail, error) {
	seen := 0
	for {
		c.mu.Lock()
		mails, arrived := c.mails, c.arrived
		c.mu.Unlock()
		for _, m := range mails {
			if m.ID > seen && match(m) {
				return m, nil
			}
			seen = max(seen, m.ID)
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return Mail{}, fmt.Errorf("no such mail among %d: %w%s", len(mails), ctx.Err(), subjects(mails))
		}
	}
}

func subjects(mails []Mail) string {
	var b strings.Builder
	for _, m := range mails[max(0, len(mails)-10):] {
		fmt.Fprintf(&b, "\n%v: %s", m.To, m.Subject)
	}
	return b.String()
}

// Clear forgets every mail, also in the folder.
func (c *Catcher) Clear() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for _, m := range c.mails {
		if c.options.Dir != "" {
			errs = append(errs, os.Remove(c.file(m.ID)))
		}
	}
	c.mails = nil
	return errors.Join(errs...)
}

// keep stores a mail before its sender is told that it was taken.
func (c *Catcher) keep(from string, to []string, raw []byte) error {
	if c.options.Forget {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.counts.Mails++
		return nil
	}
	m := read(envelope{At: time.Now(), From: from, To: to}, raw)
	c.mu.Lock()
	defer c.mu.Unlock()
	m.ID = c.next
	if err := c.write(m); err != nil {
		return err
	}
	c.next++
	c.mails = append(c.mails, m)
	c.counts.Mails++
	close(c.arrived)
	c.arrived = make(chan struct{})
	return nil
}
