package page

// HostDesk is what a host sees of those nominated to it in one call, and
// where it answers.
type HostDesk struct {
	Base
	Said        Notice
	Turn        WhoseTurn
	Facts       Summary
	Action      string // asks before an answer; a GET with ticks n and a move
	All         Link   // the page again with everybody who waits ticked
	Nominations Table
	Buttons     []Button // one per move, named move

	DocumentsText string
	Documents     []Upload // of one person each, closed
	AskCode       Button   // sends the code that opens documents
	HaveCode      Link
	Errors        ErrorSummary
	Code          CodeForm
}

// CodeForm takes a code that was sent by mail.
type CodeForm struct {
	Fields []Field
	Action string
	Button Button
}

var _ = define[HostDesk]("host_desk")

// HostAnswered reports an answer, nomination by nomination.
type HostAnswered struct {
	Base
	Table Table
	Back  Button
}

var _ = define[HostAnswered]("host_answered")

// HostCalls lists the calls whose people are nominated to one's institution.
type HostCalls struct {
	Base
	Calls Table
}

var _ = define[HostCalls]("host_calls")
