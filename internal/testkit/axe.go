package testkit

import (
	"context"
	_ "embed" // the accessibility engine
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// axeScript is axe-core 4.14.1 as its makers publish it, under the licence in
// axe.LICENSE; make assets fetches it.
//
//go:embed axe.min.js
var axeScript string

// axeRun checks the rules of WCAG 2.2 A and AA, which contain those of 2.0 and
// 2.1, and answers one line per element that breaks one.
const axeRun = `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
	.then(found => found.violations.flatMap(v => v.nodes.map(n =>
		v.id + " (" + v.impact + "): " + v.help + ": " + n.target.join(" ") + ": " + n.failureSummary.replace(/\s+/g, " "))))`

// Axe fails the test for each element of the visitor's page that breaks a rule
// of WCAG 2.2 A or AA a machine can check.
func Axe(t *testing.T, ctx context.Context) {
	t.Helper()
	found, err := violations(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		return
	}
	place, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil {
		t.Fatal(err)
	}
	t.Errorf("%s is not accessible:\n  %s", place, strings.Join(found, "\n  "))
}

func violations(ctx context.Context) ([]string, error) {
	// What DevTools evaluates is not subject to the page's policy.
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](axeScript)); err != nil {
		return nil, fmt.Errorf("axe does not load: %w", err)
	}
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](axeRun, chromedp.EvalAwaitPromise))
	if err != nil {
		return nil, fmt.Errorf("axe does not run: %w", err)
	}
	return found, nil
}
