// Package locale holds every word a person reads: the message catalogue in
// the languages of the product, and how dates, numbers, countries and times
// are written in each. One TOML file per area and language lies below en/ and
// cs/; a test refuses a key, placeholder or plural form that one of them lacks.
//
// A key is written in quotes, a plural as an inline table:
//
//	"apply.title" = "Your application to {{.Host}}"
//	"apply.places" = {one = "{{.N}} place", other = "{{.N}} places"}
package locale
