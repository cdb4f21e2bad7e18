package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// deskSaid is what the desk's page says beside what stands on it.
type deskSaid struct {
	status  int
	notice  page.Notice
	code    string // typed
	refused []mobility.FieldProblem
}

func (s *Server) showDesk(q *request) error {
	d, err := s.desk(q)
	if err != nil {
		return err
	}
	return s.deskPage(q, &d, deskSaid{status: http.StatusOK})
}

func (s *Server) deskPage(q *request, d *desk, said deskSaid) error {
	moves, err := s.hostMoves(q, d)
	if err != nil {
		return err
	}
	lang := q.loc.Lang()
	p := page.HostDesk{
		Base: s.base(q, q.loc.N("host.title", len(d.nominations))), Said: said.notice, Turn: q.hostTurn(d), Facts: q.hostFacts(d),
		Action: d.path + "/answer", Nominations: q.nominations(d, len(moves) > 0),
	}
	p.Kicker = d.call.Host
	if waiting, _ := d.waiting(); waiting > 1 && len(moves) > 0 && !all(q) {
		p.All = page.Link{Label: q.loc.N("host.choose_all", waiting), Href: d.path + "?all=1#nominations"}
	}
	for _, m := range moves {
		button := page.Button{Label: m.Label.In(lang), Name: "move", Value: m.Name, Look: page.Primary}
		if m.EndsNomination != "" {
			button.Look, button.Danger = page.Secondary, true
		}
		p.Buttons = append(p.Buttons, button)
	}
	q.hostDocuments(d, said, &p)
	return s.render(q, said.status, p)
}

func all(q *request) bool { return q.r.URL.Query().Get("all") != "" }

// hostTurn says what the host owes and until when.
func (q *request) hostTurn(d *desk) page.WhoseTurn {
	n, by := d.waiting()
	switch {
	case len(d.nominations) == 0:
		return page.WhoseTurn{Over: true, Whose: q.loc.T("host.nobody"), What: q.loc.T("host.nobody_text", "Home", d.call.Home)}
	case n == 0:
		return page.WhoseTurn{Over: true, Whose: q.loc.T("host.all_answered"), What: q.loc.T("host.all_answered_text")}
	}
	return page.WhoseTurn{
		Yours: true, Whose: q.loc.T("turn.yours"), What: q.loc.N("host.waiting", n),
		Until: page.DeadlineOf(q.loc, by, q.now), Next: q.loc.T("host.next"),
	}
}

// hostFacts say who asks, for what, and who can be asked back.
func (q *request) hostFacts(d *desk) page.Summary {
	rows := []page.Fact{
		{Term: q.loc.T("host.home"), Text: d.call.Home},
		{Term: q.loc.T("host.call"), Text: d.call.Title.In(q.loc.Lang())},
		{Term: q.loc.T("host.programme"), Text: q.loc.T("programme." + d.call.Programme)},
	}
	if d.call.ContactEmail != "" {
		rows = append(rows, page.Fact{Term: q.loc.T("host.contact"), Text: d.call.ContactEmail, Href: "mailto:" + d.call.ContactEmail})
	}
	if d.call.ContactPhone != "" {
		rows = append(rows, page.Fact{Term: q.loc.T("host.phone"), Text: d.call.ContactPhone})
	}
	if q.route.Guard == Host {
		rows = append(rows, page.Fact{Term: q.loc.T("host.link_until"), When: page.MomentOf(q.loc, q.host.Expires, q.arrived)})
	}
	return page.Summary{Rows: rows}
}

// nominations is the table of those nominated; with ticks where something can
// be answered.
func (q *request) nominations(d *desk, answers bool) page.Table {
	t := page.Table{
		Caption: q.loc.T("host.table"), HideCaption: true,
		Columns: []page.Column{
			{Label: q.loc.T("host.person")},
			{Label: q.loc.T("host.studies")},
			{Label: q.loc.T("host.stay")},
			{Label: q.loc.T("host.language")},
			{Label: q.loc.T("host.status")},
		},
		Empty: page.EmptyState{Title: q.loc.T("host.nobody"), Text: q.loc.T("host.nobody_text", "Home", d.call.Home)},
	}
	for _, n := range d.nominations {
		t.Rows = append(t.Rows, q.nominationRow(n, answers))
	}
	return t
}

func (q *request) nominationRow(n nominee, answers bool) page.Row {
	name := q.nominated(n)
	first := page.Cell{Text: name, Note: n.Email}
	if answers && n.live() {
		first.Tick = &page.Tick{Name: "n", Value: n.ID.String(), Label: name, Checked: all(q) && n.waits()}
	}
	studies := page.Cell{}
	if n.EQFNow > 0 {
		studies.Text = q.loc.T(fmt.Sprintf("cycle.%d", n.EQFNow))
		studies.Note = q.loc.T("host.field", "Code", n.ISCEDF)
	}
	status := page.Cell{Tag: q.hostStatus(n), Note: q.hostSince(n)}
	return page.Row{ID: "n-" + n.ID.String(), Cells: []page.Cell{
		first, studies, {Text: q.stay(n)}, {Text: levelWords(q.loc, n.HostNominationsRow.Language, n.HostNominationsRow.CEFR)}, status,
	}}
}

// hostSince says until when an answer is owed, or when it came and why.
func (q *request) hostSince(n nominee) string {
	switch {
	case n.AnsweredAt == nil && n.AnswerBy != nil && !q.now.Before(*n.AnswerBy):
		return q.loc.T("host.was_due", "By", page.DeadlineOf(q.loc, *n.AnswerBy, time.Time{}).Text)
	case n.AnsweredAt == nil && n.AnswerBy != nil:
		return q.loc.T("host.until", "By", page.DeadlineOf(q.loc, *n.AnswerBy, time.Time{}).Text)
	case n.AnsweredAt == nil:
		return ""
	case n.ReasonCode != "":
		return q.loc.DateTime(*n.AnsweredAt) + ": " + q.loc.T("host_reason_office."+string(mobility.HostReasonOf(n.ReasonCode)))
	}
	return q.loc.DateTime(*n.AnsweredAt)
}

// showHostCalls lists the calls whose people are nominated to the officer's
// institution.
func (s *Server) showHostCalls(q *request) error {
	var calls []store.HostCallsRow
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		calls, err = queries.HostCalls(ctx, db)
		return err
	})
	if err != nil {
		return err
	}
	base := s.base(q, q.loc.T("nav.host_office"))
	base.Lead = q.loc.T("host.office_lead")
	p := page.HostCalls{Base: base, Calls: page.Table{
		Caption: q.loc.T("host.calls"), HideCaption: true,
		Columns: []page.Column{
			{Label: q.loc.T("host.call")}, {Label: q.loc.T("host.home")}, {Label: q.loc.T("host.nominations"), Numeric: true}, {Label: q.loc.T("host.answers")},
		},
		Empty: page.EmptyState{Title: q.loc.T("host.nobody"), Text: q.loc.T("host.no_calls")},
	}}
	for _, c := range calls {
		p.Calls.Rows = append(p.Calls.Rows, q.hostCallRow(c))
	}
	return s.render(q, http.StatusOK, p)
}

func (q *request) hostCallRow(c store.HostCallsRow) page.Row {
	answers := page.Cell{Tag: page.Tag{Label: q.loc.T("host.all_answered"), Tone: page.Success}}
	if c.Waiting > 0 {
		answers = page.Cell{Tag: page.Tag{Label: q.loc.N("host.owed", int(c.Waiting)), Tone: page.Accent}}
		if c.AnswerBy.Unix() > 0 { // none is written as the epoch
			answers.When = page.DeadlineOf(q.loc, c.AnswerBy, q.now)
		}
	}
	return page.Row{Cells: []page.Cell{
		{Text: c.Title.In(q.loc.Lang()), Href: "/host-office/" + c.ID.String(), Note: q.loc.T("programme." + c.Programme)},
		{Text: c.Home},
		{Text: q.loc.Number(int(c.Nominations))},
		answers,
	}}
}
