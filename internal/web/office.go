package web

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/selection"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// What the screens of coordinators and offices share.

// house are the institutions whose files the actor may work on. Row-level
// security narrows this further; without it an officer would also find here
// the records that partners share with their institution.
func (q *request) house() []uuid.UUID { return q.actor.Institutions() }

// duty is what a file in a state waits for. It follows from the state's
// properties, so that every lifecycle sorts itself.
type duty string

// The duties, in the order a call goes through them.
const (
	dutyNone       duty = ""
	dutyAssess     duty = "assess"     // check and give points
	dutyReturned   duty = "returned"   // the applicant completes
	dutyIneligible duty = "ineligible" // closed with the result, may be objected to
	dutyOffers     duty = "offers"     // the applicant answers an offer
	dutyReserve    duty = "reserve"    // waits for a place to be freed
	dutyPlace      duty = "place"      // the office finds a way
	dutyNominate   duty = "nominate"   // the office proposes to the host
	dutyAnswers    duty = "answers"    // the host answers
	dutyArrivals   duty = "arrivals"   // the office records the arrival
	dutyStays      duty = "stays"      // the office records the end
)

var duties = []duty{
	dutyAssess, dutyReturned, dutyIneligible, dutyOffers, dutyReserve, dutyPlace, dutyNominate, dutyAnswers, dutyArrivals, dutyStays,
}

// dutyOf sorts a state.
func dutyOf(p mobility.Properties) duty {
	switch p.Phase {
	case mobility.PhaseDraft, mobility.PhaseClosed:
		return dutyNone
	case mobility.PhaseEnrolled:
		return dutyStays
	case mobility.PhaseAccepted:
		return dutyArrivals
	case mobility.PhaseNominated, mobility.PhaseSubmitted:
	}
	switch {
	case p.Nomination == mobility.NominationLive:
		return dutyAnswers
	case p.Offer == mobility.OfferOpen:
		return dutyOffers
	case p.Offer == mobility.OfferConfirmed:
		return dutyNominate
	case p.Turn == mobility.TurnCoordinator:
		return dutyAssess
	case p.Turn == mobility.TurnApplicant:
		return dutyReturned
	case p.Decision == mobility.DecisionNegative:
		return dutyIneligible
	case p.Visible == mobility.VisibleWhenPublished:
		return dutyReserve
	}
	return dutyPlace
}

// statesOf lists the states of a definition with one of the duties.
func statesOf(def *lifecycle.Definition, wanted ...duty) []string {
	var out []string
	for _, s := range def.States {
		if slices.Contains(wanted, dutyOf(s.Properties)) {
			out = append(out, string(s.Name))
		}
	}
	return out
}

// stateLabel is a state in the office's words; one the definition no longer
// has shows its name.
func stateLabel(loc locale.Printer, def *lifecycle.Definition, name mobility.State) string {
	if s, ok := def.State(name); ok {
		return s.Label[lifecycle.AudienceOffice].In(loc.Lang())
	}
	return string(name)
}

func stateTag(loc locale.Printer, def *lifecycle.Definition, name mobility.State) page.Tag {
	s, ok := def.State(name)
	if !ok {
		return page.Tag{Label: string(name)}
	}
	tag := page.StateTag(s.Label[lifecycle.AudienceOffice].In(loc.Lang()), s.Phase, s.Decision)
	if dutyOf(s.Properties) == dutyReturned {
		tag.Tone = page.Warning
	}
	return tag
}

// callPath is the address of a call's page for offices.
func callPath(call uuid.UUID, rest ...string) string {
	return strings.Join(append([]string{"/office/calls/" + call.String()}, rest...), "/")
}

func filePath(application uuid.UUID) string { return "/office/applications/" + application.String() }

func personPath(person uuid.UUID) string { return "/office/people/" + person.String() }

func rankingPath(ranking uuid.UUID) string { return "/office/rankings/" + ranking.String() }

// isOfficer reports whether the actor works in an international office.
func (q *request) isOfficer() bool { return Officer.admits(q.actor) }

// callTabs are the pages of one call, the current one marked.
func (q *request) callTabs(call uuid.UUID, here string) []page.NavItem {
	tabs := []string{"", "candidates", "marks"}
	if q.mayAssign() {
		tabs = append(tabs, "assessors")
	}
	tabs = append(tabs, "ranking", "rules")
	if q.isOfficer() {
		tabs = append(tabs, "nominations")
	}
	var out []page.NavItem
	for _, tab := range tabs {
		label, path := q.loc.T("office.tab_"+tab), callPath(call, tab)
		if tab == "" {
			label, path = q.loc.T("office.tab_call"), callPath(call)
		}
		out = append(out, page.NavItem{Label: label, Href: path, Current: tab == here})
	}
	return out
}

// callCrumbs lead back from a page of a call.
func (q *request) callCrumbs(call uuid.UUID, title mobility.Texts) []page.Link {
	return []page.Link{{Label: q.loc.T("office.calls"), Href: "/office/calls"}, {Label: title.In(q.loc.Lang()), Href: callPath(call)}}
}

// reasonText words why a wish came out as it did, with the figures offices may see.
func (s scheme) reasonText(loc locale.Printer, data []byte) string {
	var r selection.Reason
	if err := json.Unmarshal(data, &r); err != nil {
		return ""
	}
	return s.reasonWords(loc, r)
}

// reasonWords words one reason.
func (s scheme) reasonWords(loc locale.Printer, r selection.Reason) string {
	if r.Code == "" {
		return ""
	}
	id := r.Code
	if r.LastPoints.Valid && loc.Has(id+"_figure") {
		id += "_figure"
	}
	words := []string{loc.T(id, r.Data())}
	if gate := s.gateWords(loc, r.Gate); gate != "" {
		words = append(words, gate)
	}
	if r.Shared {
		words = append(words, loc.T("reason.shared"))
	}
	if r.ReserveFull {
		words = append(words, loc.T("reason.reserve_full"))
	}
	return strings.Join(words, " ")
}

// problemText words an error that stands beside one row of many.
func problemText(loc locale.Printer, err error) string {
	var e *mobility.Error
	if !asProblem(err, &e) {
		return loc.T("office.row_failed")
	}
	if len(e.Fields) > 0 {
		return loc.T(e.Fields[0].Code, e.Fields[0].Data)
	}
	if n, counted := e.Data["N"].(int); counted {
		return loc.N(e.Code, n, e.Data)
	}
	return loc.T(e.Code, e.Data)
}

// full is a person's name as lists sort it.
func full(given, family string) string {
	if family == "" {
		return given
	}
	return strings.TrimSuffix(family+", "+given, ", ")
}

func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// inZone is the reader's printer in a call's zone, which offices work in.
func inZone(loc locale.Printer, zone string) locale.Printer {
	if z, err := time.LoadLocation(zone); err == nil {
		return loc.In(z)
	}
	return loc
}

// numbered is a figure that leads to the list behind it.
func numbered(loc locale.Printer, n int32, href string) page.Cell {
	c := page.Cell{Text: loc.Number(int(n))}
	if n > 0 {
		c.Href = href
	}
	return c
}

func withQuery(path string, pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// pageOf reads the page asked for, from 1.
func pageOf(v url.Values) int {
	n, err := strconv.Atoi(v.Get("page"))
	if err != nil || n < 1 || n > 100000 {
		return 1
	}
	return n
}

// definitionsOf loads the lifecycles of calls, each once.
type definitionsOf map[uuid.UUID]*lifecycle.Definition

func (s *Server) definition(q *request, db store.DBTX, known definitionsOf, id uuid.UUID) (*lifecycle.Definition, error) {
	if d, ok := known[id]; ok {
		return d, nil
	}
	d, err := s.Process.Definition(q.ctx(), db, id)
	if err == nil {
		known[id] = d
	}
	return d, err
}

// asProblem reports whether err is one a person may read.
func asProblem(err error, e **mobility.Error) bool {
	return errors.As(err, e) && (*e).Kind != mobility.Internal
}

// likeText takes what somebody typed literally in a search.
func likeText(text string) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(strings.TrimSpace(text))
}

// encode is for values that cannot fail.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return []byte("{}")
	}
	return b
}
