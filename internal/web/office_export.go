package web

import (
	"context"
	"encoding/csv"
	"net/http"
	"strconv"
	"time"

	"peregrine/internal/intake"
	"peregrine/internal/store"
)

// exportMost is how many rows one export has at most.
const exportMost = 20000

// exportCandidates answers with the filtered list as CSV, in UTF-8 with the
// mark spreadsheets look for.
func (s *Server) exportCandidates(q *request) error {
	var c candidates
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		c, err = s.readCandidates(ctx, q, db, 0, exportMost)
		return err
	})
	if err != nil {
		return err
	}
	h := q.w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="candidates-`+q.now.UTC().Format(time.DateOnly)+`.csv"`)
	q.w.WriteHeader(http.StatusOK)
	if _, err := q.w.Write([]byte("\ufeff")); err != nil {
		return err
	}
	out := csv.NewWriter(q.w)
	out.UseCRLF = true
	_ = out.Write(q.exportHead(c)) // what fails here, Error tells below
	for _, row := range c.rows {
		_ = out.Write(q.exportRow(c, row))
	}
	out.Flush()
	return out.Error()
}

func (q *request) exportHead(c candidates) []string {
	head := []string{
		q.loc.T("office.family_names"), q.loc.T("office.given_names"), q.loc.T("office.unit"), q.loc.T("office.cycle"), q.loc.T("office.year_column"),
		q.loc.T("office.average"), q.loc.T("office.state"), q.loc.T("office.submitted_at"),
	}
	for _, criterion := range c.scheme.criteria {
		head = append(head, criterion.label(q.loc))
	}
	head = append(head, q.loc.T("office.total"), q.loc.T("office.missing"))
	return append(head, q.loc.T("office.choices"))
}

func (q *request) exportRow(c candidates, row candidate) []string {
	f := row.facts
	if row.FamilyNames == "" && row.GivenNames == "" {
		row.FamilyNames = q.candidateName("", "", row.Candidate)
	}
	out := []string{intake.Guard(row.FamilyNames), intake.Guard(row.GivenNames), intake.Guard(row.UnitCode), numberText(f.Cycle), numberText(f.Year), "", stateLabel(q.loc, c.def, row.State), ""}
	if f.Average != nil {
		out[5] = f.Average.String()
	}
	if row.ArrivedAt != nil {
		out[7] = row.ArrivedAt.In(zoneOf(c.call.Zone)).Format("2006-01-02 15:04:05")
	}
	for _, line := range row.points.Lines {
		if !known(line) {
			out = append(out, "")
			continue
		}
		out = append(out, line.Points.String())
	}
	out = append(out, row.points.Total.String(), missingWords(q.loc, c.scheme, row.points.Missing))
	for _, w := range row.wishes {
		out = append(out, intake.Guard(w.Host))
	}
	return out
}

func numberText(n *int16) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(int(*n))
}
