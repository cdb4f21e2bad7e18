package page

// SignIn is one step of signing in: the address, the code, or the button
// behind a link.
type SignIn struct {
	Base
	Text   string
	Errors ErrorSummary
	Fields []Field
	Action string
	Hidden []Hidden
	Button Button
	Notes  []string // small, below the form
	Links  []Link
}

var _ = define[SignIn]("sign_in")

// SignInAgain keeps what was typed into a form whose sender was signed out in
// the meantime, and sends it again.
type SignInAgain struct {
	Base
	SignIn Link // opens beside this page
	Action string
	Kept   []Hidden
	Button Button
}

var _ = define[SignInAgain]("sign_in_again")

// Account is what a person sees and settles about themselves.
type Account struct {
	Base
	Facts      Summary
	Correct    string // whom to ask if something is wrong
	Calendar   Link
	Reminders  Link
	Sessions   Table
	Everywhere Button
}

var _ = define[Account]("account_page")
