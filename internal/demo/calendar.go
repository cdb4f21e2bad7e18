package demo

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
)

// The files of the demo world are written for one day. The world is seeded
// with every date moved by as many days as lie between it and the real one,
// so that a deadline is always as far away as the story wants it.
var dayOfTheFiles = time.Date(2027, time.January, 19, 0, 0, 0, 0, time.UTC)

// calendar moves the dates of the files around the day of seeding.
type calendar struct {
	zone *time.Location // of home
	days int            // real less written
}

func newCalendar(now time.Time, zone *time.Location) calendar {
	local := now.In(zone)
	today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
	return calendar{zone, int(today.Sub(dayOfTheFiles).Hours() / 24)}
}

// day moves a date "2027-01-31".
func (c calendar) day(written string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, written)
	if err != nil {
		return t, fmt.Errorf("the world's dates: %w", err)
	}
	return t.AddDate(0, 0, c.days), nil
}

// wall moves a wall minute "2027-01-31 23:59"; its clock stays.
func (c calendar) wall(written string) (mobility.WallMinute, error) {
	w, err := mobility.ParseWall(written)
	if err != nil {
		return w, fmt.Errorf("the world's dates: %w", err)
	}
	return mobility.WallOf(w.Time().AddDate(0, 0, c.days)), nil
}

// years is by how many academic years the world is moved: as many as its
// stays of the coming year, with years that turn in July.
func (c calendar) years() int {
	autumn := time.Date(2027, time.September, 15, 0, 0, 0, 0, time.UTC).AddDate(0, 0, c.days)
	if autumn.Month() < time.July {
		return autumn.Year() - 1 - 2027
	}
	return autumn.Year() - 2027
}

// label moves an academic year "2027/28".
func (c calendar) label(written string) (string, error) {
	start, err := strconv.Atoi(written[:min(4, len(written))])
	if err != nil {
		return "", fmt.Errorf("the world's years: %w", err)
	}
	start += c.years()
	return fmt.Sprintf("%d/%02d", start, (start+1)%100), nil
}

// move moves every date of a call's plan, and its academic year.
func (c calendar) move(plan *process.CallPlan) error {
	for n := range plan.Rounds {
		r := &plan.Rounds[n]
		for _, written := range []*string{&r.Opens, &r.Closes, &r.AssessBy} {
			w, err := c.wall(*written)
			if err != nil {
				return err
			}
			*written = w.String()
		}
		for k := range r.Destinations {
			if err := c.moveStays(r.Destinations[k].Stays); err != nil {
				return err
			}
		}
	}
	year, err := c.label(plan.AcademicYear)
	if err != nil {
		return err
	}
	names := strings.NewReplacer(plan.AcademicYear, year, secondOf(plan.AcademicYear), secondOf(year))
	for _, texts := range []mobility.Texts{plan.Title, plan.Description, plan.Requirements} {
		for lang, text := range texts {
			texts[lang] = names.Replace(text)
		}
	}
	plan.AcademicYear = year
	return nil
}

// secondOf is the second calendar year of an academic one, as texts write it:
// "2028" of "2027/28".
func secondOf(year string) string { return year[:2] + year[len(year)-2:] }

func (c calendar) moveStays(stays map[string]process.StayPlan) error {
	for term, stay := range stays {
		begins, err := c.day(stay.Begins)
		if err != nil {
			return err
		}
		ends, err := c.day(stay.Ends)
		if err != nil {
			return err
		}
		stays[term] = process.StayPlan{Begins: begins.Format(time.DateOnly), Ends: ends.Format(time.DateOnly)}
	}
	return nil
}

// instant is when a moved wall minute is in the zone of home.
func (c calendar) instant(written string) (time.Time, error) {
	w, err := c.wall(written)
	if err != nil {
		return time.Time{}, err
	}
	return mobility.OpensAt(w, c.zone), nil
}
