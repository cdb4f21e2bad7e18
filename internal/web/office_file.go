package web

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	rules "peregrine/internal/scheme"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// One application as those see it who work on it: everything on one page.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/applications/{id}", Guard: Coordinator, Handle: s.showFile},
		{Pattern: "POST /office/applications/{id}/marks", Guard: Coordinator, Handle: s.markFile},
	}
})

// file is everything the page of an application shows.
type file struct {
	store.OfficeFileRow
	standing        process.Standing
	decided         decided
	def             *lifecycle.Definition
	scheme          scheme
	affiliations    []store.OfficeAffiliationsRow
	submissions     []store.OfficeSubmissionsRow
	questions       []mobility.Question
	wishes          []store.OfficeWishesRow
	documents       []store.OfficeDocumentsRow
	marks           []store.OfficeMarksRow
	assess          assessed
	points          rules.Scored
	facts           process.SubmittedFacts
	events          []store.OfficeEventsRow
	moved           []store.FileDeadlineChangesRow
	lateMarks       []store.LateMarksRow
	letters         []store.OfficeLettersOfRow
	ahead           []store.FileRemindersAheadRow
	bounced         bouncedSince
	offers          []store.OfficeOffersOfRow
	nominations     []store.OfficeNominationsOfRow
	conflicts       []store.OfficeConflictsOfRow
	conflictActs    []store.OfficeConflictActsRow
	elsewhere       []store.OfficeElsewhereRow
	result          []store.OfficeResultOfRow
	barredFromRound bool // by a conflict of interest with another file of it
	previous        page.Link
	next            page.Link
	known           definitionsOf
}

func (f file) name() string { return strings.TrimSpace(f.GivenNames + " " + f.FamilyNames) }

// blind reports whether the reader does not learn whose file this is.
func (f file) blind() bool { return f.name() == "" && f.Candidate != nil }

func (s *Server) readFile(q *request) (file, error) {
	f := file{known: definitionsOf{}}
	id, err := q.id("id")
	if err != nil {
		return f, err
	}
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		f.OfficeFileRow, err = queries.OfficeFile(ctx, db, store.OfficeFileParams{ID: id, Institutions: q.house(), Self: q.actor.Person})
		if err != nil {
			return err
		}
		for _, read := range []func(context.Context, store.DBTX, *file) error{s.readRules, s.readContent, s.readHistory, q.readAround, q.readAssessed, s.readDecided} {
			if err := read(ctx, db, &f); err != nil {
				return err
			}
		}
		if err := s.readNeighbours(ctx, q, db, &f); err != nil {
			return err
		}
		return q.note(db, lookedAt{institution: f.InstitutionID, subjects: []uuid.UUID{f.ID}, count: 1})
	})
	if err != nil {
		return f, err
	}
	f.standing, err = s.Process.Standing(q.ctx(), q.actor, id, q.arrived)
	return f, err
}

func (s *Server) readRules(ctx context.Context, db store.DBTX, f *file) (err error) {
	if f.def, err = s.Process.Definition(ctx, db, f.DefinitionID); err != nil {
		return err
	}
	f.known[f.DefinitionID] = f.def
	f.scheme, err = readScheme(f.Scheme)
	return err
}

// readContent reads what was submitted, newest first, and what it is worth.
func (s *Server) readContent(ctx context.Context, db store.DBTX, f *file) (err error) {
	if f.submissions, err = queries.OfficeSubmissions(ctx, db, f.ID); err != nil {
		return err
	}
	form, facts := f.FormID, []byte("{}")
	if len(f.submissions) > 0 {
		last := f.submissions[0]
		form, facts = last.FormID, last.Facts
		if f.wishes, err = queries.OfficeWishes(ctx, db, last.ID); err != nil {
			return err
		}
	}
	if f.questions, err = queries.OfficeQuestions(ctx, db, form); err != nil {
		return err
	}
	f.scheme.questions = f.questions
	if f.documents, err = queries.OfficeDocuments(ctx, db, f.ID); err != nil {
		return err
	}
	if f.marks, err = queries.OfficeMarks(ctx, db, f.ID); err != nil {
		return err
	}
	scored, err := f.scheme.score(ctx, db, process.ValuesOf{Institution: f.InstitutionID, Applications: []uuid.UUID{f.ID}, FactsAt: f.FactsAt, At: f.ClosesAt})
	if err != nil {
		return err
	}
	f.points = scored[f.ID]
	return json.Unmarshal(facts, &f.facts)
}

func (s *Server) readHistory(ctx context.Context, db store.DBTX, f *file) (err error) {
	if f.events, err = queries.OfficeEvents(ctx, db, f.ID); err != nil {
		return err
	}
	if f.moved, err = queries.FileDeadlineChanges(ctx, db, f.ID); err != nil {
		return err
	}
	if f.lateMarks, err = queries.LateMarks(ctx, db, f.ID); err != nil {
		return err
	}
	if f.offers, err = queries.OfficeOffersOf(ctx, db, f.ID); err != nil {
		return err
	}
	if f.nominations, err = queries.OfficeNominationsOf(ctx, db, f.ID); err != nil {
		return err
	}
	if f.result, err = queries.OfficeResultOf(ctx, db, f.ID); err != nil || len(f.result) == 0 {
		return err
	}
	f.barredFromRound, err = queries.BarredFromRound(ctx, db, f.RoundID)
	return err
}

// readAround reads the person and what belongs to the file without being part of it.
func (q *request) readAround(ctx context.Context, db store.DBTX, f *file) (err error) {
	if f.ahead, err = q.aheadOf(ctx, db, f.ID, ""); err != nil {
		return err
	}
	if f.affiliations, err = queries.OfficeAffiliations(ctx, db, store.OfficeAffiliationsParams{PersonID: f.PersonID, Institutions: q.house()}); err != nil {
		return err
	}
	if f.letters, err = queries.OfficeLettersOf(ctx, db, store.OfficeLettersOfParams{Institutions: q.house(), ApplicationID: &f.ID}); err != nil {
		return err
	}
	if f.bounced, err = bouncedAmong(ctx, db, []uuid.UUID{f.PersonID}); err != nil {
		return err
	}
	if f.conflicts, err = queries.OfficeConflictsOf(ctx, db, f.ID); err != nil {
		return err
	}
	if f.conflictActs, err = queries.OfficeConflictActs(ctx, db, f.ID); err != nil {
		return err
	}
	f.elsewhere, err = queries.OfficeElsewhere(ctx, db, store.OfficeElsewhereParams{PersonID: f.PersonID, Institutions: q.house(), Self: q.actor.Person})
	return err
}

// readNeighbours finds the candidates before and after this one in the list
// the reader came from. A move may have taken the file out of that list: then
// who stands in its place comes next.
func (s *Server) readNeighbours(ctx context.Context, q *request, db store.DBTX, f *file) error {
	values := q.r.URL.Query()
	at, err := strconv.Atoi(values.Get("at"))
	if err != nil || at < 0 {
		return nil
	}
	filter, first := filterOf(values), max(at-1, 0)
	rows, err := queries.OfficeCandidates(ctx, db, filter.params(q, f.CallID, f.def, first, 3))
	if err != nil {
		return err
	}
	link := func(i int) page.Link {
		return page.Link{Label: q.candidateName(rows[i].GivenNames, rows[i].FamilyNames, rows[i].Candidate), Href: filePath(rows[i].ID) + filter.query("at", strconv.Itoa(first+i))}
	}
	for i, row := range rows {
		switch {
		case row.ID == f.ID:
		case first+i < at:
			f.previous = link(i)
		case f.next.Href == "":
			f.next = link(i)
		}
	}
	return nil
}

func (s *Server) showFile(q *request) error {
	f, err := s.readFile(q)
	if err != nil {
		return err
	}
	return s.filePage(q, http.StatusOK, f, nil, nil)
}

// backQuery keeps the list the reader came from.
func (q *request) backQuery() string {
	v := q.r.URL.Query()
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}

func (s *Server) filePage(q *request, status int, f file, typed url.Values, wrong map[string]error) error {
	p := page.Office{Base: s.base(q, f.name()), Turn: q.turn(f.standing, lifecycle.AudienceOffice)}
	if p.Title == "" {
		p.Title = q.nameOf(f)
	}
	p.Path = page.PhaseSteps(q.loc, f.Phase, f.standing.State.End() && f.standing.State.Offer != mobility.OfferConfirmed)
	p.Kicker = f.Title.In(q.loc.Lang()) + " · " + f.Unit.In(q.loc.Lang())
	p.Breadcrumbs = append(q.callCrumbs(f.CallID, f.Title), page.Link{Label: q.loc.T("office.tab_candidates"), Href: callPath(f.CallID, "candidates") + filterOf(q.r.URL.Query()).query()})
	p.Notices, p.Before, p.After = q.fileNotices(f), f.previous, f.next
	refused := q.fileMoves(f, &p)
	p.Parts = append(append(p.Parts, q.marksParts(f, typed, wrong)...), q.commentsPart(f), q.assessorsPart(f), q.decisionsPart(f), q.resultPart(f), q.choicesPart(f), q.answersPart(f), q.documentsPart(f), q.personPart(f))
	p.Parts = append(p.Parts, q.offersPart(f), q.nominationsPart(f), q.eventsPart(f), q.lettersPart(f), q.aheadPart(f.ahead, true), q.submissionsPart(f), q.conflictsPart(f), q.conflictPart(f), refused)
	p.Parts = present(p.Parts)
	for _, part := range p.Parts {
		if part.Title != "" {
			p.Tabs = append(p.Tabs, page.NavItem{Label: part.Title, Href: "#" + part.ID})
		}
	}
	p.Errors = q.markErrors(f, wrong)
	return s.render(q, status, p)
}

// present leaves out the parts that have nothing to show.
func present(parts []page.Part) []page.Part {
	out := parts[:0]
	for _, part := range parts {
		if part.ID != "" {
			out = append(out, part)
		}
	}
	return out
}

// fileNotices tell what must not be overlooked.
func (q *request) fileNotices(f file) []page.Notice {
	var out []page.Notice
	if f.HeldBack != "" && !f.blind() {
		out = append(out, page.Notice{Tone: page.Warning, Title: q.loc.T("office.held_back"), Text: f.HeldBack})
	}
	if f.blind() {
		out = append(out, page.Notice{Tone: page.Info, Text: q.loc.T("assess.blind_text")})
	}
	out = append(out, q.lateNotices(f)...)
	if f.Late && len(f.lateMarks) == 0 {
		out = append(out, page.Notice{Tone: page.Warning, Text: q.loc.T("office.late_text")})
	}
	out = append(out, f.bounced.notice(q, f.PersonID, q.toPerson(f.PersonID)...)...)
	for _, other := range f.elsewhere {
		if other.ID != f.ID && other.Phase != mobility.PhaseClosed && other.Phase != mobility.PhaseDraft {
			out = append(out, page.Notice{
				Tone: page.Info, Text: q.loc.T("office.elsewhere", "Call", other.Title.In(q.loc.Lang())+" "+other.AcademicYear),
				Links: []page.Link{{Label: q.loc.T("office.elsewhere_show"), Href: filePath(other.ID)}},
			})
		}
	}
	return out
}

// fileMoves puts what lies open into the panel, and returns corrections and
// what is refused now as a part of its own.
func (q *request) fileMoves(f file, p *page.Office) page.Part {
	open, refused := q.moves(f.standing, movesAt(f.ID))
	corrections := map[string]bool{}
	for _, a := range f.standing.Moves {
		if a.Move.Correction {
			corrections[movesAt(f.ID)+a.Move.Name] = true
		}
	}
	part := page.Part{ID: "more"}
	for _, b := range open {
		if corrections[b.Href] {
			b.Look = page.Secondary
			part.Buttons = append(part.Buttons, b)
			continue
		}
		if f.standing.State.Turn == mobility.TurnCoordinator {
			b.Look = page.Secondary // what is asked for first are points
		}
		p.Turn.Buttons = append(p.Turn.Buttons, b)
	}
	slices.SortStableFunc(p.Turn.Buttons, func(a, b page.Button) int { return cmp.Compare(likelihood(a), likelihood(b)) })
	if len(part.Buttons)+len(refused) == 0 {
		return page.Part{}
	}
	part.Fold = q.loc.T("office.more_moves")
	if len(refused) > 0 {
		part.Notice = page.Notice{Title: q.loc.T("office.not_now"), Items: refused}
	}
	return part
}

// likelihood puts what most likely comes next first, what ends things last.
func likelihood(b page.Button) int {
	switch {
	case b.Look == page.Primary:
		return 0
	case b.Danger:
		return 2
	}
	return 1
}
