package letter

// Digest tells somebody who works here, once a day or week as they chose,
// what waits for them.
type Digest struct {
	Frame
	Lines    []string // what waits, with its call and until when; worded in the letter's language
	Weekly   bool     // else every working day
	Link     Link     // their work
	Settings Link     // where they choose otherwise
}

// Kind implements Letter.
func (Digest) Kind() string { return KindDigest }
