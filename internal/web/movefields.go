package web

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// moveAnswer is what a page that asks before a move shows beside the move.
type moveAnswer struct {
	move     *lifecycle.MoveDef
	status   int
	err      error
	typed    form.Values // nil: nothing was sent yet
	problems []mobility.FieldProblem
	warning  page.Notice
}

// moveView is what the page is made of.
type moveView struct {
	at           moveAt
	st           process.Standing
	answer       moveAnswer
	subject      store.MoveSubjectRow
	destinations []store.PublicDestinationsRow
	free         map[uuid.UUID]int
	confirmBy    *mobility.WallMinute // by the call's rule
	offer        uuid.UUID            // destination of the live offer
}

func (s *Server) movePage(q *request, at moveAt, st process.Standing, a moveAnswer) error {
	v := &moveView{at: at, st: st, answer: a}
	err := s.read(q, func(ctx context.Context, db store.DBTX) error { return v.load(ctx, q, db) })
	if err != nil {
		return err
	}
	fields := v.fields(q)
	pointers := make([]*page.Field, len(fields))
	for i := range fields {
		pointers[i] = &fields[i]
	}
	lang := q.loc.Lang()
	base := s.base(q, a.move.Label.In(lang))
	base.Kicker = v.subject.Title.In(lang)
	d := page.Dialog{
		Text: a.move.Confirm.In(lang), Warning: a.warning, Facts: v.facts(q),
		Errors: page.Refuse(q.loc, a.problems, pointers...), Fields: fields, Action: at.action,
		Hidden:  []page.Hidden{{Name: "revision", Value: strconv.Itoa(int(st.Revision))}},
		Confirm: page.Button{Label: a.move.Label.In(lang), Danger: ends(st, a.move)},
		Cancel:  page.Link{Label: q.loc.T("move.not_now"), Href: at.back},
	}
	return s.render(q, a.status, page.Confirm{Base: base, Dialog: d})
}

func (v *moveView) load(ctx context.Context, q *request, db store.DBTX) (err error) {
	if v.subject, err = queries.MoveSubject(ctx, db, v.at.application); err != nil {
		return err
	}
	if v.at.audience == lifecycle.AudienceOffice {
		line := lookedAt{institution: v.subject.InstitutionID, subjects: []uuid.UUID{v.subject.ID}, count: 1}
		if err := q.note(db, line); err != nil {
			return err
		}
	}
	if v.destinations, err = queries.PublicDestinations(ctx, db, v.subject.CallID); err != nil {
		return err
	}
	if v.st.State.Offer != mobility.OfferNone {
		if live, err := queries.LiveOffer(ctx, db, v.at.application); err == nil {
			v.offer = live.DestinationID
		}
	}
	if v.asks(lifecycle.AskDestination) {
		rows, err := queries.FreePlacesIn(ctx, db, v.subject.RoundID)
		if err != nil {
			return err
		}
		v.free = make(map[uuid.UUID]int, len(rows))
		for _, row := range rows {
			v.free[row.ID] = int(row.Free)
		}
	}
	if v.asks(lifecycle.AskConfirmBy) {
		return v.suggest(ctx, q, db)
	}
	return nil
}

// suggest computes the confirm-by of the call's rule (design rule 8).
func (v *moveView) suggest(ctx context.Context, q *request, db store.DBTX) error {
	rules, err := queries.CallRules(ctx, db, v.subject.CallID)
	if err != nil {
		return err
	}
	working, err := store.WorkingDays(ctx, db, v.subject.InstitutionID, q.now.In(v.st.Zone))
	if err != nil {
		return err
	}
	by, _ := rules.ConfirmRule(v.st.Zone, int(rules.ConfirmDays)).ConfirmBy(q.now, v.st.Deadlines[lifecycle.HostNomination].ClosesAt, working)
	v.confirmBy = &by
	return nil
}

func (v *moveView) asks(input lifecycle.Input) bool {
	return slices.ContainsFunc(v.answer.move.Asks, func(a lifecycle.Ask) bool { return a.Input == input })
}

// facts says whom the move is about, where it leads and who is written to.
func (v *moveView) facts(q *request) page.Summary {
	lang, m := q.loc.Lang(), v.answer.move
	to, _ := v.st.Definition.State(m.To)
	var rows []page.Fact
	if v.at.audience == lifecycle.AudienceOffice && v.subject.Name != "" {
		rows = append(rows, page.Fact{Term: q.loc.T("move.whose"), Text: v.subject.Name})
	}
	if at, ok := v.destination(v.offer); ok {
		rows = append(rows, page.Fact{Term: q.loc.T("move.place"), Text: placeWords(q.loc, at)})
	}
	rows = append(rows, page.Fact{Term: q.loc.T("move.now"), Tag: labelTag(v.st.State, v.at.audience, lang)})
	if to.Name != v.st.State.Name {
		rows = append(rows, page.Fact{Term: q.loc.T("move.then"), Tag: labelTag(to, v.at.audience, lang)})
	}
	if until := q.until(v.st); !until.Zero() && mobility.Role(v.st.State.Turn) == mobility.RoleApplicant && v.at.audience == lifecycle.AudienceApplicant {
		rows = append(rows, page.Fact{Term: q.loc.T("move.until"), When: until})
	}
	if readers := v.readers(q); readers != "" {
		rows = append(rows, page.Fact{Term: q.loc.T("move.letters"), Text: readers})
	}
	return page.Summary{Rows: rows}
}

// readers names who gets a letter.
func (v *moveView) readers(q *request) string {
	var out []string
	for _, kind := range v.answer.move.Letters {
		role := lifecycle.Letters[kind]
		word := q.loc.T("by." + string(role))
		if role == mobility.RoleApplicant && v.at.audience == lifecycle.AudienceApplicant {
			word = q.loc.T("by.you")
		}
		if !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return q.loc.List(out)
}

func (v *moveView) destination(id uuid.UUID) (store.PublicDestinationsRow, bool) {
	i := slices.IndexFunc(v.destinations, func(d store.PublicDestinationsRow) bool { return d.ID == id })
	if i < 0 {
		return store.PublicDestinationsRow{}, false
	}
	return v.destinations[i], true
}

// fields are what the move asks for: its inputs in the order of the
// definition, then the reason.
func (v *moveView) fields(q *request) []page.Field {
	var out []page.Field
	for _, ask := range v.answer.move.Asks {
		f := v.field(q, ask.Input)
		f.Name, f.Required = string(ask.Input), !ask.Optional
		v.fill(&f)
		out = append(out, f)
	}
	if rule := v.answer.move.Reason; rule == lifecycle.ReasonRequired || rule == lifecycle.ReasonOptional {
		f := page.Field{
			Kind: page.LongText, Name: "reason", Label: q.loc.T("move.reason"), Hint: q.loc.T("move.reason_hint_" + string(v.at.audience)),
			Rows: 4, MaxLength: 4000, Required: rule == lifecycle.ReasonRequired,
		}
		v.fill(&f)
		out = append(out, f)
	}
	return out
}

// fill keeps what was typed, where something was sent already.
func (v *moveView) fill(f *page.Field) {
	if v.answer.typed == nil {
		return
	}
	f.Value = v.answer.typed.First(f.Name)
	if f.Kind != page.Checkboxes {
		return
	}
	f.Value = ""
	for i := range f.Options {
		f.Options[i].Selected = slices.Contains(v.answer.typed.All(f.Name), f.Options[i].Value)
	}
}

func (v *moveView) field(q *request, input lifecycle.Input) page.Field {
	label := q.loc.T("move.ask_" + string(input))
	f := page.Field{Label: label}
	switch input {
	case lifecycle.AskCloses, lifecycle.AskCompleteBy, lifecycle.AskConfirmBy:
		f.Kind = page.DateTime
		f.Hint = q.loc.T("move.zone_hint", "Zone", v.st.Zone.String(), "Now", q.loc.In(v.st.Zone).DateTime(q.now))
		f.Value = v.suggested(q, input).String()
	case lifecycle.AskQuestions:
		f.Kind, f.Options, f.Hint = page.Checkboxes, v.questions(q), q.loc.T("move.questions_hint")
	case lifecycle.AskDestination:
		f.Kind, f.Options, f.Hint = page.Select, v.places(q), q.loc.T("move.destination_hint")
	case lifecycle.AskArrival, lifecycle.AskEnd:
		f.Kind = page.Date
	case lifecycle.AskReasonCode:
		f.Kind, f.Options = page.Select, codes(q, "host_reason_office.", hostReasons())
	case lifecycle.AskComment:
		f.Kind, f.Rows, f.MaxLength, f.Hint = page.LongText, 3, 4000, q.loc.T("move.comment_hint")
	case lifecycle.AskConsent:
		f.Kind, f.Options = page.Select, codes(q, "consent.", overbookingRules)
	}
	return f
}

// overbookingRules are the rules by which a pool may be held beyond its
// places, in the order pages offer them.
var overbookingRules = []string{"host_consent", "tie_admitted_whole", "correction", "partner_cut_places"}

func hostReasons() []string {
	out := make([]string, len(mobility.HostReasons))
	for i, r := range mobility.HostReasons {
		out[i] = string(r)
	}
	return out
}

func codes(q *request, prefix string, values []string) []page.Option {
	out := make([]page.Option, len(values))
	for i, value := range values {
		out[i] = page.Option{Value: value, Label: q.loc.T(prefix + value)}
	}
	return out
}

// suggested is what stands in a deadline's field: what holds now if it is
// still to come, else the call's rule, else a week.
func (v *moveView) suggested(q *request, input lifecycle.Input) mobility.WallMinute {
	kind, _ := input.Deadline()
	if d, ok := v.st.Deadlines[kind]; ok && mobility.Open(q.now, d.ClosesAt) {
		return d.Wall
	}
	if input == lifecycle.AskConfirmBy && v.confirmBy != nil {
		return *v.confirmBy
	}
	local := q.now.In(v.st.Zone)
	return mobility.WallOf(time.Date(local.Year(), local.Month(), local.Day()+7, 23, 59, 0, 0, time.UTC))
}

// questions are what can be returned for completion: the destinations and
// every question of the form, for each chosen destination where asked so.
func (v *moveView) questions(q *request) []page.Option {
	lang := q.loc.Lang()
	out := []page.Option{{Value: "choices", Label: q.loc.T("form.destinations_item")}}
	for _, question := range v.subject.Questions {
		if !question.PerDestination {
			out = append(out, page.Option{Value: question.Key, Label: question.Label.In(lang)})
			continue
		}
		for _, id := range v.subject.Choices {
			at, _ := v.destination(id)
			out = append(out, page.Option{Value: mobility.AnswerKey(question.Key, id.String()), Label: question.Label.In(lang) + " (" + at.Host + ")"})
		}
	}
	return out
}

// places are the destinations of the round with what is free there; those the
// applicant chose come first.
func (v *moveView) places(q *request) []page.Option {
	rows := slices.DeleteFunc(slices.Clone(v.destinations), func(d store.PublicDestinationsRow) bool { return d.RoundID != v.subject.RoundID })
	rank := func(d store.PublicDestinationsRow) int {
		if i := slices.Index(v.subject.Choices, d.ID); i >= 0 {
			return i
		}
		return len(v.subject.Choices)
	}
	slices.SortStableFunc(rows, func(a, b store.PublicDestinationsRow) int { return cmp.Compare(rank(a), rank(b)) })
	out := make([]page.Option, len(rows))
	for i, d := range rows {
		words := []string{placeWords(q.loc, d), q.loc.N("move.free", v.free[d.ID])}
		if n := slices.Index(v.subject.Choices, d.ID); n >= 0 {
			words = append(words, q.loc.T("move.choice", "N", q.loc.Number(n+1)))
		}
		out[i] = page.Option{Value: d.ID.String(), Label: strings.Join(words, " · ")}
	}
	return out
}
