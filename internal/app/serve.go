package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/mail"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"peregrine/internal/letter"
	"peregrine/internal/web"
)

// Limits of the web server. A request may take as long as its route says;
// these bound how slowly it may come and how long its answer may take.
const (
	readHeaders  = 10 * time.Second
	readWhole    = 90 * time.Second
	writeWhole   = 100 * time.Second
	idle         = 2 * time.Minute
	headerBytes  = 64 << 10
	finishPages  = 30 * time.Second // for requests under way when stopping
	finishJobs   = 40 * time.Second // soft stop, then cancelled
	checkedWords = "the configuration is fine"
)

type serveCommand struct {
	Settings
	MailFrom  string        `name:"mail-from" setting:"PEREGRINE_MAIL_FROM" hidden:"" help:"Accepted so that all processes share one environment."`
	Bounces   string        `name:"bounces-url" setting:"PEREGRINE_BOUNCES_URL" hidden:"" help:"Accepted so that all processes share one environment."`
	SMTPURL   string        `name:"smtp-url" setting:"PEREGRINE_SMTP_URL" hidden:"" help:"Accepted so that all processes share one environment."`
	Health    string        `name:"health-addr" setting:"PEREGRINE_HEALTH_ADDR" hidden:"" help:"Accepted so that all processes share one environment."`
	Addr      string        `setting:"PEREGRINE_ADDR" default:":8080" help:"Where to listen, host:port. ($$PEREGRINE_ADDR)"`
	Documents string        `setting:"PEREGRINE_DOCUMENTS" placeholder:"FOLDER" help:"Where uploaded documents are kept; shared by all processes that serve. ($$PEREGRINE_DOCUMENTS)"`
	Proxied   bool          `setting:"PEREGRINE_PROXIED" help:"A proxy of ours stands in front and appends the caller's address to X-Forwarded-For. ($$PEREGRINE_PROXIED)"`
	Drain     time.Duration `setting:"PEREGRINE_DRAIN" default:"2s" help:"How long to say not ready before connections are closed. ($$PEREGRINE_DRAIN)"`
}

// Run implements the command.
func (c *serveCommand) Run(ctx context.Context, p Program) error {
	problems := c.Settings.check()
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		problems = append(problems, "PEREGRINE_ADDR is no host:port")
	}
	if c.Documents == "" {
		problems = append(problems, "PEREGRINE_DOCUMENTS is not set")
	}
	if err := misconfigured(problems); err != nil || c.Check {
		return checked(p, err)
	}
	logger := c.logger(p.Err)
	logger.Info("serve", "database", masked(c.DatabaseURL), "base_url", c.BaseURL, "addr", c.Addr, "documents", c.Documents, "proxied", c.Proxied)
	if err := fits(ctx, c.DatabaseURL, "production"); err != nil {
		return err
	}
	listener, err := listen(ctx, c.Addr, "--addr")
	if err != nil {
		return err
	}
	parts, err := assemble(ctx, setup{
		databaseURL: c.DatabaseURL, connections: c.Connections, baseURL: c.BaseURL, documents: c.Documents,
		secure: strings.HasPrefix(c.BaseURL, "https:"), from: mail.Address{Address: c.MailFrom}, logger: logger, now: p.Now,
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	return errors.Join(parts.serve(ctx, listener, nil, serving{proxied: c.Proxied, drain: c.Drain}), parts.close())
}

// checked is the answer of --check.
func checked(p Program, err error) error {
	if err == nil {
		_, err = fmt.Fprintln(p.Out, checkedWords)
	}
	return err
}

// listen takes the port; a taken one is told in a line that says what to do:
// which setting names another.
func listen(ctx context.Context, addr, setting string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		var syscallErr *os.SyscallError
		if errors.As(err, &syscallErr) {
			err = syscallErr.Err
		}
		return nil, fmt.Errorf("%s cannot be listened on: %w; choose another with %s", addr, err, setting)
	}
	return l, nil
}

// serving is how pages are served.
type serving struct {
	proxied bool
	drain   time.Duration
}

// serve answers requests until ctx ends, then finishes those under way.
func (p *parts) serve(ctx context.Context, listener net.Listener, demo *web.DemoTools, how serving) error {
	alive, stop := context.WithCancel(context.WithoutCancel(ctx)) // outlives ctx until the last request is answered
	defer stop()
	ui, err := p.jobPages(alive)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	pages, err := p.pages(ui, demo, how.proxied)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{
		Handler: pages.Handler(), ReadHeaderTimeout: readHeaders, ReadTimeout: readWhole, WriteTimeout: writeWhole,
		IdleTimeout: idle, MaxHeaderBytes: headerBytes, ErrorLog: slog.NewLogLogger(p.logger.Handler(), slog.LevelWarn),
	}
	p.logger.Info("ready", "addr", listener.Addr().String())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		p.watchClock(ctx)
		return nil
	})
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		pages.Drain()
		time.Sleep(how.drain)
		finish, cancel := context.WithTimeout(alive, finishPages)
		defer cancel()
		if err := server.Shutdown(finish); err != nil {
			return errors.Join(fmt.Errorf("requests were cut off: %w", err), server.Close())
		}
		return nil
	})
	return group.Wait()
}

type workCommand struct {
	Settings
	MailSettings
	BounceSettings
	Addr      string        `setting:"PEREGRINE_ADDR" hidden:"" help:"Accepted so that all processes share one environment."`
	Documents string        `setting:"PEREGRINE_DOCUMENTS" placeholder:"FOLDER" help:"Where uploaded documents are kept; those of an erased person are removed here. ($$PEREGRINE_DOCUMENTS)"`
	Proxied   bool          `setting:"PEREGRINE_PROXIED" hidden:"" help:"Accepted so that all processes share one environment."`
	Drain     time.Duration `setting:"PEREGRINE_DRAIN" hidden:"" help:"Accepted so that all processes share one environment."`
	Health    string        `name:"health-addr" setting:"PEREGRINE_HEALTH_ADDR" placeholder:"ADDRESS" help:"Where /healthz and /readyz of this process are asked, host:port; not set: nowhere. ($$PEREGRINE_HEALTH_ADDR)"`
}

// Run implements the command.
func (c *workCommand) Run(ctx context.Context, p Program) error {
	problems := slices.Concat(c.Settings.check(), c.MailSettings.check(), c.BounceSettings.check())
	if c.Documents == "" {
		problems = append(problems, "PEREGRINE_DOCUMENTS is not set")
	}
	if _, _, err := net.SplitHostPort(c.Health); c.Health != "" && err != nil {
		problems = append(problems, "PEREGRINE_HEALTH_ADDR is no host:port")
	}
	if err := misconfigured(problems); err != nil || c.Check {
		return checked(p, err)
	}
	relay, err := c.relay()
	if err != nil {
		return err
	}
	from, err := mail.ParseAddress(c.MailFrom)
	if err != nil {
		return err
	}
	logger := c.logger(p.Err)
	logger.Info("work", "database", masked(c.DatabaseURL), "base_url", c.BaseURL, "smtp", masked(c.SMTPURL), "from", from.Address)
	if err := fits(ctx, c.DatabaseURL, "production"); err != nil {
		return err
	}
	parts, err := assemble(ctx, setup{
		databaseURL: c.DatabaseURL, connections: c.Connections, baseURL: c.BaseURL, documents: c.Documents,
		secure: strings.HasPrefix(c.BaseURL, "https:"), from: *from, logger: logger, now: p.Now,
	})
	if err != nil {
		return err
	}
	var health net.Listener
	if c.Health != "" {
		if health, err = listen(ctx, c.Health, "PEREGRINE_HEALTH_ADDR"); err != nil {
			return errors.Join(err, parts.close())
		}
	}
	stop := parts.returnedMail(ctx, c.mailbox(), readBouncesEvery)
	err = parts.workOff(ctx, relay, health)
	stop()
	return errors.Join(err, parts.close())
}

// workOff works until ctx ends; jobs under way may finish, and are cancelled
// if they take too long. How it is, it tells at health, which may be nil.
func (p *parts) workOff(ctx context.Context, relay letter.Relay, health net.Listener) error {
	if health != nil {
		defer func() { _ = health.Close() }() // a second time, mostly
	}
	client, sender, err := p.workers(relay)
	if err != nil {
		return err
	}
	defer sender.Close()
	// The client outlives ctx: it is stopped softly below.
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start the workers: %w", err)
	}
	if health != nil {
		defer p.tellHealth(ctx, health, client)()
	}
	p.logger.Info("working")
	p.watchClock(ctx)
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishJobs)
	defer cancel()
	if err := client.Stop(stopping); err != nil {
		return fmt.Errorf("jobs were cut off: %w", err)
	}
	return nil
}
