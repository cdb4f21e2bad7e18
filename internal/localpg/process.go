package localpg

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// child is a process that ends when this one does.
type child struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how it ended; read after done
}

// startChild starts cmd in a session of its own, so that a Ctrl-C meant for us
// does not reach it. The kernel sends it farewell when we die, even by kill -9.
func startChild(cmd *exec.Cmd, farewell syscall.Signal) (*child, error) {
	c := &child{cmd: cmd, done: make(chan struct{})}
	cmd.SysProcAttr.Setsid = true
	dieWithParent(cmd.SysProcAttr, farewell)
	started := make(chan error)
	go func() {
		// The kernel takes the thread that started the child for its
		// parent, so that thread must live as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		c.err = cmd.Wait()
		close(c.done)
	}()
	return c, <-started
}

// end asks the child to end by SIGINT, waits, and kills it if it has not.
func (c *child) end(wait time.Duration) error {
	if err := c.signal(syscall.SIGINT); err != nil {
		return err
	}
	select {
	case <-c.done:
		return nil
	case <-time.After(wait):
	}
	// SIGQUIT is PostgreSQL's immediate shutdown, which takes its own
	// children along; SIGKILL would leave them.
	if err := c.signal(syscall.SIGQUIT); err != nil {
		return err
	}
	select {
	case <-c.done:
		return nil
	case <-time.After(wait/10 + time.Second):
	}
	err := c.signal(syscall.SIGKILL)
	<-c.done
	return err
}

func (c *child) signal(s syscall.Signal) error {
	err := c.cmd.Process.Signal(s)
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}
