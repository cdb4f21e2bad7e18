package process

import (
	"cmp"

	"peregrine/internal/scheme"
)

// importedFields are the values of the import that have a name of their own,
// for inputs of a scheme. Any other name is looked for among what else the
// file held.
var importedFields = map[string]scheme.Kind{
	"unit": scheme.KindChoice, "cycle": scheme.KindNumber, "field": scheme.KindChoice, "year": scheme.KindCount,
	"average": scheme.KindNumber, "credits": scheme.KindNumber,
	"nationality": scheme.KindChoice, "gender": scheme.KindChoice, "birth_date": scheme.KindDate,
}

// destinationFields are what a scheme may ask about a destination. Words are
// as they are written everywhere, with _ for a blank; own_country is whether
// it lies in the country of the applicant's nationality.
var destinationFields = map[string]scheme.Kind{
	"host": scheme.KindChoice, "country": scheme.KindChoice, "own_country": scheme.KindYesNo, "language": scheme.KindChoice,
	"cefr": scheme.KindLevel, "term": scheme.KindChoice, "field": scheme.KindChoice, "cycle": scheme.KindNumber,
	"months": scheme.KindNumber, "unit": scheme.KindChoice,
}

func questionOf(in scheme.Input) string { return cmp.Or(in.Question, in.Key) }

func fieldOf(in scheme.Input) string { return cmp.Or(in.Field, in.Key) }
