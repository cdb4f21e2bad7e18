package proof_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/selection"
	"peregrine/internal/selection/proof"
)

// fare is how somebody with true wishes fares: the number of the wish granted
// from 0, how many there are for none.
func fare(t testing.TB, in selection.Input, a int, truth []selection.Wish) int {
	for _, e := range allocate(t, in).Entries {
		if c, ok := e.Placed(); ok && e.Applicant == in.Applicants[a].ID {
			return slices.IndexFunc(truth, func(w selection.Wish) bool { return w.Destination == c.Destination })
		}
	}
	return len(truth)
}

// with is in with one applicant changed.
func with(in selection.Input, a int, change func(*selection.Applicant)) selection.Input {
	in.Applicants = slices.Clone(in.Applicants)
	who := &in.Applicants[a]
	who.Wishes = slices.Clone(who.Wishes)
	change(who)
	return in
}

// lies calls f with every other list of one's own wishes, whole or shortened.
func lies(wishes []selection.Wish, f func([]selection.Wish)) {
	var extend func(list, left []selection.Wish)
	extend = func(list, left []selection.Wish) {
		f(list)
		for i := range left {
			extend(append(slices.Clone(list), left[i]), slices.Delete(slices.Clone(left), i, i+1))
		}
	}
	extend(nil, wishes)
}

// gainsByLying reports whether somebody fares better with another list.
func gainsByLying(t testing.TB, in selection.Input) (gains bool) {
	for a, who := range in.Applicants {
		honest := fare(t, in, a, who.Wishes)
		lies(who.Wishes, func(list []selection.Wish) {
			gains = gains || fare(t, with(in, a, func(x *selection.Applicant) { x.Wishes = list }), a, who.Wishes) < honest
		})
	}
	return gains
}

// losesByRising reports whether somebody fares worse with more points at one
// wish, or at all of them where everybody counts the same everywhere.
func losesByRising(t testing.TB, in selection.Input, own bool) bool {
	for a, who := range in.Applicants {
		before := fare(t, in, a, who.Wishes)
		for k := range who.Wishes {
			risen := with(in, a, func(x *selection.Applicant) {
				for j := range x.Wishes {
					if j == k || !own {
						x.Wishes[j].Points = x.Wishes[j].Points.Add(decimal.New(15, -1))
					}
				}
				if !own {
					x.Points = x.Points.Add(decimal.New(15, -1))
				}
			})
			if risen.Check() == nil && fare(t, risen, a, who.Wishes) > before { // where all count the same everywhere, quotas may cross
				return true
			}
		}
	}
	return false
}

// losesByMore reports whether somebody fares worse with a place more.
func losesByMore(t testing.TB, in selection.Input) bool {
	for p := range in.Pools {
		more := in
		more.Pools = slices.Clone(in.Pools)
		more.Pools[p].Free++
		for a, who := range in.Applicants {
			if fare(t, more, a, who.Wishes) > fare(t, in, a, who.Wishes) {
				return true
			}
		}
	}
	return false
}

// What docs/selection.md claims about honesty, improvement and more places.
func TestClaimsHold(t *testing.T) {
	claims := map[string]struct{ honest, improvement, more bool }{
		"deferred acceptance":                {true, true, true},
		"deferred acceptance, common places": {true, true, true},
		"deferred acceptance, nested quotas": {true, true, false},
		"deferred acceptance, shares":        {true, true, true},
		"deferred acceptance, one score":     {true, true, false},
		"list":                               {true, true, false},
		"lottery":                            {true, false, false},
		"first come":                         {true, false, false},
	}
	for _, p := range plans {
		claim, ok := claims[p.name]
		if !ok {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.crowd, p.choices = 4, 3
			for n := range max(instances()/25, 20) {
				in := p.instance(rand.New(rand.NewPCG(uint64(n), 4)))
				if claim.honest && gainsByLying(t, in) {
					t.Fatalf("instance %d: a lie pays\n%s", n, text(in))
				}
				if claim.improvement && losesByRising(t, in, p.own) {
					t.Fatalf("instance %d: more points harm\n%s", n, text(in))
				}
				if claim.more && losesByMore(t, in) {
					t.Fatalf("instance %d: a place more harms\n%s", n, text(in))
				}
			}
		})
	}
}

// small is a small world: places of X, Y, Z …, and applicants a, b, c … with
// the points of their wishes in order of preference.
type small struct {
	places map[string]int
	people map[string][]wish
}

type wish struct {
	to     string
	points int64
}

func (s small) input(method selection.Method, tied selection.TiePolicy) selection.Input {
	in := selection.Input{Method: method, Tied: tied}
	for n, name := range []string{"X", "Y", "Z"} {
		if free, ok := s.places[name]; ok {
			in.Pools = append(in.Pools, selection.Pool{ID: id('p', n), Free: free})
			in.Destinations = append(in.Destinations, selection.Destination{ID: id('d', n), Pools: []uuid.UUID{id('p', n)}})
		}
	}
	for n, name := range []string{"a", "b", "c", "d"} {
		wishes, ok := s.people[name]
		if !ok {
			continue
		}
		a := selection.Applicant{ID: id('a', n), Points: decimal.NewFromInt(wishes[0].points)}
		for _, w := range wishes {
			d := int(w.to[0] - 'X')
			a.Wishes = append(a.Wishes, selection.Wish{Destination: id('d', d), Points: decimal.NewFromInt(w.points)})
		}
		in.Applicants = append(in.Applicants, a)
	}
	return in
}

// places writes who has what, as "a:X b:- …".
func placesOf(t testing.TB, in selection.Input) string {
	w := newWorld(in)
	s := w.granted(allocate(t, in))
	out := ""
	for a := range in.Applicants {
		place := "-"
		for _, x := range w.own[a] {
			if s.has(x) {
				place = string('X' + rune(in.Destinations[w.at[x]].ID[15]))
			}
		}
		out += " " + string(rune('a'+a)) + ":" + place
	}
	return out[1:]
}

// What docs/selection.md does not claim, by its instances: none may be
// claimed by mistake, as long as these stand.
func TestCounterExamplesStand(t *testing.T) {
	tests := map[string]struct {
		method         selection.Method
		tied           selection.TiePolicy
		before, after  small
		first, changed string
	}{
		"first choices first: a lie pays": {
			selection.MethodFirstChoice, selection.TiedID,
			small{map[string]int{"X": 1, "Y": 1}, map[string][]wish{"a": {{"X", 9}}, "b": {{"X", 8}, {"Y", 8}}, "c": {{"Y", 6}}}},
			small{map[string]int{"X": 1, "Y": 1}, map[string][]wish{"a": {{"X", 9}}, "b": {{"Y", 8}, {"X", 8}}, "c": {{"Y", 6}}}},
			"a:X b:- c:Y", "a:X b:Y c:-",
		},
		"refuse: a lie pays": {
			selection.MethodList, selection.TiedRefuse,
			small{map[string]int{"X": 1, "Y": 1}, map[string][]wish{"a": {{"X", 7}, {"Y", 7}}, "b": {{"X", 7}, {"Y", 7}}}},
			small{map[string]int{"X": 1, "Y": 1}, map[string][]wish{"a": {{"Y", 7}}, "b": {{"X", 7}, {"Y", 7}}}},
			"a:- b:-", "a:Y b:X",
		},
		"refuse: more points harm": {
			selection.MethodList, selection.TiedRefuse,
			small{map[string]int{"X": 1, "Y": 1}, map[string][]wish{"a": {{"X", 6}, {"Y", 6}}, "b": {{"X", 7}, {"Y", 7}}}},
			small{map[string]int{"X": 1, "Y": 1}, map[string][]wish{"a": {{"X", 7}, {"Y", 7}}, "b": {{"X", 7}, {"Y", 7}}}},
			"a:Y b:X", "a:- b:-",
		},
		"admit: a lie pays": {
			selection.MethodDeferred, selection.TiedAdmit,
			small{map[string]int{"X": 2, "Z": 1}, map[string][]wish{"a": {{"Z", 7}, {"X", 7}}, "b": {{"X", 7}, {"Z", 8}}, "c": {{"Z", 6}, {"X", 10}}, "d": {{"X", 9}}}},
			small{map[string]int{"X": 2, "Z": 1}, map[string][]wish{"a": {{"X", 7}, {"Z", 7}}, "b": {{"X", 7}, {"Z", 8}}, "c": {{"Z", 6}, {"X", 10}}, "d": {{"X", 9}}}},
			"a:- b:Z c:X d:X", "a:X b:X c:Z d:X",
		},
		"admit: more points harm": {
			selection.MethodDeferred, selection.TiedAdmit,
			small{map[string]int{"X": 1, "Y": 1}, map[string][]wish{"a": {{"X", 5}, {"Y", 9}}, "b": {{"X", 5}}, "c": {{"Y", 5}, {"X", 9}}}},
			small{map[string]int{"X": 1, "Y": 1}, map[string][]wish{"a": {{"X", 5}, {"Y", 9}}, "b": {{"X", 6}}, "c": {{"Y", 5}, {"X", 9}}}},
			"a:X b:X c:Y", "a:Y b:- c:X",
		},
		"hardest first: a lie pays": {
			selection.MethodHardest, selection.TiedID,
			small{map[string]int{"X": 1, "Y": 1}, map[string][]wish{"a": {{"Y", 9}, {"X", 9}}, "b": {{"X", 8}}}},
			small{map[string]int{"X": 1, "Y": 1}, map[string][]wish{"a": {{"Y", 9}}, "b": {{"X", 8}}}},
			"a:X b:-", "a:Y b:X",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			before, after := tt.before.input(tt.method, tt.tied), tt.after.input(tt.method, tt.tied)
			if got := placesOf(t, before); got != tt.first {
				t.Errorf("got %s, want %s", got, tt.first)
			}
			if got := placesOf(t, after); got != tt.changed {
				t.Errorf("after the change got %s, want %s", got, tt.changed)
			}
			for _, in := range []selection.Input{before, after} {
				if found := verify(in, allocate(t, in)); len(found) > 0 {
					t.Errorf("found %+v", found)
				}
			}
		})
	}
}

// Two levels: a place more at one destination of a partner whose own places
// are used up takes it away from another.
func TestTwoLevelsPromiseNothingAboutMorePlaces(t *testing.T) {
	in := small{map[string]int{"X": 0, "Y": 1}, map[string][]wish{"a": {{"Y", 8}}, "b": {{"X", 9}}}}.input(selection.MethodDeferred, selection.TiedID)
	in.Pools = append(in.Pools, selection.Pool{ID: id('q', 1), Free: 1})
	for d := range in.Destinations {
		in.Destinations[d].Pools = append(in.Destinations[d].Pools, id('q', 1))
	}
	if got := placesOf(t, in); got != "a:Y b:-" {
		t.Error(got)
	}
	in.Pools[0].Free = 1
	if got := placesOf(t, in); got != "a:- b:X" {
		t.Error(got)
	}
}

// Two levels and tied groups: there may be no score-limits that leave nothing
// to be wished for. With a kept out of X the partner's place is used up by b,
// but then a goes to Z, c from there to Y, and b and c are refused together;
// with a in X, c stays, and b keeps a out.
func TestTwoLevelsMayHaveNoStableLimits(t *testing.T) {
	in := small{map[string]int{"X": 1, "Y": 1, "Z": 1}, map[string][]wish{
		"a": {{"X", 5}, {"Z", 9}}, "b": {{"Y", 8}}, "c": {{"Z", 5}, {"Y", 8}},
	}}.input(selection.MethodDeferred, selection.TiedRefuse)
	in.Pools = append(in.Pools, selection.Pool{ID: id('q', 1), Free: 1})
	for d := range 2 {
		in.Destinations[d].Pools = append(in.Destinations[d].Pools, id('q', 1))
	}
	if got := placesOf(t, in); got != "a:Z b:- c:-" {
		t.Error(got)
	}
	if found := proof.Verify(in, allocate(t, in)); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}

// Several shares: each destination keeps its places for all of them, so those
// it takes need not be the first of the order that is shown.
func TestSeveralSharesAreNoPrefix(t *testing.T) {
	in := selection.Input{
		Method: selection.MethodDeferred, Tied: selection.TiedID, Shares: []selection.Share{{Group: "A", Percent: 40}, {Group: "B", Percent: 40}},
		Pools: []selection.Pool{{ID: id('p', 0), Free: 6}}, Destinations: []selection.Destination{{ID: id('d', 0), Pools: []uuid.UUID{id('p', 0)}}},
	}
	for n, group := range []string{"", "A", "A", "A", "B", "B", "B"} { // the one in no group has the most points
		points := decimal.NewFromInt(int64(90 - n))
		in.Applicants = append(in.Applicants, selection.Applicant{
			ID: id('a', n), Group: group, Points: points, Wishes: selection.Wishes(0, points, id('d', 0)),
		})
	}
	r := allocate(t, in)
	if found := proof.Verify(in, r); len(found) > 0 {
		t.Fatalf("%+v", found)
	}
	for _, e := range r.Entries {
		c := e.Choices[0]
		if first := e.Applicant == id('a', 0); first && c.Rank != 5 || first == (c.Outcome == selection.Placed) {
			t.Errorf("%+v", e)
		}
	}
}
