// Package mobility holds the words of the trade: the people who act, the
// phases and properties of an application, deadlines, and the errors every
// layer speaks. It knows no database, no HTTP and no clock; rules that need
// the time take it as an argument.
package mobility
