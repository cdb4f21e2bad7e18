package scheme

import (
	"slices"

	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
)

// Combination says how the marks of several assessors become one.
type Combination string

// The combinations. Trimmed leaves out one highest and one lowest mark where
// there are at least three, and is the mean of what is left.
const (
	CombineMean    Combination = "mean"
	CombineMedian  Combination = "median"
	CombineTrimmed Combination = "trimmed"
)

// Marking is how assessors mark one criterion.
type Marking struct {
	Min         decimal.Decimal     // the lowest mark, in points
	Max         decimal.Decimal     // the highest mark, in points
	Step        decimal.Decimal     // marks are Min plus a multiple of it; zero: any
	Assessors   int                 // how many must mark; 1 or more
	Combine     Combination         // of several
	SpreadLimit decimal.NullDecimal // highest less lowest beyond this asks for one more assessor
}

// Combined is what marks come to, at the given scale, rounded half up once;
// false where there are none.
func (m Marking) Combined(marks []decimal.Decimal, scale int32) (decimal.Decimal, bool) {
	if len(marks) == 0 {
		return decimal.Zero, false
	}
	sorted := m.kept(marks)
	sum := decimal.Sum(sorted[0], sorted[1:]...)
	const guard = 16 // digits beyond any scale, so that the one rounding is the last
	return mobility.RoundPoints(sum.DivRound(decimal.NewFromInt(int64(len(sorted))), scale+guard), scale), true
}

// kept are the marks that the combination is the mean of, lowest first.
func (m Marking) kept(marks []decimal.Decimal) []decimal.Decimal {
	sorted := slices.Clone(marks)
	slices.SortFunc(sorted, decimal.Decimal.Cmp)
	switch {
	case m.Combine == CombineMedian:
		return sorted[(len(sorted)-1)/2 : len(sorted)/2+1]
	case m.Combine == CombineTrimmed && len(sorted) >= 3:
		return sorted[1 : len(sorted)-1]
	}
	return sorted
}

// Spread is how far marks lie apart: the highest less the lowest.
func Spread(marks []decimal.Decimal) decimal.Decimal {
	if len(marks) == 0 {
		return decimal.Zero
	}
	return slices.MaxFunc(marks, decimal.Decimal.Cmp).Sub(slices.MinFunc(marks, decimal.Decimal.Cmp))
}

// Wanted is how many assessors must mark: the declared number, and one more
// once their marks lie further apart than the limit.
func (m Marking) Wanted(marks []decimal.Decimal) int {
	wanted := max(m.Assessors, 1)
	if m.SpreadLimit.Valid && len(marks) >= wanted && Spread(marks).GreaterThan(m.SpreadLimit.Decimal) {
		wanted++
	}
	return wanted
}
