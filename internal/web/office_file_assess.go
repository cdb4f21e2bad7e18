package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// Who assesses one file, what they write, and who must not.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "POST /office/applications/{id}/assessors", Guard: Coordinator, Handle: s.changeAssessors},
		{Pattern: "POST /office/applications/{id}/comments", Guard: Coordinator, Handle: s.saveComments},
	}
})

// assessed is what a file's page shows of its assessment.
type assessed struct {
	assessing
	sheet    sheet
	blind    bool
	comments []store.CommentsOfRow
}

func (q *request) readAssessed(ctx context.Context, db store.DBTX, f *file) (err error) {
	how, err := queries.CallAssessing(ctx, db, f.CallID)
	if err != nil {
		return err
	}
	f.assess.blind = how.Blind
	f.assess.scheme = f.scheme.assessed
	roles, err := queries.AssessorsOf(ctx, db, store.AssessorsOfParams{InstitutionID: f.InstitutionID, CallID: &f.CallID, Now: q.now})
	if err != nil {
		return err
	}
	for _, r := range roles {
		f.assess.addRole(r, how.Blind)
	}
	if err := f.assess.addFiles(ctx, db, []uuid.UUID{f.ID}); err != nil {
		return err
	}
	if f.assess.sheet, err = readSheet(ctx, db, f.scheme, q.actor.Person, []uuid.UUID{f.ID}); err != nil {
		return err
	}
	f.assess.comments, err = queries.CommentsOf(ctx, db, f.ID)
	return err
}

// assigns reports whether the reader decides who assesses this file.
func (f file) assigns() bool {
	return !f.standing.Published && f.Phase == mobility.PhaseSubmitted && slices.ContainsFunc(f.standing.Roles, func(r mobility.Role) bool {
		return r == mobility.RoleCoordinator || r == mobility.RoleOfficer || r == mobility.RoleAdministrator
	})
}

// assessorsPart lists who assesses the file, with a way to add and to take off.
func (q *request) assessorsPart(f file) page.Part {
	if len(f.submissions) == 0 || len(f.scheme.assessed) == 0 || len(f.assess.files) == 0 {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("assess.assessors"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.name")}, {Label: q.loc.T("assess.how")}, {Label: q.loc.T("assess.marks_given"), Numeric: true},
	}, Empty: page.EmptyState{Title: q.loc.T("assess.nobody_assigned")}}
	if f.assigns() {
		t.Columns = append(t.Columns, page.Column{Label: q.loc.T("assess.take_off"), Hide: true})
	}
	one := f.assess.files[0]
	for _, id := range one.assessors() {
		t.Rows = append(t.Rows, q.assessorRow(f, one, id))
	}
	part := page.Part{ID: "assessors", Title: q.loc.T("assess.assessors"), Table: t}
	if one.apart {
		part.Notice = page.Notice{Tone: page.Warning, Text: q.loc.T("assess.apart_text")}
	}
	if f.assigns() {
		part.Action = filePath(f.ID) + "/assessors" + q.backQuery()
		part.Fields = []page.Field{q.assessorField(assessing{people: f.assess.people, call: store.OfficeCallRow{Blind: f.assess.blind}})}
		part.Buttons = []page.Button{{Label: q.loc.T("assess.assign"), Look: page.Secondary}}
	}
	return part
}

func (q *request) assessorRow(f file, one assessedFile, id uuid.UUID) page.Row {
	given := 0
	for _, m := range f.assess.sheet.marks[f.ID] {
		if m.AssessorID == id {
			given++
		}
	}
	cells := []page.Cell{
		{Text: f.assess.name(id)},
		{Text: q.loc.T("assess.how_marked")},
		{Text: q.loc.T("assess.of", "Given", given, "All", len(f.scheme.assessed))},
	}
	at := slices.IndexFunc(one.assigned, func(a store.AssignmentsOfRow) bool { return a.AssessorID == id })
	if at >= 0 {
		cells[1].Text = q.loc.T("assess.how_" + one.assigned[at].How)
	}
	if f.assigns() {
		end := page.Cell{}
		if at >= 0 {
			end.Buttons = []page.Button{{Label: q.loc.T("assess.take_off"), Look: page.Quiet, Name: "end", Value: id.String(), NoCheck: true}}
		}
		cells = append(cells, end)
	}
	return page.Row{Cells: cells}
}

func (s *Server) changeAssessors(q *request) error {
	f, err := s.readFile(q)
	if err != nil {
		return err
	}
	if err := q.r.ParseForm(); err != nil {
		return &mobility.Error{Kind: mobility.Invalid, Code: "error.form", Cause: err}
	}
	back := backTo(f.ID, q.r.URL.Query(), "assessors")
	if end := idOf(q.r.PostForm.Get("end")); end != nil {
		if err := s.Process.Unassign(q.ctx(), q.actor, process.Assigned{Application: f.ID, Assessor: *end}, q.arrived); err != nil {
			return err
		}
		return s.done(q, back, "notice.taken_off")
	}
	person := idOf(q.r.PostForm.Get("assessor"))
	if person == nil {
		return s.filePage(q, http.StatusUnprocessableEntity, f, nil, nil)
	}
	if err := s.assignOne(q, f.ID, f.CallID, *person); err != nil {
		return err
	}
	return s.done(q, back, "notice.assigned", "Number", q.loc.Number(1))
}

// commentsPart shows what assessors wrote and lets the reader write.
func (q *request) commentsPart(f file) page.Part {
	part := page.Part{ID: "comments", Title: q.loc.T("assess.comments")}
	for _, c := range f.assess.comments {
		if c.AssessorID == q.actor.Person && f.mayMark() {
			continue
		}
		part.Timeline.Events = append(part.Timeline.Events, page.TimelineEvent{
			When: page.MomentOf(q.loc, c.SavedAt, time.Time{}), Title: q.loc.T("assess.for_" + c.Audience), By: c.Assessor, Text: c.Body,
		})
	}
	part.Timeline.Label = q.loc.T("assess.comments")
	if f.mayMark() {
		part.Action, part.Text = filePath(f.ID)+"/comments"+q.backQuery(), q.loc.T("assess.comments_text")
		for _, to := range []process.Audience{process.ForCommittee, process.ForApplicant} {
			field, revision := q.commentField(f, to)
			part.Fields, part.Hidden = append(part.Fields, field), append(part.Hidden, revision)
		}
		part.Buttons = []page.Button{{Label: q.loc.T("assess.save_comments"), Look: page.Secondary}}
	}
	if part.Action == "" && len(part.Timeline.Events) == 0 {
		return page.Part{}
	}
	return part
}

func (q *request) commentField(f file, to process.Audience) (page.Field, page.Hidden) {
	field := page.Field{Kind: page.LongText, Rows: 3, Name: string(to), Label: q.loc.T("assess.for_" + string(to)), Hint: q.loc.T("assess.for_" + string(to) + "_hint"), MaxLength: 10000}
	revision := page.Hidden{Name: "revision_" + string(to), Value: "0"}
	for _, c := range f.assess.comments {
		if c.AssessorID == q.actor.Person && c.Audience == string(to) {
			field.Value, revision.Value = c.Body, strconv.Itoa(int(c.Revision))
		}
	}
	return field, revision
}

type commentsForm struct {
	Committee         string `form:"committee" validate:"max=10000"`
	Applicant         string `form:"applicant" validate:"max=10000"`
	RevisionCommittee int32  `form:"revision_committee"`
	RevisionApplicant int32  `form:"revision_applicant"`
}

func (s *Server) saveComments(q *request) error {
	f, err := s.readFile(q)
	if err != nil {
		return err
	}
	var c commentsForm
	if _, err := form.Decode(q.r, &c); err != nil {
		return err
	}
	for _, words := range []process.Comment{
		{Audience: process.ForCommittee, Body: c.Committee, Revision: c.RevisionCommittee},
		{Audience: process.ForApplicant, Body: c.Applicant, Revision: c.RevisionApplicant},
	} {
		if field, _ := q.commentField(f, words.Audience); field.Value == words.Body {
			continue
		}
		words.Application, words.Arrived = f.ID, q.arrived
		if err := s.Process.SaveComment(q.ctx(), q.actor, words); err != nil {
			return s.commentsAgain(q, f, c, err)
		}
	}
	return s.done(q, backTo(f.ID, q.r.URL.Query(), "comments"), "notice.comments_saved")
}

// commentsAgain shows the form again with what was typed.
func (s *Server) commentsAgain(q *request, f file, typed commentsForm, err error) error {
	if mobility.KindOf(err) != mobility.Stale {
		return err
	}
	part := q.commentsPart(f)
	for i, text := range []string{typed.Committee, typed.Applicant} {
		part.Fields[i].Value = text
		part.Fields[i].Hint += " " + q.loc.T("assess.now_there", "Text", f.own(process.Audience(part.Fields[i].Name), q.actor.Person))
	}
	b := s.base(q, q.loc.T("assess.comments"))
	p := page.Office{Base: b, Parts: []page.Part{part}, Errors: page.ErrorSummary{
		Title: q.loc.N("part.errors", 1), Problems: []page.Problem{{Text: problemText(q.loc, err), Href: "#comments"}},
	}}
	return s.render(q, http.StatusConflict, p)
}

func (f file) own(to process.Audience, me uuid.UUID) string {
	for _, c := range f.assess.comments {
		if c.AssessorID == me && c.Audience == string(to) {
			return c.Body
		}
	}
	return ""
}

// nameOf is what the file is called by.
func (q *request) nameOf(f file) string {
	return q.candidateName(f.GivenNames, f.FamilyNames, f.Candidate)
}
