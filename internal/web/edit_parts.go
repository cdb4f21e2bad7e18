package web

import (
	"slices"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/web/page"
)

// boxes are the hidden values that tell a box not ticked from one not shown.
func boxes(sections []page.EditSection) []page.Hidden {
	var out []page.Hidden
	add := func(fields []page.Field) {
		for _, f := range fields {
			if f.Kind == page.Checkbox {
				out = append(out, page.Hidden{Name: "box", Value: f.Name[len(answerPrefix):]})
			}
		}
	}
	for _, s := range sections {
		add(s.Fields)
		for _, c := range s.Choices.Items {
			add(c.Fields)
		}
	}
	return out
}

// problemWith words what is wrong with an answer, "" if nothing is.
func (v *editView) problemWith(q *request, key string) string {
	for _, p := range v.problems {
		if p.Field == key {
			return q.loc.T(p.Code, p.Data)
		}
	}
	return ""
}

// refuse writes each problem to its field and lists them all above the form.
func (v *editView) refuse(q *request, sections []page.EditSection) page.ErrorSummary {
	mark := func(f *page.Field, prefix string) {
		f.Error = v.problemWith(q, f.Name[len(prefix):])
	}
	for i := range sections {
		for j := range sections[i].Fields {
			mark(&sections[i].Fields[j], answerPrefix)
		}
		for j := range sections[i].Choices.Items {
			for k := range sections[i].Choices.Items[j].Fields {
				mark(&sections[i].Choices.Items[j].Fields[k], answerPrefix)
			}
		}
		for j := range sections[i].Files {
			mark(&sections[i].Files[j].Field, filePrefix)
		}
	}
	return v.errors(q, "")
}

// errors lists the problems, each leading to its field on the form at.
func (v *editView) errors(q *request, at string) page.ErrorSummary {
	if len(v.problems) == 0 {
		return page.ErrorSummary{}
	}
	out := page.ErrorSummary{Title: q.loc.N("part.errors", len(v.problems))}
	for _, p := range v.problems {
		out.Problems = append(out.Problems, page.Problem{Text: v.label(q, p.Field) + ": " + q.loc.T(p.Code, p.Data), Href: at + "#" + v.anchor(p.Field)})
	}
	return out
}

// anchor is the id of the field of an answer.
func (v *editView) anchor(key string) string {
	if key == "choices" {
		return "destinations"
	}
	if question := v.question(key); question != nil && question.Kind == mobility.QuestionFile {
		return page.Field{Name: filePrefix + key}.ID()
	}
	return page.Field{Name: answerPrefix + key}.ID()
}

// differences shows what another window saved beside what was typed here.
func (v *editView) differences(q *request) page.Part {
	t := page.Table{Caption: q.loc.T("form.both"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("form.question")}, {Label: q.loc.T("form.typed_here")}, {Label: q.loc.T("form.saved_there")},
	}}
	for _, key := range v.keys() {
		if v.answers[key] != v.draft.Answers[key] {
			t.Rows = append(t.Rows, page.Row{Cells: page.Cells(v.label(q, key), v.words(q, key, v.answers[key]), v.words(q, key, v.draft.Answers[key]))})
		}
	}
	if !slices.Equal(v.choices, v.draft.Choices) {
		t.Rows = append(t.Rows, page.Row{Cells: page.Cells(q.loc.T("form.destinations_item"), q.loc.List(v.hosts(v.choices)), q.loc.List(v.hosts(v.draft.Choices)))})
	}
	return page.Part{Title: q.loc.T("form.both"), Text: q.loc.T("form.both_text"), Table: t}
}

func (v *editView) hosts(choices []uuid.UUID) []string {
	var out []string
	for _, id := range choices {
		if at := v.place(id); at != nil {
			out = append(out, at.Host)
		}
	}
	return out
}

// keys are the answer keys of the form with its choices, in order.
func (v *editView) keys() []string {
	var out []string
	for _, question := range v.app.Questions {
		if !question.PerDestination {
			out = append(out, question.Key)
			continue
		}
		for _, id := range v.choices {
			out = append(out, mobility.AnswerKey(question.Key, id.String()))
		}
	}
	return out
}

// words write an answer as its reader understands it.
func (v *editView) words(q *request, key, answer string) string {
	if question := v.question(key); question != nil {
		return answerWords(q, *question, answer)
	}
	return answer
}

// answerWords write the answer to a question: the label of what was chosen,
// yes or no, else what was typed.
func answerWords(q *request, question mobility.Question, answer string) string {
	switch question.Kind {
	case mobility.QuestionChoice:
		for _, o := range question.Options {
			if o.Value == answer {
				return o.Label.In(q.loc.Lang())
			}
		}
	case mobility.QuestionYes:
		if answer == "yes" {
			return q.loc.T("form.yes")
		}
		return q.loc.T("form.no")
	case mobility.QuestionText, mobility.QuestionLong, mobility.QuestionNumber, mobility.QuestionDate, mobility.QuestionFile:
	}
	if answer == "" {
		return q.loc.T("form.empty")
	}
	return answer
}

// readOnly shows the answers that which picks, as they stand on the page.
func (v *editView) readOnly(q *request, which func(key string) bool) []page.Part {
	var rows []page.Fact
	if which("choices") {
		rows = append(rows, page.Fact{Term: q.loc.T("form.destinations"), Lines: v.ranked(q)})
	}
	for _, key := range v.keys() {
		if !which(key) {
			continue
		}
		fact := page.Fact{Term: v.label(q, key), Text: v.words(q, key, v.answers[key])}
		if v.question(key).Kind == mobility.QuestionFile {
			fact.Text, fact.Lines = q.loc.T("part.no_files"), nil
			for _, d := range v.filesFor(key) {
				fact.Text, fact.Href = d.FileName, "/documents/"+d.ID.String()
			}
		}
		rows = append(rows, fact)
	}
	if len(rows) == 0 {
		return nil
	}
	title := q.loc.T("form.as_it_stands")
	if v.returned != nil && v.st.CanEdit == nil {
		title = q.loc.T("form.rest")
	}
	return []page.Part{{Title: title, Summary: page.Summary{Rows: rows}}}
}

// ranked are the chosen destinations with their place in the order.
func (v *editView) ranked(q *request) []string {
	var out []string
	for i, id := range v.choices {
		if at := v.place(id); at != nil {
			out = append(out, q.loc.Number(i+1)+". "+placeWords(q.loc, *at))
		}
	}
	if len(out) == 0 {
		return []string{q.loc.T("form.none_chosen")}
	}
	return out
}
