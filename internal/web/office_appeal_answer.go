package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	rules "peregrine/internal/scheme"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// deciding is a decision on its way: what was typed, what it would do, what
// is wrong with it.
type deciding struct {
	typed    form.Values
	problems []mobility.FieldProblem
	assign   []mobility.FieldProblem
	refused  error
	seen     *process.Consequences // of granting; nil: not looked at
	ready    bool                  // looked at, and may be done
}

type appealDecisionForm struct {
	Act      string `form:"act" validate:"required,oneof=look do"`
	Decision string `form:"decision" validate:"required,oneof=granted refused"`
	Answer   string `form:"answer" validate:"required,max=8000"`
	Note     string `form:"note" validate:"max=8000"`
	Preview  string `form:"preview" validate:"max=200"`
	correctionForm
}

// correctionForm is how something is put right.
type correctionForm struct {
	Correction  string               `form:"correction" validate:"max=200"`
	Points      string               `form:"points" validate:"max=20"`
	Destination *uuid.UUID           `form:"destination"`
	ConfirmBy   *mobility.WallMinute `form:"confirm_by"`
	Consent     string               `form:"consent" validate:"omitempty,oneof=tie_admitted_whole host_consent correction partner_cut_places"`
	Revision    int32                `form:"revision"`
}

// correction reads "mark:<id>", "gate:<key>[@<destination>]" or
// "move:<name>[><name>]".
func (f correctionForm) correction() process.Correction {
	c := process.Correction{Points: f.Points, Revision: f.Revision, Given: process.Given{Destination: f.Destination, ConfirmBy: f.ConfirmBy, Consent: f.Consent}}
	kind, value, _ := strings.Cut(f.Correction, ":")
	switch c.Kind = process.CorrectionKind(kind); c.Kind {
	case process.CorrectMark:
		if id := idOf(value); id != nil {
			c.Mark = *id
		}
	case process.LiftGate:
		key, at, _ := strings.Cut(value, "@")
		c.Gate, c.Destination = key, idOf(at)
	case process.MakeMove:
		c.Move, c.Then, _ = strings.Cut(value, ">")
	}
	return c
}

func (s *Server) answerAppeal(q *request) error {
	v, err := s.readAppeal(q)
	if err != nil {
		return err
	}
	var f appealDecisionForm
	a := deciding{}
	if a.typed, err = form.Decode(q.r, &f); err != nil {
		return s.notAnswered(q, v, a, err)
	}
	granted, c := f.Decision == "granted", f.correction()
	if f.Act == "do" {
		err = s.Process.AnswerAppeal(q.ctx(), q.actor, process.AppealAnswer{
			Appeal: v.ID, Granted: granted, Answer: f.Answer, Note: f.Note, Correction: c, Preview: f.Preview, Arrived: q.arrived,
		})
		if err == nil {
			return s.done(q, appealPath(v.ID), "notice.appeal_"+f.Decision)
		}
		if mobility.KindOf(err) != mobility.Stale {
			return s.notAnswered(q, v, a, err)
		}
		a.refused = err
	}
	if granted {
		seen, err := s.Process.PreviewAppeal(q.ctx(), q.actor, v.ID, c, q.arrived)
		if err != nil {
			return s.notAnswered(q, v, a, err)
		}
		a.seen = &seen
	}
	a.ready = true
	status := http.StatusOK
	if a.refused != nil {
		status = http.StatusConflict
	}
	return s.appealPage(q, status, v, a)
}

// notAnswered shows the form again and loses nothing that was typed.
func (s *Server) notAnswered(q *request, v appealView, a deciding, err error) error {
	if problems, invalid := problemsOf(err); invalid && v.mine(q) {
		a.problems = problems
		return s.appealPage(q, http.StatusUnprocessableEntity, v, a)
	}
	if mobility.KindOf(err) == mobility.Conflict && v.mine(q) {
		a.refused = err
		return s.appealPage(q, http.StatusConflict, v, a)
	}
	return err
}

// appealDecision is the form of the decision. Once its consequences were shown it
// is made by a second button; whatever is changed is looked at again.
func (q *request) appealDecision(v appealView, a deciding) page.Part {
	if !v.mine(q) {
		return page.Part{}
	}
	fields := []page.Field{
		{Kind: page.Radios, Name: "decision", Label: q.loc.T("appeal.decision"), Required: true, Options: []page.Option{
			{Value: "refused", Label: q.loc.T("appeal.decide_refused")}, {Value: "granted", Label: q.loc.T("appeal.decide_granted"), Hint: q.loc.T("appeal.decide_granted_hint")},
		}},
		{Kind: page.LongText, Name: "answer", Label: q.loc.T("appeal.answer_to"), Hint: q.loc.T("appeal.answer_hint"), Required: true, MaxLength: process.MostAppealText, Rows: 6},
		{Kind: page.LongText, Name: "note", Label: q.loc.T("appeal.note"), Hint: q.loc.T("appeal.note_hint"), MaxLength: process.MostAppealText, Rows: 3},
	}
	fields = append(fields, q.correctionFields(v)...)
	part := page.Part{ID: "decide", Title: q.loc.T("appeal.decide"), Text: q.loc.T("appeal.decide_text"), Action: appealPath(v.ID) + "/answer"}
	part.Hidden = []page.Hidden{{Name: "revision", Value: strconv.Itoa(int(v.Revision))}}
	for i := range fields {
		if a.typed != nil {
			fields[i].Value = a.typed.First(fields[i].Name)
		}
	}
	part.Fields = fields
	look := page.Button{Label: q.loc.T("appeal.look"), Name: "act", Value: "look"}
	if a.ready {
		look.Look, look.Label = page.Secondary, q.loc.T("appeal.look_again")
		do := page.Button{Label: q.loc.T("appeal.do_" + a.typed.First("decision")), Name: "act", Value: "do", Danger: a.typed.First("decision") == "refused"}
		if a.seen != nil {
			part.Hidden = append(part.Hidden, page.Hidden{Name: "preview", Value: a.seen.Hash})
		}
		part.Buttons = []page.Button{do, look}
		return part
	}
	part.Buttons = []page.Button{look}
	return part
}

// correctionFields are the ways to put it right: marks and gates before the
// final list, moves of the lifecycle always.
func (q *request) correctionFields(v appealView) []page.Field {
	pick := page.Field{Kind: page.Select, Name: "correction", Label: q.loc.T("appeal.correction"), Hint: q.loc.T("appeal.correction_hint"), Blank: q.loc.T("appeal.correction_none")}
	var out []page.Field
	if !v.Final {
		pick.Options = append(q.markOptions(v.scheme, v.marks), q.gateOptions(v.scheme, v.scored, v.hosts)...)
		out = append(out, page.Field{Kind: page.Number, Name: "points", Label: q.loc.T("appeal.points"), Hint: q.loc.T("appeal.points_hint"), Short: true})
	}
	moves, asks := q.moveOptions(v.st)
	pick.Options = append(pick.Options, moves...)
	if v.Final {
		for _, input := range asks {
			f := v.ask.field(q, input)
			f.Name, f.Required = string(input), false
			out = append(out, f)
		}
	}
	return append([]page.Field{pick}, out...)
}

func (q *request) markOptions(s scheme, marks []store.AppealMarksRow) []page.Option {
	var out []page.Option
	for _, m := range marks {
		out = append(out, page.Option{Value: "mark:" + m.ID.String(), Label: q.loc.T("appeal.option_mark", "Criterion", s.words(q.loc, m.Criterion), "Points", q.loc.Decimal(m.Points), "Name", m.Assessor)})
	}
	return out
}

// gateOptions are the gates that are shut for the application, everywhere or
// at one destination.
func (q *request) gateOptions(s scheme, b rules.Scored, hosts map[uuid.UUID]string) []page.Option {
	var out []page.Option
	for _, g := range b.Breakdown.Gates {
		if g.Standing == rules.GateShut {
			out = append(out, page.Option{Value: "gate:" + g.Key, Label: q.loc.T("appeal.option_gate", "Gate", q.gateLabel(s, g.Key))})
		}
	}
	for _, w := range b.Wishes {
		for _, g := range w.Gates {
			if g.Standing == rules.GateShut {
				out = append(out, page.Option{Value: "gate:" + g.Key + "@" + w.Destination.String(), Label: q.loc.T("appeal.option_gate_at", "Gate", q.gateLabel(s, g.Key), "Host", hosts[w.Destination])})
			}
		}
	}
	return out
}

// moveOptions are the moves that put an appeal right from where the
// application stands, each also with what may follow at once, and what they ask.
func (q *request) moveOptions(st process.Standing) (out []page.Option, asks []lifecycle.Input) {
	lang := q.loc.Lang()
	want := func(m *lifecycle.MoveDef) {
		for _, a := range m.Asks {
			if !slices.Contains(asks, a.Input) {
				asks = append(asks, a.Input)
			}
		}
	}
	for _, a := range st.Moves {
		if !process.Corrects(st.Definition, a.Move) || !askFirst(a) {
			continue
		}
		want(a.Move)
		out = append(out, page.Option{Value: "move:" + a.Move.Name, Label: a.Move.Label.In(lang)})
		for _, next := range process.Follows(st.Definition, a.Move, st.Roles) {
			want(next)
			out = append(out, page.Option{Value: "move:" + a.Move.Name + ">" + next.Name, Label: q.loc.T("appeal.option_then", "Move", a.Move.Label.In(lang), "Then", next.Label.In(lang))})
		}
	}
	return out, asks
}

// newAsk is a page's fields for whatever moves that put something right ask.
func newAsk(application uuid.UUID, st process.Standing) *moveView {
	m := &lifecycle.MoveDef{Asks: []lifecycle.Ask{{Input: lifecycle.AskDestination}, {Input: lifecycle.AskConfirmBy}, {Input: lifecycle.AskConsent}}}
	return &moveView{at: moveAt{application: application, audience: lifecycle.AudienceApplicant}, st: st, answer: moveAnswer{move: m}}
}

// consequencesPart is what the decision would do.
func (q *request) consequencesPart(v appealView, a deciding) page.Part {
	if !a.ready {
		return page.Part{}
	}
	part := page.Part{ID: "consequences", Title: q.loc.T("appeal.consequences")}
	switch {
	case a.seen == nil:
		part.Text = q.loc.T("appeal.refusing_text")
	case len(a.seen.Moves) > 0:
		part.Text = q.loc.T("appeal.moving_text")
		for _, m := range a.seen.Moves {
			part.Summary.Rows = append(part.Summary.Rows, page.Fact{Term: m.Label.In(q.loc.Lang()), Text: m.Confirm.In(q.loc.Lang())})
		}
		to, _ := v.st.Definition.State(a.seen.Moves[len(a.seen.Moves)-1].To)
		part.Summary.Rows = append(part.Summary.Rows, page.Fact{Term: q.loc.T("move.then"), Tag: labelTag(to, lifecycle.AudienceOffice, q.loc.Lang())})
	default:
		part.Text, part.Table = q.loc.T("appeal.ranking_text"), q.changesTable(q.changes(a.seen.Before, a.seen.After, v.names, v.hosts))
	}
	return part
}
