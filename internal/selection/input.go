package selection

import (
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// Method names a way of allocating places. Package documentation and
// docs/selection.md say what each promises.
type Method string

// The methods.
const (
	// MethodDeferred is applicant-proposing deferred acceptance: everybody asks
	// for their wishes in turn, each destination keeps the best so far.
	MethodDeferred Method = "deferred-acceptance"
	// MethodList walks down the list: each applicant in turn gets the first
	// wish that still has a place (serial dictatorship). One score per person.
	MethodList Method = "list"
	// MethodFirstChoice gives places in rounds: first among those whose first
	// wish it is, what is left among second wishes, and so on.
	MethodFirstChoice Method = "first-choice"
	// MethodLottery is the list in an order drawn by lot.
	MethodLottery Method = "lottery"
	// MethodHardest fills destinations one after another, the one with the
	// most wishes per place first.
	MethodHardest Method = "hardest-first"
	// MethodByHand gives what Applicant.Hand says.
	MethodByHand Method = "by-hand"
	// MethodFirstCome is the list in the order of arrival, for what is left.
	MethodFirstCome Method = "first-come"
)

// Methods lists every method, the default first.
var Methods = []Method{MethodDeferred, MethodList, MethodFirstChoice, MethodLottery, MethodHardest, MethodFirstCome, MethodByHand}

// TiePolicy says what happens to those whom points and chain leave equal at
// the last place.
type TiePolicy string

// The policies. Under refuse and admit the result is the applicants' best set
// of stable score-limits (Biró and Kiselgof, College admissions with stable
// score-limits, 2015): refuse is H-stable as in Hungary, admit L-stable as in
// Chile.
const (
	TiedID     TiePolicy = "id"     // ascending byte order of the id decides
	TiedLot    TiePolicy = "lot"    // the lot decides
	TiedRefuse TiePolicy = "refuse" // a tied group that does not fit is refused whole
	TiedAdmit  TiePolicy = "admit"  // a tied group that starts within the places is admitted whole, over quota
)

// TiePolicies lists every policy.
var TiePolicies = []TiePolicy{TiedID, TiedLot, TiedRefuse, TiedAdmit}

// Engine is the version of the computation. It changes whenever the same
// input could give another result, so that a stored result names the engine
// that can recompute it.
const Engine = "selection/2"

// Input is everything a ranking depends on. Its order of rows carries no
// meaning, except that Wishes are in order of preference, Ties in order of
// the chain, and Shares in order of precedence.
type Input struct {
	Method       Method
	Tied         TiePolicy
	Seed         string // of the lot; announced as SeedCommitment, revealed with the result
	NoReserve    bool   // nobody waits: who gets nothing is not placed
	ReserveLimit int    // at most so many wait at one destination; 0: no limit
	Shares       []Share
	Pools        []Pool // places and quotas
	Money        []Pool // grants: down the order of those placed, while every pool that applies has one left; none: no money quota
	Destinations []Destination
	Applicants   []Applicant
}

// Share is a guaranteed minimum: of the first k in an order, at least
// Percent of k, rounded up, are of Group while it has anyone left.
type Share struct {
	Group   string `json:"group"`
	Percent int    `json:"percent"` // 0 … 100
}

// Pool is a stock of places, or a quota over several destinations; Free is
// how many may be given out. With a Group it counts only applicants whose
// Quotas name that group (a unit, a cycle, a field).
type Pool struct {
	ID    uuid.UUID
	Free  int
	Group string
}

// Destination is what one may choose. A stay there takes one place of each
// of Pools that applies to the applicant (a full-year stay draws on both
// terms). With fewer than Minimum placed it does not come about; the result
// says how many lack.
type Destination struct {
	ID      uuid.UUID
	Pools   []uuid.UUID
	Minimum int
}

// Applicant is one ranked application.
type Applicant struct {
	ID       uuid.UUID
	Name     string // what the lot is drawn for; "": the 16 bytes of ID
	Class    int    // priority class before points: 0 first
	Points   decimal.Decimal
	Ties     []decimal.Decimal // the tie chain, the higher value first; as long for everybody; a wish may have its own
	Group    string            // of Shares
	Quotas   []string          // groups of Pools
	Arrived  int64             // order of arrival, lower first; only the first-come method reads it
	Hand     uuid.UUID         // by-hand method: where placed; zero: nowhere
	Wishes   []Wish            // in order of preference
	Excluded string            // the code of why this applicant is not ranked at all; "": ranked
}

// Wish is one destination an applicant asks for, as that destination sees it.
type Wish struct {
	Destination uuid.UUID         `json:"destination"`
	Class       int               `json:"class,omitempty"`
	Points      decimal.Decimal   `json:"points"`
	Ties        []decimal.Decimal `json:"ties,omitempty"`  // the tie chain there, as long as the applicant's; nil: the applicant's
	Gate        string            `json:"gate,omitempty"`  // the code of why this applicant may not go there; "": open
	Waits       string            `json:"waits,omitempty"` // the code of why this applicant asks for no place there and may only wait; "": asks
}

// tiesAt is the tie chain of a wish.
func (a *Applicant) tiesAt(w *Wish) []decimal.Decimal {
	if w.Ties != nil {
		return w.Ties
	}
	return a.Ties
}

// Wishes makes the wishes of somebody who counts the same everywhere.
func Wishes(class int, points decimal.Decimal, destinations ...uuid.UUID) []Wish {
	out := make([]Wish, len(destinations))
	for i, d := range destinations {
		out[i] = Wish{Destination: d, Class: class, Points: points}
	}
	return out
}

// ExcludedMarksMissing is the one reason for not being ranked that this
// package itself gives.
const ExcludedMarksMissing = "excluded.marks_missing"
