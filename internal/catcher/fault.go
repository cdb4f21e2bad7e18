package catcher

import (
	"strings"
	"time"
)

// Stage is the moment of a delivery at which a fault shows.
type Stage int

// The stages, in order.
const (
	AtRecipient Stage = iota // in answer to RCPT TO
	AtData                   // in answer to DATA, before any content; without TLS only
	InContent                // after a part of the content
	AfterData                // in answer to the whole message
)

// Fault is what goes wrong with one message. Either Code is answered, or the
// connection is dropped, or nothing is said any more.
type Fault struct {
	Stage Stage
	Code  int    // 4xx or 5xx; stages AtRecipient and AfterData only
	Text  string // its words
	Drop  bool
	Hang  bool // AtRecipient and AfterData only
	Keep  bool // AfterData: the message was taken all the same
}

// Refuse answers code to the recipient.
func Refuse(code int, text string) Fault { return Fault{Code: code, Text: text} }

// RefuseMessage answers code to the whole message, as a full disk does.
func RefuseMessage(code int, text string) Fault {
	return Fault{Stage: AfterData, Code: code, Text: text}
}

// Drop breaks the connection at a stage; keep says whether a message that was
// complete by then was taken.
func Drop(at Stage, keep bool) Fault { return Fault{Stage: at, Drop: true, Keep: keep} }

// Hang says nothing any more from a stage on.
func Hang(at Stage, keep bool) Fault { return Fault{Stage: at, Hang: true, Keep: keep} }

// faults are guarded by the catcher's mutex.
type faults struct {
	next      []Fault
	addresses map[string]Fault
	choose    func(address string) (Fault, bool)
	delay     time.Duration
	slow      time.Duration
	refuseTLS bool
}

// FailNext lets the next n messages to addresses without a fault of their own
// fail.
func (c *Catcher) FailNext(n int, f Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for range n {
		c.faults.next = append(c.faults.next, f)
	}
}

// FailAddress lets every message to address fail until Heal.
func (c *Catcher) FailAddress(address string, f Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.faults.addresses == nil {
		c.faults.addresses = map[string]Fault{}
	}
	c.faults.addresses[strings.ToLower(address)] = f
}

// FailWhen lets choose say of every message that has no other fault whether
// and how it fails, until Heal. It is called by many goroutines, one at a time.
func (c *Catcher) FailWhen(choose func(address string) (f Fault, fails bool)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults.choose = choose
}

// Delay makes every message take d longer before it is answered.
func (c *Catcher) Delay(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults.delay = d
}

// SlowLines writes every byte of every answer d after the one before.
func (c *Catcher) SlowLines(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults.slow = d
}

// RefuseTLS offers STARTTLS and then fails the handshake.
func (c *Catcher) RefuseTLS() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults.refuseTLS = true
}

// Heal ends all faults and delays.
func (c *Catcher) Heal() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = faults{}
}

// faultFor takes the fault that the message to address is to suffer.
func (c *Catcher) faultFor(address string) (Fault, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, ok := c.faults.addresses[strings.ToLower(address)]; ok {
		return f, true
	}
	if len(c.faults.next) == 0 {
		if c.faults.choose != nil {
			return c.faults.choose(address)
		}
		return Fault{}, false
	}
	f := c.faults.next[0]
	c.faults.next = c.faults.next[1:]
	return f, true
}

func (c *Catcher) slowness() (message, line time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.faults.delay, c.faults.slow
}

func (c *Catcher) refusesTLS() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.faults.refuseTLS
}

// pause waits d or until the catcher closes.
func (c *Catcher) pause(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.done:
	}
}
