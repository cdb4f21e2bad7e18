package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	rules "peregrine/internal/scheme"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// What people decide about one file before it is ranked: a veto at a gate of
// the scheme, and where the by-hand method puts somebody.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/applications/{id}/vetoes/{gate}", Guard: Coordinator, Handle: s.askVeto},
		{Pattern: "POST /office/applications/{id}/vetoes/{gate}", Guard: Coordinator, Handle: s.setVeto},
		{Pattern: "GET /office/applications/{id}/placement", Guard: Officer, Handle: s.askPlacement},
		{Pattern: "POST /office/applications/{id}/placement", Guard: Officer, Handle: s.setPlacement},
	}
})

// decided is what stands about a file so far.
type decided struct {
	vetoes    []store.OfficeVetoesRow
	placement []store.OfficePlacementRow
	byHand    bool
}

func (s *Server) readDecided(ctx context.Context, db store.DBTX, f *file) (err error) {
	if f.decided.vetoes, err = queries.OfficeVetoes(ctx, db, f.ID); err != nil {
		return err
	}
	f.decided.byHand = f.Selection.Method == "by-hand"
	f.decided.placement, err = queries.OfficePlacement(ctx, db, f.ID)
	return err
}

// decisionsPart shows vetoes and the placement by hand, and leads to changing
// them.
func (q *request) decisionsPart(f file) page.Part {
	part := page.Part{Title: q.loc.T("decide.title")}
	for _, g := range f.scheme.rules.Vetoes() {
		stands := q.loc.T("decide.no_veto")
		for _, v := range f.decided.vetoes {
			if v.Gate == g.Key {
				stands = strings.TrimSpace(q.loc.T("decide.vetoed", "Host", f.hostOf(v.DestinationID)) + " " + v.Reason)
			}
		}
		part.Summary.Rows = append(part.Summary.Rows, page.Fact{Term: f.scheme.words(q.loc, g.Key), Text: stands})
		if !f.standing.Published && rolesInclude(f.standing.Roles, g.Veto) {
			part.Buttons = append(part.Buttons, page.Button{Label: q.loc.T("decide.veto", "Gate", f.scheme.words(q.loc, g.Key)), Href: filePath(f.ID) + "/vetoes/" + g.Key, Look: page.Secondary})
		}
	}
	if f.decided.byHand {
		where := q.loc.T("decide.nobody_decided")
		for _, p := range f.decided.placement {
			where = q.loc.T("decide.nowhere")
			if p.DestinationID != nil {
				where = f.hostOf(p.DestinationID)
			}
			where += ": " + p.Reason
		}
		part.Summary.Rows = append(part.Summary.Rows, page.Fact{Term: q.loc.T("decide.by_hand"), Text: where})
		if !f.standing.Published && q.isOfficer() {
			part.Buttons = append(part.Buttons, page.Button{Label: q.loc.T("decide.place"), Href: filePath(f.ID) + "/placement", Look: page.Secondary})
		}
	}
	if len(part.Summary.Rows) == 0 {
		return page.Part{}
	}
	part.ID = "decide"
	return part
}

func rolesInclude(roles []mobility.Role, role mobility.Role) bool {
	for _, r := range roles {
		if r == role {
			return true
		}
	}
	return false
}

func (f file) hostOf(destination *uuid.UUID) string {
	for _, w := range f.wishes {
		if destination != nil && w.ID == *destination {
			return w.Host
		}
	}
	return ""
}

// wishField lets somebody choose among the file's destinations.
func (q *request) wishField(f file, label, blank string) page.Field {
	field := page.Field{Kind: page.Select, Name: "destination", Label: label, Blank: blank, Value: q.r.PostFormValue("destination")}
	for _, w := range f.wishes {
		if w.SelectedBy != "host" {
			field.Options = append(field.Options, page.Option{Value: w.ID.String(), Label: w.Host})
		}
	}
	return field
}

func (q *request) reasonField(hint string) page.Field {
	return page.Field{Kind: page.LongText, Rows: 3, Name: "reason", Label: q.loc.T("decide.reason"), Hint: hint, MaxLength: 2000, Value: q.r.PostFormValue("reason")}
}

func (s *Server) askVeto(q *request) error {
	f, g, err := s.vetoOf(q)
	if err != nil {
		return err
	}
	return s.vetoPage(q, http.StatusOK, f, g, nil)
}

// vetoOf reads the file and the gate that the path names.
func (s *Server) vetoOf(q *request) (file, rules.Gate, error) {
	f, err := s.readFile(q)
	if err != nil {
		return f, rules.Gate{}, err
	}
	g, ok := f.scheme.rules.Gate(q.r.PathValue("gate"))
	if !ok || g.Veto == "" {
		return f, g, mobility.NotFoundError("page")
	}
	return f, g, nil
}

func (s *Server) vetoPage(q *request, status int, f file, g rules.Gate, refused error) error {
	d := page.Dialog{
		Text: q.loc.T("decide.veto_text", "Gate", f.scheme.words(q.loc, g.Key)), Action: filePath(f.ID) + "/vetoes/" + g.Key,
		Confirm: page.Button{Label: q.loc.T("decide.save")}, Cancel: page.Link{Href: filePath(f.ID) + "#decide"},
	}
	stand := page.Field{Kind: page.Radios, Name: "stand", Label: f.scheme.words(q.loc, g.Key), Required: true, Value: q.r.PostFormValue("stand"), Options: []page.Option{
		{Value: "no", Label: q.loc.T("decide.say_no")}, {Value: "yes", Label: q.loc.T("decide.say_yes")},
	}}
	d.Fields = append(d.Fields, stand)
	if g.Per == rules.PerDestination {
		d.Fields = append(d.Fields, q.wishField(f, q.loc.T("decide.where"), ""))
	}
	d.Fields = append(d.Fields, q.reasonField(q.loc.T("decide.veto_hint")))
	return s.decisionPage(q, status, f, d, refused)
}

func (s *Server) decisionPage(q *request, status int, f file, d page.Dialog, refused error) error {
	if refused != nil {
		d.Errors = page.ErrorSummary{Title: q.loc.N("part.errors", 1), Problems: []page.Problem{{Text: problemText(q.loc, refused)}}}
	}
	b := s.base(q, q.loc.T("decide.title"))
	b.Kicker, b.Breadcrumbs = q.nameOf(f), append(q.callCrumbs(f.CallID, f.Title), page.Link{Label: q.nameOf(f), Href: filePath(f.ID)})
	return s.render(q, status, page.Confirm{Base: b, Dialog: d})
}

func (s *Server) setVeto(q *request) error {
	f, g, err := s.vetoOf(q)
	if err != nil {
		return err
	}
	v := process.Veto{Application: f.ID, Gate: g.Key, Reason: strings.TrimSpace(q.r.PostFormValue("reason")), Arrived: q.arrived}
	if g.Per == rules.PerDestination {
		v.Destination = idOf(q.r.PostFormValue("destination"))
	}
	if q.r.PostFormValue("stand") == "yes" {
		err = s.Process.EndVeto(q.ctx(), q.actor, v)
	} else {
		err = s.Process.SetVeto(q.ctx(), q.actor, v)
	}
	if k := mobility.KindOf(err); err != nil && (k == mobility.Invalid || k == mobility.Conflict) {
		return s.vetoPage(q, http.StatusUnprocessableEntity, f, g, err)
	}
	if err != nil {
		return err
	}
	return s.done(q, filePath(f.ID)+"#decide", "notice.decided")
}

func (s *Server) askPlacement(q *request) error {
	f, err := s.readFile(q)
	if err != nil {
		return err
	}
	return s.placementPage(q, http.StatusOK, f, nil)
}

func (s *Server) placementPage(q *request, status int, f file, refused error) error {
	d := page.Dialog{
		Text: q.loc.T("decide.place_text"), Action: filePath(f.ID) + "/placement",
		Fields:  []page.Field{q.wishField(f, q.loc.T("decide.by_hand"), q.loc.T("decide.nowhere")), q.reasonField("")},
		Confirm: page.Button{Label: q.loc.T("decide.save")}, Cancel: page.Link{Href: filePath(f.ID) + "#decide"},
	}
	return s.decisionPage(q, status, f, d, refused)
}

func (s *Server) setPlacement(q *request) error {
	f, err := s.readFile(q)
	if err != nil {
		return err
	}
	err = s.Process.PlaceByHand(q.ctx(), q.actor, process.Placement{
		Application: f.ID, Destination: idOf(q.r.PostFormValue("destination")), Reason: strings.TrimSpace(q.r.PostFormValue("reason")), Arrived: q.arrived,
	})
	if k := mobility.KindOf(err); err != nil && (k == mobility.Invalid || k == mobility.Conflict) {
		return s.placementPage(q, http.StatusUnprocessableEntity, f, err)
	}
	if err != nil {
		return err
	}
	return s.done(q, filePath(f.ID)+"#decide", "notice.decided")
}
