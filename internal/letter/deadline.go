package letter

// DeadlineMoved says that a deadline of a call is another one now, for all it
// concerns or for the reader alone.
type DeadlineMoved struct {
	Frame
	File
	What   string // "the end of the call", worded in the letter's language
	Was    *Until `letter:"optional"` // what held before, if anything did
	Until  Until
	Reason Prose `letter:"optional"`
}

// Kind implements Letter.
func (DeadlineMoved) Kind() string { return KindDeadlineMoved }

// LateLink brings the link by which one person is let in once after the
// deadline.
type LateLink struct {
	Frame
	Call  string
	Link  Link
	Until Until // when it ends
}

// Kind implements Letter.
func (LateLink) Kind() string { return KindLateLink }

func (l LateLink) withoutSecrets() Letter {
	l.Link = Link(l.Base + "/")
	return l
}

// RemindDocuments reminds somebody on a stay of the documents still to come.
type RemindDocuments struct {
	Frame
	File
	Until Until
}

// Kind implements Letter.
func (RemindDocuments) Kind() string { return KindRemindDocuments }
