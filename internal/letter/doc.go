// Package letter turns what happened into mail: one Go struct per kind of
// letter that holds everything its text needs, one Markdown source per kind
// and language, and a Sender that says honestly what became of a message. It
// knows no database: the jobs fill the structs, and are never inside a
// transaction when they compose or send.
//
// Strings of a letter are untrusted (names, titles, reasons) and are escaped
// wherever a template inserts them. They are given in the language the letter
// is composed in, except for people's own words.
package letter
