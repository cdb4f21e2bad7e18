package scheme

import (
	"strings"
	"testing"
)

// The formulas of real universities, F1 to F16, each with its worked values or
// with the arithmetic beside it.

const turkish = " language=70 cycle=bachelor martyr_family=no disability=no social_services=no acceptance_letter=no digital_skills=no" +
	" earlier=0 waived=no second_type=no missed_meeting=no missed_exam=no"

func TestF1TurkishNationalTable(t *testing.T) {
	s := load(t, "f1.yaml")
	with := func(pairs ...string) person { // replaces what is stated of somebody with 3.20 and 70
		inputs := "gpa=3.20" + turkish
		for _, pair := range pairs {
			key, _, _ := strings.Cut(pair, "=")
			var kept []string
			for _, old := range strings.Fields(inputs) {
				if !strings.HasPrefix(old, key+"=") {
					kept = append(kept, old)
				}
			}
			inputs = strings.Join(append(kept, pair), " ")
		}
		return person{inputs: inputs, there: "own_country=no"}
	}
	points(t, s, with(), "75.67")                                                                         // worked value
	points(t, s, with("earlier=1"), "65.67")                                                              // worked value
	points(t, s, with("earlier=1", "disability=yes"), "75.67")                                            // worked value
	points(t, s, with("disability=yes?"), "75.67")                                                        // without its report it does not count
	points(t, s, with("earlier=3"), "45.67")                                                              // 75.67 - 3 × 10
	points(t, s, with("martyr_family=yes"), "90.67")                                                      // + 15
	points(t, s, with("acceptance_letter=yes", "digital_skills=yes"), "90.67")                            // + 10 + 5
	points(t, s, with("waived=yes", "second_type=yes", "missed_meeting=yes", "missed_exam=yes"), "45.67") // - 10 - 10 - 5 - 5
	points(t, s, person{inputs: "gpa=4" + turkish, there: "own_country=yes"}, "75")                       // 50 + 35 - 10
	// The two pairs from which the scale is drawn, at the gate.
	for gpa, want := range map[string]string{"2.20": "", "2.19": "average", "2.50": ""} {
		if got := scores(t, s, with("gpa="+gpa))[0]; got.Excluded != want {
			t.Errorf("%s: %q, want %q", gpa, got.Excluded, want)
		}
	}
	line(t, points(t, s, with("gpa=2.20"), "64"), "grade", "29")     // 58/2 + 35
	line(t, points(t, s, with("gpa=2.50"), "67.5"), "grade", "32.5") // 65/2 + 35
	if got := scores(t, s, with("gpa=2.40", "cycle=master"))[0]; got.Excluded != "average" {
		t.Errorf("a master's 2.40 passes: %q", got.Excluded)
	}
}

func TestF2MENDELUCreditMobility(t *testing.T) {
	s := load(t, "f2.yaml")
	// (3 - 1.5) / 2 × 30 = 22.5; mean of 24 and 27 = 25.5; 22.5 + 28 + 25.5 + 9 = 85
	got := scores(t, s,
		person{inputs: "average=1.5 buddy=yes", marks: "language=28 letter=24,27 recommendation=9"},
		person{inputs: "average=1.5 buddy=no", marks: "language=28 letter=24,27 recommendation=9"})
	better(t, got)
	if !got[0].Wishes[0].Points.Equal(dec("85")) || !s.MaxTotal().Decimal.Equal(dec("100")) {
		t.Errorf("%s of %v", got[0].Wishes[0].Points, s.MaxTotal())
	}
	// Ten points apart, beyond eight: a third assessor is asked for.
	apart := scores(t, s, person{inputs: "average=1.5 buddy=no", marks: "language=28 letter=14,24 recommendation=9"})[0]
	if apart.Excluded != ExcludedMarks || apart.Breakdown.Lines[2].Wanted != 3 {
		t.Errorf("%q, %d assessors", apart.Excluded, apart.Breakdown.Lines[2].Wanted)
	}
}

func TestF3VSEPercentile(t *testing.T) {
	s := load(t, "f3.yaml")
	all := "buddy=yes foreign_course=yes certificate=yes"
	got := points(t, s, person{inputs: "percentile=12 " + all, there: "own_country=no"}, "118") // worked value
	if most := s.MaxTotal(); !most.Decimal.Equal(dec("130")) {
		t.Errorf("most %v", most)
	}
	home := points(t, s, person{inputs: "percentile=0 " + all, there: "own_country=yes"}, "130")
	if got.Wishes[0].Class != 0 || home.Wishes[0].Class != 1 {
		t.Error("own country does not go last")
	}
}

func TestF3VSEPercentileAmongApplicants(t *testing.T) {
	s := load(t, "f3_cohort.yaml")
	// In the first cohort of four: none better, one, one, three better of four.
	got := scores(t, s,
		person{inputs: "average=1.2 unit=pef year=2"}, person{inputs: "average=1.5 unit=pef year=2"},
		person{inputs: "average=1.5 unit=pef year=2"}, person{inputs: "average=2.9 unit=pef year=2"},
		person{inputs: "average=2.9 unit=pef year=3"})
	for i, want := range []string{"100", "75", "75", "25", "100"} {
		if !got[i].Breakdown.Total.Equal(dec(want)) {
			t.Errorf("%d: %s, want %s", i, got[i].Breakdown.Total, want)
		}
	}
}

func TestF4VSEMaster(t *testing.T) {
	s := load(t, "f4.yaml")
	for average, want := range map[string]string{"1.60": "35", "1.00": "50", "3.00": "0", "3.50": "0"} { // 1.60 is the worked value
		got := points(t, s, person{inputs: "average=" + average + " certificate=no buddy=no", marks: "courses=0"}, want)
		if l := line(t, got, "average", want); l.Clamped != (average == "3.50") {
			t.Errorf("%s: clamped %v", average, l.Clamped)
		}
	}
	points(t, s, person{inputs: "average=1 certificate=yes buddy=yes", marks: "courses=20"}, "85") // the most there is
	if most := s.MaxTotal(); !most.Decimal.Equal(dec("85")) {
		t.Errorf("most %v", most)
	}
}

func TestF5Jagiellonian(t *testing.T) {
	s := load(t, "f5.yaml")
	points(t, s, person{inputs: "average=4.40 scholarship=no student_body=no level=B2"}, "80")  // worked value
	points(t, s, person{inputs: "average=4.40 scholarship=yes student_body=no level=B2"}, "95") // worked value
	points(t, s, person{inputs: "average=5 scholarship=yes student_body=yes level=B2"}, "130")  // beyond 100
	first := points(t, s, person{inputs: "admission=3.5 scholarship=no student_body=no level=C1"}, "50")
	if l := line(t, first, "average", "50"); !l.Inputs[0].Instead {
		t.Errorf("it does not say that the admission result stands in: %+v", l.Inputs)
	}
	better(t, scores(t, s,
		person{inputs: "average=4 scholarship=no student_body=no level=C2"},
		person{inputs: "average=4 scholarship=no student_body=no level=C1", marks: "interview=9"},
		person{inputs: "average=4 scholarship=no student_body=no level=C1", marks: "interview=3"}))
	for level, want := range map[string]string{"B1": "level", "C1?": ExcludedMissing} {
		if got := scores(t, s, person{inputs: "average=4 scholarship=no student_body=no level=" + level})[0]; got.Excluded != want {
			t.Errorf("%s: %q, want %q", level, got.Excluded, want)
		}
	}
}

func TestF6VilniusAcademyOfArts(t *testing.T) {
	s := load(t, "f6.yaml")
	points(t, s, person{inputs: "grade=8.6 earlier=0 mentor=no", marks: "motivation=9"}, "9.02")  // worked value
	points(t, s, person{inputs: "grade=8.6 earlier=2 mentor=yes", marks: "motivation=9"}, "8.82") // 6.02 + 2.70 + 0.1
}

func TestF7ItalianStatute(t *testing.T) {
	s := load(t, "f7.yaml")
	points(t, s, person{inputs: "cycle=bachelor mean=27 credits=50 years=1"}, "86.67") // worked value
	// R = 105/110×30 × 3/3 × 1.1 = 31.5; 45 + 25×50/60 + 25×31.5/33 = 45 + 20.8333 + 23.8636 = 89.70
	got := points(t, s, person{inputs: "cycle=master mean=27 credits=100 years=2 final_grade=105 grade_scale=110 years_used=3"}, "89.7")
	if l := line(t, got, "merit", "89.7"); l.Variant != 2 || len(l.Inputs) != 8 {
		t.Errorf("variant %d, %d inputs", l.Variant, len(l.Inputs))
	}
	better(t, scores(t, s,
		person{inputs: "cycle=bachelor mean=27 credits=50 years=1 born=2005-03-01"},
		person{inputs: "cycle=bachelor mean=27 credits=50 years=1 born=2004-12-31"},
		person{inputs: "cycle=bachelor mean=27 credits=50 years=1"}))
}

func TestF8GenoaLaw(t *testing.T) {
	s := load(t, "f8.yaml")
	points(t, s, person{inputs: "credits=90 year=2 mean=27.5 cycle=bachelor", marks: "commission=2,2,2"}, "30.5") // worked value
	better(t, scores(t, s,
		person{inputs: "credits=150 year=3 mean=27.5 cycle=single_cycle", marks: "commission=2,2,2"},
		person{inputs: "credits=90 year=2 mean=27.5 cycle=single_cycle", marks: "commission=2,2,2"},
		person{inputs: "credits=150 year=3 mean=27.5 cycle=bachelor", marks: "commission=2,2,2"}))
	marche := load(t, "f8_marche.yaml")
	points(t, marche, person{inputs: "credits=72 year=2 mean=28"}, "36") // 28 + 10 × 72/90
	if l := line(t, points(t, marche, person{inputs: "credits=100 year=2 mean=28"}, "38"), "credits", "10"); !l.Clamped {
		t.Error("more than is expected is not cut off")
	}
}

func TestF9BandedPoints(t *testing.T) {
	s := load(t, "f9.yaml")
	for average, want := range map[string]string{"3.50": "0", "3.51": "2", "3.99": "2", "4.0": "3", "4.50": "3", "4.51": "4", "5": "4"} {
		p := person{
			inputs: "average=" + average + " level=B2 certificate=no dean=yes scholarship=no achievements=no",
			marks:  "activity=0", there: "agreement_fits=yes",
		}
		line(t, scores(t, s, p)[0], "average", want)
	}
	for level, want := range map[string]string{"A2": "0", "B1": "1", "B2": "2", "C1": "3", "C2": "3"} {
		p := person{inputs: "average=4 certificate=no dean=yes scholarship=no achievements=no level=" + level, marks: "activity=0"}
		line(t, scores(t, s, p)[0], "language", want)
	}
	full := "average=4.6 level=A1 certificate=yes scholarship=no achievements=no"
	got := points(t, s, person{inputs: full + " dean=yes", marks: "activity=1", there: "agreement_fits=yes"}, "10") // 4+3+1+1+1
	if w := got.Wishes[0]; w.Gate != "" || w.Reserve != "" {
		t.Errorf("%+v", w)
	}
	got = points(t, s, person{inputs: full + " dean=no", marks: "activity=0", there: "agreement_fits=no"}, "7") // 4+3
	if w := got.Wishes[0]; w.Gate != "" || w.Reserve != "reserve" {
		t.Errorf("7 points do not wait: %+v", w)
	}
	low := person{inputs: "average=3 level=C1 certificate=no scholarship=no achievements=no dean=yes", marks: "activity=0", there: "agreement_fits=no"}
	if w := points(t, s, low, "4").Wishes[0]; w.Gate != "enough" {
		t.Errorf("4 points are selected: %+v", w)
	}
	low.inputs, low.vetoes = full+" dean=yes", "dean_opinion"
	if got := scores(t, s, low)[0]; got.Excluded != "dean_opinion" || got.Wishes[0].Gate != "dean_opinion" {
		t.Errorf("the dean is passed over: %q", got.Excluded)
	}
	low.vetoes, low.thereVetoes = "", "agreement_mismatch"
	if got := scores(t, s, low)[0]; got.Excluded != "" || got.Wishes[0].Gate != "agreement_mismatch" {
		t.Errorf("%q, %q", got.Excluded, got.Wishes[0].Gate)
	}
}

func TestF10StepTable(t *testing.T) {
	s := load(t, "f10.yaml")
	for average, want := range map[string]string{"1": "20", "1.01": "19", "1.05": "19", "2.9": "1", "2.95": "0", "3": "0", "2": "10"} {
		line(t, scores(t, s, person{inputs: "average=" + average + " years=1 proof=none activities=0"})[0], "average", want)
	}
	// 15 + min(5, 4) + 8 + min(7, 2×5) + 3 = 37
	points(t, s, person{inputs: "average=1.5 years=5 proof=b2 activities=7", marks: "committee=3"}, "37")
	// 15 + 2 + 10 + min(7, 2×2) + 1 = 32
	points(t, s, person{inputs: "average=1.5 years=2 proof=c1 activities=7", marks: "committee=1"}, "32")
	// Activities without their file count as none: 15 + 2 + 6 + 0 + 1 = 24.
	points(t, s, person{inputs: "average=1.5 years=2 proof=department activities=7?", marks: "committee=1"}, "24")
}

func TestF11StudySuccessIndex(t *testing.T) {
	s := load(t, "f11.yaml")
	points(t, s, person{inputs: "credits=150 gpa=4.1 semesters=5"}, "123") // worked value
	if got := scores(t, s, person{inputs: "credits=150 gpa=4.1 semesters=0"})[0]; got.Breakdown.Lines[0].Lack != LackZero {
		t.Errorf("no semesters: %+v", got.Breakdown.Lines[0])
	}
	if got := scores(t, s, person{inputs: "credits=29.5 gpa=4.1 semesters=1"})[0]; got.Excluded != "credits" {
		t.Errorf("29.5 credits: %q", got.Excluded)
	}
}

func TestF12HUBerlin(t *testing.T) {
	s := load(t, "f12.yaml")
	if most := s.MaxTotal(); !most.Decimal.Equal(dec("220")) {
		t.Errorf("most %v, want 220", most)
	}
	// (4 - 1.6) / 3 × 120 = 96; (40 + 45) / 2 = 42.5; C1 = 18
	p := person{inputs: "average=1.6 english=C1", marks: "motivation=40,45"}
	points(t, s, p, "156.5")
	p.there = "local=B2"
	points(t, s, p, "174.5") // + 18 where the language is spoken
	p.there = "local=A2"
	points(t, s, p, "156.5")
	p.inputs = "average=1.6"
	if got := scores(t, s, p)[0]; got.Excluded != "english" {
		t.Errorf("no English: %q", got.Excluded)
	}
}

func TestF13Lexicographic(t *testing.T) {
	better(t, scores(t, load(t, "f13_iscsp.yaml"),
		person{inputs: "year=3 failed=4 average=11"}, person{inputs: "year=2 failed=0 average=12"},
		person{inputs: "year=2 failed=1 average=19"}, person{inputs: "year=2 failed=1 average=18.5"},
		person{inputs: "year=2 average=20"})) // not known loses
	s := load(t, "f13_rwth.yaml")
	better(t, scores(t, s,
		person{inputs: "grade=1.3 level=B1 stays=2", marks: "motivation=1", thereMarks: "fit=1"},
		person{inputs: "grade=1.7 level=B1 stays=2", marks: "motivation=1", thereMarks: "fit=4"},
		person{inputs: "grade=1.7 level=C1 stays=2", marks: "motivation=1", thereMarks: "fit=3"},
		person{inputs: "grade=1.7 level=B2 stays=0", marks: "motivation=1", thereMarks: "fit=3"},
		person{inputs: "grade=1.7 level=B2 stays=1", marks: "motivation=5", thereMarks: "fit=3"},
		person{inputs: "grade=1.7 level=B2 stays=1", marks: "motivation=4", thereMarks: "fit=3"}))
	got := scores(t, s, person{inputs: "grade=2.6 level=B2 stays=1", marks: "motivation=4", thereMarks: "fit=3"})[0]
	if got.Excluded != "" || got.Reserve != "second_round" || got.Wishes[0].Reserve != "second_round" {
		t.Errorf("2.6 is not left for the second round: %+v", got)
	}
}

func TestF14LotteryAmongEligible(t *testing.T) {
	got := scores(t, load(t, "f14_fontys.yaml"),
		person{inputs: "first_year_credits=60"}, person{inputs: "first_year_credits=59.5"}, person{})
	for i, want := range []string{"", "p_check", ExcludedMissing} {
		if got[i].Excluded != want || !got[i].Wishes[0].Points.IsZero() || len(got[i].Ties) != 0 {
			t.Errorf("%d: %q with %s, want %q", i, got[i].Excluded, got[i].Wishes[0].Points, want)
		}
	}
	s := load(t, "f14_helsinki.yaml")
	for _, test := range []struct {
		here, there, gate string
		class             int
	}{
		{"credits=25 earlier_outside=0", "outside_europe=yes", "", 0},
		{"credits=25 earlier_outside=1", "outside_europe=yes", "", 1},
		{"credits=25 earlier_outside=1", "outside_europe=no", "", 0},
		{"credits=24 earlier_outside=0", "outside_europe=no", "credits", 0},
		{"credits=25 earlier_outside=0 gpa=3.4", "outside_europe=no least_gpa=3.5", "host_average", 0},
		{"credits=25 earlier_outside=0 gpa=3.5", "outside_europe=no least_gpa=3.5", "", 0},
		{"credits=25 earlier_outside=0", "outside_europe=no least_gpa=3.5", ExcludedMissing, 0},
	} {
		got := scores(t, s, person{inputs: test.here, there: test.there})[0].Wishes[0]
		if got.Gate != test.gate || got.Class != test.class {
			t.Errorf("%s, %s: gate %q and class %d", test.here, test.there, got.Gate, got.Class)
		}
	}
}

func TestF15StaffITU(t *testing.T) {
	s := load(t, "f15.yaml")
	who := " language=78 level=B2 position=academic training=no"
	points(t, s, person{inputs: "earlier=1 coordinator=yes" + who}, "89") // worked value
	for earlier, want := range map[string]string{"0": "50", "1": "40", "2": "30", "3": "20", "4": "10", "5": "0", "9": "0"} {
		line(t, scores(t, s, person{inputs: "coordinator=no earlier=" + earlier + who})[0], "earlier", want)
	}
	// 50 + 32.5 + 20 = 102.5
	points(t, s, person{inputs: "earlier=0 coordinator=no language=65 level=B1 position=administrative training=yes"}, "102.5")
	if in, _ := s.Input("earlier"); in.Years != 5 || len(in.Programmes) != 2 {
		t.Errorf("the window is lost: %+v", in)
	}
}

func TestF16StaffOthers(t *testing.T) {
	bez := load(t, "f16_bezmialem.yaml")
	points(t, bez, person{inputs: "position=academic earlier=0 language=80 rank=7"}, "67")       // 20 - 5 + 5 + 40 + 7
	points(t, bez, person{inputs: "position=administrative earlier=2 language=70 rank=1"}, "51") // 20 + 5 - 10 + 35 + 1
	cag := load(t, "f16_cag.yaml")
	points(t, cag, person{inputs: "language=80 ever=0 service=12 new_agreement=yes gave_up=no"}, "72")          // 40 + 10 + 7 + 15
	points(t, cag, person{inputs: "language=80 ever=1 since=5 service=4 new_agreement=no gave_up=yes"}, "35")   // 40 + 7 + 3 - 15
	points(t, cag, person{inputs: "language=80 ever=1 since=3.5 service=20 new_agreement=no gave_up=no"}, "53") // 40 + 3 + 10
	points(t, cag, person{inputs: "language=80 ever=1 since=2.9 service=5 new_agreement=no gave_up=no"}, "45")  // 40 + 0 + 5
	dog := load(t, "f16_dog.yaml")
	points(t, dog, person{inputs: "earlier=0 unit_took_part=no unit_rate=0.1", there: "new_country=yes new_partner=yes"}, "100")
	points(t, dog, person{inputs: "earlier=1 unit_took_part=yes unit_rate=0.1", there: "new_country=no new_partner=yes"}, "35")
	better(t, scores(t, dog,
		person{inputs: "earlier=0 unit_took_part=yes unit_rate=0.1", there: "new_country=no new_partner=no"},
		person{inputs: "earlier=0 unit_took_part=yes unit_rate=0.2", there: "new_country=no new_partner=no"}))
}
