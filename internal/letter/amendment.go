package letter

// RulesAmended says that announced rules of a call were changed after the
// reader had submitted.
type RulesAmended struct {
	Frame
	File
	Changes []string // worded in the letter's language
	Reason  Prose
}

// Kind implements Letter.
func (RulesAmended) Kind() string { return KindRulesAmended }
