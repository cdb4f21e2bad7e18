package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// Who assesses what in a call, how far they are, and what is missing.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/calls/{call}/assessors", Guard: Coordinator, Handle: s.showAssessors},
	}
})

// assessor is somebody who may assess in a call.
type assessor struct {
	id     uuid.UUID
	name   string
	roles  []string
	files  int // assigned or marked
	done   int // of them, with all the marks of this assessor
	lacks  int // marks of this assessor that are missing
	byRole bool
}

// assessedFile is one file with who assesses it.
type assessedFile struct {
	store.AssessedFilesRow
	wants    int
	assigned []store.AssignmentsOfRow
	markers  []uuid.UUID // gave marks without being assigned
	missing  int         // criteria that lack marks
	apart    bool        // marks lie too far apart, and nobody more is assigned
	older    int         // marks that saw an older version
}

func (f assessedFile) has() int { return len(f.assigned) + len(f.markers) }

// lacking is how many more assessors the file wants.
func (f assessedFile) lacking() int { return max(0, f.wants-f.has()) }

// assessing is a call with its assessors and files, as one reader sees it.
type assessing struct {
	call   store.OfficeCallRow
	scheme []process.MarkedCriterion
	people []assessor
	files  []assessedFile
}

// mayAssign reports whether the reader decides who assesses what.
func (q *request) mayAssign() bool {
	return q.actor.Has(mobility.RoleCoordinator) || q.actor.Has(mobility.RoleOfficer) || q.actor.Has(mobility.RoleAdministrator)
}

func (s *Server) readAssessing(q *request) (a assessing, err error) {
	if !q.mayAssign() {
		return a, mobility.ForbiddenError("refusal.role_needed")
	}
	err = s.read(q, func(ctx context.Context, db store.DBTX) error {
		if a.call, err = s.officeCall(q, db); err != nil {
			return err
		}
		return a.fill(ctx, q, db)
	})
	return a, err
}

func (a *assessing) fill(ctx context.Context, q *request, db store.DBTX) error {
	how, err := queries.CallAssessing(ctx, db, a.call.ID)
	if err != nil {
		return err
	}
	if a.scheme, err = process.MarkedCriteria(how.Criteria); err != nil {
		return err
	}
	roles, err := queries.AssessorsOf(ctx, db, store.AssessorsOfParams{InstitutionID: a.call.InstitutionID, CallID: &a.call.ID, Now: q.now})
	if err != nil {
		return err
	}
	for _, r := range roles {
		a.addRole(r, how.Blind)
	}
	rows, err := queries.FilesToAssess(ctx, db, store.FilesToAssessParams{CallID: a.call.ID, Self: q.actor.Person, Institutions: q.house()})
	if err != nil {
		return err
	}
	ids := make([]uuid.UUID, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	if err := a.addFiles(ctx, db, ids); err != nil {
		return err
	}
	slices.SortStableFunc(a.people, func(x, y assessor) int { return strings.Compare(x.name, y.name) })
	return q.note(db, lookedAt{institution: a.call.InstitutionID, subjects: []uuid.UUID{a.call.ID}, count: len(ids)})
}

// addRole keeps who may be assigned: in a blind call assessors alone.
func (a *assessing) addRole(r store.AssessorsOfRow, blind bool) {
	i := slices.IndexFunc(a.people, func(p assessor) bool { return p.id == r.PersonID })
	if i < 0 {
		a.people, i = append(a.people, assessor{id: r.PersonID, name: r.Name}), len(a.people)
	}
	p := &a.people[i]
	p.roles = append(p.roles, r.Role)
	p.byRole = p.byRole || r.Role == string(mobility.RoleAssessor)
	if blind && slices.ContainsFunc(p.roles, func(role string) bool { return role != string(mobility.RoleAssessor) }) {
		p.byRole = false
	}
}

func (a *assessing) addFiles(ctx context.Context, db store.DBTX, ids []uuid.UUID) error {
	shown, err := queries.AssessedFiles(ctx, db, ids)
	if err != nil {
		return err
	}
	at := make(map[uuid.UUID]int, len(shown))
	for i, row := range shown {
		at[row.ID] = i
		a.files = append(a.files, assessedFile{AssessedFilesRow: row})
	}
	assignments, err := queries.AssignmentsOf(ctx, db, ids)
	if err != nil {
		return err
	}
	for _, row := range assignments {
		f := &a.files[at[row.ApplicationID]]
		f.assigned = append(f.assigned, row)
	}
	sheet, err := readSheet(ctx, db, scheme{assessed: a.scheme}, uuid.Nil, ids)
	if err != nil {
		return err
	}
	for i := range a.files {
		a.count(&a.files[i], sheet)
	}
	return nil
}

// count works out what a file and its assessors lack.
func (a *assessing) count(f *assessedFile, s sheet) {
	given := map[uuid.UUID]int{}
	for _, m := range s.marks[f.ID] {
		given[m.AssessorID]++
		if m.Submission < m.Last {
			f.older++
		}
	}
	for _, c := range a.scheme {
		v := s.at(f.ID, c).verdict
		f.wants = max(f.wants, v.Wanted)
		f.apart = f.apart || v.Apart && !v.Complete()
		if !v.Complete() {
			f.missing++
		}
	}
	for id := range given {
		if !slices.ContainsFunc(f.assigned, func(x store.AssignmentsOfRow) bool { return x.AssessorID == id }) {
			f.markers = append(f.markers, id)
		}
	}
	slices.SortFunc(f.markers, func(x, y uuid.UUID) int { return strings.Compare(x.String(), y.String()) })
	f.apart = f.apart && f.lacking() > 0
	for _, id := range f.assessors() {
		if i := slices.IndexFunc(a.people, func(p assessor) bool { return p.id == id }); i >= 0 {
			p, lacks := &a.people[i], max(0, len(a.scheme)-given[id])
			p.files++
			if p.lacks += lacks; lacks == 0 {
				p.done++
			}
		}
	}
}

// assessors are all who assess a file.
func (f assessedFile) assessors() []uuid.UUID {
	out := slices.Clone(f.markers)
	for _, x := range f.assigned {
		out = append(out, x.AssessorID)
	}
	return out
}

func (a assessing) name(id uuid.UUID) string {
	for _, p := range a.people {
		if p.id == id {
			return p.name
		}
	}
	return ""
}

// The ways to narrow the list of files.
const (
	showAll     = ""
	showLacking = "lacking"
	showMissing = "missing"
	showApart   = "apart"
	showOlder   = "older"
)

func (f assessedFile) shown(which string) bool {
	switch which {
	case showLacking:
		return f.lacking() > 0
	case showMissing:
		return f.missing > 0
	case showApart:
		return f.apart
	case showOlder:
		return f.older > 0
	}
	return true
}

func (a assessing) number(which string) int {
	n := 0
	for _, f := range a.files {
		if f.shown(which) {
			n++
		}
	}
	return n
}

func (s *Server) showAssessors(q *request) error {
	a, err := s.readAssessing(q)
	if err != nil {
		return err
	}
	return s.assessorsPage(q, http.StatusOK, a, nil)
}

func (s *Server) assessorsPage(q *request, status int, a assessing, problem error) error {
	p := page.Office{Base: s.base(q, q.loc.T("office.tab_assessors")), Tabs: q.callTabs(a.call.ID, "assessors"), Turn: q.candidatesTurn(candidates{call: a.call})}
	p.Wide, p.Kicker, p.Breadcrumbs = true, a.call.Title.In(q.loc.Lang()), q.callCrumbs(a.call.ID, a.call.Title)
	if problem != nil {
		p.Errors = page.ErrorSummary{Title: q.loc.N("part.errors", 1), Problems: []page.Problem{{Text: problemText(q.loc, problem), Href: "#files"}}}
	}
	p.Parts = []page.Part{q.assessingPart(a), q.committeePart(a), q.filesPart(a)}
	if a.call.PublishedAt == nil && q.isOfficer() {
		p.Parts = append(p.Parts, q.rulesPart(a))
	}
	return s.render(q, status, p)
}
