package web

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// DemoTools are what the demo's pages need and no other installation has.
// Without World or Inbox the pages that need it are not there.
type DemoTools struct {
	World DemoWorld
	Inbox DemoInbox
	Zone  *time.Location // of the demo's home; nil: UTC
}

// DemoWorld says who there is to sign in as and what the clock will bring. It
// is asked past row-level security: in a demo everybody is invented.
type DemoWorld interface {
	People(ctx context.Context) ([]DemoPerson, error)
	Hosts(ctx context.Context) ([]DemoHost, error)
	// Deadlines lists at most a few dozen that lie ahead of the business time now.
	Deadlines(ctx context.Context, now time.Time) ([]DemoDeadline, error)
}

// DemoPerson is somebody to sign in as.
type DemoPerson struct {
	ID          uuid.UUID
	Name        string
	Role        mobility.Role // RoleApplicant for who holds none
	Institution string
	Unit        mobility.Texts // nil: the whole institution
	Standings   []DemoStanding // of applicants
}

// DemoStanding is where one application stands.
type DemoStanding struct {
	Call     mobility.Texts
	State    mobility.Texts
	Phase    mobility.Phase
	Decision mobility.Decision
}

// DemoHost is a host officer who comes by the link in a letter.
type DemoHost struct{ Institution, Address string }

// DemoDeadline is a deadline ahead, with how many it concerns.
type DemoDeadline struct {
	Kind     string
	ClosesAt time.Time
	Zone     string
	Call     mobility.Texts
	Number   int
}

// DemoInbox is what the demo's SMTP catcher caught.
type DemoInbox interface {
	// Mails lists what was sent to an address, "" for all, newest first.
	Mails(to string) []DemoMail
	Mail(id int) (DemoMail, bool)
}

// DemoMail is one caught letter.
type DemoMail struct {
	ID      int
	At      time.Time // system clock
	From    string
	To      []string
	Subject string
	Text    string
	HTML    string
	Links   []string // web addresses in it, in order
	Raw     []byte
}

// What exists in a demo alone. That the database is a demo's is checked again
// where somebody becomes somebody else and where the clock is moved.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "POST /demo/enter", Guard: Demo, Handle: s.enterAs},
		{Pattern: "GET /styleguide", Guard: Demo, Handle: s.showStyleguide},
	}
})

type enterForm struct {
	Person uuid.UUID `form:"person" validate:"required"`
	Next   string    `form:"next" validate:"max=2000"`
}

// enterAs signs in as anyone with one click.
func (s *Server) enterAs(q *request) error {
	var f enterForm
	if _, err := form.Decode(q.r, &f); err != nil {
		return err
	}
	e, err := s.Identity.SignInAs(q.ctx(), f.Person)
	if err != nil {
		return err
	}
	return s.letIn(q, e, f.Next)
}

func (s *Server) showStyleguide(q *request) error {
	return s.render(q, http.StatusOK, page.StyleguideOf(s.base(q, "")))
}
