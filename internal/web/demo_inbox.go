package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"peregrine/internal/mobility"
	"peregrine/internal/web/page"
)

var _ = screen(func(s *Server) []Route {
	if s.Demo == nil || s.Demo.Inbox == nil {
		return nil
	}
	return []Route{
		{Pattern: "GET /demo/inbox", Guard: Demo, Handle: s.showInbox},
		{Pattern: "GET /demo/inbox/{id}", Guard: Demo, Handle: s.showMail},
		{Pattern: "GET /demo/inbox/{id}/html", Guard: Demo, Handle: s.showMailBody},
		{Pattern: "GET /demo/inbox/{id}/raw", Guard: Demo, Handle: s.showMailRaw},
	}
})

const mailsPerPage = 50

func (s *Server) showInbox(q *request) error {
	s.inDemoZone(q)
	asked := q.r.URL.Query()
	to := strings.TrimSpace(asked.Get("to"))
	mails := s.Demo.Inbox.Mails(to)
	pages := max(1, (len(mails)+mailsPerPage-1)/mailsPerPage)
	n, _ := strconv.Atoi(asked.Get("page")) // none: the first
	n = min(max(n, 1), pages)
	base := s.base(q, q.loc.T("base.demo_inbox"))
	base.Lead = q.loc.T("demo.inbox_lead")
	p := page.DemoInbox{
		Base:   base,
		Filter: []page.Field{{Kind: page.Search, Name: "to", Label: q.loc.T("demo.search"), Value: to, Autocomplete: "off"}},
		Pager: page.PagerOf(n, pages, len(mails), func(n int) string {
			return "/demo/inbox?" + url.Values{"to": {to}, "page": {strconv.Itoa(n)}}.Encode()
		}),
		Mails: page.Table{
			Caption: q.loc.T("base.demo_inbox"), HideCaption: true,
			Columns: []page.Column{{Label: q.loc.T("demo.subject")}, {Label: q.loc.T("demo.to")}, {Label: q.loc.T("demo.sent")}},
			Empty:   page.EmptyState{Title: q.loc.T("demo.no_mail"), Text: q.loc.T("demo.no_mail_text")},
		},
	}
	first := (n - 1) * mailsPerPage
	for _, m := range mails[first:min(first+mailsPerPage, len(mails))] {
		p.Mails.Rows = append(p.Mails.Rows, page.Row{Cells: []page.Cell{
			{Text: subject(q, m), Href: mailPath(m.ID)}, {Text: strings.Join(m.To, ", ")}, {When: page.MomentOf(q.loc, m.At, time.Time{})},
		}})
	}
	return s.render(q, http.StatusOK, p)
}

func mailPath(id int) string { return "/demo/inbox/" + strconv.Itoa(id) }

func subject(q *request, m DemoMail) string {
	if m.Subject == "" {
		return q.loc.T("demo.no_subject")
	}
	return m.Subject
}

// mail is the letter a path names.
func (s *Server) mail(q *request) (DemoMail, error) {
	id, err := strconv.Atoi(q.r.PathValue("id"))
	if err != nil {
		return DemoMail{}, mobility.NotFoundError("page")
	}
	m, ok := s.Demo.Inbox.Mail(id)
	if !ok {
		return m, mobility.NotFoundError("page")
	}
	return m, nil
}

func (s *Server) showMail(q *request) error {
	s.inDemoZone(q)
	m, err := s.mail(q)
	if err != nil {
		return err
	}
	p := page.DemoMail{
		Base: s.base(q, subject(q, m)),
		Facts: page.Summary{Rows: []page.Fact{
			{Term: q.loc.T("demo.from"), Text: m.From},
			{Term: q.loc.T("demo.to"), Text: strings.Join(m.To, ", ")},
			{Term: q.loc.T("demo.sent"), When: page.MomentOf(q.loc, m.At, q.arrived)},
		}},
		Text: m.Text, Raw: page.Link{Label: q.loc.T("demo.raw"), Href: mailPath(m.ID) + "/raw"},
	}
	p.Breadcrumbs = []page.Link{{Label: q.loc.T("base.demo_inbox"), Href: "/demo/inbox"}}
	for _, link := range m.Links {
		if each := (page.Link{Label: link, Href: link}); !slices.Contains(p.Links, each) {
			p.Links = append(p.Links, each)
		}
	}
	if m.HTML != "" {
		p.Frame = mailPath(m.ID) + "/html"
		h := q.w.Header()
		h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; frame-src 'self'")
	}
	return s.render(q, http.StatusOK, p)
}

// letterPolicy is the Content-Security-Policy of a letter's own HTML: it
// brings its style along as letters must, and nothing else of it works. Its
// links open in place of the page around it.
const letterPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; " +
	"sandbox allow-top-navigation-by-user-activation"

func (s *Server) showMailBody(q *request) error {
	m, err := s.mail(q)
	if err != nil {
		return err
	}
	h := q.w.Header()
	h.Set("Content-Security-Policy", letterPolicy)
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Content-Type", "text/html; charset=utf-8")
	q.w.WriteHeader(http.StatusOK)
	_, err = q.w.Write([]byte(strings.Replace(m.HTML, "<head>", `<head><base target="_top">`, 1)))
	return err
}

func (s *Server) showMailRaw(q *request) error {
	m, err := s.mail(q)
	if err != nil {
		return err
	}
	q.plain(http.StatusOK, string(m.Raw))
	return nil
}
