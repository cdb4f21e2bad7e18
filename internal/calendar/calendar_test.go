package calendar_test

import (
	"strings"
	"testing"
	"time"

	ical "github.com/emersion/go-ical"

	"peregrine/internal/calendar"
)

func TestAFeedIsReadByAnIndependentParser(t *testing.T) {
	at := time.Date(2027, 1, 31, 22, 59, 0, 0, time.UTC)
	feed := calendar.Feed{
		Name: "Termíny; čárky, lomítka \\ a\nřádky", Text: strings.Repeat("dlouhý text ", 30), Host: "peregrine.example.org",
		Written: at.AddDate(0, 0, -10),
		Entries: []calendar.Entry{
			{ID: "deadline-1", At: at, Version: 3, Title: "Uzávěrka: Žluťoučký kůň, studium; 1/2", Text: "neděle 31. ledna 2027\nBEGIN:VEVENT\r\nX:1", Link: "https://peregrine.example.org/calls/1?a=b,c;d"},
			{ID: "deadline-2", At: at.AddDate(0, 2, 0), Title: "آخر موعد"},
		},
	}
	written := feed.ICalendar()
	for _, line := range strings.Split(strings.TrimSuffix(written, "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line of %d bytes: %q", len(line), line)
		}
	}
	got, err := ical.NewDecoder(strings.NewReader(written)).Decode()
	if err != nil {
		t.Fatal(err)
	}
	if name, _ := got.Props.Text("X-WR-CALNAME"); name != feed.Name {
		t.Errorf("its name reads %q", name)
	}
	events := got.Events()
	if len(events) != len(feed.Entries) {
		t.Fatalf("%d events, want %d", len(events), len(feed.Entries))
	}
	for i, e := range events {
		want := feed.Entries[i]
		start, err := e.DateTimeStart(time.UTC)
		if err != nil || !start.Equal(want.At) {
			t.Errorf("%s starts at %v (%v), want %v", want.ID, start, err, want.At)
		}
		if end, err := e.DateTimeEnd(time.UTC); err != nil || !end.Equal(want.At) {
			t.Errorf("%s ends at %v (%v)", want.ID, end, err)
		}
		if uid, _ := e.Props.Text("UID"); uid != want.ID+"@"+feed.Host {
			t.Errorf("its UID reads %q", uid)
		}
		if title, _ := e.Props.Text("SUMMARY"); title != want.Title {
			t.Errorf("its title reads %q, want %q", title, want.Title)
		}
		if text, _ := e.Props.Text("DESCRIPTION"); text != strings.ReplaceAll(want.Text, "\r\n", "\n") {
			t.Errorf("its text reads %q, want %q", text, want.Text)
		}
		if n, err := e.Props.Get("SEQUENCE").Int(); err != nil || n != want.Version {
			t.Errorf("its sequence reads %d (%v), want %d", n, err, want.Version)
		}
	}
	if err := ical.NewEncoder(&strings.Builder{}).Encode(got); err != nil {
		t.Errorf("the parser holds it invalid: %v", err)
	}
}

func TestAMonthsWeeksHoldEachOfItsDaysOnce(t *testing.T) {
	for m := (calendar.Month{Year: 2024, Month: time.January}); m.Year < 2030; m = m.Add(1) {
		seen := 0
		weeks := m.Weeks()
		for k, week := range weeks {
			if got := week[0].Noon(time.UTC).Weekday(); got != time.Monday {
				t.Fatalf("%s: a week begins on a %s", m, got)
			}
			for i, d := range week {
				if d.Month == m.Month {
					seen++
				}
				if next := calendar.DayOf(d.Noon(time.UTC).AddDate(0, 0, 1)); i < 6 && next != week[i+1] || i == 6 && k+1 < len(weeks) && next != weeks[k+1][0] {
					t.Fatalf("%s: %s is not followed by %s", m, d, next)
				}
			}
		}
		if want := m.Add(1).Begins(time.UTC).AddDate(0, 0, -1).Day(); seen != want {
			t.Fatalf("%s has %d days, %d shown", m, want, seen)
		}
		if back, err := calendar.ParseMonth(m.String()); err != nil || back != m {
			t.Fatalf("%s reads back as %v (%v)", m, back, err)
		}
	}
}

func FuzzParseMonth(f *testing.F) {
	f.Add("2027-01")
	f.Fuzz(func(t *testing.T, s string) {
		m, err := calendar.ParseMonth(s)
		if err == nil && m.String() != s {
			t.Fatalf("%q reads as %s", s, m)
		}
	})
}
