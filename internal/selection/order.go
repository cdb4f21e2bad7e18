package selection

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
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
func lot(seed string, a *Applicant, room *[]byte) [sha256.Size]byte {
	b := append(append((*room)[:0], seed...), 0)
	if a.Name != "" {
		b = append(b, a.Name...)
	} else {
		b = append(b, a.ID[:]...)
	}
	*room = b
	return sha256.Sum256(b)
}

// order compares applicants by what they are, whatever they wish for.
type order struct {
	in      *Input
	sorter  sorter
	before  []column            // what counts before the chain
	points  []int64             // lower first, like every column
	ties    [][]int64           // by link of the chain
	lots    [][sha256.Size]byte // nil where no lot decides
	chained []int32             // everybody by chain and last rule
	tied    []int32             // place of each by the chain alone, the same for equal ones
}

func newOrder(in *Input) *order {
	o := &order{in: in}
	n := len(in.Applicants)
	o.points = numbers(n, func(i int32) *decimal.Decimal { return &in.Applicants[i].Points })
	o.classes()
	switch in.Method {
	case MethodLottery:
	case MethodFirstCome:
		arrived := make([]int64, n)
		for i := range arrived {
			arrived[i] = in.Applicants[i].Arrived
		}
		o.before = append(o.before, column{RuleArrival, arrived})
	default:
		o.before = append(o.before, column{RulePoints, o.points})
		for link := 0; n > 0 && link < len(in.Applicants[0].Ties); link++ {
			o.ties = append(o.ties, numbers(n, func(i int32) *decimal.Decimal { return &in.Applicants[i].Ties[link] }))
		}
	}
	o.chain()
	return o
}

func (in *Input) drawsLots() bool { return in.Method == MethodLottery || in.Tied == TiedLot }

func (o *order) classes() {
	classes := make([]int64, len(o.in.Applicants))
	for i := range classes {
		classes[i] = int64(o.in.Applicants[i].Class)
	}
	if len(classes) > 0 && slices.Min(classes) != slices.Max(classes) {
		o.before = append(o.before, column{RuleClass, classes})
	}
}

// chain sorts applicants by chain and last rule.
func (o *order) chain() {
	o.chained = o.byLast()
	for _, values := range slices.Backward(o.ties) {
		o.sorter.sort(o.chained, values)
	}
	o.tied = make([]int32, len(o.chained))
	tier := int32(0)
	for k, a := range o.chained {
		if k > 0 {
			if c, _ := o.links(o.chained[k-1], a); c != 0 {
				tier++
			}
		}
		o.tied[a] = tier
	}
}

// byLast sorts applicants by the last rule alone.
func (o *order) byLast() []int32 {
	out, values := upTo(len(o.in.Applicants)), make([]int64, len(o.in.Applicants))
	for _, half := range []int{8, 0} {
		for i := range values {
			values[i] = leading(o.in.Applicants[i].ID[half:])
		}
		o.sorter.sort(out, values)
	}
	if !o.in.drawsLots() {
		return out
	}
	o.lots = make([][sha256.Size]byte, len(out))
	var room []byte
	for i := range o.lots {
		o.lots[i] = lot(o.in.Seed, &o.in.Applicants[i], &room)
		values[i] = leading(o.lots[i][:])
	}
	o.sorter.sort(out, values)
	for from := 0; from < len(out); { // lots that begin alike
		to := from + 1
		for to < len(out) && values[out[to]] == values[out[from]] {
			to++
		}
		slices.SortStableFunc(out[from:to], func(a, b int32) int { return bytes.Compare(o.lots[a][:], o.lots[b][:]) })
		from = to
	}
	return out
}

// leading is a number of the order of the first eight bytes.
func leading(b []byte) int64 { return int64(binary.BigEndian.Uint64(b) ^ 1<<63) }

// links compares by the tie chain alone.
func (o *order) links(a, b int32) (int, Rule) {
	for i, values := range o.ties {
		if c := cmp.Compare(values[a], values[b]); c != 0 {
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

// last compares by the last rule.
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
	for _, c := range o.before {
		if x, y := c.values[a], c.values[b]; x != y {
			return cmp.Compare(x, y), c.rule
		}
	}
	return o.afterPoints(a, b)
}

// list returns the ranked applicants, first come first, before any share.
func (o *order) list() []int32 {
	out := make([]int32, 0, len(o.chained))
	for _, a := range o.chained {
		if o.in.Applicants[a].Excluded == "" {
			out = append(out, a)
		}
	}
	for _, c := range slices.Backward(o.before) {
		o.sorter.sort(out, c.values)
	}
	return out
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
