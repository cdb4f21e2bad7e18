package letter

import "time"

// Receipt proves that a submission arrived and says what counts.
type Receipt struct {
	Frame
	File
	Submission int // its number, from 1
	ArrivedAt  time.Time
	Choices    []Choice
	Until      *Until `letter:"optional"` // until when a newer version may be sent
}

// Kind implements Letter.
func (Receipt) Kind() string { return KindReceipt }

// Withdrawn answers the applicant's own withdrawal.
type Withdrawn struct {
	Frame
	File
	At    time.Time
	Until *Until `letter:"optional"` // until when a new application may be started
}

// Kind implements Letter.
func (Withdrawn) Kind() string { return KindWithdrawn }

// Returned asks the applicant to complete what is named, and nothing else.
type Returned struct {
	Frame
	File
	Reason Prose
	Items  []string // questions and documents
	Until  Until
}

// Kind implements Letter.
func (Returned) Kind() string { return KindReturned }

// Ineligible says that the application does not meet the conditions.
type Ineligible struct {
	Frame
	File
	Reason Prose
	Appeal Appeal
}

// Kind implements Letter.
func (Ineligible) Kind() string { return KindIneligible }

// Reopened says that an application that had ended, or was called
// ineligible, is judged again.
type Reopened struct {
	Frame
	File
	Reason Prose
	Until  *Until `letter:"optional"` // set if the applicant has something to do
}

// Kind implements Letter.
func (Reopened) Kind() string { return KindReopened }

// Correction follows an earlier letter that turned out to be wrong. Without an
// earlier subject that letter was taken back before it reached anybody.
type Correction struct {
	Frame
	File
	EarlierSubject string    `letter:"optional"`
	EarlierAt      time.Time `letter:"optional"`
	Changed        Prose     // what holds now
	Reason         Prose     // why it changed
}

// Kind implements Letter.
func (Correction) Kind() string { return KindCorrection }
