package page

// Grid is the sheet of marks of a call: candidates down, criteria across. It
// is a form for each row; where script runs it is used like a spreadsheet.
type Grid struct {
	Base
	Tabs    []NavItem
	Turn    WhoseTurn
	Errors  ErrorSummary
	Notices []Notice
	Filter  Filter
	Text    string
	Sheet   Sheet
	Pager   Pager
}

var _ = define[Grid]("grid")

// Sheet is the table itself. Cell and Changes are where script saves one cell
// and asks for what others changed.
type Sheet struct {
	Caption string
	Action  string // each row's form posts there
	Cell    string
	Changes string
	Queue   string // names what waits to be sent: the reader and the call
	Person  string // the reader's id: nothing is sent in another's name
	Open    bool   // something may be typed
	Columns []SheetColumn
	Rows    []SheetRow
	Empty   EmptyState
}

// SheetColumn is a criterion. Hint says what may be typed.
type SheetColumn struct{ Label, Hint string }

// SheetRow is one candidate.
type SheetRow struct {
	ID, Name, Href, Note string
	Cells                []SheetCell
	Total                string
	Open                 bool
}

// SheetCell is one criterion of one candidate: a mark to type, or what there
// is. Name is that of its input; Raw the mark as it is kept.
type SheetCell struct {
	Name, Label string
	Value, Raw  string
	Open        bool
	Missing     bool
	Note        string // what all marks come to
	Flag        string // why the mark is to be looked at again
	Keep        string // label of the button that keeps it
	Error       string
}

// ID is the input's id.
func (c SheetCell) ID() string { return domID("m-" + c.Name) }

// NoteID is the id of what stands below the input.
func (c SheetCell) NoteID() string { return c.ID() + "-note" }
