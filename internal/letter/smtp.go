package letter

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"strings"
	"sync"

	mail "github.com/wneessen/go-mail"
)

// ErrClosed is returned by a sender that was closed.
var ErrClosed = errors.New("letter: the sender is closed")

// SMTP sends over a few connections that are kept open. It is safe for use by
// any number of goroutines; those that find no connection free wait.
type SMTP struct {
	relay Relay
	lanes map[Lane]*lane
}

// lane is a set of connections.
type lane struct {
	slots  chan struct{}
	mu     sync.Mutex
	idle   []*wire
	closed bool
}

// signInConnections is two, so that one letter the relay hangs on keeps
// nobody else at the door.
const signInConnections = 2

// NewSMTP returns a sender to the relay; it connects when there is something
// to send.
func NewSMTP(r Relay) *SMTP {
	return &SMTP{relay: r, lanes: map[Lane]*lane{
		LaneLetters: {slots: make(chan struct{}, r.Connections)},
		LaneSignIn:  {slots: make(chan struct{}, signInConnections)},
	}}
}

// Send implements Sender. It tries at most twice, and the second time only
// when a kept connection turned out to be gone before the message was begun.
func (s *SMTP) Send(ctx context.Context, m Message) (Result, error) {
	l, ok := s.lanes[m.Lane]
	if !ok {
		return Result{Outcome: Temporary}, fmt.Errorf("letter: no lane %d", m.Lane)
	}
	msg, err := m.build()
	if err != nil {
		return Result{Outcome: Permanent, Response: err.Error()}, nil
	}
	if err := s.relay.DKIM.sign(msg); err != nil {
		return Result{Outcome: Temporary, Response: err.Error()}, err
	}
	select {
	case l.slots <- struct{}{}:
		defer func() { <-l.slots }()
	case <-ctx.Done():
		return Result{Outcome: Temporary, Response: "no connection became free"}, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, s.relay.Whole)
	defer cancel()
	for {
		w, err := l.take(ctx, s.relay)
		if errors.Is(err, ErrClosed) {
			return Result{Outcome: Temporary, Response: err.Error()}, err
		}
		if err != nil {
			return unreachable(err), nil
		}
		kept := w.used
		result, gone := w.send(ctx, msg, m.needsUTF8())
		if result.Outcome == Sent {
			l.put(w, s.relay)
		} else {
			w.quit()
		}
		if gone && kept && ctx.Err() == nil {
			continue
		}
		return result, nil
	}
}

// Probe implements Sender. It has a connection of its own.
func (s *SMTP) Probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.relay.Whole)
	defer cancel()
	w, err := dial(ctx, s.relay)
	if err != nil {
		return err
	}
	w.quit()
	return nil
}

// Close says goodbye on all resting connections; letters on their way are not
// disturbed.
func (s *SMTP) Close() {
	for _, l := range s.lanes {
		l.mu.Lock()
		idle := l.idle
		l.idle, l.closed = nil, true
		l.mu.Unlock()
		for _, w := range idle {
			if w.wake() {
				w.quit()
			}
		}
	}
}

// take returns the connection used last, or a new one.
func (l *lane) take(ctx context.Context, r Relay) (*wire, error) {
	l.mu.Lock()
	for len(l.idle) > 0 && !l.closed {
		w := l.idle[len(l.idle)-1]
		l.idle = l.idle[:len(l.idle)-1]
		if w.wake() {
			l.mu.Unlock()
			return w, nil
		}
	}
	closed := l.closed
	l.mu.Unlock()
	if closed {
		return nil, ErrClosed
	}
	return dial(ctx, r)
}

func (l *lane) put(w *wire, r Relay) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		w.quit()
		return
	}
	w.rest(r.Idle)
	l.idle = append(l.idle, w)
}

// send sends a message on this connection. gone says that the connection had
// broken, or the relay wanted to end it, before any content was sent.
func (w *wire) send(ctx context.Context, msg *mail.Msg, needsUTF8 bool) (result Result, gone bool) {
	if ok, _ := w.smtp.Extension("SMTPUTF8"); needsUTF8 && !ok {
		return Result{Outcome: Permanent, Response: "the mail server takes no address with letters outside ASCII"}, false
	}
	w.smtp.SkipSMTPUTF8(!needsUTF8)
	w.used = true
	stop := context.AfterFunc(ctx, func() { _ = w.conn.Close() })
	defer stop()
	err := w.client.SendWithSMTPClient(w.smtp, msg)
	if err == nil || msg.IsDelivered() {
		return Result{Outcome: Sent, Code: 250, Response: msg.ServerResponse()}, false
	}
	return judge(err)
}

// judge says what an error of go-mail means for the letter. Its reason tells
// how far the conversation had come: once the content was begun and no answer
// came, nobody knows.
func judge(err error) (result Result, gone bool) {
	var failure *mail.SendError
	if !errors.As(err, &failure) {
		return Result{Outcome: Unknown, Response: err.Error()}, false
	}
	words, _, _ := strings.Cut(failure.Error(), ", affected")
	result = Result{Code: failure.ErrorCode(), Response: words}
	begun := failure.Reason == mail.ErrWriteContent || failure.Reason == mail.ErrSMTPDataClose
	switch {
	case result.Code/100 == 5:
		result.Outcome = Permanent
	case result.Code/100 == 4:
		result.Outcome = Temporary
		gone = result.Code == 421 && !begun
	case begun, failure.Reason == mail.ErrAmbiguous, failure.Reason == mail.ErrSMTPReset:
		result.Outcome = Unknown
	case failure.Reason == mail.ErrGetSender, failure.Reason == mail.ErrGetRcpts, failure.Reason == mail.ErrNoUnencoded:
		result.Outcome = Permanent
	default:
		result.Outcome, gone = Temporary, true
	}
	return result, gone
}

// unreachable is the result of a connection that did not come about. Whatever
// the relay says then is about us and not about the letter: it stays.
func unreachable(err error) Result {
	r := Result{Outcome: Temporary, Response: err.Error(), Unreached: true}
	var answer *textproto.Error
	if errors.As(err, &answer) {
		r.Code = answer.Code
	}
	return r
}
