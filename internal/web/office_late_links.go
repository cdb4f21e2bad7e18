package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// Links that let one person in once after the deadline.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/calls/{call}/late-links", Guard: Officer, Handle: s.askLateLink},
		{Pattern: "POST /office/calls/{call}/late-links", Guard: Officer, Handle: s.issueLateLink},
		{Pattern: "GET /office/late-links/{link}/revoke", Guard: Officer, Handle: s.askRevokeLateLink},
		{Pattern: "POST /office/late-links/{link}/revoke", Guard: Officer, Handle: s.revokeLateLink},
	}
})

// lateLinkState says what became of a link.
func lateLinkState(q *request, l store.CallLateLinksRow) page.Tag {
	switch {
	case l.UsedAt != nil:
		return page.Tag{Label: q.loc.T("late_links.used"), Tone: page.Success}
	case l.RevokedAt != nil:
		return page.Tag{Label: q.loc.T("late_links.revoked"), Tone: page.Neutral}
	case !mobility.Open(q.now, l.ExpiresAt):
		return page.Tag{Label: q.loc.T("late_links.expired"), Tone: page.Neutral}
	case l.OpenedAt != nil:
		return page.Tag{Label: q.loc.T("late_links.opened"), Tone: page.Accent}
	}
	return page.Tag{Label: q.loc.T("late_links.sent"), Tone: page.Info}
}

func (q *request) lateLinksPart(v deadlinesView) page.Part {
	t := page.Table{Caption: q.loc.T("late_links.title"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("deadlines.name")}, {Label: q.loc.T("office.state")}, {Label: q.loc.T("late_links.until")}, {Label: q.loc.T("late_links.issued")}, {Label: q.loc.T("office.acts"), Hide: true},
	}, Empty: page.EmptyState{Title: q.loc.T("late_links.none")}}
	for _, l := range v.links {
		name := page.Cell{Text: l.Name, Note: l.Reason}
		if l.ApplicationID != nil {
			name.Href = filePath(*l.ApplicationID)
		}
		row := page.Row{Cells: []page.Cell{name, {Tag: lateLinkState(q, l)}, {When: q.deadline(l.ExpiresAt, zoneOf(l.Zone))}, {Text: l.By, When: q.moment(l.MadeAt, zoneOf(v.call.Zone))}, {}}}
		if l.UsedAt == nil && l.RevokedAt == nil && mobility.Open(q.now, l.ExpiresAt) {
			row.Cells[4].Buttons = []page.Button{{Label: q.loc.T("late_links.revoke"), Href: "/office/late-links/" + l.ID.String() + "/revoke", Look: page.Quiet}}
		}
		t.Rows = append(t.Rows, row)
	}
	return page.Part{
		ID: "late-links", Title: q.loc.T("late_links.title"), Text: q.loc.T("late_links.text"), Table: t,
		Buttons: []page.Button{{Label: q.loc.T("late_links.issue"), Href: callPath(v.call.ID, "late-links"), Look: page.Secondary}},
	}
}

// lateLinkView is the form that issues a link.
type lateLinkView struct {
	call   store.OfficeCallRow
	rounds []store.CallRoundsRow
	zones  []string
	people []store.OfficePeopleRow
}

func (s *Server) readLateLink(q *request) (v lateLinkView, err error) {
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if v.call, err = s.officeCall(q, db); err != nil {
			return err
		}
		if v.rounds, err = queries.CallRounds(ctx, db, v.call.ID); err != nil {
			return err
		}
		v.zones, err = queries.DeadlineZones(ctx, db, v.call.ID)
		return err
	})
	return v, err
}

func (s *Server) askLateLink(q *request) error {
	v, err := s.readLateLink(q)
	if err != nil {
		return err
	}
	return s.lateLinkPage(q, http.StatusOK, v, form.Values{"zone": {v.call.Zone}}, nil)
}

func (s *Server) lateLinkPage(q *request, status int, v lateLinkView, typed form.Values, problems []mobility.FieldProblem) error {
	b := s.base(q, q.loc.T("late_links.issue"))
	b.Kicker, b.Breadcrumbs = v.call.Title.In(q.loc.Lang()), append(q.callCrumbs(v.call.ID, v.call.Title), page.Link{Label: q.loc.T("deadlines.title"), Href: callPath(v.call.ID, "deadlines")})
	var fields []page.Field
	if len(v.rounds) > 1 {
		round := page.Field{Kind: page.Select, Name: "round", Label: q.loc.T("late_links.round"), Required: true, Value: typed.First("round")}
		for _, r := range v.rounds {
			round.Options = append(round.Options, page.Option{Value: r.ID.String(), Label: q.loc.T("office.round", "Round", r.Number)})
		}
		fields = append(fields, round)
	}
	people := q.deadlinePersonFields(v.people, typed)
	people[0].Required = true
	fields = append(append(fields, people...),
		page.Field{Kind: page.DateTime, Name: "wall", Label: q.loc.T("late_links.ends"), Required: true, Value: typed.First("wall")},
		page.Field{Kind: page.Select, Name: "zone", Label: q.loc.T("deadlines.zone"), Required: true, Value: typed.First("zone"), Options: zoneOptions(v.zones)},
		page.Field{Kind: page.LongText, Rows: 3, Name: "reason", Label: q.loc.T("office.reason"), Hint: q.loc.T("late_links.reason_hint"), Required: true, Value: typed.First("reason"), MaxLength: 2000})
	into := make([]*page.Field, len(fields))
	for i := range fields {
		into[i] = &fields[i]
	}
	summary := page.Refuse(q.loc, problems, into...)
	return s.render(q, status, page.Confirm{Base: b, Dialog: page.Dialog{
		Text: q.loc.T("late_links.ask_text"), Errors: summary, Fields: fields, Action: callPath(v.call.ID, "late-links"),
		Confirm: page.Button{Label: q.loc.T("late_links.send")}, Cancel: page.Link{Href: callPath(v.call.ID, "deadlines") + "#late-links"},
	}})
}

type lateLinkForm struct {
	Round  string              `form:"round" validate:"max=36"`
	Person string              `form:"person" validate:"required,max=200"`
	Which  string              `form:"which" validate:"max=36"`
	Wall   mobility.WallMinute `form:"wall" validate:"required"`
	Zone   string              `form:"zone" validate:"required,max=64"`
	Reason string              `form:"reason" validate:"required,max=2000"`
}

func (s *Server) issueLateLink(q *request) error {
	v, err := s.readLateLink(q)
	if err != nil {
		return err
	}
	var f lateLinkForm
	typed, err := form.Decode(q.r, &f)
	if err == nil {
		v.people, err = s.findPeople(q, v.call.InstitutionID, f.Person)
	}
	if err == nil {
		err = s.sendLateLink(q, v, f)
	}
	if problems, invalid := problemsOf(err); invalid {
		return s.lateLinkPage(q, http.StatusUnprocessableEntity, v, typed, problems)
	}
	if err != nil {
		return err
	}
	return s.done(q, callPath(v.call.ID, "deadlines")+"#late-links", "notice.late_link_issued")
}

func (s *Server) sendLateLink(q *request, v lateLinkView, f lateLinkForm) error {
	person := pickPerson(v.people, f.Which)
	if person == nil {
		return mobility.InvalidError(mobility.FieldProblem{Field: "which", Code: "invalid.required"})
	}
	var round uuid.UUID
	for _, r := range v.rounds {
		if len(v.rounds) == 1 || r.ID.String() == f.Round {
			round = r.ID
		}
	}
	if round == uuid.Nil {
		return mobility.InvalidError(mobility.FieldProblem{Field: "round", Code: "invalid.required"})
	}
	_, err := s.Process.IssueLateLink(q.ctx(), q.actor, process.LateLinkIssue{Round: round, Person: *person, Wall: f.Wall, Zone: f.Zone, Reason: f.Reason, Arrived: q.arrived})
	return err
}

func (s *Server) lateLinkOf(q *request) (l store.LateLinkPageRow, err error) {
	id, err := q.id("link")
	if err != nil {
		return l, err
	}
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if l, err = queries.LateLinkPage(ctx, db, id); err != nil {
			return err
		}
		if l.PersonID == q.actor.Person || !slices.Contains(q.house(), l.InstitutionID) {
			return mobility.NotFoundError("link")
		}
		return q.note(db, lookedAt{institution: l.InstitutionID, subjects: []uuid.UUID{l.PersonID}, count: 1})
	})
	return l, err
}

func (s *Server) askRevokeLateLink(q *request) error {
	l, err := s.lateLinkOf(q)
	if err != nil {
		return err
	}
	return s.render(q, http.StatusOK, page.Confirm{Base: s.base(q, q.loc.T("late_links.revoke_title")), Dialog: page.Dialog{
		Text: q.loc.T("late_links.revoke_text"), Action: q.r.URL.Path,
		Facts:   page.Summary{Rows: []page.Fact{{Term: q.loc.T("deadlines.name"), Text: cmp.Or(l.Name, "–")}, {Term: q.loc.T("late_links.until"), When: q.deadline(l.ExpiresAt, zoneOf(l.Zone))}}},
		Confirm: page.Button{Label: q.loc.T("late_links.revoke"), Danger: true}, Cancel: page.Link{Href: callPath(l.CallID, "deadlines") + "#late-links"},
	}})
}

func (s *Server) revokeLateLink(q *request) error {
	l, err := s.lateLinkOf(q)
	if err != nil {
		return err
	}
	if err := s.Process.RevokeLateLink(q.ctx(), q.actor, q.arrived, l.ID); err != nil {
		return err
	}
	return s.done(q, callPath(l.CallID, "deadlines")+"#late-links", "notice.late_link_revoked")
}
