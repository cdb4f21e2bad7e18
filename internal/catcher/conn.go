package catcher

import (
	"bytes"
	"net"
	"sync"
	"sync/atomic"
)

// faultyListener counts connections and makes them slow or brittle.
type faultyListener struct {
	net.Listener
	catcher *Catcher
}

func (l faultyListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := l.catcher
	c.mu.Lock()
	c.counts.Connections++
	c.counts.Open++
	c.counts.MostOpen = max(c.counts.MostOpen, c.counts.Open)
	c.mu.Unlock()
	return &faultyConn{Conn: conn, catcher: c}, nil
}

type faultyConn struct {
	net.Conn
	catcher    *Catcher
	dropAtData atomic.Bool
	gone       sync.Once
}

// Write answers as slowly as it was told to, and drops the connection in
// place of the answer to DATA if that is the fault.
func (c *faultyConn) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("354")) && c.dropAtData.Load() {
		return 0, c.Close()
	}
	_, slow := c.catcher.slowness()
	if slow == 0 {
		return c.Conn.Write(p)
	}
	for i := range p {
		c.catcher.pause(slow)
		if _, err := c.Conn.Write(p[i : i+1]); err != nil {
			return i, err
		}
	}
	return len(p), nil
}

func (c *faultyConn) Close() error {
	c.gone.Do(func() {
		c.catcher.mu.Lock()
		c.catcher.counts.Open--
		c.catcher.mu.Unlock()
	})
	return c.Conn.Close()
}
