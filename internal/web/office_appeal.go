package web

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	rules "peregrine/internal/scheme"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// One appeal: what is said, what it is about, who decides, and the decision
// with what it would change.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/appeals/{appeal}", Guard: Coordinator, Handle: s.showAppeal},
		{Pattern: "POST /office/appeals/{appeal}/assigned", Guard: Officer, Handle: s.assignAppeal},
		{Pattern: "POST /office/appeals/{appeal}/answer", Guard: Coordinator, Handle: s.answerAppeal},
	}
})

// appealView is what the page of an appeal is made of.
type appealView struct {
	store.OfficeAppealRow
	scheme   scheme
	entry    *store.OfficeEntriesRow // of the list it is against
	scored   rules.Scored
	wishes   []store.OfficeChoiceOutcomesRow
	deciders []store.AppealDecidersRow
	marks    []store.AppealMarksRow
	st       process.Standing
	ask      *moveView // for what a move asks
	hosts    map[uuid.UUID]string
	names    map[uuid.UUID]string // in the round, as far as the reader sees them
}

func (v appealView) open() bool { return appealOpen(v.Status) }

// mine reports whether the reader decides it.
func (v appealView) mine(q *request) bool {
	return v.Status == "assigned" && v.AssignedTo != nil && *v.AssignedTo == q.actor.Person
}

func (s *Server) readAppeal(q *request) (v appealView, err error) {
	id, err := q.id("appeal")
	if err != nil {
		return v, err
	}
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		v.OfficeAppealRow, err = queries.OfficeAppeal(ctx, db, store.OfficeAppealParams{ID: id, Self: q.actor.Person, Institutions: q.house()})
		return err
	})
	if err != nil {
		return v, err
	}
	if v.st, err = s.Process.Standing(q.ctx(), q.actor, v.ApplicationID, q.arrived); err != nil {
		return v, err
	}
	err = s.read(q, func(ctx context.Context, db store.DBTX) error {
		if err := v.load(ctx, q, db); err != nil {
			return err
		}
		return q.note(db, lookedAt{institution: v.InstitutionID, subjects: []uuid.UUID{v.ApplicationID}, count: 1})
	})
	return v, err
}

func (v *appealView) load(ctx context.Context, q *request, db store.DBTX) (err error) {
	if v.scheme, err = readScheme(v.Scheme); err != nil {
		return err
	}
	v.scheme.questions = v.Questions
	ids := []uuid.UUID{v.ApplicationID}
	entries, err := queries.OfficeEntries(ctx, db, store.OfficeEntriesParams{RankingID: v.RankingID, Applications: ids, Self: q.actor.Person})
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		v.entry = &entries[0]
		_ = json.Unmarshal(v.entry.Breakdown, &v.scored) // erased: nothing is left of it
	}
	if v.wishes, err = queries.OfficeChoiceOutcomes(ctx, db, store.OfficeChoiceOutcomesParams{RankingID: v.RankingID, Applications: ids}); err != nil {
		return err
	}
	if !v.open() {
		return nil
	}
	if v.deciders, err = queries.AppealDeciders(ctx, db, store.AppealDecidersParams{ApplicationID: v.ApplicationID, Now: q.now}); err != nil {
		return err
	}
	return v.loadRound(ctx, q, db)
}

// loadRound reads what the decision is made with.
func (v *appealView) loadRound(ctx context.Context, q *request, db store.DBTX) (err error) {
	if v.marks, err = queries.AppealMarks(ctx, db, v.ApplicationID); err != nil {
		return err
	}
	if v.names, v.hosts, err = roundNames(ctx, db, v.RoundID); err != nil {
		return err
	}
	v.ask = newAsk(v.ApplicationID, v.st)
	return v.ask.load(ctx, q, db)
}

// roundNames are the people of a round the reader sees, and its hosts.
func roundNames(ctx context.Context, db store.DBTX, round uuid.UUID) (names, hosts map[uuid.UUID]string, err error) {
	people, err := queries.VariantPeople(ctx, db, round)
	if err != nil {
		return nil, nil, err
	}
	names = make(map[uuid.UUID]string, len(people))
	for _, p := range people {
		names[p.ID] = p.Name
	}
	places, err := queries.OfficeRoundPlaces(ctx, db, round)
	return names, hostsOf(places), err
}

func (s *Server) showAppeal(q *request) error {
	v, err := s.readAppeal(q)
	if err != nil {
		return err
	}
	return s.appealPage(q, http.StatusOK, v, deciding{})
}

func (s *Server) appealPage(q *request, status int, v appealView, a deciding) error {
	lang := q.loc.Lang()
	p := page.Office{Base: s.base(q, q.loc.T("appeal.title", "Number", v.Number, "Name", v.name(q))), Tabs: q.callTabs(v.CallID, "ranking"), Turn: q.appealTurn(v)}
	p.Kicker = v.Title.In(lang)
	p.Breadcrumbs = append(q.callCrumbs(v.CallID, v.Title), page.Link{Label: q.loc.T("appeal.list"), Href: callPath(v.CallID, "appeals")})
	decide := q.appealDecision(v, a)
	if a.refused != nil {
		p.Notices = append(p.Notices, page.Notice{Tone: page.Danger, Title: q.loc.T("appeal.not_decided"), Text: problemText(q.loc, a.refused)})
	}
	pointers := make([]*page.Field, len(decide.Fields))
	for i := range decide.Fields {
		pointers[i] = &decide.Fields[i]
	}
	p.Errors = page.Refuse(q.loc, a.problems, pointers...)
	parts := []page.Part{q.appealWords(v), q.appealResult(v), q.answerPart(v), q.assignPart(v, a.assign), decide}
	if a.ready { // what follows, and the button, before all else
		parts = append([]page.Part{q.consequencesPart(v, a), decide}, parts[:len(parts)-1]...)
	}
	p.Parts = present(parts)
	return s.render(q, status, p)
}

func (v appealView) name(q *request) string {
	if v.Name == "" {
		return q.loc.T("office.hidden_name")
	}
	return v.Name
}

func (q *request) appealTurn(v appealView) page.WhoseTurn {
	switch {
	case v.Status == "filed":
		w := page.WhoseTurn{Whose: q.loc.T("turn.officer"), What: q.loc.T("appeal.turn_assign"), Next: q.loc.T("appeal.turn_assign_next")}
		if q.actor.Has(mobility.RoleOfficer) {
			w.Yours, w.Whose = true, q.loc.T("turn.yours")
		}
		return w
	case v.mine(q):
		return page.WhoseTurn{Yours: true, Whose: q.loc.T("turn.yours"), What: q.loc.T("appeal.turn_decide"), Next: q.loc.T("appeal.turn_decide_next")}
	case v.Status == "assigned":
		return page.WhoseTurn{Whose: q.loc.T("appeal.turn_of", "Name", v.AssignedName), What: q.loc.T("appeal.turn_decide"), Next: q.loc.T("appeal.turn_decide_next")}
	}
	return page.WhoseTurn{Over: true, Whose: q.loc.T("appeal.status_" + v.Status), What: q.loc.T("appeal.turn_over_" + v.Status)}
}

// appealWords is what the applicant wrote, when, and against what.
func (q *request) appealWords(v appealView) page.Part {
	zone := zoneOf(v.Zone)
	return page.Part{ID: "reason", Title: q.loc.T("appeal.reason"), Summary: page.Summary{Rows: []page.Fact{
		{Term: q.loc.T("office.name"), Text: v.name(q), Href: filePath(v.ApplicationID)},
		{Term: q.loc.T("appeal.filed"), When: q.moment(v.FiledAt, zone)},
		{Term: q.loc.T("appeal.against"), Text: q.loc.T("appeal.against_" + v.List), Href: rankingPath(v.RankingID)},
		{Term: q.loc.T("appeal.until"), When: q.deadline(v.ClosesAt, zone)},
	}}, Letters: []page.LetterShown{{Plain: v.Reason, Missing: q.loc.T("appeal.erased")}}}
}

// appealResult is the result it is about: points and how they came about, and
// what became of each choice.
func (q *request) appealResult(v appealView) page.Part {
	if v.entry == nil {
		return page.Part{}
	}
	e := v.entry
	rows := []page.Fact{{Term: q.loc.T("office.outcome"), Tag: outcomeTag(q.loc, e.Outcome), Text: e.Host}}
	if e.Rank > 0 {
		rows = append(rows, page.Fact{Term: q.loc.T("office.rank"), Text: q.loc.Number(int(e.Rank))}, page.Fact{Term: q.loc.T("office.points"), Text: q.loc.Decimal(e.Points)})
	}
	part := page.Part{ID: "result", Title: q.loc.T("appeal.result"), Summary: page.Summary{Rows: rows}, Table: page.Table{
		Caption: q.loc.T("appeal.result"), HideCaption: true, Columns: []page.Column{
			{Label: q.loc.T("office.destination")}, {Label: q.loc.T("office.outcome")}, {Label: q.loc.T("office.rank"), Numeric: true}, {Label: q.loc.T("office.why")},
		},
	}}
	if len(v.scored.Breakdown.Lines) > 0 {
		part.Bars = []page.PointsBar{page.BarOf(q.loc, q.loc.T("office.points"), q.scores(v.scheme, v.scored.Breakdown)...)}
	}
	for _, w := range v.wishes {
		line := page.Row{Cells: []page.Cell{{Text: q.loc.Number(int(w.Position)) + ". " + w.Host}, {Tag: outcomeTag(q.loc, w.Outcome)}, {}, {Text: v.scheme.reasonText(q.loc, w.Data)}}}
		if w.Rank > 0 {
			line.Cells[2].Text = q.loc.Number(int(w.Rank))
		}
		part.Table.Rows = append(part.Table.Rows, line)
	}
	return part
}

// answerPart is the answer that was given, and how it was put right.
func (q *request) answerPart(v appealView) page.Part {
	if v.DecidedAt == nil {
		return page.Part{}
	}
	rows := []page.Fact{
		{Term: q.loc.T("appeal.decision"), Tag: q.appealTag(v.Status)},
		{Term: q.loc.T("appeal.decided"), When: q.moment(*v.DecidedAt, zoneOf(v.Zone))},
		{Term: q.loc.T("appeal.decided_by"), Text: v.DecidedName},
	}
	if v.Correction != "" {
		rows = append(rows, page.Fact{Term: q.loc.T("appeal.put_right"), Text: q.correctionWords(v)})
	}
	if v.Note != "" {
		rows = append(rows, page.Fact{Term: q.loc.T("appeal.note"), Text: v.Note})
	}
	return page.Part{ID: "answer", Title: q.loc.T("appeal.answer"), Summary: page.Summary{Rows: rows}, Letters: []page.LetterShown{{Plain: v.Answer, Missing: q.loc.T("appeal.erased")}}}
}

// correctionWords says what the correction of a granted appeal was.
func (q *request) correctionWords(v appealView) string {
	var d struct {
		Criterion, Gate string
		From, To        string
		Moves           []string
	}
	if json.Unmarshal(v.Data, &d) != nil {
		return q.loc.T("appeal.by_" + v.Correction)
	}
	switch process.CorrectionKind(v.Correction) {
	case process.CorrectMark:
		return q.loc.T("appeal.mark_became", "Criterion", v.scheme.words(q.loc, d.Criterion), "From", d.From, "To", d.To)
	case process.LiftGate:
		return q.loc.T("appeal.gate_lifted", "Gate", q.gateLabel(v.scheme, d.Gate))
	case process.MakeMove:
	}
	var words []string
	for _, name := range d.Moves {
		if named := v.st.Definition.MovesNamed(name); len(named) > 0 {
			words = append(words, named[0].Label.In(q.loc.Lang()))
		}
	}
	return q.loc.List(words)
}

func (q *request) gateLabel(s scheme, key string) string {
	if key == process.GateCycle {
		return q.loc.T(key)
	}
	return s.words(q.loc, key)
}

// assignPart gives an open appeal to somebody who had no part in it.
func (q *request) assignPart(v appealView, problems []mobility.FieldProblem) page.Part {
	if !v.open() || !q.actor.Has(mobility.RoleOfficer) {
		return page.Part{}
	}
	f := page.Field{Kind: page.Select, Name: "to", Label: q.loc.T("appeal.assign_to"), Hint: q.loc.T("appeal.assign_hint"), Required: true}
	for _, d := range v.deciders {
		label := d.Name
		if d.PersonID == q.actor.Person {
			label = q.loc.T("appeal.myself", "Name", d.Name)
		}
		f.Options = append(f.Options, page.Option{Value: d.PersonID.String(), Label: label})
	}
	if v.AssignedTo != nil {
		f.Value = v.AssignedTo.String()
	}
	page.Refuse(q.loc, problems, &f)
	part := page.Part{
		ID: "assign", Title: q.loc.T("appeal.assign"), Action: appealPath(v.ID) + "/assigned", Fields: []page.Field{f},
		Buttons: []page.Button{{Label: q.loc.T("appeal.assign_do"), Look: page.Secondary}},
	}
	if v.Status == "filed" {
		part.Buttons[0].Look = page.Primary
	} else {
		part.Title, part.Fold = "", q.loc.T("appeal.assign_again")
	}
	if len(f.Options) == 0 {
		part.Action, part.Fields, part.Buttons, part.Notice = "", nil, nil, page.Notice{Tone: page.Warning, Text: q.loc.T("appeal.nobody_may")}
	}
	return part
}

type assignForm struct {
	To uuid.UUID `form:"to" validate:"required"`
}

func (s *Server) assignAppeal(q *request) error {
	v, err := s.readAppeal(q)
	if err != nil {
		return err
	}
	var f assignForm
	_, err = form.Decode(q.r, &f)
	if err == nil {
		err = s.Process.AssignAppeal(q.ctx(), q.actor, process.GiveAppeal{Appeal: v.ID, To: f.To, Arrived: q.arrived})
	}
	if problems, invalid := problemsOf(err); invalid {
		return s.appealPage(q, http.StatusUnprocessableEntity, v, deciding{assign: problems})
	}
	if err != nil {
		return err
	}
	name := ""
	if i := slices.IndexFunc(v.deciders, func(d store.AppealDecidersRow) bool { return d.PersonID == f.To }); i >= 0 {
		name = v.deciders[i].Name
	}
	return s.done(q, appealPath(v.ID), "notice.appeal_assigned", "Name", name)
}
