package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// All deadlines of a call on one page: of its rounds, of units and persons, of
// destinations, of single files; who was let in late, and what became of them.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/calls/{call}/deadlines", Guard: Coordinator, Handle: s.showDeadlines},
		{Pattern: "POST /office/calls/{call}/grace", Guard: Officer, Handle: s.setGrace},
	}
})

// How many of a list a page shows.
const (
	deadlinesAtOnce = 40
	filesAtOnce     = 100
)

// deadlinesView is what the page is made of.
type deadlinesView struct {
	call    store.OfficeCallRow
	rounds  []store.CallRoundsRow
	rows    []store.CallDeadlinesRow
	files   []store.FileDeadlinesRow
	changes []store.DeadlineChangesRow
	links   []store.CallLateLinksRow
	grace   int32
}

func (s *Server) readDeadlines(q *request) (v deadlinesView, err error) {
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if v.call, err = s.officeCall(q, db); err != nil {
			return err
		}
		id, self := v.call.ID, &q.actor.Person
		if v.rounds, err = queries.CallRounds(ctx, db, id); err != nil {
			return err
		}
		if v.rows, err = queries.CallDeadlines(ctx, db, store.CallDeadlinesParams{CallID: id, Self: self}); err != nil {
			return err
		}
		if v.files, err = queries.FileDeadlines(ctx, db, store.FileDeadlinesParams{CallID: id, Self: q.actor.Person, Now: q.now, Most: filesAtOnce}); err != nil {
			return err
		}
		if v.changes, err = queries.DeadlineChanges(ctx, db, id); err != nil {
			return err
		}
		if v.links, err = queries.CallLateLinks(ctx, db, store.CallLateLinksParams{CallID: id, Self: q.actor.Person}); err != nil {
			return err
		}
		if v.grace, err = queries.GraceOf(ctx, db, id); err != nil {
			return err
		}
		return v.note(q, db)
	})
	return v, err
}

// note writes whose personal data the page shows.
func (v deadlinesView) note(q *request, db store.DBTX) error {
	named := len(v.files) + len(v.links)
	for _, d := range v.rows {
		if d.PersonID != nil {
			named++
		}
	}
	if named == 0 {
		return nil
	}
	return q.note(db, lookedAt{institution: v.call.InstitutionID, filter: "call=" + v.call.ID.String(), count: named})
}

func (s *Server) showDeadlines(q *request) error {
	v, err := s.readDeadlines(q)
	if err != nil {
		return err
	}
	return s.deadlinesPage(q, http.StatusOK, v, nil, nil)
}

func (s *Server) deadlinesPage(q *request, status int, v deadlinesView, typed form.Values, problems []mobility.FieldProblem) error {
	p := page.Office{Base: s.base(q, q.loc.T("deadlines.title")), Tabs: q.callTabs(v.call.ID, "")}
	p.Wide, p.Kicker, p.Breadcrumbs = true, v.call.Title.In(q.loc.Lang()), q.callCrumbs(v.call.ID, v.call.Title)
	p.Parts = append(p.Parts, q.roundDeadlines(v))
	if q.isOfficer() {
		grace, summary := q.gracePart(v, typed, problems)
		p.Errors = summary
		p.Parts = append(p.Parts, q.lateLinksPart(v), grace)
	}
	if len(v.files) > 0 {
		p.Parts = append(p.Parts, q.fileDeadlines(v))
	}
	p.Parts = append(p.Parts, q.destinationDeadlines(v))
	if len(v.changes) > 0 {
		p.Parts = append(p.Parts, q.deadlineHistory(v))
	}
	return s.render(q, status, p)
}

// forWhom says for whom a deadline is.
func (q *request) forWhom(d store.CallDeadlinesRow) string {
	switch {
	case d.PersonID != nil:
		return d.Person
	case d.UnitID != nil:
		return d.Unit.In(q.loc.Lang())
	case d.DestinationID != nil:
		return d.Host + ", " + q.loc.T("term."+d.Term)
	}
	return q.loc.T("deadlines.everybody")
}

func (q *request) whenOf(kind string, closesAt time.Time, zone string) page.Moment {
	if kind == "opens" {
		return q.moment(closesAt, zoneOf(zone))
	}
	return q.deadline(closesAt, zoneOf(zone))
}

// moves reports whether the reader can move a deadline of the kind here.
func (q *request) movesDeadline(kind string) bool {
	return q.isOfficer() && kind != string(lifecycle.StayBegins) && kind != string(lifecycle.StayEnds)
}

func (q *request) deadlineRow(v deadlinesView, d store.CallDeadlinesRow) page.Row {
	name := page.Cell{Text: q.loc.T("office.deadline_" + d.Kind)}
	if len(v.rounds) > 1 {
		name.Note = q.loc.T("office.round", "Round", d.Round)
	}
	when := page.Cell{When: q.whenOf(d.Kind, d.ClosesAt, d.Zone)}
	if d.Version > 1 {
		when.Note = q.loc.N("deadlines.moved_times", int(d.Version-1))
	}
	row := page.Row{Cells: []page.Cell{name, {Text: q.forWhom(d)}, when, {}}}
	if q.movesDeadline(d.Kind) {
		row.Cells[3].Buttons = []page.Button{{Label: q.loc.T("deadlines.move"), Href: withQuery(callPath(v.call.ID, "deadlines", "move"), "deadline", d.ID.String()), Look: page.Quiet}}
	}
	return row
}

func (q *request) deadlineTable(caption string) page.Table {
	return page.Table{Caption: caption, HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.deadline")}, {Label: q.loc.T("deadlines.for_whom")}, {Label: q.loc.T("office.when")}, {Label: q.loc.T("office.acts"), Hide: true},
	}}
}

// roundDeadlines are those of the rounds, with the extensions right below.
func (q *request) roundDeadlines(v deadlinesView) page.Part {
	part := page.Part{ID: "rounds", Title: q.loc.T("deadlines.rounds"), Text: q.loc.T("deadlines.text"), Table: q.deadlineTable(q.loc.T("deadlines.rounds"))}
	lacks := map[int32][]lifecycle.Deadline{}
	for _, r := range v.rounds {
		lacks[r.Number] = slices.Clone(process.Settable)
	}
	var closes uuid.UUID
	for _, d := range v.rows {
		if d.DestinationID != nil {
			continue
		}
		part.Table.Rows = append(part.Table.Rows, q.deadlineRow(v, d))
		if d.General {
			lacks[d.Round] = slices.DeleteFunc(lacks[d.Round], func(k lifecycle.Deadline) bool { return string(k) == d.Kind })
		}
		if d.General && d.Kind == string(lifecycle.Closes) {
			closes = d.ID
		}
	}
	if !q.isOfficer() {
		return part
	}
	at := callPath(v.call.ID, "deadlines", "move")
	if closes != uuid.Nil {
		for _, scope := range []process.DeadlineScope{process.ForUnit, process.ForPerson} {
			part.Buttons = append(part.Buttons, page.Button{
				Label: q.loc.T("deadlines.extend_" + string(scope)), Href: withQuery(at, "deadline", closes.String(), "scope", string(scope)), Look: page.Secondary,
			})
		}
	}
	for _, r := range v.rounds {
		for _, kind := range lacks[r.Number] {
			part.Buttons = append(part.Buttons, page.Button{
				Label: q.loc.T("deadlines.set_"+string(kind), "Round", strconv.Itoa(int(r.Number))), Href: withQuery(at, "kind", string(kind), "round", r.ID.String()), Look: page.Quiet,
			})
		}
	}
	return part
}

// destinationDeadlines are those of the destinations, a page at a time.
func (q *request) destinationDeadlines(v deadlinesView) page.Part {
	part := page.Part{ID: "destinations", Title: q.loc.T("deadlines.destinations"), Table: q.deadlineTable(q.loc.T("deadlines.destinations"))}
	rows := slices.DeleteFunc(slices.Clone(v.rows), func(d store.CallDeadlinesRow) bool { return d.DestinationID == nil })
	pages := max(1, (len(rows)+deadlinesAtOnce-1)/deadlinesAtOnce)
	at, _ := strconv.Atoi(q.r.URL.Query().Get("page"))
	at = min(max(at, 1), pages)
	documented := map[uuid.UUID]bool{}
	for _, d := range rows {
		documented[*d.DestinationID] = documented[*d.DestinationID] || d.Kind == string(lifecycle.Documents)
	}
	for _, d := range rows[(at-1)*deadlinesAtOnce : min(at*deadlinesAtOnce, len(rows))] {
		row := q.deadlineRow(v, d)
		if q.isOfficer() && d.Kind == string(lifecycle.HostNomination) && !documented[*d.DestinationID] {
			row.Cells[3].Buttons = append(row.Cells[3].Buttons, page.Button{
				Label: q.loc.T("deadlines.set_documents_here"), Look: page.Quiet,
				Href: withQuery(callPath(v.call.ID, "deadlines", "move"), "kind", string(lifecycle.Documents), "destination", d.DestinationID.String()),
			})
		}
		part.Table.Rows = append(part.Table.Rows, row)
	}
	part.Table.Empty = page.EmptyState{Title: q.loc.T("deadlines.no_destinations")}
	if pages > 1 {
		part.Pager = page.PagerOf(at, pages, len(rows), func(n int) string {
			return withQuery(callPath(v.call.ID, "deadlines"), "page", strconv.Itoa(n)) + "#destinations"
		})
	}
	return part
}

// fileDeadlines hold for one file alone and are moved from its page.
func (q *request) fileDeadlines(v deadlinesView) page.Part {
	t := page.Table{Caption: q.loc.T("deadlines.files"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("deadlines.for_whom")}, {Label: q.loc.T("office.deadline")}, {Label: q.loc.T("office.when")},
	}}
	for _, d := range v.files {
		who := cmp.Or(d.Name, q.loc.T("assess.candidate", "Number", d.Candidate)) // blind, there is no name
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: who, Href: filePath(d.ID)}, {Text: q.loc.T("office.deadline_" + d.Kind)}, {When: q.whenOf(d.Kind, d.ClosesAt, d.Zone)}}})
	}
	part := page.Part{ID: "files", Title: q.loc.T("deadlines.files"), Text: q.loc.T("deadlines.files_text"), Table: t}
	if more := int(v.files[0].Total) - len(v.files); more > 0 {
		part.Text += " " + q.loc.N("deadlines.files_more", more)
	}
	return part
}

// deadlineHistory is every move, the newest first.
func (q *request) deadlineHistory(v deadlinesView) page.Part {
	whose := map[uuid.UUID]string{}
	for _, d := range v.rows {
		whose[d.ID] = q.forWhom(d)
	}
	line := page.Timeline{Label: q.loc.T("deadlines.history")}
	for _, c := range v.changes {
		for_, known := whose[c.DeadlineID]
		if !known {
			continue // of somebody the reader does not see
		}
		text := q.loc.N("deadlines.concerned", int(c.Concerned))
		if c.Told > 0 {
			text += " " + q.loc.T("deadlines.told")
		}
		if c.Reason != "" {
			text = c.Reason + "\n" + text
		}
		line.Events = append(line.Events, page.TimelineEvent{
			When: q.moment(c.MadeAt, zoneOf(v.call.Zone)), By: c.By, Text: text,
			Title: q.loc.T("office.deadline_"+c.Kind) + ", " + for_ + ": " + q.fromTo(c.Kind, c.WasWall, c.WasZone, c.ClosesAt, c.Zone),
		})
	}
	return page.Part{ID: "history", Title: q.loc.T("deadlines.history"), Timeline: line}
}

// fromTo writes what a deadline was and what it became.
func (q *request) fromTo(kind string, wasWall *time.Time, wasZone *string, closesAt time.Time, zone string) string {
	to := q.whenOf(kind, closesAt, zone).Text
	if wasWall == nil || wasZone == nil {
		return to
	}
	was := mobility.ClosesAt(mobility.WallOf(wasWall.UTC()), zoneOf(*wasZone))
	if kind == "opens" {
		was = mobility.OpensAt(mobility.WallOf(wasWall.UTC()), zoneOf(*wasZone))
	}
	return q.loc.T("deadlines.from_to", "From", q.whenOf(kind, was, *wasZone).Text, "To", to)
}

// gracePart sets for how long after the deadline a first submission is let in.
func (q *request) gracePart(v deadlinesView, typed form.Values, problems []mobility.FieldProblem) (page.Part, page.ErrorSummary) {
	grace := page.Field{
		Kind: page.Number, InputMode: "numeric", Short: true, Name: "grace", Label: q.loc.T("deadlines.grace"), Unit: q.loc.T("deadlines.grace_unit"),
		Hint: q.loc.T("deadlines.grace_hint", "Most", int(mobility.GraceMost.Minutes())), Value: strconv.Itoa(int(v.grace)),
	}
	if typed != nil {
		grace.Value = typed.First("grace")
	}
	summary := page.Refuse(q.loc, problems, &grace)
	return page.Part{
		ID: "grace", Title: q.loc.T("deadlines.grace_title"), Text: q.loc.T("deadlines.grace_text"), Action: callPath(v.call.ID, "grace"),
		Fields: []page.Field{grace}, Buttons: []page.Button{{Label: q.loc.T("deadlines.grace_set"), Look: page.Secondary}},
	}, summary
}

type graceForm struct {
	Grace int32 `form:"grace"`
}

func (s *Server) setGrace(q *request) error {
	var call store.OfficeCallRow
	err := s.read(q, func(_ context.Context, db store.DBTX) (err error) {
		call, err = s.officeCall(q, db)
		return err
	})
	if err != nil {
		return err
	}
	id := call.ID
	var f graceForm
	typed, err := form.Decode(q.r, &f)
	if err == nil {
		err = s.Process.SetGrace(q.ctx(), q.actor, process.GraceSetting{Call: id, Grace: time.Duration(f.Grace) * time.Minute, Arrived: q.arrived})
	}
	if problems, invalid := problemsOf(err); invalid {
		v, err := s.readDeadlines(q)
		if err != nil {
			return err
		}
		return s.deadlinesPage(q, http.StatusUnprocessableEntity, v, typed, problems)
	}
	if err != nil {
		return err
	}
	return s.done(q, callPath(id, "deadlines")+"#grace", "notice.grace_set")
}
