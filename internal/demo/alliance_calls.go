package demo

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"peregrine/internal/demo/data"
	"peregrine/internal/intake"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
)

// opening is one call to be: of a unit for a term of an academic year, by the
// year it begins in, as the files write it; or of all units.
type opening struct {
	at           *house
	year         int
	units        []string
	term         intake.Term
	destinations int // of each unit
	places       int
	opens, ends  string // written wall minutes
}

var termWords = map[intake.Term]mobility.Texts{
	intake.TermAutumn: {"en": "autumn", "cs": "podzim"},
	intake.TermSpring: {"en": "spring", "cs": "jaro"},
}

// openFor imports the agreements of the call, makes it and opens it.
func (h *chronicle) openFor(o opening) *call {
	ids := h.agree(o)
	p := h.plan(data.CallAlliance)
	if h.err != nil {
		return nil
	}
	where := "all faculties"
	kde := "všechny fakulty"
	if len(o.units) == 1 {
		where, kde = o.units[0], o.units[0]
	}
	p.Institution, p.Zone, p.AcademicYear = o.at.Domain, o.at.Zone, written(o.year)
	p.Title = mobility.Texts{
		"en": fmt.Sprintf("Study stays %s, %s, %s", p.AcademicYear, where, termWords[o.term]["en"]),
		"cs": fmt.Sprintf("Studijní pobyty %s, %s, %s", p.AcademicYear, kde, termWords[o.term]["cs"]),
	}
	p.Units = o.units
	p.Contact = process.ContactPlan{Email: "exchange@" + o.at.label() + ".example"}
	stay := process.StayPlan{Begins: fmt.Sprintf("%d-09-06", o.year), Ends: fmt.Sprintf("%d-01-28", o.year+1)}
	if o.term == intake.TermSpring {
		stay = process.StayPlan{Begins: fmt.Sprintf("%d-02-07", o.year+1), Ends: fmt.Sprintf("%d-06-30", o.year+1)}
	}
	p.Rounds = []process.RoundPlan{{
		Opens: o.opens, Closes: o.ends, AssessBy: h.later(o.ends, 30*24*time.Hour),
		Destinations: []process.DestinationPlan{{Agreements: ids, Stays: map[string]process.StayPlan{string(o.term): stay}}},
	}}
	made := h.later(o.opens, -5*24*time.Hour)
	return h.openPlan(o.at.officer, made, p)
}

// written is an academic year as the files write it.
func written(year int) string { return fmt.Sprintf("%d/%02d", year, (year+1)%100) }

// later is a written wall minute so much later.
func (h *chronicle) later(minute string, later time.Duration) string {
	w, err := mobility.ParseWall(minute)
	h.fail(err)
	return mobility.WallOf(w.Time().Add(later)).String()
}

// agree imports agreements of the call's units with hosts in turn, and returns
// home's ids of them.
func (h *chronicle) agree(o opening) []string {
	hosts := h.hosts(o.at)
	if h.err != nil {
		return nil
	}
	var rows []intake.Agreement
	var ids []string
	for u, unit := range o.units {
		for n := range o.destinations {
			due := time.Date(o.year, time.May, 1, 23, 59, 0, 0, time.UTC)
			if o.term == intake.TermSpring {
				due = time.Date(o.year, time.October, 15, 23, 59, 0, 0, time.UTC)
			}
			id := fmt.Sprintf("%s-%s-%d%s-%03d", o.at.label(), unit, o.year, o.term[:1], n+1)
			rows = append(rows, intake.Agreement{
				Row: len(rows) + 2, HomeUnit: unit, HostCode: hosts[(n+7*u)%len(hosts)], ISCED: []string{"041", "061", "071", "081"}[n/len(hosts)%4],
				Places: o.places, Months: 5, Languages: []intake.Language{{Language: "en", Level: "B1"}}, Term: o.term, AcademicYear: o.year + h.years(),
				Deadline:        mobility.WallOf(due.AddDate(0, 0, h.days)),
				HomeAgreementID: id, HostAgreementID: "P-" + id, SelectedBy: "home",
			})
			ids = append(ids, id)
		}
	}
	_, err := h.Process.ImportAgreements(h.ctx, h.when(longAgo), o.at.id, rows)
	h.fail(err)
	return ids
}

// hosts are the partners of a member: whoever there is somebody to write to at.
func (h *chronicle) hosts(of *house) []string {
	f, err := intake.StaffRoles(data.Staff, intake.Known{})
	h.fail(err)
	var out []string
	for _, row := range f.Rows {
		if row.Role == "host" && row.Institution != of.Code {
			out = append(out, row.Institution)
		}
	}
	return out
}

// firstYear is the academic year of the small world's last call but one: the
// years before it are over.
const firstYear = 2026

// past plays the years whose stays are over: several calls a year of the
// institution whose world this is, and in the last of them one of every other.
func (h *chronicle) past() {
	for year := firstYear - h.Years; year < firstYear && h.err == nil; year++ {
		var all []*played
		at := h.houses[home]
		for n := range h.CallsAYear {
			term := intake.TermAutumn
			if n >= len(at.unitCodes) {
				term = intake.TermSpring
			}
			all = append(all, h.year(at, year, at.unitCodes[n%len(at.unitCodes)], term))
		}
		for _, domain := range slices.Sorted(maps.Keys(h.houses)) {
			if other := h.houses[domain]; domain != home && year == firstYear-1 {
				all = append(all, h.year(other, year, other.unitCodes[0], intake.TermAutumn))
			}
		}
		h.publishAll(all, year)
		h.answerAll(all, year)
		h.stays(all, year)
		h.tell("%s: %d calls", written(year+h.years()), len(all))
	}
}

// played is a call with who applied.
type played struct {
	*call
	parts []*part
}

// year opens a call in December and lets people of the unit apply.
func (h *chronicle) year(at *house, year int, unit string, term intake.Term) *played {
	o := opening{
		at: at, year: year, units: []string{unit}, term: term, destinations: 8, places: 3,
		opens: fmt.Sprintf("%d-12-10 08:00", year-1), ends: fmt.Sprintf("%d-01-31 23:59", year),
	}
	if h.CallsAYear > len(at.unitCodes) {
		o.destinations = 12
	}
	p := &played{call: h.openFor(o)}
	if h.err != nil {
		return p
	}
	people := at.students[at.units[unit]]
	wanted := min(h.Applicants, len(people))
	applying := make([]student, wanted)
	for n := range applying {
		h.offered++
		applying[n] = people[h.offered%len(people)]
	}
	p.parts = h.plant(p.call, at, applying, time.Duration(40*24)*time.Hour)
	return p
}

// large is the call of this year with very many candidates: it closed some
// weeks ago, everybody is marked, and the first order is computed.
func (h *chronicle) large() {
	at := h.houses[home]
	o := opening{
		at: at, year: firstYear + 1, units: at.unitCodes, term: intake.TermSpring, places: 25,
		destinations: max(h.Destinations/len(at.unitCodes), 4), opens: "2026-11-20 08:00", ends: "2027-01-02 23:59",
	}
	c := h.openFor(o)
	if h.err != nil {
		return
	}
	var people []student
	for n := 0; len(people) < h.Candidates; n++ {
		before := len(people)
		for _, unit := range at.unitCodes {
			if all := at.students[at.units[unit]]; n < len(all) && len(people) < h.Candidates {
				people = append(people, all[n])
			}
		}
		if len(people) == before {
			break
		}
	}
	h.plant(c, at, people, 42*24*time.Hour)
	if h.err != nil {
		return
	}
	_, err := h.Process.ComputeRanking(h.ctx, at.officer, c.round, h.when("2027-01-18 16:00"))
	h.fail(err)
	h.tell("one call with %d candidates", len(people))
}
