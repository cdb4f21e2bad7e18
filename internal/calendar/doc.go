// Package calendar lays out a month and writes iCalendar feeds. It knows
// neither a clock nor a database.
package calendar
