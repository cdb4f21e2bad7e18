package testkit

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Window of a visitor until a screenshot or the test changes it.
const (
	windowWidth  = 1280
	windowHeight = 900
)

// Waits: a visitor's actions end before go test would kill the process, so that
// a wait that never ends is a failed test that names its line.
const (
	longestVisit = 5 * time.Minute
	closeWait    = 10 * time.Second
)

// VisitOption changes what counts as a problem on a visitor's pages.
type VisitOption func(*visitor)

// AllowStatus lets pages answer with these error statuses, such as 422 for a
// form that shows its problems.
func AllowStatus(codes ...int64) VisitOption {
	return func(v *visitor) {
		for _, code := range codes {
			v.allowed[code] = true
		}
	}
}

// Browser starts a headless browser and returns the chromedp context of one
// visitor in it. At the end of the test it is closed, and the test fails for
// each problem the pages had: an error on the console, a violation of the
// content security policy, a request that failed or was answered 4xx or 5xx.
func Browser(t *testing.T, options ...VisitOption) context.Context {
	t.Helper()
	found, err := findChromium(t.Context())
	if err != nil {
		t.Fatalf("no browser, no test: %v", err)
	}
	// The browser outlives t.Context, which ends before the clean-up that
	// asks it for the last problems.
	ctx, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), allocation(found)...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	return visit(t, ctx, options)
}

// Visitor returns the chromedp context of another visitor in the browser of
// ctx, who shares no cookies with the first, and is watched like it.
func Visitor(t *testing.T, ctx context.Context, options ...VisitOption) context.Context {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(context.WithoutCancel(ctx), chromedp.WithNewBrowserContext())
	t.Cleanup(closeTab)
	return visit(t, ctx, options)
}

// Window returns the chromedp context of a second window of the visitor of
// ctx, who has the same cookies in it.
func Window(t *testing.T, ctx context.Context, options ...VisitOption) context.Context {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(context.WithoutCancel(ctx), chromedp.WithExistingBrowserContext(chromedp.FromContext(ctx).BrowserContextID))
	t.Cleanup(closeTab)
	return visit(t, ctx, options)
}

func allocation(c chromium) []chromedp.ExecAllocatorOption {
	options := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	options = append(options,
		chromedp.ExecPath(c.program),
		chromedp.Env(c.env...),
		chromedp.WindowSize(windowWidth, windowHeight),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-component-update", true),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // it refuses root otherwise
	}
	return options
}

// visit opens the visitor's tab and watches it until the test ends.
func visit(t *testing.T, tab context.Context, options []VisitOption) context.Context {
	t.Helper()
	v := &visitor{allowed: map[int64]bool{}, requests: map[string]string{}}
	for _, o := range options {
		o(v)
	}
	// The tab lives as long as the context of its first action, so that one
	// has no deadline.
	if err := chromedp.Do(tab, chromedp.Func(announceViolations)); err != nil {
		t.Fatalf("the browser does not start: %v", err)
	}
	if err := chromedp.Listen(tab, v.see); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithDeadline(context.WithValue(tab, visitorKey{}, v), visitEnd(t))
	t.Cleanup(func() {
		defer cancel()
		last, stop := context.WithTimeout(context.WithValue(tab, visitorKey{}, v), closeWait)
		defer stop()
		for _, problem := range Problems(last) {
			t.Errorf("browser: %s", problem)
		}
	})
	return ctx
}

func visitEnd(t *testing.T) time.Time {
	end := time.Now().Add(longestVisit)
	if d, ok := t.Deadline(); ok && d.Add(-closeWait).Before(end) {
		return d.Add(-closeWait)
	}
	return end
}

// announceViolations makes each page say on its console what its content
// security policy refused; the browser's own line leaves out where.
func announceViolations(ctx context.Context, tab *chromedp.Target) error {
	_, err := cdp.Call(ctx, tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `document.addEventListener("securitypolicyviolation", e => console.error(
			"content security policy: " + e.violatedDirective + " refuses " + (e.blockedURI || "inline") +
			" at " + e.sourceFile + ":" + e.lineNumber + " " + e.sample))`,
	})
	return err
}

// Screenshot writes the whole page, in a window of this size, as NAME.png into
// the folder $PEREGRINE_SHOTS, and does nothing if that is not set.
func Screenshot(t *testing.T, ctx context.Context, name string, width, height int64) {
	t.Helper()
	dir := os.Getenv("PEREGRINE_SHOTS")
	if dir == "" {
		return
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, height)); err != nil {
		t.Fatal(err)
	}
	image, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.ResetViewport()); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), image, 0o644); err != nil {
		t.Fatal(err)
	}
}
