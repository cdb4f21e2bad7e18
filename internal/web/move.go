package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// The one page that asks before any move of any application, and makes it.
// What it means, what it asks for and who may is in the lifecycle.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /applications/{id}/moves/{move}", Guard: SignedIn, Handle: s.showMove},
		{Pattern: "POST /applications/{id}/moves/{move}", Guard: SignedIn, Handle: s.makeMove},
	}
})

// moveAt is a move about to be made, and the pages around it.
type moveAt struct {
	application uuid.UUID
	name        string // of the move
	action      string // address of this page
	back        string // page of the application for this reader
	audience    lifecycle.Audience
}

// moveForm is everything a move may ask for; the process refuses what is
// missing. Names are those of lifecycle.Inputs.
type moveForm struct {
	Revision    int32                `form:"revision"`
	Reason      string               `form:"reason" validate:"max=4000"`
	Comment     string               `form:"comment" validate:"max=4000"`
	ReasonCode  string               `form:"reason_code" validate:"omitempty,oneof=no_place requirements_not_met field_not_offered documents_incomplete deadline_missed other"`
	Destination *uuid.UUID           `form:"destination"`
	Closes      *mobility.WallMinute `form:"closes"`
	CompleteBy  *mobility.WallMinute `form:"complete_by"`
	ConfirmBy   *mobility.WallMinute `form:"confirm_by"`
	Questions   []string             `form:"questions" validate:"max=200"`
	Arrival     *time.Time           `form:"arrival_date"`
	End         *time.Time           `form:"end_date"`
	Consent     string               `form:"consent" validate:"omitempty,oneof=tie_admitted_whole host_consent correction partner_cut_places"`
}

func (f moveForm) given() process.Given {
	return process.Given{
		Reason: f.Reason, Comment: f.Comment, ReasonCode: f.ReasonCode, Destination: f.Destination,
		Closes: f.Closes, CompleteBy: f.CompleteBy, ConfirmBy: f.ConfirmBy, Questions: f.Questions,
		Arrival: f.Arrival, End: f.End, Consent: f.Consent,
	}
}

// moveOf reads which move is asked for, and stands where it would be made.
func (s *Server) moveOf(q *request) (moveAt, process.Standing, error) {
	id, err := q.id("id")
	if err != nil {
		return moveAt{}, process.Standing{}, err
	}
	st, err := s.Process.Standing(q.ctx(), q.actor, id, q.arrived)
	if err != nil {
		return moveAt{}, st, err
	}
	q.now = st.Now
	at := moveAt{application: id, name: q.r.PathValue("move"), back: "/office/applications/" + id.String(), audience: lifecycle.AudienceOffice}
	at.action = movesAt(id) + at.name
	if slices.Contains(st.Roles, mobility.RoleApplicant) {
		at.back, at.audience = "/applications/"+id.String(), lifecycle.AudienceApplicant
	}
	if len(st.Roles) == 1 && st.Roles[0] == mobility.RoleHost {
		at.back = "/host-office"
	}
	return at, st, nil
}

func (s *Server) showMove(q *request) error {
	at, st, err := s.moveOf(q)
	if err != nil {
		return err
	}
	return s.askMove(q, at, st)
}

func (s *Server) makeMove(q *request) error {
	at, st, err := s.moveOf(q)
	if err != nil {
		return err
	}
	return s.carryMove(q, at, st)
}

// askMove shows what a move means and asks for what it needs, or says why it
// cannot be made now.
func (s *Server) askMove(q *request, at moveAt, st process.Standing) error {
	found, err := at.among(st)
	if err != nil {
		return err
	}
	if !askFirst(found) {
		return s.refuseMove(q, at, found.Refusal)
	}
	return s.movePage(q, at, st, moveAnswer{move: found.Move, status: http.StatusOK})
}

// among finds the move among those the reader has; the open one if there are
// several of the name.
func (at moveAt) among(st process.Standing) (lifecycle.Available, error) {
	var named []lifecycle.Available
	for _, a := range st.Moves {
		if a.Move.Name == at.name {
			named = append(named, a)
		}
	}
	for _, better := range []func(lifecycle.Available) bool{
		func(a lifecycle.Available) bool { return a.Refusal == nil },
		askFirst,
		func(a lifecycle.Available) bool { return !a.Hide },
		func(lifecycle.Available) bool { return true },
	} {
		if i := slices.IndexFunc(named, better); i >= 0 {
			return named[i], nil
		}
	}
	if len(st.Definition.MovesNamed(at.name)) == 0 {
		return lifecycle.Available{}, mobility.NotFoundError("page")
	}
	return lifecycle.Available{}, mobility.ConflictError("refusal.not_from_here", nil)
}

// refuseMove says which rule stands against a move, and leads back.
func (s *Server) refuseMove(q *request, at moveAt, err error) error {
	status, shown := s.classify(err)
	p := page.Failed(s.base(q, ""), shown, q.ref)
	p.Buttons = []page.Button{{Label: q.loc.T("move.back"), Href: at.back, Look: page.Secondary}}
	return s.render(q, status, p)
}

// carryMove makes the move and leads back to the application.
func (s *Server) carryMove(q *request, at moveAt, st process.Standing) error {
	var f moveForm
	typed, err := form.Decode(q.r, &f)
	if err == nil && f.Revision == 0 {
		err = mobility.InvalidError(mobility.FieldProblem{Code: "error.form"})
	}
	if err == nil {
		_, err = s.Process.Move(q.ctx(), q.actor, process.MoveRequest{
			Application: at.application, Move: at.name, Revision: f.Revision, Arrived: q.arrived, Given: f.given(),
		})
	}
	if err == nil {
		return s.moved(q, at, st)
	}
	return s.notMoved(q, at, st, moveAnswer{typed: typed, err: err})
}

// notMoved shows the form again with what is wrong, or what happened
// meanwhile, and loses nothing that was typed.
func (s *Server) notMoved(q *request, at moveAt, st process.Standing, a moveAnswer) error {
	found, gone := at.among(st)
	a.move = found.Move
	problems, invalid := problemsOf(a.err)
	switch {
	case invalid && gone == nil && found.Move.Has(lifecycle.EffectSubmit) && at.audience == lifecycle.AudienceApplicant:
		return q.redirect("/applications/" + at.application.String() + "/check")
	case invalid && gone == nil:
		a.status, a.problems = http.StatusUnprocessableEntity, problems
	case mobility.KindOf(a.err) == mobility.Stale:
		return s.staleMove(q, at, st, a)
	default:
		return s.refuseMove(q, at, a.err)
	}
	return s.movePage(q, at, st, a)
}

// staleMove tells what happened meanwhile. Where the move is still there it
// can be made from the page as it is now; where not, what was typed is shown.
func (s *Server) staleMove(q *request, at moveAt, st process.Standing, a moveAnswer) error {
	a.status = http.StatusConflict
	a.warning = page.Notice{Tone: page.Warning, Title: q.loc.T("error.stale_title"), Text: q.loc.T("conflict.moved_meanwhile")}
	err := s.read(q, func(ctx context.Context, db store.DBTX) error {
		e, err := queries.EventAt(ctx, db, store.EventAtParams{ApplicationID: at.application, Revision: st.Revision})
		if err == nil {
			a.warning.Items = []string{q.eventLine(st, e)}
		}
		return nil //nolint:nilerr // whoever may not read the history is told without it
	})
	if err != nil {
		return err
	}
	a.warning.Links = []page.Link{{Label: q.loc.T("move.back"), Href: at.back}}
	if found, err := at.among(st); err == nil && askFirst(found) {
		return s.movePage(q, at, st, a)
	}
	p := page.Message{Base: s.base(q, a.warning.Title), Text: a.warning.Text, Items: a.warning.Items}
	for _, name := range []string{"reason", "comment"} {
		if text := a.typed.First(name); text != "" {
			p.Items = append(p.Items, q.loc.T("move.you_typed", "Text", text))
		}
	}
	p.Buttons = []page.Button{{Label: q.loc.T("move.back"), Href: at.back}}
	return s.render(q, http.StatusConflict, p)
}

// eventLine tells one event of the history in a line.
func (q *request) eventLine(st process.Standing, e store.EventAtRow) string {
	what := ""
	if e.Move != nil {
		what = doneWords(st.Definition, *e.Move, nil, e.ToState).In(q.loc.Lang())
	}
	return q.both(e.At, st.Zone) + ": " + what + " (" + q.loc.T("by."+e.ActorRole) + ")"
}

// doneWords are the words of the history for a move that led from one state to
// another. Moves of one name may say other things from other states; from is
// nil where it is not known.
func doneWords(d *lifecycle.Definition, move string, from *mobility.State, to mobility.State) mobility.Texts {
	named := d.MovesNamed(move)
	for _, m := range named {
		if m.To == to && (from == nil || slices.Contains(m.From, *from)) {
			return m.Done
		}
	}
	if len(named) > 0 {
		return named[0].Done
	}
	state, _ := d.State(to)
	return state.Label[lifecycle.AudienceApplicant]
}

// moved leads back with a notice: of a submission its receipt, of any other
// move what was done.
func (s *Server) moved(q *request, at moveAt, st process.Standing) error {
	found, err := at.among(st)
	if err != nil { // it was there for the process, not for the page read before
		return q.redirect(at.back)
	}
	if !found.Move.Has(lifecycle.EffectSubmit) || at.audience != lifecycle.AudienceApplicant {
		return s.done(q, at.back, "notice.moved", "Done", found.Move.Done.In(q.loc.Lang()))
	}
	var number int32
	err = s.read(q, func(ctx context.Context, db store.DBTX) error {
		subject, err := queries.MoveSubject(ctx, db, at.application)
		number = subject.Submissions
		return err
	})
	if err != nil {
		return err
	}
	return s.done(q, at.back, "notice.submitted", "Number", q.loc.Number(int(number)), "At", q.both(st.Now, st.Zone))
}
