package web

import (
	"context"
	"html/template"
	"net/http"
	"slices"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// Explanations: how an application goes, drawn and in words.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /help", Guard: Public, Handle: s.showHelp},
		{Pattern: "GET /help/lifecycles/{name}", Guard: Public, Handle: s.showLifecycle},
	}
})

func (s *Server) showHelp(q *request) error {
	list := page.CardList{Title: q.loc.T("help.lifecycles")}
	err := s.read(q, func(ctx context.Context, db store.DBTX) error {
		rows, err := queries.PublicLifecycles(ctx, db)
		if err != nil {
			return err
		}
		for _, row := range rows {
			d, err := s.Process.Definition(ctx, db, row.ID)
			if err != nil {
				return err
			}
			list.Cards = append(list.Cards, page.Card{
				Title: d.Title.In(q.loc.Lang()), Href: "/help/lifecycles/" + d.Name, Facts: []string{q.loc.N("help.states", len(d.States))},
			})
		}
		return nil
	})
	if err != nil {
		return err
	}
	base := s.base(q, q.loc.T("help.title"))
	base.Lead = q.loc.T("help.lead")
	p := page.Help{Base: base, Lists: []page.CardList{list}}
	for _, topic := range []string{"sign_in", "draft", "deadline", "letters", "privacy"} {
		p.Parts = append(p.Parts, page.Part{ID: topic, Title: q.loc.T("help." + topic), Text: q.loc.T("help." + topic + "_text")})
	}
	return s.render(q, http.StatusOK, p)
}

// showLifecycle draws a lifecycle and says what each state means. With the
// name of a state in ?here= the picture says "you are here".
func (s *Server) showLifecycle(q *request) error {
	var d *lifecycle.Definition
	err := s.read(q, func(ctx context.Context, db store.DBTX) error {
		rows, err := queries.PublicLifecycles(ctx, db)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(rows, func(r store.PublicLifecyclesRow) bool { return r.Name == q.r.PathValue("name") })
		if i < 0 {
			return mobility.NotFoundError("page")
		}
		d, err = s.Process.Definition(ctx, db, rows[i].ID)
		return err
	})
	if err != nil {
		return err
	}
	audience := lifecycle.AudienceApplicant
	if len(q.actor.Grants) > 0 {
		audience = lifecycle.AudienceOffice
	}
	base := s.base(q, d.Title.In(q.loc.Lang()))
	base.Lead, base.Wide = q.loc.T("help.lifecycle_lead"), true
	base.Breadcrumbs = []page.Link{{Label: q.loc.T("help.title"), Href: "/help"}}
	return s.render(q, http.StatusOK, page.Help{
		Base: base, Picture: picture(q, d, audience),
		Parts: []page.Part{{Title: q.loc.T("help.all_states"), Table: stateTable(q, d, audience)}, {Title: q.loc.T("help.timers"), Text: q.loc.T("help.timers_text"), Table: timerTable(q, d, audience)}},
	})
}

func picture(q *request, d *lifecycle.Definition, audience lifecycle.Audience) template.HTML {
	words := lifecycle.PictureWords{
		Here: q.loc.T("help.here"), Ends: q.loc.T("help.ends"), Leads: q.loc.T("help.leads"), Phases: map[mobility.Phase]string{},
	}
	for _, phase := range mobility.Phases {
		words.Phases[phase] = q.loc.T("phase." + string(phase))
	}
	svg := lifecycle.SVG(d, lifecycle.Picture{Lang: q.loc.Lang(), Audience: audience, Here: mobility.State(q.r.URL.Query().Get("here")), Words: words})
	return template.HTML(svg) //nolint:gosec // drawn by us; every word in it is escaped
}

func stateTable(q *request, d *lifecycle.Definition, audience lifecycle.Audience) page.Table {
	lang := q.loc.Lang()
	t := page.Table{Caption: q.loc.T("help.all_states"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("help.state")}, {Label: q.loc.T("help.turn")}, {Label: q.loc.T("help.meaning")},
	}}
	for _, state := range d.States {
		row := page.Row{ID: "state-" + string(state.Name), Cells: []page.Cell{
			{Tag: labelTag(state, audience, lang)}, {Text: turnWords(q, state.Turn)}, {Text: state.Next[audience].In(lang)},
		}}
		if string(state.Name) == q.r.URL.Query().Get("here") {
			row.Tone = page.Accent
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// turnWords name whose turn it is, "" where it is nobody's.
func turnWords(q *request, turn mobility.Turn) string {
	if turn == mobility.TurnNone {
		return ""
	}
	return q.loc.T("by." + string(turn))
}

// timerTable says what happens at deadlines nobody met.
func timerTable(q *request, d *lifecycle.Definition, audience lifecycle.Audience) page.Table {
	lang := q.loc.Lang()
	t := page.Table{Caption: q.loc.T("help.timers"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("help.state")}, {Label: q.loc.T("help.deadline")}, {Label: q.loc.T("help.happens")},
	}}
	for _, timer := range d.Timers {
		state, _ := d.State(timer.State)
		happens := ""
		if moves := d.MovesNamed(timer.Move); len(moves) > 0 {
			happens = moves[0].Done.In(lang)
		}
		t.Rows = append(t.Rows, page.Row{Cells: page.Cells(state.Label[audience].In(lang), q.loc.T("help.deadline_"+string(timer.Deadline)), happens)})
	}
	return t
}
