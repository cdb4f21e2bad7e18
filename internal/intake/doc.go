// Package intake reads the files an office has: institutions, members of an
// alliance, units, agreements, people and staff, as CSV or XLSX. It is pure:
// bytes in, typed rows or problems out, no database. It also writes such files,
// with the columns it reads, so that what was written reads back the same.
//
// Every row is checked before anything is returned. Either all rows are
// right and all come back, or none does and every problem is listed with its
// row, its column and what was expected. Values of cells are shown to the
// person who sent the file and never written to a log.
package intake
