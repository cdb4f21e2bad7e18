package web

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// The parts of a file's page.

func (q *request) personPart(f file) page.Part {
	s := page.Summary{Rows: []page.Fact{
		{Term: q.loc.T("office.name"), Text: f.name()},
		{Term: q.loc.T("office.email"), Text: f.Email, Href: personPath(f.PersonID)},
		{Term: q.loc.T("office.phone"), Text: f.Phone},
		{Term: q.loc.T("office.esi"), Text: f.ESI},
	}}
	if !q.isOfficer() {
		s.Rows[1].Href = ""
	}
	if f.BirthDate != nil {
		s.Rows = append(s.Rows, page.Fact{Term: q.loc.T("office.born"), Text: q.loc.In(time.UTC).Date(*f.BirthDate)})
	}
	if f.Nationality != "" {
		s.Rows = append(s.Rows, page.Fact{Term: q.loc.T("office.nationality"), Text: q.loc.Country(f.Nationality)})
	}
	for _, a := range f.affiliations {
		s.Rows = append(s.Rows, page.Fact{Term: a.Unit.In(q.loc.Lang()), Lines: q.affiliationLines(a)})
	}
	return page.Part{ID: "person", Title: q.loc.T("office.person"), Text: q.loc.T("office.person_text"), Summary: withoutEmpty(s)}
}

// withoutEmpty leaves out what is not known.
func withoutEmpty(s page.Summary) page.Summary {
	rows := s.Rows[:0]
	for _, r := range s.Rows {
		if r.Text != "" || len(r.Lines) > 0 || !r.When.Zero() || r.Tag.Label != "" {
			rows = append(rows, r)
		}
	}
	s.Rows = rows
	return s
}

func (q *request) affiliationLines(a store.OfficeAffiliationsRow) []string {
	lines := []string{q.loc.T("office.kind_" + a.Kind)}
	if a.Cycle != nil {
		lines[0] += ", " + q.loc.T(fmt.Sprintf("cycle.%d", *a.Cycle))
	}
	if a.Year != nil {
		lines[0] += ", " + q.loc.T("office.year", "Year", *a.Year)
	}
	if a.Field != "" {
		lines = append(lines, "ISCED "+a.Field)
	}
	if a.Average != nil {
		lines = append(lines, q.loc.T("office.average_is", "Average", *a.Average))
	}
	if a.Credits != nil {
		lines = append(lines, q.loc.T("office.credits_are", "Credits", *a.Credits))
	}
	return lines
}

// choicesPart shows the wishes in order, with what each destination asks.
func (q *request) choicesPart(f file) page.Part {
	if len(f.wishes) == 0 {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("office.choices"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.order"), Numeric: true},
		{Label: q.loc.T("office.destination")},
		{Label: q.loc.T("office.asks")},
		{Label: q.loc.T("office.free"), Numeric: true},
		{Label: q.loc.T("office.host_deadline")},
	}}
	for _, w := range f.wishes {
		host := page.Cell{Text: w.Host, Note: fmt.Sprintf("%s, %s · %s", w.City, q.loc.Country(w.Country), q.loc.T("term."+w.Term))}
		if w.SelectedBy == "host" {
			host.Tag = page.Tag{Label: q.loc.T("office.host_selects"), Tone: page.Info}
		}
		if w.ReserveRank != nil {
			host.Tag = page.Tag{Label: q.loc.T("office.waits_here"), Tone: page.Accent}
		}
		ask := page.Cell{Text: asks(q, w.Language, w.CEFR, w.Cycle, w.ISCEDF)}
		if w.Cycle != nil && f.facts.Cycle != nil && *w.Cycle != *f.facts.Cycle {
			ask.Tag = page.Tag{Label: q.loc.T("office.other_cycle"), Tone: page.Warning}
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: q.loc.Number(int(w.Position))},
			host, ask,
			{Text: q.loc.Number(int(w.Free))},
			{When: page.DeadlineOf(inZone(q.loc, value(w.HostZone)), value(w.HostClosesAt), q.now)},
		}})
	}
	return page.Part{ID: "choices", Title: q.loc.T("office.choices"), Table: t}
}

func (q *request) answersPart(f file) page.Part {
	if len(f.submissions) == 0 {
		return page.Part{}
	}
	last := f.submissions[0]
	part := page.Part{ID: "answers", Title: q.loc.T("office.answers"), Summary: q.answers(f, last)}
	part.Text = q.loc.T("office.version", "Number", last.Number, "At", last.ArrivedAt)
	if len(part.Summary.Rows) == 0 {
		part.Text += " " + q.loc.T("office.no_answers")
	}
	return part
}

// answers lists what was answered, in the order of the form.
func (q *request) answers(f file, sub store.OfficeSubmissionsRow) page.Summary {
	var given mobility.Answers
	if json.Unmarshal(sub.Answers, &given) != nil {
		return page.Summary{}
	}
	var s page.Summary
	for _, question := range f.questions {
		if question.Kind == mobility.QuestionFile {
			continue
		}
		label := question.Label.In(q.loc.Lang())
		if !question.PerDestination {
			s.Rows = append(s.Rows, page.Fact{Term: label, Text: q.answer(question, given[question.Key])})
			continue
		}
		for _, w := range f.wishes {
			if text := q.answer(question, given[mobility.AnswerKey(question.Key, w.ID.String())]); text != "" {
				s.Rows = append(s.Rows, page.Fact{Term: label + " (" + w.Host + ")", Text: text})
			}
		}
	}
	return withoutEmpty(s)
}

func (q *request) answer(question mobility.Question, text string) string {
	switch question.Kind {
	case mobility.QuestionYes:
		if text == "yes" {
			return q.loc.T("office.yes")
		}
		return q.loc.T("office.no")
	case mobility.QuestionChoice:
		for _, o := range question.Options {
			if o.Value == text {
				return o.Label.In(q.loc.Lang())
			}
		}
	}
	return text
}

// questionWords names an answer key to its readers.
func (f file) questionWords(loc locale.Printer, key string) string {
	name, destination, _ := strings.Cut(key, "@")
	words := name
	for _, question := range f.questions {
		if question.Key == name {
			words = question.Label.In(loc.Lang())
		}
	}
	for _, w := range f.wishes {
		if destination != "" && w.ID.String() == destination {
			words += " (" + w.Host + ")"
		}
	}
	if name == "choices" {
		return loc.T("office.choices")
	}
	return words
}

func (q *request) documentsPart(f file) page.Part {
	if len(f.documents) == 0 {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("office.documents"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.document")}, {Label: q.loc.T("office.question")}, {Label: q.loc.T("office.uploaded")},
	}}
	for _, d := range f.documents {
		if d.Number != f.submissions[0].Number {
			continue
		}
		key := d.Question
		if d.DestinationID != nil {
			key = mobility.AnswerKey(key, d.DestinationID.String())
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: d.FileName, Href: "/documents/" + d.ID.String(), Note: size(q.loc, d.Size)},
			{Text: f.questionWords(q.loc, key)},
			{When: page.MomentOf(q.loc, d.UploadedAt, time.Time{})},
		}})
	}
	if len(t.Rows) == 0 {
		return page.Part{}
	}
	return page.Part{ID: "documents", Title: q.loc.T("office.documents"), Table: t}
}

// size is a file's size as people say it.
func size(loc locale.Printer, bytes int64) string {
	if bytes < 1<<20 {
		return loc.T("office.kilobytes", "N", loc.Number(int(max(1, bytes>>10))))
	}
	return loc.T("office.megabytes", "N", loc.Number(int(bytes>>20)))
}

// submissionsPart keeps the earlier versions at hand.
func (q *request) submissionsPart(f file) page.Part {
	if len(f.submissions) < 2 {
		return page.Part{}
	}
	part := page.Part{ID: "earlier", Fold: q.loc.N("office.earlier", len(f.submissions)-1)}
	for _, sub := range f.submissions[1:] {
		s := q.answers(f, sub)
		s.Rows = append([]page.Fact{{Term: q.loc.T("office.submitted_at"), When: q.moment(sub.ArrivedAt, zoneOf(f.Zone))}}, s.Rows...)
		part.Letters = append(part.Letters, page.LetterShown{Title: q.loc.T("office.version_number", "Number", sub.Number), Facts: s, Missing: q.loc.T("office.version_over")})
	}
	return part
}

func (q *request) resultPart(f file) page.Part {
	if len(f.result) == 0 {
		return page.Part{}
	}
	first := f.result[0]
	t := page.Table{Caption: q.loc.T("office.result"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.destination")}, {Label: q.loc.T("office.outcome")}, {Label: q.loc.T("office.rank"), Numeric: true}, {Label: q.loc.T("office.why")},
	}}
	for _, r := range f.result {
		rank := page.Cell{}
		if r.Rank > 0 {
			rank.Text = q.loc.Number(int(r.Rank))
		}
		if r.ReserveRank != nil {
			rank.Note = q.loc.T("office.reserve_rank", "Rank", *r.ReserveRank)
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: r.Host}, {Tag: outcomeTag(q.loc, r.Outcome)}, rank, {Text: f.scheme.reasonText(q.loc, r.Data)},
		}})
	}
	words := "office.result_draft"
	switch {
	case first.Status == "published":
		words = "office.result_published"
	case f.barredFromRound: // where somebody hidden stands would show in the rank
		words = "office.result_draft_unranked"
	}
	part := page.Part{ID: "result", Title: q.loc.T("office.result"), Table: t, Text: q.loc.T(words, "Number", first.Number, "Rank", first.OverallRank)}
	part.Buttons = []page.Button{{Label: q.loc.T("office.whole_ranking"), Href: rankingPath(first.RankingID), Look: page.Quiet}}
	return part
}

func outcomeTag(loc locale.Printer, outcome string) page.Tag {
	tone := page.Neutral
	switch outcome {
	case "placed":
		tone = page.Success
	case "reserve":
		tone = page.Accent
	case "gated":
		tone = page.Warning
	}
	return page.Tag{Label: loc.T("outcome." + outcome), Tone: tone}
}
