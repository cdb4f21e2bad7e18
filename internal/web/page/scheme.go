package page

// SchemeForm is a scheme being edited, field by field or as text. Everything
// up to Save is one form; each of its buttons brings the same page back with
// what was typed.
type SchemeForm struct {
	Base
	Tabs     []NavItem
	Errors   ErrorSummary
	Notices  []Notice
	Action   string // "" shows the scheme without fields
	Check    string // what Enter does, read out
	Views    []Button
	Shown    string // the name of the view that is shown
	Hidden   []Hidden
	Text     Field // the scheme as text; without a name it is shown by Sections
	Sections []SchemeSection
	Try      SchemeTry
	Save     SchemeSave
	Parts    []Part
}

var _ = define[SchemeForm]("scheme-form")

// SchemeSection is one list of a scheme: its values, its criteria.
type SchemeSection struct {
	ID, Title, Text string
	None            string // said where there are no cards
	Cards           []SchemeCard
	Add             Button
}

// SchemeCard is one thing of a list, folded to a line that says what it does.
type SchemeCard struct {
	ID     string
	Title  string
	Line   string
	Tags   []Tag
	Open   bool
	Errors []string // that belong to no one of its fields
	Blocks []FieldBlock
	Cases  []SchemeCard // of a criterion, in front of its last block but one
	Add    Button       // a case
	Moves  []Button
}

// Front are the blocks in front of the cases, and Rest those behind them.
func (c SchemeCard) Front() []FieldBlock { return c.Blocks[:min(len(c.Blocks), 2)] }

// Rest are the blocks behind the cases.
func (c SchemeCard) Rest() []FieldBlock { return c.Blocks[min(len(c.Blocks), 2):] }

// FieldBlock is fields that belong together; which of its groups are shown
// follows from what is chosen or ticked in the block.
type FieldBlock struct {
	Title  string
	Fold   string // shown as a line to open, instead of the title
	Open   bool
	Groups []FieldGroup
}

// FieldGroup is fields beside each other. When lists the words that have to be
// chosen in the block for the group to be shown, "ticked" for a box; "" shows
// it always.
type FieldGroup struct {
	When   string
	Text   string
	Fields []Field
	Table  Table
}

// SchemeTry is the panel that tries the scheme out; the zero value shows
// nothing.
type SchemeTry struct {
	Title, Text string
	Open        bool
	Groups      []FieldGroup
	Buttons     []Button
	Hidden      []Hidden
	Candidate   []Field // whose values are taken instead
	More        []Button
	Results     []Part
}

// SchemeSave is the end of the form.
type SchemeSave struct {
	Title, Text string
	Fields      []Field
	Buttons     []Button
}
