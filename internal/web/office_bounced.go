package web

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/bounce"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// What offices see of mail that came back, wherever they see its reader.

// bounceWords say in a sentence why a letter came back.
func (q *request) bounceWords(reason string) string { return q.loc.T("bounce." + reason) }

// refusalOf is why a server refused a letter at once, from its answer.
func refusalOf(code *int32, response string) string {
	number := 0
	if code != nil {
		number = int(*code)
	}
	return string(bounce.ReasonOf(bounce.RefusalStatus(number, response), response))
}

// bounceState is the state of a letter that was sent and came back.
func (q *request) bounceState(reason, settled string) page.Cell {
	c := page.Cell{Tag: page.Tag{Label: q.loc.T("bounce.came_back"), Tone: page.Danger}, Note: q.bounceWords(reason)}
	if settled != "" {
		c.Tag.Tone, c.Note = page.Neutral, q.loc.T("bounce.settled_"+settled)
	}
	return c
}

// serverWords are what a server said, with its code unless the words have it.
func serverWords(words, status string) page.Cell {
	if strings.Contains(words, status) {
		return page.Cell{Text: words}
	}
	return page.Cell{Text: words, Note: status}
}

// bouncedSince tells of each person whose address does not work since when.
type bouncedSince map[uuid.UUID]time.Time

func bouncedAmong(ctx context.Context, db store.DBTX, people []uuid.UUID) (bouncedSince, error) {
	rows, err := queries.BouncedAmong(ctx, db, people)
	out := bouncedSince{}
	for _, r := range rows {
		out[r.PersonID] = r.Since
	}
	return out, err
}

func bouncedApplicants(ctx context.Context, db store.DBTX, call uuid.UUID) (bouncedSince, error) {
	rows, err := queries.BouncedApplicants(ctx, db, call)
	out := bouncedSince{}
	for _, r := range rows {
		out[r.ApplicationID] = r.Since
	}
	return out, err
}

// tag marks somebody whose address does not work; nothing for anybody else.
func (b bouncedSince) tag(q *request, id uuid.UUID) page.Tag {
	if _, ok := b[id]; !ok {
		return page.Tag{}
	}
	return page.Tag{Label: q.loc.T("bounce.address"), Tone: page.Danger}
}

// toPerson leads an officer to where an address is put right.
func (q *request) toPerson(person uuid.UUID) []page.Link {
	if !q.isOfficer() {
		return nil
	}
	return []page.Link{{Label: q.loc.T("mail.correct_address"), Href: personPath(person) + "#address"}}
}

// notice tells on somebody's own page that their address does not work.
func (b bouncedSince) notice(q *request, id uuid.UUID, links ...page.Link) []page.Notice {
	since, ok := b[id]
	if !ok {
		return nil
	}
	return []page.Notice{{
		Tone: page.Warning, Title: q.loc.T("bounce.address_since", "Since", q.loc.Date(since)), Text: q.loc.T("bounce.address_text"), Links: links,
	}}
}
