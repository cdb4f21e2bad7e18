package page

// Calendar shows deadlines: a month of them in weeks, or day after day.
type Calendar struct {
	Base
	Month    string // "January 2027"
	Previous Link
	Next     Link
	Today    Link // back to this month; "" when it is shown
	Views    []NavItem
	Filter   Filter
	Heads    []Weekday       // of the columns of Weeks
	Weeks    [][]CalendarDay // of the month; none: Days are shown
	Days     []CalendarDay
	Empty    EmptyState
	Feed     Link // how to have it in one's own calendar
}

var _ = define[Calendar]("calendar")

// Weekday heads a column of days.
type Weekday struct{ Short, Long string }

// CalendarDay is one day with what falls on it.
type CalendarDay struct {
	Number  string // of the month
	Full    string // "Sunday 31 January 2027"
	ISO     string
	Outside bool // of the month before or after
	Today   bool
	Free    string // words for a day that is no working day, "" for one that is
	Entries []CalendarEntry
}

// CalendarEntry is one deadline, or several of one kind at one minute.
type CalendarEntry struct {
	Clock string // "23:59"
	Title string // what ends
	Note  string // of which call
	There string // the time in the call's zone, where the clocks differ
	Items []string
	More  string // words for how many Items there are
	Href  string
	Over  bool
}

// CalendarLink is how a person's own deadlines get into their own calendar.
type CalendarLink struct {
	Base
	Secret  Field // the address, right after it was made: once
	State   Summary
	Buttons []Button
	Notes   []string
}

var _ = define[CalendarLink]("calendar_link")

// Made reports whether there is an address to show.
func (c CalendarLink) Made() bool { return c.Secret.Value != "" }
