package mailbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path"
	"path/filepath"
	"strings"
)

// Take deals with one mail. An error leaves the mail where it is.
type Take func(ctx context.Context, raw []byte) error

// Source is a place mail is read from.
type Source interface {
	// Read hands over every mail that was not dealt with, and returns how many
	// were taken. One that take refuses does not hold up the others; its error
	// is among those returned.
	Read(ctx context.Context, take Take) (int, error)
	// String names the place, without a password.
	String() string
}

// mostMails bounds how many are read at one time; the next time goes on.
const mostMails = 500

// Parse reads an address:
//
//	imaps://user:password@host[:993][/folder]
//	imap://…, the same with STARTTLS, which is insisted on but on this machine
//	maildir:///path/of/folder
//
// Errors name what is wrong and hold no password.
func Parse(address string) (Source, error) {
	u, err := url.Parse(address)
	if err != nil { // its words would repeat the address
		return nil, errors.New("this is no address like imaps://user:password@host/folder or maildir:///folder")
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("an address of a mailbox has no ? and no #; write %3F and %23 in a password")
	}
	switch u.Scheme {
	case "maildir":
		if u.Host != "" || !path.IsAbs(u.Path) || u.User != nil {
			return nil, errors.New("a Maildir is named by its whole path: maildir:///var/mail/bounces")
		}
		return maildir{folder: filepath.FromSlash(path.Clean(u.Path))}, nil
	case "imap", "imaps":
		return parseIMAP(u)
	}
	return nil, errors.New("a mailbox begins with imaps://, imap:// or maildir://")
}

func parseIMAP(u *url.URL) (Source, error) {
	password, ok := u.User.Password()
	switch {
	case u.Hostname() == "":
		return nil, errors.New("the mailbox names no host")
	case u.User.Username() == "" || !ok:
		return nil, errors.New("the mailbox names no user or no password")
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"imap": "143", "imaps": "993"}[u.Scheme]
	}
	folder := strings.Trim(u.Path, "/")
	if folder == "" {
		folder = "INBOX"
	}
	return imapFolder{
		host: u.Hostname(), addr: net.JoinHostPort(u.Hostname(), port), user: u.User.Username(), password: password,
		folder: folder, tls: u.Scheme == "imaps",
	}, nil
}

// loopback reports whether a host is this machine, where nobody listens in.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// failures are what went wrong with single mails, few of many.
type failures struct {
	n     int
	first error
}

func (f *failures) add(err error) {
	if f.n++; f.first == nil {
		f.first = err
	}
}

func (f *failures) err() error {
	if f.n == 0 {
		return nil
	}
	return fmt.Errorf("%d mails could not be dealt with; the first: %w", f.n, f.first)
}
