package page

// Mine is a page about what is the reader's own: an overview, one
// application, answers to check, a letter.
type Mine struct {
	Base
	Notices []Notice
	Errors  ErrorSummary
	Turn    WhoseTurn
	Path    PathSteps
	Lists   []CardList
	Parts   []Part
}

var _ = define[Mine]("mine")

// Edit is the form of an application: one form for everything typed, ordered
// and attached, so that pressing any button loses nothing.
type Edit struct {
	Base
	Notices     []Notice
	Errors      ErrorSummary
	Turn        WhoseTurn
	Differences Part   // what another window saved, beside what was typed here
	Action      string // "" where nothing can be changed
	Hidden      []Hidden
	Sections    []EditSection
	Saved       string // when the draft was saved last
	Buttons     []Button
	Parts       []Part // what cannot be changed
}

var _ = define[Edit]("edit")

// EditSection is one part of the form.
type EditSection struct {
	ID, Title, Text string
	Error           string
	Fields          []Field
	Ordered         bool // Choices are shown
	Choices         Choices
	Order           []Hidden // the choices in order, as the form posts them
	Add             Field    // another destination; no options: none can be added
	AddButton       Button
	Files           []Attach
}

// CanAdd reports whether there is a destination left to add.
func (s EditSection) CanAdd() bool { return len(s.Add.Options) > 0 }

// Attach takes a file for one question within a form; unlike Upload it is no
// form of its own.
type Attach struct {
	Field  Field
	Files  []UploadedFile // Remove is the value posted as the act
	Button Button
}
