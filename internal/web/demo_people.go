package web

import (
	"net/http"
	"net/url"
	"strings"

	"peregrine/internal/mobility"
	"peregrine/internal/web/page"
)

var _ = screen(func(s *Server) []Route {
	if s.Demo == nil || s.Demo.World == nil {
		return nil
	}
	return []Route{
		{Pattern: "GET /demo", Guard: Demo, Handle: s.showDemo},
		{Pattern: "GET /demo/clock", Guard: Demo, Handle: s.showClock},
		{Pattern: "POST /demo/clock", Guard: Demo, Handle: s.moveClock},
	}
})

// inDemoZone tells the time of the demo's home to who is nobody yet.
func (s *Server) inDemoZone(q *request) {
	if !q.actor.SignedIn() && s.Demo.Zone != nil {
		q.loc = q.loc.In(s.Demo.Zone)
	}
}

// demoRoles are the groups of the demo's first page, in their order.
var demoRoles = []mobility.Role{
	mobility.RoleOfficer, mobility.RoleCoordinator, mobility.RoleAssessor, mobility.RoleAdministrator, mobility.RoleOperator, mobility.RoleApplicant,
}

func (s *Server) showDemo(q *request) error {
	s.inDemoZone(q)
	people, err := s.Demo.World.People(q.ctx())
	if err != nil {
		return err
	}
	hosts, err := s.Demo.World.Hosts(q.ctx())
	if err != nil {
		return err
	}
	base := s.base(q, q.loc.T("demo.title"))
	base.Lead = q.loc.T("demo.lead")
	p := page.DemoPeople{Base: base, Places: s.demoPlaces(q), Hosts: q.demoHosts(hosts)}
	for _, key := range []string{"demo.real_lists", "demo.real_dates", "demo.real_rules", "demo.real_people", "demo.real_mail"} {
		p.Real = append(p.Real, q.loc.T(key))
	}
	for _, role := range demoRoles {
		g := q.demoGroup(role, people)
		switch {
		case len(g.People.Rows) == 0:
		case role == mobility.RoleApplicant:
			p.Students = append(p.Students, g)
		default:
			p.Staff = append(p.Staff, g)
		}
	}
	return s.render(q, http.StatusOK, p)
}

// demoPlaces lead to what else there is.
func (s *Server) demoPlaces(q *request) []page.Button {
	out := []page.Button{
		{Label: q.loc.T("demo.calls"), Href: "/calls"},
		{Label: q.loc.T("base.demo_inbox"), Href: "/demo/inbox"},
		{Label: q.loc.T("base.demo_clock"), Href: "/demo/clock"},
		{Label: q.loc.T("demo.styleguide"), Href: "/styleguide"},
	}
	if s.Jobs != nil && q.actor.Has(mobility.RoleOperator) {
		out = append(out, page.Button{Label: q.loc.T("demo.jobs"), Href: "/jobs/"})
	}
	for i := range out {
		out[i].Look = page.Secondary
	}
	return out
}

// demoGroup is everybody of one role, each with a button to become them.
func (q *request) demoGroup(role mobility.Role, people []DemoPerson) page.DemoGroup {
	applicants := role == mobility.RoleApplicant
	g := page.DemoGroup{Title: q.loc.T("demo.role_" + string(role)), Text: q.loc.T("demo.text_" + string(role))}
	g.People = page.Table{
		Caption: g.Title, HideCaption: true,
		Columns: []page.Column{{Label: q.loc.T("demo.name")}, {Label: q.loc.T("demo.where")}, {Label: q.loc.T("demo.enter"), Hide: true}},
	}
	if applicants {
		g.People.Columns = append(g.People.Columns[:2:2], page.Column{Label: q.loc.T("demo.stands")}, g.People.Columns[2])
	}
	for _, p := range people {
		if p.Role != role {
			continue
		}
		cells := []page.Cell{{Text: p.Name}, {Text: q.demoWhere(p)}}
		if applicants {
			cells = append(cells, q.demoStands(p))
		}
		cells = append(cells, page.Cell{Buttons: []page.Button{{
			Label: q.loc.T("demo.enter_as", "Name", p.Name), Look: page.Secondary, Action: "/demo/enter",
			Hidden: []page.Hidden{{Name: "person", Value: p.ID.String()}},
		}}})
		g.People.Rows = append(g.People.Rows, page.Row{Cells: cells})
	}
	return g
}

func (q *request) demoWhere(p DemoPerson) string {
	if len(p.Unit) > 0 {
		return p.Unit.In(q.loc.Lang())
	}
	return p.Institution
}

// demoStands is where somebody's newest application stands; older ones are
// named below it.
func (q *request) demoStands(p DemoPerson) page.Cell {
	if len(p.Standings) == 0 {
		return page.Cell{Text: q.loc.T("demo.not_applied")}
	}
	lang, newest := q.loc.Lang(), p.Standings[0]
	notes := []string{newest.Call.In(lang)}
	for _, other := range p.Standings[1:] {
		notes = append(notes, other.Call.In(lang)+" ("+other.State.In(lang)+")")
	}
	return page.Cell{Tag: page.StateTag(newest.State.In(lang), newest.Phase, newest.Decision), Note: strings.Join(notes, "; ")}
}

// demoHosts leads to the mail of those who come by a link.
func (q *request) demoHosts(hosts []DemoHost) page.Table {
	t := page.Table{
		Caption: q.loc.T("demo.hosts_title"), HideCaption: true,
		Columns: []page.Column{{Label: q.loc.T("demo.institution")}, {Label: q.loc.T("demo.mail_of")}},
		Empty:   page.EmptyState{Text: q.loc.T("demo.no_hosts")},
	}
	for _, h := range hosts {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: h.Institution}, {Text: h.Address, Href: inboxOf(h.Address)}}})
	}
	return t
}

func inboxOf(address string) string { return "/demo/inbox?to=" + url.QueryEscape(address) }
