// Package proof says whether a ranking or a promotion is what its method
// promises. It shares no code with what computes them, only the words they
// are written in: what is declared about order, quotas, shares and ties is
// written out here a second time, and checked by other means. docs/selection.md
// has the promises of each method and tie policy.
//
// Where a method promises one result, no other is let through. Deferred
// acceptance is checked without being run: a result is the applicants' best
// stable one exactly if nobody stands in front of a place they wanted more
// and no circle of holders could pass their places on.
package proof
