package demo

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"peregrine/internal/mobility"
)

// choose picks one to four destinations of the person's faculty that take
// their level, in at most two languages. The ones listed first are wanted by
// more people, so that there is something to rank.
func (s *stage) choose(c *call, p student) []destination {
	fits := slices.DeleteFunc(slices.Clone(c.destinations[c.units[p.unit]]), func(d destination) bool {
		return d.cycle != 0 && d.cycle != p.cycle
	})
	want := min(1+s.rnd.IntN(c.plan.MaxChoices), len(fits))
	languages := map[string]bool{}
	var out []destination
	for len(out) < want && len(fits) > 0 {
		at := s.chooseAmong(fits)
		d := fits[at]
		fits = slices.Delete(fits, at, at+1)
		if !languages[d.language] && c.plan.MaxLanguages > 0 && len(languages) == c.plan.MaxLanguages {
			continue
		}
		languages[d.language] = true
		out = append(out, d)
	}
	return out
}

// answers fills in the form; a form that is not whole lacks what comes last.
func (s *stage) answers(c *call, whole bool) mobility.Answers {
	out := mobility.Answers{}
	for _, q := range c.plan.Form.Questions {
		switch q.Kind {
		case mobility.QuestionLong:
			out[q.Key] = motivation(s.rnd, whole)
		case mobility.QuestionChoice:
			out[q.Key] = q.Options[s.option(c, len(q.Options))].Value
		case mobility.QuestionYes:
			if (q.Required && whole) || (!q.Required && s.rnd.IntN(4) == 0) {
				out[q.Key] = "yes"
			}
		}
	}
	return out
}

// option picks any answer but the first, which is the weakest; a few of the
// spring's crowd give it, so that a condition keeps somebody out.
func (s *stage) option(c *call, options int) int {
	at := min(1+s.rnd.IntN(options), options-1)
	if len(c.plan.Selection.Shares) > 0 && s.rnd.IntN(40) == 0 {
		return 0
	}
	return at
}

// What people write, in sentences that go together in any order.
var (
	openings = []string{
		"I grew up in a village where everybody knew everybody, and I would like to find out how I manage where nobody knows me.",
		"In my second year I wrote a paper on cooperatives in northern Europe and kept wondering what they look like from inside.",
		"Two friends came back from such a stay changed for the better; I listened to them for a whole evening and made up my mind.",
		"Jako první z rodiny studuji na vysoké škole a jako první bych také studoval(a) v zahraničí.",
	}
	middles = []string{
		"The courses I chose are not taught at home, and they fit what I want to write my thesis about.",
		"I have worked part-time in a small company that exports; each day I see how much depends on understanding the other side.",
		"My faculty cooperates with this university already, so that what I bring back will be of use to others as well.",
		"Vybrané předměty navazují na moji bakalářskou práci a na domácí fakultě se nevyučují.",
	}
	ends = []string{
		"When I come back I will gladly help incoming students, as others helped me in my first weeks.",
		"I know that it will not always be easy, and that is part of the reason why I want to go.",
		"Po návratu se chci zapojit do programu buddy a předat zkušenosti dalším studentům.",
	}
	courses = []string{
		"Introduction to circular economy, 6 ECTS", "Soil and water management, 5 ECTS", "Data analysis with R, 6 ECTS",
		"European rural policy, 4 ECTS", "Intercultural communication, 3 ECTS", "Statistics II, 5 ECTS", "Field course, 7 ECTS", "Language course, 3 ECTS",
	}
)

func motivation(rnd *rand.Rand, whole bool) string {
	out := openings[rnd.IntN(len(openings))]
	if !whole {
		return out
	}
	return strings.Join([]string{out, middles[rnd.IntN(len(middles))], ends[rnd.IntN(len(ends))]}, "\n\n")
}

func subjects(rnd *rand.Rand) []string {
	out := []string{"Courses:"}
	first := rnd.IntN(len(courses))
	for i := range 4 {
		out = append(out, fmt.Sprintf("%d. %s", i+1, courses[(first+i)%len(courses)]))
	}
	return out
}

func slug(code string) string { return strings.ToLower(strings.ReplaceAll(code, " ", "")) }
