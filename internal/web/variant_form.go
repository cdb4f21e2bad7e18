package web

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/selection"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// The names of the form's fields: what is left as it is, is left empty.
const (
	placesField = "places." // and the pool's id
	weightField = "weight." // and the criterion's key
	shareField  = "share."  // and its number
)

// variantForm asks what to try. Everything typed is kept when it is refused.
func (q *request) variantForm(v variants, typed form.Values, refused error) (page.Part, page.ErrorSummary) {
	fields := []page.Field{
		{Name: "name", Label: q.loc.T("variant.name"), Hint: q.loc.T("variant.name_hint"), Required: true, MaxLength: 100},
		q.chooseField("method", q.loc.T("variant.method"), methodOptions(q), v.Selection.Method),
		q.chooseField("ties", q.loc.T("variant.ties"), tieOptions(q), v.Selection.Ties),
	}
	for _, c := range v.scheme.rules.Criteria {
		if !c.Aside {
			label := q.loc.T("variant.weight", "Criterion", v.scheme.words(q.loc, c.Key))
			fields = append(fields, page.Field{Kind: page.Number, Name: weightField + c.Key, Label: label, Unit: "×", Short: true})
		}
	}
	for i, s := range v.Selection.Shares {
		label := q.loc.T("variant.share", "Group", s.Label.In(q.loc.Lang()), "Percent", s.Percent)
		fields = append(fields, page.Field{Kind: page.Number, Name: shareField + strconv.Itoa(i+1), Label: label, Unit: "%", Short: true})
	}
	fields = append(fields, q.personFields(v)...)
	for _, p := range v.pools {
		fields = append(fields, page.Field{Kind: page.Number, Name: placesField + p.ID.String(), Label: q.poolWords(p), Hint: q.loc.T("variant.now_free", "Free", p.Free), Short: true, InputMode: "numeric"})
	}
	for i := range fields {
		fields[i].Value = typed.First(fields[i].Name)
	}
	var summary page.ErrorSummary
	if problems, invalid := problemsOf(refused); invalid {
		summary = page.Refuse(q.loc, problems, pointers(fields)...)
	} else if refused != nil {
		summary = page.ErrorSummary{Title: q.loc.T("variant.not_tried"), Problems: []page.Problem{{Text: problemText(q.loc, refused)}}}
	}
	return page.Part{
		ID: "try", Title: q.loc.T("variant.try"), Text: q.loc.T("variant.try_text"), Action: rankingPath(v.ID) + "/variants", Fields: fields, Dense: true,
		Buttons: []page.Button{{Label: q.loc.T("variant.try_do")}},
	}, summary
}

func pointers(fields []page.Field) []*page.Field {
	out := make([]*page.Field, len(fields))
	for i := range fields {
		out[i] = &fields[i]
	}
	return out
}

// chooseField offers everything but what holds already.
func (q *request) chooseField(name, label string, options []page.Option, now string) page.Field {
	f := page.Field{Kind: page.Select, Name: name, Label: label, Blank: q.loc.T("variant.as_is")}
	for _, o := range options {
		if o.Value == now {
			f.Hint = q.loc.T("variant.now", "What", o.Label)
			continue
		}
		f.Options = append(f.Options, o)
	}
	return f
}

func methodOptions(q *request) []page.Option {
	var out []page.Option
	for _, m := range selection.Methods {
		if m != selection.MethodByHand && m != selection.MethodFirstCome {
			out = append(out, page.Option{Value: string(m), Label: q.loc.T("variant.method_" + string(m))})
		}
	}
	return out
}

func tieOptions(q *request) []page.Option {
	out := make([]page.Option, len(selection.TiePolicies))
	for i, t := range selection.TiePolicies {
		out[i] = page.Option{Value: string(t), Label: q.loc.T("variant.ties_" + string(t))}
	}
	return out
}

func (q *request) poolWords(p store.VariantPoolsRow) string {
	name := p.Label.In(q.loc.Lang())
	if name == "" {
		name = p.Hosts
	}
	if p.Term != "" {
		name += ", " + q.loc.T("term."+p.Term)
	}
	return q.loc.T("variant.pool_"+p.Kind, "Name", name)
}

// personFields ask for one withdrawal and one other mark, by rank in the run.
func (q *request) personFields(v variants) []page.Field {
	marked := page.Field{Kind: page.Select, Name: "mark_criterion", Label: q.loc.T("variant.mark_criterion"), Blank: q.loc.T("variant.none")}
	for _, c := range v.scheme.rules.Marked() {
		marked.Options = append(marked.Options, page.Option{Value: c.Key, Label: v.scheme.words(q.loc, c.Key)})
	}
	fields := []page.Field{{Kind: page.Number, Name: "withdraw", Label: q.loc.T("variant.withdraw"), Hint: q.loc.T("variant.by_rank"), Short: true, InputMode: "numeric"}}
	if len(marked.Options) == 0 {
		return fields
	}
	return append(fields,
		page.Field{Kind: page.Number, Name: "mark_rank", Label: q.loc.T("variant.mark_rank"), Hint: q.loc.T("variant.by_rank"), Short: true, InputMode: "numeric"},
		marked, page.Field{Kind: page.Number, Name: "mark", Label: q.loc.T("variant.mark"), Short: true})
}

// decodeTrial reads the form; problems name its fields.
func (q *request) decodeTrial(v variants) (form.Values, process.Trial, error) {
	var f struct {
		Name string `form:"name" validate:"required,max=100"`
	}
	typed, err := form.Decode(q.r, &f)
	d := trialDecoder{v: v, typed: typed, trial: process.Trial{Name: f.Name}}
	if problems, invalid := problemsOf(err); invalid {
		d.problems = problems
	} else if err != nil {
		return typed, d.trial, err
	}
	d.rules()
	d.numbers()
	d.people()
	if len(d.problems) > 0 {
		return typed, d.trial, mobility.InvalidError(d.problems...)
	}
	return typed, d.trial, nil
}

type trialDecoder struct {
	v        variants
	typed    form.Values
	trial    process.Trial
	problems []mobility.FieldProblem
}

func (d *trialDecoder) wrong(field, code string) {
	d.problems = append(d.problems, mobility.FieldProblem{Field: field, Code: code})
}

func (d *trialDecoder) change(c process.VariantChange) { d.trial.Changes = append(d.trial.Changes, c) }

func (d *trialDecoder) rules() {
	if word := d.typed.First("method"); word != "" {
		d.change(process.VariantChange{Kind: process.VaryMethod, Word: word})
	}
	if word := d.typed.First("ties"); word != "" {
		d.change(process.VariantChange{Kind: process.VaryTies, Word: word})
	}
}

// number reads a field; ok is false for an empty or a wrong one.
func (d *trialDecoder) number(field string) (n decimal.Decimal, ok bool) {
	text := strings.TrimSpace(d.typed.First(field))
	if text == "" {
		return n, false
	}
	n, err := process.ParsePoints(text)
	if err != nil {
		d.wrong(field, "field.not_a_number")
		return n, false
	}
	return n, true
}

func (d *trialDecoder) numbers() {
	for _, c := range d.v.scheme.rules.Criteria {
		if n, ok := d.number(weightField + c.Key); ok {
			d.change(process.VariantChange{Kind: process.VaryWeight, Criterion: c.Key, Number: n})
		}
	}
	for i := range d.v.Selection.Shares {
		if n, ok := d.number(shareField + strconv.Itoa(i+1)); ok {
			d.change(process.VariantChange{Kind: process.VaryShare, Share: i + 1, Number: n})
		}
	}
	for _, p := range d.v.pools {
		if n, ok := d.number(placesField + p.ID.String()); ok {
			d.change(process.VariantChange{Kind: process.VaryPlaces, Pool: p.ID, Number: n})
		}
	}
}

func (d *trialDecoder) people() {
	if id, ok := d.ranked("withdraw"); ok {
		d.change(process.VariantChange{Kind: process.VaryWithdraw, Application: id})
	}
	id, ok := d.ranked("mark_rank")
	if !ok {
		return
	}
	points, typed := d.number("mark")
	switch key := d.typed.First("mark_criterion"); {
	case key == "":
		d.wrong("mark_criterion", "invalid.required")
	case !typed && strings.TrimSpace(d.typed.First("mark")) == "":
		d.wrong("mark", "invalid.required")
	case typed:
		d.change(process.VariantChange{Kind: process.VaryMark, Application: id, Criterion: key, Number: points})
	}
}

// ranked finds who has the rank typed.
func (d *trialDecoder) ranked(field string) (uuid.UUID, bool) {
	n, ok := d.number(field)
	if !ok {
		return uuid.Nil, false
	}
	for _, e := range d.v.base.Entries {
		if e.Rank > 0 && n.Equal(decimalOf(e.Rank)) {
			return e.Applicant, true
		}
	}
	d.wrong(field, "variant.no_such_rank")
	return uuid.Nil, false
}

// typedFrom is the form as it was filled in for an earlier variant, so that
// another can start from there.
func (v variants) typedFrom(id uuid.UUID) form.Values {
	out := form.Values{}
	for _, one := range v.tried {
		if one.ID != id {
			continue
		}
		for _, c := range one.changes {
			v.typeIn(out, c)
		}
	}
	return out
}

func (v variants) typeIn(out form.Values, c process.VariantChange) {
	number := c.Number.String()
	rank := func() []string { return []string{strconv.Itoa(v.entries[c.Application].Rank)} }
	switch c.Kind {
	case process.VaryPlaces:
		out[placesField+c.Pool.String()] = []string{number}
	case process.VaryWeight:
		out[weightField+c.Criterion] = []string{number}
	case process.VaryShare:
		out[shareField+strconv.Itoa(c.Share)] = []string{number}
	case process.VaryMethod:
		out["method"] = []string{c.Word}
	case process.VaryTies:
		out["ties"] = []string{c.Word}
	case process.VaryWithdraw:
		out["withdraw"] = rank()
	case process.VaryMark:
		out["mark_rank"], out["mark_criterion"], out["mark"] = rank(), []string{c.Criterion}, []string{number}
	}
}

// fieldOf is the form's field of the n-th change, from 1.
func fieldOf(c process.VariantChange) string {
	switch c.Kind {
	case process.VaryPlaces:
		return placesField + c.Pool.String()
	case process.VaryWeight:
		return weightField + c.Criterion
	case process.VaryShare:
		return shareField + strconv.Itoa(c.Share)
	case process.VaryWithdraw:
		return "withdraw"
	case process.VaryMark:
		return "mark"
	case process.VaryMethod, process.VaryTies:
	}
	return string(c.Kind)
}

// besideFields turns problems of changes, and of what they make of the
// engine's input, into problems of the form's fields.
func besideFields(err error, changes []process.VariantChange) error {
	var e *mobility.Error
	if !errors.As(err, &e) || e.Kind != mobility.Invalid {
		return err
	}
	out := make([]mobility.FieldProblem, len(e.Fields))
	for i, p := range e.Fields {
		out[i] = p
		var n int
		switch _, scanErr := fmt.Sscanf(p.Field, "changes.%d", &n); {
		case scanErr == nil && n >= 1 && n <= len(changes):
			out[i].Field = fieldOf(changes[n-1])
		case p.Field == "changes":
			out[i].Field = "name"
		case p.Field != "name":
			out[i].Field = "method" // what the engine refuses, it refuses for the method or the ties
		}
	}
	return mobility.InvalidError(out...)
}
