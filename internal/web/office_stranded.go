package web

import (
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// stranded reads the free places that do not move on by themselves, with the
// names and telephone numbers the office needs to ask by hand (design rule 8).
func (s *Server) stranded(q *request, db store.DBTX) ([]store.OfficeStrandedPlacesRow, error) {
	rows, err := queries.OfficeStrandedPlaces(q.ctx(), db, q.house())
	if err != nil || len(rows) == 0 {
		return rows, err
	}
	line := lookedAt{institution: rows[0].InstitutionID, count: len(rows)}
	for _, row := range rows {
		line.subjects = append(line.subjects, row.ApplicationID)
	}
	return rows, q.note(db, line)
}

func (q *request) strandedPart(rows []store.OfficeStrandedPlacesRow) page.Part {
	t := page.Table{Caption: q.loc.T("work.stranded"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.destination")},
		{Label: q.loc.T("work.stranded_free"), Numeric: true},
		{Label: q.loc.T("work.stranded_next")},
		{Label: q.loc.T("office.phone")},
	}}
	for _, row := range rows {
		phone := row.Phone
		if phone == "" {
			phone = "–"
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: row.Host, Note: row.Title.In(q.loc.Lang())},
			{Text: q.loc.Number(int(row.Free))},
			{Text: full(row.GivenNames, row.FamilyNames), Note: row.Email, Href: filePath(row.ApplicationID)},
			{Text: phone},
		}})
	}
	return page.Part{ID: "stranded", Title: q.loc.T("work.stranded"), Text: q.loc.T("work.stranded_text"), Table: t}
}
