package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	rules "peregrine/internal/scheme"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// One's own result while it is provisional, and one's appeals.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /applications/{id}/appeal", Guard: Applicant, Handle: s.askAppeal},
		{Pattern: "POST /applications/{id}/appeal", Guard: Applicant, Handle: s.fileAppeal},
		{Pattern: "POST /applications/{id}/appeals/{appeal}/withdrawn", Guard: Applicant, Handle: s.withdrawAppeal},
	}
})

// ownList is what a list told somebody of themselves, and what they may do
// about it.
type ownList struct {
	provisional *store.MyListRow // told, and not final yet
	outcomes    []store.MyOutcomesRow
	target      *store.AppealTargetRow // there is a window, open or over
	appeals     []store.MyAppealsRow
}

func readOwnList(ctx context.Context, db store.DBTX, application uuid.UUID) (l ownList, err error) {
	told, err := queries.MyList(ctx, db, application)
	if err != nil {
		return l, err
	}
	if len(told) > 0 && told[0].Status == "provisional" {
		l.provisional = &told[0]
		l.outcomes, err = queries.MyOutcomes(ctx, db, store.MyOutcomesParams{RankingID: told[0].RankingID, ApplicationID: application})
		if err != nil {
			return l, err
		}
	}
	target, err := queries.AppealTarget(ctx, db, application)
	switch {
	case err == nil:
		l.target = &target
	case !store.NoRows(err):
		return l, err
	}
	l.appeals, err = queries.MyAppeals(ctx, db, application)
	return l, err
}

// mayAppeal reports whether an appeal may be filed now.
func (l ownList) mayAppeal(q *request) bool {
	if l.target == nil || process.MayAppeal(*l.target, q.now) != nil {
		return false
	}
	for _, a := range l.appeals {
		if appealOpen(a.Status) {
			return false
		}
	}
	return true
}

// provisionalTurn says what the time between the two lists is for.
func (v *ownView) provisionalTurn(q *request) page.WhoseTurn {
	w := page.WhoseTurn{Whose: q.loc.T("turn.officer"), What: q.loc.T("appeal.own_turn"), Next: q.loc.T("appeal.own_turn_next")}
	if t := v.list.target; t != nil && mobility.Open(q.now, t.ClosesAt) {
		w.Whose, w.Until = q.loc.T("appeal.own_turn_may"), q.deadline(t.ClosesAt, zoneOf(t.Zone))
	}
	return w
}

// provisionalPart is the result as the provisional list says it: nothing is
// offered, and it may change.
func (v *ownView) provisionalPart(q *request) page.Part {
	l := v.list.provisional
	if l == nil {
		return page.Part{}
	}
	part := page.Part{ID: "provisional", Title: q.loc.T("appeal.own_provisional"), Notice: page.Notice{Tone: page.Info, Text: q.loc.T("appeal.own_provisional_text")}}
	if v.list.target != nil {
		part.Notice.Items = []string{q.loc.T("appeal.own_until", "Until", q.deadline(v.list.target.ClosesAt, zoneOf(v.list.target.Zone)).Text)}
	}
	var b rules.Scored
	if json.Unmarshal(l.Breakdown, &b) == nil && len(b.Breakdown.Lines) > 0 {
		part.Bars = []page.PointsBar{page.BarOf(q.loc, q.loc.T("application.points"), q.scores(v.scheme, b.Breakdown)...)}
	}
	outcome := page.Fact{Term: q.loc.T("application.outcome"), Tag: page.Tag{Label: q.loc.T("appeal.own_" + l.Outcome), Tone: outcomeTones[l.Outcome]}}
	if l.DestinationID != nil {
		outcome.Text = v.anywhere(*l.DestinationID).Host
	}
	part.Summary.Rows = []page.Fact{outcome}
	if l.Rank > 0 {
		part.Summary.Rows = append(part.Summary.Rows, page.Fact{Term: q.loc.T("application.rank"), Text: q.loc.Number(int(l.Rank))})
	}
	if len(v.list.outcomes) == 0 {
		part.Summary.Rows = append(part.Summary.Rows, page.Fact{Term: q.loc.T("application.why"), Text: v.scheme.ownReason(q.loc, l.Data)})
	}
	if l.ProvisionalAt != nil {
		part.Summary.Rows = append(part.Summary.Rows, page.Fact{Term: q.loc.T("application.published"), When: page.MomentOf(q.loc, *l.ProvisionalAt, q.now)})
	}
	as := *v
	as.outcomes, as.waiting = v.list.outcomes, nil
	part.Table = as.outcomeTable(q)
	return part
}

// appealPart is how one may appeal and until when, and what became of one's
// appeals.
func (v *ownView) appealPart(q *request) page.Part {
	l := v.list
	if l.target == nil && len(l.appeals) == 0 {
		return page.Part{}
	}
	part := page.Part{ID: "appeal", Title: q.loc.T("appeal.own_title")}
	if l.target != nil {
		when := q.deadline(l.target.ClosesAt, zoneOf(l.target.Zone))
		part.Summary.Rows = []page.Fact{{Term: q.loc.T("appeal.until"), When: when}}
		if text := v.app.Appeal.In(q.loc.Lang()); text != "" {
			part.Summary.Rows = append(part.Summary.Rows, page.Fact{Term: q.loc.T("call.appeal"), Text: text})
		}
		if l.mayAppeal(q) {
			part.Text = q.loc.T("appeal.own_text")
			part.Buttons = []page.Button{{Label: q.loc.T("appeal.own_do"), Href: "/applications/" + v.id.String() + "/appeal", Look: page.Secondary}}
		} else if l.target.Status == "published" && l.target.ProvisionalOnly {
			part.Text = q.loc.T("appeal.own_final")
			part.Summary.Rows = append(part.Summary.Rows, v.contactFacts(q)...)
		} else if len(l.appeals) == 0 {
			part.Text = q.loc.T("appeal.own_over")
		}
	}
	for _, a := range l.appeals {
		part.Letters = append(part.Letters, v.appealShown(q, a))
	}
	for _, a := range l.appeals {
		if appealOpen(a.Status) {
			part.Buttons = append(part.Buttons, page.Button{
				Label: q.loc.T("appeal.withdraw"), Look: page.Quiet, Action: "/applications/" + v.id.String() + "/appeals/" + a.ID.String() + "/withdrawn",
				Confirm: q.loc.T("appeal.withdraw_ask", "Number", a.Number),
			})
		}
	}
	return part
}

// appealShown is one appeal with its answer.
func (v *ownView) appealShown(q *request, a store.MyAppealsRow) page.LetterShown {
	rows := []page.Fact{
		{Term: q.loc.T("office.state"), Tag: q.appealTag(a.Status)},
		{Term: q.loc.T("appeal.own_means"), Text: q.loc.T("appeal.own_status_" + a.Status)},
		{Term: q.loc.T("appeal.filed"), When: q.moment(a.FiledAt, v.st.Zone)},
	}
	if a.DecidedAt != nil {
		rows = append(rows, page.Fact{Term: q.loc.T("appeal.decided"), When: q.moment(*a.DecidedAt, v.st.Zone)}, page.Fact{Term: q.loc.T("appeal.answer"), Text: a.Answer})
	}
	return page.LetterShown{Title: q.loc.T("appeal.no", "Number", strconv.Itoa(int(a.Number))), Facts: withoutEmpty(page.Summary{Rows: rows}), Plain: a.Reason, Missing: q.loc.T("appeal.erased")}
}

func (s *Server) askAppeal(q *request) error {
	v, err := s.loadOwn(q)
	if err != nil {
		return err
	}
	return s.appealForm(q, http.StatusOK, v, nil, nil)
}

// appealForm asks for the reason, and says against what and until when.
func (s *Server) appealForm(q *request, status int, v *ownView, typed form.Values, problems []mobility.FieldProblem) error {
	here := "/applications/" + v.id.String()
	if v.list.target == nil {
		return mobility.ConflictError("refusal.nothing_to_appeal", nil)
	}
	if err := process.MayAppeal(*v.list.target, q.now); err != nil {
		return err
	}
	f := page.Field{Kind: page.LongText, Name: "reason", Label: q.loc.T("appeal.own_reason"), Hint: q.loc.T("appeal.own_reason_hint"), Required: true, MaxLength: process.MostAppealText, Rows: 8}
	if typed != nil {
		f.Value = typed.First("reason")
	}
	summary := page.Refuse(q.loc, problems, &f)
	b := s.base(q, q.loc.T("appeal.own_ask"))
	b.Kicker = v.app.Title.In(q.loc.Lang())
	b.Breadcrumbs = []page.Link{{Label: q.loc.T("nav.me"), Href: "/me"}, {Label: v.app.Title.In(q.loc.Lang()), Href: here}}
	facts := []page.Fact{
		{Term: q.loc.T("appeal.against"), Text: q.loc.T("appeal.against_" + v.list.target.Status)},
		{Term: q.loc.T("appeal.until"), When: q.deadline(v.list.target.ClosesAt, zoneOf(v.list.target.Zone))},
	}
	if text := v.app.Appeal.In(q.loc.Lang()); text != "" {
		facts = append(facts, page.Fact{Term: q.loc.T("call.appeal"), Text: text})
	}
	return s.render(q, status, page.Confirm{Base: b, Dialog: page.Dialog{
		Text: q.loc.T("appeal.own_ask_text"), Facts: page.Summary{Rows: facts}, Errors: summary, Fields: []page.Field{f}, Action: here + "/appeal",
		Confirm: page.Button{Label: q.loc.T("appeal.own_file")}, Cancel: page.Link{Label: q.loc.T("move.not_now"), Href: here},
	}})
}

type newAppealForm struct {
	Reason string `form:"reason" validate:"required,max=8000"`
}

func (s *Server) fileAppeal(q *request) error {
	v, err := s.loadOwn(q)
	if err != nil {
		return err
	}
	var f newAppealForm
	typed, err := form.Decode(q.r, &f)
	if err == nil {
		_, err = s.Process.FileAppeal(q.ctx(), q.actor, process.NewAppeal{Application: v.id, Reason: f.Reason, Arrived: q.arrived})
	}
	if problems, invalid := problemsOf(err); invalid {
		return s.appealForm(q, http.StatusUnprocessableEntity, v, typed, problems)
	}
	if err != nil {
		return err
	}
	return s.done(q, "/applications/"+v.id.String()+"#appeal", "notice.appeal_filed", "At", q.both(q.now, v.st.Zone))
}

func (s *Server) withdrawAppeal(q *request) error {
	id, err := q.id("id")
	if err != nil {
		return err
	}
	appeal, err := q.id("appeal")
	if err != nil {
		return err
	}
	if err := s.Process.WithdrawAppeal(q.ctx(), q.actor, appeal, q.arrived); err != nil {
		return err
	}
	return s.done(q, "/applications/"+id.String()+"#appeal", "notice.appeal_withdrawn")
}
