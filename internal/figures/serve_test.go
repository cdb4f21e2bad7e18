package figures

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"peregrine/internal/testkit"
)

// BenchmarkServe builds the program and starts it as in production: how long
// until it is ready, and what it holds once it has nothing to do.
func BenchmarkServe(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "peregrine")
	build := exec.Command("go", "build", "-trimpath", "-o", binary, "peregrine/cmd/peregrine")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	address := "http://" + freeAddress(b)
	environment := []string{
		"PEREGRINE_DATABASE_URL=" + testkit.EmptyDatabaseURL(b), "PEREGRINE_BASE_URL=" + address,
		"PEREGRINE_ADDR=" + strings.TrimPrefix(address, "http://"), "PEREGRINE_DOCUMENTS=" + b.TempDir(), "PEREGRINE_DRAIN=0s",
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), // PATH: where the zone database may be
	}
	migrate := exec.Command(binary, "migrate")
	migrate.Env = environment
	if out, err := migrate.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	var starts []time.Duration
	var idle, used []int
	for range runs {
		p := launch(b, binary, environment)
		starts = append(starts, p.ready(address))
		time.Sleep(3 * time.Second)
		idle = append(idle, p.memory())
		p.visit(address, 500)
		used = append(used, p.memory())
		p.stop()
	}
	report(figure{what: "serve, start to ready", ours: shown(median(starts)), target: "1 s"})
	report(figure{what: "serve, idle", ours: fmt.Sprintf("%d MB", median(idle)), target: "100 MB"})
	report(figure{what: "serve, after 500 pages", ours: fmt.Sprintf("%d MB", median(used))})
}

func freeAddress(b *testing.B) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// server is the program, serving.
type server struct {
	b     *testing.B
	cmd   *exec.Cmd
	since time.Time
	out   bytes.Buffer
}

func launch(b *testing.B, binary string, environment []string) *server {
	p := &server{b: b, cmd: exec.Command(binary, "serve"), since: time.Now()}
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = environment, &p.out, &p.out
	if err := p.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = p.cmd.Process.Kill() }) // stopped already, unless something failed
	return p
}

// ready waits until the server says that requests may be sent to it.
func (p *server) ready(address string) time.Duration {
	for {
		if answer, err := http.Get(address + "/readyz"); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return time.Since(p.since)
			}
		}
		if time.Since(p.since) > 30*time.Second {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
			p.b.Fatalf("serve is not ready: %s", p.out.String())
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func (p *server) visit(address string, times int) {
	for range times {
		answer, err := http.Get(address + "/")
		if err != nil {
			p.b.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			p.b.Fatalf("answered %s", answer.Status)
		}
	}
}

// memory is what the process holds in megabytes.
func (p *server) memory() int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.b.Fatalf("this machine does not say how much memory a process holds: %v", err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kilobytes, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		p.b.Fatal(err)
	}
	return kilobytes >> 10
}

func (p *server) stop() {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.b.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.b.Fatalf("serve ended with %v: %s", err, p.out.String())
	}
}
