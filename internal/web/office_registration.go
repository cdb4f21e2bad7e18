package web

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// Registrations: people outside the import who ask to be let in to a call.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/registrations/{registration}", Guard: Coordinator, Handle: s.askRefusal},
		{Pattern: "POST /office/registrations/{registration}", Guard: Coordinator, Handle: s.answerRegistration},
	}
})

func registrationPath(id uuid.UUID) string { return "/office/registrations/" + id.String() }

func (q *request) registrationsPart(waiting []store.OfficeRegistrationsRow) page.Part {
	t := page.Table{Caption: q.loc.T("people.registrations"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.name")}, {Label: q.loc.T("office.email")}, {Label: q.loc.T("office.call")}, {Label: q.loc.T("office.unit")}, {Label: q.loc.T("people.asked")}, {Label: q.loc.T("office.acts"), Hide: true},
	}}
	for _, r := range waiting {
		at := registrationPath(r.ID)
		row := page.Row{Cells: []page.Cell{
			{Text: full(r.GivenNames, r.FamilyNames)}, {Text: r.Email}, {Text: r.Title.In(q.loc.Lang())}, {Text: r.Unit.In(q.loc.Lang())}, {When: page.MomentOf(q.loc, r.AskedAt, q.now)}, {},
		}}
		if q.mayLetIn(r) {
			row.Cells[5].Buttons = []page.Button{
				{Label: q.loc.T("people.confirm"), Look: page.Secondary, Action: at, Hidden: []page.Hidden{{Name: "answer", Value: "confirm"}}},
				{Label: q.loc.T("people.refuse"), Look: page.Quiet, Href: at},
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return page.Part{ID: "registrations", Title: q.loc.T("people.registrations"), Text: q.loc.T("people.registrations_text"), Table: t}
}

// mayLetIn reports whether whoever asks lets in or refuses.
func (q *request) mayLetIn(r store.OfficeRegistrationsRow) bool {
	return q.isOfficer() || r.Registration == "coordinator" && q.actor.Has(mobility.RoleCoordinator)
}

// askRefusal asks why somebody is not let in, before they are told.
func (s *Server) askRefusal(q *request) error { return s.refusalPage(q, http.StatusOK, "", nil) }

func (s *Server) refusalPage(q *request, status int, reason string, problems []mobility.FieldProblem) error {
	r, err := s.waitingRegistration(q)
	if err != nil {
		return err
	}
	p := page.Office{Base: s.base(q, q.loc.T("people.refuse_title"))}
	p.Kicker = r.Title.In(q.loc.Lang())
	p.Breadcrumbs = []page.Link{{Label: q.loc.T("nav.people"), Href: "/office/people"}}
	why := page.Field{Kind: page.LongText, Name: "reason", Rows: 3, Label: q.loc.T("people.refuse_reason"), Hint: q.loc.T("people.refuse_hint"), Value: reason, MaxLength: 1000}
	p.Errors = page.Refuse(q.loc, problems, &why)
	facts := page.Summary{Rows: []page.Fact{
		{Term: q.loc.T("office.name"), Text: full(r.GivenNames, r.FamilyNames)},
		{Term: q.loc.T("office.email"), Text: r.Email},
		{Term: q.loc.T("office.unit"), Text: r.Unit.In(q.loc.Lang())},
	}}
	part := page.Part{
		ID: "refuse", Action: registrationPath(r.ID), Fields: []page.Field{why}, Hidden: []page.Hidden{{Name: "answer", Value: "refuse"}},
		Buttons: []page.Button{{Label: q.loc.T("people.refuse_do"), Danger: true}, {Label: q.loc.T("part.cancel"), Href: "/office/people#registrations", Look: page.Quiet}},
	}
	p.Parts = present([]page.Part{{ID: "facts", Summary: facts}, part})
	return s.render(q, status, p)
}

// waitingRegistration is one that this reader may answer; one that was
// answered, or is for another to answer, is not there.
func (s *Server) waitingRegistration(q *request) (r store.OfficeRegistrationsRow, err error) {
	id, err := q.id("registration")
	if err != nil {
		return r, err
	}
	err = s.read(q, func(ctx context.Context, db store.DBTX) error {
		waiting, err := queries.OfficeRegistrations(ctx, db, q.house())
		if err != nil {
			return err
		}
		for _, each := range waiting {
			if each.ID == id && q.mayLetIn(each) {
				r = each
				return q.note(db, lookedAt{institution: q.house()[0], filter: "registration", count: 1})
			}
		}
		return mobility.NotFoundError("registration")
	})
	return r, err
}

type registrationForm struct {
	Answer string `form:"answer" validate:"required,oneof=confirm refuse"`
	Reason string `form:"reason" validate:"max=1000"`
}

func (s *Server) answerRegistration(q *request) error {
	id, err := q.id("registration")
	if err != nil {
		return err
	}
	var f registrationForm
	typed, err := form.Decode(q.r, &f)
	if problems, invalid := problemsOf(err); invalid && typed.First("answer") == "refuse" {
		return s.refusalPage(q, http.StatusUnprocessableEntity, typed.First("reason"), problems)
	}
	if err != nil {
		return err
	}
	err = s.Process.AnswerRegistration(q.ctx(), q.actor, process.AnswerRegistration{Registration: id, Confirm: f.Answer == "confirm", Reason: f.Reason, Arrived: q.arrived})
	if err != nil {
		return err
	}
	return s.done(q, "/office/people#registrations", "notice.registration_"+f.Answer)
}
