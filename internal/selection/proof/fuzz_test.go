package proof_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"peregrine/internal/selection"
	"peregrine/internal/selection/proof"
)

// Whatever the stored bytes are, what can be allocated is proven.
func FuzzStoredInputIsProven(f *testing.F) {
	for n, p := range plans {
		f.Add([]byte(text(p.instance(rand.New(rand.NewPCG(uint64(n), 6))))))
	}
	f.Fuzz(func(t *testing.T, stored []byte) {
		in, err := selection.ReadInput(bytes.NewReader(stored))
		if err != nil {
			return
		}
		r, err := selection.Allocate(in)
		if err != nil {
			return
		}
		if found := verify(in, r); len(found) > 0 {
			t.Fatalf("%+v", found)
		}
		_ = proof.Verify(in, selection.Result{}) // ends without a panic
	})
}
