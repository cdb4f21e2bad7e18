package testkit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// visitor collects what goes wrong on the pages of one tab.
type visitor struct {
	allowed map[int64]bool // error statuses that are no problem

	mu       sync.Mutex
	requests map[string]string // what each request under way asked for
	problems []string
}

type visitorKey struct{}

// Problems returns what went wrong on the visitor's pages since the last call,
// and forgets it, so that a test may ask for what it provoked.
func Problems(ctx context.Context) []string {
	v, ok := ctx.Value(visitorKey{}).(*visitor)
	if !ok {
		return []string{"the context is no visitor's of testkit"}
	}
	// An answer from the page comes after every event before it.
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("true"))
	v.mu.Lock()
	defer v.mu.Unlock()
	found := v.problems
	v.problems = nil
	if err != nil {
		found = append(found, fmt.Sprintf("the page does not answer: %v", err))
	}
	return found
}

// see is called with every event of the tab, one after another.
func (v *visitor) see(event any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "assert" {
			v.add("console: " + words(e.Args))
		}
	case *runtime.EventExceptionThrown:
		v.add("script: " + exception(e.ExceptionDetails))
	case *log.EventEntryAdded:
		// Failed requests are reported with their status below.
		if e.Entry.Level == "error" && e.Entry.Source != "network" {
			v.add(fmt.Sprintf("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *network.EventRequestWillBeSent:
		v.requests[string(e.RequestID)] = e.Request.Method + " " + e.Request.URL
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 && !v.allowed[e.Response.Status] {
			v.add(fmt.Sprintf("%s was answered %d", v.requests[string(e.RequestID)], e.Response.Status))
		}
	case *network.EventLoadingFailed:
		// Leaving a page or starting a download cancels its requests.
		if !e.Canceled && e.ErrorText != "net::ERR_ABORTED" {
			v.add(fmt.Sprintf("%s failed: %s %s", v.requests[string(e.RequestID)], e.ErrorText, e.BlockedReason))
		}
	}
}

func (v *visitor) add(problem string) {
	if !slices.Contains(v.problems, problem) {
		v.problems = append(v.problems, problem)
	}
}

func exception(d *runtime.ExceptionDetails) string {
	text := d.Text
	if d.Exception != nil {
		text += " " + d.Exception.Description
	}
	return fmt.Sprintf("%s (%s:%d)", text, d.URL, d.LineNumber+1)
}

func words(args []*runtime.RemoteObject) string {
	var all []string
	for _, a := range args {
		if len(a.Value) > 0 {
			all = append(all, strings.Trim(string(a.Value), `"`))
		} else {
			all = append(all, a.Description)
		}
	}
	return strings.Join(all, " ")
}
