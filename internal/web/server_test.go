package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/web/asset"
	"peregrine/internal/web/form"
)

func TestNewRefusesHalfAConfiguration(t *testing.T) {
	t.Parallel()
	if _, err := New(Config{}); err == nil {
		t.Error("nothing at all was accepted")
	}
	w := newWorld(t)
	for _, address := range []string{"", "peregrine.example.org", "ftp://x", "https://x/"} {
		c := w.server.Config
		c.BaseURL = address
		if _, err := New(c); err == nil {
			t.Errorf("%q was accepted as an address", address)
		}
	}
}

func TestCrossOriginPostsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(w.student)
	for name, headers := range map[string][]string{
		"cross-site":    {"Sec-Fetch-Site", "cross-site"},
		"same-site":     {"Sec-Fetch-Site", "same-site"},
		"foreign":       {"Origin", "https://evil.example"},
		"null":          {"Origin", "null"},
		"foreign, site": {"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"},
	} {
		b.post("/account/sign-out-everywhere", nil, headers...).want(t, http.StatusForbidden, "another site")
		if t.Failed() {
			t.Fatal(name)
		}
	}
	b.get("/account", "Sec-Fetch-Site", "cross-site").want(t, http.StatusOK)
	b.post("/account/sign-out-everywhere", nil, "Sec-Fetch-Site", "same-origin").want(t, http.StatusSeeOther)
}

func TestEveryAnswerHasItsHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/sign-in", "/nothing", "/test/internal", "/test/panic", "/healthz", "/account"} {
		h := w.browser().get(path).header
		for name, want := range map[string]string{
			"Content-Security-Policy": asset.Policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Cache-Control": "private, no-cache", "Strict-Transport-Security": "max-age=31536000", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
	style, err := asset.URL("theme.css")
	if err != nil {
		t.Fatal(err)
	}
	got := w.browser().get(style).want(t, http.StatusOK)
	if !strings.Contains(got.header.Get("Cache-Control"), "immutable") {
		t.Errorf("an asset is not kept: %v", got.header)
	}
}

func TestErrorsHaveAReferenceAndNoCause(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	reference := regexp.MustCompile(`this reference: ([A-Z2-7]{10})\.`)
	for _, path := range []string{"/test/internal", "/test/panic"} {
		got := b.get(path).want(t, http.StatusInternalServerError, "Something went wrong")
		found := reference.FindStringSubmatch(got.body)
		if found == nil || strings.Contains(got.body, "secret") || strings.Contains(got.body, ".go") {
			t.Fatalf("%s shows %s", path, got.body)
		}
		for line := range strings.Lines(w.log.String()) {
			if strings.Contains(line, found[1]) && (!strings.Contains(line, "the secret cause") || !strings.Contains(line, `"outcome":"internal"`)) {
				t.Errorf("%s is logged as %s", path, line)
			}
		}
	}
	if got := b.get("/test/wordless").want(t, http.StatusForbidden, "reference"); strings.Contains(got.body, "no.such.words") {
		t.Error("a code is shown instead of words")
	}
	b.get("/nothing").want(t, http.StatusNotFound, "Not found")
	b.post("/nothing", nil).want(t, http.StatusNotFound)
	b.get("/test/conflict").want(t, http.StatusConflict, "already used")
	b.get("/test/slow").want(t, http.StatusServiceUnavailable, "took too long")
	w.as(w.student).post("/test/form", url.Values{"text": {strings.Repeat("x", 3000)}}).want(t, http.StatusRequestEntityTooLarge, "at most 1 MB")
	b.get("/nothing", "Accept-Language", "cs").want(t, http.StatusNotFound, "Nenalezeno")
}

func TestLogHoldsNoPersonalData(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(w.student)
	b.get("/account?name=Jana").want(t, http.StatusOK, "Jana Nováková", "student@example.org")
	w.browser().post("/sign-in", url.Values{"email": {"student@example.org"}}).want(t, http.StatusSeeOther)
	w.browser().get("/sign-in/link/SECRETTOKEN").want(t, http.StatusConflict)
	log := w.log.String()
	for _, never := range []string{"Jana", "student@", "SECRETTOKEN", "127.0.0.1"} {
		if strings.Contains(log, never) {
			t.Errorf("%q stands in the log:\n%s", never, log)
		}
	}
	for _, want := range []string{`"route":"GET /account"`, `"actor":"` + w.student.String(), `"outcome":"ok"`, `"status":303`, `"outcome":"conflict"`} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s:\n%s", want, log)
		}
	}
}

func TestGuards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	may := map[string]string{
		"":              "",
		"student":       "signed applicant",
		"coordinator":   "signed applicant coordinator",
		"assessor":      "signed applicant coordinator",
		"officer":       "signed applicant coordinator officer",
		"administrator": "signed applicant coordinator officer administrator",
		"operator":      "signed applicant operator",
	}
	for who, where := range may {
		b := w.browser()
		switch who {
		case "":
		case "student":
			b = w.as(w.student)
		default:
			b = w.as(w.person(mobility.Role(who)))
		}
		for _, path := range []string{"signed", "applicant", "coordinator", "officer", "administrator", "operator"} {
			got := b.get("/test/" + path)
			switch {
			case strings.Contains(" "+where+" ", " "+path+" "):
				got.want(t, http.StatusOK)
			case who == "":
				if got.want(t, http.StatusSeeOther).to != "/sign-in?next=%2Ftest%2F"+path {
					t.Errorf("led to %s", got.to)
				}
			default:
				got.want(t, http.StatusForbidden, "another role")
			}
			if t.Failed() {
				t.Fatalf("%q at %s", who, path)
			}
		}
	}
}

func TestHostComesByLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.hostLink()
	w.browser().get("/test/host/"+token).want(t, http.StatusOK, "host")
	w.as(w.person(mobility.RoleOfficer)).get("/test/host/nothing").want(t, http.StatusNotFound, "do not know this link")
	w.exec(`UPDATE host_links SET revoked_at = now()`)
	w.browser().get("/test/host/"+token).want(t, http.StatusNotFound, "has withdrawn this link")
	if log := w.log.String(); strings.Contains(log, token) || !strings.Contains(log, `"host_link":"`) {
		t.Errorf("the log is %s", log)
	}
}

func TestFormOfWhoWasSignedOutIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	typed := url.Values{"text": {"long <b>words</b>\nof mine"}, "choice": {"a", "b"}}
	b.post("/test/form?x=1", typed, "Referer", w.http.URL+"/applications/7?part=2").want(t, http.StatusUnauthorized,
		"Please sign in again", `action="/test/form?x=1"`, `name="choice" value="a"`, `name="choice" value="b"`,
		"long &lt;b&gt;words&lt;/b&gt;\nof mine", `href="/sign-in?next=%2Fapplications%2F7%3Fpart%3D2"`)
	w.as(w.student).post("/test/form?x=1", typed).want(t, http.StatusOK, "of mine by Jana Nováková")
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	b.get("/sign-in", "Accept-Language", "cs").want(t, http.StatusOK, `lang="cs"`, "Přihlášení")
	for back, to := range map[string]string{"/sign-in?next=%2Fx": "/sign-in?next=%2Fx", "//evil.example": "/", "https://evil.example/": "/"} {
		if got := b.post("/language", url.Values{"lang": {"cs"}, "back": {back}}).want(t, http.StatusSeeOther); got.to != to {
			t.Errorf("back to %q led to %q", back, got.to)
		}
	}
	b.get("/sign-in").want(t, http.StatusOK, `lang="cs"`)
	signed := w.as(w.student)
	signed.post("/language", url.Values{"lang": {"cs"}, "back": {"/account"}}).want(t, http.StatusSeeOther)
	w.as(w.student).get("/account").want(t, http.StatusOK, `lang="cs"`, "Můj účet")
	b.post("/language", url.Values{"lang": {"xx"}}).want(t, http.StatusSeeOther)
	b.get("/sign-in").want(t, http.StatusOK, `lang="cs"`)
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	b.get("/healthz").want(t, http.StatusOK, "ok")
	b.get("/readyz").want(t, http.StatusOK, "ready")
	w.server.Drain()
	b.get("/readyz").want(t, http.StatusServiceUnavailable, "stopping")
	b.get("/healthz").want(t, http.StatusOK)
	slow := newWorld(t, func(c *Config) { c.Now = func() time.Time { return time.Now().Add(-time.Hour) } }) // however slow the machine is
	slow.browser().get("/readyz").want(t, http.StatusServiceUnavailable, "apart")
	broken := newWorld(t)
	broken.db.Close()
	broken.browser().get("/readyz").want(t, http.StatusServiceUnavailable, "does not answer")
	broken.browser().get("/healthz").want(t, http.StatusOK)
	page := broken.browser()
	u, _ := url.Parse(broken.http.URL)
	page.client.Jar.SetCookies(u, []*http.Cookie{{Name: "__Host-peregrine", Value: "x", Path: "/", Secure: true}})
	page.get("/account").want(t, http.StatusInternalServerError, "reference")
}

func TestArrivalIsTakenBeforeTheBodyIsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := time.Date(2027, 1, 31, 22, 59, 59, 0, time.UTC)
	w.server.Now = func() time.Time { return at }
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/x", readerFunc(func([]byte) (int, error) {
		t.Error("the body was read")
		return 0, nil
	}))
	q := w.server.newRequest(httptest.NewRecorder(), r, Route{Pattern: "POST /x"})
	if !q.arrived.Equal(at) {
		t.Errorf("arrived at %v", q.arrived)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func TestRouteTable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, r := range w.server.Table() {
		if r.Guard == Demo {
			t.Errorf("%s exists outside a demo", r.Pattern)
		}
		own := slices.ContainsFunc([]string{"/sign-in/", "/late/", "/unsubscribe/"}, func(at string) bool { return strings.HasPrefix(r.Path(), at) })
		if strings.Contains(r.Path(), "{token}") != (r.Guard == Host) && !own {
			t.Errorf("%s is guarded by %s", r.Pattern, r.Guard)
		}
	}
	screens := &Server{Config: w.server.Config}
	screens.Demo = &DemoTools{}
	table, err := screens.layTable()
	if err != nil || len(table) <= len(w.server.table) {
		t.Errorf("the demo's table: %d routes, %v", len(table), err)
	}
}

func TestForms(t *testing.T) {
	for _, f := range []any{signInForm{}, codeForm{}, languageForm{}, enterForm{}} {
		if err := form.Vet(f); err != nil {
			t.Error(err)
		}
	}
}

func TestLocalPath(t *testing.T) {
	for in, want := range map[string]string{
		"/": "/", "/a?b=c#d": "/a?b=c#d", "": "/", "a": "/", "//x": "/", "/\\x": "/", "https://x/": "/", "javascript:alert(1)": "/",
		"/%2f/x": "/", "/a\nb": "/", "http:/x": "/", "/" + strings.Repeat("a", 2001): "/", "///x": "/",
	} {
		if got := localPath(in); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
	for in, want := range map[string]string{"/sign-in": "/", "/sign-in?next=/x": "/", "/sign-in/link/x": "/", "/sign-ins": "/sign-ins", "/account": "/account"} {
		if got := afterSignIn(in); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
	id := uuid.New()
	for in, want := range map[string]bool{
		"/applications/" + id.String(): true, "/applications/" + id.String() + "/edit?x": true, "/applications/" + id.String() + "x": false,
		"/calls/" + id.String(): false, "//x/applications/" + id.String(): false,
	} {
		if got := applicationOf(in); (got != nil && *got == id) != want {
			t.Errorf("%q names %v", in, got)
		}
	}
}

func TestNetworkOfTheCaller(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.RemoteAddr = "192.0.2.1:999"
	r.Header.Add("X-Forwarded-For", "203.0.113.9, 198.51.100.2")
	if got := (&Server{}).network(r); got != "192.0.2.1" {
		t.Errorf("without a proxy: %s", got)
	}
	if got := (&Server{Config: Config{Proxied: true}}).network(r); got != "198.51.100.2" {
		t.Errorf("behind a proxy: %s", got)
	}
}
