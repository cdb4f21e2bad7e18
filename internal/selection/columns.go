package selection

import (
	"math/bits"
	"slices"

	"github.com/shopspring/decimal"
)

// column is one thing wishes or people are compared by, a number for each,
// lower first.
type column struct {
	rule   Rule
	values []int64
}

// sorter sorts by columns, keeping the order of equal ones. It goes by digits,
// so that the time for each does not grow with their number.
type sorter struct{ now, next []uint64 }

const digit = 11 // bits

// sort puts ids in ascending order of values.
func (s *sorter) sort(ids []int32, values []int64) {
	if len(ids) == 0 {
		return
	}
	low, high := values[ids[0]], values[ids[0]]
	for _, i := range ids {
		low, high = min(low, values[i]), max(high, values[i])
	}
	if cap(s.now) < len(ids) {
		s.now, s.next = make([]uint64, len(ids)), make([]uint64, len(ids))
	}
	width := bits.Len64(uint64(high) - uint64(low))
	for shift := 0; shift < width; shift += 32 {
		s.half(ids, func(i int32) uint64 { return (uint64(values[i]) - uint64(low)) >> shift << 32 }, min(32, width-shift))
	}
}

// half sorts by the upper half of key, of which width bits count.
func (s *sorter) half(ids []int32, key func(int32) uint64, width int) {
	now, next := s.now[:len(ids)], s.next[:len(ids)]
	for k, i := range ids {
		now[k] = key(i) | uint64(uint32(i))
	}
	for shift := 32; shift < 32+width; shift += digit {
		var from [1 << digit]int32
		for _, x := range now {
			from[x>>shift&(1<<digit-1)]++
		}
		sum := int32(0)
		for d, n := range from {
			from[d], sum = sum, sum+n
		}
		for _, x := range now {
			d := x >> shift & (1<<digit - 1)
			next[from[d]] = x
			from[d]++
		}
		now, next = next, now
	}
	for k, x := range now {
		ids[k] = int32(uint32(x))
	}
}

// numbers turns n decimals into integers of the opposite order, so that more
// points come first: scaled to the finest exponent where that fits, else
// their dense rank.
func numbers(n int, value func(int32) *decimal.Decimal) []int64 {
	var finest int32
	for i := range int32(n) {
		finest = min(finest, value(i).Exponent())
	}
	out := make([]int64, n)
	for i := range int32(n) {
		v := value(i)
		number, ok := scaled(v, v.Exponent()-finest)
		if !ok {
			return denseRanks(n, value)
		}
		out[i] = -number
	}
	return out
}

const int64Digits = 18 // 10^18 is the largest power below 2^63

var powers = func() (p [int64Digits + 1]int64) {
	p[0] = 1
	for i := 1; i <= int64Digits; i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()

func scaled(v *decimal.Decimal, shift int32) (int64, bool) {
	if v.IsZero() {
		return 0, true
	}
	if int32(v.NumDigits())+shift > int64Digits {
		return 0, false
	}
	return v.CoefficientInt64() * powers[shift], true
}

func denseRanks(n int, value func(int32) *decimal.Decimal) []int64 {
	by := upTo(n)
	slices.SortFunc(by, func(a, b int32) int { return value(b).Cmp(*value(a)) })
	out := make([]int64, n)
	for k := 1; k < n; k++ {
		out[by[k]] = out[by[k-1]]
		if !value(by[k]).Equal(*value(by[k-1])) {
			out[by[k]]++
		}
	}
	return out
}

// upTo is 0 … n-1.
func upTo(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(i)
	}
	return out
}
