package page

// Styleguide shows every component in every state.
type Styleguide struct {
	Base
	Turns   []WhoseTurn
	Paths   []PathSteps
	Errors  ErrorSummary
	Fields  []Field
	Refused []Field
	Buttons []Button
	Notices []Notice
	Tags    []Tag
	Table   Table
	Grid    Table
	Nothing Table
	Pager   Pager
	History Timeline
	Facts   Summary
	Upload  Upload
	Closed  Upload
	Choices Choices
	Locked  Choices
	Bars    []PointsBar
	Spread  Distribution
	Dialog  Dialog
	Colours []string
}

var _ = define[Styleguide]("styleguide")
