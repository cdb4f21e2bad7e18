package page

import (
	"time"

	"github.com/shopspring/decimal"

	"peregrine/internal/locale"
	"peregrine/internal/mobility"
)

// Styleguide shows every component in every state, for those who write pages
// and for the tests of their structure.
type Styleguide struct {
	Base
	Turns   []WhoseTurn
	Paths   []PathSteps
	Errors  ErrorSummary
	Fields  []Field
	Sending []Button
	Filter  []Field
	Buttons []Button
	Notices []Notice
	Tags    []Tag
	Table   Table
	Grid    Table
	Nothing Table
	Pager   Pager
	History Timeline
	Facts   Summary
	Upload  Upload
	Closed  Upload
	Choices Choices
	Locked  Choices
	Bars    []PointsBar
	Spread  Distribution
	Dialog  Dialog
}

var _ = define[Styleguide]("styleguide")

// sample makes the style guide's contents for one reader and instant.
type sample struct {
	loc locale.Printer
	now time.Time
}

// StyleguideOf fills the style guide. The caller sets what the frame needs;
// base.Now must be set, the examples lie around it.
func StyleguideOf(base Base) Styleguide {
	s := sample{base.Loc, base.Now}
	base.Title = s.loc.T("style.title")
	base.Lead = s.loc.T("style.lead")
	base.Kicker = s.loc.T("style.kicker")
	fields := s.fields()
	page := Styleguide{
		Base:    base,
		Turns:   s.turns(),
		Paths:   s.paths(),
		Notices: s.notices(),
		Tags:    s.tags(),
		Buttons: s.buttons(),
		Errors:  s.refuse(fields),
		Sending: []Button{{Label: s.loc.T("style.send")}, {Label: s.loc.T("style.later"), Look: Secondary, Name: "act", Value: "later", NoCheck: true}},
		Filter:  []Field{{Kind: Search, Prefix: "q-", Name: "q", Label: s.loc.T("style.name")}, {Kind: Select, Prefix: "q-", Name: "phase", Label: s.loc.T("style.state"), Options: s.phases()}},
		Table:   s.table(),
		Grid:    s.grid(),
		Nothing: Table{Empty: EmptyState{Title: s.loc.T("style.empty_title"), Text: s.loc.T("style.empty_text"), Buttons: []Button{{Label: s.loc.T("style.open_call"), Href: "#main", Look: Secondary}}}},
		Pager:   PagerOf(4, 12, 588, func(int) string { return "#main" }),
		History: s.history(),
		Facts:   s.facts(),
		Upload:  s.upload(),
		Closed:  Upload{Title: s.loc.T("style.certificate"), Closed: true},
		Bars:    s.bars(),
		Spread:  s.spread(),
		Dialog:  s.dialog(),
	}
	for _, f := range fields {
		page.Fields = append(page.Fields, *f)
	}
	page.Choices = s.choices()
	page.Locked = page.Choices
	page.Locked.Locked = true
	return page
}

func (s sample) turns() []WhoseTurn {
	due := s.now.Add(75 * time.Hour)
	return []WhoseTurn{
		{
			Yours: true, Whose: s.loc.T("style.turn_yours"), What: s.loc.T("style.turn_yours_what"), Until: DeadlineOf(s.loc, due, s.now),
			Next: s.loc.T("style.turn_yours_next"), Buttons: []Button{{Label: s.loc.T("style.confirm"), Href: "#main"}, {Label: s.loc.T("style.decline"), Href: "#main", Look: Secondary}},
		},
		{Whose: s.loc.T("style.turn_faculty"), What: s.loc.T("style.turn_faculty_what"), Until: DeadlineOf(s.loc, due.Add(400*time.Hour), s.now), Next: s.loc.T("style.turn_faculty_next")},
		{Over: true, Whose: s.loc.T("style.turn_over"), What: s.loc.T("style.turn_over_what")},
	}
}

func (s sample) paths() []PathSteps {
	begun := PhaseSteps(s.loc, mobility.PhaseNominated, false)
	begun.Steps[1].Note = s.loc.Date(s.now.AddDate(0, -2, 0))
	begun.Steps[2].Note = s.loc.Date(s.now)
	ended := PhaseSteps(s.loc, mobility.PhaseClosed, true)
	ended.Label = s.loc.T("style.steps_ended")
	return []PathSteps{begun, ended}
}

func (s sample) notices() []Notice {
	return []Notice{
		{Tone: Success, Title: s.loc.T("style.notice_success"), Text: s.loc.T("style.notice_success_text")},
		{Tone: Info, Text: s.loc.T("style.notice_info")},
		{Tone: Warning, Title: s.loc.T("style.notice_warning"), Items: []string{"F HELSINK01: Helsingin yliopisto", "LT VILNIUS10: Vilniaus kolegija"}, Links: []Link{{s.loc.T("style.show_all"), "#main"}}},
		{Tone: Danger, Title: s.loc.T("style.notice_danger"), Text: s.loc.T("style.notice_danger_text")},
		{Text: s.loc.T("style.notice_plain")},
	}
}

func (s sample) tags() []Tag {
	var tags []Tag
	for _, phase := range mobility.Phases {
		tags = append(tags, StateTag(s.loc.T("phase."+string(phase)), phase, mobility.DecisionNone))
	}
	return append(tags,
		StateTag(s.loc.T("style.offered"), mobility.PhaseSubmitted, mobility.DecisionPositive),
		StateTag(s.loc.T("style.not_selected"), mobility.PhaseClosed, mobility.DecisionNegative),
		Tag{Label: s.loc.T("style.returned"), Tone: Warning})
}

func (s sample) buttons() []Button {
	return []Button{
		{Label: s.loc.T("style.send"), Action: "#"},
		{Label: s.loc.T("style.later"), Look: Secondary, Action: "#"},
		{Label: s.loc.T("part.cancel"), Look: Quiet, Href: "#main"},
		{Label: s.loc.T("style.withdraw"), Danger: true, Action: "#", Confirm: s.loc.T("style.withdraw_ask"), Hidden: []Hidden{{"revision", "7"}}},
		{Label: s.loc.T("style.withdraw"), Danger: true, Look: Secondary, Href: "#main"},
	}
}

func (s sample) phases() []Option {
	var out []Option
	for _, phase := range mobility.Phases {
		out = append(out, Option{Value: string(phase), Label: s.loc.T("phase." + string(phase))})
	}
	return out
}

func number(text string) decimal.Decimal { return decimal.RequireFromString(text) }

func (s sample) bars() []PointsBar {
	return []PointsBar{
		BarOf(s.loc, s.loc.T("style.study"), Score{Points: number("24.5"), Max: number("30")}),
		BarOf(s.loc, s.loc.T("style.total"),
			Score{Label: s.loc.T("style.study"), Points: number("24.5"), Max: number("30")},
			Score{Label: s.loc.T("style.language"), Points: number("21"), Max: number("30")},
			Score{Label: s.loc.T("style.motivation"), Points: number("18"), Max: number("30")},
			Score{Label: s.loc.T("style.extra"), Points: number("6"), Max: number("10")}),
	}
}

func (s sample) spread() Distribution {
	var bins []Bin
	for i, count := range []int{2, 5, 9, 17, 26, 31, 24, 12, 7, 3} {
		bins = append(bins, Bin{decimal.NewFromInt(int64(i * 10)), decimal.NewFromInt(int64(i*10 + 10)), count})
	}
	cut, own := number("60"), number("69.5")
	return DistributionOf(s.loc, Spread{ID: "spread", Title: s.loc.T("style.spread"), Bins: bins, CutOff: &cut, Own: &own})
}
