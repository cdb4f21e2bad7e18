package allocation_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"peregrine/internal/allocation"
	"peregrine/internal/selection"
	"peregrine/internal/selection/proof"
)

// Whatever the files say, it is either told what is wrong with them, each
// fault in one line, or allocated, proved, and printed as text.
func FuzzRead(f *testing.F) {
	f.Add([]byte(soundWishes), []byte(soundPlaces), []byte("group,percent\ng,34\n"), uint8(0))
	f.Add([]byte("applicant,preference,destination,score\n\"a\nb\",1,X,-0.50\n"), []byte("\ufeffdestination,places,partner,partner_places\r\nX,1,P,1\r\n"), []byte{}, uint8(128+3))
	f.Add([]byte("applicant,preference,destination,score\n\"a,1,X,1e400\n"), []byte("destination,places\n\xff,0\nX,-1\n"), []byte("group\n"), uint8(17))
	f.Fuzz(func(t *testing.T, wishes, places, shares []byte, how uint8) {
		o := options(t, wishes, places, shares, how)
		c, err := allocation.Read(o)
		var found *allocation.Problems
		if errors.As(err, &found) {
			for _, line := range found.Lines() {
				if !utf8.ValidString(line) || strings.Contains(line, "\n") || !strings.Contains(line, ", line ") || !strings.Contains(line, ", column ") {
					t.Errorf("%q", line)
				}
			}
		}
		if err != nil {
			return
		}
		result, err := selection.Allocate(c.Input)
		if err != nil {
			t.Fatal(err)
		}
		if broken := proof.Verify(c.Input, result); len(broken) > 0 {
			t.Fatal(broken)
		}
		for _, form := range []allocation.Form{{}, {PerWish: true}, {JSON: true}} {
			var out bytes.Buffer
			if err := c.Write(&out, result, form); err != nil || !utf8.Valid(out.Bytes()) {
				t.Fatalf("%v, %q", err, out.String())
			}
		}
	})
}

func options(t *testing.T, wishes, places, shares []byte, how uint8) allocation.Options {
	t.Helper()
	dir := t.TempDir()
	o := allocation.Options{
		Applications: filepath.Join(dir, "a"), Destinations: filepath.Join(dir, "d"), Seed: "s",
		Method: selection.Methods[int(how&7)%5], Ties: selection.TiePolicies[how>>3&3], PartnerRanks: how&128 != 0,
	}
	files := map[string][]byte{o.Applications: wishes, o.Destinations: places}
	if how&64 != 0 {
		o.Shares = filepath.Join(dir, "s")
		files[o.Shares] = shares
	}
	for name, data := range files {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return o
}
