package mobility

import "github.com/google/uuid"

// SelectionRules say how a call gives out its places. They are announced with
// the call and hold for all of its rounds. Conditions are expressions over the
// inputs of the call's scheme.
type SelectionRules struct {
	Method   string        `json:"method"`   // of package selection
	Ties     string        `json:"ties"`     // what happens to equal ones at the last place
	Upgrades string        `json:"upgrades"` // UpgradesNone or UpgradesUntilConfirmed
	Shares   []ShareRule   `json:"shares,omitempty"`
	Quotas   []QuotaRule   `json:"quotas,omitempty"`
	Partners []PartnerRule `json:"partners,omitempty"`
	Grants   []GrantRule   `json:"grants,omitempty"`
	Reserve  ReserveRule   `json:"reserve"`
	Minimum  MinimumRule   `json:"minimum,omitzero"`
}

// How a freed place moves (design rule 3).
const (
	UpgradesNone           = "none"
	UpgradesUntilConfirmed = "until_confirmed"
)

// ShareRule guarantees a group part of the places: of any first k of the
// order at least Percent of k, rounded up, while it has anybody left. An
// earlier share goes before a later one; who is of several groups counts in
// the first.
type ShareRule struct {
	Label   Texts  `json:"label"`
	When    string `json:"when"`
	Percent int    `json:"percent"`
}

// QuotaRule is at most Places for those it names, over the destinations it
// names; what is left empty names all. Unit (with the units below it), Cycle,
// Field (the beginning of an ISCED-F code) and When are the applicant's; Term
// (a year's stay counts in both), Language and Hosts (Erasmus codes) the
// destination's.
type QuotaRule struct {
	Pool     uuid.UUID `json:"pool,omitzero"` // given when the call is made
	Label    Texts     `json:"label"`
	Unit     string    `json:"unit,omitempty"`
	Cycle    int       `json:"cycle,omitempty"`
	Field    string    `json:"field,omitempty"`
	When     string    `json:"when,omitempty"`
	Term     string    `json:"term,omitempty"`
	Language string    `json:"language,omitempty"`
	Hosts    []string  `json:"hosts,omitempty"`
	Places   int       `json:"places"`
}

// Grouped reports whether the quota counts some applicants only.
func (q QuotaRule) Grouped() bool {
	return q.Unit != "" || q.Cycle != 0 || q.Field != "" || q.When != ""
}

// PartnerRule is at most Places at one host over all its destinations of the
// call.
type PartnerRule struct {
	Pool   uuid.UUID `json:"pool,omitzero"` // given when the call is made
	Host   string    `json:"host"`          // Erasmus code
	Places int       `json:"places"`
}

// GrantRule is money for Places people, down the order of those placed. With
// When it is for those alone, who still draw on every grant without.
type GrantRule struct {
	Pool   uuid.UUID `json:"pool,omitzero"` // given when the call is made
	Label  Texts     `json:"label"`
	When   string    `json:"when,omitempty"`
	Places int       `json:"places"`
}

// ReserveRule says who waits for what.
type ReserveRule struct {
	Per         string `json:"per"`                    // one of the constants below
	SecondClass bool   `json:"second_class,omitempty"` // who declines, or lets an offer lapse, waits behind those never offered
	Limit       *int   `json:"limit,omitempty"`        // how many wait at one destination; nil: everybody, 0: nobody
}

// What a reserve is for. On one per language or overall a place freed anywhere
// goes to the best-ranked who may go there, own wishes first, and an offer may
// be of a destination never asked for.
const (
	ReservePerDestination = "destination"
	ReservePerLanguage    = "language"
	ReserveOverall        = "overall"
)

// MinimumRule is how many participants it takes for a destination, and for
// the whole round, to come about; 0: any number.
type MinimumRule struct {
	Destination int `json:"destination,omitempty"`
	Overall     int `json:"overall,omitempty"`
}
