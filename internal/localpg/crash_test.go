package localpg

import (
	"testing"
	"time"
)

func TestCrashKeepsWhatWasCommitted(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	conn := connect(t, s.URL("postgres"))
	for _, sql := range []string{
		"SET synchronous_commit = on", "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (1)", "BEGIN", "INSERT INTO kept VALUES (2)",
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	begun := time.Now()
	if err := s.Crash(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("back after %v", time.Since(begun))
	if _, err := conn.Exec(t.Context(), "SELECT 1"); err == nil {
		t.Error("a connection outlived the crash")
	}
	var n int
	if err := connect(t, s.URL("postgres")).QueryRow(t.Context(), "SELECT sum(n) FROM kept").Scan(&n); err != nil || n != 1 {
		t.Errorf("kept %d, %v", n, err)
	}
}
