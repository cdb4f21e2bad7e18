package process

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// Audience is whom an assessor's words are for.
type Audience string

// The audiences. The applicant reads theirs after publication.
const (
	ForCommittee Audience = "committee"
	ForApplicant Audience = "applicant"
)

// Comment is what an assessor writes about a file. Revision is that of the
// words it replaces, 0 for the first.
type Comment struct {
	Application uuid.UUID
	Audience    Audience
	Body        string
	Revision    int32
	Arrived     time.Time
}

// longestComment is how much an assessor may write, in bytes.
const longestComment = 10000

// SaveComment keeps the actor's words about a file; whoever may mark it may
// write them. Errors: stale if they were changed elsewhere meanwhile.
func (r *Runner) SaveComment(ctx context.Context, actor mobility.Actor, c Comment) error {
	return r.do(ctx, actor, c.Arrived, func(s *step) error {
		if c.Audience != ForCommittee && c.Audience != ForApplicant {
			return mobility.InvalidError(mobility.FieldProblem{Field: "audience", Code: "invalid.oneof"})
		}
		body := strings.TrimSpace(c.Body)
		if len(body) > longestComment {
			return mobility.InvalidError(mobility.FieldProblem{Field: string(c.Audience), Code: "invalid.max", Data: map[string]any{"Param": longestComment}})
		}
		f, err := r.fileToMark(ctx, s, c.Application)
		if err != nil {
			return err
		}
		stands, err := queries.CommentRevision(ctx, s.tx, store.CommentRevisionParams{ApplicationID: f.app.ID, AssessorID: actor.Person, Audience: string(c.Audience)})
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if stands != c.Revision {
			return mobility.StaleError("conflict.comment_meanwhile", nil)
		}
		return queries.SaveComment(ctx, s.tx, store.SaveCommentParams{
			ApplicationID: f.app.ID, AssessorID: actor.Person, Audience: string(c.Audience), InstitutionID: f.app.InstitutionID,
			PersonID: f.app.PersonID, Body: body, SavedAt: s.now,
		})
	})
}
