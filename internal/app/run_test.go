package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	osexec "os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"peregrine/internal/app"
)

// running is the program in the background, in this process.
type running struct {
	stop func() int // ends it as a signal does and returns its exit code
	out  *output
	errs *output
}

func start(t *testing.T, environ []string, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	r := &running{out: &output{}, errs: &output{}}
	ended := make(chan int, 1)
	go func() {
		ended <- app.Main(ctx, app.Program{Args: args, Environ: environ, Out: r.out, Err: r.errs, Now: time.Now})
	}()
	r.stop = func() int {
		cancel()
		select {
		case code := <-ended:
			ended <- code
			return code
		case <-time.After(60 * time.Second):
			t.Fatalf("it does not stop: %s", r.errs)
			return -1
		}
	}
	t.Cleanup(func() { r.stop() })
	return r
}

// find waits for a line.
func find(t *testing.T, in fmt.Stringer, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if found := re.FindStringSubmatch(in.String()); found != nil {
			return found[1]
		}
	}
	t.Fatalf("no %q in\n%s", pattern, in)
	return ""
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestServeAndWorkRunAndStopInOrder(t *testing.T) {
	t.Parallel()
	_, env := production(t)
	env = append(env, "PEREGRINE_HEALTH_ADDR=127.0.0.1:0")
	serve, work := start(t, env, "serve"), start(t, env, "work")
	workers := "http://" + find(t, work.errs, `telling health.* addr=(\S+)`)
	addr := find(t, serve.errs, `msg=ready addr=(\S+)`)
	find(t, work.errs, `(msg=working)`)
	if status, body := get(t, "http://"+addr+"/readyz"); status != http.StatusOK {
		t.Errorf("readiness: %d %s", status, body)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, body := get(t, workers+path); status != http.StatusOK {
			t.Errorf("workers, %s: %d %s", path, status, body)
		}
	}
	if status, _ := get(t, workers+"/jobs/"); status != http.StatusNotFound {
		t.Errorf("workers show pages: %d", status)
	}
	if status, _ := get(t, "http://"+addr+"/jobs/"); status != http.StatusOK { // led to the door
		t.Errorf("the jobs' pages for nobody: %d", status)
	}
	for _, r := range []*running{serve, work} {
		if code := r.stop(); code != 0 {
			t.Errorf("stopped with %d: %s", code, r.errs)
		}
		if strings.Contains(r.errs.String(), "hunter2") {
			t.Error("a password was logged")
		}
	}
	if _, err := net.DialTimeout("tcp", addr, time.Second); err == nil {
		t.Error("the port is still open")
	}
}

// The demo as people run it: a process of its own that gets a Ctrl-C.
func TestDemoStartsResumesAndStopsWithoutATrace(t *testing.T) {
	t.Parallel()
	data := filepath.Join(shared(t), "demo")
	first := demo(t, data)
	base := find(t, first.out, `Start here\s+(http://\S+)/demo`)
	people := find(t, first.out, `any of (\d+) people`)
	if status, body := get(t, base+"/readyz"); status != http.StatusOK {
		t.Errorf("readiness: %d %s", status, body)
	}
	if status, _ := get(t, base+"/"); status != http.StatusOK {
		t.Errorf("first page: %d", status)
	}
	arrived(t, filepath.Join(data, "mail"))

	t.Run("another on the same folder is told so", func(t *testing.T) {
		code, _, errs := invoke(t, nil, "demo", "--addr", "127.0.0.1:0", "--data", data)
		if code != 2 || !strings.Contains(errs, "is running on the data folder") || strings.Count(errs, "\n") != 1 {
			t.Errorf("code %d, %s", code, errs)
		}
	})
	t.Run("a taken port is told before anything is made", func(t *testing.T) {
		other := filepath.Join(t.TempDir(), "other")
		code, _, errs := invoke(t, nil, "demo", "--addr", strings.TrimPrefix(base, "http://"), "--data", other)
		if code != 2 || !strings.Contains(errs, "--addr") || strings.Count(errs, "\n") != 1 {
			t.Errorf("code %d, %s", code, errs)
		}
		if _, err := os.Stat(other); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the folder was made: %v", err)
		}
	})
	first.interrupt(t)
	noProcessOf(t, data)

	second := demo(t, data)
	if again := find(t, second.out, `any of (\d+) people`); again != people {
		t.Errorf("%s people after resuming, %s before", again, people)
	}
	second.interrupt(t)
	noProcessOf(t, data)
}

func TestDemoRefusesAFolderThatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	precious := filepath.Join(dir, "thesis.tex")
	if err := os.WriteFile(precious, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, data := range []string{dir, precious} {
		code, _, errs := invoke(t, nil, "demo", "--addr", "127.0.0.1:0", "--data", data, "--reset")
		if code != 2 || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: code %d, %s", data, code, errs)
		}
	}
	if _, err := os.Stat(precious); err != nil {
		t.Error(err)
	}
}

// shared is a folder that the database server's user may enter too.
func shared(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "peregrine-demo-test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // see above
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

type child struct {
	cmd       *osexec.Cmd
	out, errs *output
}

func demo(t *testing.T, data string) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{cmd: osexec.Command(self, "demo", "--addr", "127.0.0.1:0", "--data", data), out: &output{}, errs: &output{}}
	c.cmd.Env = append(os.Environ(), programVariable+"=1")
	c.cmd.Stdout, c.cmd.Stderr = c.out, c.errs
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.cmd.Process.Kill() })
	return c
}

func (c *child) interrupt(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Wait(); err != nil {
		t.Errorf("interrupted, it says %v: %s", err, c.errs)
	}
	if c.errs.String() != "" {
		t.Errorf("it complains: %s", c.errs)
	}
}

// arrived waits for a letter in the catcher's folder.
func arrived(t *testing.T, dir string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if mails, _ := filepath.Glob(filepath.Join(dir, "*.mail")); len(mails) > 0 {
			return
		}
	}
	t.Error("no letter arrived")
}

// noProcessOf looks for processes that name the folder.
func noProcessOf(t *testing.T, data string) {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil || len(lines) == 0 {
		t.Logf("no /proc to look at: %v", err)
		return
	}
	for _, file := range lines {
		line, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(line), data) {
			t.Errorf("left running: %q", line)
		}
	}
}
