package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	rules "peregrine/internal/scheme"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
)

// One cell of the grid at a time, for its script.

// cellForm is a mark as the script sends it. Person is whose page it was
// typed into: somebody else may have signed in since.
type cellForm struct {
	Cell   string `form:"cell" validate:"required,max=200"`
	Points string `form:"points" validate:"max=40"`
	Seen   string `form:"seen" validate:"max=40"`
	Person string `form:"person" validate:"max=40"`
	Keep   bool   `form:"keep"`
}

// cellAnswer is what became of it. State is saved, stale or refused.
type cellAnswer struct {
	State   string    `json:"state"`
	Message string    `json:"message,omitempty"`
	Cell    cellState `json:"cell,omitzero"`
	Row     rowState  `json:"row,omitzero"`
}

// cellState is a cell as it stands. Text is the mark as the reader writes it.
type cellState struct {
	Raw     string `json:"raw"`
	Text    string `json:"text"`
	Note    string `json:"note"`
	Flag    string `json:"flag"`
	Keep    bool   `json:"keep"`
	Missing bool   `json:"missing"`
}

// rowState is what a candidate's points come to.
type rowState struct {
	Total string `json:"total"`
}

// changes are cells and rows by name and application.
type changes struct {
	Cells map[string]cellState `json:"cells"`
	Rows  map[string]rowState  `json:"rows"`
	tag   string               // changes with them
}

func (s *Server) saveCell(q *request) error {
	call, err := q.id("call")
	if err != nil {
		return err
	}
	var f cellForm
	if _, err := form.Decode(q.r, &f); err != nil {
		return err
	}
	application, key, ok := cellOf(f.Cell)
	if !ok {
		return mobility.NotFoundError("application")
	}
	if f.Person != "" && f.Person != q.actor.Person.String() {
		return q.json(http.StatusConflict, cellAnswer{State: "refused", Message: q.loc.T("grid.somebody_else")})
	}
	file := []uuid.UUID{application}
	now, err := s.readChanges(q, call, file, "")
	if err != nil {
		return err
	}
	if len(now.Rows) == 0 {
		return mobility.NotFoundError("application") // in another call, or out of sight
	}
	if f.Keep {
		err = s.Process.KeepMark(q.ctx(), q.actor, application, key, q.arrived)
	} else {
		err = s.Process.SetMark(q.ctx(), q.actor, process.Mark{Application: application, Criterion: key, Points: f.Points, Seen: f.Seen, Arrived: q.arrived})
	}
	var e *mobility.Error
	if err != nil && !asProblem(err, &e) {
		return err
	}
	if after, readErr := s.readChanges(q, call, file, now.tag); readErr == nil {
		now = after
	}
	return q.cellAnswer(f.Cell, now, err)
}

func (q *request) cellAnswer(cell string, now changes, err error) error {
	application, _, _ := strings.Cut(cell, ".")
	answer := cellAnswer{State: "saved", Cell: now.Cells[cell], Row: now.Rows[application]}
	if err == nil {
		return q.json(http.StatusOK, answer)
	}
	answer.State, answer.Message = "refused", problemText(q.loc, err)
	if mobility.KindOf(err) == mobility.Stale {
		answer.State = "stale"
	}
	return q.json(statuses[mobility.KindOf(err)], answer)
}

// changedCells answers with the cells of the files asked for, or that they
// are what the script has already.
func (s *Server) changedCells(q *request) error {
	call, err := q.id("call")
	if err != nil {
		return err
	}
	var ids []uuid.UUID
	for _, text := range strings.Split(q.r.URL.Query().Get("files"), ",") {
		if id, err := uuid.Parse(text); err == nil && len(ids) < 4*perPage {
			ids = append(ids, id)
		}
	}
	known := q.r.Header.Get("If-None-Match")
	now, err := s.readChanges(q, call, ids, known)
	if err != nil {
		return err
	}
	q.w.Header().Set("ETag", now.tag)
	if known == now.tag {
		q.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return q.json(http.StatusOK, now)
}

// readChanges reads files' cells as the reader sees them. What is other than
// what they know leaves an access line.
func (s *Server) readChanges(q *request, call uuid.UUID, ids []uuid.UUID, known string) (changes, error) {
	out := changes{Cells: map[string]cellState{}, Rows: map[string]rowState{}}
	err := s.read(q, func(ctx context.Context, db store.DBTX) error {
		c, err := queries.OfficeCall(ctx, db, store.OfficeCallParams{ID: call, Institutions: q.house()})
		if err != nil {
			return err
		}
		scheme, err := readScheme(c.Scheme)
		if err != nil {
			return err
		}
		rows, err := queries.SheetFiles(ctx, db, store.SheetFilesParams{CallID: call, Applications: ids, Institutions: q.house(), Self: q.actor.Person})
		if err != nil {
			return err
		}
		sheet, err := readSheet(ctx, db, scheme, q.actor.Person, ids)
		if err != nil {
			return err
		}
		scored, err := scheme.score(ctx, db, valuesOf(c, ids))
		if err != nil {
			return err
		}
		for _, row := range rows {
			out.add(q, sheet, row.ID, scored[row.ID].Breakdown)
		}
		sum := sha256.Sum256(encode(out))
		if out.tag = `"` + hex.EncodeToString(sum[:12]) + `"`; out.tag == known {
			return nil
		}
		return q.note(db, lookedAt{institution: c.InstitutionID, subjects: []uuid.UUID{call}, count: len(out.Rows)})
	})
	return out, err
}

func (c *changes) add(q *request, s sheet, id uuid.UUID, b rules.Breakdown) {
	c.Rows[id.String()] = rowState{Total: q.loc.Decimal(b.Total)}
	for _, marked := range s.scheme.assessed {
		st := s.at(id, marked)
		c.Cells[cellName(id, marked.Key)] = cellState{
			Raw: st.raw(), Text: localNumber(q, st.raw()), Note: st.note(q), Flag: st.flag(q), Keep: st.flag(q) != "" && st.keepable(), Missing: st.wanted(),
		}
	}
}

// json answers a script.
func (q *request) json(status int, v any) error {
	h := q.w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	q.w.WriteHeader(status)
	return json.NewEncoder(q.w).Encode(v)
}
