package page

// DemoPeople is the demo's first page: what is real, whom to sign in as, and
// where the rest is.
type DemoPeople struct {
	Base
	Real     []string
	Places   []Button // calls, mail, clock, and what else there is
	Staff    []DemoGroup
	Hosts    Table // who come by a link
	Students []DemoGroup
}

// DemoGroup is everybody of one kind.
type DemoGroup struct {
	Title, Text string
	People      Table
}

var _ = define[DemoPeople]("demo_people")

// DemoInbox lists the letters that were caught.
type DemoInbox struct {
	Base
	Filter []Field
	Mails  Table
	Pager  Pager
}

var _ = define[DemoInbox]("demo_inbox")

// DemoMail is one caught letter. Frame is the address of its HTML part, shown
// by itself in a frame that can run nothing.
type DemoMail struct {
	Base
	Facts Summary
	Links []Link
	Frame string
	Text  string
	Raw   Link
}

var _ = define[DemoMail]("demo_mail")

// DemoClock moves the business clock.
type DemoClock struct {
	Base
	Errors    ErrorSummary
	Forward   []Button
	Deadlines Table
}

var _ = define[DemoClock]("demo_clock")
