package process_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// believes is what each state claims, written here a second time by hand: the
// model the database is held against.
var believes = map[mobility.State]struct {
	holds             bool
	offer, nomination string
}{
	"draft": {false, "none", "none"}, "submitted": {false, "none", "none"}, "returned": {false, "none", "none"},
	"ineligible": {false, "none", "none"}, "reserve": {false, "none", "none"}, "to_place": {false, "none", "none"},
	"offered": {true, "open", "none"}, "confirmed": {true, "confirmed", "none"}, "nominated": {true, "confirmed", "live"},
	"accepted": {true, "confirmed", "accepted"}, "enrolled": {true, "confirmed", "accepted"}, "completed": {true, "confirmed", "accepted"},
	"not_selected": {false, "none", "none"}, "declined": {false, "none", "none"}, "lapsed": {false, "none", "none"},
	"refused": {false, "none", "none"}, "withdrawn": {false, "none", "none"}, "cancelled": {false, "none", "none"},
}

// leads is where each move goes that a person or a timer can try, by hand
// again. A move that is not here may not succeed.
var leads = map[string]mobility.State{
	"submit": "submitted", "resubmit": "submitted", "complete": "submitted", "withdraw": "withdrawn", "start_again": "draft",
	"return": "returned", "extend_return": "returned", "cancel_return": "submitted", "declare_ineligible": "ineligible",
	"reopen_ineligible": "submitted", "reopen_ineligible_late": "to_place", "promote_by_hand": "offered", "close_reserve": "not_selected",
	"confirm": "confirmed", "confirm_for": "confirmed", "decline": "declined", "lapse": "lapsed", "extend_offer": "offered",
	"withdraw_offer": "to_place", "undo_confirmation": "offered", "nominate": "nominated", "nominate_late": "nominated",
	"accept": "accepted", "record_acceptance": "accepted", "refuse": "to_place", "record_refusal": "to_place",
	"cancel_nomination": "confirmed", "undo_acceptance": "nominated", "cancel": "cancelled", "cancel_by_host": "cancelled",
	"nominate_again": "nominated", "offer_destination": "offered", "overbook": "offered", "put_first_on_reserve": "reserve",
	"end_refused": "refused", "end_not_selected": "not_selected", "enrol": "enrolled", "finish": "completed",
	"undo_withdrawal": "submitted", "undo_withdrawal_late": "to_place", "undo_decline": "to_place", "undo_lapse": "to_place",
	"reopen_not_selected": "to_place", "reopen_refusal": "to_place", "undo_cancellation": "to_place",
	"undo_enrolment": "accepted", "undo_completion": "enrolled", "grant_time": "draft", "reopen_draft": "draft", "expire": "lapsed", "resume_late": "draft",
	"judge_as_it_stands": "submitted", "promote": "offered",
}

// always lists acts nobody may ever be refused: the applicant's no and going.
var always = map[string][]mobility.State{
	"decline":  {"offered"},
	"withdraw": {"submitted", "returned", "reserve", "to_place", "offered", "confirmed", "nominated", "accepted"},
}

// walk is one random life of a few applications that share two places.
type walk struct {
	w        *testkit.World
	rng      *rand.Rand
	now      time.Time
	students map[uuid.UUID]mobility.Actor
	ids      []uuid.UUID
	moves    []string
	made     int
}

func TestRandomWalksKeepEveryInvariant(t *testing.T) {
	t.Parallel()
	walks, steps := 6, 60
	if os.Getenv("PEREGRINE_SOAK") != "" {
		walks, steps = 300, 200
	}
	made, walked := 0, 0 // -run may pick some of the seeds
	for seed := range walks {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { // each gives its database back
			made += wander(t, uint64(seed), steps)
			walked++
		})
	}
	if made < walked*steps/8 { // many end early
		t.Errorf("only %d moves went through: the walk goes nowhere", made)
	}
	t.Logf("%d moves went through in %d walks", made, walked)
}

// wander walks from one seed and returns how many moves went through.
func wander(t *testing.T, seed uint64, steps int) int {
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1, 1}})
	k := &walk{w: w, rng: rand.New(rand.NewPCG(seed, 7)), now: w.WhileOpen(), students: map[uuid.UUID]mobility.Actor{}}
	for name := range leads {
		k.moves = append(k.moves, name)
	}
	slices.Sort(k.moves) // the same walk for the same seed
	for i := range 4 {
		s := w.Student(fmt.Sprint("S", i), "1.5")
		id := w.Submitted(s)
		w.Marked(id, "20")
		k.ids, k.students[id] = append(k.ids, id), s
	}
	for range steps {
		if k.step(t); t.Failed() {
			break
		}
	}
	return k.made
}

func (k *walk) step(t *testing.T) {
	ctx := context.Background()
	k.now = k.now.Add(time.Duration(k.rng.IntN(36)) * time.Hour)
	switch {
	case k.now.After(k.w.AfterClose) && k.rng.IntN(4) == 0:
		k.publish(ctx, t)
	case k.rng.IntN(8) == 0:
		if _, _, err := k.w.Process.Due(ctx, k.now); err != nil {
			t.Errorf("due: %v", err)
		}
		if _, err := k.w.Process.Promote(ctx, k.w.Round, k.now); err != nil {
			t.Errorf("promote: %v", err)
		}
	default:
		k.move(ctx, t)
	}
	k.compare(t)
	verifyClean(ctx, t, k.w)
	deadlinesAgree(t, k.w)
}

func (k *walk) publish(ctx context.Context, t *testing.T) {
	id, err := k.w.Process.ComputeRanking(ctx, k.w.Officer, k.w.Round, k.now)
	if err == nil {
		hash := testkit.One[string](k.w, `SELECT result_hash FROM rankings WHERE id = $1`, id)
		_, err = k.w.Process.Publish(ctx, k.w.Officer, process.Publication{Ranking: id, Hash: hash, Arrived: k.now})
	}
	if mobility.KindOf(err) != mobility.Conflict && err != nil {
		t.Errorf("publish: %v", err)
	}
}

func (k *walk) move(ctx context.Context, t *testing.T) {
	id := k.ids[k.rng.IntN(len(k.ids))]
	actors := []mobility.Actor{
		k.students[id], k.students[id], k.w.Officer, k.w.Officer, k.w.Coordinator,
		{HostLink: uuid.New(), HostInstitution: k.w.Host},
		k.w.OtherCoordinator,
		{System: true},
	}
	who := actors[k.rng.IntN(len(actors))]
	name := k.pick(ctx, who, id)
	from := k.w.State(id)
	given := k.given(name)
	_, err := k.w.Process.Move(ctx, who, process.MoveRequest{Application: id, Move: name, Arrived: k.now, Given: given})
	if err == nil {
		k.made++
		if given.Destination != nil && !slices.Contains(aimed, name) && !who.System {
			t.Errorf("%s was made for a destination it is not about", name)
		}
		if got := k.w.State(id); got != leads[name] {
			t.Errorf("%s from %s led to %s, want %s", name, from, got, leads[name])
		}
		if who.Person == k.w.OtherCoordinator.Person {
			t.Errorf("a coordinator of another faculty made %s", name)
		}
		return
	}
	if mobility.KindOf(err) == mobility.Internal {
		t.Errorf("%s from %s: %v", name, from, err)
	}
	if given.Destination == nil && who.Person == k.students[id].Person && slices.Contains(always[name], from) {
		t.Errorf("%s from %s was refused: %v", name, from, err)
	}
}

// pick mostly tries what a page would show the actor, so that the walk gets
// somewhere, and now and then anything at all.
func (k *walk) pick(ctx context.Context, who mobility.Actor, id uuid.UUID) string {
	shown, err := k.w.Process.Standing(ctx, who, id, k.now)
	if err == nil && len(shown.Moves) > 0 && k.rng.IntN(4) > 0 {
		return shown.Moves[k.rng.IntN(len(shown.Moves))].Move.Name
	}
	return k.moves[k.rng.IntN(len(k.moves))]
}

// aimed lists the moves that are about a destination somebody names. Others
// stay where the application stands, whatever is sent along.
var aimed = []string{"promote", "promote_by_hand", "nominate_again", "offer_destination", "overbook", "put_first_on_reserve"}

func (k *walk) given(name string) process.Given {
	later := mobility.WallOf(k.now.Add(time.Duration(24+k.rng.IntN(200)) * time.Hour))
	at := k.w.Destinations[k.rng.IntN(len(k.w.Destinations))]
	g := process.Given{
		Reason: "A reason.", Comment: "A comment.", ReasonCode: "no_place", Closes: &later, CompleteBy: &later,
		ConfirmBy: &later, Questions: []string{"motivation"}, Arrival: &k.now, End: &k.now, Consent: "host_consent",
	}
	if slices.Contains(aimed, name) || k.rng.IntN(8) == 0 {
		g.Destination = &at
	}
	return g
}

// compare holds every application, and the pools, against the model.
func (k *walk) compare(t *testing.T) {
	holding := 0
	for _, id := range k.ids {
		state := k.w.State(id)
		want := believes[state]
		got := testkit.One[string](k.w, `SELECT concat_ws(' ',
			EXISTS (SELECT 1 FROM place_holds WHERE application_id = $1),
			coalesce((SELECT status FROM offers WHERE application_id = $1 AND status IN ('open', 'confirmed')), 'none'),
			coalesce((SELECT CASE WHEN status = 'accepted' THEN 'accepted' ELSE 'live' END FROM nominations WHERE application_id = $1 AND status IN ('draft', 'sent', 'accepted')), 'none'))`, id)
		hold := "f"
		if want.holds {
			hold, holding = "t", holding+1
		}
		if got != hold+" "+want.offer+" "+want.nomination {
			t.Errorf("%s: holds, offer, nomination are %q, want %s %s %s", state, got, hold, want.offer, want.nomination)
		}
	}
	if held := testkit.One[int](k.w, `SELECT sum(held) FROM pools`); held != holding {
		t.Errorf("pools count %d held, applications hold %d", held, holding)
	}
}
