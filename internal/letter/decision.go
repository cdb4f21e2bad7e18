package letter

import "time"

// Offer offers a place and says until when it waits.
type Offer struct {
	Frame
	File
	Place        Place
	ConfirmBy    Until
	Choice       int     `letter:"optional"` // which of the applicant's choices; 0: one never asked for
	Rank         int     `letter:"optional"` // 0: none was made
	Points       *Points `letter:"optional"`
	FromReserve  bool    // a place freed after publication
	Extended     bool    // told before; only the confirm-by moved
	Earlier      string  `letter:"optional"` // what the provisional list said, worded, if this is something else
	WithGrant    bool    // the place comes with money
	WithoutGrant bool    // the call gives money, and there is none for this place so far
	Instead      *Place  `letter:"optional"` // the offer that ends with this better one
}

// Kind implements Letter.
func (Offer) Kind() string { return KindOffer }

// Reserve says that no place is there now and where the applicant stands.
type Reserve struct {
	Frame
	File
	Points  *Points `letter:"optional"`
	Places  []Waiting
	Until   *Until `letter:"optional"` // when the reserve ends
	Earlier string `letter:"optional"` // as Offer.Earlier
}

// Kind implements Letter.
func (Reserve) Kind() string { return KindReserve }

// NotSelected tells the result with its reasons: those a ranking found, choice
// by choice, or the one an officer wrote. One of the two there must be, and
// with the first the rule that decided.
type NotSelected struct {
	Frame
	File
	Points  *Points   `letter:"optional"` // nil: gated before any were given
	Rule    string    `letter:"optional"` // the rule that decided, worded
	Choices []Outcome `letter:"optional"`
	Reason  Prose     `letter:"optional"` // an officer's
	Appeal  Appeal
	Earlier string `letter:"optional"` // as Offer.Earlier
}

func (l NotSelected) lacks() string {
	switch {
	case len(l.Choices) == 0 && inline(string(l.Reason)) == "":
		return "Reason or Choices"
	case len(l.Choices) > 0 && inline(l.Rule) == "":
		return "Rule"
	}
	return ""
}

// Kind implements Letter.
func (NotSelected) Kind() string { return KindNotSelected }

// Confirmed answers the applicant's yes to an offer.
type Confirmed struct {
	Frame
	File
	Place Place
	At    time.Time
}

// Kind implements Letter.
func (Confirmed) Kind() string { return KindConfirmed }

// Declined answers the applicant's no to an offer.
type Declined struct {
	Frame
	File
	Place       Place
	At          time.Time
	KeepsOthers bool // the reserve of other choices goes on
}

// Kind implements Letter.
func (Declined) Kind() string { return KindDeclined }

// Lapsed says that an offer ended because nobody answered.
type Lapsed struct {
	Frame
	File
	Place     Place
	ConfirmBy Until
}

// Kind implements Letter.
func (Lapsed) Kind() string { return KindLapsed }

// OfferWithdrawn takes a published offer back, as a correction.
type OfferWithdrawn struct {
	Frame
	File
	Place  Place
	Reason Prose
	Next   Prose `letter:"optional"` // what happens to the application now
}

// Kind implements Letter.
func (OfferWithdrawn) Kind() string { return KindOfferWithdrawn }
