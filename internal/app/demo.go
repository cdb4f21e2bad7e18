package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/mail"
	"os"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"peregrine/internal/demo"
	"peregrine/internal/demo/view"
	"peregrine/internal/letter"
	"peregrine/internal/mailbox"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

type demoCommand struct {
	Addr        string `default:"127.0.0.1:8080" help:"Where to listen, host:port."`
	Data        string `type:"path" placeholder:"FOLDER" help:"The data folder; without it a lasting one of yours."`
	World       string `default:"small" enum:"small,alliance" help:"Which world: small, one institution and its calls in seconds; alliance, all nine with 120,000 students in minutes."`
	Reset       bool   `help:"Forget everything and start anew."`
	DatabaseURL string `name:"database-url" setting:"PEREGRINE_DEMO_DATABASE_URL" placeholder:"URL" help:"A database that is empty or a demo's, in place of a private server. ($$PEREGRINE_DEMO_DATABASE_URL)"`
}

// demoBouncesEvery is how often the demo looks for mail that came back.
const demoBouncesEvery = 3 * time.Second

// demoConnections suits one machine and a handful of visitors.
const demoConnections = 16

// Run implements the command.
func (c *demoCommand) Run(ctx context.Context, p Program) error {
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		return fmt.Errorf("--addr %s is no host:port", c.Addr)
	}
	if c.DatabaseURL != "" {
		if err := misconfigured(checkDatabase("PEREGRINE_DEMO_DATABASE_URL", c.DatabaseURL)); err != nil {
			return err
		}
	}
	listener, err := listen(ctx, c.Addr, "--addr") // first: a taken port leaves everything as it is
	if err != nil {
		return err
	}
	ground, err := demo.Prepare(ctx, demo.Place{
		Data: c.Data, World: c.World, DatabaseURL: c.DatabaseURL, Reset: c.Reset, Log: func(line string) { say(p, line) },
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	return errors.Join(c.run(ctx, p, ground, listener), ground.Close())
}

// say tells a terminal what takes long; a pipe is not told.
func say(p Program, line string) {
	if terminal(p.Err) {
		fmt.Fprintln(p.Err, line)
	}
}

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (c *demoCommand) run(ctx context.Context, p Program, ground *demo.Ground, listener net.Listener) error {
	log, err := os.OpenFile(ground.Log(), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return errors.Join(fmt.Errorf("data folder cannot be used: %w", err), listener.Close())
	}
	defer func() { _ = log.Close() }() // lines that are lost then are nobody's
	base := baseOf(listener.Addr())
	parts, err := assemble(ctx, setup{
		databaseURL: ground.DatabaseURL, connections: demoConnections, baseURL: base, documents: ground.Documents(),
		from: mail.Address{Name: "Peregrine", Address: "peregrine@demo.example"}, logger: slog.New(slog.NewTextHandler(log, nil)), now: p.Now,
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	say(p, "making the demo world …")
	if err := c.seed(ctx, p, parts); err != nil {
		return errors.Join(err, listener.Close(), parts.close())
	}
	if err := c.welcome(ctx, p, parts, ground, base); err != nil {
		return errors.Join(err, listener.Close(), parts.close())
	}
	return errors.Join(parts.demonstrate(ctx, ground, listener), parts.close())
}

// seed makes the world that was asked for, unless it is there.
func (c *demoCommand) seed(ctx context.Context, p Program, parts *parts) error {
	d := demo.Deps{
		Process: parts.process, DB: parts.work, Tell: func(line string) { say(p, "  "+line) },
		Settle: func(ctx context.Context) error { return store.Settle(ctx, parts.databaseURL) },
	}
	if c.World == demo.Alliance {
		return demo.SeedAlliance(ctx, d, demo.Whole(), p.Now())
	}
	return demo.Seed(ctx, d, p.Now())
}

// demonstrate serves pages and works off jobs until ctx ends, pages first.
func (p *parts) demonstrate(ctx context.Context, ground *demo.Ground, listener net.Listener) error {
	relay, err := letter.ParseRelay(ground.Mail.URL())
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	returned, err := mailbox.Parse(ground.Bounces())
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	working, stopWorking := context.WithCancel(context.WithoutCancel(ctx))
	defer p.returnedMail(working, returned, demoBouncesEvery)()
	var group errgroup.Group
	group.Go(func() error { return ground.ReturnMail(working) })
	group.Go(func() error {
		defer stopWorking() // once the last request is answered
		return p.serve(ctx, listener, view.Tools(p.work, ground.Mail), serving{})
	})
	group.Go(func() error {
		err := p.workOff(working, relay, nil)
		if err != nil {
			stop(err)
		}
		return err
	})
	group.Go(func() error {
		select {
		case <-working.Done():
			return nil
		case <-ground.Died(): // never, with a database of the user's
			err := errors.New("the private database server stopped by itself")
			stop(err)
			return err
		}
	})
	return group.Wait()
}

// baseOf is how a browser on this machine reaches the listener.
func baseOf(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return "http://" + addr.String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// welcome says where to click and who to be.
func (c *demoCommand) welcome(ctx context.Context, p Program, parts *parts, ground *demo.Ground, base string) error {
	people, err := view.Tools(parts.work, nil).World.People(ctx)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nPeregrine demo. All people are invented, and no letter leaves this machine.\n\n")
	fmt.Fprintf(&b, "  Start here   %s/demo\n", base)
	fmt.Fprintf(&b, "  All mail     %s/demo/inbox\n", base)
	fmt.Fprintf(&b, "  The clock    %s/demo/clock\n", base)
	fmt.Fprintf(&b, "  Kept in      %s (--reset starts anew)\n", ground.Data)
	fmt.Fprintf(&b, "\nSign in there with one click as any of %d people, for instance\n", len(people))
	for _, role := range []mobility.Role{mobility.RoleOfficer, mobility.RoleCoordinator, mobility.RoleApplicant} {
		for _, person := range people {
			if person.Role == role {
				fmt.Fprintf(&b, "  %-12s %s\n", role, person.Name)
				break
			}
		}
	}
	fmt.Fprintf(&b, "\nCtrl-C stops everything.\n\n")
	_, err = io.WriteString(p.Out, b.String())
	return err
}
