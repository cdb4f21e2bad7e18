package selection

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// SeedCommitment returns what is announced when a call opens: the hash, in
// hex, that the seed revealed with the result must have.
func SeedCommitment(seed string) string {
	sum := sha256.Sum256([]byte(seed))
	return hex.EncodeToString(sum[:])
}

// lot draws for one applicant; the lower lot comes first. It hangs on nothing
// but the seed and the name, so that leaving somebody out changes nobody
// else's, and anyone can recompute it with the revealed seed:
// SHA-256(seed, a zero byte, the name or else the 16 bytes of the id).
func lot(seed string, a *Applicant) [sha256.Size]byte {
	b := make([]byte, 0, 64+len(a.Name)+len(a.ID))
	b = append(append(b, seed...), 0)
	if a.Name != "" {
		b = append(b, a.Name...)
	} else {
		b = append(b, a.ID[:]...)
	}
	return sha256.Sum256(b)
}

// order compares applicants by what they are, whatever they wish for.
type order struct {
	in      *Input
	points  []int64
	ties    [][]int64           // by link of the chain
	lots    [][sha256.Size]byte // nil where no lot decides
	byChain []int32             // place in the order of chain and last rule alone; unique
	tied    []int32             // the same by the chain alone
}

func newOrder(in *Input) *order {
	o := &order{in: in}
	values := make([]decimal.Decimal, len(in.Applicants))
	for i := range in.Applicants {
		values[i] = in.Applicants[i].Points
	}
	o.points = column(values)
	for link := 0; len(in.Applicants) > 0 && link < len(in.Applicants[0].Ties); link++ {
		for i := range in.Applicants {
			values[i] = in.Applicants[i].Ties[link]
		}
		o.ties = append(o.ties, column(values))
	}
	if in.drawsLots() {
		o.lots = make([][sha256.Size]byte, len(in.Applicants))
		for i := range in.Applicants {
			o.lots[i] = lot(in.Seed, &in.Applicants[i])
		}
	}
	o.chain()
	return o
}

func (in *Input) drawsLots() bool { return in.Method == MethodLottery || in.Tied == TiedLot }

// chain numbers applicants by chain and last rule.
func (o *order) chain() {
	by := make([]int32, len(o.in.Applicants))
	for i := range by {
		by[i] = int32(i)
	}
	slices.SortFunc(by, func(a, b int32) int {
		c, _ := o.afterPoints(a, b)
		return c
	})
	o.byChain, o.tied = make([]int32, len(by)), make([]int32, len(by))
	tier := int32(0)
	for k, a := range by {
		if k > 0 {
			if c, _ := o.links(by[k-1], a); c != 0 {
				tier++
			}
		}
		o.byChain[a], o.tied[a] = int32(k), tier
	}
}

// links compares by the tie chain alone.
func (o *order) links(a, b int32) (int, Rule) {
	for i, column := range o.ties {
		if c := cmp.Compare(column[b], column[a]); c != 0 {
			return c, Rule(i + 1)
		}
	}
	return 0, 0
}

// afterPoints compares by the chain, then by the last rule.
func (o *order) afterPoints(a, b int32) (int, Rule) {
	if c, rule := o.links(a, b); c != 0 {
		return c, rule
	}
	return o.last(a, b)
}

// last is the rule that leaves nobody equal.
func (o *order) last(a, b int32) (int, Rule) {
	if o.lots != nil {
		if c := bytes.Compare(o.lots[a][:], o.lots[b][:]); c != 0 {
			return c, RuleLot
		}
	}
	return compareIDs(o.in.Applicants[a].ID, o.in.Applicants[b].ID), RuleID
}

// compare says who of a and b comes first in the whole list (negative: a) and
// by which rule.
func (o *order) compare(a, b int32) (int, Rule) {
	x, y := &o.in.Applicants[a], &o.in.Applicants[b]
	if c := cmp.Compare(x.Class, y.Class); c != 0 {
		return c, RuleClass
	}
	switch o.in.Method {
	case MethodLottery:
		return o.last(a, b)
	case MethodFirstCome:
		if c := cmp.Compare(x.Arrived, y.Arrived); c != 0 {
			return c, RuleArrival
		}
		return o.last(a, b)
	default:
		if c := cmp.Compare(o.points[b], o.points[a]); c != 0 {
			return c, RulePoints
		}
		return o.afterPoints(a, b)
	}
}

// list returns the ranked applicants, first come first, before any share.
func (o *order) list() []int32 {
	out := make([]int32, 0, len(o.in.Applicants))
	for i := range o.in.Applicants {
		if o.in.Applicants[i].Excluded == "" {
			out = append(out, int32(i))
		}
	}
	slices.SortFunc(out, func(a, b int32) int { c, _ := o.compare(a, b); return c })
	return out
}

// column turns decimals into integers of the same order: scaled to the finest
// exponent where that fits, else their dense rank.
func column(values []decimal.Decimal) []int64 {
	var finest int32
	for _, v := range values {
		finest = min(finest, v.Exponent())
	}
	out := make([]int64, len(values))
	for i, v := range values {
		n, ok := scaled(v, v.Exponent()-finest)
		if !ok {
			return denseRanks(values)
		}
		out[i] = n
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

func scaled(v decimal.Decimal, shift int32) (int64, bool) {
	if v.IsZero() {
		return 0, true
	}
	if int32(v.NumDigits())+shift > int64Digits {
		return 0, false
	}
	return v.CoefficientInt64() * powers[shift], true
}

func denseRanks(values []decimal.Decimal) []int64 {
	by := make([]int32, len(values))
	for i := range by {
		by[i] = int32(i)
	}
	slices.SortFunc(by, func(a, b int32) int { return values[a].Cmp(values[b]) })
	out := make([]int64, len(values))
	for k := 1; k < len(by); k++ {
		out[by[k]] = out[by[k-1]]
		if !values[by[k]].Equal(values[by[k-1]]) {
			out[by[k]]++
		}
	}
	return out
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
