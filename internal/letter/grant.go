package letter

// GrantAwarded says that a place that was given without money comes with a
// grant now.
type GrantAwarded struct {
	Frame
	File
	Place Place
}

// Kind implements Letter.
func (GrantAwarded) Kind() string { return KindGrantAwarded }
