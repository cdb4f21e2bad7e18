package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// answering is one answer about several nominations: whom it can be given
// for, and for whom not and why.
type answering struct {
	move   *lifecycle.MoveDef // nil if it can be given for nobody
	able   []nominee          // each with the revision it was chosen at
	unable []string           // a line each
}

// chosen is a nomination as a form names it: its id and, once the page that
// asks was shown, the revision it showed.
type chosen struct {
	id       uuid.UUID
	revision int32
}

func (c chosen) String() string { return c.id.String() + ":" + strconv.Itoa(int(c.revision)) }

// chosenOf reads what was ticked; what is no nomination is left out.
func chosenOf(values []string) []chosen {
	var out []chosen
	for _, value := range values {
		id, revision, _ := strings.Cut(value, ":")
		parsed, err := uuid.Parse(id)
		if err != nil || slices.ContainsFunc(out, func(c chosen) bool { return c.id == parsed }) {
			continue
		}
		n, _ := strconv.ParseInt(revision, 10, 32) // none: as it stands
		out = append(out, chosen{parsed, int32(n)})
	}
	return out
}

// answering looks at each nomination chosen: the move must be there for it
// now, and no rule against it.
func (s *Server) answering(q *request, d *desk, move string, list []chosen) (answering, error) {
	var out answering
	for _, c := range list {
		n, ok := d.nominee(c.id)
		if !ok {
			continue
		}
		if c.revision != 0 {
			n.Revision = c.revision
		}
		found, err := s.hostMove(q, n, move)
		if err != nil {
			return out, err
		}
		switch {
		case found == nil:
			out.unable = append(out.unable, q.nominated(n)+": "+q.alreadyAnswered(n))
		case found.Refusal != nil:
			out.unable = append(out.unable, q.nominated(n)+": "+q.loc.T(found.Refusal.Code, found.Refusal.Data))
		default:
			out.move = found.Move
			out.able = append(out.able, n)
		}
	}
	return out, nil
}

// hostMove finds the move among those open for a nomination; nil if it has
// none of that name.
func (s *Server) hostMove(q *request, n nominee, move string) (*lifecycle.Available, error) {
	if !n.live() {
		return nil, nil
	}
	st, err := s.Process.Standing(q.ctx(), q.actor, n.ApplicationID, q.arrived)
	if err != nil {
		return nil, err
	}
	var found *lifecycle.Available
	for i, m := range st.Moves {
		if m.Move.Name == move && !m.Hide && slices.Contains(m.Move.Who, mobility.RoleHost) && (found == nil || m.Refusal == nil) {
			found = &st.Moves[i]
		}
	}
	return found, nil
}

// alreadyAnswered says what became of a nomination that cannot be answered so.
func (q *request) alreadyAnswered(n nominee) string {
	words := q.hostStatus(n).Label
	if n.AnsweredAt != nil {
		words += ", " + q.loc.DateTime(*n.AnsweredAt)
	}
	return words
}

// showAnswer asks before an answer is given: what it means, for whom, and
// what it takes.
func (s *Server) showAnswer(q *request) error {
	d, err := s.desk(q)
	if err != nil {
		return err
	}
	asked := q.r.URL.Query()
	list := chosenOf(asked["n"])
	if len(list) == 0 {
		return s.deskPage(q, &d, deskSaid{status: http.StatusUnprocessableEntity, notice: page.Notice{Tone: page.Warning, Text: q.loc.T("host.choose_first")}})
	}
	a, err := s.answering(q, &d, asked.Get("move"), list)
	if err != nil {
		return err
	}
	return s.answerPage(q, &d, a, answerSaid{status: http.StatusOK})
}

// answerSaid is what was typed into the page that asks, and what is wrong.
type answerSaid struct {
	status   int
	typed    form.Values
	problems []mobility.FieldProblem
}

func (s *Server) answerPage(q *request, d *desk, a answering, said answerSaid) error {
	if a.move == nil {
		p := page.Message{Base: s.base(q, q.loc.T("error.conflict_title")), Text: q.loc.T("host.cannot"), Items: a.unable}
		p.Buttons = []page.Button{{Label: q.loc.T("host.back"), Href: d.path, Look: page.Secondary}}
		return s.render(q, http.StatusConflict, p)
	}
	lang, fields := q.loc.Lang(), q.answerFields(a.move, said.typed)
	pointers := make([]*page.Field, len(fields))
	for i := range fields {
		pointers[i] = &fields[i]
	}
	dialog := page.Dialog{
		Text: a.move.Confirm.In(lang), Errors: page.Refuse(q.loc, said.problems, pointers...), Fields: fields, Table: q.answerTable(a.able),
		Action: d.path + "/answer", Hidden: []page.Hidden{{Name: "move", Value: a.move.Name}},
		Confirm: page.Button{Label: a.move.Label.In(lang), Danger: a.move.EndsNomination != ""}, Cancel: page.Link{Label: q.loc.T("move.not_now"), Href: d.path},
	}
	if len(a.unable) > 0 {
		dialog.Warning = page.Notice{Tone: page.Warning, Title: q.loc.T("host.not_for"), Items: a.unable}
	}
	for _, n := range a.able {
		dialog.Hidden = append(dialog.Hidden, page.Hidden{Name: "n", Value: chosen{n.ID, n.Revision}.String()})
	}
	base := s.base(q, a.move.Label.In(lang))
	base.Kicker = d.call.Title.In(lang)
	return s.render(q, said.status, page.Confirm{Base: base, Dialog: dialog})
}

func (q *request) answerTable(list []nominee) page.Table {
	t := page.Table{
		Caption: q.loc.N("host.chosen", len(list)),
		Columns: []page.Column{{Label: q.loc.T("host.person")}, {Label: q.loc.T("host.stay")}, {Label: q.loc.T("host.status")}},
	}
	for _, n := range list {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: q.nominated(n)}, {Text: q.stay(n)}, {Tag: q.hostStatus(n)}}})
	}
	return t
}

// answerFields are the inputs of a host's move, then its reason.
func (q *request) answerFields(m *lifecycle.MoveDef, typed form.Values) []page.Field {
	v := &moveView{answer: moveAnswer{move: m, typed: typed}}
	v.at.audience = lifecycle.AudienceOffice
	return v.fields(q)
}

// answerForm is what the page that asks sends.
type answerForm struct {
	Move       string   `form:"move" validate:"required,max=100"`
	Chosen     []string `form:"n" validate:"required,max=500"`
	ReasonCode string   `form:"reason_code" validate:"omitempty,oneof=no_place requirements_not_met field_not_offered documents_incomplete deadline_missed other"`
	Comment    string   `form:"comment" validate:"max=4000"`
	Reason     string   `form:"reason" validate:"max=4000"`
}

func (f answerForm) given() process.Given {
	return process.Given{Reason: f.Reason, Comment: f.Comment, ReasonCode: f.ReasonCode}
}

func (f answerForm) has(field string) bool {
	return map[string]string{"reason": f.Reason, string(lifecycle.AskComment): f.Comment, string(lifecycle.AskReasonCode): f.ReasonCode}[field] != ""
}

// giveAnswer makes the move for each nomination chosen, one after the other:
// each stands for itself, and the page after it reports every one.
func (s *Server) giveAnswer(q *request) error {
	d, err := s.desk(q)
	if err != nil {
		return err
	}
	var f answerForm
	typed, err := form.Decode(q.r, &f)
	problems, invalid := problemsOf(err)
	if err != nil && !invalid {
		return err
	}
	a, err := s.answering(q, &d, typed.First("move"), chosenOf(typed.All("n")))
	if err != nil {
		return err
	}
	if a.move != nil && !invalid {
		problems = a.move.Missing(f.has)
	}
	if a.move == nil || len(problems) > 0 {
		return s.answerPage(q, &d, a, answerSaid{status: http.StatusUnprocessableEntity, typed: typed, problems: problems})
	}
	report := url.Values{"move": {a.move.Name}}
	for _, c := range chosenOf(f.Chosen) {
		n, ok := d.nominee(c.id)
		if !ok {
			continue
		}
		report.Add("n", s.answerOne(q, n, c, f))
	}
	return q.redirect(d.path + "/answered?" + report.Encode())
}

// answerOne returns the nomination's id, with the code of what refused the
// answer behind it.
func (s *Server) answerOne(q *request, n nominee, c chosen, f answerForm) string {
	id := n.ID.String()
	if !n.live() {
		return id + ":conflict.moved_meanwhile"
	}
	_, err := s.Process.Move(context.WithoutCancel(q.ctx()), q.actor, process.MoveRequest{
		Application: n.ApplicationID, Move: f.Move, Revision: c.revision, Arrived: q.arrived, Given: f.given(),
	})
	if err == nil {
		return id
	}
	if mobility.KindOf(err) == mobility.Internal {
		s.Logger.ErrorContext(q.ctx(), "host's answer", "request", q.ref, "cause", err)
		return id + ":host.failed"
	}
	return id + ":" + mobility.CodeOf(err)
}

// showAnswered reports an answer, nomination by nomination, as they stand now.
func (s *Server) showAnswered(q *request) error {
	d, err := s.desk(q)
	if err != nil {
		return err
	}
	p := page.HostAnswered{Table: page.Table{
		Caption: q.loc.T("host.report"), HideCaption: true,
		Columns: []page.Column{{Label: q.loc.T("host.person")}, {Label: q.loc.T("host.stay")}, {Label: q.loc.T("host.stands")}, {Label: q.loc.T("host.outcome")}},
	}}
	given := 0
	for _, value := range q.r.URL.Query()["n"] {
		id, code, refused := strings.Cut(value, ":")
		parsed, _ := uuid.Parse(id) // none: not found below
		n, ok := d.nominee(parsed)
		if !ok {
			continue
		}
		outcome := page.Cell{Tag: page.Tag{Label: q.loc.T("host.recorded"), Tone: page.Success}}
		if refused {
			outcome = page.Cell{Tag: page.Tag{Label: q.loc.T("host.not_recorded"), Tone: page.Warning}, Note: q.refusedWords(code)}
		} else {
			given++
		}
		stands := page.Cell{Tag: q.hostStatus(n), Note: q.hostSince(n)}
		p.Table.Rows = append(p.Table.Rows, page.Row{Cells: []page.Cell{{Text: q.nominated(n)}, {Text: q.stay(n)}, stands, outcome}})
	}
	if len(p.Table.Rows) == 0 {
		return q.redirect(d.path)
	}
	p.Base = s.base(q, q.loc.N("host.given", given))
	p.Kicker = d.call.Title.In(q.loc.Lang())
	if given > 0 {
		p.Lead = q.loc.T("host.told", "Home", d.call.Home)
	}
	p.Back = page.Button{Label: q.loc.T("host.back"), Href: d.path, Look: page.Secondary}
	return s.render(q, http.StatusOK, p)
}

// refusedWords words a refusal that comes from the address of the page: a
// code of the catalogue's refusals and nothing else.
func (q *request) refusedWords(code string) string {
	prefix, _, _ := strings.Cut(code, ".")
	if slices.Contains([]string{"refusal", "conflict"}, prefix) && q.loc.Has(code) {
		return q.loc.T(code)
	}
	return q.loc.T("host.failed")
}
