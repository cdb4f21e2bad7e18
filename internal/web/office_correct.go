package web

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	rules "peregrine/internal/scheme"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// What an officer puts right between the provisional and the final list though
// nobody appealed: a mark, a condition that should not hold.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/applications/{id}/correct", Guard: Officer, Handle: s.showCorrect},
		{Pattern: "POST /office/applications/{id}/correct", Guard: Officer, Handle: s.correct},
	}
})

// correctView is what the page is made of.
type correctView struct {
	store.FileToCorrectRow
	scheme scheme
	scored rules.Scored
	marks  []store.AppealMarksRow
	hosts  map[uuid.UUID]string
	names  map[uuid.UUID]string
}

func (s *Server) readCorrect(q *request) (v correctView, err error) {
	id, err := q.id("id")
	if err != nil {
		return v, err
	}
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		v.FileToCorrectRow, err = queries.FileToCorrect(ctx, db, store.FileToCorrectParams{ID: id, Self: q.actor.Person, Institutions: q.house()})
		if err != nil {
			return err
		}
		if v.scheme, err = readScheme(v.Scheme); err != nil {
			return err
		}
		v.scheme.questions = v.Questions
		_ = json.Unmarshal(v.Breakdown, &v.scored) // erased: nothing is left of it
		if v.marks, err = queries.AppealMarks(ctx, db, id); err != nil {
			return err
		}
		if v.names, v.hosts, err = roundNames(ctx, db, v.RoundID); err != nil {
			return err
		}
		return q.note(db, lookedAt{institution: v.InstitutionID, subjects: []uuid.UUID{id}, count: 1})
	})
	return v, err
}

func (s *Server) showCorrect(q *request) error {
	v, err := s.readCorrect(q)
	if err != nil {
		return err
	}
	return s.correctPage(q, http.StatusOK, v, deciding{})
}

type ownCorrectionForm struct {
	Act     string `form:"act" validate:"required,oneof=look do"`
	Reason  string `form:"reason" validate:"required,max=8000"`
	Preview string `form:"preview" validate:"max=200"`
	correctionForm
}

func (s *Server) correct(q *request) error {
	v, err := s.readCorrect(q)
	if err != nil {
		return err
	}
	var f ownCorrectionForm
	a := deciding{}
	if a.typed, err = form.Decode(q.r, &f); err != nil {
		return s.notCorrected(q, v, a, err)
	}
	req := process.OwnCorrection{Application: v.ID, Correction: f.correction(), Reason: f.Reason, Preview: f.Preview, Arrived: q.arrived}
	status := http.StatusOK
	if f.Act == "do" {
		err = s.Process.Correct(q.ctx(), q.actor, req)
		if err == nil {
			return s.done(q, filePath(v.ID), "notice.corrected")
		}
		if mobility.KindOf(err) != mobility.Stale {
			return s.notCorrected(q, v, a, err)
		}
		a.refused, status = err, http.StatusConflict
	}
	seen, err := s.Process.PreviewCorrection(q.ctx(), q.actor, req)
	if err != nil {
		return s.notCorrected(q, v, a, err)
	}
	a.seen, a.ready = &seen, true
	return s.correctPage(q, status, v, a)
}

func (s *Server) notCorrected(q *request, v correctView, a deciding, err error) error {
	if problems, invalid := problemsOf(err); invalid {
		a.problems = problems
		return s.correctPage(q, http.StatusUnprocessableEntity, v, a)
	}
	if mobility.KindOf(err) == mobility.Conflict {
		a.refused = err
		return s.correctPage(q, http.StatusConflict, v, a)
	}
	return err
}

func (s *Server) correctPage(q *request, status int, v correctView, a deciding) error {
	p := page.Office{Base: s.base(q, q.loc.T("appeal.correct_title", "Name", v.Name))}
	p.Kicker, p.Lead = v.Title.In(q.loc.Lang()), q.loc.T("appeal.correct_lead")
	p.Breadcrumbs = append(q.callCrumbs(v.CallID, v.Title), page.Link{Label: v.Name, Href: filePath(v.ID)})
	if a.refused != nil {
		p.Notices = append(p.Notices, page.Notice{Tone: page.Danger, Title: q.loc.T("appeal.not_corrected"), Text: problemText(q.loc, a.refused)})
	}
	part := q.correctPart(v, a)
	pointers := make([]*page.Field, len(part.Fields))
	for i := range part.Fields {
		pointers[i] = &part.Fields[i]
	}
	p.Errors = page.Refuse(q.loc, a.problems, pointers...)
	if a.ready {
		p.Parts = append(p.Parts, page.Part{ID: "consequences", Title: q.loc.T("appeal.consequences"), Text: q.loc.T("appeal.ranking_text"), Table: q.changesTable(q.changes(a.seen.Before, a.seen.After, v.names, v.hosts))})
	}
	p.Parts = append(p.Parts, part)
	return s.render(q, status, p)
}

func (q *request) correctPart(v correctView, a deciding) page.Part {
	pick := page.Field{Kind: page.Select, Name: "correction", Label: q.loc.T("appeal.correction"), Required: true}
	pick.Options = append(q.markOptions(v.scheme, v.marks), q.gateOptions(v.scheme, v.scored, v.hosts)...)
	part := page.Part{ID: "correct", Title: q.loc.T("appeal.correct"), Action: filePath(v.ID) + "/correct", Fields: []page.Field{
		pick,
		{Kind: page.Number, Name: "points", Label: q.loc.T("appeal.points"), Hint: q.loc.T("appeal.points_hint"), Short: true},
		{Kind: page.LongText, Name: "reason", Label: q.loc.T("office.reason"), Hint: q.loc.T("appeal.correct_hint"), Required: true, MaxLength: process.MostAppealText, Rows: 4},
	}}
	for i := range part.Fields {
		if a.typed != nil {
			part.Fields[i].Value = a.typed.First(part.Fields[i].Name)
		}
	}
	look := page.Button{Label: q.loc.T("appeal.look"), Name: "act", Value: "look"}
	if a.ready {
		look.Look, look.Label = page.Secondary, q.loc.T("appeal.look_again")
		part.Hidden = []page.Hidden{{Name: "preview", Value: a.seen.Hash}}
		part.Buttons = append(part.Buttons, page.Button{Label: q.loc.T("appeal.correct_do"), Name: "act", Value: "do"})
	}
	part.Buttons = append(part.Buttons, look)
	return part
}
