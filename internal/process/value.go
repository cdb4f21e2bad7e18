package process

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
	"peregrine/internal/scheme"
	"peregrine/internal/store"
)

// sources is what one application's values are looked up in.
type sources struct {
	row          store.ValueSourcesRow
	answers      mobility.Answers
	atSubmission map[string]string // imported values by name
	atInstant    map[string]string // the same as of the call's stated instant
}

type atDestination struct {
	id    string
	facts map[string]string
}

// value looks an input up, for the application or for one destination of it.
// ok is false where nothing is known.
func (r *valueReader) value(in scheme.Input, from sources, at *atDestination) (v scheme.Value, ok bool) {
	text := ""
	moment := from.row.ArrivedAt
	switch in.From {
	case scheme.FromImported:
		text = from.atSubmission[fieldOf(in)]
		if in.Frozen == scheme.FrozenAtInstant && r.FactsAt != nil {
			text, moment = from.atInstant[fieldOf(in)], *r.FactsAt
		}
	case scheme.FromAnswer:
		text = from.answers[answerKey(questionOf(in), at)]
		if text == "" && in.Kind == scheme.KindYesNo {
			text = "no" // a box that is not ticked
		}
	case scheme.FromRecord:
		d, known := r.recorded(in, from.row)
		if !known {
			return v, false
		}
		v = scheme.Number(d, in.From)
		v.Kind = in.Kind
	case scheme.FromMark:
		text = r.stated(in, from.row.ID)
	case scheme.FromDestination:
		if at != nil {
			text = at.facts[in.Key]
		}
	case scheme.FromCohort, scheme.FromFormula:
		return v, false
	}
	if in.From != scheme.FromRecord {
		if v, ok = typed(in, text); !ok {
			return v, false
		}
	}
	if in.From == scheme.FromImported || in.From == scheme.FromRecord {
		v.At = moment.UTC().Truncate(time.Second)
	}
	if in.Evidence != "" {
		v.Proved = slices.Contains(from.row.Files, in.Evidence) || at != nil && slices.Contains(from.row.Files, mobility.AnswerKey(in.Evidence, at.id))
	}
	return v, true
}

func answerKey(question string, at *atDestination) string {
	if at == nil {
		return question
	}
	return mobility.AnswerKey(question, at.id)
}

// stated is what an assessor's mark says where it states a fact.
func (r *valueReader) stated(in scheme.Input, application uuid.UUID) string {
	mark, ok := scheme.Marking{Combine: scheme.CombineMedian}.Combined(r.marks[application][in.Key], 0)
	if in.Kind == scheme.KindNumber {
		mark, ok = scheme.Marking{Combine: scheme.CombineMedian}.Combined(r.marks[application][in.Key], mobility.Scale)
	}
	switch {
	case !ok:
		return ""
	case in.Kind == scheme.KindYesNo && mark.IsPositive():
		return "yes"
	case in.Kind == scheme.KindYesNo:
		return "no"
	case in.Kind == scheme.KindLevel && mark.IsPositive() && mark.LessThanOrEqual(decimal.NewFromInt(int64(len(scheme.Levels)))):
		return scheme.Levels[mark.IntPart()-1]
	}
	return mark.String()
}

var codeForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_:/-]{0,62}$`)

// typed reads a text as a value of the input's kind; false for what is none.
func typed(in scheme.Input, text string) (scheme.Value, bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return scheme.Value{}, false
	}
	switch in.Kind {
	case scheme.KindNumber, scheme.KindCount:
		d, err := decimal.NewFromString(strings.ReplaceAll(text, ",", "."))
		if err != nil || len(text) > 30 {
			return scheme.Value{}, false
		}
		v := scheme.Number(d, in.From)
		v.Kind = in.Kind
		return v, true
	case scheme.KindYesNo:
		return scheme.YesNo(slices.Contains([]string{"yes", "true", "1"}, strings.ToLower(text)), in.From), true
	case scheme.KindLevel:
		level := strings.ToUpper(text)
		return scheme.Level(level, in.From), slices.Contains(scheme.Levels, level)
	case scheme.KindDate:
		day, err := time.Parse(time.DateOnly, text)
		return scheme.Date(day, in.From), err == nil
	case scheme.KindChoice:
		word := strings.ReplaceAll(text, " ", "_")
		return scheme.Choice(word, in.From), codeForm.MatchString(word)
	}
	return scheme.Value{}, false
}

// recorded counts earlier mobilities, their months, waivers or applications,
// or the full years since the last mobility; false where there is none to
// count from.
func (r *valueReader) recorded(in scheme.Input, row store.ValueSourcesRow) (decimal.Decimal, bool) {
	kind := map[string]string{"waivers": "waiver", "applications": "application"}[in.Of]
	if kind == "" {
		kind = "mobility"
	}
	months, count := decimal.Zero, int64(0)
	var last time.Time
	for _, was := range r.record[row.PersonID] {
		if was.Kind != kind || !r.counts(in, was, row) {
			continue
		}
		count++
		months = months.Add(was.Months)
		if was.BeganOn.After(last) {
			last = was.BeganOn
		}
	}
	switch in.Of {
	case "months":
		return months, true
	case "years_since_last":
		return decimal.NewFromInt(int64(fullYears(last, r.At))), !last.IsZero()
	}
	return decimal.NewFromInt(count), true
}

// counts reports whether an entry of the record is one the input asks for:
// another application than this, before it, in the window, at the same study
// level, of the programmes named.
func (r *valueReader) counts(in scheme.Input, was store.PersonsRecordRow, row store.ValueSourcesRow) bool {
	if (was.ApplicationID != nil && *was.ApplicationID == row.ID) || !was.BeganOn.Before(r.At) {
		return false
	}
	if in.Years > 0 && was.BeganOn.Before(r.At.AddDate(-in.Years, 0, 0)) {
		return false
	}
	if len(in.Programmes) > 0 && !slices.Contains(in.Programmes, was.Programme) {
		return false
	}
	return !in.SameCycle || was.Cycle == 0 || was.Cycle == r.cycles[row.ID]
}

func fullYears(from, to time.Time) int {
	years := to.Year() - from.Year()
	if from.AddDate(years, 0, 0).After(to) {
		years--
	}
	return max(years, 0)
}
