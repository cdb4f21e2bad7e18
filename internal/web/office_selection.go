package web

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// How a call gives out its places, in words and as a form: method, equal
// points, shares, limits, money, minima, reserve. Changed in place until
// somebody has submitted, then by an amendment.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/calls/{call}/rules/selection", Guard: Coordinator, Handle: s.showSelection},
		{Pattern: "POST /office/calls/{call}/rules/selection/preview", Guard: Officer, Handle: s.previewSelection},
		{Pattern: "POST /office/calls/{call}/rules/selection", Guard: Officer, Handle: s.changeSelection},
	}
})

// selectionView is a call with its rules and what they may name.
type selectionView struct {
	rulesView
	public publicCall
}

func (s *Server) selectionOfCall(q *request) (v selectionView, err error) {
	if v.rulesView, err = s.rulesOfCall(q); err != nil {
		return v, err
	}
	v.public.mine = map[uuid.UUID]store.MyApplicationsInRow{}
	err = s.read(q, func(ctx context.Context, db store.DBTX) error {
		return v.public.load(ctx, q, db, v.call.ID)
	})
	return v, err
}

func (v selectionView) typed() typedRules {
	return typeRules(v.call.Selection, int(v.call.MaxChoices), int(v.call.MaxLanguages))
}

func selectionPath(v selectionView) string { return callPath(v.call.ID, "rules") + "/selection" }

func (s *Server) showSelection(q *request) error {
	v, err := s.selectionOfCall(q)
	if err != nil {
		return err
	}
	return s.selectionPage(q, http.StatusOK, v, v.typed(), nil)
}

func (s *Server) selectionPage(q *request, status int, v selectionView, t typedRules, refused error) error {
	p := page.Office{Base: s.base(q, q.loc.T("selform.title")), Tabs: q.callTabs(v.call.ID, "rules")}
	p.Kicker = v.call.Title.In(q.loc.Lang())
	p.Breadcrumbs = append(q.callCrumbs(v.call.ID, v.call.Title), page.Link{Label: q.loc.T("rules.title"), Href: callPath(v.call.ID, "rules")})
	p.Notices = q.rulesNotices(v.rulesView)
	now := v.public.rulesPart(q)
	now.ID, now.Title, now.Text = "now", q.loc.T("selform.now"), q.loc.T("selform.now_text")
	now.Summary.Rows = append([]page.Fact{{Term: q.loc.T("call.choices"), Text: limitWords(q.loc, v.call.MaxChoices, v.call.MaxLanguages)}}, now.Summary.Rows...)
	p.Parts = []page.Part{now}
	if q.proposes() && v.call.Published == nil {
		edit := q.selectionForm(v, t)
		p.Errors = q.selectionErrors(t, edit.Sections, refused)
		p.Parts = append(p.Parts, edit)
	} else {
		now.Text += " " + q.loc.T(map[bool]string{true: "rules.settled", false: "rules.read_only"}[v.call.Published != nil])
		p.Parts[0] = now
	}
	p.Parts = present(append(p.Parts, q.amendmentsPart(v.rulesView)))
	return s.render(q, status, p)
}

// selectionErrors writes each problem beside its field.
func (q *request) selectionErrors(t typedRules, sections []page.Section, refused error) page.ErrorSummary {
	problems, invalid := problemsOf(refused)
	switch {
	case invalid:
		return page.Refuse(q.loc, q.inOwnWords(t, t.beside(problems)), page.Pointers(sections)...)
	case refused != nil:
		return page.ErrorSummary{Title: q.loc.T("rules.preview_title"), Problems: []page.Problem{{Text: problemText(q.loc, refused)}}}
	}
	return page.ErrorSummary{}
}

// inOwnWords calls limits that cross by their names in the reader's language.
func (q *request) inOwnWords(t typedRules, problems []mobility.FieldProblem) []mobility.FieldProblem {
	names := map[string]string{}
	for _, row := range t.rows["quotas"] {
		if own := row.first("label." + q.loc.Lang()); own != "" {
			names[row.first("label.en")] = own
		}
	}
	for i, p := range problems {
		if p.Code != "selection.quotas_cross" {
			continue
		}
		data := map[string]any{}
		for key, name := range p.Data {
			data[key] = name
			if text, ok := name.(string); ok && names[text] != "" {
				data[key] = names[text]
			}
		}
		problems[i].Data = data
	}
	return problems
}

// decodeSelection reads the form into a change; the scheme stays as it is.
// What a button of a row asks is done to what is typed, and edited is true.
func (s *Server) decodeSelection(q *request, v selectionView) (t typedRules, a process.Amendment, edited bool, err error) {
	var f struct {
		Do     string `form:"do" validate:"max=40"`
		Reason string `form:"reason" validate:"max=2000"`
		Hash   string `form:"hash" validate:"max=200"`
	}
	typed, err := form.Decode(q.r, &f)
	t = readTyped(typed)
	if t.apply(f.Do) {
		return t, a, true, nil
	}
	t.compact()
	if err != nil {
		return t, a, false, err
	}
	d := rulesReader{t: t, whole: s.Catalogue.Everywhere("selform.participants_all")}
	r := d.rules(v.call.Selection)
	limits := process.ChoiceLimits{
		Choices:   d.number("max_choices", d.one("max_choices"), false),
		Languages: d.number("max_languages", d.one("max_languages"), true),
	}
	if len(d.problems) > 0 {
		return t, a, false, mobility.InvalidError(d.problems...)
	}
	a = process.Amendment{Call: v.call.ID, Rules: &r, Limits: &limits, Reason: f.Reason, Hash: f.Hash, Arrived: q.arrived}
	return t, a, false, nil
}

func (s *Server) previewSelection(q *request) error {
	v, err := s.selectionOfCall(q)
	if err != nil {
		return err
	}
	t, a, edited, err := s.decodeSelection(q, v)
	if edited {
		return s.selectionPage(q, http.StatusOK, v, t, nil)
	}
	var preview process.AmendmentPreview
	if err == nil {
		preview, err = s.Process.PreviewAmendment(q.ctx(), q.actor, a)
	}
	if err == nil && !preview.Free && strings.TrimSpace(a.Reason) == "" {
		err = mobility.InvalidError(mobility.FieldProblem{Field: "reason", Code: "invalid.required"})
	}
	if err != nil {
		return s.selectionRefused(q, v, t, err)
	}
	do := "rules.do_propose"
	if preview.Free {
		do = "rules.do_change"
	}
	hidden := []page.Hidden{{Name: "hash", Value: preview.Hash}}
	typed := t.values()
	for _, name := range slices.Sorted(maps.Keys(typed)) {
		for _, value := range typed[name] {
			hidden = append(hidden, page.Hidden{Name: name, Value: value})
		}
	}
	p := q.previewPage(s, v.rulesView, preview)
	now, err := v.public.withRules(v.call.Scheme, preview.Rules, preview.Limits)
	if err != nil {
		return err
	}
	p.Parts = present(slices.Insert(p.Parts, 1, q.besideEachOther(&v.public, now)))
	last := &p.Parts[len(p.Parts)-1]
	last.Action, last.Hidden = selectionPath(v), hidden
	last.Buttons = []page.Button{{Label: q.loc.T(do)}, {Label: q.loc.T("selform.again"), Look: page.Secondary, Name: "do", Value: "edit", NoCheck: true}}
	return s.render(q, http.StatusOK, p)
}

// selectionRefused shows the form again with what is wrong, typed text kept.
func (s *Server) selectionRefused(q *request, v selectionView, t typedRules, err error) error {
	kind := mobility.KindOf(err)
	if kind == mobility.Invalid {
		return s.selectionPage(q, http.StatusUnprocessableEntity, v, t, err)
	}
	if kind == mobility.Conflict || kind == mobility.Stale {
		return s.selectionPage(q, http.StatusConflict, v, t, err)
	}
	return err
}

func (s *Server) changeSelection(q *request) error {
	v, err := s.selectionOfCall(q)
	if err != nil {
		return err
	}
	t, a, edited, err := s.decodeSelection(q, v)
	if edited {
		return s.selectionPage(q, http.StatusOK, v, t, nil)
	}
	var preview process.AmendmentPreview
	if err == nil {
		preview, err = s.Process.PreviewAmendment(q.ctx(), q.actor, a)
	}
	if err != nil {
		return s.selectionRefused(q, v, t, err)
	}
	notice := "notice.amendment_proposed"
	if preview.Free {
		notice, err = "notice.rules_changed", s.Process.ChangeRules(q.ctx(), q.actor, a)
	} else {
		_, err = s.Process.ProposeAmendment(q.ctx(), q.actor, a)
	}
	if err != nil {
		return s.selectionRefused(q, v, t, err)
	}
	return s.done(q, selectionPath(v), notice)
}
