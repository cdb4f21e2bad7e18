package scheme

import (
	"math/big"
	"slices"
)

// cohorts fills in every percentile, for all applications at once.
func (p *program) cohorts(frames []*frame) {
	for _, i := range p.order {
		if in := &p.inputs[i]; in.From == FromCohort {
			p.percentiles(i, in, frames)
		}
	}
}

// percentiles gives each application the share of its cohort that is better,
// of 100: the best has 0, and equals share one. Who has no value is nobody's
// rival.
func (p *program) percentiles(i int, in *inputProgram, frames []*frame) {
	cohorts := map[string][]value{}
	own := make([]value, len(frames))
	keys := make([]string, len(frames))
	for n, f := range frames {
		v, l := in.worked.eval(f)
		key, more := f.cohortKey(in)
		if l = l.and(more); l != nil {
			f.setCell(i, in, value{}, l)
			continue
		}
		own[n], keys[n] = v, key
		cohorts[key] = append(cohorts[key], v)
	}
	for key := range cohorts {
		slices.SortFunc(cohorts[key], func(a, b value) int { return a.num.Cmp(b.num) })
	}
	for n, f := range frames {
		if own[n].num == nil {
			continue
		}
		f.setCell(i, in, numberValue(percentile(cohorts[keys[n]], own[n].num, in.Best)), nil)
	}
}

func percentile(sorted []value, x *big.Rat, best Best) *big.Rat {
	at := func(x *big.Rat, past int) int {
		i, _ := slices.BinarySearchFunc(sorted, x, func(v value, x *big.Rat) int {
			if c := v.num.Cmp(x); c != 0 {
				return c
			}
			return past
		})
		return i
	}
	better := at(x, 1)
	if best == BestHigh {
		better = len(sorted) - at(x, -1)
	}
	return big.NewRat(int64(better)*100, int64(len(sorted)))
}

// cohortKey names the cohort somebody belongs to.
func (f *frame) cohortKey(in *inputProgram) (string, *lack) {
	key := ""
	var missing *lack
	for _, i := range in.by {
		v, l := f.input(i)
		if missing = missing.and(l); missing == nil {
			key += v.key() + "\x00"
		}
	}
	return key, missing
}

func (f *frame) setCell(i int, in *inputProgram, v value, l *lack) {
	c := &f.cells[i]
	*c = cell{done: true, value: v, lack: l, shown: LineInput{Key: in.Key}}
	if l == nil {
		c.shown.Value = shown(v, in.Kind, FromCohort)
	} else if in.instead != nil {
		f.standIn(c, in)
	}
	c.shown.Missing = c.lack != nil
}
