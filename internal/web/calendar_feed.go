package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/calendar"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// One's own deadlines in one's own calendar, by a secret link.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /account/calendar", Guard: SignedIn, Handle: s.showCalendarLink},
		{Pattern: "POST /account/calendar", Guard: SignedIn, Handle: s.makeCalendarLink},
		{Pattern: "POST /account/calendar/end", Guard: SignedIn, Handle: s.endCalendarLink},
		{Pattern: "GET /calendar/{file}", Guard: Machine, Handle: s.calendarFeed},
	}
})

// How far a feed looks back and ahead. What is over stays for a while, so that
// nobody wonders where it went.
const (
	feedBack  = 30 * 24 * time.Hour
	feedAhead = 2 * 365 * 24 * time.Hour
)

// feedSuffix ends the address of a feed; some programs go by it.
const feedSuffix = ".ics"

func (s *Server) showCalendarLink(q *request) error {
	return s.calendarLinkPage(q, "")
}

// makeCalendarLink answers with the page itself: the secret is shown once, and
// stands in no address and no cookie on its way there.
func (s *Server) makeCalendarLink(q *request) error {
	token, err := s.Identity.MakeCalendarLink(q.ctx(), q.actor.Person, q.loc.Lang())
	if err != nil {
		return err
	}
	return s.calendarLinkPage(q, s.BaseURL+"/calendar/"+token+feedSuffix)
}

func (s *Server) endCalendarLink(q *request) error {
	if err := s.Identity.EndCalendarLink(q.ctx(), q.actor.Person); err != nil {
		return err
	}
	return s.done(q, "/account/calendar", "notice.calendar_link_ended")
}

func (s *Server) calendarLinkPage(q *request, secret string) error {
	link, ok, err := s.Identity.CalendarLinkOf(q.ctx(), q.actor.Person)
	if err != nil {
		return err
	}
	p := page.CalendarLink{Base: s.base(q, q.loc.T("calendar.link_title")), Notes: []string{q.loc.T("calendar.link_secret")}}
	p.Lead = q.loc.T("calendar.link_text")
	p.Breadcrumbs = []page.Link{{Label: q.loc.T("account.title"), Href: "/account"}}
	offer := page.Button{Label: q.loc.T("calendar.make"), Look: page.Primary, Action: "/account/calendar"}
	if ok {
		offer.Label, offer.Look, offer.Confirm = q.loc.T("calendar.make_new"), page.Secondary, q.loc.T("calendar.make_new_confirm")
		read := page.Fact{Term: q.loc.T("calendar.read"), Text: q.loc.T("calendar.never")}
		if !link.Read.IsZero() {
			read = page.Fact{Term: q.loc.T("calendar.read"), When: page.MomentOf(q.loc, link.Read, q.arrived)}
		}
		p.State = page.Summary{Rows: []page.Fact{{Term: q.loc.T("calendar.made"), When: page.MomentOf(q.loc, link.Made, q.arrived)}, read}}
	}
	p.Buttons = []page.Button{offer}
	if ok {
		p.Buttons = append(p.Buttons, page.Button{Label: q.loc.T("calendar.end"), Look: page.Secondary, Danger: true, Action: "/account/calendar/end"})
	}
	if secret != "" {
		p.Secret = page.Field{
			Kind: page.Text, Name: "address", Label: q.loc.T("calendar.address"), Hint: q.loc.T("calendar.address_hint"),
			Value: secret, ReadOnly: true, Required: true,
		}
		q.w.Header().Set("Cache-Control", "no-store")
	}
	return s.render(q, http.StatusOK, p)
}

// calendarFeed answers a calendar program. Whoever has the address sees when
// something is due, and in which call: no name, no result, no letter.
func (s *Server) calendarFeed(q *request) error {
	token, _ := strings.CutSuffix(q.r.PathValue("file"), feedSuffix)
	visitor, err := s.Identity.OpenCalendarLink(q.ctx(), token)
	if mobility.KindOf(err) == mobility.NotFound {
		q.plain(http.StatusNotFound, "there is no such calendar")
		return nil
	}
	if err != nil {
		return err
	}
	q.visitor, q.actor = &visitor, visitor.Actor
	q.loc = s.Catalogue.Printer(visitor.Language, visitor.Zone)
	var entries []calendar.Entry
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		entries, err = s.ownDeadlines(ctx, q, db)
		return err
	})
	if err != nil {
		return err
	}
	s.sendFeed(q, calendar.Feed{
		Name: q.loc.T("calendar.feed_name"), Text: q.loc.T("calendar.feed_text"), Host: s.host(), Written: q.now, Entries: entries,
	})
	return nil
}

// host is the name this deployment is reached under.
func (s *Server) host() string {
	u, err := url.Parse(s.BaseURL)
	if err != nil { // was checked when the server was made
		return "peregrine.invalid"
	}
	return u.Hostname()
}

// sendFeed answers with the feed, or with nothing if the reader has it.
func (s *Server) sendFeed(q *request, f calendar.Feed) {
	stamped := f
	stamped.Written = time.Time{} // when it was asked for is no news
	sum := sha256.Sum256([]byte(stamped.ICalendar()))
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	h := q.w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "private, no-cache")
	if q.r.Header.Get("If-None-Match") == tag {
		q.w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "text/calendar; charset=utf-8")
	h.Set("Content-Disposition", `inline; filename="peregrine.ics"`)
	_, _ = q.w.Write([]byte(f.ICalendar())) // a reader who left needs no answer
}

// ownDeadlines are those the person has to keep: of their applications, and
// of their work.
func (s *Server) ownDeadlines(ctx context.Context, q *request, db store.DBTX) ([]calendar.Entry, error) {
	since := q.now.Add(-feedBack)
	rows, err := queries.CalendarOfApplicant(ctx, db, store.CalendarOfApplicantParams{PersonID: q.actor.Person, Since: since, Now: q.now})
	if err != nil {
		return nil, err
	}
	entries := make([]calendar.Entry, 0, len(rows))
	for _, row := range rows {
		d := date{kind: row.Kind, closesAt: row.ClosesAt, zone: row.Zone, title: row.Title}
		e := q.feedEntry(d, q.loc.T("calendar.own_"+row.Kind))
		e.ID, e.Version = deadlineID(row.DeadlineID, row.ApplicationID), int(row.Version)
		e.Link = s.BaseURL + "/applications/" + row.ApplicationID.String()
		if row.Host != "" {
			e.Title += " (" + row.Host + ")"
		}
		entries = append(entries, e)
	}
	if len(q.actor.Grants) == 0 {
		return entries, nil
	}
	work, err := queries.CalendarOfHouse(ctx, db, store.CalendarOfHouseParams{
		Institutions: q.house(), Offices: q.offices(), Self: q.actor.Person, Since: since, Until: q.now.Add(feedAhead),
	})
	for _, row := range work {
		d := dateOf(row)
		if row.Host != "" {
			d.hosts, d.n = []string{row.Host}, 1
		}
		e := q.feedEntry(d, q.dateTitle(d))
		e.ID, e.Version, e.Link = deadlineID(row.ID), int(row.Version), s.BaseURL+"/office/calls/"+row.CallID.String()
		entries = append(entries, e)
	}
	return entries, err
}

func (q *request) feedEntry(d date, what string) calendar.Entry {
	title := d.title.In(q.loc.Lang())
	return calendar.Entry{At: d.last(), Title: what + ": " + title, Text: q.loc.T("calendar.entry_text", "When", q.both(d.last(), zoneOf(d.zone)), "Call", title)}
}

func deadlineID(ids ...uuid.UUID) string {
	out := "deadline"
	for _, id := range ids {
		out += "-" + id.String()
	}
	return out
}
