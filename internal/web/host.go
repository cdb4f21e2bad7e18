package web

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/identity"
	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// Hosts come by the personal link of a letter, without an account, or as
// officers of an institution that uses Peregrine itself. Both see the same
// desk: those nominated to them in one call, and what they answer.
var _ = screen(func(s *Server) []Route {
	byLink, office := identity.HostPath("{token}"), "/host-office/{call}"
	routes := []Route{
		{Pattern: "GET /host-office", Guard: Officer, Handle: s.showHostCalls, Nav: "nav.host_office", NavOrder: 500},
		{Pattern: "POST " + byLink + "/code", Guard: Host, Handle: s.askHostCode},
		{Pattern: "POST " + byLink + "/documents", Guard: Host, Handle: s.useHostCode},
	}
	for _, at := range []struct {
		path  string
		guard Guard
	}{{byLink, Host}, {office, Officer}} {
		routes = append(routes,
			Route{Pattern: "GET " + at.path, Guard: at.guard, Handle: s.showDesk},
			Route{Pattern: "GET " + at.path + "/answer", Guard: at.guard, Handle: s.showAnswer},
			Route{Pattern: "POST " + at.path + "/answer", Guard: at.guard, Handle: s.giveAnswer},
			Route{Pattern: "GET " + at.path + "/answered", Guard: at.guard, Handle: s.showAnswered},
			Route{Pattern: "GET " + at.path + "/documents/{document}", Guard: at.guard, Handle: s.sendHostDocument},
		)
	}
	return routes
})

// desk is everything nominated to one host in one call, as it stands now.
type desk struct {
	path        string // of the desk's page
	call        store.HostCallRow
	nominations []nominee
	documents   []store.HostDocumentsRow
}

// nominee is one nomination with what it says of the person; that is empty
// once the record is shared no more.
type nominee struct {
	store.HostNominationsRow
	process.Nomination
}

// named reports whether it is still known whose nomination it was.
func (n nominee) named() bool { return n.GivenNames != "" || n.FamilyNames != "" }

// waits reports whether the host still owes an answer.
func (n nominee) waits() bool { return n.Status == "sent" }

// live reports whether there is anything to answer or take back: what was
// refused or cancelled is over, whatever became of the person's application.
func (n nominee) live() bool { return n.waits() || n.Status == "accepted" }

// desk reads the desk and leaves the access line of who was shown.
func (s *Server) desk(q *request) (desk, error) {
	d := desk{path: "/host-office/" + q.r.PathValue("call")}
	call := q.host.Call
	if q.route.Guard == Host {
		d.path = identity.HostPath(q.r.PathValue("token"))
	} else {
		var err error
		if call, err = q.id("call"); err != nil {
			return d, err
		}
	}
	err := s.read(q, func(ctx context.Context, db store.DBTX) error { return d.load(ctx, q, db, call) })
	if err != nil {
		return d, err
	}
	if zone, err := time.LoadLocation(d.call.HostZone); err == nil && q.route.Guard == Host {
		q.loc = q.loc.In(zone) // a host's clock is the one on its wall
	}
	return d, nil
}

func (d *desk) load(ctx context.Context, q *request, db store.DBTX, call uuid.UUID) (err error) {
	if q.route.Guard == Host {
		head, err := queries.HostLinkHead(ctx, db, store.HostLinkHeadParams{HostID: q.host.HostInstitution, CallID: call})
		if err != nil {
			return err
		}
		d.call = store.HostCallRow(head)
	} else if d.call, err = queries.HostCall(ctx, db, call); err != nil {
		return err
	}
	rows, err := queries.HostNominations(ctx, db, call)
	if err != nil {
		return err
	}
	for _, row := range rows {
		n := nominee{HostNominationsRow: row}
		if row.Content != nil {
			if err := json.Unmarshal(row.Content, &n.Nomination); err != nil {
				return err
			}
		}
		d.nominations = append(d.nominations, n)
	}
	if d.documents, err = queries.HostDocuments(ctx, db, call); err != nil {
		return err
	}
	return q.note(db, d.lookedAt())
}

func (d *desk) lookedAt() lookedAt {
	line := lookedAt{institution: d.call.InstitutionID, filter: "call=" + d.call.ID.String()}
	for _, n := range d.nominations {
		if n.named() {
			line.subjects = append(line.subjects, n.ApplicationID)
		}
	}
	line.count = len(line.subjects)
	return line
}

// nominee finds one by its id.
func (d *desk) nominee(id uuid.UUID) (nominee, bool) {
	i := slices.IndexFunc(d.nominations, func(n nominee) bool { return n.ID == id })
	if i < 0 {
		return nominee{}, false
	}
	return d.nominations[i], true
}

// waiting counts the answers owed and gives the first day one is due.
func (d *desk) waiting() (n int, by time.Time) {
	for _, each := range d.nominations {
		if !each.waits() {
			continue
		}
		n++
		if each.AnswerBy != nil && (by.IsZero() || each.AnswerBy.Before(by)) {
			by = *each.AnswerBy
		}
	}
	return n, by
}

// moves lists what the host may do, each by name once: what one nomination of
// each state allows. Whether a rule stands against one of them is asked before
// the answer, for each of those chosen.
func (s *Server) hostMoves(q *request, d *desk) ([]*lifecycle.MoveDef, error) {
	seen := map[string]bool{}
	var out []*lifecycle.MoveDef
	for _, n := range d.nominations {
		if !n.live() || seen["state "+n.State] {
			continue
		}
		seen["state "+n.State] = true
		st, err := s.Process.Standing(q.ctx(), q.actor, n.ApplicationID, q.arrived)
		if err != nil {
			return nil, err
		}
		for _, m := range st.Moves {
			if !m.Hide && !seen[m.Move.Name] && slices.Contains(m.Move.Who, mobility.RoleHost) {
				seen[m.Move.Name] = true
				out = append(out, m.Move)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *lifecycle.MoveDef) int { return cmp.Compare(weight(a), weight(b)) })
	return out, nil
}

// weight puts a host's yes first and what ends something last.
func weight(m *lifecycle.MoveDef) int {
	if m.EndsNomination != "" {
		return 1
	}
	return 0
}

// name writes a nominated person, or that the record is shared no more.
func (q *request) nominated(n nominee) string {
	if !n.named() {
		return q.loc.T("host.unnamed")
	}
	return strings.TrimSpace(n.GivenNames + " " + n.FamilyNames)
}

// stay tells term and days of a nomination.
func (q *request) stay(n nominee) string {
	words := q.loc.T("term." + n.HostNominationsRow.Term)
	if n.StartsOn == nil || n.EndsOn == nil {
		return words
	}
	utc := q.loc.In(time.UTC) // days have no zone
	return words + ", " + utc.Date(*n.StartsOn) + " – " + utc.Date(*n.EndsOn)
}

// hostStatus is where a nomination stands, as the host sees it.
func (q *request) hostStatus(n nominee) page.Tag {
	tone := map[string]page.Tone{"sent": page.Accent, "accepted": page.Success, "refused": page.Danger}[n.Status]
	return page.Tag{Label: q.loc.T("host.status_" + n.Status), Tone: tone}
}
