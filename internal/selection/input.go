package selection

import (
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// Method names a way of allocating places.
type Method string

// MethodList walks down the list: each applicant in turn gets the first wish
// that still has a place (serial dictatorship).
const MethodList Method = "list"

// Engine is the version of the computation. It changes whenever the same
// input could give another result, so that a stored result names the engine
// that can recompute it.
const Engine = "selection/1"

// Input is everything a ranking depends on. Its order of rows carries no
// meaning, except that Choices are in order of preference and Ties in order
// of the chain.
type Input struct {
	Method       Method
	Seed         string // of the lot; announced as SeedCommitment, revealed with the result
	NoReserve    bool   // nobody waits: who gets nothing is not placed
	ReserveLimit int    // at most so many wait at one destination; 0: no limit
	Pools        []Pool
	Destinations []Destination
	Applicants   []Applicant
}

// Pool is a stock of places; Free is how many may be given out.
type Pool struct {
	ID   uuid.UUID
	Free int
}

// Destination is what one may choose. A stay there takes one place of each
// of Pools (a full-year stay draws on both terms).
type Destination struct {
	ID    uuid.UUID
	Pools []uuid.UUID
}

// Applicant is one ranked application, under the id the lot is drawn for.
type Applicant struct {
	ID       uuid.UUID
	Points   decimal.Decimal
	Ties     []decimal.Decimal    // the tie chain, the higher value first; as long for everybody
	Choices  []uuid.UUID          // destinations in order of preference
	Gates    map[uuid.UUID]string // destinations this applicant may not go to, with the code of why
	Excluded string               // the code of why this applicant is not ranked at all; "": ranked
}

// ExcludedMarksMissing is the one reason for not being ranked that this
// package itself gives.
const ExcludedMarksMissing = "excluded.marks_missing"
