package lifecycle

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"peregrine/internal/mobility"
)

// file is what an application owns, as a plain model that knows consequences
// only: neither states nor properties.
type file struct {
	places, offersOpen, offersConfirmed  int
	nominationsLive, nominationsAccepted int
}

func (f *file) apply(t *rapid.T, kind ConsequenceKind) {
	switch kind {
	case TakePlace:
		f.places++
	case FreePlace:
		f.places--
	case MakeOffer:
		f.offersOpen++
	case ConfirmOffer:
		f.offersOpen--
		f.offersConfirmed++
	case ReopenOffer:
		f.offersConfirmed--
		f.offersOpen++
	case EndOffer:
		f.offersOpen, f.offersConfirmed = less(t, f.offersOpen, f.offersConfirmed)
	case MakeNomination:
		f.nominationsLive++
	case AcceptNomination:
		f.nominationsLive--
		f.nominationsAccepted++
	case ReopenNomination:
		f.nominationsAccepted--
		f.nominationsLive++
	case EndNomination:
		f.nominationsLive, f.nominationsAccepted = less(t, f.nominationsLive, f.nominationsAccepted)
	case Apply, SendLetter:
	}
	for _, n := range []int{f.places, f.offersOpen + f.offersConfirmed, f.nominationsLive + f.nominationsAccepted} {
		if n < 0 || n > 1 {
			t.Fatalf("after %s: %+v", kind, *f)
		}
	}
}

// less ends whichever of the two is there.
func less(t *rapid.T, a, b int) (int, int) {
	if a+b != 1 {
		t.Fatalf("nothing to end: %d %d", a, b)
	}
	return 0, 0
}

// properties is what a state has to claim about such a file.
func (f *file) properties() (bool, mobility.OfferProperty, mobility.NominationProperty) {
	offer, nomination := mobility.OfferNone, mobility.NominationNone
	if f.offersOpen == 1 {
		offer = mobility.OfferOpen
	}
	if f.offersConfirmed == 1 {
		offer = mobility.OfferConfirmed
	}
	if f.nominationsLive == 1 {
		nomination = mobility.NominationLive
	}
	if f.nominationsAccepted == 1 {
		nomination = mobility.NominationAccepted
	}
	return f.places == 1, offer, nomination
}

func someFacts(t *rapid.T, s mobility.State) Facts {
	deadlines := map[Deadline]time.Time{}
	for _, kind := range Deadlines {
		if rapid.Bool().Draw(t, "has "+string(kind)) {
			deadlines[kind] = noon.Add(time.Duration(rapid.IntRange(-240, 240).Draw(t, string(kind))) * time.Second)
		}
	}
	yes := func(name string) bool { return rapid.Bool().Draw(t, name) }
	return Facts{
		State: s, Deadlines: deadlines, DraftComplete: yes("complete"), Submissions: rapid.IntRange(0, 2).Draw(t, "submissions"),
		Published: yes("published"), Publishing: yes("publishing"), FreePlaces: rapid.IntRange(-1, 2).Draw(t, "free"),
		SelectedByHost: yes("host selects"), NominationLimit: rapid.IntRange(0, 2).Draw(t, "limit"),
		OpenNominations: rapid.IntRange(0, 2).Draw(t, "open"), EnoughTime: yes("time"), Upgrades: yes("upgrades"), SecondClass: yes("second class"),
		ConfirmedBefore: yes("confirmed"), HostRefused: yes("refused"), ConfirmedElsewhere: yes("elsewhere"),
	}
}

func TestRandomWalksKeepFactsAndPropertiesTogether(t *testing.T) {
	for _, name := range builtInNames {
		d := builtIn(t, name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) { walk(t, d) })
		})
	}
}

func walk(t *rapid.T, d *Definition) {
	var own file
	state := mobility.State("")
	for range rapid.IntRange(1, 60).Draw(t, "steps") {
		f := someFacts(t, state)
		moves := d.MovesFrom(state)
		m := moves[rapid.IntRange(0, len(moves)-1).Draw(t, "move")]
		role := rapid.SampledFrom(mobility.Roles).Draw(t, "role")
		o, err := Step(d, f, m.Name, []mobility.Role{role}, noon)
		again, errAgain := Step(d, f, m.Name, []mobility.Role{role}, noon)
		if !reflect.DeepEqual(o, again) || !reflect.DeepEqual(err, errAgain) {
			t.Fatalf("the same question has two answers: %v %v", o, again)
		}
		if err != nil {
			if _, ok := err.(*mobility.Error); !ok { //nolint:errorlint // the contract is the type itself
				t.Fatalf("not a typed refusal: %v", err)
			}
			continue
		}
		for _, c := range o.Consequences {
			own.apply(t, c.Kind)
		}
		place, offer, nomination := own.properties()
		if place != o.To.HoldsPlace || offer != o.To.Offer || nomination != o.To.Nomination {
			t.Fatalf("%s → %s by %s: the file is %+v, the state claims %+v", state, o.To.Name, m.Name, own, o.To.Properties)
		}
		state = o.To.Name
	}
}
