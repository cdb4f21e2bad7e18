// Package scheme turns facts and marks into points. It is pure: no clock, no
// database, exact numbers.
//
// A Scheme is data, written as YAML: inputs, criteria with transforms and
// formulas, gates, priority classes and the chain that decides between equal
// points. Score gives every application its points, for itself and for each
// destination it names, with a breakdown that a person can read.
package scheme
