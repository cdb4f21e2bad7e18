package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// A letter that did not arrive: correct the address and send again, in one
// step, with whatever else of the same reader came back.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/letters/{letter}/address", Guard: Officer, Handle: s.showLetterAddress},
		{Pattern: "POST /office/letters/{letter}/address", Guard: Officer, Handle: s.correctAndRepeat},
	}
})

// wrongAddress is a letter whose address is to be corrected.
type wrongAddress struct {
	letterView
	now    string // the reader's address today
	origin string // where it came from, in words
	host   store.HostOfLetterRow
	others []store.BouncedLettersOfRow // of the same reader, also to be sent again
}

func (s *Server) readWrongAddress(q *request) (w wrongAddress, err error) {
	id, err := q.id("letter")
	if err != nil {
		return w, err
	}
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if w.letterView, err = q.letterRead(ctx, db, id); err != nil {
			return err
		}
		if w.trouble() == "" || !w.correctable() {
			return mobility.ConflictError("conflict.letter_settled", nil)
		}
		if w.Recipient == "host" {
			return q.readHostAddress(ctx, db, &w)
		}
		return q.readPersonAddress(ctx, db, &w)
	})
	return w, err
}

func (q *request) readHostAddress(ctx context.Context, db store.DBTX, w *wrongAddress) (err error) {
	if w.host, err = queries.HostOfLetter(ctx, db, w.ID); err != nil {
		return err
	}
	w.now, w.origin = w.host.Address, q.loc.T("returned.origin_host", "Host", w.host.Host, "Call", w.host.Call.In(q.loc.Lang()))
	all, err := queries.BouncedHostLetters(ctx, db, store.BouncedHostLettersParams{CallID: w.host.CallID, HostInstitutionID: w.host.HostInstitutionID, Address: w.host.Address})
	for _, l := range all {
		if l.ID != w.ID {
			w.others = append(w.others, store.BouncedLettersOfRow{ID: l.ID, Kind: l.Kind, PlannedAt: l.PlannedAt, Subject: l.Subject})
		}
	}
	return err
}

func (q *request) readPersonAddress(ctx context.Context, db store.DBTX, w *wrongAddress) error {
	origin, err := queries.AddressOrigin(ctx, db, store.AddressOriginParams{PersonID: *w.PersonID, InstitutionID: w.InstitutionID})
	if err != nil {
		return err
	}
	w.now, w.origin = w.Email, q.originWords(origin)
	all, err := queries.BouncedLettersOf(ctx, db, store.BouncedLettersOfParams{PersonID: w.PersonID, InstitutionID: w.InstitutionID})
	for _, l := range all {
		if l.ID != w.ID {
			w.others = append(w.others, l)
		}
	}
	return err
}

// originWords say where an address came from: the last that is known.
func (q *request) originWords(o store.AddressOriginRow) string {
	last, words := time.Time{}, q.loc.T("returned.origin_unknown")
	for _, each := range []struct {
		at  time.Time
		key string
	}{{o.ImportedAt, "returned.origin_imported"}, {o.RegisteredAt, "returned.origin_registered"}, {o.CorrectedAt, "returned.origin_corrected"}} {
		if each.at.Year() > 1 && each.at.After(last) {
			last, words = each.at, q.loc.T(each.key, "At", q.loc.Date(each.at))
		}
	}
	return words
}

func (s *Server) showLetterAddress(q *request) error {
	w, err := s.readWrongAddress(q)
	if err != nil {
		return err
	}
	typed := form.Values{}
	if w.corrected() {
		typed["email"] = []string{w.now}
	}
	for _, l := range w.others {
		typed["also"] = append(typed["also"], l.ID.String())
	}
	return s.letterAddressPage(q, http.StatusOK, w, typed, nil)
}

// corrected reports whether somebody put the address right already.
func (w wrongAddress) corrected() bool {
	return w.Address != "" && !strings.EqualFold(w.now, w.Address)
}

func (s *Server) letterAddressPage(q *request, status int, w wrongAddress, typed form.Values, problems []mobility.FieldProblem) error {
	p := page.Office{Base: s.base(q, q.loc.T("returned.correct"))}
	p.Kicker = strings.Join(slices.DeleteFunc([]string{w.Name, w.host.Host}, func(s string) bool { return s == "" }), " · ")
	p.Breadcrumbs = []page.Link{{Label: q.loc.T("office.letters"), Href: "/office/letters"}, {Label: q.loc.T("letter_kind." + w.Kind), Href: letterPath(w.ID)}}
	p.Turn = page.WhoseTurn{Yours: true, Whose: q.loc.T("turn.yours"), What: q.wrongWords(w), Next: q.loc.T("returned.next_person")}
	if w.Recipient == "host" {
		p.Turn.Next = q.loc.T("returned.next_host")
	}
	facts := page.Summary{Rows: []page.Fact{
		{Term: q.loc.T("returned.sent_to"), Text: w.Address}, {Term: q.loc.T("returned.origin"), Text: w.origin},
	}}
	if w.corrected() {
		facts.Rows = append(facts.Rows, page.Fact{Term: q.loc.T("mail.address_now"), Text: w.now})
	}
	email := page.Field{Kind: page.Email, Name: "email", Label: q.loc.T("returned.new_address"), Value: typed.First("email"), Required: true, MaxLength: 254}
	if w.corrected() {
		email.Hint = q.loc.T("returned.already_corrected")
	}
	why := page.Field{Kind: page.LongText, Name: "reason", Rows: 2, Label: q.loc.T("returned.reason"), Hint: q.loc.T("returned.reason_hint"), Value: typed.First("reason"), Required: true, MaxLength: 500}
	p.Errors = page.Refuse(q.loc, problems, &email, &why)
	part := page.Part{ID: "correct", Action: letterPath(w.ID) + "/address", Fields: []page.Field{email, why}}
	if len(w.others) > 0 {
		part.Fields = append(part.Fields, q.alsoField(w, typed))
	}
	part.Buttons = []page.Button{{Label: q.loc.T("returned.correct_do")}, {Label: q.loc.T("part.cancel"), Href: letterPath(w.ID), Look: page.Quiet}}
	p.Parts = present([]page.Part{{ID: "facts", Summary: withoutEmpty(facts)}, part})
	return s.render(q, status, p)
}

// wrongWords say why the letter did not arrive.
func (q *request) wrongWords(w wrongAddress) string {
	if b, ok := w.bounced(); ok {
		return q.bounceWords(b.Reason)
	}
	if n := len(w.attempts); n > 0 && w.Status == "failed" {
		last := w.attempts[n-1]
		return q.bounceWords(refusalOf(last.Code, last.Response))
	}
	return q.loc.T("mail.what_" + w.trouble())
}

func (q *request) alsoField(w wrongAddress, typed form.Values) page.Field {
	also := page.Field{Kind: page.Checkboxes, Name: "also", Label: q.loc.T("returned.also"), Hint: q.loc.T("returned.also_hint")}
	for _, l := range w.others {
		label := l.Subject
		if label == "" {
			label = q.loc.T("letter_kind." + l.Kind)
		}
		also.Options = append(also.Options, page.Option{
			Value: l.ID.String(), Label: label, Hint: q.loc.Date(l.PlannedAt), Selected: slices.Contains(typed.All("also"), l.ID.String()),
		})
	}
	return also
}

type repeatForm struct {
	Email  string      `form:"email" validate:"required,email,max=254"`
	Reason string      `form:"reason" validate:"required,max=500"`
	Also   []uuid.UUID `form:"also" validate:"max=200"`
}

func (s *Server) correctAndRepeat(q *request) error {
	w, err := s.readWrongAddress(q)
	if err != nil {
		return err
	}
	var f repeatForm
	typed, err := form.Decode(q.r, &f)
	if err == nil {
		err = s.Process.RepeatLetters(q.ctx(), q.actor, process.RepeatLetters{Letter: w.ID, Others: f.Also, Email: f.Email, Reason: f.Reason, Arrived: q.arrived})
	}
	if code := mobility.CodeOf(err); code == "conflict.address_taken" || code == "conflict.same_address" {
		err = mobility.InvalidError(mobility.FieldProblem{Field: "email", Code: code})
	}
	if problems, invalid := problemsOf(err); invalid {
		return s.letterAddressPage(q, http.StatusUnprocessableEntity, w, typed, problems)
	}
	if err != nil {
		return err
	}
	return s.done(q, "/office/letters", "notice.address_corrected_again")
}
