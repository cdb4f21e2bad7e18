package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// The office's own addresses: where answers go, and letters to the office.
// One that does not work is put right wherever it stands, and what did not
// arrive there is sent again.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/mail/address", Guard: Officer, Handle: s.showOwnAddress},
		{Pattern: "POST /office/mail/address", Guard: Officer, Handle: s.correctOwnAddress},
	}
})

// ownAddress is an address with where it stands and what did not arrive there.
type ownAddress struct {
	institution uuid.UUID
	address     string // "" if the institution has none
	stands      []string
	back        []store.OfficeLettersBackRow
}

type ownAddresses []ownAddress

// mostOfficeLetters is how many letters to offices are listed.
const mostOfficeLetters = 200

func ownAddressPath(institution uuid.UUID, address string) string {
	return withQuery("/office/mail/address", "institution", institution.String(), "address", address)
}

// at finds or adds an address of an institution.
func (all *ownAddresses) at(institution uuid.UUID, address string) *ownAddress {
	i := slices.IndexFunc(*all, func(o ownAddress) bool { return o.institution == institution && strings.EqualFold(o.address, address) })
	if i < 0 {
		i = len(*all)
		*all = append(*all, ownAddress{institution: institution, address: address})
	}
	return &(*all)[i]
}

func (q *request) readOwnAddresses(ctx context.Context, db store.DBTX) (all ownAddresses, err error) {
	houses, err := queries.OfficeMailboxes(ctx, db, q.house())
	if err != nil {
		return nil, err
	}
	for _, h := range houses {
		own := all.at(h.ID, h.OfficeEmail)
		own.stands = append(own.stands, h.Name)
	}
	calls, err := queries.CallContacts(ctx, db, q.house())
	if err != nil {
		return nil, err
	}
	for _, c := range calls {
		own := all.at(c.InstitutionID, c.ContactEmail)
		own.stands = append(own.stands, q.loc.T("all_mail.call", "Call", c.Title.In(q.loc.Lang())))
	}
	back, err := queries.OfficeLettersBack(ctx, db, store.OfficeLettersBackParams{Institutions: q.house(), Most: mostOfficeLetters})
	for _, l := range back {
		if i := slices.IndexFunc(all, func(o ownAddress) bool {
			return o.institution == l.InstitutionID && strings.EqualFold(o.address, l.Address)
		}); i >= 0 {
			all[i].back = append(all[i].back, l)
		}
	}
	return all, err
}

func (q *request) ownAddressesPart(all ownAddresses) page.Part {
	t := page.Table{Caption: q.loc.T("all_mail.addresses"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.email")}, {Label: q.loc.T("all_mail.stands")}, {Label: q.loc.T("office.state")}, {Label: q.loc.T("office.acts"), Hide: true},
	}}
	for _, own := range all {
		address, state := page.Cell{Text: own.address}, page.Cell{}
		if own.address == "" {
			address.Text, state.Tag = q.loc.T("all_mail.no_address"), page.Tag{Label: q.loc.T("all_mail.missing"), Tone: page.Warning}
		}
		if n := len(own.back); n > 0 {
			state = page.Cell{Tag: page.Tag{Label: q.loc.N("all_mail.not_arrived", n), Tone: page.Danger}, Note: q.backWords(own.back[0])}
		}
		var act page.Cell
		if q.keepsHouse(own.institution) {
			act.Buttons = []page.Button{{Label: q.loc.T("all_mail.correct"), Href: ownAddressPath(own.institution, own.address), Look: page.Secondary}}
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{address, {Text: strings.Join(own.stands, ", ")}, state, act}})
	}
	return page.Part{ID: "addresses", Title: q.loc.T("all_mail.addresses"), Text: q.loc.T("all_mail.addresses_text"), Table: t}
}

func (own ownAddress) letters() []uuid.UUID {
	ids := make([]uuid.UUID, len(own.back))
	for i, l := range own.back {
		ids[i] = l.ID
	}
	return ids
}

// backWords say why a letter to the office did not arrive.
func (q *request) backWords(l store.OfficeLettersBackRow) string {
	if l.Reason == "" {
		return q.loc.T("mail.what_failed")
	}
	return q.bounceWords(l.Reason)
}

// askedAddress is the address the request is about: one that stands somewhere.
func (s *Server) askedAddress(q *request, institution uuid.UUID, address string) (own ownAddress, err error) {
	err = s.read(q, func(ctx context.Context, db store.DBTX) error {
		all, err := q.readOwnAddresses(ctx, db)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(o ownAddress) bool {
			return o.institution == institution && strings.EqualFold(o.address, address) && len(o.stands) > 0
		})
		if i < 0 {
			return mobility.NotFoundError("address")
		}
		if own = all[i]; len(own.back) == 0 {
			return nil
		}
		return q.note(db, lookedAt{institution: institution, subjects: own.letters(), count: len(own.back)})
	})
	return own, err
}

func (s *Server) showOwnAddress(q *request) error {
	v := q.r.URL.Query()
	id := idOf(v.Get("institution"))
	if id == nil {
		return mobility.NotFoundError("address")
	}
	own, err := s.askedAddress(q, *id, v.Get("address"))
	if err != nil {
		return err
	}
	typed := form.Values{}
	for _, l := range own.back {
		typed["letter"] = append(typed["letter"], l.ID.String())
	}
	return s.ownAddressPage(q, http.StatusOK, own, typed, nil)
}

func (s *Server) ownAddressPage(q *request, status int, own ownAddress, typed form.Values, problems []mobility.FieldProblem) error {
	p := page.Office{Base: s.base(q, q.loc.T("all_mail.correct_title"))}
	p.Breadcrumbs = []page.Link{{Label: q.loc.T("office.letters"), Href: "/office/letters"}, {Label: q.loc.T("all_mail.title"), Href: "/office/mail"}}
	p.Lead = q.loc.T("all_mail.correct_lead")
	facts := page.Summary{Rows: []page.Fact{{Term: q.loc.T("all_mail.address_now"), Text: own.address}, {Term: q.loc.T("all_mail.stands"), Lines: own.stands}}}
	email := page.Field{Kind: page.Email, Name: "email", Label: q.loc.T("returned.new_address"), Value: typed.First("email"), Required: true, MaxLength: 254}
	p.Errors = page.Refuse(q.loc, problems, &email)
	part := page.Part{
		ID: "correct", Action: "/office/mail/address", Fields: []page.Field{email},
		Hidden: []page.Hidden{{Name: "institution", Value: own.institution.String()}, {Name: "address", Value: own.address}},
	}
	if len(own.back) > 0 {
		again := page.Field{Kind: page.Checkboxes, Name: "letter", Label: q.loc.T("all_mail.again"), Hint: q.loc.T("all_mail.again_hint")}
		for _, l := range own.back {
			again.Options = append(again.Options, page.Option{
				Value: l.ID.String(), Label: l.Subject, Hint: q.loc.Date(l.PlannedAt), Selected: slices.Contains(typed.All("letter"), l.ID.String()),
			})
		}
		part.Fields = append(part.Fields, again)
	}
	part.Buttons = []page.Button{{Label: q.loc.T("all_mail.correct_do")}, {Label: q.loc.T("part.cancel"), Href: "/office/mail", Look: page.Quiet}}
	p.Parts = []page.Part{{ID: "facts", Summary: withoutEmpty(facts)}, part}
	return s.render(q, status, p)
}

type ownAddressForm struct {
	Institution uuid.UUID   `form:"institution" validate:"required"`
	Address     string      `form:"address" validate:"max=254"`
	Email       string      `form:"email" validate:"required,email,max=254"`
	Letters     []uuid.UUID `form:"letter" validate:"max=200"`
}

func (s *Server) correctOwnAddress(q *request) error {
	var f ownAddressForm
	typed, err := form.Decode(q.r, &f)
	if f.Institution == uuid.Nil {
		return mobility.NotFoundError("address")
	}
	own, readErr := s.askedAddress(q, f.Institution, f.Address)
	if readErr != nil {
		return readErr
	}
	if err == nil {
		err = s.Process.CorrectOfficeAddress(q.ctx(), q.actor, process.CorrectOfficeAddress{
			Institution: own.institution, Old: own.address, Email: f.Email, Letters: f.Letters, Arrived: q.arrived,
		})
	}
	if problems, invalid := problemsOf(err); invalid {
		return s.ownAddressPage(q, http.StatusUnprocessableEntity, own, typed, problems)
	}
	if err != nil {
		return err
	}
	return s.done(q, "/office/mail", "notice.own_address_corrected")
}
