package app

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"peregrine/internal/testkit"
)

func TestPagesOfTheJobsStandWhereTheGuardIs(t *testing.T) {
	t.Parallel()
	p, err := assemble(t.Context(), setup{
		databaseURL: testkit.DatabaseURL(t), connections: 4, baseURL: "http://localhost", logger: slog.New(slog.DiscardHandler), now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.close(); err != nil {
			t.Error(err)
		}
	})
	h, err := p.jobPages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{jobsPath + "/": "<html", jobsPath + "/api/queues": "[", jobsPath + "/api/features": `"job_list_hide_args_by_default":true`} {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), want) {
			t.Errorf("%s: %d, no %s in %.200s", path, rec.Code, want, rec.Body)
		}
	}
}

func TestDistanceFindsWhatWasMeant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "abc", 0}, {"abc", "abd", 1}, {"abc", "acb", 2}, {"", "abc", 3}, {"kitten", "sitting", 3}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("%s to %s: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
