package selection

import (
	"bytes"
	"testing"
)

// Whatever the stored bytes are, reading and allocating ends without a panic.
func FuzzStoredInput(f *testing.F) {
	var b bytes.Buffer
	if err := WriteInput(&b, world()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"format":"peregrine-selection-input/2","method":"list","seed":"s","pools":0,"destinations":0,"applicants":0}`))
	f.Add([]byte(`{"format":"peregrine-selection-input/2","method":"list","seed":"s","pools":1000000000,"destinations":-1,"applicants":0}`))
	f.Fuzz(func(_ *testing.T, stored []byte) {
		in, err := ReadInput(bytes.NewReader(stored))
		if err != nil {
			return
		}
		_, _ = Allocate(in)
	})
}
