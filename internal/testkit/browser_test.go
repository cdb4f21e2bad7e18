package testkit

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

const goodPage = `<!doctype html><html lang="en"><title>Calls</title><link rel="icon" href="data:,">
<main><h1>Calls</h1><p>Příliš žluťoučký kůň <a href="/set">set</a></p></main>`

// site serves a good page, one with every fault, and a cookie.
func site(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	serve := func(pattern string, status int, body string) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:")
			w.WriteHeader(status)
			_, _ = fmt.Fprint(w, body)
		})
	}
	serve("/{$}", http.StatusOK, goodPage)
	serve("/refused", http.StatusUnprocessableEntity, goodPage)
	serve("/bad", http.StatusOK, `<!doctype html><html><title></title><link rel="icon" href="data:,">
		<body style="color:red"><input><img src="/missing.png"><script src="/bad.js"></script>`)
	serve("/bad.js", http.StatusOK, `console.error("spilt", 3); console.warn("no problem"); undefinedFunction()`)
	mux.HandleFunc("/set", func(w http.ResponseWriter, r *http.Request) {
		seen := "none"
		if c, err := r.Cookie("who"); err == nil {
			seen = c.Value
		}
		http.SetCookie(w, &http.Cookie{Name: "who", Value: "first", Path: "/", HttpOnly: true})
		_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><title>%s</title><link rel="icon" href="data:,"><main><h1>x</h1></main>`, seen)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func open(t *testing.T, ctx context.Context, url string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		t.Fatal(err)
	}
}

func title(t *testing.T, ctx context.Context) string {
	t.Helper()
	title, err := chromedp.Run(ctx, chromedp.Title())
	if err != nil {
		t.Fatal(err)
	}
	return title
}

func TestBrowserReportsEveryKindOfProblem(t *testing.T) {
	ctx, url := Browser(t, AllowStatus(422)), site(t)
	open(t, ctx, url)
	open(t, ctx, url+"/refused")
	if found := Problems(ctx); len(found) != 0 {
		t.Errorf("a good page has problems: %q", found)
	}
	Axe(t, ctx)

	open(t, ctx, url+"/bad")
	found := strings.Join(Problems(ctx), "\n")
	for _, want := range []string{
		"console: spilt 3",
		"undefinedFunction is not defined",
		"content security policy: style-src",
		"GET " + url + "/missing.png was answered 404",
	} {
		if !strings.Contains(found, want) {
			t.Errorf("no %q among the problems:\n%s", want, found)
		}
	}
	if strings.Contains(found, "no problem") {
		t.Errorf("a warning counts as a problem:\n%s", found)
	}

	rules, err := violations(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"document-title", "html-has-lang", "image-alt", "label"} {
		if !strings.Contains("\n"+strings.Join(rules, "\n"), "\n"+want+" ") {
			t.Errorf("axe does not find %s: %q", want, rules)
		}
	}
	Problems(ctx)
}

func TestVisitorsShareNoCookies(t *testing.T) {
	first, url := Browser(t), site(t)
	second := Visitor(t, first)
	for range 2 {
		open(t, first, url+"/set")
	}
	open(t, second, url+"/set")
	if a, b := title(t, first), title(t, second); a != "first" || b != "none" {
		t.Errorf("the first visitor's cookie is %q, the second's %q; want first and none", a, b)
	}
}

func TestScreenshotWritesWhereItIsTold(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "shots")
	ctx, url := Browser(t), site(t)
	open(t, ctx, url)
	t.Setenv("PEREGRINE_SHOTS", "")
	Screenshot(t, ctx, "none", 360, 640)
	t.Setenv("PEREGRINE_SHOTS", dir)
	Screenshot(t, ctx, "calls", 360, 640)
	image, err := os.ReadFile(filepath.Join(dir, "calls.png"))
	if err != nil || !strings.HasPrefix(string(image), "\x89PNG") || len(image) < 2000 {
		t.Errorf("screenshot of %d bytes, %v", len(image), err)
	}
}
