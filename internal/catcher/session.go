package catcher

import (
	"errors"
	"io"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

var errDropped = errors.New("connection dropped on purpose")

// session is one SMTP conversation.
type session struct {
	catcher *Catcher
	conn    *smtp.Conn
	known   bool // has authenticated
	from    string
	to      []string
	fault   Fault
	faulty  bool
}

// AuthMechanisms implements smtp.AuthSession.
func (s *session) AuthMechanisms() []string {
	if s.catcher.options.User == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth implements smtp.AuthSession.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.catcher.options.User || password != s.catcher.options.Password {
			return smtp.ErrAuthFailed
		}
		s.known = true
		return nil
	}), nil
}

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.catcher.options.User != "" && !s.known {
		return smtp.ErrAuthRequired
	}
	s.from = from
	return nil
}

// Rcpt implements smtp.Session. The fault of the message is chosen here,
// because an address may have one of its own.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if !s.faulty {
		s.fault, s.faulty = s.catcher.faultFor(to)
	}
	if s.faulty && s.fault.Stage == AtRecipient {
		return s.suffer()
	}
	if s.faulty && s.fault.Stage == AtData {
		if c, ok := s.conn.Conn().(*faultyConn); ok {
			c.dropAtData.Store(true)
		}
	}
	s.to = append(s.to, to)
	return nil
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	if s.faulty && s.fault.Stage == InContent {
		_, _ = io.CopyN(io.Discard, r, 64)
		return s.suffer()
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	delay, _ := s.catcher.slowness()
	s.catcher.pause(delay)
	if s.faulty && s.fault.Stage == AfterData {
		if s.fault.Keep {
			if err := s.keep(raw); err != nil {
				return err
			}
		}
		return s.suffer()
	}
	return s.keep(raw)
}

func (s *session) keep(raw []byte) error {
	if err := s.catcher.keep(s.from, s.to, raw); err != nil {
		return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: err.Error()}
	}
	return nil
}

// suffer does what the fault says and returns the answer, if one is left to give.
func (s *session) suffer() error {
	switch {
	case s.fault.Hang:
		_, _ = io.Copy(io.Discard, s.conn.Conn()) // until the client or the catcher closes it
		fallthrough
	case s.fault.Drop:
		_ = s.conn.Conn().Close()
		return errDropped
	}
	return &smtp.SMTPError{Code: s.fault.Code, Message: s.fault.Text}
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.from, s.to, s.fault, s.faulty = "", nil, Fault{}, false }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }
