package web

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"peregrine/internal/lifecycle"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// labelTag is the tag of a state in the words of an audience.
func labelTag(state lifecycle.StateDef, audience lifecycle.Audience, lang string) page.Tag {
	return page.StateTag(state.Label[audience].In(lang), state.Phase, state.Decision)
}

// placeWords name a destination on one line: "Helsingin yliopisto, Helsinki,
// Finland, winter semester".
func placeWords(loc locale.Printer, d store.PublicDestinationsRow) string {
	return hostWords(loc, d) + ", " + loc.T("term."+d.Term)
}

// hostWords name the host of a destination and where it is.
func hostWords(loc locale.Printer, d store.PublicDestinationsRow) string {
	words := []string{d.Host}
	if d.City != "" && !strings.Contains(d.Host, d.City) {
		words = append(words, d.City)
	}
	return strings.Join(append(words, loc.Country(d.Country)), ", ")
}

// whereWords name the city and the country of a destination.
func whereWords(loc locale.Printer, d store.PublicDestinationsRow) string {
	if d.City == "" {
		return loc.Country(d.Country)
	}
	return d.City + ", " + loc.Country(d.Country)
}

// monthWords say how long a stay is.
func monthWords(loc locale.Printer, months decimal.Decimal) string {
	if months.IsInteger() {
		return loc.N("call.months", int(months.IntPart()))
	}
	return loc.T("call.part_months", "Number", months)
}

// levelWords name the language of instruction and the level it asks for:
// "English B2".
func levelWords(loc locale.Printer, language, cefr string) string {
	return strings.TrimSpace(loc.Language(language) + " " + cefr)
}

// unitWords joins the names of units that a query gathered as JSON.
func unitWords(loc locale.Printer, gathered []byte) []string {
	var names []mobility.Texts
	if json.Unmarshal(gathered, &names) != nil {
		return nil
	}
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n.In(loc.Lang())
	}
	return out
}

// dayWords write a date as it stands; a day has no zone.
func dayWords(loc locale.Printer, day time.Time) string { return loc.In(day.Location()).Date(day) }
