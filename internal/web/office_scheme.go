package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	rules "peregrine/internal/scheme"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// The scheme of a call: edited field by field or as text, tried out, and looked
// at before it holds. Every button but the last leads back to the same page.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/calls/{call}/rules", Guard: Coordinator, Handle: s.showRules},
		{Pattern: "POST /office/calls/{call}/rules/form", Guard: Officer, Handle: s.editScheme},
		{Pattern: "POST /office/calls/{call}/rules", Guard: Officer, Handle: s.changeScheme},
	}
})

func (s *Server) showRules(q *request) error {
	v, err := s.rulesOfCall(q)
	if err != nil {
		return err
	}
	d := savedDraft(v.call.Scheme, q.r.URL.Query().Get("view"))
	return s.schemePage(q, http.StatusOK, v, d, nil)
}

// editScheme is one press of a button of the form.
func (s *Server) editScheme(q *request) error {
	v, err := s.rulesOfCall(q)
	if err != nil {
		return err
	}
	d, do, err := q.draft()
	if err != nil {
		return s.schemeRefused(q, v, d, err)
	}
	switch do {
	case "look":
		return s.lookAtScheme(q, v, d)
	case viewText:
		d, d.judged = d.asText(), true
	case viewForm:
		d = d.asForm()
		d.judged = true
	case "check", "":
		d.judged = true
	case "candidate", "made_up", "everybody":
		return s.trySchemeOut(q, v, d, do)
	default:
		if sheet, at, ok := d.sheet.Do(do); ok && d.view == viewForm {
			d.sheet, d.open = sheet, at
		}
	}
	return s.schemePage(q, statusOf(d), v, d, nil)
}

// statusOf is 422 where something is wrong and is said.
func statusOf(d schemeDraft) int {
	if _, problems := d.read(); d.judged && len(problems) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// lookAtScheme shows what the change would do; where marks would be lost, it
// asks whether they go on under another key.
func (s *Server) lookAtScheme(q *request, v rulesView, d schemeDraft) error {
	if read, _ := d.read(); read == nil {
		d.judged = true
		return s.schemePage(q, http.StatusUnprocessableEntity, v, d, nil)
	}
	a := process.Amendment{Call: v.call.ID, Scheme: d.source(), Mapping: mappingOf(d.posted), Reason: d.reason, Arrived: q.arrived}
	preview, err := s.Process.PreviewAmendment(q.ctx(), q.actor, a)
	if err != nil {
		return s.schemeRefused(q, v, d, err)
	}
	return s.render(q, http.StatusOK, q.schemePreview(s, v, d, preview))
}

// schemePreview is the page between the form and the change.
func (q *request) schemePreview(s *Server, v rulesView, d schemeDraft, preview process.AmendmentPreview) page.Office {
	kept := []page.Hidden{{Name: "view", Value: viewText}, {Name: "scheme", Value: d.source()}, {Name: "reason", Value: d.reason}}
	mapped := append(slices.Clone(kept), d.kept(mappingPrefix)...)
	asked := q.mappingFields(v, d, preview)
	p := q.previewPage(s, v, preview)
	decide := &p.Parts[len(p.Parts)-1]
	decide.Action, decide.Hidden = callPath(v.call.ID, "rules"), append([]page.Hidden{{Name: "hash", Value: preview.Hash}}, mapped...)
	do := "rules.do_propose"
	if preview.Free {
		do = "rules.do_change"
	}
	decide.Buttons = []page.Button{{Label: q.loc.T(do)}}
	back := page.Part{ID: "back", Buttons: []page.Button{{
		Label: q.loc.T("schform.back"), Look: page.Quiet, Action: callPath(v.call.ID, "rules") + "/form", Hidden: append([]page.Hidden{{Name: "do", Value: viewForm}}, mapped...),
	}}}
	if len(asked) > 0 {
		mapping := page.Part{
			ID: "mapping", Title: q.loc.T("rules.mapping_title"), Text: q.loc.T("rules.mapping_text"), Action: callPath(v.call.ID, "rules") + "/form", Hidden: kept, Fields: asked,
			Buttons: []page.Button{{Label: q.loc.T("rules.mapping_again"), Look: page.Secondary, Name: "do", Value: "look"}},
		}
		p.Parts = slices.Insert(p.Parts, len(p.Parts)-1, mapping)
	}
	p.Parts = append(p.Parts, back)
	return p
}

// mappingPrefix is how the fields of the mapping begin.
const mappingPrefix = "mapping."

func mappingOf(posted map[string][]string) map[string]string {
	out := map[string]string{}
	for name, typed := range posted {
		if key, ok := strings.CutPrefix(name, mappingPrefix); ok && len(typed) > 0 && typed[0] != "" {
			out[key] = typed[0]
		}
	}
	return out
}

// mappingFields ask, for each criterion with marks that is gone, which of the
// new ones takes its marks on.
func (q *request) mappingFields(v rulesView, d schemeDraft, preview process.AmendmentPreview) []page.Field {
	older, problems := rules.Parse([]byte(v.call.Scheme))
	newer, _ := d.read()
	if len(problems) > 0 || newer == nil {
		return nil
	}
	var options []page.Option
	for _, c := range newer.Marked() {
		if _, was := older.Criterion(c.Key); !was {
			options = append(options, page.Option{Value: c.Key, Label: criterion{Key: c.Key, Label: c.Label}.label(q.loc)})
		}
	}
	chosen := mappingOf(d.posted)
	var out []page.Field
	for _, m := range preview.Marks {
		if m.Fate != process.MarksGone && chosen[m.Key] == "" {
			continue
		}
		if c, ok := older.Criterion(m.Key); !ok || c.Mark == nil || len(options) == 0 {
			continue
		}
		out = append(out, page.Field{
			Kind: page.Select, Name: mappingPrefix + m.Key, Value: chosen[m.Key], Options: options, Blank: q.loc.T("rules.mapping_none"),
			Label: q.loc.T("rules.mapping", "Name", criterion{Key: m.Key, Label: m.Label}.label(q.loc)), Hint: q.loc.T("rules.mapping_hint"),
		})
	}
	return out
}

// schemeRefused shows the form again with why nothing came of it.
func (s *Server) schemeRefused(q *request, v rulesView, d schemeDraft, err error) error {
	status := map[mobility.Kind]int{mobility.Invalid: http.StatusUnprocessableEntity, mobility.Conflict: http.StatusConflict, mobility.Stale: http.StatusConflict}[mobility.KindOf(err)]
	if status == 0 || d.view == "" {
		return err
	}
	return s.schemePage(q, status, v, d, err)
}

// schemeChange is the change that was looked at.
type schemeChange struct {
	Scheme string `form:"scheme" validate:"required,max=260000"`
	Reason string `form:"reason" validate:"max=2000"`
	Hash   string `form:"hash" validate:"max=200"`
}

// changeScheme makes the change that was looked at hold, or proposes it.
func (s *Server) changeScheme(q *request) error {
	v, err := s.rulesOfCall(q)
	if err != nil {
		return err
	}
	var f schemeChange
	posted, err := form.Decode(q.r, &f)
	d := schemeDraft{view: viewText, text: f.Scheme, reason: f.Reason, posted: url.Values(posted)}
	if err != nil {
		return s.schemeRefused(q, v, d, err)
	}
	a := process.Amendment{Call: v.call.ID, Scheme: f.Scheme, Mapping: mappingOf(d.posted), Reason: f.Reason, Hash: f.Hash, Arrived: q.arrived}
	notice, err := s.amendRules(q, a)
	if err != nil {
		d = d.asForm()
		return s.schemeRefused(q, v, d, err)
	}
	return s.done(q, callPath(v.call.ID, "rules"), notice)
}

// amendRules changes rules while nobody has submitted, and proposes the change
// afterwards; it says which.
func (s *Server) amendRules(q *request, a process.Amendment) (notice string, err error) {
	preview, err := s.Process.PreviewAmendment(q.ctx(), q.actor, a)
	switch {
	case err != nil:
		return "", err
	case preview.Free:
		return "notice.rules_changed", s.Process.ChangeRules(q.ctx(), q.actor, a)
	}
	_, err = s.Process.ProposeAmendment(q.ctx(), q.actor, a)
	return "notice.amendment_proposed", err
}
