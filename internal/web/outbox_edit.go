package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"peregrine/internal/letter"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// One letter of a draft, written by hand.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/rankings/{ranking}/letters/{application}/{kind}/edit", Guard: Officer, Handle: s.askEdit},
		{Pattern: "POST /office/rankings/{ranking}/letters/{application}/{kind}/edit", Guard: Officer, Handle: s.editLetter},
	}
})

// handView is a letter being written by hand.
type handView struct {
	entryView
	kind    string
	shown   page.LetterShown
	source  string // as it stands, or as typed
	reason  string
	from    int // number of the earlier run the words come from, 0 for none
	problem letter.SourceProblems
}

// readEdit reads what the letter says now: by hand, of an earlier run if the
// address asks for that, else as the house words it.
func (s *Server) readEdit(q *request) (v handView, err error) {
	v.kind = q.r.PathValue("kind")
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if v.entryView, err = s.readEntry(ctx, q, db); err != nil {
			return err
		}
		if v.published() {
			return mobility.ConflictError("conflict.already_published", nil)
		}
		if !letter.Own(v.kind) || !v.leadsTo(v.kind) {
			return mobility.NotFoundError("letter")
		}
		if err = q.readWords(ctx, db, &v); err != nil {
			return err
		}
		ref, _, err := q.draftRef(ctx, db, v.entryView, v.kind)
		if err != nil {
			return err
		}
		if v.shown, err = s.letterShown(ctx, q, db, ref); err != nil {
			return err
		}
		return q.note(db, lookedAt{institution: v.InstitutionID, subjects: []uuid.UUID{v.id}, count: 1})
	})
	return v, err
}

// leadsTo reports whether telling the run sends the entry such a letter.
func (v entryView) leadsTo(kind string) bool {
	for _, k := range v.nextLetters(v.entry.State, v.entry.Outcome) {
		if k == kind {
			return true
		}
	}
	return false
}

func (q *request) readWords(ctx context.Context, db store.DBTX, v *handView) error {
	from := v.ID
	if id := idOf(q.r.URL.Query().Get("from")); id != nil {
		from = *id
	}
	edit, err := queries.OutboxEdit(ctx, db, store.OutboxEditParams{RankingID: from, ApplicationID: v.id, Kind: v.kind})
	switch {
	case err == nil && edit.Language == v.person.Language:
		v.source, v.reason = edit.Source, edit.Reason
		if from != v.ID {
			earlier, err := queries.OfficeRanking(ctx, db, store.OfficeRankingParams{ID: from, Institutions: q.house()})
			v.from = int(earlier.Number)
			return err
		}
		return nil
	case err != nil && !store.NoRows(err):
		return err
	}
	own, err := store.One(queries.LetterWordings(ctx, db, store.LetterWordingsParams{
		Institutions: []uuid.UUID{v.InstitutionID}, Kinds: []string{v.kind}, Languages: []string{v.person.Language},
	}))
	if v.source = own.Body; store.NoRows(err) {
		v.source, err = letter.BuiltIn(v.kind, v.person.Language), nil
	}
	return err
}

func (s *Server) askEdit(q *request) error {
	v, err := s.readEdit(q)
	if err != nil {
		return err
	}
	return s.editPage(q, http.StatusOK, v, nil)
}

type editForm struct {
	Source string `form:"source" validate:"required,max=20000"`
	Reason string `form:"reason" validate:"max=2000"`
	Do     string `form:"do"`
}

// editLetter keeps the letter, or shows how it would read.
func (s *Server) editLetter(q *request) error {
	v, err := s.readEdit(q)
	if err != nil {
		return err
	}
	var f editForm
	_, err = form.Decode(q.r, &f)
	v.source, v.reason = f.Source, f.Reason
	problems, invalid := problemsOf(err)
	if err != nil && !invalid {
		return err
	}
	if invalid {
		return s.editPage(q, http.StatusUnprocessableEntity, v, problems)
	}
	src, err := letter.ParseSource(v.kind, v.person.Language, f.Source)
	if v.problem = letter.Problems(err); v.problem != nil {
		return s.editPage(q, http.StatusUnprocessableEntity, v, nil)
	}
	if err != nil {
		return err
	}
	if f.Do == "look" {
		if err := s.lookAtEdit(q, &v); err != nil {
			return err
		}
		return s.editPage(q, http.StatusOK, v, nil)
	}
	err = s.Process.EditLetter(q.ctx(), q.actor, process.EditLetter{Ranking: v.ID, Application: v.id, Source: src, Reason: f.Reason, Arrived: q.arrived})
	if problems, invalid = problemsOf(err); invalid {
		return s.editPage(q, http.StatusUnprocessableEntity, v, problems)
	}
	if err != nil {
		return err
	}
	return s.done(q, rankingPath(v.ID)+"/letters/"+v.id.String(), "notice.letter_edited", "Name", v.entry.Name)
}

// lookAtEdit renders what was typed and keeps nothing.
func (s *Server) lookAtEdit(q *request, v *handView) error {
	return s.read(q, func(ctx context.Context, db store.DBTX) error {
		ref, _, err := q.draftRef(ctx, db, v.entryView, v.kind)
		if err != nil {
			return err
		}
		ref.Edit = v.source
		v.shown, err = s.letterShown(ctx, q, db, ref)
		return err
	})
}

func (s *Server) editPage(q *request, status int, v handView, problems []mobility.FieldProblem) error {
	source := page.Field{
		Kind: page.LongText, Rows: 20, Name: "source", Label: q.loc.T("outbox.source"), Hint: q.loc.T("outbox.source_hint", "Language", q.loc.Language(v.person.Language)),
		Required: true, MaxLength: 20000, Value: v.source,
	}
	reason := page.Field{Kind: page.LongText, Rows: 2, Name: "reason", Label: q.loc.T("office.reason"), Hint: q.loc.T("outbox.reason_hint"), Required: true, MaxLength: 2000, Value: v.reason}
	p := page.Office{Base: s.base(q, q.loc.T("outbox.edit_title", "Name", v.entry.Name)), Errors: page.Refuse(q.loc, problems, &source, &reason)}
	p.Kicker, p.Lead = q.loc.T("letter_kind."+v.kind), q.loc.T("outbox.edit_lead")
	p.Breadcrumbs = append(q.callCrumbs(v.CallID, v.OfficeRankingRow.Title),
		page.Link{Label: q.loc.T("outbox.title"), Href: outboxPath(v.ID)}, page.Link{Label: v.entry.Name, Href: rankingPath(v.ID) + "/letters/" + v.id.String()})
	if len(v.problem) > 0 {
		source.Error = q.loc.T("outbox.source_refused")
		p.Errors = page.ErrorSummary{Title: q.loc.N("part.errors", len(v.problem))}
		for _, one := range v.problem {
			p.Errors.Problems = append(p.Errors.Problems, page.Problem{Text: sourceProblem(q.loc, one), Href: "#" + source.ID()})
		}
	}
	if v.from > 0 {
		p.Notices = []page.Notice{{Text: q.loc.T("outbox.words_of_run", "Number", strconv.Itoa(v.from))}}
	}
	p.Parts = []page.Part{
		{
			ID: "edit", Action: editPath(v.ID, v.id, v.kind), Fields: []page.Field{source, reason},
			Buttons: []page.Button{{Label: q.loc.T("outbox.keep_edit")}, {Label: q.loc.T("outbox.look"), Look: page.Secondary, Name: "do", Value: "look", NoCheck: true}},
		},
		{ID: "look", Title: q.loc.T("outbox.reads"), Text: q.loc.T("outbox.reads_text"), Letters: []page.LetterShown{v.shown}},
	}
	return s.render(q, status, p)
}
