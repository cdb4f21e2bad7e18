package web

import (
	"context"
	"net/http"
	"time"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// The calls of the house.
var _ = screen(func(s *Server) []Route {
	return []Route{{Pattern: "GET /office/calls", Guard: Coordinator, Handle: s.listOfficeCalls, Nav: "nav.calls_office", NavOrder: 110}}
})

func (s *Server) listOfficeCalls(q *request) error {
	var calls []store.OfficeCallsRow
	err := s.read(q, func(_ context.Context, db store.DBTX) (err error) {
		calls, err = queries.OfficeCalls(q.ctx(), db, store.OfficeCallsParams{Institutions: q.house(), Self: q.actor.Person})
		return err
	})
	if err != nil {
		return err
	}
	p := page.Office{Base: s.base(q, q.loc.T("office.calls")), Parts: []page.Part{{Table: q.callTable(calls)}}}
	p.Lead = q.loc.T("office.calls_lead")
	return s.render(q, http.StatusOK, p)
}

func (q *request) callTable(calls []store.OfficeCallsRow) page.Table {
	t := page.Table{
		Caption: q.loc.T("office.calls"), HideCaption: true,
		Columns: []page.Column{{Label: q.loc.T("office.call")}, {Label: q.loc.T("office.where_it_is")}, {Label: q.loc.T("office.next_date")}, {Label: q.loc.T("work.files"), Numeric: true}},
		Empty:   page.EmptyState{Title: q.loc.T("office.no_calls"), Text: q.loc.T("office.no_calls_text")},
	}
	for _, c := range calls {
		stage := stageOf(callDates{c.OpenedAt, c.OpensAt, c.ClosesAt, c.AssessBy, c.PublishedAt}, q.now)
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: c.Title.In(q.loc.Lang()), Href: callPath(c.ID), Note: q.loc.T("programme."+c.Programme) + " · " + c.AcademicYear},
			{Tag: page.Tag{Label: q.loc.T("stage." + string(stage)), Tone: stage.tone()}},
			{When: stage.next(callDates{c.OpenedAt, c.OpensAt, c.ClosesAt, c.AssessBy, c.PublishedAt}).moment(q, c.Zone)},
			numbered(q.loc, c.Files, callPath(c.ID, "candidates")),
		}})
	}
	return t
}

// stage is where a call stands.
type stage string

const (
	stagePrepared  stage = "prepared"  // not in the catalogue yet
	stageAnnounced stage = "announced" // in the catalogue, takes nothing yet
	stageOpen      stage = "open"
	stageAssessed  stage = "assessed" // closed, being assessed and ranked
	stagePublished stage = "published"
)

// callDates are what a stage follows from.
type callDates struct {
	opened, opens, closes, assess, published *time.Time
}

func stageOf(d callDates, now time.Time) stage {
	switch {
	case d.opened == nil:
		return stagePrepared
	case d.published != nil:
		return stagePublished
	case d.closes != nil && !mobility.Open(now, *d.closes):
		return stageAssessed
	case d.opens != nil && now.Before(*d.opens):
		return stageAnnounced
	}
	return stageOpen
}

func (s stage) tone() page.Tone {
	switch s {
	case stageOpen:
		return page.Success
	case stageAssessed:
		return page.Accent
	case stageAnnounced:
		return page.Info
	case stagePublished, stagePrepared:
	}
	return page.Neutral
}

// nextDate is the date a call waits for.
type nextDate struct {
	at    time.Time
	begin bool // a beginning, not a deadline
}

func (s stage) next(d callDates) nextDate {
	switch s {
	case stagePrepared, stageAnnounced:
		return nextDate{value(d.opens), true}
	case stageOpen:
		return nextDate{value(d.closes), false}
	case stageAssessed:
		return nextDate{value(d.assess), false}
	case stagePublished:
	}
	return nextDate{}
}

func (n nextDate) moment(q *request, zone string) page.Moment {
	if n.begin {
		return page.MomentOf(inZone(q.loc, zone), n.at, q.now)
	}
	return page.DeadlineOf(inZone(q.loc, zone), n.at, q.now)
}
