package page

// Table is rows under headings. The first cell of a row is its heading. On a
// narrow screen each row becomes a card of label and value; with Scroll the
// table keeps its shape and scrolls sideways in a named region.
type Table struct {
	Caption     string
	HideCaption bool // read out, not shown: only where a heading says the same
	Columns     []Column
	Rows        []Row
	Scroll      bool
	Empty       EmptyState // shown instead of a table without rows
}

// Column is a heading, sortable if it has a link.
type Column struct {
	Label   string
	Href    string // sorts by this column
	Sorted  string // "ascending", "descending" or ""
	Numeric bool   // figures, aligned to the right
	Hide    bool   // the heading is read out, not shown: a column of buttons
}

// Row is one line of a table.
type Row struct {
	ID     string // anchor, "" for none
	Cells  []Cell
	Tone   Tone   // Accent marks the reader's own, Danger one that needs care
	Strong bool   // a line of totals
	Cut    string // a line drawn above this row, with what it means: "cut-off"
}

// Cell is one value. What is set is shown, in this order.
type Cell struct {
	Tick    *Tick
	Text    string
	Href    string // makes Text a link
	Note    string // small, below
	Tag     Tag
	When    Moment
	Bar     *PointsBar
	Field   *Field
	Buttons []Button
}

// Plain says that a cell is its text alone, as most are: a long table is
// written twice as fast when the template need not ask for all the rest.
func (c Cell) Plain() bool {
	return c.Tick == nil && c.Href == "" && c.Note == "" && c.Tag.Label == "" && c.When.Zero() && c.Bar == nil && c.Field == nil && len(c.Buttons) == 0
}

// FieldValue is the field for its template.
func (c Cell) FieldValue() Field { return *c.Field }

// BarValue is the bar for its template.
func (c Cell) BarValue() PointsBar { return *c.Bar }

// Tick is a box to select a row by.
type Tick struct {
	Name, Value, Label string
	Checked            bool
}

// Cells makes plain cells from texts.
func Cells(texts ...string) []Cell {
	out := make([]Cell, len(texts))
	for i, text := range texts {
		out[i].Text = text
	}
	return out
}

// Span is how many columns a line across the table takes.
func (t Table) Span() int { return len(t.Columns) }

// Column returns the heading of the i-th cell; a cell too many has none.
func (t Table) Column(i int) Column {
	if i < len(t.Columns) {
		return t.Columns[i]
	}
	return Column{}
}

// Pager leads through the pages of a list. With one page it shows the number
// of rows alone.
type Pager struct {
	Page, Pages, Rows int
	Previous, Next    string
	Links             []Leaf
}

// Leaf is one page of a Pager; Gap stands for those left out.
type Leaf struct {
	Number  int
	Href    string
	Current bool
	Gap     bool
}

// PagerOf builds the pager for a page from 1 to pages; href makes the address
// of a page.
func PagerOf(page, pages, rows int, href func(page int) string) Pager {
	p := Pager{Page: page, Pages: pages, Rows: rows}
	if page > 1 {
		p.Previous = href(page - 1)
	}
	if page < pages {
		p.Next = href(page + 1)
	}
	shown := 0
	for i := 1; i <= pages; i++ {
		if i != 1 && i != pages && (i < page-1 || i > page+1) {
			continue
		}
		if i > shown+1 {
			p.Links = append(p.Links, Leaf{Gap: true})
		}
		p.Links = append(p.Links, Leaf{Number: i, Href: href(i), Current: i == page})
		shown = i
	}
	return p
}

// Summary is a list of terms and what holds for them: facts of a case, or
// answers to check before sending.
type Summary struct {
	Title string // an h2, "" for none
	Rows  []Fact
}

// Fact is one line of a Summary.
type Fact struct {
	Term   string
	Text   string
	Lines  []string // more than one value
	Href   string   // makes Text a link
	Tag    Tag
	When   Moment
	Change string // address where it can be changed
}

// Upload lists the files already there and takes another one, in a form of
// its own; never put it inside another form.
type Upload struct {
	Title  string // an h3, "" for none
	Action string // posts multipart/form-data
	Field  Field  // of kind File
	Limit  string // "10 MB", shown
	Hidden []Hidden
	Files  []UploadedFile
	Closed bool // shows the files only
}

// UploadedFile is one file that is there.
type UploadedFile struct {
	Name   string
	Href   string
	Size   string
	When   Moment
	Note   string
	Tag    Tag
	Remove string // address that removes it by POST, "" if it cannot be
	Hidden []Hidden
}

// Choices is the applicant's ordered list of destinations. Its buttons belong
// to the form around it and post Name=up:ID, down:ID or remove:ID, so that
// whatever else was typed is kept.
type Choices struct {
	Label  string
	Name   string // of the buttons
	Items  []Choice
	Locked bool // shows the order only
	Empty  EmptyState
}

// Choice is one ranked destination.
type Choice struct {
	ID      string
	Rank    int
	Title   string
	Detail  string
	Facts   []string
	Problem string // why it may not be chosen as things stand
	Tag     Tag
	Fields  []Field // questions of this destination
}

// PlacedChoice is a choice with what its row needs to know of the list.
type PlacedChoice struct {
	Choice
	Name        string
	First, Last bool
	Locked      bool
}

// Placed are the choices with their place in the list.
func (c Choices) Placed() []PlacedChoice {
	out := make([]PlacedChoice, len(c.Items))
	for i, item := range c.Items {
		out[i] = PlacedChoice{Choice: item, Name: c.Name, First: i == 0, Last: i == len(c.Items)-1, Locked: c.Locked}
	}
	return out
}

// Dialog asks before something is done, on a page of its own that works
// without script: what happens, whom it concerns, and the way back.
type Dialog struct {
	Text    string
	Warning Notice
	Facts   Summary
	Table   Table // who is affected, by name and number
	Errors  ErrorSummary
	Fields  []Field // a reason, an own deadline
	Action  string
	Hidden  []Hidden // revision, hash of the preview
	Confirm Button
	Cancel  Link
}
