package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// Conflicts of interest with one file: declared, and lifted where that was a
// mistake.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/applications/{id}/conflict", Guard: Coordinator, Handle: s.askConflict},
		{Pattern: "POST /office/applications/{id}/conflict", Guard: Coordinator, Handle: s.declareConflict},
		{Pattern: "GET /office/applications/{id}/conflicts/{barred}", Guard: Officer, Handle: s.askLift},
		{Pattern: "POST /office/applications/{id}/conflicts/{barred}", Guard: Officer, Handle: s.liftConflict},
	}
})

// conflictPart lets the reader step back from a file.
func (q *request) conflictPart(f file) page.Part {
	part := page.Part{ID: "conflict", Fold: q.loc.T("assess.conflict"), Text: q.loc.T("assess.conflict_text")}
	part.Buttons = []page.Button{{Label: q.loc.T("assess.conflict_mine"), Href: filePath(f.ID) + "/conflict", Look: page.Secondary}}
	return part
}

func (s *Server) askConflict(q *request) error {
	f, err := s.readFile(q)
	if err != nil {
		return err
	}
	b := s.base(q, q.loc.T("assess.conflict_ask"))
	b.Kicker, b.Breadcrumbs = f.name(), append(q.callCrumbs(f.CallID, f.Title), page.Link{Label: q.nameOf(f), Href: filePath(f.ID)})
	d := page.Dialog{
		Text: q.loc.T("assess.conflict_means"), Action: filePath(f.ID) + "/conflict",
		Confirm: page.Button{Label: q.loc.T("assess.conflict_declare"), Danger: true}, Cancel: page.Link{Href: filePath(f.ID)},
	}
	if f.standing.Published {
		d.Warning = page.Notice{Tone: page.Info, Text: q.loc.T("assess.conflict_after")}
	}
	if q.isOfficer() {
		whom := page.Field{Kind: page.Select, Name: "person", Label: q.loc.T("assess.conflict_whom"), Blank: q.loc.T("assess.myself")}
		for _, p := range f.assess.people {
			if p.id != q.actor.Person {
				whom.Options = append(whom.Options, page.Option{Value: p.id.String(), Label: p.name})
			}
		}
		d.Fields = []page.Field{whom}
	}
	return s.render(q, http.StatusOK, page.Confirm{Base: b, Dialog: d})
}

func (s *Server) declareConflict(q *request) error {
	f, err := s.readFile(q)
	if err != nil {
		return err
	}
	if err := q.r.ParseForm(); err != nil {
		return &mobility.Error{Kind: mobility.Invalid, Code: "error.form", Cause: err}
	}
	person, to := q.actor.Person, callPath(f.CallID, "candidates")
	if other := idOf(q.r.PostForm.Get("person")); other != nil && *other != person {
		person, to = *other, backTo(f.ID, nil, "conflicts")
	}
	if err := s.Process.DeclareConflict(q.ctx(), q.actor, q.arrived, f.ID, person); err != nil {
		return err
	}
	return s.done(q, to, "notice.conflict_declared")
}

// conflictsPart lists who is barred from the file, to those who may know.
func (q *request) conflictsPart(f file) page.Part {
	if len(f.conflicts) == 0 {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("office.conflicts"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.name")}, {Label: q.loc.T("office.why")}, {Label: q.loc.T("office.since")}, {Label: q.loc.T("office.ended")}, {Label: q.loc.T("office.acts"), Hide: true},
	}}
	for _, c := range f.conflicts {
		row := page.Row{Cells: []page.Cell{
			{Text: c.Barred}, {Text: q.loc.T("office.conflict_" + c.Kind)}, {When: page.MomentOf(q.loc, c.At, time.Time{})}, {When: page.MomentOf(q.loc, value(c.EndedAt), time.Time{})}, {},
		}}
		if q.mayLift(f, c) {
			row.Cells[4].Buttons = []page.Button{{Label: q.loc.T("assess.lift"), Look: page.Secondary, Href: liftPath(f.ID, c.PersonID)}}
		}
		t.Rows = append(t.Rows, row)
	}
	return page.Part{ID: "conflicts", Title: q.loc.T("office.conflicts"), Text: q.loc.T("office.conflicts_text"), Table: t}
}

func liftPath(application, barred uuid.UUID) string {
	return filePath(application) + "/conflicts/" + barred.String()
}

// mayLift reports whether the reader may lift a conflict: the office or an
// administrator, neither barred by it nor the one who declared it.
func (q *request) mayLift(f file, c store.OfficeConflictsOfRow) bool {
	return c.Kind == "declared" && c.EndedAt == nil && c.PersonID != q.actor.Person && (c.DeclaredBy == nil || *c.DeclaredBy != q.actor.Person) && q.lifts(f)
}

func (q *request) lifts(f file) bool {
	return slices.ContainsFunc(q.actor.Grants, func(g mobility.Grant) bool {
		return (g.Role == mobility.RoleOfficer || g.Role == mobility.RoleAdministrator) && g.Institution == f.InstitutionID && g.Unit == nil && g.Call == nil
	})
}

// conflictEvent is one line of the file's history.
func (q *request) conflictEvent(f file, a store.OfficeConflictActsRow) page.TimelineEvent {
	name := a.Barred
	if name == "" {
		name = q.loc.T("office.hidden_name")
	}
	return page.TimelineEvent{When: q.moment(a.At, zoneOf(f.Zone)), By: a.Who, Title: q.loc.T("history."+a.Act, "Name", name), Text: a.Reason}
}

func (s *Server) askLift(q *request) error {
	f, c, err := s.liftable(q)
	if err != nil {
		return err
	}
	return s.liftPage(q, http.StatusOK, f, c, nil, nil)
}

// liftable reads the file and the conflict that the path names.
func (s *Server) liftable(q *request) (f file, c store.OfficeConflictsOfRow, err error) {
	if f, err = s.readFile(q); err != nil {
		return f, c, err
	}
	if !q.lifts(f) {
		return f, c, mobility.ForbiddenError("refusal.not_your_office")
	}
	barred, err := q.id("barred")
	if err != nil {
		return f, c, err
	}
	for _, c := range f.conflicts {
		if c.PersonID == barred && c.EndedAt == nil {
			return f, c, nil
		}
	}
	return f, c, mobility.NotFoundError("conflict")
}

func (s *Server) liftPage(q *request, status int, f file, c store.OfficeConflictsOfRow, typed form.Values, problems []mobility.FieldProblem) error {
	b := s.base(q, q.loc.T("assess.lift_ask"))
	b.Kicker, b.Breadcrumbs = f.name(), append(q.callCrumbs(f.CallID, f.Title), page.Link{Label: q.nameOf(f), Href: filePath(f.ID)})
	reason := page.Field{Kind: page.LongText, Rows: 3, Name: "reason", Label: q.loc.T("office.reason"), Required: true, MaxLength: 2000, Value: typed.First("reason")}
	summary := page.Refuse(q.loc, problems, &reason)
	return s.render(q, status, page.Confirm{Base: b, Dialog: page.Dialog{
		Text: q.loc.T("assess.lift_means", "Name", c.Barred), Errors: summary, Fields: []page.Field{reason}, Action: liftPath(f.ID, c.PersonID),
		Confirm: page.Button{Label: q.loc.T("assess.lift_do")}, Cancel: page.Link{Href: filePath(f.ID) + "#conflicts"},
	}})
}

type liftForm struct {
	Reason string `form:"reason" validate:"required,max=2000"`
}

func (s *Server) liftConflict(q *request) error {
	f, c, err := s.liftable(q)
	if err != nil {
		return err
	}
	var given liftForm
	typed, err := form.Decode(q.r, &given)
	if err == nil {
		err = s.Process.LiftConflict(q.ctx(), q.actor, process.Lifting{Application: f.ID, Person: c.PersonID, Reason: given.Reason, Arrived: q.arrived})
	}
	if problems, invalid := problemsOf(err); invalid {
		return s.liftPage(q, http.StatusUnprocessableEntity, f, c, typed, problems)
	}
	if err != nil {
		return err
	}
	return s.done(q, backTo(f.ID, nil, "conflicts"), "notice.conflict_lifted")
}
