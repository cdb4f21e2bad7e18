package page

import "html/template"

// Card is one entry of a list people choose from: a call, an application.
type Card struct {
	Title, Href string
	Kicker      string // small, above: whose it is
	Tag         Tag
	Text        string
	Label       string // before When: "Closes"
	When        Moment
	Facts       []string
	Yours       bool // the reader is asked to do something
	Buttons     []Button
}

// CardList is a list of cards under a heading; nothing is shown of an empty
// one that has no words for it.
type CardList struct {
	Title string
	Cards []Card
	Empty EmptyState
}

// Shown reports whether there is anything to show.
func (l CardList) Shown() bool { return len(l.Cards) > 0 || l.Empty.Title != "" }

// Catalogue lists calls: open, opening soon, closed lately.
type Catalogue struct {
	Base
	Lists []CardList
}

var _ = define[Catalogue]("catalogue")

// Call is what everybody may know of a call.
type Call struct {
	Base
	Turn    WhoseTurn
	Notices []Notice
	Parts   []Part
	Title   string // of the list of places
	Text    string
	Filter  Filter
	Places  Table
	Pager   Pager
	After   []Part
}

var _ = define[Call]("call")

// Register asks for somebody to be let in to a call.
type Register struct {
	Base
	Text   string
	Errors ErrorSummary
	Fields []Field
	Action string
	Button Button
	Back   Link
}

var _ = define[Register]("register")

// Help is a page of explanations; Picture is drawn by us and holds no word
// that was not escaped.
type Help struct {
	Base
	Lists   []CardList
	Picture template.HTML
	Parts   []Part
}

var _ = define[Help]("help")
