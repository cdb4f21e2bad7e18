package letter

import "time"

// SignIn brings a link and a code; it greets nobody by name, because whoever
// asks for it chose the address.
type SignIn struct {
	Frame
	Link        Link
	Code        string
	Minutes     int // how long both are good
	LateMinutes int `letter:"optional"` // submitting is allowed so long after the deadline
}

// Kind implements Letter.
func (SignIn) Kind() string { return KindSignIn }

func (l SignIn) withoutSecrets() Letter {
	l.Link, l.Code = Link(l.Base+"/"), hidden
	return l
}

// AddressChanged tells the old address that another one is used from now on.
type AddressChanged struct {
	Frame
	NewAddress string // shown with most of it covered
	At         time.Time
}

// Kind implements Letter.
func (AddressChanged) Kind() string { return KindAddressChanged }

// Registered tells somebody the university did not know that the registration
// is confirmed. Link leads to the call, which says until when it is open.
type Registered struct {
	Frame
	Call string
	Link Link
}

// Kind implements Letter.
func (Registered) Kind() string { return KindRegistered }

// RegistrationRefused tells somebody the university did not know that the
// registration is refused. Link leads to the call.
type RegistrationRefused struct {
	Frame
	Call   string
	Reason Prose `letter:"optional"`
	Link   Link
}

// Kind implements Letter.
func (RegistrationRefused) Kind() string { return KindRegistrationRefused }

// hidden stands where a secret was in a stored letter.
const hidden = "••••••"
