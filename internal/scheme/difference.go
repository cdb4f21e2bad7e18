package scheme

import (
	"bytes"

	"go.yaml.in/yaml/v4"
)

// Part says which part of a scheme a change is about.
type Part string

// The parts.
const (
	PartScale     Part = "scale"
	PartInput     Part = "input"
	PartCriterion Part = "criterion"
	PartTotal     Part = "total"
	PartGate      Part = "gate"
	PartClasses   Part = "classes" // in their order
	PartTies      Part = "ties"    // in their order
)

// ChangeKind says what happened to a part.
type ChangeKind string

// The kinds of change. Words alone (labels, titles) are no change.
const (
	Unchanged    ChangeKind = "unchanged" // marks keep
	ChangedRule  ChangeKind = "rule"      // other points from the same marks, which keep
	ChangedRange ChangeKind = "range"     // other marks are possible: to be marked again
	Gone         ChangeKind = "gone"
	New          ChangeKind = "new"
)

// Change is what became of one part.
type Change struct {
	Part   Part
	Key    string // of an input, a criterion, a gate
	Kind   ChangeKind
	Marked bool // a criterion that assessors mark, in the newer scheme where it is there
}

// Diff says what became of every criterion, in the order of newer and then
// what is gone, and of every other part that is not as it was.
func Diff(older, newer *Scheme) []Change {
	var out []Change
	if older.Scale != newer.Scale {
		out = append(out, Change{Part: PartScale, Kind: ChangedRule})
	}
	out = append(out, compareParts(PartInput, inputParts(older), inputParts(newer))...)
	out = append(out, compareCriteria(older, newer)...)
	if !same(older.Total.fields(), newer.Total.fields()) {
		out = append(out, Change{Part: PartTotal, Kind: ChangedRule})
	}
	out = append(out, compareParts(PartGate, gateParts(older), gateParts(newer))...)
	if !sameList(len(older.Classes), len(newer.Classes), func(i int) bool {
		return same(older.Classes[i].fields(), newer.Classes[i].fields())
	}) {
		out = append(out, Change{Part: PartClasses, Kind: ChangedRule})
	}
	if !sameList(len(older.Ties), len(newer.Ties), func(i int) bool {
		return same(older.Ties[i].fields(), newer.Ties[i].fields())
	}) {
		out = append(out, Change{Part: PartTies, Kind: ChangedRule})
	}
	return out
}

func sameList(a, b int, equal func(int) bool) bool {
	for i := range min(a, b) {
		if !equal(i) {
			return false
		}
	}
	return a == b
}

// same compares what two things say, words for people apart.
func same(a, b []field) bool { return bytes.Equal(meaning(a), meaning(b)) }

func meaning(fields []field) []byte {
	var rest []field
	for _, f := range fields {
		if f.name != "label" && f.name != "title" {
			rest = append(rest, f)
		}
	}
	out, err := yaml.Dump(write(rest, 0))
	if err != nil { // only mappings, lists and words are in it
		panic(err)
	}
	return out
}

type part struct {
	key    string
	fields []field
}

func inputParts(s *Scheme) []part {
	out := make([]part, len(s.Inputs))
	for i := range s.Inputs {
		out[i] = part{s.Inputs[i].Key, s.Inputs[i].fields()}
	}
	return out
}

func gateParts(s *Scheme) []part {
	out := make([]part, len(s.Gates))
	for i := range s.Gates {
		out[i] = part{s.Gates[i].Key, s.Gates[i].fields()}
	}
	return out
}

func compareParts(what Part, older, newer []part) []Change {
	var out []Change
	before := map[string][]field{}
	for _, p := range older {
		before[p.key] = p.fields
	}
	for _, p := range newer {
		switch fields, was := before[p.key]; {
		case !was:
			out = append(out, Change{Part: what, Key: p.key, Kind: New})
		case !same(fields, p.fields):
			out = append(out, Change{Part: what, Key: p.key, Kind: ChangedRule})
		}
		delete(before, p.key)
	}
	for _, p := range older {
		if _, left := before[p.key]; left {
			out = append(out, Change{Part: what, Key: p.key, Kind: Gone})
		}
	}
	return out
}

func compareCriteria(older, newer *Scheme) []Change {
	var out []Change
	for i := range newer.Criteria {
		c := &newer.Criteria[i]
		change := Change{Part: PartCriterion, Key: c.Key, Kind: New, Marked: c.Mark != nil}
		if before, was := older.Criterion(c.Key); was {
			change.Kind = c.changedFrom(&before, older.scale(&before) != newer.scale(c))
		}
		out = append(out, change)
	}
	for i := range older.Criteria {
		c := &older.Criteria[i]
		if _, is := newer.Criterion(c.Key); !is {
			out = append(out, Change{Part: PartCriterion, Key: c.Key, Kind: Gone, Marked: c.Mark != nil})
		}
	}
	return out
}

func (c *Criterion) changedFrom(before *Criterion, scaled bool) ChangeKind {
	a, b := before.Mark, c.Mark
	switch {
	case b != nil && (a == nil || !a.Min.Equal(b.Min) || !a.Max.Equal(b.Max) || !a.Step.Equal(b.Step) || before.Per != c.Per):
		return ChangedRange
	case scaled || !same(before.fields(), c.fields()):
		return ChangedRule
	}
	return Unchanged
}
