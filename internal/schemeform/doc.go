// Package schemeform is a scheme as a form. Every key of a scheme's YAML is a
// field whose name is the key's path, lists counted from 1: a sheet of such
// fields holds what was typed, whether it is right or not, and turns into YAML
// and back with nothing lost. What is wrong is what package scheme says is
// wrong, by field and by line. It is pure and knows neither HTTP nor words.
package schemeform
