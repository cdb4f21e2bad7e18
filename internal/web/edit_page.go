package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// What names of the form's fields begin with, so that no question can be
// taken for a button.
const (
	answerPrefix = "a."
	filePrefix   = "file."
)

// open reports whether an answer key can be changed now: after a return only
// what it names can.
func (v *editView) open(key string) bool {
	if v.st.CanEdit != nil {
		return false
	}
	question, _, _ := strings.Cut(key, "@")
	return len(v.st.EditOnly) == 0 || slices.Contains(v.st.EditOnly, key) || slices.Contains(v.st.EditOnly, question)
}

func (v *editView) page(s *Server, q *request) page.Edit {
	base := s.base(q, q.loc.T("form.title"))
	base.Kicker = v.app.Title.In(q.loc.Lang())
	base.Breadcrumbs = []page.Link{{Label: q.loc.T("nav.me"), Href: "/me"}, {Label: base.Kicker, Href: "/applications/" + v.id.String()}}
	p := page.Edit{Base: base, Turn: q.turn(v.st, lifecycle.AudienceApplicant), Notices: v.notices}
	p.Base.Now = q.now
	if v.st.CanEdit != nil {
		p.Notices = append(p.Notices, v.closed(q))
		p.Parts = v.readOnly(q, func(string) bool { return true })
		return p
	}
	p.Action = "/applications/" + v.id.String() + "/edit"
	p.Hidden = []page.Hidden{{Name: "revision", Value: strconv.Itoa(int(v.draft.Revision))}}
	p.Sections = v.sections(q)
	p.Hidden = append(p.Hidden, boxes(p.Sections)...)
	p.Errors = v.refuse(q, p.Sections)
	p.Saved = q.loc.T("form.saved_at", "When", q.loc.DateTime(v.draft.SavedAt))
	p.Buttons = []page.Button{
		{Label: q.loc.T("form.check"), Name: "act", Value: "check", NoCheck: true},
		{Label: q.loc.T("form.save"), Name: "act", Value: "save", Look: page.Secondary, NoCheck: true},
	}
	if v.stale {
		p.Differences = v.differences(q)
	}
	p.Notices = append(p.Notices, v.changedNotices(q)...)
	if v.returned != nil {
		p.Notices = append(p.Notices, page.Notice{Tone: page.Warning, Title: q.loc.T("form.returned"), Text: v.returned.Reason, Items: v.named(q)})
		p.Parts = v.readOnly(q, func(key string) bool { return !v.open(key) })
	} else if v.sent > 0 {
		p.Notices = append(p.Notices, page.Notice{Tone: page.Info, Text: q.loc.T("form.counts", "Number", q.loc.Number(int(v.sent)))})
	}
	return p
}

// closed says since when nothing can be changed, in the call's time and the
// reader's, or whatever else stands against it.
func (v *editView) closed(q *request) page.Notice {
	n := page.Notice{Tone: page.Warning, Title: q.loc.T("form.closed"), Text: q.loc.T(mobility.CodeOf(v.st.CanEdit), dataOf(v.st.CanEdit))}
	if d, ok := v.st.Deadlines[dueOf(v.st)]; ok && !mobility.Open(q.now, d.ClosesAt) {
		n.Text = q.loc.T("form.closed_since", "When", q.both(d.ClosesAt, zoneOf(d.Zone)), "Ago", q.loc.Relative(q.now, d.ClosesAt))
	}
	return n
}

// dueOf is the deadline by which something can be submitted: that of the
// state's own timer, else the call's.
func dueOf(st process.Standing) lifecycle.Deadline {
	if timers := st.Definition.TimersIn(st.State.Name); len(timers) > 0 && st.State.Editable {
		return timers[0].Deadline
	}
	return lifecycle.Closes
}

// named lists what a return asks for.
func (v *editView) named(q *request) []string {
	var out []string
	for _, key := range v.st.EditOnly {
		out = append(out, v.label(q, key))
	}
	return out
}

// label names an answer: its question, with the host where it is asked for
// each destination.
func (v *editView) label(q *request, key string) string {
	if key == "choices" {
		return q.loc.T("form.destinations_item")
	}
	question := v.question(key)
	if question == nil {
		return key
	}
	words := question.Label.In(q.loc.Lang())
	if _, at, each := strings.Cut(key, "@"); each {
		if id, err := uuid.Parse(at); err == nil && v.place(id) != nil {
			words += " (" + v.place(id).Host + ")"
		}
	}
	return words
}

// sections are the parts of the form: destinations with their own questions,
// the other questions, the documents. What cannot be changed is left out.
func (v *editView) sections(q *request) []page.EditSection {
	var out []page.EditSection
	if s := v.destinations(q); v.open("choices") || hasFields(s) {
		out = append(out, s)
	}
	if s := (page.EditSection{ID: "questions", Title: q.loc.T("form.questions"), Fields: v.fields(q, nil)}); len(s.Fields) > 0 {
		out = append(out, s)
	}
	s := page.EditSection{ID: "files", Title: q.loc.T("form.files"), Text: q.loc.T("form.files_text", "Megabytes", process.MaxDocument>>20), Files: v.attach(q, nil)}
	for i := range v.choices {
		if at := v.place(v.choices[i]); at == nil || at.DroppedAt == nil {
			s.Files = append(s.Files, v.attach(q, &v.choices[i])...)
		}
	}
	if len(s.Files) > 0 {
		out = append(out, s)
	}
	return out
}

func hasFields(s page.EditSection) bool {
	return slices.ContainsFunc(s.Choices.Items, func(c page.Choice) bool { return len(c.Fields) > 0 })
}

// destinations is the ordered list with what each asks for.
func (v *editView) destinations(q *request) page.EditSection {
	s := page.EditSection{
		ID: "destinations", Title: q.loc.T("form.destinations"), Ordered: true,
		Text: limitWords(q.loc, v.app.MaxChoices, v.app.MaxLanguages) + ". " + q.loc.T("form.destinations_text"),
		Choices: page.Choices{
			Label: q.loc.T("form.destinations"), Name: "order", Locked: !v.open("choices"),
			Empty: page.EmptyState{Title: q.loc.T("form.none_chosen"), Text: q.loc.T("form.none_chosen_text")},
		},
	}
	for i := range v.choices {
		if at := v.place(v.choices[i]); at != nil {
			c := page.Choice{
				ID: at.ID.String(), Rank: i + 1, Title: at.Host, Detail: whereWords(q.loc, *at), Facts: append(placeFacts(q, *at), v.past.facts(q, at.ID)...), Fields: v.fields(q, &v.choices[i]),
			}
			if at.DroppedAt != nil {
				c.Tag, c.Problem, c.Facts, c.Fields = droppedTag(q, *at.DroppedAt, v.app.Zone), q.loc.T("field.destination_dropped", "Host", at.Host), nil, nil
			}
			s.Choices.Items = append(s.Choices.Items, c)
		}
		s.Order = append(s.Order, page.Hidden{Name: "choice", Value: v.choices[i].String()})
	}
	if s.Choices.Locked {
		s.Order = nil
		return s
	}
	s.Order = append(s.Order, page.Hidden{Name: "choices", Value: "1"})
	s.Error = v.problemWith(q, "choices")
	if len(v.choices) < int(v.app.MaxChoices) {
		s.Add = page.Field{Kind: page.Select, Name: "add", Label: q.loc.T("form.add"), Required: true, Options: v.others(q)}
		s.AddButton = page.Button{Label: q.loc.T("form.add_button"), Look: page.Secondary, Name: "act", Value: "add", NoCheck: true}
	}
	return s
}

func placeFacts(q *request, d store.PublicDestinationsRow) []string {
	return []string{levelWords(q.loc, d.Language, d.CEFR), q.loc.T("term." + d.Term), q.loc.N("catalogue.places", int(d.Places))}
}

// others are the destinations not chosen yet.
func (v *editView) others(q *request) []page.Option {
	var out []page.Option
	for _, d := range v.places {
		if !slices.Contains(v.choices, d.ID) && d.DroppedAt == nil {
			facts := placeFacts(q, d)
			if past := v.past[d.ID]; len(past) > 0 {
				facts = append(facts, v.past.short(q, past[0]))
			}
			out = append(out, page.Option{Value: d.ID.String(), Label: q.loc.Country(d.Country) + ": " + d.Host + " (" + strings.Join(facts, ", ") + ")"})
		}
	}
	slices.SortStableFunc(out, func(a, b page.Option) int { return strings.Compare(a.Label, b.Label) })
	return out
}

// asked are the questions of one destination, or those asked once, that can
// be changed now, each with its answer key.
func (v *editView) asked(at *uuid.UUID, file bool) map[string]mobility.Question {
	out := map[string]mobility.Question{}
	for _, question := range v.app.Questions {
		key := documentKey(question.Key, at)
		if question.PerDestination == (at != nil) && (question.Kind == mobility.QuestionFile) == file && v.open(key) {
			out[key] = question
		}
	}
	return out
}

func (v *editView) fields(q *request, at *uuid.UUID) []page.Field {
	asked := v.asked(at, false)
	var out []page.Field
	for _, question := range v.app.Questions {
		key := documentKey(question.Key, at)
		if _, ok := asked[key]; ok {
			out = append(out, questionField(q, question, key, v.answers[key]))
		}
	}
	return out
}

// questionField is the field of one question of a call's form.
func questionField(q *request, question mobility.Question, key, answer string) page.Field {
	lang := q.loc.Lang()
	f := page.Field{
		Name: answerPrefix + key, Label: question.Label.In(lang), Hint: question.Hint.In(lang), Value: answer,
		Required: question.Required, MaxLength: question.MaxLength,
	}
	switch question.Kind {
	case mobility.QuestionLong:
		f.Kind = page.LongText
	case mobility.QuestionNumber:
		f.Kind, f.Short = page.Number, true
	case mobility.QuestionDate:
		f.Kind = page.Date
	case mobility.QuestionChoice:
		f.Kind = page.Radios
		if len(question.Options) > 5 {
			f.Kind = page.Select
		}
		for _, o := range question.Options {
			f.Options = append(f.Options, page.Option{Value: o.Value, Label: o.Label.In(lang)})
		}
	case mobility.QuestionYes:
		f.Kind = page.Checkbox
		f.Value = map[bool]string{true: "true"}[answer == "yes"]
	case mobility.QuestionText, mobility.QuestionFile:
	}
	return f
}

// attach are the file questions of one destination, or those asked once.
func (v *editView) attach(q *request, at *uuid.UUID) []page.Attach {
	asked := v.asked(at, true)
	var out []page.Attach
	for _, question := range v.app.Questions {
		key := documentKey(question.Key, at)
		if _, ok := asked[key]; !ok {
			continue
		}
		a := page.Attach{
			Field: page.Field{
				Kind: page.File, Name: filePrefix + key, Label: v.label(q, key), Hint: question.Hint.In(q.loc.Lang()),
				Accept: ".pdf,.png,.jpg,.jpeg", Required: question.Required,
			},
			Button: page.Button{Label: q.loc.T("part.upload"), Look: page.Secondary, Name: "act", Value: "upload:" + key, NoCheck: true},
		}
		for _, d := range v.filesFor(key) {
			a.Button.Label = q.loc.T("form.replace")
			a.Files = append(a.Files, page.UploadedFile{
				Name: d.FileName, Href: "/documents/" + d.ID.String(), Size: sizeWords(q.loc, d.Size), When: page.MomentOf(q.loc, d.UploadedAt, q.now), Remove: "remove:" + d.ID.String(),
			})
		}
		out = append(out, a)
	}
	return out
}
