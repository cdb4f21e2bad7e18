package web

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"

	"peregrine/internal/locale"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// placesPerPage is how many places a page of the list shows.
const placesPerPage = 50

// limitWords say how many destinations one may choose.
func limitWords(loc locale.Printer, choices, languages int32) string {
	words := loc.N("call.choose", int(choices))
	if languages > 0 && choices > 1 {
		words = loc.T("call.choose_in", "Choose", words, "Languages", loc.N("call.languages", int(languages)))
	}
	return words
}

// fillPlaces fills the list of places, filtered and sorted by the address.
func (v *publicCall) fillPlaces(q *request, p *page.Call) {
	asked := q.r.URL.Query()
	rows := slices.DeleteFunc(slices.Clone(v.places), func(d store.PublicDestinationsRow) bool {
		return (asked.Get("country") != "" && d.Country != asked.Get("country")) || (asked.Get("language") != "" && d.Language != asked.Get("language")) ||
			(asked.Get("unit") != "" && d.UnitID.String() != asked.Get("unit"))
	})
	sortPlaces(q.loc, rows, asked.Get("sort"))
	total, offered := 0, 0
	for _, d := range rows {
		if d.DroppedAt == nil {
			total += int(d.Places)
			offered++
		}
	}
	p.Title = q.loc.T("call.places")
	p.Text = q.loc.N("catalogue.places", total) + ", " + q.loc.N("catalogue.destinations", offered) + "."
	p.Filter = v.filter(q, asked)
	pages := max(1, (len(rows)+placesPerPage-1)/placesPerPage)
	at := min(pageOf(asked), pages)
	p.Pager = page.PagerOf(at, pages, len(rows), func(n int) string { return v.sorted(asked, "page", strconv.Itoa(n)) })
	p.Places = v.table(q, rows[(at-1)*placesPerPage:min(len(rows), at*placesPerPage)], asked)
}

// sorted is the address of the same list with one thing changed.
func (v *publicCall) sorted(asked url.Values, name, value string) string {
	keep := url.Values{}
	for _, key := range []string{"country", "language", "unit", "sort"} {
		if asked.Get(key) != "" {
			keep.Set(key, asked.Get(key))
		}
	}
	keep.Set(name, value)
	return "/calls/" + v.call.ID.String() + "?" + keep.Encode() + "#places"
}

func sortPlaces(loc locale.Printer, rows []store.PublicDestinationsRow, by string) {
	country := func(d store.PublicDestinationsRow) string { return loc.Country(d.Country) }
	slices.SortStableFunc(rows, func(a, b store.PublicDestinationsRow) int {
		if (a.DroppedAt == nil) != (b.DroppedAt == nil) {
			return map[bool]int{true: -1, false: 1}[a.DroppedAt == nil] // what is not offered any more stands last
		}
		first := 0
		switch by {
		case "host":
			first = cmp.Compare(a.Host, b.Host)
		case "language":
			first = cmp.Or(cmp.Compare(loc.Language(a.Language), loc.Language(b.Language)), cmp.Compare(a.CEFR, b.CEFR))
		case "places":
			first = cmp.Compare(b.Places, a.Places)
		case "deadline":
			first = value(a.HostClosesAt).Compare(value(b.HostClosesAt))
		}
		return cmp.Or(first, cmp.Compare(country(a), country(b)), cmp.Compare(a.Host, b.Host), cmp.Compare(a.Term, b.Term))
	})
}

// filter offers what there is to choose between.
func (v *publicCall) filter(q *request, asked url.Values) page.Filter {
	f := page.Filter{Action: "/calls/" + v.call.ID.String() + "#places"}
	if sort := asked.Get("sort"); sort != "" {
		f.Hidden = []page.Hidden{{Name: "sort", Value: sort}}
	}
	for _, by := range []struct {
		name, label string
		of          func(store.PublicDestinationsRow) page.Option
	}{
		{"country", "call.country", func(d store.PublicDestinationsRow) page.Option {
			return page.Option{Value: d.Country, Label: q.loc.Country(d.Country)}
		}},
		{"language", "call.language", func(d store.PublicDestinationsRow) page.Option {
			return page.Option{Value: d.Language, Label: q.loc.Language(d.Language)}
		}},
		{"unit", "call.unit", func(d store.PublicDestinationsRow) page.Option {
			return page.Option{Value: d.UnitID.String(), Label: d.Unit.In(q.loc.Lang())}
		}},
	} {
		field := page.Field{Kind: page.Select, Name: by.name, Label: q.loc.T(by.label), Blank: q.loc.T("call.any"), Value: asked.Get(by.name), Options: distinct(v.places, by.of)}
		if len(field.Options) > 1 {
			f.Fields = append(f.Fields, field)
		}
	}
	if asked.Get("country") != "" || asked.Get("language") != "" || asked.Get("unit") != "" {
		f.Clear = page.Link{Label: q.loc.T("call.all_places"), Href: "/calls/" + v.call.ID.String() + "#places"}
	}
	return f
}

// distinct lists the options that occur, by their words.
func distinct(rows []store.PublicDestinationsRow, of func(store.PublicDestinationsRow) page.Option) []page.Option {
	var out []page.Option
	for _, row := range rows {
		if o := of(row); !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b page.Option) int { return cmp.Compare(a.Label, b.Label) })
	return out
}

func (v *publicCall) table(q *request, rows []store.PublicDestinationsRow, asked url.Values) page.Table {
	t := page.Table{Caption: q.loc.T("call.places"), HideCaption: true, Empty: page.EmptyState{Title: q.loc.T("call.no_places")}}
	several := len(distinct(v.places, func(d store.PublicDestinationsRow) page.Option { return page.Option{Value: d.UnitID.String()} })) > 1
	for _, c := range []struct{ key, sort string }{{"host", "host"}, {"unit", ""}, {"language", "language"}, {"term", ""}, {"places_column", "places"}, {"host_deadline", "deadline"}, {"selected_by", ""}, {"past", ""}} {
		if (c.key == "unit" && !several) || (c.key == "past" && len(v.past) == 0) {
			continue
		}
		column := page.Column{Label: q.loc.T("call." + c.key), Numeric: c.key == "places_column"}
		if c.sort != "" {
			column.Href = v.sorted(asked, "sort", c.sort)
			if asked.Get("sort") == c.sort {
				column.Sorted = map[bool]string{true: "descending", false: "ascending"}[c.sort == "places"]
			}
		}
		t.Columns = append(t.Columns, column)
	}
	for _, d := range rows {
		t.Rows = append(t.Rows, page.Row{Cells: v.cells(q, d, several)})
	}
	return t
}

func (v *publicCall) cells(q *request, d store.PublicDestinationsRow, several bool) []page.Cell {
	where := whereWords(q.loc, d)
	if d.Code != "" {
		where += " · " + d.Code
	}
	cells := []page.Cell{{Text: d.Host, Note: where}}
	places := page.Cell{Text: q.loc.Number(int(d.Places))}
	if d.DroppedAt != nil {
		cells[0].Tag, places.Text = droppedTag(q, *d.DroppedAt, v.call.Zone), "–"
	}
	if several {
		cells = append(cells, page.Cell{Text: d.Unit.In(q.loc.Lang())})
	}
	deadline := page.Cell{}
	if d.HostClosesAt != nil {
		deadline.Text = q.loc.In(zoneOf(value(d.HostZone))).Date(d.HostClosesAt.Add(-time.Minute))
	}
	cells = append(cells,
		page.Cell{Text: levelWords(q.loc, d.Language, d.CEFR)},
		page.Cell{Text: q.loc.T("term." + d.Term), Note: monthWords(q.loc, d.Months)},
		places,
		deadline,
		page.Cell{Text: q.loc.T("call.selected_" + d.SelectedBy)})
	if len(v.past) > 0 {
		cells = append(cells, v.past.cell(q, d.ID))
	}
	return cells
}
