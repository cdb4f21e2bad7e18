package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// One's own application: whose turn it is, what was submitted, what came of
// it, what happened.
var _ = screen(func(s *Server) []Route {
	return []Route{{Pattern: "GET /applications/{id}", Guard: Applicant, Handle: s.showApplication}}
})

// ownView is what the page of one's own application is made of.
type ownView struct {
	*editView
	offers      []store.MyOffersRow
	nominations []store.MyNominationsRow
	submissions []store.MySubmissionsRow
	attached    []store.MySubmissionDocumentsRow
	events      []store.MyEventsRow
	letters     []store.MyLettersRow
	ahead       []store.FileRemindersAheadRow
	result      *store.MyResultRow // published
	outcomes    []store.MyOutcomesRow
	words       []string          // of assessors, for the applicant
	waiting     map[uuid.UUID]int // place on each reserve now
	scheme      scheme
	list        ownList // while it is provisional, and appeals
}

func (s *Server) showApplication(q *request) error {
	v, err := s.loadOwn(q)
	if err != nil {
		return err
	}
	lang := q.loc.Lang()
	base := s.base(q, v.app.Title.In(lang))
	base.Kicker = v.app.Institution + " · " + q.loc.T("programme."+v.app.Programme) + " · " + v.app.AcademicYear
	base.Breadcrumbs = []page.Link{{Label: q.loc.T("nav.me"), Href: "/me"}}
	base.Now = q.now
	p := page.Mine{Base: base, Turn: q.turn(v.st, lifecycle.AudienceApplicant), Path: v.path(q)}
	var refused []string
	if v.list.provisional != nil {
		p.Turn = v.provisionalTurn(q)
	}
	p.Turn.Buttons, refused = v.buttons(q)
	p.Notices = v.ownNotices(q, refused)
	for _, part := range []page.Part{v.offerPart(q), v.decisionPart(q), v.placePart(q), v.resultPart(q), v.provisionalPart(q), v.appealPart(q), v.wordsPart(q), v.waysPart(q)} {
		if part.Title != "" {
			p.Parts = append(p.Parts, part)
		}
	}
	p.Parts = append(p.Parts, v.pointsParts(q)...)
	p.Parts = append(p.Parts, v.submissionParts(q)...)
	if ahead := q.aheadPart(v.ahead, false); ahead.ID != "" {
		p.Parts = append(p.Parts, ahead)
	}
	p.Parts = append(p.Parts, q.letterPart(v.letters, q.loc.T("application.letters")), v.history(q))
	return s.render(q, http.StatusOK, p)
}

func (s *Server) loadOwn(q *request) (*ownView, error) {
	edit, err := s.loadEdit(q)
	if err != nil {
		return nil, err
	}
	v := &ownView{editView: edit}
	if v.scheme, err = readScheme(v.app.Scheme); err != nil {
		return nil, err
	}
	v.scheme.questions = v.app.Questions
	if err := s.read(q, func(ctx context.Context, db store.DBTX) error { return v.loadFacts(ctx, q, db) }); err != nil {
		return nil, err
	}
	if v.result != nil && !v.st.State.End() {
		v.waiting, err = s.Process.ReserveRanks(q.ctx(), q.actor, v.id, q.arrived)
	}
	return v, err
}

func (v *ownView) loadFacts(ctx context.Context, q *request, db store.DBTX) (err error) {
	if v.ahead, err = q.aheadOf(ctx, db, v.id, mobility.RoleApplicant); err != nil {
		return err
	}
	if v.offers, err = queries.MyOffers(ctx, db, v.id); err != nil {
		return err
	}
	if v.nominations, err = queries.MyNominations(ctx, db, v.id); err != nil {
		return err
	}
	if v.submissions, err = queries.MySubmissions(ctx, db, v.id); err != nil {
		return err
	}
	if v.attached, err = queries.MySubmissionDocuments(ctx, db, v.id); err != nil {
		return err
	}
	if v.events, err = queries.MyEvents(ctx, db, v.id); err != nil {
		return err
	}
	v.letters, err = queries.MyLetters(ctx, db, store.MyLettersParams{PersonID: &q.actor.Person, ApplicationID: &v.id})
	if err != nil {
		return err
	}
	if v.list, err = readOwnList(ctx, db, v.id); err != nil {
		return err
	}
	return v.loadResult(ctx, db)
}

// loadResult reads the published result; row-level security has none to show
// before.
func (v *ownView) loadResult(ctx context.Context, db store.DBTX) error {
	results, err := queries.MyResult(ctx, db, v.id)
	if err != nil || len(results) == 0 {
		return err
	}
	v.result = &results[0]
	if v.words, err = queries.CommentsForApplicant(ctx, db, v.id); err != nil {
		return err
	}
	v.outcomes, err = queries.MyOutcomes(ctx, db, store.MyOutcomesParams{RankingID: v.result.RankingID, ApplicationID: v.id})
	return err
}

// anywhere finds a destination of the call, also one never asked for.
func (v *ownView) anywhere(id uuid.UUID) store.PublicDestinationsRow {
	for _, d := range v.all {
		if d.ID == id {
			return d
		}
	}
	return store.PublicDestinationsRow{}
}

// buttons are what the applicant may do: the form first where it is open,
// submitting by way of the check, the other moves each by its own page.
func (v *ownView) buttons(q *request) (open []page.Button, refused []string) {
	here := "/applications/" + v.id.String()
	st := v.st
	st.Moves = slices.DeleteFunc(slices.Clone(st.Moves), func(a lifecycle.Available) bool { return a.Move.Has(lifecycle.EffectSubmit) })
	open, refused = q.moves(st, movesAt(v.id))
	if v.st.CanEdit != nil {
		if a := v.submission(); a != nil && a.Refusal == nil && justPassed(v.st, q.now) {
			open = append([]page.Button{{Label: a.Move.Label.In(q.loc.Lang()), Href: movesAt(v.id) + a.Move.Name, Look: page.Secondary}}, open...)
		}
		return open, refused
	}
	label := q.loc.T("application.edit")
	if v.sent == 0 || v.returned != nil {
		label = q.loc.T("call.continue")
	}
	for i := range open {
		if open[i].Look == page.Primary {
			open[i].Look = page.Secondary
		}
	}
	edit := page.Button{Label: label, Href: here + "/edit"}
	if a := v.submission(); a != nil && a.Refusal == nil && v.changed() {
		return append([]page.Button{{Label: q.loc.T("form.check"), Href: here + "/check"}, {Label: label, Href: edit.Href, Look: page.Secondary}}, open...), refused
	}
	if v.sent > 0 && v.returned == nil {
		edit.Look = page.Secondary
	}
	return append([]page.Button{edit}, open...), refused
}

// changed reports whether the working copy says something else than what was
// submitted last.
func (v *ownView) changed() bool {
	if len(v.submissions) == 0 {
		return true
	}
	last := v.submissions[0]
	if !slices.Equal(last.Choices, v.draft.Choices) || unsent(v.draft.Answers, answersOf(last.Answers)) {
		return true
	}
	var attached, now []uuid.UUID
	for _, d := range v.attached {
		if d.SubmissionID == last.ID {
			attached = append(attached, d.ID)
		}
	}
	for _, d := range v.documents {
		now = append(now, d.ID)
	}
	return !slices.Equal(attached, now)
}

func (v *ownView) ownNotices(q *request, refused []string) []page.Notice {
	var out []page.Notice
	out = append(out, v.changedNotices(q)...)
	if v.returned != nil {
		out = append(out, page.Notice{Tone: page.Warning, Title: q.loc.T("form.returned"), Text: v.returned.Reason, Items: v.named(q)})
	}
	if v.st.CanEdit == nil && len(v.submissions) > 0 && v.changed() {
		out = append(out, page.Notice{Tone: page.Warning, Text: q.loc.T("application.unsent", "Number", q.loc.Number(int(v.submissions[0].Number)))})
	}
	if len(refused) > 0 {
		out = append(out, page.Notice{Tone: page.Info, Title: q.loc.T("application.not_now"), Items: refused})
	}
	return out
}

// path is the way through the phases with when each began; what was never
// reached before an end is left out.
func (v *ownView) path(q *request) page.PathSteps {
	since := map[mobility.Phase]string{}
	for _, e := range slices.Backward(v.events) {
		if state, ok := v.st.Definition.State(e.ToState); ok && since[state.Phase] == "" {
			since[state.Phase] = q.loc.Date(e.At)
		}
	}
	steps := page.PhaseSteps(q.loc, v.st.State.Phase, v.st.State.End())
	var out []page.Step
	for i, step := range steps.Steps {
		step.Note = since[mobility.Phases[i]]
		if step.State == page.StepDone && step.Note == "" && v.st.State.End() {
			continue
		}
		if step.State == page.StepAhead {
			step.Note = ""
		}
		out = append(out, step)
	}
	steps.Steps = out
	return steps
}

// waysPart leads to the picture of the whole way.
func (v *ownView) waysPart(q *request) page.Part {
	return page.Part{Title: q.loc.T("application.way"), Text: q.loc.T("application.way_text"), Buttons: []page.Button{{
		Label: q.loc.T("application.way_link"), Look: page.Quiet,
		Href: "/help/lifecycles/" + v.app.Lifecycle + "?here=" + string(v.st.State.Name),
	}}}
}

// history tells what happened, newest first.
func (v *ownView) history(q *request) page.Part {
	t := page.Timeline{Label: q.loc.T("application.history")}
	for _, e := range v.events {
		t.Events = append(t.Events, v.line(q, e))
	}
	return page.Part{ID: "history", Title: q.loc.T("application.history"), Timeline: t}
}

func (v *ownView) line(q *request, e store.MyEventsRow) page.TimelineEvent {
	by := q.loc.T("by." + e.ActorRole)
	if mobility.Role(e.ActorRole) == mobility.RoleApplicant {
		by = q.loc.T("by.you")
	}
	title := doneWords(v.st.Definition, e.Move, e.FromState, e.ToState).In(q.loc.Lang())
	switch {
	case e.Kind == "remap":
		title = q.loc.T("application.remapped")
	case e.Move == "":
		if start := v.st.Definition.Start(); start != nil {
			title = start.Done.In(q.loc.Lang())
		}
	}
	out := page.TimelineEvent{When: q.moment(e.At, v.st.Zone), Title: title, By: by, Text: e.Reason}
	if state, ok := v.st.Definition.State(e.ToState); ok {
		out.Tone = page.StateTag("", state.Phase, state.Decision).Tone
	}
	return out
}
