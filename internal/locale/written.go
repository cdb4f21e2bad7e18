package locale

import "slices"

// Written lists the languages in which an institution is asked to write what
// it words itself: its own first, then the one that stands in everywhere; and
// those in which something is there already. A reader of another language gets
// the one that stands in, and is told so.
func Written(own string, there ...string) []string {
	var out []string
	for _, lang := range append([]string{own, Default}, there...) {
		if slices.Contains(Languages, lang) && !slices.Contains(out, lang) {
			out = append(out, lang)
		}
	}
	return out
}
