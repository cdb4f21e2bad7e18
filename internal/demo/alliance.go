package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"go.yaml.in/yaml/v4"

	"peregrine/internal/demo/data"
	"peregrine/internal/mobility"
)

// Size is how large the alliance's world is made.
type Size struct {
	OneIn        int // of the members' people
	Years        int // of the past, whose stays are over
	CallsAYear   int // of the institution whose world this is
	Applicants   int // of each of those calls
	Candidates   int // of the one large call
	Destinations int // of the one large call
}

// Whole is the alliance as large as it is: 120,000 students, 14,000 members
// of staff, fifty calls of one office, one of them with 10,000 candidates.
func Whole() Size {
	return Size{OneIn: 1, Years: 5, CallsAYear: 9, Applicants: 60, Candidates: 10_000, Destinations: 200}
}

// SeedAlliance fills the database of a demo as Seed does, and around it with
// the whole alliance: the people of all members, calls of past years with
// their results and stays, and one call with very many candidates. People and
// what candidates sent are planted in sets; everything decided about them is
// decided by the processes that pages use.
func SeedAlliance(ctx context.Context, d Deps, size Size, now time.Time) error {
	return seed(ctx, d, now, story{world: Alliance, loaded: longAgo, play: func(s *stage) {
		h := &chronicle{stage: s, Size: size, houses: map[string]*house{}}
		h.members()
		h.settle()
		h.past()
		h.settle()
		s.tell("the calls of this year and of the last")
		play(s)
		h.large()
		h.quiet()
		h.settle()
	}})
}

// longAgo is when everybody came in where the past is told too.
const longAgo = "2020-10-05 09:00"

// chronicle is the stage on which the alliance's years are played.
type chronicle struct {
	*stage
	Size
	houses  map[string]*house // by domain
	next    int               // number of the next planted id
	offered int               // of the applicants of past calls, in turn
}

// house is a member with those who act there.
type house struct {
	member
	id           uuid.UUID
	officer      mobility.Actor
	coordinators map[uuid.UUID]mobility.Actor // by unit
	unitCodes    []string
	units        map[string]uuid.UUID
	students     map[uuid.UUID][]student // by unit
}

// member is what the files say of a member.
type member struct {
	Domain        string   `yaml:"domain"`
	Code          string   `yaml:"code"`
	Students      int      `yaml:"students"`
	Staff         int      `yaml:"staff"`
	Zone          string   `yaml:"zone"`
	Women         []string `yaml:"women"`
	Men           []string `yaml:"men"`
	FamiliesWomen []string `yaml:"families_women"`
	FamiliesMen   []string `yaml:"families_men"` // none: the same for everybody
	Units         []struct {
		Code  string `yaml:"code"`
		EN    string `yaml:"en"`
		Local string `yaml:"local"`
	} `yaml:"units"`
}

// allMembers reads the file of the members.
func allMembers() ([]member, error) {
	var file struct {
		Members []member `yaml:"members"`
	}
	if err := yaml.Load(data.Alliance, &file); err != nil {
		return nil, fmt.Errorf("read the alliance: %w", err)
	}
	return file.Members, nil
}

// label is the member's short name: its domain's, which its addresses bear.
func (m member) label() string { return m.Domain[:len(m.Domain)-3] }

// country is where the member is, by its domain.
func (m member) country() string {
	return map[string]string{"cz": "CZ", "be": "BE", "dk": "DK", "de": "DE", "fi": "FI", "lt": "LT", "nl": "NL", "pt": "PT", "se": "SE"}[m.Domain[len(m.Domain)-2:]]
}

// settle lets the database look at what it holds before much is asked of it.
func (h *chronicle) settle() {
	if h.err == nil && h.Settle != nil {
		h.fail(h.Settle(h.ctx))
	}
}

// quiet leaves out what was written so long ago that nobody sends it today.
func (h *chronicle) quiet() {
	before := h.when("2025-12-01 00:00")
	if h.err != nil {
		return
	}
	_, err := queries.PlantLetterNothing(h.ctx, h.DB, before)
	h.fail(err)
}
