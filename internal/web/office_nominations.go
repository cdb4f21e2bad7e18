package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// Nominations of a call: whom to propose, whom hosts have to answer for, what
// they answered, and by which links they come.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/calls/{call}/nominations", Guard: Officer, Handle: s.showNominations},
		{Pattern: "POST /office/calls/{call}/nominations/ask", Guard: Officer, Handle: s.askNominate},
		{Pattern: "POST /office/calls/{call}/nominations", Guard: Officer, Handle: s.nominate},
		{Pattern: "POST /office/calls/{call}/links/{link}/revoked", Guard: Officer, Handle: s.revokeLink},
	}
})

// nominations is everything the page shows.
type nominations struct {
	call     store.OfficeCallRow
	def      *lifecycle.Definition
	ready    []store.OfficeToNominateRow
	made     []store.OfficeNominationsRow
	links    []store.OfficeHostLinksRow
	bounced  bouncedSince
	place    int32 // files the office has to find a way for
	reported []report
}

// report is what became of one row of a bulk act.
type report struct {
	name string
	err  error
}

// bulkMove is the move that proposes files in a state to their host without
// asking for anything, "" if there is none.
func bulkMove(def *lifecycle.Definition, state mobility.State) *lifecycle.MoveDef {
	from, _ := def.State(state)
	if from.Nomination != mobility.NominationNone {
		return nil
	}
	for _, m := range def.MovesFrom(state) {
		to, _ := def.State(m.To)
		needs := m.Reason == lifecycle.ReasonRequired || slices.ContainsFunc(m.Asks, func(a lifecycle.Ask) bool { return !a.Optional })
		if to.Nomination == mobility.NominationLive && slices.Contains(m.Who, mobility.RoleOfficer) && !needs && !m.Correction {
			return m
		}
	}
	return nil
}

func (s *Server) readNominations(q *request) (n nominations, err error) {
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if n.call, err = s.officeCall(q, db); err != nil {
			return err
		}
		if n.def, err = s.Process.Definition(ctx, db, n.call.DefinitionID); err != nil {
			return err
		}
		states := []string{}
		for _, st := range n.def.States {
			if bulkMove(n.def, st.Name) != nil {
				states = append(states, string(st.Name))
			}
		}
		if n.ready, err = queries.OfficeToNominate(ctx, db, store.OfficeToNominateParams{CallID: n.call.ID, States: states, Self: q.actor.Person}); err != nil {
			return err
		}
		if n.made, err = queries.OfficeNominations(ctx, db, store.OfficeNominationsParams{CallID: n.call.ID, Self: q.actor.Person}); err != nil {
			return err
		}
		if n.links, err = queries.OfficeHostLinks(ctx, db, store.OfficeHostLinksParams{CallID: n.call.ID, Institutions: q.house()}); err != nil {
			return err
		}
		if n.bounced, err = bouncedApplicants(ctx, db, n.call.ID); err != nil {
			return err
		}
		if err := q.countToPlace(ctx, db, &n); err != nil {
			return err
		}
		return q.note(db, lookedAt{institution: n.call.InstitutionID, subjects: []uuid.UUID{n.call.ID}, count: len(n.ready) + len(n.made)})
	})
	return n, err
}

func (q *request) countToPlace(ctx context.Context, db store.DBTX, n *nominations) error {
	id := n.call.ID
	rows, err := queries.OfficeStates(ctx, db, store.OfficeStatesParams{Now: q.now, Institutions: q.house(), Self: q.actor.Person, CallID: &id})
	for _, row := range rows {
		if st, _ := n.def.State(row.State); dutyOf(st.Properties) == dutyPlace {
			n.place += row.Files
		}
	}
	return err
}

func (s *Server) showNominations(q *request) error {
	n, err := s.readNominations(q)
	if err != nil {
		return err
	}
	return s.nominationsPage(q, http.StatusOK, n)
}

func (s *Server) nominationsPage(q *request, status int, n nominations) error {
	p := page.Office{Base: s.base(q, q.loc.T("office.tab_nominations")), Tabs: q.callTabs(n.call.ID, "nominations"), Turn: q.nominationsTurn(n)}
	p.Wide, p.Kicker, p.Breadcrumbs = true, n.call.Title.In(q.loc.Lang()), q.callCrumbs(n.call.ID, n.call.Title)
	if notice := q.reportNotice(n.reported); !notice.Zero() {
		p.Notices = append(p.Notices, notice)
	}
	if n.place > 0 {
		p.Notices = append(p.Notices, page.Notice{
			Tone: page.Warning, Title: q.loc.N("work.do_place", int(n.place), "Call", n.call.Title.In(q.loc.Lang())),
			Links: []page.Link{{Label: q.loc.T("office.show"), Href: withQuery(callPath(n.call.ID, "candidates"), "duty", string(dutyPlace))}},
		})
	}
	p.Parts = []page.Part{q.readyPart(n), q.madePart(n), q.linksPart(n)}
	return s.render(q, status, p)
}

func (q *request) nominationsTurn(n nominations) page.WhoseTurn {
	waiting := 0
	for _, m := range n.made {
		if m.Status == "sent" {
			waiting++
		}
	}
	switch {
	case len(n.ready) > 0:
		first := n.ready[0]
		return page.WhoseTurn{
			Yours: true, Whose: q.loc.T("turn.yours"), What: q.loc.N("work.do_nominate", len(n.ready), "Call", n.call.Title.In(q.loc.Lang())),
			Until: q.deadline(value(first.HostClosesAt), zoneOf(value(first.HostZone))), Next: q.loc.T("work.next_nominate"),
		}
	case waiting > 0:
		return page.WhoseTurn{Whose: q.loc.T("turn.host"), What: q.loc.N("work.do_answers", waiting, "Call", n.call.Title.In(q.loc.Lang())), Next: q.loc.T("work.next_answers")}
	}
	return page.WhoseTurn{Over: true, Whose: q.loc.T("nominations.nothing"), What: q.loc.T("nominations.nothing_text")}
}

// reportNotice tells row by row what was refused.
func (q *request) reportNotice(reported []report) page.Notice {
	var items []string
	for _, r := range reported {
		if r.err != nil {
			items = append(items, r.name+": "+problemText(q.loc, r.err))
		}
	}
	if len(items) == 0 {
		return page.Notice{}
	}
	done := len(reported) - len(items)
	return page.Notice{Tone: page.Danger, Title: q.loc.T("nominations.refused", "Done", q.loc.Number(done), "Refused", q.loc.Number(len(items))), Items: items}
}

// readyPart lists whom to nominate, nearest host's deadline first.
func (q *request) readyPart(n nominations) page.Part {
	t := page.Table{Caption: q.loc.T("nominations.ready"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.name")}, {Label: q.loc.T("office.host")}, {Label: q.loc.T("office.host_deadline")}, {Label: q.loc.T("office.state")},
	}, Empty: page.EmptyState{Title: q.loc.T("nominations.none_ready"), Text: q.loc.T("nominations.none_ready_text")}}
	host, all := uuid.Nil, q.r.URL.Query().Get("all") != ""
	for _, r := range n.ready {
		row := page.Row{Cells: []page.Cell{
			{Tick: &page.Tick{Name: "pick", Value: r.ID.String(), Label: r.Name, Checked: all}, Text: r.Name, Href: filePath(r.ID), Note: r.Unit, Tag: n.bounced.tag(q, r.ID)},
			{Text: r.Host, Note: q.loc.T("term." + r.Term)},
			{When: page.DeadlineOf(inZone(q.loc, value(r.HostZone)), value(r.HostClosesAt), q.now)},
			{Tag: stateTag(q.loc, n.def, r.State)},
		}}
		if r.HostID == host {
			row.Cells[2] = page.Cell{}
		}
		host = r.HostID
		t.Rows = append(t.Rows, row)
	}
	part := page.Part{ID: "ready", Title: q.loc.T("nominations.ready"), Table: t}
	if len(n.ready) > 0 {
		part.Text, part.Action = q.loc.T("nominations.ready_text"), callPath(n.call.ID, "nominations", "ask")
		part.Buttons = []page.Button{{Label: q.loc.T("nominations.ask")}}
		if len(n.ready) > 1 && !all {
			part.Buttons = append(part.Buttons, page.Button{Label: q.loc.N("nominations.tick_all", len(n.ready)), Href: callPath(n.call.ID, "nominations") + "?all=1#ready", Look: page.Quiet})
		}
	}
	return part
}

func (q *request) madePart(n nominations) page.Part {
	t := page.Table{Caption: q.loc.T("nominations.made"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.name")}, {Label: q.loc.T("office.host")}, {Label: q.loc.T("office.state")}, {Label: q.loc.T("nominations.answer_by")}, {Label: q.loc.T("office.sent")},
	}, Empty: page.EmptyState{Title: q.loc.T("nominations.none_made"), Text: q.loc.T("nominations.none_made_text")}}
	for _, m := range n.made {
		state := page.Cell{Tag: nominationTag(q.loc, m.Status), Note: stateLabel(q.loc, n.def, m.State)}
		if m.ReasonCode != "" {
			state.Note = q.loc.T("host_reason_office."+string(mobility.HostReasonOf(m.ReasonCode))) + " · " + state.Note
		}
		by := page.Cell{}
		if m.Status == "sent" {
			by.Text, by.When = q.loc.T("nominations.awaited"), page.DeadlineOf(inZone(q.loc, n.call.Zone), value(m.AnswerBy), q.now)
		} else {
			by.When = page.MomentOf(inZone(q.loc, n.call.Zone), value(m.AnsweredAt), time.Time{})
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: m.Name, Href: filePath(m.ApplicationID), Tag: n.bounced.tag(q, m.ApplicationID)},
			{Text: m.Host, Note: q.loc.T("term." + m.Term)},
			state, by,
			{When: page.MomentOf(inZone(q.loc, n.call.Zone), value(m.SentAt), time.Time{})},
		}})
	}
	part := page.Part{ID: "made", Title: q.loc.T("nominations.made"), Table: t}
	if len(n.made) > 0 {
		part.Buttons = []page.Button{{Label: q.loc.T("write.to_nominated"), Href: withQuery(callPath(n.call.ID, "write"), "list", process.ToNominations), Look: page.Secondary}}
	}
	return part
}

func (q *request) linksPart(n nominations) page.Part {
	if len(n.links) == 0 {
		return page.Part{ID: "links", Title: q.loc.T("nominations.links"), Text: q.loc.T("nominations.no_links")}
	}
	t := page.Table{Caption: q.loc.T("nominations.links"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.host")},
		{Label: q.loc.T("office.state")},
		{Label: q.loc.T("nominations.visits"), Numeric: true},
		{Label: q.loc.T("nominations.created")},
		{Label: q.loc.T("nominations.expires")},
		{Label: q.loc.T("office.acts"), Hide: true},
	}}
	for _, l := range n.links {
		tag := page.Tag{Label: q.loc.T("nominations.link_works"), Tone: page.Success}
		row := page.Row{Cells: []page.Cell{
			{Text: l.Host, Note: l.Address},
			{},
			{Text: q.loc.Number(int(l.Visits))},
			{When: page.MomentOf(q.loc, l.CreatedAt, time.Time{})},
			{When: page.MomentOf(q.loc, l.ExpiresAt, time.Time{})},
			{},
		}}
		if l.Visits > 0 {
			row.Cells[2].Note = q.loc.T("nominations.last_visit", "At", l.LastVisit)
		}
		switch {
		case l.RevokedAt != nil:
			tag = page.Tag{Label: q.loc.T("nominations.link_revoked"), Tone: page.Danger}
		case !q.now.Before(l.ExpiresAt):
			tag = page.Tag{Label: q.loc.T("nominations.link_expired")}
		default:
			row.Cells[5].Buttons = []page.Button{{
				Label: q.loc.T("nominations.revoke"), Look: page.Secondary, Danger: true,
				Action: callPath(n.call.ID, "links", l.ID.String(), "revoked"), Confirm: q.loc.T("nominations.revoke_ask", "Host", l.Host),
			}}
		}
		if l.CameBack != uuid.Nil && l.RevokedAt == nil {
			tag = page.Tag{Label: q.loc.T("bounce.came_back"), Tone: page.Danger}
			row.Cells[5].Buttons = append([]page.Button{{Label: q.loc.T("returned.correct"), Href: letterPath(l.CameBack) + "/address"}}, row.Cells[5].Buttons...)
		}
		row.Cells[1].Tag = tag
		t.Rows = append(t.Rows, row)
	}
	return page.Part{ID: "links", Title: q.loc.T("nominations.links"), Text: q.loc.T("nominations.links_text"), Table: t}
}

// picked are the ready files that were ticked, in the order of the page.
func (q *request) picked(n nominations) ([]store.OfficeToNominateRow, error) {
	if err := q.r.ParseForm(); err != nil {
		return nil, &mobility.Error{Kind: mobility.Invalid, Code: "error.form", Cause: err}
	}
	var out []store.OfficeToNominateRow
	for _, r := range n.ready {
		if slices.Contains(q.r.PostForm["pick"], r.ID.String()) {
			out = append(out, r)
		}
	}
	return out, nil
}

// askNominate shows who would be nominated, by name and number, before it is done.
func (s *Server) askNominate(q *request) error {
	n, err := s.readNominations(q)
	if err != nil {
		return err
	}
	picked, err := q.picked(n)
	if err != nil {
		return err
	}
	if len(picked) == 0 {
		p := page.Message{
			Base: s.base(q, q.loc.T("nominations.pick_title")), Text: q.loc.T("nominations.pick_text"),
			Buttons: []page.Button{{Label: q.loc.T("part.cancel"), Href: callPath(n.call.ID, "nominations"), Look: page.Secondary}},
		}
		return s.render(q, http.StatusUnprocessableEntity, p)
	}
	t := page.Table{Caption: q.loc.N("nominations.affected", len(picked)), Columns: []page.Column{{Label: q.loc.T("office.name")}, {Label: q.loc.T("office.host")}, {Label: q.loc.T("nominations.step")}}}
	d := page.Dialog{Text: q.loc.T("nominations.ask_text"), Action: callPath(n.call.ID, "nominations")}
	for _, r := range picked {
		t.Rows = append(t.Rows, page.Row{Cells: page.Cells(r.Name, r.Host, bulkMove(n.def, r.State).Label.In(q.loc.Lang()))})
		d.Hidden = append(d.Hidden, page.Hidden{Name: "pick", Value: r.ID.String()})
	}
	d.Table, d.Confirm = t, page.Button{Label: q.loc.N("nominations.do", len(picked))}
	d.Cancel = page.Link{Href: callPath(n.call.ID, "nominations")}
	b := s.base(q, q.loc.N("nominations.ask_title", len(picked)))
	b.Breadcrumbs = append(q.callCrumbs(n.call.ID, n.call.Title), page.Link{Label: q.loc.T("office.tab_nominations"), Href: callPath(n.call.ID, "nominations")})
	return s.render(q, http.StatusOK, page.Confirm{Base: b, Dialog: d})
}

// nominate makes the move row by row; a refusal keeps no other from being made.
func (s *Server) nominate(q *request) error {
	n, err := s.readNominations(q)
	if err != nil {
		return err
	}
	picked, err := q.picked(n)
	if err != nil {
		return err
	}
	var reported []report
	refused := 0
	for _, r := range picked {
		_, err := s.Process.Move(q.ctx(), q.actor, process.MoveRequest{
			Application: r.ID, Move: bulkMove(n.def, r.State).Name, Revision: r.Revision, Arrived: q.arrived,
			Given: process.Given{Destination: destinationFor(n.def, r)},
		})
		var e *mobility.Error
		if err != nil && !asProblem(err, &e) {
			return err
		}
		if err != nil {
			refused++
		}
		reported = append(reported, report{r.Name, err})
	}
	if refused == 0 {
		return s.done(q, callPath(n.call.ID, "nominations"), "notice.nominated", "Number", q.loc.Number(len(picked)))
	}
	if n, err = s.readNominations(q); err != nil {
		return err
	}
	n.reported = reported
	return s.nominationsPage(q, http.StatusConflict, n)
}

// destinationFor names the destination where no offer does.
func destinationFor(def *lifecycle.Definition, r store.OfficeToNominateRow) *uuid.UUID {
	if st, _ := def.State(r.State); st.Offer == mobility.OfferNone {
		return &r.DestinationID
	}
	return nil
}

func (s *Server) revokeLink(q *request) error {
	call, err := q.id("call")
	if err != nil {
		return err
	}
	link, err := q.id("link")
	if err != nil {
		return err
	}
	if err := s.Process.RevokeHostLink(q.ctx(), q.actor, q.arrived, link); err != nil {
		return err
	}
	return s.done(q, callPath(call, "nominations")+"#links", "notice.link_revoked")
}
