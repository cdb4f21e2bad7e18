package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/outbox"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// The destinations of a call for its office: who chose each, what is held and
// who waits, and what happened to it.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/calls/{call}/destinations", Guard: Officer, Handle: s.showDestinations},
		{Pattern: "GET /office/calls/{call}/destinations/{destination}", Guard: Officer, Handle: s.showDestination},
	}
})

// destinationsView is the list of a call.
type destinationsView struct {
	call    store.OfficeCallRow
	rows    []store.OfficeDestinationsRow
	counts  map[uuid.UUID]store.OfficeDestinationCountsRow
	changes []store.DestinationChangesRow
	host    map[uuid.UUID]string
}

func destinationPath(call, destination uuid.UUID, rest ...string) string {
	return callPath(call, append([]string{"destinations", destination.String()}, rest...)...)
}

// toDestination leads an officer to a destination; others have no page of it.
func (q *request) toDestination(call, destination uuid.UUID) string {
	if !q.isOfficer() {
		return ""
	}
	return destinationPath(call, destination)
}

func (s *Server) readDestinations(q *request, db store.DBTX) (v destinationsView, err error) {
	if v.call, err = s.officeCall(q, db); err != nil {
		return v, err
	}
	if v.rows, err = queries.OfficeDestinations(q.ctx(), db, store.OfficeDestinationsParams{CallID: v.call.ID, Self: q.actor.Person}); err != nil {
		return v, err
	}
	counts, err := queries.OfficeDestinationCounts(q.ctx(), db, store.OfficeDestinationCountsParams{CallID: v.call.ID, Self: q.actor.Person})
	if err != nil {
		return v, err
	}
	v.counts, v.host = map[uuid.UUID]store.OfficeDestinationCountsRow{}, map[uuid.UUID]string{}
	for _, c := range counts {
		v.counts[c.ID] = c
	}
	for _, d := range v.rows {
		v.host[d.ID] = d.Host
	}
	v.changes, err = queries.DestinationChanges(q.ctx(), db, v.call.ID)
	for i := range v.changes {
		at := slices.IndexFunc(v.rows, func(d store.OfficeDestinationsRow) bool { return d.ID == v.changes[i].DestinationID })
		if v.call.PublishedAt == nil && at >= 0 && v.rows[at].Barred {
			v.changes[i].Told, v.changes[i].Returned = 0, 0
		}
	}
	return v, err
}

func (s *Server) showDestinations(q *request) error {
	var v destinationsView
	err := s.read(q, func(_ context.Context, db store.DBTX) (err error) {
		v, err = s.readDestinations(q, db)
		return err
	})
	if err != nil {
		return err
	}
	p := page.Office{Base: s.base(q, q.loc.T("destinations.title")), Tabs: q.callTabs(v.call.ID, "")}
	p.Wide, p.Kicker, p.Breadcrumbs = true, v.call.Title.In(q.loc.Lang()), q.callCrumbs(v.call.ID, v.call.Title)
	list := page.Part{ID: "destinations", Text: q.loc.T("destinations.text"), Table: q.destinationsTable(v)}
	if q.actor.Has(mobility.RoleOfficer) && v.call.RoundID != nil {
		list.Buttons = []page.Button{{Label: q.loc.T("destinations.add"), Href: callPath(v.call.ID, "destinations", "add")}}
	}
	p.Parts = []page.Part{list}
	if len(v.changes) > 0 {
		p.Parts = append(p.Parts, q.destinationHistory(v.changes, v.call.Zone, v.host))
	}
	return s.render(q, http.StatusOK, p)
}

func (q *request) destinationsTable(v destinationsView) page.Table {
	t := page.Table{Caption: q.loc.T("destinations.title"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.destination")},
		{Label: q.loc.T("office.asks")},
		{Label: q.loc.T("office.places"), Numeric: true},
		{Label: q.loc.T("office.held"), Numeric: true},
		{Label: q.loc.T("office.firsts"), Numeric: true},
		{Label: q.loc.T("office.wishes"), Numeric: true},
		{Label: q.loc.T("destinations.holding"), Numeric: true},
		{Label: q.loc.T("destinations.waiting"), Numeric: true},
	}, Empty: page.EmptyState{Title: q.loc.T("office.no_destinations"), Text: q.loc.T("office.no_destinations_text")}}
	for _, d := range v.rows {
		c := v.counts[d.ID]
		row := page.Row{Cells: []page.Cell{
			{Text: d.Host, Href: destinationPath(v.call.ID, d.ID), Note: fmt.Sprintf("%s, %s · %s · %s", d.City, q.loc.Country(d.Country), q.loc.T("term."+d.Term), d.Unit)},
			{Text: asks(q, d.Language, d.CEFR, d.Cycle, d.ISCEDF)},
			{Text: q.loc.Number(int(d.Allowed))},
			{Text: q.loc.Number(int(d.Held))},
			{Text: q.loc.Number(int(d.Firsts))},
			numbered(q.loc, d.Wishes, destinationPath(v.call.ID, d.ID)+"#people"),
			{Text: q.loc.Number(int(c.Holding))},
			{Text: q.loc.Number(int(c.Waiting))},
		}}
		if d.Allowed != d.Places {
			row.Cells[2].Note = q.loc.T("office.agreed", "Places", q.loc.Number(int(d.Places)))
		}
		switch {
		case c.DroppedAt != nil:
			row.Cells[0].Tag = droppedTag(q, *c.DroppedAt, v.call.Zone)
		case c.Changes > 0:
			row.Cells[0].Tag = page.Tag{Label: q.loc.T("destinations.was_changed"), Tone: page.Info}
		}
		if d.Barred && v.call.PublishedAt == nil {
			for i := 3; i < 8; i++ {
				row.Cells[i] = page.Cell{Text: "–"}
			}
			row.Cells[0].Tag = page.Tag{Label: q.loc.T("office.barred"), Tone: page.Warning}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// droppedTag says since when a destination is no longer there.
func droppedTag(q *request, at time.Time, zone string) page.Tag {
	return page.Tag{Label: q.loc.T("destinations.dropped_on", "When", inZone(q.loc, zone).Date(at)), Tone: page.Danger}
}

// destinationHistory is what happened to destinations, newest first.
func (q *request) destinationHistory(changes []store.DestinationChangesRow, zone string, host map[uuid.UUID]string) page.Part {
	t := page.Timeline{Label: q.loc.T("destinations.history")}
	for _, c := range changes {
		e := page.TimelineEvent{
			When: page.MomentOf(inZone(q.loc, zone), c.At, q.now), Title: q.loc.T("destinations.event_"+c.Kind, "Host", host[c.DestinationID]),
			By: c.Actor, Text: q.destinationHistoryText(c, zone),
		}
		switch c.Kind {
		case "dropped":
			e.Tone = page.Danger
		case "changed":
			e.Tone = page.Info
		default:
			e.Tone = page.Success
		}
		t.Events = append(t.Events, e)
	}
	return page.Part{ID: "history", Title: q.loc.T("destinations.history"), Timeline: t}
}

// destinationHistoryText tells what changed, why, and who was told.
func (q *request) destinationHistoryText(c store.DestinationChangesRow, zone string) string {
	lines, err := outbox.DestinationChanges(q.loc, c.Data)
	if err != nil {
		lines = nil
	}
	if c.Reason != "" {
		lines = append(lines, c.Reason)
	}
	if c.Told > 0 {
		lines = append(lines, q.loc.N("destinations.told", int(c.Told)))
	}
	if c.Returned > 0 && c.ChooseAgainAt != nil {
		lines = append(lines, q.loc.N("destinations.returned_until", int(c.Returned), "When", inZone(q.loc, zone).DateTime(c.ChooseAgainAt.Add(-time.Minute))))
	}
	return joinLines(lines)
}

// destinationView is one destination with whom it concerns.
type destinationView struct {
	call    store.OfficeCallRow
	def     *lifecycle.Definition
	at      store.DestinationToChangeRow
	stock   []store.DestinationStockRow
	people  []store.DestinationConcernedRow
	changes []store.DestinationChangesRow
}

// hidden reports whether a conflict of interest keeps the destination's
// figures from the reader (design rule 11).
func (v destinationView) hidden() bool { return v.at.Barred && !v.at.Published }

func (s *Server) readDestination(q *request, people bool) (v destinationView, err error) {
	id, err := q.id("destination")
	if err != nil {
		return v, err
	}
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if v.call, err = s.officeCall(q, db); err != nil {
			return err
		}
		if v.at, err = queries.DestinationToChange(ctx, db, id); err != nil {
			return err
		}
		if v.at.CallID != v.call.ID {
			return mobility.NotFoundError("destination")
		}
		if v.stock, err = queries.DestinationStock(ctx, db, id); err != nil || !people {
			return err
		}
		if v.def, err = s.Process.Definition(ctx, db, v.call.DefinitionID); err != nil {
			return err
		}
		return s.readConcerned(q, db, &v)
	})
	return v, err
}

func (s *Server) readConcerned(q *request, db store.DBTX, v *destinationView) error {
	all, err := queries.DestinationChanges(q.ctx(), db, v.call.ID)
	if err != nil {
		return err
	}
	for _, c := range all {
		if v.hidden() {
			c.Told, c.Returned = 0, 0 // how many chose it
		}
		if c.DestinationID == v.at.ID {
			v.changes = append(v.changes, c)
		}
	}
	if v.hidden() {
		return nil
	}
	people, err := queries.DestinationConcerned(q.ctx(), db, store.DestinationConcernedParams{DestinationID: v.at.ID, CallID: v.call.ID})
	if err != nil {
		return err
	}
	v.people = slices.DeleteFunc(people, func(a store.DestinationConcernedRow) bool { return a.PersonID == q.actor.Person })
	slices.SortStableFunc(v.people, func(a, b store.DestinationConcernedRow) int { return int(a.Position) - int(b.Position) })
	return q.note(db, lookedAt{institution: v.call.InstitutionID, subjects: []uuid.UUID{v.at.ID}, count: len(v.people)})
}

func (s *Server) showDestination(q *request) error {
	v, err := s.readDestination(q, true)
	if err != nil {
		return err
	}
	p := page.Office{Base: s.base(q, v.at.Host), Tabs: q.callTabs(v.call.ID, "")}
	p.Wide, p.Kicker = true, v.call.Title.In(q.loc.Lang())
	p.Breadcrumbs = q.destinationCrumbs(v.call)
	facts := page.Part{ID: "facts", Summary: page.Summary{Rows: q.destinationFacts(v)}}
	if v.at.DroppedAt != nil {
		facts.Notice = page.Notice{Tone: page.Warning, Title: droppedTag(q, *v.at.DroppedAt, v.at.Zone).Label, Text: q.loc.T("destinations.dropped_text")}
	} else if q.actor.Has(mobility.RoleOfficer) && !v.hidden() {
		facts.Buttons = []page.Button{
			{Label: q.loc.T("destinations.change"), Href: destinationPath(v.call.ID, v.at.ID, "change"), Look: page.Secondary},
			{Label: q.loc.T("destinations.drop"), Href: destinationPath(v.call.ID, v.at.ID, "drop"), Look: page.Quiet, Danger: true},
		}
	}
	p.Parts = []page.Part{facts}
	if v.hidden() {
		p.Notices = []page.Notice{{Tone: page.Warning, Text: q.loc.T("refusal.colleague_changes")}}
	} else {
		p.Parts = append(p.Parts, q.concernedPart(v))
	}
	if len(v.changes) > 0 {
		p.Parts = append(p.Parts, q.destinationHistory(v.changes, v.at.Zone, map[uuid.UUID]string{v.at.ID: v.at.Host}))
	}
	return s.render(q, http.StatusOK, p)
}

func (q *request) destinationCrumbs(call store.OfficeCallRow) []page.Link {
	return append(q.callCrumbs(call.ID, call.Title), page.Link{Label: q.loc.T("destinations.title"), Href: callPath(call.ID, "destinations")})
}

func (q *request) destinationFacts(v destinationView) []page.Fact {
	d := v.at
	rows := []page.Fact{
		{Term: q.loc.T("call.host"), Text: fmt.Sprintf("%s, %s, %s", d.Host, d.City, q.loc.Country(d.Country))},
		{Term: q.loc.T("office.asks"), Text: asks(q, d.Language, d.CEFR, d.Cycle, d.ISCEDF)},
		{Term: q.loc.T("call.term"), Text: q.loc.T("term."+d.Term) + " · " + d.Unit},
	}
	if d.StartsOn != nil && d.EndsOn != nil {
		rows = append(rows, page.Fact{Term: q.loc.T("destinations.stay"), Text: dayWords(q.loc, *d.StartsOn) + " – " + dayWords(q.loc, *d.EndsOn)})
	}
	if d.HostClosesAt != nil {
		rows = append(rows, page.Fact{Term: q.loc.T("call.host_deadline"), When: page.DeadlineOf(inZone(q.loc, value(d.HostDeadlineZone)), *d.HostClosesAt, q.now)})
	}
	for _, x := range v.stock {
		text := q.loc.T("destinations.stock", "Places", q.loc.Number(int(x.Places)), "Held", q.loc.Number(int(x.Held)))
		if v.hidden() {
			text = q.loc.N("catalogue.places", int(x.Places))
		} else if x.Overbooked != 0 {
			text = q.loc.T("destinations.stock_over", "Places", q.loc.Number(int(x.Places)), "Held", q.loc.Number(int(x.Held)), "Over", q.loc.Number(int(x.Overbooked)))
		}
		rows = append(rows, page.Fact{Term: q.loc.T("destinations.places_in", "Term", q.loc.T("term."+x.Term)), Text: text})
	}
	return rows
}

// concernedPart lists whose application is about the destination now.
func (q *request) concernedPart(v destinationView) page.Part {
	t := page.Table{Caption: q.loc.T("destinations.people"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.name")}, {Label: q.loc.T("destinations.choice"), Numeric: true}, {Label: q.loc.T("office.state")}, {Label: q.loc.T("destinations.there")},
	}, Empty: page.EmptyState{Title: q.loc.T("destinations.nobody"), Text: q.loc.T("destinations.nobody_text")}}
	for _, a := range v.people {
		there := page.Cell{}
		switch {
		case a.Nomination != "":
			there.Tag = nominationTag(q.loc, a.Nomination)
		case a.Offer != "":
			there.Tag = page.Tag{Label: q.loc.T("destinations.offer_" + a.Offer), Tone: page.Success}
		case a.Waiting:
			there.Tag = page.Tag{Label: q.loc.T("destinations.waits"), Tone: page.Info}
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: full(a.GivenNames, a.FamilyNames), Href: filePath(a.ID), Note: a.Unit}, positionCell(q, int(a.Position)), {Tag: stateTag(q.loc, v.def, a.State)}, there,
		}})
	}
	if !slices.ContainsFunc(t.Rows, func(r page.Row) bool { return r.Cells[3].Tag.Label != "" }) { // nobody is there yet
		t.Columns = t.Columns[:3]
		for i := range t.Rows {
			t.Rows[i].Cells = t.Rows[i].Cells[:3]
		}
	}
	return page.Part{ID: "people", Title: q.loc.T("destinations.people"), Text: q.loc.T("destinations.people_text"), Table: t}
}

func positionCell(q *request, position int) page.Cell {
	if position == 0 {
		return page.Cell{Text: "–"}
	}
	return page.Cell{Text: q.loc.Number(position)}
}
