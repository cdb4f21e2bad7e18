package web

import (
	"net/http"
	"strconv"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/web/page"
)

// Check your answers: everything as it would be submitted, with what is still
// missing leading to its field.
var _ = screen(func(s *Server) []Route {
	return []Route{{Pattern: "GET /applications/{id}/check", Guard: Applicant, Handle: s.showCheck}}
})

func (s *Server) showCheck(q *request) error {
	v, err := s.loadEdit(q)
	if err != nil {
		return err
	}
	here := "/applications/" + v.id.String()
	if v.st.CanEdit != nil {
		return q.redirect(here + "/edit")
	}
	v.problems = v.st.Problems
	base := s.base(q, q.loc.T("check.title"))
	base.Kicker = v.app.Title.In(q.loc.Lang())
	base.Breadcrumbs = []page.Link{{Label: q.loc.T("nav.me"), Href: "/me"}, {Label: base.Kicker, Href: here}, {Label: q.loc.T("form.title"), Href: here + "/edit"}}
	p := page.Mine{Base: base, Errors: v.errors(q, here+"/edit?check=1"), Turn: q.turn(v.st, lifecycle.AudienceApplicant)}
	p.Base.Now = q.now
	p.Parts = append(v.checkParts(q, here), v.submitPart(q, here))
	return s.render(q, http.StatusOK, p)
}

// checkParts are the answers, each leading to where it can be changed.
func (v *editView) checkParts(q *request, here string) []page.Part {
	parts := v.readOnly(q, func(string) bool { return true })
	if len(parts) == 0 {
		return nil
	}
	rows := parts[0].Summary.Rows
	keys := append([]string{"choices"}, v.keys()...)
	for i, key := range keys {
		if i < len(rows) && v.open(key) {
			rows[i].Change = here + "/edit#" + v.anchor(key)
		}
	}
	parts[0].Title = q.loc.T("check.answers")
	return parts
}

// submitPart says what submitting means and has the button, or says what
// stands against it.
func (v *editView) submitPart(q *request, here string) page.Part {
	back := page.Button{Label: q.loc.T("check.back"), Href: here + "/edit", Look: page.Secondary}
	part := page.Part{Title: q.loc.T("check.submit"), Buttons: []page.Button{back}}
	move := v.submission()
	switch {
	case move == nil:
		part.Text = q.loc.T("refusal.not_editable")
	case move.Refusal != nil && len(v.st.Problems) > 0:
		part.Text = q.loc.N("check.problems", len(v.st.Problems))
	case move.Refusal != nil:
		part.Text = q.loc.T(move.Refusal.Code, move.Refusal.Data)
	default:
		part.Text = move.Move.Confirm.In(q.loc.Lang())
		part.Buttons = []page.Button{{
			Label: move.Move.Label.In(q.loc.Lang()), Action: movesAt(v.id) + move.Move.Name,
			Hidden: []page.Hidden{{Name: "revision", Value: strconv.Itoa(int(v.st.Revision))}},
		}, back}
	}
	return part
}

// submission is the applicant's move that submits the working copy, nil if
// there is none in this state.
func (v *editView) submission() *lifecycle.Available {
	for i := range v.st.Moves {
		if a := &v.st.Moves[i]; a.Move.Has(lifecycle.EffectSubmit) && !a.Hide {
			return a
		}
	}
	return nil
}

// unsent reports whether the working copy says something else than the last
// submission.
func unsent(a, b mobility.Answers) bool {
	for key, text := range a {
		if b[key] != text {
			return true
		}
	}
	return false
}
