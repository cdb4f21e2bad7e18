package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// Assigning assessors: who gets how many is shown before it is done.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "POST /office/calls/{call}/assessors/look", Guard: Coordinator, Handle: s.lookAtAssigning},
		{Pattern: "POST /office/calls/{call}/assessors", Guard: Coordinator, Handle: s.assign},
		{Pattern: "POST /office/calls/{call}/assessing", Guard: Officer, Handle: s.setAssessing},
	}
})

// assignRequest reads what is asked for: the way, files and people.
func (q *request) assignRequest() (process.AssignRequest, error) {
	req := process.AssignRequest{Arrived: q.arrived}
	call, err := q.id("call")
	if err != nil {
		return req, err
	}
	if err := q.r.ParseForm(); err != nil {
		return req, &mobility.Error{Kind: mobility.Invalid, Code: "error.form", Cause: err}
	}
	values := q.r.PostForm
	req.Call, req.How, req.Hash = call, process.AssignHow(values.Get("how")), values.Get("hash")
	if !slices.Contains([]process.AssignHow{process.AssignByHand, process.AssignByUnit, process.AssignEvenly}, req.How) {
		return req, &mobility.Error{Kind: mobility.Invalid, Code: "error.form"}
	}
	if req.How != process.AssignByUnit {
		req.Assessors = idsOf(values["assessor"])
	}
	if req.How == process.AssignByHand {
		req.Files = idsOf(values["file"])
	}
	return req, nil
}

func idsOf(texts []string) []uuid.UUID {
	var out []uuid.UUID
	for _, text := range texts {
		if id, err := uuid.Parse(text); err == nil {
			out = append(out, id)
		}
	}
	return out
}

func (s *Server) lookAtAssigning(q *request) error {
	req, err := q.assignRequest()
	if err != nil {
		return err
	}
	a, err := s.readAssessing(q)
	if err != nil {
		return err
	}
	plan, err := s.Process.PlanAssignments(q.ctx(), q.actor, req)
	if mobility.KindOf(err) == mobility.Invalid {
		return s.assessorsPage(q, http.StatusUnprocessableEntity, a, err)
	}
	if err != nil {
		return err
	}
	b := s.base(q, q.loc.T("assess.ask_"+string(req.How)))
	if len(plan.New) == 0 {
		return s.render(q, http.StatusOK, q.nothingToAssign(b, a, plan))
	}
	b.Kicker, b.Breadcrumbs = a.call.Title.In(q.loc.Lang()), append(q.callCrumbs(a.call.ID, a.call.Title), page.Link{Label: q.loc.T("office.tab_assessors"), Href: callPath(a.call.ID, "assessors")})
	return s.render(q, http.StatusOK, page.Confirm{Base: b, Dialog: q.assignDialog(a, req, plan)})
}

func (q *request) assignDialog(a assessing, req process.AssignRequest, plan process.AssignPlan) page.Dialog {
	d := page.Dialog{
		Text: q.loc.N("assess.ask_text", len(plan.New)), Table: q.planTable(a, plan), Action: callPath(a.call.ID, "assessors"),
		Confirm: page.Button{Label: q.loc.T("assess.assign")}, Cancel: page.Link{Href: callPath(a.call.ID, "assessors")},
		Hidden: []page.Hidden{{Name: "how", Value: string(req.How)}, {Name: "hash", Value: plan.Hash}},
	}
	for _, id := range req.Assessors {
		d.Hidden = append(d.Hidden, page.Hidden{Name: "assessor", Value: id.String()})
	}
	for _, id := range req.Files {
		d.Hidden = append(d.Hidden, page.Hidden{Name: "file", Value: id.String()})
	}
	if problems := q.planProblems(plan); len(problems) > 0 {
		d.Warning = page.Notice{Tone: page.Warning, Items: problems}
	}
	return d
}

// planProblems are what a plan leaves undone.
func (q *request) planProblems(plan process.AssignPlan) []string {
	var out []string
	if n := len(plan.Short); n > 0 {
		out = append(out, q.loc.N("assess.short", n))
	}
	if n := len(plan.Barred); n > 0 {
		out = append(out, q.loc.N("assess.barred", n))
	}
	return out
}

func (q *request) nothingToAssign(b page.Base, a assessing, plan process.AssignPlan) page.Message {
	return page.Message{
		Base: b, Text: q.loc.T("assess.ask_nothing"), Items: q.planProblems(plan),
		Buttons: []page.Button{{Label: q.loc.T("assess.back"), Href: callPath(a.call.ID, "assessors"), Look: page.Secondary}},
	}
}

// planTable says who gets how many, by name.
func (q *request) planTable(a assessing, plan process.AssignPlan) page.Table {
	added := map[uuid.UUID]int{}
	for _, pair := range plan.New {
		added[pair.Assessor]++
	}
	t := page.Table{Caption: q.loc.T("assess.who_gets"), Columns: []page.Column{
		{Label: q.loc.T("assess.assessor")}, {Label: q.loc.T("assess.has"), Numeric: true}, {Label: q.loc.T("assess.gets"), Numeric: true}, {Label: q.loc.T("assess.then"), Numeric: true},
	}}
	for _, p := range a.people {
		if n := added[p.id]; n > 0 || plan.Before[p.id] > 0 || p.byRole {
			before := cmp.Or(plan.Before[p.id], 0)
			t.Rows = append(t.Rows, page.Row{Cells: page.Cells(p.name, q.loc.Number(before), q.loc.Number(n), q.loc.Number(before+n))})
		}
	}
	return t
}

func (s *Server) assign(q *request) error {
	req, err := q.assignRequest()
	if err != nil {
		return err
	}
	plan, err := s.Process.Assign(q.ctx(), q.actor, req)
	if err != nil {
		return err
	}
	return s.done(q, callPath(req.Call, "assessors"), "notice.assigned", "Number", q.loc.Number(len(plan.New)))
}

type assessingForm struct {
	AssessorsSee string `form:"assessors_see" validate:"required,max=20"`
	Blind        bool   `form:"blind"`
}

func (s *Server) setAssessing(q *request) error {
	call, err := q.id("call")
	if err != nil {
		return err
	}
	var f assessingForm
	if _, err := form.Decode(q.r, &f); err != nil {
		return err
	}
	err = s.Process.SetAssessing(q.ctx(), q.actor, process.Assessing{Call: call, AssessorsSee: f.AssessorsSee, Blind: f.Blind, Arrived: q.arrived})
	if err != nil {
		return err
	}
	return s.done(q, callPath(call, "assessors")+"#rules", "notice.assessing_saved")
}

// assignOne and takeOff are about one file and one person, from its page.
func (s *Server) assignOne(q *request, file, call uuid.UUID, person uuid.UUID) error {
	req := process.AssignRequest{Call: call, How: process.AssignByHand, Files: []uuid.UUID{file}, Assessors: []uuid.UUID{person}, Arrived: q.arrived}
	plan, err := s.Process.PlanAssignments(q.ctx(), q.actor, req)
	if err != nil {
		return err
	}
	if len(plan.Barred) > 0 {
		return mobility.ConflictError("conflict.assessor_barred", nil)
	}
	req.Hash = plan.Hash
	_, err = s.Process.Assign(q.ctx(), q.actor, req)
	return err
}

// backTo is the file's page at one of its parts.
func backTo(file uuid.UUID, query url.Values, part string) string {
	if len(query) == 0 {
		return filePath(file) + "#" + part
	}
	return filePath(file) + "?" + query.Encode() + "#" + part
}
