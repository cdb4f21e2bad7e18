package process

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"
	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// MaxDocument is the largest document taken, in bytes.
const MaxDocument = 10 << 20

// mediaTypes are what a committee can open; a PDF must also begin as one.
var mediaTypes = []string{"application/pdf", "image/png", "image/jpeg"}

// Upload is a document answering one file question.
type Upload struct {
	Application uuid.UUID
	Question    string // its key
	Destination *uuid.UUID
	FileName    string
	Content     io.Reader
	Arrived     time.Time
}

// AddDocument keeps a document in the working copy; it takes the place of one
// that answered the same question. Errors: invalid with the answer key as
// field, code "file.too_large", "file.empty" or "file.type_not_taken";
// otherwise as SaveDraft.
func (r *Runner) AddDocument(ctx context.Context, actor mobility.Actor, up Upload) error {
	key := documentKey(up.Question, up.Destination)
	content, mediaType, err := readDocument(up.Content)
	if err != nil {
		return documentProblem(key, err)
	}
	id := newID()
	sum := sha256.Sum256(content)
	if err := r.files.Put(ctx, id.String(), bytes.NewReader(content)); err != nil {
		return fmt.Errorf("keep the document: %w", err)
	}
	err = r.edit(ctx, actor, up.Application, up.Arrived, func(s *step, f *file) error {
		allowed, err := f.editable(ctx, s)
		if err != nil {
			return err
		}
		if !allowed(key) || !f.draft.asksFile(up.Question, up.Destination) {
			return mobility.ConflictError("refusal.question_not_open", nil)
		}
		err = queries.RemoveDocumentsFor(ctx, s.tx, store.RemoveDocumentsForParams{
			ApplicationID: f.app.ID, Question: up.Question, DestinationID: up.Destination, RemovedAt: &s.now,
		})
		if err != nil {
			return err
		}
		return queries.AddDocument(ctx, s.tx, store.AddDocumentParams{
			ID: id, InstitutionID: f.app.InstitutionID, ApplicationID: f.app.ID, PersonID: f.app.PersonID, Question: up.Question,
			DestinationID: up.Destination, FileName: fileName(up.FileName), MediaType: mediaType, Size: int64(len(content)), Sha256: sum[:], UploadedAt: s.now,
		})
	})
	if kind := mobility.KindOf(err); err != nil && kind != mobility.Internal { // refused for certain: nothing will ever name the file
		err = errors.Join(err, r.files.Remove(context.WithoutCancel(ctx), id.String()))
	}
	return err
}

// asksFile reports whether the form asks for a file here: for the whole
// application, or for a destination it names.
func (d *draft) asksFile(question string, destination *uuid.UUID) bool {
	return slices.ContainsFunc(d.questions, func(q mobility.Question) bool {
		return q.Key == question && q.Kind == mobility.QuestionFile && q.PerDestination == (destination != nil) &&
			(destination == nil || slices.Contains(d.choices, *destination))
	})
}

// RemoveDocument takes a document out of the working copy; submissions that
// carry it keep it.
func (r *Runner) RemoveDocument(ctx context.Context, actor mobility.Actor, application, document uuid.UUID, arrived time.Time) error {
	return r.edit(ctx, actor, application, arrived, func(s *step, f *file) error {
		at := slices.IndexFunc(f.draft.documents, func(x store.DraftDocumentsRow) bool { return x.ID == document })
		if at < 0 {
			return mobility.NotFoundError("document")
		}
		allowed, err := f.editable(ctx, s)
		if err != nil {
			return err
		}
		if x := f.draft.documents[at]; !allowed(documentKey(x.Question, x.DestinationID)) {
			return mobility.ConflictError("refusal.question_not_open", nil)
		}
		_, err = queries.RemoveDocument(ctx, s.tx, store.RemoveDocumentParams{ID: document, ApplicationID: f.app.ID, RemovedAt: &s.now})
		return err
	})
}

// OpenDocument returns a document's content by its id. Whoever calls has read
// its row under the actor's own eyes before.
func (r *Runner) OpenDocument(ctx context.Context, document uuid.UUID) (io.ReadCloser, error) {
	return r.files.Open(ctx, document.String())
}

type documentError string

func (e documentError) Error() string { return string(e) }

func documentProblem(key string, err error) error {
	if code, ok := err.(documentError); ok { //nolint:errorlint // returned unwrapped by readDocument alone
		return mobility.InvalidError(mobility.FieldProblem{Field: key, Code: string(code), Data: map[string]any{"Megabytes": MaxDocument >> 20}})
	}
	return fmt.Errorf("read the document: %w", err)
}

func readDocument(from io.Reader) (content []byte, mediaType string, err error) {
	content, err = io.ReadAll(io.LimitReader(from, MaxDocument+1))
	switch {
	case err != nil:
		return nil, "", err
	case len(content) > MaxDocument:
		return nil, "", documentError("file.too_large")
	case len(content) == 0:
		return nil, "", documentError("file.empty")
	}
	mediaType = mimetype.Detect(content).String()
	if !slices.Contains(mediaTypes, mediaType) || (mediaType == mediaTypes[0] && !bytes.HasPrefix(content, []byte("%PDF-"))) {
		return nil, "", documentError("file.type_not_taken")
	}
	return content, mediaType, nil
}

// fileName keeps the last part of the name a browser sends, without control
// characters, in at most 120 characters.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, name)
	if runes := []rune(name); len(runes) > 120 {
		name = string(runes[:80]) + "…" + string(runes[len(runes)-39:])
	}
	if name == "" || name == "." || name == "/" {
		return "document"
	}
	return name
}
