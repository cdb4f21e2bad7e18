package scheme

import (
	"slices"
	"testing"
)

func TestDiffSaysWhatIsToBeMarkedAgain(t *testing.T) {
	older := parsed(t, `name: d
inputs: {x: {from: imported, kind: number}, y: {from: imported, kind: number}}
criteria:
  - {key: same, label: {en: Letter}, mark: {min: 0, max: 10}}
  - {key: range, mark: {min: 0, max: 10}}
  - {key: step, mark: {min: 0, max: 10}}
  - {key: more, mark: {min: 0, max: 10}}
  - {key: weight, mark: {min: 0, max: 10}}
  - {key: gone, mark: {min: 0, max: 10}}
  - {key: was_formula, points: {formula: x}}
  - {key: formula, points: {formula: y}}
gates: [{key: g, require: x > 1}]
ties: [{of: x}]
`)
	newer := parsed(t, `name: d
title: {en: Words alone}
inputs: {x: {from: imported, kind: number, min: 1}, z: {from: imported, kind: number}}
criteria:
  - {key: new, mark: {min: 0, max: 10}}
  - {key: same, label: {en: The letter}, mark: {min: 0.0, max: 10}}
  - {key: range, mark: {min: 0, max: 20}}
  - {key: step, mark: {min: 0, max: 10, step: 1}}
  - {key: more, mark: {min: 0, max: 10, assessors: 2}}
  - {key: weight, mark: {min: 0, max: 10}, points: {formula: 2 * mark}}
  - {key: was_formula, mark: {min: 0, max: 10}}
  - {key: formula, points: {formula: x}}
total: {max: 50}
gates: [{key: g, require: x > 2}]
classes: [{key: all}]
ties: [{of: x, prefer: low}]
`)
	want := []Change{
		{PartInput, "x", ChangedRule, false},
		{PartInput, "z", New, false},
		{PartInput, "y", Gone, false},
		{PartCriterion, "new", New, true},
		{PartCriterion, "same", Unchanged, true},
		{PartCriterion, "range", ChangedRange, true},
		{PartCriterion, "step", ChangedRange, true},
		{PartCriterion, "more", ChangedRule, true},
		{PartCriterion, "weight", ChangedRule, true},
		{PartCriterion, "was_formula", ChangedRange, true},
		{PartCriterion, "formula", ChangedRule, false},
		{PartCriterion, "gone", Gone, true},
		{PartTotal, "", ChangedRule, false},
		{PartGate, "g", ChangedRule, false},
		{PartClasses, "", ChangedRule, false},
		{PartTies, "", ChangedRule, false},
	}
	if got := Diff(older, newer); !slices.Equal(got, want) {
		t.Errorf("%+v\nwant\n%+v", got, want)
	}
	rescaled := older.Copy()
	rescaled.Scale = 1
	for _, c := range Diff(older, rescaled) {
		if c.Kind != ChangedRule {
			t.Errorf("%+v", c)
		}
	}
	if older.Equal(newer) || !older.Equal(older.Copy()) {
		t.Error("equal is not")
	}
}
