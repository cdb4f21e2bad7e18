package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/intake"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/selection"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// readVariant reads one variant with the run it belongs to.
func (s *Server) readVariant(q *request) (v variants, one variant, err error) {
	id, err := q.id("variant")
	if err != nil {
		return v, one, err
	}
	var run uuid.UUID
	err = s.read(q, func(ctx context.Context, db store.DBTX) error {
		row, err := queries.VariantByID(ctx, db, id)
		run = row.RankingID
		return err
	})
	if err != nil {
		return v, one, err
	}
	if v, err = s.readVariants(q, run); err != nil {
		return v, one, err
	}
	for _, t := range v.tried {
		if t.ID == id {
			return v, t, nil
		}
	}
	return v, one, mobility.NotFoundError("variant")
}

func (s *Server) showVariant(q *request) error {
	v, one, err := s.readVariant(q)
	if err != nil {
		return err
	}
	p := page.Office{Base: s.base(q, q.loc.T("variant.number", "Number", one.Number, "Name", one.Name)), Tabs: q.callTabs(v.CallID, "ranking")}
	p.Wide, p.Kicker = true, v.OfficeRankingRow.Title.In(q.loc.Lang())
	p.Breadcrumbs = append(q.callCrumbs(v.CallID, v.OfficeRankingRow.Title),
		page.Link{Label: q.loc.T("ranking.number", "Number", v.Number), Href: rankingPath(v.ID)},
		page.Link{Label: q.loc.T("variant.title", "Number", v.Number), Href: rankingPath(v.ID) + "/variants"})
	p.Turn = page.WhoseTurn{Whose: q.loc.T("variant.only_tried"), Over: true, What: q.loc.T("variant.publishable")}
	if v.part {
		p.Notices = []page.Notice{{Text: q.loc.T("variant.part_text")}}
	}
	p.Parts = []page.Part{q.differencesPart(v, one), q.movesPart(v, one), q.cutOffsPart(v, one)}
	return s.render(q, http.StatusOK, p)
}

// differencesPart says what the variant does otherwise.
func (q *request) differencesPart(v variants, one variant) page.Part {
	var rows []page.Fact
	for _, c := range one.changes {
		rows = append(rows, page.Fact{Term: q.varyTerm(v, c), Text: q.varyText(v, c)})
	}
	tally := one.tally(nil)
	part := page.Part{ID: "changes", Title: q.loc.T("variant.changes"), Text: q.loc.T("variant.tried_by", "Name", one.TriedBy, "At", one.TriedAt), Summary: page.Summary{Rows: rows}, Bars: []page.PointsBar{*q.movesBar(tally)}}
	if !v.published() {
		part.Buttons = []page.Button{{Label: q.loc.T("variant.from_here"), Href: rankingPath(v.ID) + "/variants?from=" + one.ID.String() + "#try", Look: page.Secondary}}
	}
	return part
}

func (q *request) varyTerm(v variants, c process.VariantChange) string {
	switch c.Kind {
	case process.VaryPlaces:
		for _, p := range v.pools {
			if p.ID == c.Pool {
				return q.poolWords(p)
			}
		}
	case process.VaryWeight:
		return q.loc.T("variant.weight", "Criterion", v.scheme.words(q.loc, c.Criterion))
	case process.VaryShare:
		if c.Share <= len(v.Selection.Shares) {
			return v.Selection.Shares[c.Share-1].Label.In(q.loc.Lang())
		}
	case process.VaryWithdraw, process.VaryMark:
		return v.name(c.Application)
	case process.VaryMethod, process.VaryTies:
	}
	return q.loc.T("variant." + string(c.Kind))
}

func (q *request) varyText(v variants, c process.VariantChange) string {
	switch c.Kind {
	case process.VaryPlaces:
		for _, p := range v.pools {
			if p.ID == c.Pool {
				return q.loc.T("variant.places_text", "From", p.Free, "To", c.Number)
			}
		}
	case process.VaryShare:
		return q.loc.T("variant.percent", "Percent", c.Number)
	case process.VaryWithdraw:
		return q.loc.T("variant.withdraw_text")
	case process.VaryMark:
		return q.loc.T("variant.mark_text", "Criterion", v.scheme.words(q.loc, c.Criterion), "Points", c.Number)
	case process.VaryMethod:
		return q.loc.T("variant.method_" + c.Word)
	case process.VaryTies:
		return q.loc.T("variant.ties_" + c.Word)
	case process.VaryWeight:
	}
	return "× " + q.loc.Decimal(c.Number)
}

func (v variants) name(id uuid.UUID) string { return v.people[id].Name }

func (v variants) host(id uuid.UUID) string { return v.hosts[id].Host }

var directionTones = map[selection.Direction]page.Tone{
	selection.MovedIn: page.Success, selection.MovedUp: page.Success, selection.MovedDown: page.Warning, selection.MovedOut: page.Danger,
}

// movesPart lists who fares otherwise, the losers first: whoever has to
// answer for a change looks for them.
func (q *request) movesPart(v variants, one variant) page.Part {
	t := page.Table{Caption: q.loc.T("variant.who_moves"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.name")}, {Label: q.loc.T("variant.move")}, {Label: q.loc.T("variant.before")}, {Label: q.loc.T("variant.after")}, {Label: q.loc.T("office.why")},
	}, Empty: page.EmptyState{Title: q.loc.T("variant.nobody_moves"), Text: q.loc.T("variant.nobody_moves_text")}}
	for _, m := range v.moves(one) {
		name := page.Cell{Text: v.name(m.Applicant), Href: filePath(m.Applicant), Note: v.people[m.Applicant].Unit}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			name,
			{Tag: page.Tag{Label: q.loc.T("variant." + string(m.Direction)), Tone: directionTones[m.Direction]}},
			q.placeCell(v, m.Before), q.placeCell(v, m.After),
			{Text: q.whyMoved(v, m)},
		}})
	}
	return page.Part{ID: "moves", Title: q.loc.T("variant.who_moves"), Table: t, Buttons: []page.Button{
		{Label: q.loc.T("variant.export", "Kind", "XLSX"), Href: variantPath(one.ID) + "/moves.xlsx", Look: page.Secondary},
		{Label: q.loc.T("variant.export", "Kind", "CSV"), Href: variantPath(one.ID) + "/moves.csv", Look: page.Secondary},
	}}
}

// moves are the shifts but of those who stay, by direction.
func (v variants) moves(one variant) []selection.Shift {
	var out []selection.Shift
	for _, d := range []selection.Direction{selection.MovedOut, selection.MovedDown, selection.MovedUp, selection.MovedIn} {
		for _, m := range one.compare.Shifts {
			if m.Direction == d {
				out = append(out, m)
			}
		}
	}
	return out
}

func (q *request) placeCell(v variants, c *selection.Choice) page.Cell {
	if c == nil {
		return page.Cell{Text: q.loc.T("variant.nothing")}
	}
	return page.Cell{Text: v.host(c.Destination), Note: q.loc.T("variant.wish", "Preference", c.Preference)}
}

// whyMoved is the rule that decided after the change: against whom the lost
// wish went, or that there was room now.
func (q *request) whyMoved(v variants, m selection.Shift) string {
	if m.Missed != nil {
		return v.scheme.reasonWords(q.loc, m.Missed.Reason)
	}
	if m.After != nil {
		return v.scheme.reasonWords(q.loc, m.After.Reason)
	}
	return q.loc.T("variant.not_in_variant")
}

// cutOffsPart sets the figures of each destination beside each other.
func (q *request) cutOffsPart(v variants, one variant) page.Part {
	t := page.Table{Caption: q.loc.T("variant.cut_offs"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.destination")},
		{Label: q.loc.T("variant.placed_before"), Numeric: true},
		{Label: q.loc.T("variant.placed_after"), Numeric: true},
		{Label: q.loc.T("variant.lowest_before"), Numeric: true},
		{Label: q.loc.T("variant.lowest_after"), Numeric: true},
		{Label: q.loc.T("variant.waiting_after"), Numeric: true},
	}}
	for _, c := range one.compare.CutOffs {
		row := page.Row{Cells: page.Cells(v.host(c.Destination), q.loc.Number(c.Before.Admitted), q.loc.Number(c.After.Admitted),
			q.lowestText(c.Before.LowestAdmitted), q.lowestText(c.After.LowestAdmitted), q.loc.Number(c.After.Waiting))}
		row.Cells[0].Note = q.loc.T("term." + v.hosts[c.Destination].Term)
		if c.Changed() || c.Before.Admitted != c.After.Admitted {
			row.Tone = page.Accent
		}
		t.Rows = append(t.Rows, row)
	}
	return page.Part{ID: "cut-offs", Title: q.loc.T("variant.cut_offs"), Text: q.loc.T("variant.cut_offs_text"), Table: t}
}

func (q *request) lowestText(d decimal.NullDecimal) string {
	if !d.Valid {
		return "–"
	}
	return q.loc.Decimal(d.Decimal)
}

// movesSheet is everybody in the run with both outcomes: the same figures as
// on the page.
func (q *request) movesSheet(v variants, one variant) intake.Sheet {
	columns := []string{"rank", "name", "unit", "move", "before", "wish_before", "after", "wish_after", "why"}
	sheet := intake.Sheet{Columns: columns, Numbers: []string{"rank", "wish_before", "wish_after"}}
	for _, m := range one.compare.Shifts {
		before, wishBefore := v.placeText(m.Before)
		after, wishAfter := v.placeText(m.After)
		why := ""
		if m.Direction != selection.Stayed {
			why = q.whyMoved(v, m)
		}
		rank := ""
		if r := v.entries[m.Applicant].Rank; r > 0 {
			rank = strconv.Itoa(r)
		}
		sheet.Rows = append(sheet.Rows, []string{rank, v.name(m.Applicant), v.people[m.Applicant].Unit, q.loc.T("variant." + string(m.Direction)), before, wishBefore, after, wishAfter, why})
	}
	return sheet
}

func (v variants) placeText(c *selection.Choice) (host, wish string) {
	if c == nil {
		return "", ""
	}
	return v.host(c.Destination), strconv.Itoa(c.Preference)
}

func (s *Server) exportVariantCSV(q *request) error {
	return s.exportVariant(q, "csv", "text/csv; charset=utf-8")
}

func (s *Server) exportVariantXLSX(q *request) error {
	return s.exportVariant(q, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
}

func (s *Server) exportVariant(q *request, kind, media string) error {
	v, one, err := s.readVariant(q)
	if err != nil {
		return err
	}
	name := strings.Join([]string{"variant", strconv.Itoa(int(v.Number)), strconv.Itoa(int(one.Number)), q.now.UTC().Format(time.DateOnly)}, "-") + "." + kind
	q.w.Header().Set("Content-Type", media)
	q.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	q.w.WriteHeader(http.StatusOK)
	if sheet := q.movesSheet(v, one); kind == "xlsx" {
		return sheet.XLSX(q.w)
	} else if _, err := q.w.Write([]byte("\ufeff")); err != nil {
		return err
	} else {
		return sheet.CSV(q.w)
	}
}
