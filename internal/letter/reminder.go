package letter

// RemindDraft reminds an applicant of a draft before the call closes.
type RemindDraft struct {
	Frame
	File
	Until Until
}

// Kind implements Letter.
func (RemindDraft) Kind() string { return KindRemindDraft }

// RemindComplete reminds an applicant of a returned file.
type RemindComplete struct {
	Frame
	File
	Items []string
	Until Until
}

// Kind implements Letter.
func (RemindComplete) Kind() string { return KindRemindComplete }

// RemindConfirm reminds an applicant of an offer that waits.
type RemindConfirm struct {
	Frame
	File
	Place     Place
	ConfirmBy Until
}

// Kind implements Letter.
func (RemindConfirm) Kind() string { return KindRemindConfirm }

// RemindNominate reminds an officer of confirmed students not yet nominated.
type RemindNominate struct {
	Frame
	Call  string
	Host  string
	Count int
	Until Until // the host's nomination deadline
	Link  Link  // the list
}

// Kind implements Letter.
func (RemindNominate) Kind() string { return KindRemindNominate }

// RemindHost reminds a host officer of nominations without an answer. Its
// Office is the home university's.
type RemindHost struct {
	Frame
	Host  string
	Count int
	Link  Link
	Until *Until `letter:"optional"` // by when the host is asked to answer
}

// Kind implements Letter.
func (RemindHost) Kind() string { return KindRemindHost }

func (l RemindHost) withoutSecrets() Letter {
	l.Link = Link(l.Base + "/")
	return l
}

// RemindCoordinator reminds a coordinator or assessor of files to assess.
type RemindCoordinator struct {
	Frame
	Call  string
	Count int
	Until *Until `letter:"optional"` // end of the assessment
	Over  bool   // it is over already
	Link  Link   // the list
}

// Kind implements Letter.
func (RemindCoordinator) Kind() string { return KindRemindCoordinator }
