package app

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/mail"
	"net/url"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/jackc/pgx/v5/pgxpool"

	"peregrine/internal/letter"
	"peregrine/internal/mailbox"
)

// Settings are what the production processes are configured with, by
// environment. They are checked together, before anything opens.
type Settings struct {
	DatabaseURL string `name:"database-url" setting:"PEREGRINE_DATABASE_URL" placeholder:"URL" help:"PostgreSQL: postgres://user@host/database. Its user may act as peregrine_web and peregrine_work. ($$PEREGRINE_DATABASE_URL)"`
	Connections int32  `name:"database-connections" setting:"PEREGRINE_DATABASE_CONNECTIONS" default:"${connections}" help:"The most connections this process holds for pages or jobs. ($$PEREGRINE_DATABASE_CONNECTIONS)"`
	BaseURL     string `name:"base-url" setting:"PEREGRINE_BASE_URL" placeholder:"URL" help:"Where people reach the pages, for links in letters: https://peregrine.example.org. ($$PEREGRINE_BASE_URL)"`
	LogFormat   string `name:"log-format" setting:"PEREGRINE_LOG_FORMAT" enum:"json,text" default:"json" help:"json or text. ($$PEREGRINE_LOG_FORMAT)"`
	LogLevel    string `name:"log-level" setting:"PEREGRINE_LOG_LEVEL" enum:"debug,info,warn,error" default:"info" help:"debug, info, warn or error. ($$PEREGRINE_LOG_LEVEL)"`
	Check       bool   `help:"Check the configuration and stop."`
}

// MailSettings are for the process that sends letters.
type MailSettings struct {
	SMTPURL  string `name:"smtp-url" setting:"PEREGRINE_SMTP_URL" placeholder:"URL" help:"The mail server: smtp://user:password@host:587?tls=starttls&connections=4&rate=600, rate in letters a minute. ($$PEREGRINE_SMTP_URL)"`
	MailFrom string `name:"mail-from" setting:"PEREGRINE_MAIL_FROM" placeholder:"ADDRESS" help:"The sender of every letter; answers go to the office: no-reply@peregrine.example.org. ($$PEREGRINE_MAIL_FROM)"`

	DKIMKey      string `name:"dkim-key" setting:"PEREGRINE_DKIM_KEY" placeholder:"FILE" help:"Sign letters with this private key, PEM, RSA or Ed25519. ($$PEREGRINE_DKIM_KEY)"`
	DKIMSelector string `name:"dkim-selector" setting:"PEREGRINE_DKIM_SELECTOR" placeholder:"NAME" help:"The selector its public half is published under. ($$PEREGRINE_DKIM_SELECTOR)"`
	DKIMDomain   string `name:"dkim-domain" setting:"PEREGRINE_DKIM_DOMAIN" placeholder:"DOMAIN" help:"The domain that signs; the sender's if not set. ($$PEREGRINE_DKIM_DOMAIN)"`
}

// BounceSettings are for the process that reads mail that came back.
type BounceSettings struct {
	BouncesURL string `name:"bounces-url" setting:"PEREGRINE_BOUNCES_URL" placeholder:"URL" help:"Where mail that comes back arrives: imaps://user:password@host/folder or maildir:///folder. ($$PEREGRINE_BOUNCES_URL)"`
}

func (b BounceSettings) check() []string {
	if b.BouncesURL == "" {
		return nil
	}
	if _, err := mailbox.Parse(b.BouncesURL); err != nil {
		return []string{"PEREGRINE_BOUNCES_URL: " + err.Error()}
	}
	return nil
}

// mailbox is where mail that came back is read; nil if it comes by no mailbox.
func (b BounceSettings) mailbox() mailbox.Source {
	source, err := mailbox.Parse(b.BouncesURL)
	if err != nil {
		return nil
	}
	return source
}

// defaultConnections suits a small machine: PostgreSQL's own limit is 100.
const defaultConnections = 16

// check lists everything that is wrong, naming variables, never values that
// may hold a password.
func (s Settings) check() []string {
	var out []string
	out = append(out, checkDatabase("PEREGRINE_DATABASE_URL", s.DatabaseURL)...)
	if s.Connections < 2 || s.Connections > 500 {
		out = append(out, "PEREGRINE_DATABASE_CONNECTIONS is no number from 2 to 500")
	}
	base, err := url.Parse(s.BaseURL)
	switch {
	case s.BaseURL == "":
		out = append(out, "PEREGRINE_BASE_URL is not set")
	case err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" || base.Path != "" || base.RawQuery != "":
		out = append(out, "PEREGRINE_BASE_URL is no address like https://peregrine.example.org, without a path")
	case base.Scheme == "http" && !loopback(base.Hostname()):
		out = append(out, "PEREGRINE_BASE_URL must be https: sign-in links and sessions would travel in the open")
	}
	return out
}

func checkDatabase(variable, address string) []string {
	if address == "" {
		return []string{variable + " is not set"}
	}
	if _, err := pgxpool.ParseConfig(address); err != nil {
		return []string{variable + " is no address like postgres://user@host/database"}
	}
	return nil
}

func (m MailSettings) check() []string {
	var out []string
	if m.SMTPURL == "" {
		out = append(out, "PEREGRINE_SMTP_URL is not set")
	} else if _, err := letter.ParseRelay(m.SMTPURL); err != nil {
		out = append(out, "PEREGRINE_SMTP_URL: "+err.Error())
	}
	if m.MailFrom == "" {
		out = append(out, "PEREGRINE_MAIL_FROM is not set")
	} else if _, err := mail.ParseAddress(m.MailFrom); err != nil {
		out = append(out, "PEREGRINE_MAIL_FROM is no address like no-reply@peregrine.example.org")
	}
	if _, err := m.dkim(); err != nil {
		out = append(out, "PEREGRINE_DKIM_KEY, _SELECTOR, _DOMAIN: "+err.Error())
	}
	return out
}

// relay is how to reach the mail server, and what letters are signed with.
func (m MailSettings) relay() (letter.Relay, error) {
	relay, err := letter.ParseRelay(m.SMTPURL)
	if err != nil {
		return letter.Relay{}, err
	}
	relay.DKIM, err = m.dkim()
	return relay, err
}

// dkim is nil if letters are not to be signed.
func (m MailSettings) dkim() (*letter.DKIM, error) {
	if m.DKIMKey == "" && m.DKIMSelector == "" && m.DKIMDomain == "" {
		return nil, nil //nolint:nilnil // letters are signed, or not
	}
	if m.DKIMKey == "" || m.DKIMSelector == "" {
		return nil, errors.New("the key and the selector are set together, or neither")
	}
	domain := m.DKIMDomain
	if from, err := mail.ParseAddress(m.MailFrom); domain == "" && err == nil {
		_, domain, _ = strings.Cut(from.Address, "@")
	}
	return letter.LoadDKIM(domain, m.DKIMSelector, m.DKIMKey)
}

// misconfigured is all problems in one line.
func misconfigured(problems []string) error {
	if len(problems) == 0 {
		return nil
	}
	return errors.New(strings.Join(problems, "; "))
}

// masked is an address without its password, for logs.
func masked(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "…"
	}
	return u.Redacted()
}

func (s Settings) logger(to io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(s.LogLevel)) // the enum allows no other
	options := &slog.HandlerOptions{Level: level}
	if s.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(to, options))
	}
	return slog.New(slog.NewJSONHandler(to, options))
}

func loopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// prefix is what every variable of ours begins with; one that does and is
// none of ours is a mistake, not something to pass over.
const prefix = "PEREGRINE_"

// elsewhere lists variables that other parts of the product read themselves.
var elsewhere = []string{
	"PEREGRINE_POSTGRES_BIN", "PEREGRINE_CACHE", "PEREGRINE_CHROMIUM", "PEREGRINE_SHOTS", "PEREGRINE_SOAK",
	"PEREGRINE_TEST_DATABASE_URL", "PEREGRINE_TEST_WORKER", "PEREGRINE_TEST_PROGRAM",
}

// environment gives flags with a setting its value from the environment.
func environment(environ []string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		name := flag.Tag.Get("setting")
		if name == "" {
			return nil, nil
		}
		for _, entry := range environ {
			if value, ok := strings.CutPrefix(entry, name+"="); ok && value != "" {
				return value, nil
			}
		}
		return nil, nil
	})
}

// unknownVariables refuses a PEREGRINE_ variable that nobody reads.
func unknownVariables(model *kong.Application, environ []string) error {
	known := slices.Clone(elsewhere)
	var collect func(n *kong.Node)
	collect = func(n *kong.Node) {
		for _, f := range n.Flags {
			if name := f.Tag.Get("setting"); name != "" {
				known = append(known, name)
			}
		}
		for _, child := range n.Children {
			collect(child)
		}
	}
	collect(model.Node)
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, prefix) && !slices.Contains(known, name) {
			return fmt.Errorf("%s is set, and there is no such setting%s", name, meant(name, known))
		}
	}
	return nil
}

// meant names the known variable most like a mistyped one.
func meant(name string, known []string) string {
	best, least := "", 4
	for _, k := range known {
		if d := distance(name, k); d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return ": is " + best + " meant?"
}

// distance is how many letters must change to make one word the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			last, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, last+cost)
		}
	}
	return row[len(b)]
}
