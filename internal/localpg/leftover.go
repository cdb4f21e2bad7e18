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

// clearLeftOver ends the server that still runs in the data folder although
// nobody held its lock any more, and removes the folder of its socket.
func clearLeftOver(dir string, log func(string)) error {
	if err := stopLeftOver(filepath.Join(dir, dataName), log); err != nil {
		return err
	}
	sockets, err := os.ReadFile(filepath.Join(dir, socketsName))
	if err != nil || !strings.HasPrefix(filepath.Base(string(sockets)), socketPrefix) {
		return nil
	}
	return os.RemoveAll(string(sockets))
}

// stopLeftOver finds the server by postmaster.pid, which it keeps in its folder
// while it runs and whose first line is its process id.
func stopLeftOver(data string, log func(string)) error {
	content, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return fmt.Errorf("%s/postmaster.pid names no process: %w", data, err)
	}
	if !runsIn(pid, data) {
		return nil
	}
	log(fmt.Sprintf("stopping the PostgreSQL an earlier run left behind (process %d)", pid))
	return endLeftOver(pid, data)
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
