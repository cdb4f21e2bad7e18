package localpg

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Lines of postmaster.pid, which a running server keeps in its data folder.
const (
	pidLine     = 0
	socketsLine = 4
)

// stopLeftOver ends the server that still runs in the data folder although
// nobody holds its lock any more, and removes the folder of its socket.
func stopLeftOver(data string, log func(string)) error {
	content, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	lines := strings.Split(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[pidLine]))
	if err != nil {
		return fmt.Errorf("%s/postmaster.pid names no process: %w", data, err)
	}
	if runsIn(pid, data) {
		log(fmt.Sprintf("stopping the PostgreSQL an earlier run left behind (process %d)", pid))
		if err := endLeftOver(pid, data); err != nil {
			return err
		}
	}
	if len(lines) > socketsLine && strings.HasPrefix(filepath.Base(lines[socketsLine]), socketPrefix) {
		return os.RemoveAll(lines[socketsLine])
	}
	return nil
}

// runsIn says whether the process is a server of this data folder and not a
// later one that got the same number: a server works inside its folder.
func runsIn(pid int, data string) bool {
	dir, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	return err == nil && dir == data
}

// endLeftOver asks ever less politely: a fast shutdown, an immediate one, none.
func endLeftOver(pid int, data string) error {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("left-over PostgreSQL, process %d: %w", pid, err)
		}
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(probeWait) {
			if !runsIn(pid, data) {
				return nil
			}
		}
	}
	return fmt.Errorf("left-over PostgreSQL, process %d, does not stop", pid)
}
