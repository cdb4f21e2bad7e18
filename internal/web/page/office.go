package page

// Office is a page of those who work on applications: whose turn it is first,
// then its parts one below the other.
type Office struct {
	Base
	Tabs    []NavItem // the pages of one call, or the parts of a long page
	Before  Link      // the one before this in a list, and after it
	After   Link
	Turn    WhoseTurn
	Path    PathSteps
	Errors  ErrorSummary
	Notices []Notice
	Filter  Filter
	Parts   []Part
}

var _ = define[Office]("office")

// Filter narrows a list by its address. The zero value shows nothing.
type Filter struct {
	Action string
	Hidden []Hidden
	Fields []Field
	Button string // "" for "Filter"
	Clear  Link   // shows everything again, once something is filtered
}

// Part is one part of an office's page. What is set is shown, in this order;
// with Action everything between Text and Buttons is one form that posts there.
type Part struct {
	ID       string // anchor
	Title    string // an h2
	Fold     string // shown as a line to open, instead of the title
	Text     string
	Notice   Notice
	Action   string
	Hidden   []Hidden
	Fields   []Field
	Dense    bool      // many short fields beside each other, none of which has to be filled in unless it says so
	Sections []Section // of a long form
	Summary  Summary
	Bars     []PointsBar
	Spread   Distribution
	Demand   Demand
	Filter   Filter // of the table below it; not with Action
	Table    Table
	Pager    Pager
	Timeline Timeline
	Letters  []LetterShown
	Buttons  []Button
}

// HasTable reports whether there is a table, or an empty one with words.
func (p Part) HasTable() bool { return len(p.Table.Rows) > 0 || p.Table.Empty.Title != "" }

// HasSpread reports whether there is a distribution to draw.
func (p Part) HasSpread() bool { return len(p.Spread.Columns) > 0 }

// HasDemand reports whether there is demand to draw.
func (p Part) HasDemand() bool { return len(p.Demand.Bars) > 0 }

// LetterShown is a letter as its reader gets it: who, what about, the words.
// Its links are text: a preview opens nothing.
type LetterShown struct {
	Title   string
	Facts   Summary
	Frame   string // address of its HTML, shown in a frame that opens nothing; the plain text is then folded
	HTML    string // its HTML, for one that stands at no address yet; shown as Frame is, in a page that allows its style
	Plain   string
	Missing string // why there is no text
	Beside  bool   // the plain text stands beside the frame and is not folded
}
