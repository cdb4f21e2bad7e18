package letter

import (
	"time"

	"github.com/shopspring/decimal"
)

// Sample is a letter filled with invented data, for previews, for the style
// guide and for tests.
type Sample struct {
	Name   string // usual, bare (nothing optional), hard, long or single
	Letter Letter
}

// Samples returns every kind of letter as it usually is, with nothing that is
// optional, and with the hardest data: a name written from right to left with
// markup in everything and four choices; the longest names and reasons; one
// name and one choice.
func Samples() []Sample {
	var out []Sample
	for _, s := range []sampler{usualSampler(), bareSampler(), hardSampler(), longSampler(), singleSampler()} {
		for _, l := range s.letters() {
			out = append(out, Sample{Name: s.name, Letter: l})
		}
	}
	return out
}

// sampler holds what sample letters are filled with.
type sampler struct {
	name    string
	full    bool // optional parts too
	frame   Frame
	file    File
	student string
	places  []Place
	prose   Prose
	until   Until
	at      time.Time
}

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return z
}

const sampleBase = "https://peregrine.example.edu"

func usualSampler() sampler {
	prague := zone("Europe/Prague")
	at := time.Date(2027, time.March, 5, 14, 20, 0, 0, prague)
	return sampler{
		name: "usual", full: true, at: at,
		frame: Frame{
			Base:   sampleBase,
			Reader: Reader{Name: "Jana Nováková", Zone: prague},
			Office: Office{"International Relations Office", "Mendel University in Brno", "mobility@example.edu", "+420 500 000 000"},
		},
		file:    File{"Study stays 2027/28", prague, sampleBase + "/applications/0190c7"},
		student: "Jana Nováková",
		places: []Place{
			{"Fontys University of Applied Sciences", "Eindhoven", "NL", "winter semester 2027/28"},
			{"Aalto University", "Espoo", "FI", "winter semester 2027/28"},
		},
		prose: "The transcript of records is dated 2024. Please send the current one.",
		until: Until{time.Date(2027, time.March, 12, 12, 1, 0, 0, prague), prague},
	}
}

func bareSampler() sampler {
	s := usualSampler()
	s.name, s.full = "bare", false
	s.frame.Reader.Name, s.frame.Office.Phone = "", ""
	s.places = s.places[:1]
	return s
}

// optional returns v, or nil for a sample without optional parts.
func optional[T any](s sampler, v T) *T {
	if !s.full {
		return nil
	}
	return &v
}

func (s sampler) note() Prose {
	if !s.full {
		return ""
	}
	return s.prose
}

func (s sampler) number(n int) int {
	if !s.full {
		return 0
	}
	return n
}

func (s sampler) result() *Points {
	return optional(s, Points{Reached: decimal.RequireFromString("82.5"), Of: decimal.NewFromInt(100)})
}

func (s sampler) appeal() Appeal {
	return Appeal{
		Text:    "Write to the dean of your faculty within eight days and say what you think is wrong.",
		Contact: "appeals@example.edu", Until: optional(s, s.until),
	}
}

// letters returns one letter of every kind, in the order of Kinds.
func (s sampler) letters() []Letter {
	return append(append(s.applicationLetters(), s.placeLetters()...), s.closingLetters()...)
}

func (s sampler) applicationLetters() []Letter {
	link := Link(s.frame.Base + "/sign-in/link/abc_DEF-123?a=1&x=1")
	choices := make([]Choice, len(s.places))
	waiting := make([]Waiting, len(s.places))
	outcomes := make([]Outcome, len(s.places))
	for i, p := range s.places {
		choices[i] = Choice{i + 1, p}
		waiting[i] = Waiting{p, i + 2}
		outcomes[i] = Outcome{p, "all places went to applicants with more points"}
	}
	until := optional(s, s.until)
	touched := Touched{Again: s.full, Holding: !s.full}
	return []Letter{
		SignIn{s.frame, link, "KX4M9T", 30, s.number(20)},
		AddressChanged{s.frame, "jana.novakova@example.org", s.at},
		Registered{s.frame, s.file.Call, s.file.Link},
		RegistrationRefused{s.frame, s.file.Call, s.note(), s.file.Link},
		DeadlineMoved{s.frame, s.file, "the end of the call", until, s.until, s.note()},
		LateLink{s.frame, s.file.Call, link, s.until},
		Receipt{s.frame, s.file, 2, s.at, choices, until},
		Withdrawn{s.frame, s.file, s.at, until},
		Returned{s.frame, s.file, s.prose, []string{"Transcript of records", "Question 4: *motivation*"}, s.until},
		Ineligible{s.frame, s.file, s.prose, s.appeal()},
		Reopened{s.frame, s.file, s.prose, until},
		DestinationDropped{s.frame, s.file, touched, s.places[0], s.number(2), s.prose, until},
		DestinationChanged{s.frame, s.file, touched, s.places[0], s.number(1), []string{"Places: 5 → 3", "Language: English *B1* → English B2"}, s.prose, until},
		DestinationAdded{s.frame, s.file, Touched{Draft: s.full}, s.places[0], "English B2", s.note(), until},
		RulesAmended{s.frame, s.file, []string{"Method: down the list → deferred acceptance", "Essay: *the marks change*, it is marked again"}, s.prose},
		s.provisional(waiting, outcomes),
		AppealReceived{s.frame, s.file, 7, s.at, s.prose},
		AppealAnswered{s.frame, s.file, 7, s.at, s.full, s.full, s.prose},
		AppealAssigned{s.frame, s.file.Call, s.file.Zone, s.file.Link, 7, s.at},
		Offer{s.frame, s.file, s.places[0], s.until, s.number(1), s.number(3), s.result(), !s.full, false, s.words("a place on the reserve"), s.full, !s.full, optional(s, s.places[len(s.places)-1])},
		GrantAwarded{s.frame, s.file, s.places[0]},
		Reserve{s.frame, s.file, s.result(), waiting, until, s.words("a place at Aalto University")},
		s.notSelected(outcomes),
	}
}

// provisional is a place, in the bare sample a no without reasons, in the hard
// one everything there can be.
func (s sampler) provisional(waiting []Waiting, outcomes []Outcome) ProvisionalResult {
	l := ProvisionalResult{Frame: s.frame, File: s.file, Points: s.result(), Appeal: s.appeal(), Until: s.until}
	l.Appeal.Until = nil
	switch {
	case len(s.places) > 2:
		l.Waiting, l.Choices, l.Rule = waiting, outcomes, "points, then the higher year of study"
	case s.full:
		l.Place = &s.places[0]
	}
	return l
}

func (s sampler) words(text string) string {
	if !s.full {
		return ""
	}
	return text
}

// notSelected has reasons of a ranking, or in the bare sample an officer's.
func (s sampler) notSelected(outcomes []Outcome) NotSelected {
	l := NotSelected{Frame: s.frame, File: s.file, Points: s.result(), Appeal: s.appeal(), Earlier: s.words("a place on the reserve")}
	if s.full {
		l.Rule, l.Choices = "points, then the higher year of study", outcomes
	} else {
		l.Reason = s.prose
	}
	return l
}

func (s sampler) placeLetters() []Letter {
	p := s.places[0]
	link := Link(s.frame.Base + "/host/abc_DEF-123")
	until := optional(s, s.until)
	return []Letter{
		Confirmed{s.frame, s.file, p, s.at},
		Declined{s.frame, s.file, p, s.at, s.full},
		Lapsed{s.frame, s.file, p, s.until},
		OfferWithdrawn{s.frame, s.file, p, s.prose, s.note()},
		Nominated{s.frame, s.file, p, until},
		HostNominations{s.frame, p.Host, 3, link, s.at.AddDate(0, 1, 0), until},
		HostCode{s.frame, "493027", 15},
		HostCancelled{s.frame, p.Host, s.student, p.Term, link},
		Accepted{s.frame, s.file, p},
		AcceptedOffice{s.frame, s.file, s.student, p, s.note()},
		RefusedOffice{s.frame, s.file, s.student, p, "no places left in the field", s.note(), !s.full},
		Refused{s.frame, s.file, p, "no places left in the field"},
		ToPlace{s.frame, s.file, p, "no places left in the field"},
		Cancelled{s.frame, s.file, p, s.prose, s.full},
	}
}

func (s sampler) closingLetters() []Letter {
	p := s.places[0]
	list := Link(s.frame.Base + "/office/calls/0190c7/candidates")
	until := optional(s, s.until)
	late := s.frame
	late.Late = optional(s, s.at)
	return []Letter{
		Enrolled{s.frame, s.file, p, s.at},
		Completed{s.frame, s.file, p},
		Correction{s.frame, s.file, "The result of your application: " + s.file.Call, s.at, s.prose, "A mark had been entered for somebody else."},
		RemindDraft{late, s.file, s.until},
		RemindComplete{late, s.file, []string{"Transcript of records"}, s.until},
		RemindConfirm{late, s.file, p, s.until},
		RemindNominate{late, s.file.Call, p.Host, 5, s.until, list},
		RemindHost{late, p.Host, 2, Link(s.frame.Base + "/host/abc_DEF-123"), until},
		RemindCoordinator{late, s.file.Call, 14, until, !s.full, list},
		RemindDocuments{late, s.file, s.until},
		Digest{s.frame, []string{"Studies 2027/28: 14 applications to assess", "Studies 2027/28: 1 appeal to decide"}, s.full, list, Link(s.frame.Base + "/account")},
		Announcement{s.frame, s.words(s.file.Call), s.file.Link, "you have a place at Aalto University in this call."},
	}
}
