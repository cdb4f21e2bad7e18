package letter

// Touched is how the reader's application is about a destination that was
// added, changed or dropped. At most one of them holds.
type Touched struct {
	Draft   bool // never submitted
	Again   bool // the choices were given back, and nothing but them can be changed
	Waiting bool // on the reserve there
	Holding bool // has an offer or a nomination there
}

// DestinationDropped says that a destination is no longer there to be chosen.
type DestinationDropped struct {
	Frame
	File
	Touched    `letter:"optional"`
	Place      Place
	Preference int `letter:"optional"` // which of the reader's choices; 0: none
	Reason     Prose
	Until      *Until `letter:"optional"` // until when to choose again
}

// Kind implements Letter.
func (DestinationDropped) Kind() string { return KindDestinationDropped }

// DestinationChanged says what is different about a destination.
type DestinationChanged struct {
	Frame
	File
	Touched    `letter:"optional"`
	Place      Place
	Preference int      `letter:"optional"`
	Changes    []string // worded in the letter's language
	Reason     Prose
	Until      *Until `letter:"optional"`
}

// Kind implements Letter.
func (DestinationChanged) Kind() string { return KindDestinationChanged }

// DestinationAdded says that there is one more destination to choose.
type DestinationAdded struct {
	Frame
	File
	Touched `letter:"optional"`
	Place   Place
	Level   string // language of instruction with the level asked for
	Reason  Prose  `letter:"optional"`
	Until   *Until `letter:"optional"`
}

// Kind implements Letter.
func (DestinationAdded) Kind() string { return KindDestinationAdded }
