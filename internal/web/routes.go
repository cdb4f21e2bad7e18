package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
)

// To add a screen, write a file named for it that registers its routes:
//
//	var _ = screen(func(s *Server) []Route {
//		return []Route{
//			{Pattern: "GET /calls/{call}", Guard: Public, Handle: s.showCall},
//			{Pattern: "POST /calls/{call}/open", Guard: Officer, Handle: s.openCall},
//		}
//	})
//
//	func (s *Server) showCall(q *request) error {
//		id, err := q.id("call") // a malformed id is not found
//		if err != nil {
//			return err
//		}
//		var call store.CallPageRow
//		err = s.Reads.As(q.ctx(), q.actor, q.arrived, func(db store.DBTX, now time.Time) (err error) {
//			q.now = now // for the clock of the frame and the count-downs
//			call, err = reads.CallPage(q.ctx(), db, id)
//			return err
//		})
//		if err != nil {
//			return err // one place turns it into a page, a status and a log line
//		}
//		return s.render(q, http.StatusOK, page.Call{Base: s.base(q, q.loc.T("account.title")), …})
//	}
//
// A POST reads its form with form.Decode, asks one process, and ends with
// q.done(to, "notice.opened"), a 303 that leaves a notice for the next page;
// a refused form is rendered again with 422. A route with Nav stands in the
// navigation of everyone its guard admits, in the order of NavOrder.
//
// The guard only keeps people out of pages that are none of theirs. What they
// see there is decided by row-level security, what they may do by the process.

// Guard says who may enter a route.
type Guard string

// The guards. Applicant admits whoever is signed in: everybody may apply.
const (
	Machine       Guard = "machine" // no session is looked for, no page is made
	Public        Guard = "public"
	SignedIn      Guard = "signed in"
	Applicant     Guard = "applicant"
	Coordinator   Guard = "coordinator"
	Officer       Guard = "officer"
	Administrator Guard = "administrator"
	Operator      Guard = "operator"
	Host          Guard = "host" // by the personal link in {token}
	Demo          Guard = "demo" // routes of the demo exist nowhere else
)

// Guards lists every guard, from the widest to the narrowest.
var Guards = []Guard{Machine, Public, SignedIn, Applicant, Coordinator, Officer, Administrator, Operator, Host, Demo}

// roles lists who passes the guards that ask for a granted role.
var roles = map[Guard][]mobility.Role{
	Coordinator:   {mobility.RoleCoordinator, mobility.RoleAssessor, mobility.RoleOfficer, mobility.RoleAdministrator},
	Officer:       {mobility.RoleOfficer, mobility.RoleAdministrator},
	Administrator: {mobility.RoleAdministrator},
	Operator:      {mobility.RoleOperator},
}

// admits reports whether the actor may enter. A host's link was opened
// before; the demo's routes are only there in a demo.
func (g Guard) admits(actor mobility.Actor) bool {
	switch g {
	case Machine, Public, Demo:
		return true
	case SignedIn, Applicant:
		return actor.SignedIn()
	case Host:
		return actor.HostLink != uuid.Nil
	default:
		return slices.ContainsFunc(roles[g], actor.Has)
	}
}

// Route is one line of the table.
type Route struct {
	Pattern  string // as http.ServeMux reads it
	Guard    Guard
	Handle   func(*request) error
	Nav      string        // key of its words in the navigation, "" for none
	NavOrder int           // from left to right
	Body     int64         // bytes a request may carry; 0: defaultBody
	Timeout  time.Duration // 0: the server's
}

// Path is the pattern without its method.
func (r Route) Path() string {
	if _, path, ok := strings.Cut(r.Pattern, " "); ok {
		return path
	}
	return r.Pattern
}

// screens is filled by screen while the package is initialised and only read
// afterwards.
var screens []func(*Server) []Route

// screen registers the routes of one screen.
func screen(routes func(*Server) []Route) bool { //nolint:unparam // the result lets a file register itself by var _ =
	screens = append(screens, routes)
	return true
}

// Table returns every route there is, grouped by guard, for tests to walk.
func (s *Server) Table() []Route { return slices.Clone(s.table) }

func (s *Server) layTable() ([]Route, error) {
	var table []Route
	seen := map[string]bool{}
	for _, routes := range screens {
		for _, r := range routes(s) {
			if seen[r.Pattern] {
				return nil, fmt.Errorf("web: two screens claim %s", r.Pattern)
			}
			if !slices.Contains(Guards, r.Guard) || r.Handle == nil {
				return nil, fmt.Errorf("web: %s has no guard or no handler", r.Pattern)
			}
			seen[r.Pattern] = true
			if r.Guard != Demo || s.Demo != nil {
				table = append(table, r)
			}
		}
	}
	slices.SortFunc(table, func(a, b Route) int {
		return cmp.Or(cmp.Compare(slices.Index(Guards, a.Guard), slices.Index(Guards, b.Guard)), cmp.Compare(a.Pattern, b.Pattern))
	})
	return table, nil
}

// navigation picks the routes that stand in it, in order.
func navigation(table []Route) []Route {
	var nav []Route
	for _, r := range table {
		if r.Nav != "" && strings.HasPrefix(r.Pattern, http.MethodGet+" ") {
			nav = append(nav, r)
		}
	}
	slices.SortStableFunc(nav, func(a, b Route) int { return cmp.Compare(a.NavOrder, b.NavOrder) })
	return nav
}
