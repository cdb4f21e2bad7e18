package selection

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"peregrine/internal/mobility"
)

// What methods, tie policies, shares and quotas do not go together with is
// refused by a name of its own.
func TestRulesThatDoNotGoTogether(t *testing.T) {
	people := `
		ana X90 Y90 law
		bob Y80 X80`
	half := func(in *Input) { in.Shares = []Share{{"A", 50}} }
	tests := map[string]struct {
		method Method
		tied   TiePolicy
		places string
		change func(*Input)
		want   string
	}{
		"unknown tie policy":           {MethodDeferred, "coin", "X:1 Y:1", nil, "ties selection.unknown_ties"},
		"tied groups in a lottery":     {MethodLottery, TiedRefuse, "X:1 Y:1", nil, "ties selection.no_ties_in_a_lottery"},
		"a lottery without a seed":     {MethodLottery, TiedID, "X:1 Y:1", func(in *Input) { in.Seed = "" }, "seed selection.no_seed"},
		"no seed where none decides":   {MethodList, TiedID, "X:1 Y:1", nil, ""},
		"two scores under the list":    {MethodList, TiedID, "X:1 Y:1", func(in *Input) { in.Applicants[1].Wishes[0].Points = dec("1") }, "applicant selection.one_score_needed"},
		"two classes under the list":   {MethodList, TiedID, "X:1 Y:1", func(in *Input) { in.Applicants[0].Wishes[0].Class = 1 }, "applicant selection.one_score_needed"},
		"two scores in a lottery":      {MethodLottery, TiedID, "X:1 Y:1", func(in *Input) { in.Applicants[1].Wishes[0].Points = dec("1") }, ""},
		"a share beyond all":           {MethodDeferred, TiedID, "X:1 Y:1", func(in *Input) { in.Shares = []Share{{"A", 101}} }, "share A selection.percent"},
		"a share twice":                {MethodDeferred, TiedID, "X:1 Y:1", func(in *Input) { in.Shares = []Share{{"A", 1}, {"A", 2}} }, "share A selection.duplicate"},
		"shares of tied groups":        {MethodDeferred, TiedRefuse, "X:1 Y:1", half, "shares selection.shares_need_strict_order"},
		"shares by hand":               {MethodByHand, TiedID, "X:1 Y:1", half, "shares selection.shares_not_by_hand"},
		"shares of common places":      {MethodDeferred, TiedID, "X:1 Y:1 Q:1=XY", half, "destination selection.shares_need_own_places; destination selection.shares_need_own_places"},
		"shares of the whole list":     {MethodList, TiedID, "X:1 Y:1 Q:1=XY", half, ""},
		"quotas within quotas":         {MethodHardest, TiedAdmit, "X:1 Y:1 U:1=X/law V:1=XY", nil, ""},
		"a group and a partner cross":  {MethodHardest, TiedAdmit, "X:1 Y:1 U:1=XY/law", nil, "pool selection.quotas_cross 55 58; pool selection.quotas_cross 55 59"},
		"crossing, nobody in both":     {MethodHardest, TiedAdmit, "X:1 Y:1 U:1=XY/art", nil, ""},
		"crossing, one strict score":   {MethodDeferred, TiedID, "X:1 Y:1 U:1=XY/law", nil, ""},
		"crossing, own scores":         {MethodDeferred, TiedID, "X:1 Y:1 U:1=XY/law", func(in *Input) { in.Applicants[1].Wishes[0].Points = dec("1") }, "pool selection.quotas_cross 55 58; pool selection.quotas_cross 55 59"},
		"crossing, hardest and strict": {MethodHardest, TiedID, "X:1 Y:1 U:1=XY/law", nil, ""},
		"crossing by hand":             {MethodByHand, TiedRefuse, "X:1 Y:1 U:1=XY/law", nil, ""},
		"placed by hand elsewhere":     {MethodByHand, TiedID, "X:1 Y:1", func(in *Input) { in.Applicants[0].Hand = id('d', 'Q') }, "applicant selection.hand_is_no_wish"},
		"placed by hand at a gate": {MethodByHand, TiedID, "X:1 Y:1", func(in *Input) {
			in.Applicants[0].Hand, in.Applicants[0].Wishes[0].Gate = id('d', 'X'), "gate.language"
		}, "applicant selection.hand_is_no_wish"},
		"a minimum below zero":  {MethodDeferred, TiedID, "X:1 Y:1", func(in *Input) { in.Destinations[0].Minimum = -1 }, "destination selection.negative"},
		"money below zero":      {MethodDeferred, TiedID, "X:1 Y:1", func(in *Input) { in.Money = []Pool{{ID: id('m', 1), Free: -1}} }, "money selection.negative"},
		"only a group's places": {MethodDeferred, TiedID, "X:1 Y:1", func(in *Input) { in.Pools[0].Group = "law" }, "destination selection.no_pool"},
		"absurd points there":   {MethodDeferred, TiedID, "X:1 Y:1", func(in *Input) { in.Applicants[0].Wishes[1].Points = dec("1e-99") }, "applicant selection.number_out_of_size"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in := tale(tt.method, tt.tied, tt.places, people)
			if tt.change != nil {
				tt.change(&in)
			}
			if got := refusals(in.Check()); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// refusals writes problems by kind of row and code, with the pools that cross.
func refusals(err error) string {
	var e *mobility.Error
	if !errors.As(err, &e) {
		return ""
	}
	var out []string
	for _, f := range e.Fields {
		field := f.Field
		if kind, rest, ok := strings.Cut(field, " "); ok && len(rest) == 36 {
			field = kind
		}
		text := field + " " + f.Code
		if f.Data["Other"] != nil {
			text += fmt.Sprintf(" %s %s", last(f.Data["Pool"]), last(f.Data["Other"]))
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

func last(id any) string { s := fmt.Sprint(id); return s[len(s)-2:] }

func TestFigures(t *testing.T) {
	in := tale(MethodDeferred, TiedAdmit, "X:1 Y:2", `
		ana X80 Y80
		bob X80
		cid Y60 X60
		dan X50`)
	in.Destinations[1].Minimum = 3
	r := allocate(t, in)
	x, y := r.Destinations[0], r.Destinations[1]
	if x.Listed != 4 || x.Admitted != 2 || x.Over != 1 || x.Refused != 1 || x.Waiting != 1 || !x.LowestAdmitted.Decimal.Equal(dec("80")) || !x.HighestRefused.Decimal.Equal(dec("50")) {
		t.Errorf("X: %+v", x)
	}
	if y.Admitted != 1 || y.Lacking != 2 || y.Over != 0 || y.HighestRefused.Valid {
		t.Errorf("Y: %+v", y)
	}
}

// Points of destinations too large for machine integers keep their order.
func TestOwnPointsBeyondMachineIntegers(t *testing.T) {
	in := tale(MethodDeferred, TiedID, "X:2 Y:1", `
		ana X12345678901234567890.1 Y1
		bob X12345678901234567890.12 Y-0.000000000000000000000001
		cid Y0 X12345678901234567890.11`)
	if got, want := told(in, allocate(t, in)), lines(`
		bob: X1 placed, Y3 placed_at_better_choice
		cid: Y2 placed, X2 placed_at_better_choice
		ana: X3 placed, Y1 placed_at_better_choice`); got != want {
		t.Errorf("got\n%s", got)
	}
}
