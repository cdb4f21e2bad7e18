package letter_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"peregrine/internal/letter"
)

var action = regexp.MustCompile(`\{\{[^}]*\}\}`)

// TestWhateverIsAcceptedCanBeSent shuffles the built-in texts: a text that
// passes the check of its placeholders is composed from every sample of its
// kind without an error and without a gap in its braces.
func TestWhateverIsAcceptedCanBeSent(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(4, 20271124)) //nolint:gosec // a test that is the same each time
	accepted := 0
	for _, kind := range letter.Kinds {
		text := letter.BuiltIn(kind, "en")
		words := action.FindAllString(text, -1)
		for _, p := range letter.Placeholders(kind) {
			words = append(words, p.Write)
		}
		for range 60 {
			shuffled := action.ReplaceAllStringFunc(text, func(one string) string {
				switch chance.IntN(12) {
				case 0:
					return ""
				case 1:
					return words[chance.IntN(len(words))]
				case 2:
					return one + words[chance.IntN(len(words))]
				}
				return one
			})
			src, err := letter.ReadSource(kind, "en", shuffled)
			if err != nil {
				if letter.Problems(err) == nil {
					t.Fatalf("%s: %v", kind, err)
				}
				continue
			}
			accepted++
			for _, s := range letter.Samples() {
				if s.Letter.Kind() != kind {
					continue
				}
				got, err := letter.ComposeWith(catalogue(t), "en", s.Letter, src)
				if err != nil || strings.Contains(got.Plain, "<no value>") || strings.Contains(got.Plain, "<nil>") {
					t.Fatalf("%s on %s: %v\n%s", kind, s.Name, err, shuffled)
				}
			}
		}
	}
	if accepted < 300 {
		t.Errorf("only %d texts were accepted: the test says little", accepted)
	}
	t.Logf("%d texts accepted", accepted)
}
