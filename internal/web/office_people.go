package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// People: for the telephone, and to put an address right.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/people", Guard: Coordinator, Handle: s.listPeople, Nav: "nav.people", NavOrder: 130},
		{Pattern: "GET /office/people/{person}", Guard: Officer, Handle: s.showPerson},
		{Pattern: "POST /office/people/{person}/address", Guard: Officer, Handle: s.correctAddress},
		{Pattern: "POST /office/people/{person}/address-works", Guard: Officer, Handle: s.addressWorks},
	}
})

// mostPeople is how many a search shows; a longer answer asks for more letters.
const mostPeople = 50

func (s *Server) listPeople(q *request) error {
	sought := strings.TrimSpace(q.r.URL.Query().Get("q"))
	if len(sought) > 200 {
		sought = sought[:200]
	}
	var people []store.OfficePeopleRow
	var waiting []store.OfficeRegistrationsRow
	var bounced bouncedSince
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if waiting, err = queries.OfficeRegistrations(ctx, db, q.house()); err != nil {
			return err
		}
		if len([]rune(sought)) >= 2 {
			people, err = queries.OfficePeople(ctx, db, store.OfficePeopleParams{Institutions: q.house(), Sought: likeText(sought), Most: mostPeople})
			if err != nil {
				return err
			}
			if bounced, err = bouncedAmong(ctx, db, peopleIDs(people)); err != nil {
				return err
			}
		}
		if len(people)+len(waiting) == 0 {
			return nil
		}
		return q.note(db, lookedAt{institution: q.house()[0], subjects: peopleIDs(people), count: len(people) + len(waiting)})
	})
	if err != nil {
		return err
	}
	p := page.Office{Base: s.base(q, q.loc.T("people.title"))}
	p.Lead = q.loc.T("people.lead")
	p.Filter = page.Filter{Action: "/office/people", Button: q.loc.T("people.do_search"), Fields: []page.Field{{Kind: page.Search, Name: "q", Label: q.loc.T("people.search"), Value: sought, MaxLength: 200, Required: true}}}
	if sought != "" {
		p.Parts = append(p.Parts, q.peoplePart(people, bounced, sought))
	}
	if len(waiting) > 0 {
		p.Turn = page.WhoseTurn{Yours: true, Whose: q.loc.T("turn.yours"), What: q.loc.N("work.registrations", len(waiting))}
		p.Parts = append(p.Parts, q.registrationsPart(waiting))
	}
	return s.render(q, http.StatusOK, p)
}

func peopleIDs(people []store.OfficePeopleRow) []uuid.UUID {
	ids := make([]uuid.UUID, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	return ids
}

func (q *request) peoplePart(people []store.OfficePeopleRow, bounced bouncedSince, sought string) page.Part {
	t := page.Table{Caption: q.loc.T("people.found"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.name")}, {Label: q.loc.T("office.email")}, {Label: q.loc.T("office.esi")}, {Label: q.loc.T("office.unit")},
	}, Empty: page.EmptyState{Title: q.loc.T("people.none"), Text: q.loc.T("people.none_text", "Sought", sought)}}
	total := 0
	for _, each := range people {
		total = int(each.Total)
		name := page.Cell{Text: full(each.GivenNames, each.FamilyNames), Href: personPath(each.ID)}
		if !q.isOfficer() {
			name.Href = ""
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{name, {Text: each.Email, Tag: bounced.tag(q, each.ID)}, {Text: each.ESI}, {Text: each.Unit}}})
	}
	part := page.Part{ID: "found", Title: q.loc.T("people.found"), Table: t}
	if total > len(people) {
		part.Text = q.loc.T("people.too_many", "Shown", len(people), "Total", total)
	}
	if total > 0 && q.isOfficer() {
		part.Buttons = []page.Button{{Label: q.loc.T("write.to_people"), Href: withQuery("/office/people/write", "q", sought), Look: page.Secondary}}
	}
	return part
}

// personView is everything the office knows about a person.
type personView struct {
	store.OfficePersonRow
	affiliations []store.OfficeAffiliationsRow
	roles        []store.OfficeRolesOfRow
	applications []store.OfficeElsewhereRow
	letters      []store.OfficeLettersOfRow
	bounced      bouncedSince
	back         []store.BouncedLettersOfRow  // letters that did not arrive and that nobody has dealt with
	signIns      []store.SignInLettersBackRow // of the address of today
	known        definitionsOf
}

func (s *Server) readPerson(q *request) (p personView, err error) {
	id, err := q.id("person")
	if err != nil {
		return p, err
	}
	p.known = definitionsOf{}
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if p.OfficePersonRow, err = queries.OfficePerson(ctx, db, store.OfficePersonParams{ID: id, Institutions: q.house()}); err != nil {
			return err
		}
		if p.affiliations, err = queries.OfficeAffiliations(ctx, db, store.OfficeAffiliationsParams{PersonID: id, Institutions: q.house()}); err != nil {
			return err
		}
		if p.roles, err = queries.OfficeRolesOf(ctx, db, store.OfficeRolesOfParams{PersonID: id, Institutions: q.house()}); err != nil {
			return err
		}
		if p.applications, err = queries.OfficeElsewhere(ctx, db, store.OfficeElsewhereParams{PersonID: id, Institutions: q.house(), Self: q.actor.Person}); err != nil {
			return err
		}
		for _, a := range p.applications {
			if _, err := s.definition(q, db, p.known, a.DefinitionID); err != nil {
				return err
			}
		}
		if p.letters, err = queries.OfficeLettersOf(ctx, db, store.OfficeLettersOfParams{PersonID: &id, Institutions: q.house()}); err != nil {
			return err
		}
		if p.bounced, err = bouncedAmong(ctx, db, []uuid.UUID{id}); err != nil {
			return err
		}
		if p.back, err = queries.BouncedLettersOf(ctx, db, store.BouncedLettersOfParams{PersonID: &id, InstitutionID: p.InstitutionID}); err != nil {
			return err
		}
		if p.signIns, err = q.signInsBack(ctx, db, &id); err != nil {
			return err
		}
		return q.note(db, lookedAt{institution: p.InstitutionID, subjects: []uuid.UUID{id}, count: 1})
	})
	return p, err
}

func (s *Server) showPerson(q *request) error {
	p, err := s.readPerson(q)
	if err != nil {
		return err
	}
	return s.personPage(q, http.StatusOK, p, form.Values{"email": {p.Email}}, nil)
}

func (s *Server) personPage(q *request, status int, v personView, typed form.Values, problems []mobility.FieldProblem) error {
	p := page.Office{Base: s.base(q, strings.TrimSpace(v.GivenNames+" "+v.FamilyNames))}
	p.Breadcrumbs = []page.Link{{Label: q.loc.T("people.title"), Href: "/office/people"}}
	facts := page.Summary{Rows: []page.Fact{
		{Term: q.loc.T("office.email"), Text: v.Email, Tag: v.bounced.tag(q, v.ID), Change: "#address"}, {Term: q.loc.T("office.esi"), Text: v.ESI}, {Term: q.loc.T("office.phone"), Text: v.Phone},
	}}
	if v.BirthDate != nil {
		facts.Rows = append(facts.Rows, page.Fact{Term: q.loc.T("office.born"), Text: q.loc.In(time.UTC).Date(*v.BirthDate)})
	}
	if v.Nationality != "" {
		facts.Rows = append(facts.Rows, page.Fact{Term: q.loc.T("office.nationality"), Text: q.loc.Country(v.Nationality)})
	}
	for _, a := range v.affiliations {
		facts.Rows = append(facts.Rows, page.Fact{Term: a.Unit.In(q.loc.Lang()), Lines: q.affiliationLines(a)})
	}
	for _, r := range v.roles {
		if r.ValidTo == nil {
			facts.Rows = append(facts.Rows, page.Fact{Term: q.loc.T("people.role"), Text: strings.TrimSpace(q.loc.T("by."+r.Role) + " " + r.Unit)})
		}
	}
	p.Notices = q.personNotices(v)
	p.Parts = append(p.Parts, page.Part{ID: "facts", Summary: withoutEmpty(facts)}, q.personApplications(v), q.addressPart(v, typed, problems, &p))
	p.Parts = append(p.Parts, q.worksPart(v)...)
	p.Parts = append(p.Parts, q.signInsBackPart(v.signIns)...)
	if len(v.letters) > 0 {
		p.Parts = append(p.Parts, page.Part{ID: "letters", Title: q.loc.T("office.letters"), Table: q.lettersTable(v.letters, nil, nil)})
	}
	return s.render(q, status, p)
}

func (q *request) personApplications(v personView) page.Part {
	t := page.Table{
		Caption: q.loc.T("people.applications"), HideCaption: true, Columns: []page.Column{{Label: q.loc.T("office.call")}, {Label: q.loc.T("office.state")}},
		Empty: page.EmptyState{Title: q.loc.T("people.no_applications"), Text: q.loc.T("people.no_applications_text")},
	}
	for _, a := range v.applications {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: a.Title.In(q.loc.Lang()), Note: a.AcademicYear, Href: filePath(a.ID)}, {Tag: stateTag(q.loc, v.known[a.DefinitionID], a.State)},
		}})
	}
	return page.Part{ID: "applications", Title: q.loc.T("people.applications"), Table: t}
}

func (q *request) addressPart(v personView, typed form.Values, problems []mobility.FieldProblem, p *page.Office) page.Part {
	email := page.Field{Kind: page.Email, Name: "email", Label: q.loc.T("people.new_address"), Value: typed.First("email"), Required: true, MaxLength: 254}
	p.Errors = page.Refuse(q.loc, problems, &email)
	return page.Part{
		ID: "address", Title: q.loc.T("people.correct_title"), Text: q.loc.T("people.correct_text"), Action: personPath(v.ID) + "/address",
		Fields: []page.Field{email}, Buttons: []page.Button{{Label: q.loc.T("people.correct_do"), Look: page.Secondary}},
	}
}

// personNotices tell that letters to the person do not arrive, and lead to
// where that is put right in one step.
func (q *request) personNotices(v personView) []page.Notice {
	links := []page.Link{{Label: q.loc.T("bounce.address_show"), Href: "#letters"}}
	if len(v.signIns) > 0 {
		links = []page.Link{{Label: q.loc.T("mail.correct_address"), Href: "#address"}, {Label: q.loc.T("bounce.address_show"), Href: "#sign-ins"}}
	}
	if len(v.back) > 0 {
		links = append([]page.Link{{Label: q.loc.T("returned.correct"), Href: letterPath(v.back[0].ID) + "/address"}}, links...)
	}
	if out := v.bounced.notice(q, v.ID, links...); len(out) > 0 || len(v.back) == 0 {
		return out
	}
	return []page.Notice{{Tone: page.Warning, Title: q.loc.N("bounce.letters_back", len(v.back)), Links: links}}
}

// worksPart lets an office that knows better take the mark off an address.
func (q *request) worksPart(v personView) []page.Part {
	if _, ok := v.bounced[v.ID]; !ok && len(v.signIns) == 0 {
		return nil
	}
	return []page.Part{{
		ID: "works", Title: q.loc.T("bounce.works"), Text: q.loc.T("bounce.works_text"), Action: personPath(v.ID) + "/address-works",
		Buttons: []page.Button{{Label: q.loc.T("bounce.works"), Look: page.Secondary}},
	}}
}

func (s *Server) addressWorks(q *request) error {
	v, err := s.readPerson(q)
	if err != nil {
		return err
	}
	if err := s.Process.AddressWorks(q.ctx(), q.actor, process.AddressWorks{Institution: v.InstitutionID, Person: v.ID, Arrived: q.arrived}); err != nil {
		return err
	}
	return s.done(q, personPath(v.ID), "notice.address_works")
}

type addressForm struct {
	Email string `form:"email" validate:"required,email,max=254"`
}

func (s *Server) correctAddress(q *request) error {
	v, err := s.readPerson(q)
	if err != nil {
		return err
	}
	var f addressForm
	typed, err := form.Decode(q.r, &f)
	if err == nil {
		err = s.Process.CorrectAddress(q.ctx(), q.actor, process.CorrectAddress{Institution: v.InstitutionID, Person: v.ID, Email: f.Email, Arrived: q.arrived})
	}
	if code := mobility.CodeOf(err); code == "conflict.address_taken" || code == "conflict.same_address" {
		err = mobility.InvalidError(mobility.FieldProblem{Field: "email", Code: code})
	}
	if problems, invalid := problemsOf(err); invalid {
		return s.personPage(q, http.StatusUnprocessableEntity, v, typed, problems)
	}
	if err != nil {
		return err
	}
	if _, dead := v.bounced[v.ID]; dead {
		return s.done(q, personPath(v.ID), "notice.address_corrected_untold")
	}
	return s.done(q, personPath(v.ID), "notice.address_corrected")
}
