package process

import (
	"peregrine/internal/lifecycle"
	"peregrine/internal/selection"
)

// OutcomeOf is what an entry of a ranking comes to, as its row says it: the
// granted wish, else waiting, else why not.
func OutcomeOf(e selection.Entry) lifecycle.RankingOutcome {
	outcome, _, _ := summary(e)
	return outcome
}
