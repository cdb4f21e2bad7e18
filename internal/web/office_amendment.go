package web

import (
	"net/http"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// amendment is one change that waits, as an officer looks at it.
func (s *Server) amendment(q *request) (v rulesView, m store.AmendmentsOfCallRow, err error) {
	id, err := q.id("amendment")
	if err != nil {
		return v, m, err
	}
	if v, err = s.rulesOfCall(q); err != nil {
		return v, m, err
	}
	for _, row := range v.history {
		if row.ID == id {
			return v, row, nil
		}
	}
	return v, m, mobility.NotFoundError("amendment")
}

func (s *Server) showAmendment(q *request) error {
	v, m, err := s.amendment(q)
	if err != nil {
		return err
	}
	return s.amendmentPage(q, http.StatusOK, v, m, nil)
}

// amendmentPage shows what was proposed, with what another officer may do: to
// approve exactly this, or to refuse it; whoever proposed it takes it back.
func (s *Server) amendmentPage(q *request, status int, v rulesView, m store.AmendmentsOfCallRow, refused error) error {
	preview, err := s.Process.PreviewProposed(q.ctx(), q.actor, m.ID, q.arrived)
	if err != nil {
		return err
	}
	p := q.previewPage(s, v, preview)
	last := &p.Parts[len(p.Parts)-1]
	own := m.ProposedBy == q.actor.Person
	if own {
		last.Text += " " + q.loc.T("rules.yours")
	} else {
		last.Action, last.Hidden = amendmentPath(v.call.ID, m.ID)+"/approve", []page.Hidden{{Name: "hash", Value: preview.Hash}}
		last.Buttons = []page.Button{{Label: q.loc.T("rules.approve")}}
	}
	answer := page.Field{Kind: page.LongText, Rows: 3, Name: "reason", Label: q.loc.T("rules.answer"), Required: !own, MaxLength: 2000}
	label := "rules.refuse"
	if own {
		label = "rules.withdraw"
	}
	if problems, invalid := problemsOf(refused); invalid {
		p.Errors = page.Refuse(q.loc, problems, &answer)
	} else if refused != nil {
		p.Errors = page.ErrorSummary{Title: q.loc.T("rules.preview_title"), Problems: []page.Problem{{Text: problemText(q.loc, refused)}}}
	}
	p.Parts = append(p.Parts, page.Part{
		ID: "refuse", Title: q.loc.T(label), Action: amendmentPath(v.call.ID, m.ID) + "/refuse", Fields: []page.Field{answer},
		Buttons: []page.Button{{Label: q.loc.T(label), Look: page.Secondary}},
	})
	return s.render(q, status, p)
}

type amendmentForm struct {
	Hash   string `form:"hash" validate:"max=200"`
	Reason string `form:"reason" validate:"max=2000"`
}

func (s *Server) decide(q *request, notice string, act func(process.Decision) error) error {
	v, m, err := s.amendment(q)
	if err != nil {
		return err
	}
	var f amendmentForm
	if _, err := form.Decode(q.r, &f); err != nil {
		return err
	}
	err = act(process.Decision{Amendment: m.ID, Hash: f.Hash, Reason: f.Reason, Arrived: q.arrived})
	if mobility.KindOf(err) == mobility.Invalid {
		return s.amendmentPage(q, http.StatusUnprocessableEntity, v, m, err)
	}
	if mobility.KindOf(err) == mobility.Stale {
		return s.amendmentPage(q, http.StatusConflict, v, m, err)
	}
	if err != nil {
		return err
	}
	return s.done(q, callPath(v.call.ID, "rules"), notice)
}

func (s *Server) approveAmendment(q *request) error {
	return s.decide(q, "notice.amendment_approved", func(d process.Decision) error {
		_, err := s.Process.ApproveAmendment(q.ctx(), q.actor, d)
		return err
	})
}

func (s *Server) refuseAmendment(q *request) error {
	return s.decide(q, "notice.amendment_refused", func(d process.Decision) error {
		return s.Process.RefuseAmendment(q.ctx(), q.actor, d)
	})
}
