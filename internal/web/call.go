package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// One call: what it asks, how it decides, where it leads.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /calls/{call}", Guard: Public, Handle: s.showCall},
		{Pattern: "POST /calls/{call}/rounds/{round}/start", Guard: Applicant, Handle: s.startApplication},
	}
})

// publicCall is what the page of a call is made of.
type publicCall struct {
	call    store.PublicCallRow
	rounds  []store.PublicRoundsRow
	places  []store.PublicDestinationsRow
	mine    map[uuid.UUID]store.MyApplicationsInRow // own application by round
	scheme  scheme
	past    pastFigures
	lists   store.CallListsRow
	amended []store.AmendmentsOfCallRow
	longer  []store.ExtendedUnitsRow // units that may submit longer
	own     map[uuid.UUID]time.Time  // the reader's own end, by round
	units   []store.KnownUnitsRow
}

func (s *Server) showCall(q *request) error {
	id, err := q.id("call")
	if err != nil {
		return err
	}
	v := &publicCall{mine: map[uuid.UUID]store.MyApplicationsInRow{}}
	if err := s.read(q, func(ctx context.Context, db store.DBTX) error { return v.load(ctx, q, db, id) }); err != nil {
		return err
	}
	lang := q.loc.Lang()
	base := s.base(q, v.call.Title.In(lang))
	base.Kicker = q.loc.T("catalogue.kicker", "Institution", v.call.Institution, "Programme", q.loc.T("programme."+v.call.Programme), "Year", v.call.AcademicYear)
	base.Breadcrumbs = []page.Link{{Label: q.loc.T("nav.calls"), Href: "/calls"}}
	p := page.Call{Base: base, Turn: v.turn(q), Parts: v.about(q), After: v.after(q)}
	v.fillPlaces(q, &p)
	return s.render(q, http.StatusOK, p)
}

func (v *publicCall) load(ctx context.Context, q *request, db store.DBTX, id uuid.UUID) (err error) {
	if v.call, err = queries.PublicCall(ctx, db, id); err != nil {
		return err
	}
	if v.rounds, err = queries.PublicRounds(ctx, db, id); err != nil {
		return err
	}
	if v.lists, err = queries.CallLists(ctx, db, id); err != nil {
		return err
	}
	if v.amended, err = queries.AmendmentsOfCall(ctx, db, id); err != nil {
		return err
	}
	if v.longer, err = queries.ExtendedUnits(ctx, db, id); err != nil {
		return err
	}
	if v.own, err = q.ownClosings(ctx, db, &id); err != nil {
		return err
	}
	if v.places, err = queries.PublicDestinations(ctx, db, id); err != nil {
		return err
	}
	if v.units, err = queries.KnownUnits(ctx, db, v.call.InstitutionID); err != nil {
		return err
	}
	if v.past, err = readPast(ctx, db, id); err != nil {
		return err
	}
	v.scheme, err = readScheme(v.call.Scheme)
	v.scheme.questions = v.call.Questions
	if err != nil || !q.actor.SignedIn() {
		return err
	}
	mine, err := queries.MyApplicationsIn(ctx, db, store.MyApplicationsInParams{CallID: id, PersonID: q.actor.Person})
	for _, m := range mine {
		v.mine[m.RoundID] = m
	}
	return err
}

// round is the round that matters now: the next to close, else the last.
func (v *publicCall) round(q *request) (store.PublicRoundsRow, bool) {
	for _, r := range v.rounds {
		if mobility.Open(q.now, v.closes(r)) {
			return r, true
		}
	}
	if len(v.rounds) == 0 {
		return store.PublicRoundsRow{}, false
	}
	return v.rounds[len(v.rounds)-1], true
}

// closes is when a round closes for the reader.
func (v *publicCall) closes(r store.PublicRoundsRow) time.Time {
	return laterOf(r.ClosesAt, v.own[r.ID])
}

// turn says whether one may apply now, until when, and leads on.
func (v *publicCall) turn(q *request) page.WhoseTurn {
	r, ok := v.round(q)
	if !ok || v.call.OpenedAt == nil {
		return page.WhoseTurn{Over: true, Whose: q.loc.T("call.not_open")}
	}
	zone := zoneOf(v.call.Zone)
	t := page.WhoseTurn{Whose: q.loc.T("call.open"), Until: q.deadline(v.closes(r), zone), Next: q.loc.T("call.then")}
	switch {
	case !mobility.Open(q.now, v.closes(r)):
		t = page.WhoseTurn{Over: true, Whose: q.loc.T("call.closed"), What: q.loc.T("call.closed_since", "When", q.both(r.ClosesAt, zone))}
		if !q.actor.SignedIn() && v.someLonger(q.now) {
			t.Buttons = v.apply(q, r)
		}
	case q.now.Before(r.OpensAt):
		t = page.WhoseTurn{Whose: q.loc.T("call.opens"), What: q.loc.T("call.opens_at", "When", q.both(r.OpensAt, zone)), Until: t.Until}
	default:
		t.Yours, t.Buttons = true, v.apply(q, r)
		if !mobility.Open(q.now, r.ClosesAt) {
			t.What = q.loc.T("call.yours_longer")
		}
	}
	if mine, ok := v.mine[r.ID]; ok {
		t.What = q.loc.T("call.yours")
		t.Buttons = []page.Button{{Label: q.loc.T("call.continue"), Href: "/applications/" + mine.ID.String()}}
		if mine.Over {
			t.Yours, t.Next, t.What, t.Buttons[0].Label = false, "", q.loc.T("call.yours_over"), q.loc.T("call.look")
		}
	}
	return t
}

func (v *publicCall) apply(q *request, r store.PublicRoundsRow) []page.Button {
	here := "/calls/" + v.call.ID.String()
	if q.actor.SignedIn() {
		return []page.Button{{Label: q.loc.T("call.apply"), Action: here + "/rounds/" + r.ID.String() + "/start"}}
	}
	out := []page.Button{{Label: q.loc.T("call.sign_in"), Href: "/sign-in?next=" + url.QueryEscape(here)}}
	if v.call.Registration != "none" {
		out = append(out, page.Button{Label: q.loc.T("call.register"), Href: here + "/register", Look: page.Secondary})
	}
	return out
}

// startApplication begins one's application, or goes on with the one there is.
func (s *Server) startApplication(q *request) error {
	round, err := q.id("round")
	if err != nil {
		return err
	}
	id, err := s.Process.Start(q.ctx(), q.actor, round, q.arrived)
	if err != nil {
		return err
	}
	return q.redirect("/applications/" + id.String() + "/edit")
}

// about is what stands before the places: what it is, for whom, how it is
// decided.
func (v *publicCall) about(q *request) []page.Part {
	lang := q.loc.Lang()
	parts := []page.Part{{Text: v.call.Description.In(lang), Summary: page.Summary{Rows: v.facts(q)}}}
	if text := v.call.Requirements.In(lang); text != "" {
		parts = append(parts, page.Part{Title: q.loc.T("call.requirements"), Text: text})
	}
	if len(v.rounds) > 1 {
		parts = append(parts, page.Part{Title: q.loc.T("call.rounds"), Table: v.roundTable(q)})
	}
	parts = append(parts, v.pointsPart(q), v.rulesPart(q))
	if amended := v.amendedPart(q); amended.ID != "" {
		parts = append(parts, amended)
	}
	return parts
}

func (v *publicCall) facts(q *request) []page.Fact {
	c := v.call
	rows := []page.Fact{
		{Term: q.loc.T("call.who"), Text: q.mayApply(c.Units, c.Registration)},
		{Term: q.loc.T("call.choices"), Text: limitWords(q.loc, c.MaxChoices, c.MaxLanguages)},
	}
	if c.MinEcts != nil {
		rows = append(rows, page.Fact{Term: q.loc.T("call.ects"), Text: q.loc.T("call.at_least", "Number", *c.MinEcts)})
	}
	if c.MinDays != nil && c.MaxDays != nil {
		rows = append(rows, page.Fact{Term: q.loc.T("call.days"), Text: q.loc.T("call.from_to", "From", q.loc.Number(int(*c.MinDays)), "To", q.loc.Number(int(*c.MaxDays)))})
	}
	if len(v.longer) > 0 {
		rows = append(rows, v.longerFact(q))
	}
	return append(rows, page.Fact{Term: q.loc.T("call.way"), Text: q.loc.T("call.way_link"), Href: "/help/lifecycles/" + url.PathEscape(c.Lifecycle)})
}

func (v *publicCall) roundTable(q *request) page.Table {
	t := page.Table{Caption: q.loc.T("call.rounds"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("call.round")}, {Label: q.loc.T("catalogue.opens")}, {Label: q.loc.T("catalogue.closes")},
	}}
	zone := zoneOf(v.call.Zone)
	for _, r := range v.rounds {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: q.loc.Number(int(r.Number))}, {When: q.moment(r.OpensAt, zone)}, {When: q.deadline(r.ClosesAt, zone)}}})
	}
	return t
}

// after is what stands below the places: whom to ask and how to appeal.
func (v *publicCall) after(q *request) []page.Part {
	c := v.call
	var rows []page.Fact
	if c.ContactEmail != "" {
		rows = append(rows, page.Fact{Term: q.loc.T("call.email"), Text: c.ContactEmail, Href: "mailto:" + c.ContactEmail})
	}
	if c.ContactPhone != "" {
		rows = append(rows, page.Fact{Term: q.loc.T("call.phone"), Text: c.ContactPhone})
	}
	var parts []page.Part
	if len(rows) > 0 {
		parts = append(parts, page.Part{Title: q.loc.T("call.contact"), Summary: page.Summary{Rows: rows}})
	}
	if text := v.appealText(q); text != "" {
		parts = append(parts, page.Part{Title: q.loc.T("call.appeal"), Text: text})
	}
	return parts
}

// appealText is the call's own words and how long one may appeal here.
func (v *publicCall) appealText(q *request) string {
	words := []string{v.call.Appeal.In(q.loc.Lang())}
	switch l := v.lists; {
	case l.ProvisionalDays != nil && l.AppealDays != nil:
		words = append(words, q.loc.N("appeal.call_provisional", int(*l.ProvisionalDays)), q.loc.N("appeal.call_final", int(*l.AppealDays)))
	case l.ProvisionalDays != nil:
		words = append(words, q.loc.N("appeal.call_provisional", int(*l.ProvisionalDays)), q.loc.T("appeal.call_final_none"))
	case l.AppealDays != nil:
		words = append(words, q.loc.N("appeal.call_final", int(*l.AppealDays)))
	}
	return strings.TrimSpace(strings.Join(words, " "))
}
