package selection

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
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
// but the seed and the id, so that leaving somebody out changes nobody
// else's, and anyone can recompute it with the revealed seed:
// SHA-256(seed, a zero byte, the 16 bytes of the id).
func lot(seed string, id uuid.UUID) [sha256.Size]byte {
	b := make([]byte, 0, 64+len(id))
	b = append(append(append(b, seed...), 0), id[:]...)
	return sha256.Sum256(b)
}

// order holds what the list is sorted by: one column of numbers for the
// points and for each link of the chain, then the lots.
type order struct {
	columns [][]int64
	lots    [][sha256.Size]byte
	ids     []uuid.UUID
}

func newOrder(in Input) *order {
	o := &order{lots: make([][sha256.Size]byte, len(in.Applicants)), ids: make([]uuid.UUID, len(in.Applicants))}
	values := make([]decimal.Decimal, len(in.Applicants))
	for i, a := range in.Applicants {
		values[i], o.ids[i], o.lots[i] = a.Points, a.ID, lot(in.Seed, a.ID)
	}
	o.columns = append(o.columns, column(values))
	for link := 0; len(in.Applicants) > 0 && link < len(in.Applicants[0].Ties); link++ {
		for i, a := range in.Applicants {
			values[i] = a.Ties[link]
		}
		o.columns = append(o.columns, column(values))
	}
	return o
}

// compare says who of a and b comes first (negative: a) and by which rule.
func (o *order) compare(a, b int32) (int, Rule) {
	for i, col := range o.columns {
		if c := cmp.Compare(col[b], col[a]); c != 0 {
			return c, Rule(i)
		}
	}
	if c := bytes.Compare(o.lots[a][:], o.lots[b][:]); c != 0 {
		return c, RuleLot
	}
	return bytes.Compare(o.ids[a][:], o.ids[b][:]), RuleLot
}

// list returns the ranked applicants, first come first.
func (o *order) list(in Input) []int32 {
	out := make([]int32, 0, len(in.Applicants))
	for i, a := range in.Applicants {
		if a.Excluded == "" {
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

func scaled(v decimal.Decimal, shift int32) (int64, bool) {
	const digits = 18 // 10^18 is the largest power below 2^63
	if shift > digits {
		return 0, v.IsZero()
	}
	n := v.Coefficient()
	if shift > 0 {
		n.Mul(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(shift)), nil))
	}
	return n.Int64(), n.IsInt64()
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
