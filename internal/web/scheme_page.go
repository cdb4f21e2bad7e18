package web

import (
	"strings"

	rules "peregrine/internal/scheme"
	"peregrine/internal/schemeform"
	"peregrine/internal/web/page"
)

// schemePage is the scheme of a call in one of its two views. Whoever may not
// change it reads what each part says.
func (s *Server) schemePage(q *request, status int, v rulesView, d schemeDraft, refused error, tried ...page.Part) error {
	p := page.SchemeForm{Base: s.base(q, q.loc.T("rules.title")), Tabs: q.callTabs(v.call.ID, "rules"), Shown: d.view, Check: q.loc.T("rules.check")}
	p.Kicker, p.Breadcrumbs = v.call.Title.In(q.loc.Lang()), q.callCrumbs(v.call.ID, v.call.Title)
	p.Lead, p.Notices = q.loc.T("schform.lead"), q.rulesNotices(v)
	still := !q.proposes() || v.call.Published != nil
	if still {
		p.Notices = append(p.Notices, page.Notice{Text: q.loc.T(map[bool]string{true: "rules.settled", false: "rules.read_only"}[v.call.Published != nil])})
		d = d.asForm() // what somebody typed meanwhile stays to be read
		d.judged = false
	} else {
		p.Action, p.Hidden = callPath(v.call.ID, "rules")+"/form", append(d.kept(mappingPrefix), page.Hidden{Name: "view", Value: d.view})
		p.Views = []page.Button{{Label: q.loc.T("rules.as_form"), Value: viewForm}, {Label: q.loc.T("rules.expert"), Value: viewText}}
		p.Save = q.schemeSave(d)
		p.Try = q.tryPanel(v, d, tried)
	}
	q.schemeView(&p, d, still, refused)
	if _, problems := d.read(); status < 300 && len(problems) == 0 && d.judged && refused == nil {
		p.Notices = append(p.Notices, page.Notice{Tone: page.Success, Text: q.loc.T("rules.sound")})
	}
	p.Errors = q.withRefusal(p.Errors, &p.Save, refused)
	p.Parts = present([]page.Part{q.selectionLink(v), q.amendmentsPart(v)})
	return s.render(q, status, p)
}

// schemeView fills in the view that is shown.
func (q *request) schemeView(p *page.SchemeForm, d schemeDraft, still bool, refused error) {
	if d.view == viewText {
		p.Text = page.Field{Kind: page.LongText, Rows: 32, Name: "scheme", Label: q.loc.T("rules.text"), Hint: q.loc.T("rules.text_hint"), Value: d.text, Required: true, ReadOnly: still}
		if _, problems := d.read(); d.judged && len(problems)+len(d.lost) > 0 {
			p.Errors = q.linesWrong(problems, d.lost)
			p.Text.Error = q.loc.T("schform.text_wrong")
		}
		for _, one := range schemeRefusals(refused) {
			p.Errors.Problems = append(p.Errors.Problems, page.Problem{Href: "#" + p.Text.ID(), Text: one.Path + ": " + q.loc.T(one.Code, one.Data)})
		}
		return
	}
	f := &schemeForm{q: q, sheet: d.sheet, action: p.Action, open: d.open, still: still, shown: map[string]string{}}
	if d.judged {
		_, f.wrong = d.sheet.Check()
	}
	for _, one := range schemeRefusals(refused) {
		f.wrong = append(f.wrong, schemeform.Problem{Problem: one, Field: d.sheet.Field(one)})
	}
	p.Sections = f.sections()
	p.Errors = f.summary()
}

// linesWrong lists what is wrong with a text, by line; what no form would show
// comes in front of it.
func (q *request) linesWrong(problems, lost []rules.Problem) page.ErrorSummary {
	href := "#" + page.Field{Name: "scheme"}.ID()
	out := page.ErrorSummary{}
	for _, list := range [][]rules.Problem{lost, problems} {
		for _, one := range list {
			out.Problems = append(out.Problems, page.Problem{Href: href, Text: q.loc.T("rules.at_line", "Line", one.Line, "Column", one.Column, "Text", q.loc.T(one.Code, one.Data))})
		}
		if len(out.Problems) > 0 {
			break
		}
	}
	out.Title = q.loc.N("part.errors", len(out.Problems))
	return out
}

// schemePath is how problems of a scheme begin that only the call can tell.
const schemePath = "scheme."

// schemeRefusals are what does not fit the call, by where it is in the scheme.
func schemeRefusals(err error) []rules.Problem {
	problems, _ := problemsOf(err)
	var out []rules.Problem
	for _, one := range problems {
		if path, ok := strings.CutPrefix(one.Field, schemePath); ok {
			out = append(out, rules.Problem{Path: path, Code: one.Code, Data: one.Data})
		}
	}
	return out
}

// withRefusal adds why nothing came of it, as far as it is about nothing in
// the scheme itself.
func (q *request) withRefusal(out page.ErrorSummary, save *page.SchemeSave, err error) page.ErrorSummary {
	problems, invalid := problemsOf(err)
	switch {
	case err == nil:
		return out
	case !invalid:
		return page.ErrorSummary{Title: q.loc.T("rules.preview_title"), Problems: []page.Problem{{Text: problemText(q.loc, err)}}}
	}
	for _, one := range problems {
		text := page.Problem{Text: q.loc.T(one.Code, one.Data)}
		switch {
		case strings.HasPrefix(one.Field, schemePath):
			continue
		case one.Field == "facts_at":
			text.Text = q.loc.T("schform.facts_at")
		case one.Field == "reason" && len(save.Fields) > 0:
			save.Fields[0].Error = text.Text
			text = page.Problem{Text: save.Fields[0].Label + ": " + text.Text, Href: "#" + save.Fields[0].ID()}
		}
		out.Problems = append(out.Problems, text)
	}
	out.Title = q.loc.N("part.errors", len(out.Problems))
	return out
}

func (q *request) schemeSave(d schemeDraft) page.SchemeSave {
	return page.SchemeSave{
		Title: q.loc.T("schform.save_title"), Text: q.loc.T("schform.save_text"),
		Fields:  []page.Field{{Kind: page.LongText, Rows: 3, Name: "reason", Label: q.loc.T("rules.reason"), Hint: q.loc.T("rules.reason_hint"), Value: d.reason, MaxLength: 2000}},
		Buttons: []page.Button{{Label: q.loc.T("rules.look"), Name: "do", Value: "look"}, {Label: q.loc.T("rules.check"), Look: page.Secondary, Name: "do", Value: "check"}},
	}
}

// shownNumber is a number as the reader writes it, or what was typed.
func shownNumber(q *request, typed string) string {
	if d, ok := schemeform.Number(typed); ok {
		return q.loc.Decimal(d)
	}
	return typed
}

// selectionLink leads to the other half of the rules.
func (q *request) selectionLink(v rulesView) page.Part {
	return page.Part{ID: "selection", Title: q.loc.T("selform.title"), Text: q.loc.T("schform.selection_text"), Buttons: []page.Button{{
		Label: q.loc.T("schform.selection_link"), Look: page.Secondary, Href: callPath(v.call.ID, "rules") + "/selection",
	}}}
}
