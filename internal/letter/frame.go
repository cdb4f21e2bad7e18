package letter

import (
	"time"

	"github.com/shopspring/decimal"
)

// Link is an absolute address of a page of this deployment; it must begin
// with the frame's Base.
type Link string

// Prose is what a person wrote, over one or more lines: a reason, a comment.
type Prose string

// Frame is what every letter has: whom it addresses, who signs it, and where
// the deployment lives.
type Frame struct {
	Base   string // https://host without a trailing slash; links lead nowhere else
	Reader Reader
	Office Office
	// Corrects is the earlier letter that this one corrects, where the letter's
	// own words do not say so.
	Corrects *Corrected `letter:"optional"`
	Late     *time.Time `letter:"optional"` // of a reminder that comes late: when it should have come
}

// Corrected is an earlier letter that no longer holds.
type Corrected struct {
	Subject string
	At      time.Time
}

func (f Frame) frame() Frame { return f }

// Reader is the person the letter is written to.
type Reader struct {
	Name string         `letter:"optional"` // empty for a mailbox without a person
	Zone *time.Location // the reader's own time
}

// Office is who signs and whom to ask.
type Office struct {
	Name        string // International Relations Office
	Institution string
	Email       string
	Phone       string `letter:"optional"`
}

// File says which application a letter is about.
type File struct {
	Call string         // the call's title
	Zone *time.Location // the call's time, in which its deadlines bind
	Link Link           // the application's page
}

// Place is one destination. Country is the ISO 3166 code of two letters; Term
// is worded in the letter's language.
type Place struct {
	Host    string
	City    string `letter:"optional"`
	Country string
	Term    string
}

// Until is a deadline: ClosesAt is the first instant after its last minute
// (design rule 7), Zone the one it is set in. The last minute is what people read.
type Until struct {
	ClosesAt time.Time
	Zone     *time.Location
}

// Choice is one destination as the applicant ordered it; Order starts at 1.
type Choice struct {
	Order int
	Place Place
}

// Waiting is a destination with the applicant's live rank on its reserve.
type Waiting struct {
	Place Place
	Rank  int
}

// Outcome is a destination with the reason why it was not given.
type Outcome struct {
	Place  Place
	Reason string // worded in the letter's language
}

// Appeal says how a decision can be questioned.
type Appeal struct {
	Text    Prose  // how and on what grounds
	Contact string // an address or a telephone number
	Until   *Until `letter:"optional"`
}

// Points are a result out of what could be reached; Of zero is not shown.
type Points struct {
	Reached decimal.Decimal
	Of      decimal.Decimal
}
