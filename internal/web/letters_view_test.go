package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"
	"golang.org/x/net/html"

	"peregrine/internal/identity"
	"peregrine/internal/letter"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/outbox"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
)

// phone is the width of a narrow telephone.
const phone = 360

// linksIn are the addresses a letter's HTML leads to.
func linksIn(t *testing.T, text string) []string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			if a.Key == "href" {
				out = append(out, a.Val)
			}
		}
	}
	return out
}

// tooWide names the frames whose content does not fit them; one that is not
// there is too wide as well.
const tooWide = `[...document.querySelectorAll("iframe")].filter(f => !f.contentDocument.body.textContent || f.contentDocument.documentElement.scrollWidth > f.clientWidth)
	.map(f => f.src + " is " + f.contentDocument.documentElement.scrollWidth + " pixels wide")`

// TestEveryLetterFitsATelephone opens every letter of every language with
// every sample, the hardest included.
func TestEveryLetterFitsATelephone(t *testing.T) {
	t.Parallel()
	cat, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{}
	var order []string
	for _, lang := range locale.Languages {
		for _, s := range letter.Samples() {
			text, err := letter.Compose(cat, lang, s.Letter)
			if err != nil {
				t.Fatal(err)
			}
			path := fmt.Sprintf("/%s/%s/%s", lang, s.Letter.Kind(), s.Name)
			pages[path], order = text.HTML, append(order, path)
		}
	}
	for _, lang := range locale.Languages { // all of a language at once, each on a screen of its own
		for _, path := range order {
			if strings.HasPrefix(path, "/"+lang+"/") {
				pages["/"+lang] += fmt.Sprintf(`<iframe src="%s" width="%d" height="740" style="border: 0"></iframe>`, path, phone)
			}
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(pages[r.URL.Path]))
	}))
	t.Cleanup(server.Close)
	ctx := testkit.Browser(t, testkit.AllowStatus(http.StatusNotFound))
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(phone, 740)); err != nil {
		t.Fatal(err)
	}
	for _, lang := range locale.Languages {
		if err := chromedp.Do(ctx, chromedp.Navigate(server.URL+"/"+lang)); err != nil {
			t.Fatal(err)
		}
		wide, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](tooWide))
		if err != nil {
			t.Fatal(err)
		}
		for _, which := range wide {
			t.Errorf("%s on a screen of %d", which, phone)
		}
	}
	for _, path := range order {
		if strings.HasSuffix(path, "offer/hard") || strings.HasSuffix(path, "returned/long") || strings.HasSuffix(path, "announcement/usual") {
			if err := chromedp.Do(ctx, chromedp.Navigate(server.URL+path)); err != nil {
				t.Fatal(err)
			}
			testkit.Axe(t, ctx)
			testkit.Screenshot(t, ctx, strings.ReplaceAll(path[1:], "/", "-"), phone, 740)
		}
	}
}

// TestEveryLinkOfALetterIsAPage holds the links of every sample against the
// table of routes.
func TestEveryLinkOfALetterIsAPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mux := http.NewServeMux()
	for _, r := range w.server.Table() {
		mux.Handle(r.Pattern, http.NotFoundHandler())
	}
	for _, s := range letter.Samples() {
		text, err := letter.Compose(w.server.Catalogue, "en", s.Letter)
		if err != nil {
			t.Fatal(err)
		}
		for _, href := range linksIn(t, text.HTML) {
			if href == "mailto:mobility@example.edu" {
				continue
			}
			u, err := url.Parse(href)
			if err != nil {
				t.Fatal(err)
			}
			if _, pattern := mux.Handler(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: u.Path}, Host: u.Host}); pattern == "/" || pattern == "" {
				t.Errorf("%s (%s) leads to %s, which is no page", s.Letter.Kind(), s.Name, u.Path)
			}
		}
	}
}

// TestEveryLinkOfARealLetterOpens goes a way with many letters and follows
// each link as the person the letter is to.
func TestEveryLinkOfARealLetterOpens(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1, 1}})
	first, second, third, fourth := s.Student("Zdislava", "1.2"), s.Student("Bonifac", "1.4"), s.Student("Cyprian", "1.6"), s.Student("Dobromil", "1.8")
	a, b, c := s.Submitted(first, s.Destinations[0]), s.Submitted(second, s.Destinations[0]), s.Submitted(third, s.Destinations[1])
	s.Move(fourth, s.Submitted(fourth, s.Destinations[1]), "withdraw", s.WhileOpen(), process.Given{})
	after := s.AfterClose
	for id, points := range map[uuid.UUID]string{a: "20", b: "10", c: "18"} {
		s.Marked(id, points)
	}
	kinds, by := map[string]int{}, mobility.Wall(2027, time.February, 20, 12, 0)
	incomplete := s.Student("Evarist", "2.0")
	e := s.Submitted(incomplete)
	s.Move(s.Coordinator, s.Submitted(s.Student("Florentyna", "2.2")), "declare_ineligible", after, process.Given{Reason: "You are in your first year."})
	s.Move(s.Officer, e, "return", after, process.Given{Reason: "Please say more.", Questions: []string{"motivation"}, CompleteBy: &by})
	s.at(after)
	s.followLetters(t, kinds)
	s.Move(incomplete, e, "withdraw", after, process.Given{})
	s.Published(after)
	at := after.Add(time.Hour)
	s.at(at)
	s.Move(first, a, "confirm", at, process.Given{})
	s.Move(s.Officer, a, "nominate", at, process.Given{})
	s.Move(third, c, "decline", at, process.Given{})
	s.followLetters(t, kinds)
	s.Move(s.ForeignOfficer, a, "accept", at, process.Given{})
	s.followLetters(t, kinds)
	for _, kind := range []string{"receipt", "returned", "ineligible", "withdrawn", "offer", "reserve", "confirmed", "declined", "nominated", "host_nominations", "accepted", "accepted_office"} {
		if kinds[kind] == 0 {
			t.Errorf("no link of a letter %q was followed: %v", kind, kinds)
		}
	}
}

// onTheWire is a letter as it goes out, a host's with a personal link that works.
func (s *scene) onTheWire(id uuid.UUID) (text letter.Text, err error) {
	s.T.Helper()
	row, err := store.One(queries.LettersToSend(s.T.Context(), s.site.db, []uuid.UUID{id}))
	if err != nil {
		return text, err
	}
	ref, err := outbox.RefOf(row)
	if err != nil {
		return text, err
	}
	letters := s.site.server.letters
	filled, _, err := letters.Load(s.T.Context(), s.site.db, ref, func(ctx context.Context, link uuid.UUID) (string, error) {
		token, err := s.site.identity.MakeHostLink(ctx, link)
		return identity.HostPath(token), err
	})
	if err != nil {
		return text, err
	}
	return letters.Compose(s.T.Context(), s.site.db, ref, filled)
}

// followLetters writes every planned letter and opens its links. A file is
// opened by its owner, what goes to an office by an officer; whoever is not
// signed in is led to the door and from there to the page.
func (s *scene) followLetters(t *testing.T, kinds map[string]int) {
	t.Helper()
	rows, err := s.site.db.Query(t.Context(), `SELECT id, kind, person_id, recipient FROM letters ORDER BY planned_at, id`)
	if err != nil {
		t.Fatal(err)
	}
	type one struct {
		id              uuid.UUID
		kind, recipient string
		person          *uuid.UUID
	}
	var all []one
	for rows.Next() {
		var l one
		if err := rows.Scan(&l.id, &l.kind, &l.person, &l.recipient); err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		text, err := s.onTheWire(l.id)
		if pointless := (outbox.Pointless{}); errors.As(err, &pointless) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		reader := s.as(s.Officer)
		if l.person != nil {
			reader = s.as(mobility.Actor{Person: *l.person})
		}
		for _, href := range linksIn(t, text.HTML) {
			path, ours := strings.CutPrefix(href, "https://peregrine.example.org")
			if !ours && strings.HasPrefix(href, "mailto:") {
				continue
			}
			kinds[l.kind]++
			if l.recipient == "host" { // who has the link needs no account
				s.site.browser().get(path).want(t, http.StatusOK)
				continue
			}
			if got := reader.get(path); !ours || got.status >= http.StatusBadRequest {
				t.Errorf("%s leads %s to %s: %d", l.kind, l.recipient, href, got.status)
			}
			door := s.site.browser().get(path)
			if asked := "/sign-in?next=" + url.QueryEscape(path); door.status != http.StatusOK && (door.status != http.StatusSeeOther || door.to != asked) {
				t.Errorf("%s leads somebody who is not signed in to %s: %d, %s", l.kind, href, door.status, door.to)
			}
		}
	}
}

func TestWordingAndWritingInABrowser(t *testing.T) {
	s := newView(t, testkit.WorldPlan{Places: []int{1}})
	for _, name := range []string{"Zdislava", "Bonifac"} {
		s.Marked(s.Submitted(s.Student(name, "1.2")), "20")
	}
	s.Published(s.AfterClose)
	w := process.Wording{Institution: s.Home, Kind: letter.KindOffer, Language: "en", Arrived: s.WhileOpen()}
	own := strings.Replace(letter.BuiltIn(w.Kind, w.Language), "{{decision}}", "{{decision}} Congratulations!", 1)
	if _, err := s.Process.SaveWording(t.Context(), s.Administrator, w, own, 0); err != nil {
		t.Fatal(err)
	}
	v := s.viewer(t)
	v.enter(s.Administrator.Person, "/admin/letters")
	v.looked("wordings")
	v.look("/admin/letters/offer/en?version=1&on=long", "wording-long")
	v.look("/admin/letters/offer/en?version=1&on=hard", "wording-hard")
	v.look("/office/calls/"+s.Call.String()+"/write", "write")
	for name, values := range news("look") {
		if name != "act" {
			v.fill(`[name="`+name+`"]`, values[0])
		}
	}
	v.evaluate(`document.querySelector("main form [value=look]").click()`)
	if err := chromedp.Do(v.ctx, chromedp.Sleep(time.Second), chromedp.ScrollIntoView(".p-letter iframe")); err != nil {
		t.Fatal(err)
	}
	v.looked("write-preview")
	v.look("/office/mail", "all-mail")
	v.look("/office/people/write", "write-people")
}
