package demo

import (
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
)

// The story names moves and states of the built-in lifecycles: it is data
// like the files beside it, and nothing but the demo reads it.
const (
	offered   mobility.State = "offered"
	confirmed mobility.State = "confirmed"
	nominated mobility.State = "nominated"
	accepted  mobility.State = "accepted"
	toPlace   mobility.State = "to_place"
)

// free picks the students of some faculties who have no part yet.
func (s *stage) free(who func(student) bool, units ...string) []student {
	var out []student
	for _, p := range s.students {
		for _, unit := range units {
			if p.unit == unit && !s.busy[p.Person] && who(p) {
				out = append(out, p)
			}
		}
	}
	return out
}

func anybody(student) bool { return true }

// senior is who could have applied a year ago.
func senior(p student) bool { return (p.cycle == 6 && p.year >= 3) || (p.cycle > 6 && p.year >= 2) }

// applyAll lets everybody apply in the days after a date: the first never
// sends it, the second takes it back.
func (s *stage) applyAll(c *call, people []student, from string, days int) []*part {
	var out []*part
	for i, p := range people {
		f := s.start(c, p, s.within(from, days*24), true)
		out = append(out, f)
		if i == 0 || f == nil {
			continue
		}
		s.submit(f)
		if i == 1 {
			s.act(f.Actor, f, "withdraw", f.at.Add(50*time.Hour), process.Given{Reason: "I will start a job instead."})
		}
	}
	return out
}

// judge marks everybody who applied; the third is not eligible.
func (s *stage) judge(parts []*part, from string, days int) {
	for i, f := range s.in(parts, "submitted") {
		if i == 0 {
			s.act(s.office(f), f, "declare_ineligible", s.within(from, 24), process.Given{Reason: "You interrupted your studies and will not be enrolled when the stay begins."})
			continue
		}
		s.mark(f, s.within(from, days*24))
	}
}

// lastYear is over: its people came back, are away, or did not go.
func (s *stage) lastYear(c *call) {
	parts := s.applyAll(c, s.free(senior, "PEF", "AF", "LDF", "ZF", "FRRMS", "ICV"), "2025-12-18 09:00", 40)
	if s.err != nil {
		return
	}
	s.due(c, c.closes.Add(5*time.Minute))
	s.judge(parts, "2026-02-16 09:00", 14)
	s.publish(c, "2026-03-13 10:00")
	for i, f := range s.in(parts, offered) {
		switch i {
		case 0:
			s.act(f.Actor, f, "decline", s.within("2026-03-14 09:00", 10), process.Given{Reason: "I would rather finish my thesis at home."})
		case 1: // says nothing
		default:
			s.act(f.Actor, f, "confirm", s.within("2026-03-13 15:00", 100), process.Given{})
		}
	}
	s.due(c, s.when("2026-03-22 08:00"))
	for _, f := range s.in(parts, offered) { // moved up from the reserve
		s.act(f.Actor, f, "confirm", s.within("2026-03-22 12:00", 30), process.Given{})
	}
	s.nominateAll(s.in(parts, confirmed), "2026-03-25 09:00")
	s.lastYearsAnswers(s.in(parts, nominated))
	s.lastYearsStays(s.in(parts, accepted))
	s.due(c, s.when("2026-12-01 08:00")) // the reserve ends with the last host's deadline
}

func (s *stage) lastYearsAnswers(parts []*part) {
	for i, f := range parts {
		at := s.within("2026-04-02 08:00", 300)
		switch i {
		case 1:
			s.host(f, "refuse", at, process.Given{ReasonCode: string(mobility.HostRequirementsNotMet), Comment: "The certificate is older than two years."})
			s.act(s.officer, f, "end_refused", at.Add(52*time.Hour), process.Given{Reason: "No other university has a place left in your field."})
		case 3:
			s.host(f, "accept", at, process.Given{})
			s.act(s.officer, f, "cancel", at.Add(1400*time.Hour), process.Given{Reason: "You fell ill and told us that you cannot leave this year."})
		default:
			s.host(f, "accept", at, process.Given{})
		}
	}
}

// lastYearsStays: who left in autumn mostly came back; who leaves in spring
// is about to; who stays for a year is away.
func (s *stage) lastYearsStays(parts []*part) {
	back := 0
	for _, f := range parts {
		d, ok := s.placed(f)
		if !ok || d.term == "spring" {
			continue
		}
		arrived := d.begins.AddDate(0, 0, s.rnd.IntN(5))
		s.act(s.officer, f, "enrol", instantOf(arrived, s.zone, 11), process.Given{Arrival: &arrived})
		if back++; d.term == "year" || back%3 == 0 {
			continue
		}
		left := d.ends.AddDate(0, 0, -40+s.rnd.IntN(20))
		s.act(s.officer, f, "finish", instantOf(left, s.zone, 15).AddDate(0, 0, 3), process.Given{End: &left})
	}
}

func instantOf(day time.Time, zone *time.Location, hour int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), hour, 10, 0, 0, zone)
}

// placed is the destination of a nominated part.
func (s *stage) placed(f *part) (destination, bool) {
	at, err := queries.DemoPlace(s.ctx, s.DB, f.id)
	if s.fail(err) {
		return destination{}, false
	}
	for _, d := range f.choices {
		if d.id == at {
			return d, true
		}
	}
	return destination{}, false
}

// nominateAll sends nominations as an office does, in one morning. Who lacks
// an agreement number of the partner, or an identifier of their own, waits.
func (s *stage) nominateAll(parts []*part, from string) {
	at := s.when(from)
	for _, f := range parts {
		if s.err != nil {
			return
		}
		at = at.Add(3 * time.Minute)
		_, err := s.Process.Move(s.ctx, s.officer, process.MoveRequest{Application: f.id, Move: "nominate", Arrived: at})
		if mobility.KindOf(err) != mobility.Conflict {
			s.fail(err)
		}
	}
}

// early was published some days ago: everything is under way.
func (s *stage) early(c *call) {
	parts := s.applyAll(c, s.free(anybody, "AF", "LDF"), "2026-11-03 09:00", 30)
	if s.err != nil {
		return
	}
	s.due(c, c.closes.Add(5*time.Minute))
	s.judge(parts, "2026-12-09 09:00", 20)
	s.publish(c, "2027-01-13 10:00")
	list := s.in(parts, offered)
	for i, f := range list {
		switch {
		case i == 0:
			s.act(f.Actor, f, "decline", s.within("2027-01-13 13:00", 3), process.Given{Reason: "My family needs me at home next year."})
		case i%4 != 3: // every fourth still thinks about it
			s.act(f.Actor, f, "confirm", s.within("2027-01-13 17:00", 40), process.Given{})
		}
	}
	s.due(c, s.when("2027-01-15 10:00"))
	sure := s.in(parts, confirmed)
	s.nominateAll(sure[:max(0, len(sure)-2)], "2027-01-15 13:00")
	s.answer(s.in(parts, nominated))
}

// answer lets some hosts answer at once; the others still have time.
func (s *stage) answer(parts []*part) {
	for i, f := range parts {
		at := s.within("2027-01-16 08:00", 50)
		switch {
		case i == 0:
			s.host(f, "refuse", at, process.Given{ReasonCode: string(mobility.HostNoPlace), Comment: "Our programme is full this autumn. Spring would be possible."})
		case i%3 == 1:
			s.host(f, "accept", at, process.Given{Comment: "Welcome! We write to the student about housing in May."})
		}
	}
}

// week is the programme at Fontys: offers are open.
func (s *stage) week(c *call) {
	people := s.free(anybody, "PEF")
	parts := s.applyAll(c, people[:min(16, len(people))], "2026-12-02 09:00", 30)
	if s.err != nil {
		return
	}
	s.due(c, c.closes.Add(5*time.Minute))
	s.judge(parts, "2027-01-11 08:00", 2)
	s.publish(c, "2027-01-14 10:00")
	for i, f := range s.in(parts, offered) {
		switch {
		case i == 2:
			s.act(f.Actor, f, "decline", s.within("2027-01-14 12:00", 6), process.Given{})
		case i%2 == 0:
			s.act(f.Actor, f, "confirm", s.within("2027-01-14 19:00", 60), process.Given{})
		}
	}
	s.due(c, s.when("2027-01-17 12:00"))
	sure := s.in(parts, confirmed)
	s.nominateAll(sure, "2027-01-18 09:00")
	for i, f := range s.in(parts, nominated) {
		if i == 0 {
			s.host(f, "accept", s.within("2027-01-18 13:00", 3), process.Given{})
		}
	}
	for _, p := range people {
		delete(s.busy, p.Person) // the week keeps nobody from applying for a semester
	}
}

// current is open: people write, send, take back, and are asked for more.
func (s *stage) current(c *call) {
	var writing []*part
	for i, p := range s.free(anybody, "PEF", "ZF", "FRRMS", "ICV") {
		if i%7 == 6 {
			continue // has not begun
		}
		if i%7 < 2 {
			writing = append(writing, s.start(c, p, s.within("2027-01-05 08:00", 13*24), i%4 == 0))
			continue
		}
		f := s.start(c, p, s.within("2026-12-16 08:00", 26*24), true)
		s.submit(f)
		s.goOn(f, i)
	}
	s.longer(c, writing)
}

// goOn is what happens to a sent application while the call is open.
func (s *stage) goOn(f *part, i int) {
	if s.err != nil {
		return
	}
	day := f.at.Add(26 * time.Hour)
	switch i % 14 {
	case 3:
		by, err := s.wall("2027-01-26 18:00")
		s.fail(err)
		s.act(s.office(f), f, "return", day, process.Given{
			Reason:     "The proposal for your first choice lists courses of another faculty. Please agree on others with the partner and upload it again.",
			Questions:  []string{mobility.AnswerKey("learning_agreement", f.choices[0].id.String())},
			CompleteBy: &by,
		})
	case 4:
		s.act(f.Actor, f, "withdraw", day, process.Given{})
	case 9:
		s.act(s.office(f), f, "declare_ineligible", day, process.Given{Reason: "You have already spent twelve months abroad at this level of study, which is all that Erasmus+ allows."})
	case 10:
		s.again(f, day)
	}
}

// again sends a newer version with the choices turned round.
func (s *stage) again(f *part, at time.Time) {
	ids := make([]uuid.UUID, len(f.choices))
	for i, d := range f.choices {
		ids[len(ids)-1-i] = d.id
	}
	var err error
	f.revision, err = s.Process.SaveDraft(s.ctx, f.Actor, process.DraftSave{Application: f.id, Revision: f.revision, Choices: ids, Arrived: at})
	s.fail(err)
	s.act(f.Actor, f, "resubmit", at.Add(9*time.Minute), process.Given{})
}
