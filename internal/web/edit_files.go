package web

import (
	"context"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
)

// Documents: kept with the form, opened one by one.
var _ = screen(func(s *Server) []Route {
	return []Route{{Pattern: "GET /documents/{id}", Guard: SignedIn, Handle: s.openDocument}}
})

// saveFiles keeps the files that came with the form and removes the one whose
// button was pressed. Files that cannot be taken come back as problems.
func (s *Server) saveFiles(q *request, v *editView, p posted) ([]mobility.FieldProblem, error) {
	if act, id, _ := strings.Cut(p.act, ":"); act == "remove" {
		document, err := uuid.Parse(id)
		if err != nil {
			return nil, mobility.NotFoundError("document")
		}
		return nil, s.Process.RemoveDocument(q.ctx(), q.actor, v.id, document, q.arrived)
	}
	if q.r.MultipartForm == nil {
		return nil, nil
	}
	var problems []mobility.FieldProblem
	for name, headers := range q.r.MultipartForm.File {
		key, ok := strings.CutPrefix(name, filePrefix)
		if !ok || len(headers) == 0 || headers[0].Filename == "" {
			continue
		}
		err := s.saveFile(q, v, key, headers[0])
		if refused, invalid := problemsOf(err); invalid {
			problems = append(problems, refused...)
		} else if err != nil {
			return nil, err
		}
	}
	return problems, nil
}

func (s *Server) saveFile(q *request, v *editView, key string, header *multipart.FileHeader) error {
	question, at, each := strings.Cut(key, "@")
	up := process.Upload{Application: v.id, Question: question, FileName: header.Filename, Arrived: q.arrived}
	if each {
		id, err := uuid.Parse(at)
		if err != nil || v.place(id) == nil {
			return mobility.NotFoundError("document")
		}
		up.Destination = &id
	}
	f, err := header.Open()
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	up.Content = f
	return s.Process.AddDocument(q.ctx(), q.actor, up)
}

func (s *Server) openDocument(q *request) error {
	id, err := q.id("id")
	if err != nil {
		return err
	}
	return s.sendDocument(q, id)
}

// sendDocument sends a document the actor may see, to be saved and never to
// be shown by the browser as a page of ours.
func (s *Server) sendDocument(q *request, id uuid.UUID) error {
	var d store.VisibleDocumentRow
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if d, err = queries.VisibleDocument(ctx, db, id); err != nil || d.PersonID == q.actor.Person {
			return err
		}
		return q.note(db, lookedAt{institution: d.InstitutionID, subjects: []uuid.UUID{d.ApplicationID, d.ID}, count: 1})
	})
	if err != nil {
		return err
	}
	content, err := s.Process.OpenDocument(q.ctx(), id)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // only read
	h := q.w.Header()
	h.Set("Content-Type", d.MediaType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": d.FileName}))
	h.Set("Content-Length", strconv.FormatInt(d.Size, 10))
	h.Set("Cache-Control", "private, no-store")
	q.w.WriteHeader(http.StatusOK)
	_, err = io.Copy(q.w, content)
	return err
}

// sizeWords write how large a file is.
func sizeWords(loc locale.Printer, bytes int64) string {
	if bytes < 1<<20 {
		return loc.T("form.kilobytes", "Number", loc.Number(int(max(1, bytes>>10))))
	}
	return loc.T("form.megabytes", "Number", loc.Fixed(decimal.NewFromInt(bytes).Div(decimal.NewFromInt(1<<20)), 1))
}

// filesFor are the documents that answer a question now.
func (v *editView) filesFor(key string) []store.DraftDocumentsRow {
	return slices.DeleteFunc(slices.Clone(v.documents), func(d store.DraftDocumentsRow) bool { return documentKey(d.Question, d.DestinationID) != key })
}

// documentKey is the answer key a document belongs to.
func documentKey(question string, destination *uuid.UUID) string {
	if destination == nil {
		return question
	}
	return mobility.AnswerKey(question, destination.String())
}
