package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// maxUpload is how many bytes one request of the form may carry: a few
// documents at once. More than process.MaxDocument each is refused by name.
const maxUpload = 4*process.MaxDocument + defaultBody

// The form of an application. One POST carries everything on the page, so
// that whatever button is pressed nothing typed is lost, also without script.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /applications/{id}/edit", Guard: Applicant, Handle: s.showEdit},
		{Pattern: "POST /applications/{id}/edit", Guard: Applicant, Handle: s.saveEdit, Body: maxUpload},
	}
})

// editView is what the form is made of.
type editView struct {
	id          uuid.UUID
	st          process.Standing
	app         store.MyApplicationRow
	draft       store.DraftRow
	documents   []store.DraftDocumentsRow
	all         []store.PublicDestinationsRow // of the call
	places      []store.PublicDestinationsRow // of the round, offered to the applicant's unit
	returned    *store.MyReturnRow
	changed     []store.DestinationChangesRow // what happened to destinations of the call
	past        pastFigures
	sent        int32 // number of the last submission
	sentAt      time.Time
	sentChoices []uuid.UUID

	answers  mobility.Answers // what the page shows: the draft, or what was just typed
	choices  []uuid.UUID
	problems []mobility.FieldProblem
	notices  []page.Notice
	stale    bool // another window saved meanwhile
}

// loadEdit reads the application as its applicant; for anybody else there is
// no such page.
func (s *Server) loadEdit(q *request) (*editView, error) {
	id, err := q.id("id")
	if err != nil {
		return nil, err
	}
	v := &editView{id: id}
	if err := s.read(q, func(ctx context.Context, db store.DBTX) error { return v.load(ctx, q, db) }); err != nil {
		return nil, err
	}
	if v.st, err = s.Process.Standing(q.ctx(), q.actor, id, q.arrived); err != nil {
		return nil, err
	}
	v.answers, v.choices = v.draft.Answers, v.draft.Choices
	if v.answers == nil {
		v.answers = mobility.Answers{}
	}
	return v, nil
}

func (v *editView) load(ctx context.Context, q *request, db store.DBTX) (err error) {
	if v.app, err = queries.MyApplication(ctx, db, store.MyApplicationParams{ID: v.id, PersonID: q.actor.Person}); err != nil {
		return err
	}
	if v.draft, err = queries.Draft(ctx, db, v.id); err != nil {
		return err
	}
	if v.documents, err = queries.DraftDocuments(ctx, db, v.id); err != nil {
		return err
	}
	if v.all, err = queries.PublicDestinations(ctx, db, v.app.CallID); err != nil {
		return err
	}
	v.places = slices.DeleteFunc(slices.Clone(v.all), func(d store.PublicDestinationsRow) bool {
		return d.RoundID != v.app.RoundID || d.UnitID != v.app.UnitID
	})
	if v.changed, err = queries.DestinationChanges(ctx, db, v.app.CallID); err != nil {
		return err
	}
	if v.past, err = readPast(ctx, db, v.app.CallID); err != nil {
		return err
	}
	subject, err := queries.MoveSubject(ctx, db, v.id)
	if err != nil {
		return err
	}
	v.sent, v.sentChoices = subject.Submissions, subject.Choices
	if v.sentAt, err = queries.LastSubmittedAt(ctx, db, v.id); err != nil {
		return err
	}
	if returned, err := queries.MyReturn(ctx, db, v.id); err == nil {
		v.returned = &returned
	}
	return nil
}

func (s *Server) showEdit(q *request) error {
	v, err := s.loadEdit(q)
	if err != nil {
		return err
	}
	if q.r.URL.Query().Has("check") && v.st.CanEdit == nil {
		v.problems = v.st.Problems
	}
	return s.render(q, http.StatusOK, v.page(s, q))
}

// posted is what came with the form.
type posted struct {
	revision int32
	answers  mobility.Answers
	choices  []uuid.UUID // nil: the page showed no order to change
	act      string
	autosave bool
}

// readPosted reads the answers to the form's own questions, as typed.
func (v *editView) readPosted(r *http.Request) (posted, error) {
	if err := r.ParseMultipartForm(defaultBody); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return posted{}, err
		}
		return posted{}, &mobility.Error{Kind: mobility.Invalid, Code: "error.form", Cause: err}
	}
	revision, err := strconv.ParseInt(r.PostForm.Get("revision"), 10, 32)
	if err != nil {
		return posted{}, &mobility.Error{Kind: mobility.Invalid, Code: "error.form", Cause: err}
	}
	p := posted{revision: int32(revision), answers: mobility.Answers{}, act: r.PostForm.Get("act"), autosave: r.Header.Get("Peregrine-Autosave") != ""}
	for name, values := range r.PostForm {
		if key, ok := strings.CutPrefix(name, answerPrefix); ok && v.question(key) != nil && len(values) > 0 {
			p.answers[key] = strings.ReplaceAll(values[0], "\r\n", "\n")
		}
	}
	for _, key := range r.PostForm["box"] { // a box not ticked is not posted
		if q := v.question(key); q != nil && q.Kind == mobility.QuestionYes {
			p.answers[key] = map[bool]string{true: "yes"}[r.PostForm.Has(answerPrefix+key)]
		}
	}
	if r.PostForm.Has("choices") {
		p.choices = v.reorder(r.PostForm["choice"], r.PostForm.Get("order"), r.PostForm.Get("add"), p.act)
	}
	return p, nil
}

// question finds the question an answer's key belongs to, nil if the form has
// none.
func (v *editView) question(key string) *mobility.Question {
	name, _, _ := strings.Cut(key, "@")
	i := slices.IndexFunc(v.app.Questions, func(q mobility.Question) bool { return q.Key == name })
	if i < 0 {
		return nil
	}
	return &v.app.Questions[i]
}

// reorder applies one press of a button to the order of choices.
func (v *editView) reorder(typed []string, move, add, act string) []uuid.UUID {
	out := []uuid.UUID{}
	for _, text := range typed {
		if id, err := uuid.Parse(text); err == nil && v.place(id) != nil && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	if id, err := uuid.Parse(add); err == nil && act == "add" && v.place(id) != nil && v.place(id).DroppedAt == nil && !slices.Contains(out, id) {
		out = append(out, id)
	}
	how, which, _ := strings.Cut(move, ":")
	id, err := uuid.Parse(which)
	at := slices.Index(out, id)
	if err != nil || at < 0 {
		return out
	}
	switch how {
	case "up":
		if at > 0 {
			out[at-1], out[at] = out[at], out[at-1]
		}
	case "down":
		if at < len(out)-1 {
			out[at+1], out[at] = out[at], out[at+1]
		}
	case "remove":
		out = slices.Delete(out, at, at+1)
	}
	return out
}

func (v *editView) place(id uuid.UUID) *store.PublicDestinationsRow {
	i := slices.IndexFunc(v.places, func(d store.PublicDestinationsRow) bool { return d.ID == id })
	if i < 0 {
		return nil
	}
	return &v.places[i]
}

func (s *Server) saveEdit(q *request) error {
	v, err := s.loadEdit(q)
	if err != nil {
		return err
	}
	p, err := v.readPosted(q.r)
	if err != nil {
		return err
	}
	revision, err := s.Process.SaveDraft(q.ctx(), q.actor, process.DraftSave{
		Application: v.id, Revision: p.revision, Answers: p.answers, Choices: p.choices, Arrived: q.arrived,
	})
	if err != nil {
		return s.notSaved(q, p, err)
	}
	if p.autosave {
		q.w.Header().Set("Peregrine-Revision", strconv.Itoa(int(revision)))
		q.plain(http.StatusOK, "")
		return nil
	}
	problems, err := s.saveFiles(q, v, p)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		if v, err = s.loadEdit(q); err != nil {
			return err
		}
		v.problems = problems
		return s.render(q, http.StatusUnprocessableEntity, v.page(s, q))
	}
	return s.saved(q, v, p)
}

// saved leads on from a save: to the check, or back to where the button was.
func (s *Server) saved(q *request, v *editView, p posted) error {
	here := "/applications/" + v.id.String()
	act, key, _ := strings.Cut(p.act, ":")
	switch {
	case act == "check":
		return q.redirect(here + "/check")
	case q.r.PostForm.Get("order") != "" || act == "add":
		return q.redirect(here + "/edit#destinations")
	case act == "upload":
		return s.done(q, here+"/edit#"+page.Field{Name: filePrefix + key}.ID(), "notice.file_kept")
	case act == "remove":
		return s.done(q, here+"/edit#files", "notice.file_removed")
	}
	return s.done(q, here+"/edit", "notice.draft_saved")
}

// notSaved shows what was typed again, whatever the reason: another window
// saved meanwhile, or it came too late.
func (s *Server) notSaved(q *request, p posted, err error) error {
	kind := mobility.KindOf(err)
	if kind != mobility.Stale && kind != mobility.Conflict {
		return err
	}
	code, data := mobility.CodeOf(err), dataOf(err)
	if p.autosave {
		q.plain(http.StatusConflict, q.loc.T(code, data))
		return nil
	}
	fresh, again := s.loadEdit(q)
	if again != nil {
		return again
	}
	for key, text := range p.answers {
		if fresh.answers[key] != text {
			fresh.stale = fresh.stale || kind == mobility.Stale
		}
	}
	fresh.draft.Answers = copyAnswers(fresh.answers)
	for key, text := range p.answers {
		fresh.answers[key] = text
	}
	if p.choices != nil {
		fresh.stale = fresh.stale || (kind == mobility.Stale && !slices.Equal(p.choices, fresh.draft.Choices))
		fresh.choices = p.choices
	}
	fresh.notices = append(fresh.notices, page.Notice{Tone: page.Warning, Title: q.loc.T("form.not_saved"), Text: q.loc.T(code, data)})
	if kind == mobility.Conflict {
		fresh.notices[0].Items = []string{q.loc.T("form.copy_it")}
	}
	return s.render(q, http.StatusConflict, fresh.page(s, q))
}

func copyAnswers(a mobility.Answers) mobility.Answers {
	out := make(mobility.Answers, len(a))
	for key, text := range a {
		out[key] = text
	}
	return out
}

func dataOf(err error) map[string]any {
	var e *mobility.Error
	if errors.As(err, &e) {
		return e.Data
	}
	return nil
}
