package localpg

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Crash kills the server and all its processes at once, as nothing but the
// kernel can, and starts it again on the same data and the same address: what
// was committed is there, whoever was connected is not. For tests that prove
// that this harms nothing. Nobody else may call the server's methods meanwhile.
func (s *Server) Crash(ctx context.Context) error {
	postmaster := s.process.cmd.Process.Pid
	_ = s.process.signal(syscall.SIGSTOP) // so that it starts no process that is not in the list
	others := childrenOf(postmaster)
	if err := s.process.signal(syscall.SIGKILL); err != nil {
		return fmt.Errorf("kill PostgreSQL: %w", err)
	}
	for _, pid := range others {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have noticed by itself
	}
	<-s.process.done
	// Until the last of them is gone the next server would refuse to start.
	for end := time.Now().Add(stopWait); time.Now().Before(end); time.Sleep(probeWait) {
		gone := true
		for _, pid := range others {
			gone = gone && !runsIn(pid, s.folder.path(dataName))
		}
		if gone {
			return s.run(ctx)
		}
	}
	return fmt.Errorf("processes of PostgreSQL outlived being killed")
}

// childrenOf lists the processes whose parent is pid.
func childrenOf(pid int) []int {
	var children []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well formed
	for _, name := range stats {
		content, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended meanwhile
		}
		// 4711 (name) S parent …; the name may hold anything.
		_, rest, _ := strings.Cut(string(content[strings.LastIndexByte(string(content), ')')+1:]), " ")
		fields := strings.Fields(rest)
		if len(fields) > 1 && fields[1] == strconv.Itoa(pid) {
			child, err := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			if err == nil {
				children = append(children, child)
			}
		}
	}
	return children
}
