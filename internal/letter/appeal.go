package letter

import "time"

// ProvisionalResult tells what a provisional list says of the applicant:
// nothing is offered yet, it may change, and until when one may appeal. There
// is a place, or ranks on the reserve, or reasons.
type ProvisionalResult struct {
	Frame
	File
	Place   *Place    `letter:"optional"` // placed there
	Waiting []Waiting `letter:"optional"` // on the reserve there
	Points  *Points   `letter:"optional"`
	Rule    string    `letter:"optional"` // the rule that decided, worded
	Choices []Outcome `letter:"optional"` // why there is no place
	Appeal  Appeal
	Until   Until // to appeal
}

func (l ProvisionalResult) lacks() string {
	if len(l.Choices) > 0 && inline(l.Rule) == "" {
		return "Rule"
	}
	return ""
}

// Kind implements Letter.
func (ProvisionalResult) Kind() string { return KindProvisionalResult }

// AppealReceived confirms that an appeal was filed.
type AppealReceived struct {
	Frame
	File
	Number int
	At     time.Time
	Reason Prose
}

// Kind implements Letter.
func (AppealReceived) Kind() string { return KindAppealReceived }

// AppealAnswered says what became of an appeal, and why.
type AppealAnswered struct {
	Frame
	File
	Number      int
	FiledAt     time.Time
	Granted     bool
	Provisional bool // the final list is still to come, and says what changed
	Answer      Prose
}

// Kind implements Letter.
func (AppealAnswered) Kind() string { return KindAppealAnswered }

// AppealAssigned asks somebody of the office or a faculty to decide an appeal.
type AppealAssigned struct {
	Frame
	Call    string
	Zone    *time.Location
	Link    Link
	Number  int
	FiledAt time.Time
}

// Kind implements Letter.
func (AppealAssigned) Kind() string { return KindAppealAssigned }
