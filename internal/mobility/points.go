package mobility

import "github.com/shopspring/decimal"

// Scale is the number of decimals of a criterion's points unless a scheme
// says otherwise (design rule 14).
const Scale = 4

// RoundPoints rounds one criterion's points half up, once.
func RoundPoints(d decimal.Decimal, scale int32) decimal.Decimal {
	if d.IsNegative() { // half up, also below zero: -0.5 → 0
		return d.Add(decimal.New(5, -scale-1)).RoundFloor(scale)
	}
	return d.Round(scale)
}
