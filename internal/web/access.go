package web

import (
	"github.com/google/uuid"

	"peregrine/internal/store"
)

// queries is stateless: every call names what it runs on.
var queries = store.New()

// lookedAt is the line a page of others' personal data leaves behind (design
// rule 12): ids where few were shown, filter and number where it was a list.
type lookedAt struct {
	institution uuid.UUID
	subjects    []uuid.UUID // applications or persons
	filter      string      // the address's query: ids and codes, no text somebody typed
	count       int
}

// note writes the request's access line into the transaction of its reads.
func (q *request) note(db store.DBTX, l lookedAt) error {
	p := store.AddAccessLineParams{
		ID: uuid.Must(uuid.NewV7()), Page: q.route.Pattern, SubjectIds: l.subjects, Filter: l.filter, Count: int32(l.count),
	}
	if p.SubjectIds == nil {
		p.SubjectIds = []uuid.UUID{}
	}
	if l.institution != uuid.Nil {
		p.InstitutionID = &l.institution
	}
	if q.actor.SignedIn() {
		p.ActorID = &q.actor.Person
	}
	if q.actor.HostLink != uuid.Nil {
		p.HostLinkID = &q.actor.HostLink
	}
	return queries.AddAccessLine(q.ctx(), db, p)
}
