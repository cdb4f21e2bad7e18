package web

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
	rules "peregrine/internal/scheme"
	"peregrine/internal/schemeform"
	"peregrine/internal/web/page"
)

// tryPrefix is how the fields of the try-out begin.
const tryPrefix = "try."

// tryPanel is where values are entered to see what the scheme, as it is being
// edited, makes of them. While something is wrong with the scheme what was
// entered is only kept.
func (q *request) tryPanel(v rulesView, d schemeDraft, results []page.Part) page.SchemeTry {
	p := page.SchemeTry{Title: q.loc.T("try.title"), Text: q.loc.T("try.text"), Open: len(results) > 0, Results: results}
	read, _ := d.read()
	if read == nil {
		p.Groups, p.Hidden = []page.FieldGroup{{Text: q.loc.T("try.not_yet")}}, d.kept(tryPrefix)
		return p
	}
	t := tryForm{q, d}
	p.Groups = withFields(
		page.FieldGroup{Text: q.loc.T("try.values_text"), Fields: t.values(read)},
		page.FieldGroup{Fields: t.marks(read)},
		page.FieldGroup{Fields: t.vetoes(read)},
	)
	p.Buttons = []page.Button{q.tryButton(v.call.ID, "try.work_out", "made_up")}
	if len(p.Groups) == 0 {
		p.Groups = []page.FieldGroup{{Text: q.loc.T("try.nothing")}}
	}
	if v.call.RoundID != nil {
		p.Candidate = []page.Field{t.field("candidate", q.loc.T("try.candidate"))}
		p.Candidate[0].Hint = q.loc.T("try.candidate_hint")
		p.More = []page.Button{q.tryButton(v.call.ID, "try.with_candidate", "candidate"), q.tryButton(v.call.ID, "try.with_everybody", "everybody")}
	}
	return p
}

// kept is what was entered into fields whose names begin so, unseen.
func (d schemeDraft) kept(prefix string) []page.Hidden {
	var out []page.Hidden
	for _, name := range slices.Sorted(maps.Keys(d.posted)) {
		if strings.HasPrefix(name, prefix) && d.posted.Get(name) != "" {
			out = append(out, page.Hidden{Name: name, Value: d.posted.Get(name)})
		}
	}
	return out
}

func (q *request) tryButton(call uuid.UUID, label, act string) page.Button {
	return page.Button{Label: q.loc.T(label), Look: page.Secondary, Name: "do", Value: act, To: callPath(call, "rules") + "/form#try"}
}

// withFields leaves out groups without fields.
func withFields(groups ...page.FieldGroup) []page.FieldGroup {
	return slices.DeleteFunc(groups, func(g page.FieldGroup) bool { return len(g.Fields) == 0 })
}

// tryForm builds the fields of the try-out.
type tryForm struct {
	q *request
	d schemeDraft
}

func (t tryForm) field(name, label string) page.Field {
	return page.Field{Name: tryPrefix + name, Label: label, Value: t.d.posted.Get(tryPrefix + name), MaxLength: 200, Error: t.d.tryWrong[tryPrefix+name]}
}

func (t tryForm) label(own mobility.Texts, key string) string {
	return cmp.Or(own.In(t.q.loc.Lang()), key)
}

// values are the fields of what is given, not of what is worked out.
func (t tryForm) values(s *rules.Scheme) []page.Field {
	var out []page.Field
	for _, in := range s.Inputs {
		if in.From == rules.FromCohort || in.From == rules.FromFormula {
			continue
		}
		f := t.field("value."+in.Key, t.label(in.Label, in.Key))
		t.kind(&f, in)
		out = append(out, f)
		if in.Evidence != "" {
			tick := t.field("unproved."+in.Key, t.q.loc.T("try.unproved", "Name", f.Label))
			tick.Kind = page.Checkbox
			out = append(out, tick)
		}
	}
	return out
}

func (t tryForm) kind(f *page.Field, in rules.Input) {
	choose := func(words []string, prefix string) {
		f.Kind, f.Blank = page.Select, t.q.loc.T("try.unknown")
		for _, w := range words {
			o := page.Option{Value: w, Label: w}
			if prefix != "" {
				o.Label = t.q.loc.T(prefix + w)
			}
			f.Options = append(f.Options, o)
		}
	}
	switch in.Kind {
	case rules.KindNumber, rules.KindCount:
		f.Kind, f.Short = page.Number, true
	case rules.KindYesNo:
		choose([]string{"yes", "no"}, "points.")
	case rules.KindLevel:
		choose(rules.Levels, "")
	case rules.KindDate:
		f.Kind = page.Date
	case rules.KindChoice:
		if len(in.Options) > 0 {
			choose(in.Options, "")
		}
	}
}

func (t tryForm) marks(s *rules.Scheme) []page.Field {
	var out []page.Field
	for _, c := range s.Marked() {
		f := t.field("mark."+c.Key, t.q.loc.T("try.marks", "Name", t.label(c.Label, c.Key)))
		f.Hint = t.q.loc.T("try.marks_hint", "Min", c.Mark.Min, "Max", c.Mark.Max)
		out = append(out, f)
	}
	return out
}

func (t tryForm) vetoes(s *rules.Scheme) []page.Field {
	var out []page.Field
	for _, g := range s.Vetoes() {
		f := t.field("veto."+g.Key, t.q.loc.T("try.veto", "Name", t.label(g.Label, g.Key)))
		f.Kind = page.Checkbox
		out = append(out, f)
	}
	return out
}

// madeUp reads what was entered; what cannot be read is said of its field.
func (d schemeDraft) madeUp(s *rules.Scheme) (rules.Values, map[string]string) {
	wrong := map[string]string{}
	// A destination of no name stands for any: what differs per destination differs there.
	v := rules.Values{Inputs: map[string]rules.Value{}, Marks: map[string][]decimal.Decimal{}, Destinations: []rules.DestinationValues{{ID: uuid.Max}}}
	typed := func(name string) string { return strings.TrimSpace(d.posted.Get(tryPrefix + name)) }
	for _, in := range s.Inputs {
		value, code := readTry(in, typed("value."+in.Key))
		if code != "" {
			wrong[tryPrefix+"value."+in.Key] = code
		} else if value.Kind != "" {
			value.Proved = typed("unproved."+in.Key) == ""
			v.Inputs[in.Key] = value
		}
	}
	for _, c := range s.Marked() {
		for _, one := range strings.FieldsFunc(typed("mark."+c.Key), func(r rune) bool { return r == ';' || r == ' ' || r == '/' }) {
			mark, ok := schemeform.Number(one)
			if !ok || !c.Mark.Fits(mark) {
				wrong[tryPrefix+"mark."+c.Key] = "try.wrong_mark"
				break
			}
			v.Marks[c.Key] = append(v.Marks[c.Key], mark)
		}
	}
	for _, g := range s.Vetoes() {
		if typed("veto."+g.Key) != "" {
			v.Vetoes = append(v.Vetoes, g.Key)
		}
	}
	return v, wrong
}

// readTry reads one value as its kind is written; none at all is no value.
func readTry(in rules.Input, typed string) (rules.Value, string) {
	out := rules.Value{Kind: in.Kind, Text: typed, Source: in.From}
	switch {
	case typed == "":
		return rules.Value{}, ""
	case in.Kind == rules.KindYesNo:
		return rules.YesNo(typed == "yes", in.From), ""
	case in.Kind == rules.KindNumber || in.Kind == rules.KindCount:
		number, ok := schemeform.Number(typed)
		if !ok {
			return out, "invalid.number"
		}
		out.Number, out.Text = number, ""
	}
	return out, ""
}

// trySchemeOut shows what the scheme that is being edited makes of made-up
// values, of one candidate, or of everybody. Nothing is kept.
func (s *Server) trySchemeOut(q *request, v rulesView, d schemeDraft, act string) error {
	read, err := readScheme(d.source())
	if err != nil { // what is wrong is said as it is after any other button
		d.judged = true
		return s.schemePage(q, http.StatusUnprocessableEntity, v, d, nil)
	}
	var parts []page.Part
	switch act {
	case "candidate":
		parts, err = s.tryCandidate(q, v, &d, read)
	case "everybody":
		parts, err = s.tryEverybody(q, v, read)
	default:
		parts, err = q.tryMadeUp(&d, read)
	}
	if mobility.KindOf(err) == mobility.Forbidden {
		parts, err = q.notTried(page.Warning, problemText(q.loc, err)), nil
	}
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(d.tryWrong) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return s.schemePage(q, status, v, d, nil, parts...)
}

func (q *request) tryMadeUp(d *schemeDraft, s scheme) ([]page.Part, error) {
	values, wrong := d.madeUp(s.rules)
	if len(wrong) > 0 {
		d.tryWrong = map[string]string{}
		for name, code := range wrong {
			d.tryWrong[name] = q.loc.T(code)
		}
		return q.notTried(page.Danger, q.loc.T("try.wrong")), nil
	}
	scored, err := s.rules.Score([]rules.Values{values})
	if err != nil {
		return nil, err
	}
	withoutCohort(&scored[0].Breakdown)
	return []page.Part{q.triedPart(s, scored[0], q.loc.T("try.result"))}, nil
}

// notTried says why nothing came of it.
func (q *request) notTried(tone page.Tone, text string) []page.Part {
	return []page.Part{{ID: "tried", Notice: page.Notice{Tone: tone, Text: text}}}
}

// triedPart is what came out, line by line.
func (q *request) triedPart(s scheme, b rules.Scored, title string) page.Part {
	t := q.breakdownTable(s, b, nil)
	t.HideCaption = true
	total := page.Row{Strong: true, Cells: page.Cells(q.loc.T("try.total"), q.loc.Decimal(b.Breakdown.Total), "", "")}
	if b.Excluded != "" {
		words := q.loc.T("excluded." + b.Excluded)
		if _, gate := s.rules.Gate(b.Excluded); gate {
			words = q.loc.T("try.shut", "Name", s.gateLabel(q.loc, b.Excluded))
		}
		total.Cells[3] = page.Cell{Text: words}
	}
	t.Rows = append(t.Rows, total)
	for _, w := range b.Wishes {
		if w.Destination == uuid.Max {
			t.Rows = append(t.Rows, q.wishTable(s, w, "").Rows...)
		}
	}
	return page.Part{ID: "tried", Title: title, Table: t}
}
