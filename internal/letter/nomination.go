package letter

import "time"

// Nominated tells the student they were proposed to the host, which is not
// yet admission.
type Nominated struct {
	Frame
	File
	Place Place
	Until *Until `letter:"optional"` // the host's nomination deadline
}

// Kind implements Letter.
func (Nominated) Kind() string { return KindNominated }

// HostNominations brings the host officer a personal link to the names. Its
// Office is the home university's.
type HostNominations struct {
	Frame
	Host    string
	Count   int
	Link    Link
	Expires time.Time // of the link
	Until   *Until    `letter:"optional"` // by when the host is asked to answer
}

// Kind implements Letter.
func (HostNominations) Kind() string { return KindHostNominations }

func (l HostNominations) withoutSecrets() Letter {
	l.Link = Link(l.Base + "/")
	return l
}

// HostCode brings the code that opens the documents on one device.
type HostCode struct {
	Frame
	Code    string // six digits
	Minutes int
}

// Kind implements Letter.
func (HostCode) Kind() string { return KindHostCode }

func (l HostCode) withoutSecrets() Letter {
	l.Code = hidden
	return l
}

// HostCancelled tells the host officer that a nomination it was sent no longer
// holds. Its Office is the home university's.
type HostCancelled struct {
	Frame
	Host    string
	Student string
	Term    string // worded in the letter's language
	Link    Link   // personal, to all nominations
}

// Kind implements Letter.
func (HostCancelled) Kind() string { return KindHostCancelled }

func (l HostCancelled) withoutSecrets() Letter {
	l.Link = Link(l.Base + "/")
	return l
}

// Accepted tells the student that the host said yes.
type Accepted struct {
	Frame
	File
	Place Place
}

// Kind implements Letter.
func (Accepted) Kind() string { return KindAccepted }

// AcceptedOffice tells the office that the host said yes.
type AcceptedOffice struct {
	Frame
	File
	Student string
	Place   Place
	Comment Prose `letter:"optional"`
}

// Kind implements Letter.
func (AcceptedOffice) Kind() string { return KindAcceptedOffice }

// RefusedOffice tells the office that the host said no, with what only
// offices read.
type RefusedOffice struct {
	Frame
	File
	Student  string
	Place    Place
	Reason   string // the host's reason code, worded
	Comment  Prose  `letter:"optional"`
	TookBack bool   // the host had accepted before
}

// Kind implements Letter.
func (RefusedOffice) Kind() string { return KindRefusedOffice }

// Refused tells the student that the host said no and that this ends it.
type Refused struct {
	Frame
	File
	Place  Place
	Reason string // the host's reason code, worded for the applicant
}

// Kind implements Letter.
func (Refused) Kind() string { return KindRefused }

// ToPlace tells the student that the office looks for another place.
type ToPlace struct {
	Frame
	File
	Place  Place  // the one that fell through
	Reason string // worded for the applicant
}

// Kind implements Letter.
func (ToPlace) Kind() string { return KindToPlace }

// Cancelled tells the student that a nomination or stay was called off.
type Cancelled struct {
	Frame
	File
	Place  Place
	Reason Prose
	ByHost bool
}

// Kind implements Letter.
func (Cancelled) Kind() string { return KindCancelled }

// Enrolled says that the arrival was recorded.
type Enrolled struct {
	Frame
	File
	Place   Place
	Arrived time.Time // the day; its date in its own location counts
}

// Kind implements Letter.
func (Enrolled) Kind() string { return KindEnrolled }

// Completed closes the stay.
type Completed struct {
	Frame
	File
	Place Place
}

// Kind implements Letter.
func (Completed) Kind() string { return KindCompleted }
