package process

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// How assessors of a call see its files: all their role reaches, or only what
// they are assigned to.
const (
	SeeUnit     = "unit"
	SeeAssigned = "assigned"
)

// AssignHow is the way assessors come to files.
type AssignHow string

// The ways. By hand everybody chosen gets every file chosen; by unit every
// assessor the files of the units their role is in; evenly each file as many
// as its criteria want, so that all have about the same to do.
const (
	AssignByHand AssignHow = "hand"
	AssignByUnit AssignHow = "unit"
	AssignEvenly AssignHow = "even"
)

// AssignRequest asks for assessors to be assigned to files of a call.
type AssignRequest struct {
	Call      uuid.UUID
	How       AssignHow
	Files     []uuid.UUID // empty: every file of the call that the actor sees
	Assessors []uuid.UUID // empty: everybody with the role of an assessor
	Hash      string      // of the plan that was looked at; not for planning
	Arrived   time.Time
}

// Assigned is one assessor at one file.
type Assigned struct{ Application, Assessor uuid.UUID }

// AssignPlan is what an AssignRequest comes to.
type AssignPlan struct {
	New    []Assigned
	Before map[uuid.UUID]int // files each assessor has already
	Barred []Assigned        // by a conflict of interest, left out
	Short  map[uuid.UUID]int // how many assessors a file still lacks
	Hash   string
}

// PlanAssignments says what Assign would do, and changes nothing. Errors as
// of Assign.
func (r *Runner) PlanAssignments(ctx context.Context, actor mobility.Actor, req AssignRequest) (AssignPlan, error) {
	var plan AssignPlan
	err := r.do(ctx, actor, req.Arrived, func(s *step) (err error) {
		_, plan, err = s.planAssignments(ctx, req)
		return err
	})
	return plan, err
}

// Assign assigns assessors, all in one step. Coordinators, officers and
// administrators may, for the files they reach. Whoever marked a file already
// is its assessor. Errors: not found for a call the actor does not see; stale
// if the plan is no longer what was looked at.
func (r *Runner) Assign(ctx context.Context, actor mobility.Actor, req AssignRequest) (AssignPlan, error) {
	var plan AssignPlan
	err := r.do(ctx, actor, req.Arrived, func(s *step) error {
		if err := queries.LockCall(ctx, s.tx, "assign:"+req.Call.String()); err != nil {
			return fmt.Errorf("wait for others who assign: %w", err)
		}
		call, p, err := s.planAssignments(ctx, req)
		if err != nil {
			return err
		}
		if plan = p; plan.Hash != req.Hash {
			return mobility.StaleError("conflict.assigned_meanwhile", nil)
		}
		return s.assign(ctx, call, req.How, plan.New)
	})
	return plan, err
}

func (s *step) assign(ctx context.Context, call store.CallAssessingRow, how AssignHow, pairs []Assigned) error {
	if len(pairs) == 0 {
		return nil
	}
	p := store.AddAssignmentsParams{InstitutionID: call.InstitutionID, How: string(how), AssignedBy: s.actorID(), AssignedAt: s.now}
	for _, a := range pairs {
		p.Ids, p.Applications, p.Assessors = append(p.Ids, newID()), append(p.Applications, a.Application), append(p.Assessors, a.Assessor)
	}
	if _, err := queries.AddAssignments(ctx, s.tx, p); err != nil {
		return store.Translate(err, "application")
	}
	data := map[string]any{"how": how, "count": len(pairs)}
	return s.record(ctx, act{institution: call.InstitutionID, name: "assessors_assigned", kind: "call", subject: call.ID, data: data})
}

// Unassign takes an assessor off a file. Marks given stay. Errors: not found
// if nobody is assigned so, or the actor does not see the file.
func (r *Runner) Unassign(ctx context.Context, actor mobility.Actor, a Assigned, arrived time.Time) error {
	return r.do(ctx, actor, arrived, func(s *step) error {
		seen, err := r.visible(ctx, s, a.Application)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(s.actor.RolesAt(place(seen)), assigns) {
			return mobility.ForbiddenError("refusal.not_your_move")
		}
		n, err := queries.EndAssignment(ctx, s.tx, store.EndAssignmentParams{ApplicationID: a.Application, AssessorID: a.Assessor, At: &s.now, By: s.actorID()})
		if err != nil {
			return err
		}
		if n == 0 {
			return mobility.NotFoundError("assignment")
		}
		data := map[string]any{"person": a.Assessor}
		return s.record(ctx, act{institution: seen.InstitutionID, name: "assessor_unassigned", kind: "application", subject: a.Application, data: data})
	})
}

// assigns reports whether a role decides who assesses what.
func assigns(role mobility.Role) bool {
	return role == mobility.RoleCoordinator || role == mobility.RoleOfficer || role == mobility.RoleAdministrator
}

// planAssignments proves that the actor may assign for the files, elevates,
// and plans.
func (s *step) planAssignments(ctx context.Context, req AssignRequest) (store.CallAssessingRow, AssignPlan, error) {
	call, err := queries.CallAssessing(ctx, s.tx, req.Call)
	if err != nil {
		return call, AssignPlan{}, store.Translate(err, "call")
	}
	if err := s.mayAssign(call); err != nil {
		return call, AssignPlan{}, err
	}
	if req.How == AssignByHand && (len(req.Files) == 0 || len(req.Assessors) == 0) {
		return call, AssignPlan{}, mobility.InvalidError(mobility.FieldProblem{Field: "assessor", Code: "assess.choose_both"})
	}
	files, err := s.filesToAssign(ctx, req)
	if err != nil {
		return call, AssignPlan{}, err
	}
	if err := s.elevate(ctx); err != nil {
		return call, AssignPlan{}, err
	}
	p := planner{request: req, call: call, files: files, barred: map[Assigned]bool{}, marked: map[Assigned]bool{}, has: map[Assigned]bool{}, reaches: map[uuid.UUID]*reachOf{}}
	if err := p.read(ctx, s); err != nil {
		return call, AssignPlan{}, err
	}
	return call, p.plan(), nil
}

// mayAssign refuses whoever assigns nobody in the call. An open call is
// everybody's to see, its assessment only the house's.
func (s *step) mayAssign(call store.CallAssessingRow) error {
	switch {
	case !slices.Contains(s.actor.Institutions(), call.InstitutionID):
		return mobility.NotFoundError("call")
	case !slices.ContainsFunc(s.actor.Grants, func(g mobility.Grant) bool { return g.Institution == call.InstitutionID && assigns(g.Role) }):
		return mobility.ForbiddenError("refusal.not_your_move")
	case call.Published:
		return mobility.ConflictError("conflict.already_published", nil)
	}
	return nil
}

// filesToAssign are those the actor sees and may assign for.
func (s *step) filesToAssign(ctx context.Context, req AssignRequest) ([]store.FilesToAssessRow, error) {
	rows, err := queries.FilesToAssess(ctx, s.tx, store.FilesToAssessParams{CallID: req.Call, Self: s.actor.Person, Institutions: s.actor.Institutions()})
	if err != nil {
		return nil, fmt.Errorf("find the files: %w", err)
	}
	var out []store.FilesToAssessRow
	for _, row := range rows {
		at := mobility.Place{Institution: row.InstitutionID, Unit: row.UnitID, Call: row.CallID, Applicant: row.PersonID}
		if (len(req.Files) == 0 || slices.Contains(req.Files, row.ID)) && slices.ContainsFunc(s.actor.RolesAt(at), assigns) {
			out = append(out, row)
		}
	}
	return out, nil
}

// reachOf is what an assessor's roles reach.
type reachOf struct {
	everywhere bool
	units      []uuid.UUID
	assessor   bool // holds the role of that name
	narrow     bool // and it in a unit
	blind      bool // holds no other here
}

func (r *reachOf) at(unit uuid.UUID) bool { return r.everywhere || slices.Contains(r.units, unit) }

// planner gathers what a plan is made from.
type planner struct {
	request AssignRequest
	call    store.CallAssessingRow
	files   []store.FilesToAssessRow
	needs   map[uuid.UUID]int // assessors a file wants in all
	reaches map[uuid.UUID]*reachOf
	barred  map[Assigned]bool
	has     map[Assigned]bool // assigned
	marked  map[Assigned]bool // gave marks
}

func (p *planner) read(ctx context.Context, s *step) error {
	ids := make([]uuid.UUID, len(p.files))
	for i, f := range p.files {
		ids[i] = f.ID
	}
	if err := s.detectConflicts(ctx, ids, nil); err != nil {
		return err
	}
	roles, err := queries.AssessorsOf(ctx, s.tx, store.AssessorsOfParams{InstitutionID: p.call.InstitutionID, CallID: &p.call.ID, Now: s.now})
	if err != nil {
		return fmt.Errorf("find the assessors: %w", err)
	}
	for _, role := range roles {
		p.add(role)
	}
	conflicts, err := queries.ConflictsOf(ctx, s.tx, ids)
	if err != nil {
		return fmt.Errorf("find conflicts of interest: %w", err)
	}
	for _, c := range conflicts {
		p.barred[Assigned{c.ApplicationID, c.PersonID}] = true
	}
	assignments, err := queries.AssignmentsOf(ctx, s.tx, ids)
	if err != nil {
		return fmt.Errorf("find the assignments: %w", err)
	}
	for _, a := range assignments {
		p.has[Assigned{a.ApplicationID, a.AssessorID}] = true
	}
	return p.readMarks(ctx, s, ids)
}

func (p *planner) add(role store.AssessorsOfRow) {
	r := p.reaches[role.PersonID]
	if r == nil {
		r = &reachOf{blind: true}
		p.reaches[role.PersonID] = r
	}
	r.everywhere = r.everywhere || role.UnitID == nil
	r.units = append(r.units, role.Units...)
	if role.Role == string(mobility.RoleAssessor) {
		r.assessor, r.narrow = true, r.narrow || role.UnitID != nil
	} else {
		r.blind = false
	}
}

// readMarks finds who gave marks and how many assessors each file wants.
func (p *planner) readMarks(ctx context.Context, s *step, ids []uuid.UUID) error {
	criteria, err := MarkedCriteria(p.call.Criteria)
	if err != nil {
		return err
	}
	rows, err := queries.MarksOf(ctx, s.tx, ids)
	if err != nil {
		return fmt.Errorf("find the marks: %w", err)
	}
	given := map[uuid.UUID]map[string][]decimal.Decimal{}
	for _, m := range rows {
		p.marked[Assigned{m.ApplicationID, m.AssessorID}] = true
		if given[m.ApplicationID] == nil {
			given[m.ApplicationID] = map[string][]decimal.Decimal{}
		}
		given[m.ApplicationID][m.Criterion] = append(given[m.ApplicationID][m.Criterion], m.Points)
	}
	p.needs = make(map[uuid.UUID]int, len(ids))
	for _, id := range ids {
		for _, c := range criteria {
			p.needs[id] = max(p.needs[id], c.Wanted(given[id][c.Key]))
		}
	}
	return nil
}

// chosen are the people who may be given files, in order of id.
func (p *planner) chosen() []uuid.UUID {
	var out []uuid.UUID
	for id, r := range p.reaches {
		asked := r.assessor
		if len(p.request.Assessors) > 0 {
			asked = slices.Contains(p.request.Assessors, id)
		}
		if p.request.How == AssignByUnit {
			asked = asked && r.narrow
		}
		if asked && (!p.call.Blind || r.blind) {
			out = append(out, id)
		}
	}
	slices.SortFunc(out, compareIDs)
	return out
}

func (p *planner) plan() AssignPlan {
	people := p.chosen()
	out := AssignPlan{Before: map[uuid.UUID]int{}, Short: map[uuid.UUID]int{}}
	keep := p.keep() // whoever marked a file stays its assessor
	for pair := range p.has {
		out.Before[pair.Assessor]++
	}
	for _, pair := range keep {
		out.Before[pair.Assessor]++
		p.has[pair] = true
	}
	problem := spread{load: out.Before}
	have := map[uuid.UUID]int{}
	for pair := range p.has {
		have[pair.Application]++
	}
	for _, f := range p.files {
		job := spreadFile{id: f.ID, want: len(people)}
		if p.request.How == AssignEvenly {
			job.want = p.needs[f.ID] - have[f.ID]
		}
		for _, person := range people {
			pair := Assigned{f.ID, person}
			switch {
			case p.has[pair] || !p.reaches[person].at(f.UnitID):
			case p.barred[pair] || person == f.PersonID:
				out.Barred = append(out.Barred, pair)
			default:
				job.may = append(job.may, person)
			}
		}
		problem.files = append(problem.files, job)
	}
	out.New = append(keep, problem.solve()...)
	if p.request.How == AssignEvenly {
		out.Short = problem.short()
	}
	out.Hash = hashOf(out.New)
	return out
}

// keep are the assessors who marked without being assigned.
func (p *planner) keep() []Assigned {
	if p.request.How != AssignEvenly {
		return nil
	}
	var out []Assigned
	for pair := range p.marked {
		if r := p.reaches[pair.Assessor]; r != nil && !p.has[pair] && !p.barred[pair] && (!p.call.Blind || r.blind) {
			out = append(out, pair)
		}
	}
	slices.SortFunc(out, func(a, b Assigned) int {
		return cmp.Or(compareIDs(a.Application, b.Application), compareIDs(a.Assessor, b.Assessor))
	})
	return out
}

func hashOf(pairs []Assigned) string {
	h := sha256.New()
	for _, a := range pairs {
		h.Write(a.Application[:])
		h.Write(a.Assessor[:])
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
