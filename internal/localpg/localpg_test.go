package localpg

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// helperVariable makes this test binary the process that is killed in
// TestServerDiesWithItsStarter; it holds the data folder.
const helperVariable = "LOCALPG_TEST_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperVariable); dir != "" {
		s, err := Start(context.Background(), Options{Dir: dir, Fast: true})
		if err != nil {
			_, _ = fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		_, _ = fmt.Fprintln(os.Stdout, s.process.cmd.Process.Pid)
		select {}
	}
	os.Exit(m.Run())
}

// reachable returns an empty folder that root's server may enter, which the
// folders of testing are not.
func reachable(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "localpg-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func start(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Start(t.Context(), Options{Dir: dir, Fast: true, Log: func(line string) { t.Log(line) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func query(t *testing.T, url, sql string) string {
	t.Helper()
	var answer string
	if err := connect(t, url).QueryRow(t.Context(), sql).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestServesAndLeavesNothing(t *testing.T) {
	s := start(t, "")
	for range 2 { // making a database twice does no harm
		if err := s.CreateDatabase(t.Context(), `odd "name"`); err != nil {
			t.Fatal(err)
		}
	}
	got := query(t, s.URL(`odd "name"`), `SELECT concat_ws(' ', current_user, current_setting('server_encoding'),
		datcollate, current_setting('TimeZone'), current_setting('listen_addresses'))
		FROM pg_database WHERE datname = current_database()`)
	if want := "peregrine UTF8 C.UTF-8 UTC "; got != want {
		t.Errorf("server is %q, want %q", got, want)
	}
	pid := s.process.cmd.Process.Pid
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	if err := syscall.Kill(pid, 0); err == nil {
		t.Errorf("process %d is still there", pid)
	}
	for _, dir := range []string{s.folder.dir, s.sockets} {
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%s is still there (%v)", dir, err)
		}
	}
}

func TestKeepsItsData(t *testing.T) {
	dir := filepath.Join(reachable(t), "below", "here")
	s := start(t, dir)
	conn := connect(t, s.URL("postgres"))
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept AS SELECT 'still here' AS note"); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	s = start(t, dir)
	if got := query(t, s.URL("postgres"), "SELECT note FROM kept"); got != "still here" {
		t.Errorf("read %q", got)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	setVersion(t, dir, "9")
	refuse(t, dir, "made by PostgreSQL 9")
}

func setVersion(t *testing.T, dir, major string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, dataName, "PG_VERSION"), []byte(major+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func refuse(t *testing.T, dir, want string) {
	t.Helper()
	s, err := Start(t.Context(), Options{Dir: dir, Fast: true})
	if err == nil {
		_ = s.Stop()
		t.Fatalf("started on %s, want an error with %q", dir, want)
	}
	if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q, want one line with %q", err, want)
	}
}

func TestRefusesFoldersOfOthers(t *testing.T) {
	dir := reachable(t)
	if err := os.WriteFile(filepath.Join(dir, "thesis.odt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refuse(t, dir, "holds other files (thesis.odt)")
	refuse(t, filepath.Join(dir, "thesis.odt", "x"), "data folder cannot be made")

	dir = reachable(t)
	start(t, dir)
	refuse(t, dir, fmt.Sprintf("is in use by process %d", os.Getpid()))
}

func TestServerDiesWithItsStarter(t *testing.T) {
	dir := reachable(t)
	helper := exec.Command(os.Args[0])
	helper.Env = append(os.Environ(), helperVariable+"="+dir)
	out, err := helper.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := helper.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan()
	var pid int
	if _, err := fmt.Sscan(lines.Text(), &pid); err != nil {
		t.Fatalf("helper said %q", lines.Text())
	}
	if err := helper.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = helper.Wait() // it was killed
	for end := time.Now().Add(10 * time.Second); runsIn(pid, filepath.Join(dir, dataName)); time.Sleep(probeWait) {
		if time.Now().After(end) {
			t.Fatalf("server %d outlives its starter", pid)
		}
	}
	sockets, err := os.ReadFile(filepath.Join(dir, socketsName))
	if err != nil {
		t.Fatal(err)
	}
	start(t, dir) // and the folder is free again
	if _, err := os.Stat(string(sockets)); !os.IsNotExist(err) {
		t.Errorf("%s is still there (%v)", sockets, err)
	}
}

func TestStopsWhatAnEarlierRunLeft(t *testing.T) {
	dir := reachable(t)
	left := start(t, dir)
	if err := left.folder.lock.Close(); err != nil { // as if we had died and it had not
		t.Fatal(err)
	}
	said := ""
	s, err := Start(t.Context(), Options{Dir: dir, Fast: true, Log: func(line string) { said += line }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Stop() }()
	<-left.Done()
	if !strings.Contains(said, "an earlier run left behind") {
		t.Errorf("said %q", said)
	}
	if _, err := os.Stat(left.sockets); !os.IsNotExist(err) {
		t.Errorf("%s is still there (%v)", left.sockets, err)
	}
	left.stop.Do(func() {}) // what Stop would close is closed
}

func TestStartsAfterACrash(t *testing.T) {
	dir := reachable(t)
	s := start(t, dir)
	if err := s.process.signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	if err := s.Stop(); err != nil {
		t.Errorf("stopping a dead server: %v", err)
	}
	start(t, dir)
}

func TestSweepTakesOnlyWhatIsLeftBehind(t *testing.T) {
	root := t.TempDir()
	old := time.Now().Add(-2 * sweepAge)
	make := func(name string, locked bool, age time.Time) string {
		dir := filepath.Join(root, temporaryPrefix+name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		lock, err := lockFolder(dir, os.O_CREATE)
		if err != nil {
			t.Fatal(err)
		}
		if locked {
			t.Cleanup(func() { _ = lock.Close() })
		} else {
			_ = lock.Close()
		}
		if err := os.Chtimes(dir, age, age); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	left, young, running := make("left", false, old), make("young", false, time.Now()), make("running", true, old)
	sweep(root)
	for dir, want := range map[string]bool{left: false, young: true, running: true} {
		if _, err := os.Stat(dir); (err == nil) != want {
			t.Errorf("%s: kept is %t, want %t", filepath.Base(dir), err == nil, want)
		}
	}
}

func TestMayReachNamesTheClosedFolder(t *testing.T) {
	closed := filepath.Join(reachable(t), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	stranger := account{name: "stranger", uid: 54321, gid: 54321, dropped: true}
	err := stranger.mayReach(filepath.Join(closed, "not", "yet"))
	if err == nil || !strings.Contains(err.Error(), "user stranger, who may not enter "+closed+";") {
		t.Errorf("error %v", err)
	}
	if err := stranger.mayReach(filepath.Dir(closed)); err != nil {
		t.Error(err)
	}
}
