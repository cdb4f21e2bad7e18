package letter

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"
)

// Relay says how to reach the mail server that takes our letters.
type Relay struct {
	Host     string
	Port     int
	User     string // empty: no authentication
	Password string
	Security Security
	TLS      *tls.Config // nil: the system's certificates and the host's name
	DKIM     *DKIM       // nil: letters are not signed

	Connections int           // for letters; sign-in has its own besides
	Rate        int           // the most letters a minute of all processes together; 0: as many as go
	Dial        time.Duration // how long reaching the relay may take
	Whole       time.Duration // how long one letter may take, dialling included
	Idle        time.Duration // a connection unused so long is closed
}

// Security is how the way to the relay is protected.
type Security string

// The securities. There is deliberately none that uses TLS only if offered:
// whoever sits on the way would remove the offer.
const (
	StartTLS    Security = "starttls" // STARTTLS, or nothing is sent
	ImplicitTLS Security = "implicit" // TLS from the first byte
	PlainText   Security = "none"
)

// The defaults of a Relay.
const (
	defaultConnections = 4
	maxConnections     = 64
	maxRate            = 1_000_000
	defaultDial        = 10 * time.Second
	defaultWhole       = 60 * time.Second
	defaultIdle        = 30 * time.Second
)

// ParseRelay reads smtp://user:password@host:port?tls=starttls&connections=4&rate=600.
// tls is starttls (or required, the same; the default) or none; smtps:// means
// TLS from the first byte; rate is in letters a minute. No error repeats the
// password.
func ParseRelay(address string) (Relay, error) {
	u, err := url.Parse(address)
	if err != nil {
		return Relay{}, errors.New("mail server: not an address like smtp://user:password@host:587?tls=starttls")
	}
	r := Relay{
		Host: u.Hostname(), User: u.User.Username(),
		Connections: defaultConnections, Dial: defaultDial, Whole: defaultWhole, Idle: defaultIdle,
	}
	r.Password, _ = u.User.Password()
	if r.Host == "" || u.Path != "" && u.Path != "/" {
		return Relay{}, errors.New("mail server: not an address like smtp://user:password@host:587?tls=starttls")
	}
	if err := r.options(u.Query()); err != nil {
		return Relay{}, err
	}
	if err := r.scheme(u.Scheme, u.Query().Has("tls")); err != nil {
		return Relay{}, err
	}
	if err := r.port(u.Port()); err != nil {
		return Relay{}, err
	}
	if r.User != "" && r.Security == PlainText && !loopback(r.Host) {
		return Relay{}, fmt.Errorf("mail server %s: a password is not sent without TLS", r.Host)
	}
	return r, nil
}

// Name says which relay it is, to all processes that use it alike.
func (r Relay) Name() string { return net.JoinHostPort(r.Host, strconv.Itoa(r.Port)) }

func (r *Relay) options(query url.Values) error {
	for key := range query {
		switch value := query.Get(key); key {
		case "tls":
			switch value {
			case "starttls", "required":
				r.Security = StartTLS
			case "none":
				r.Security = PlainText
			default:
				return fmt.Errorf("mail server %s: tls=%s is none of starttls, required, none", r.Host, value)
			}
		case "connections":
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > maxConnections {
				return fmt.Errorf("mail server %s: connections=%s is no number from 1 to %d", r.Host, value, maxConnections)
			}
			r.Connections = n
		case "rate":
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > maxRate {
				return fmt.Errorf("mail server %s: rate=%s is no number of letters a minute", r.Host, value)
			}
			r.Rate = n
		default:
			return fmt.Errorf("mail server %s: there is no setting %q", r.Host, key)
		}
	}
	return nil
}

func (r *Relay) scheme(scheme string, chosen bool) error {
	switch {
	case scheme == "smtps" && chosen:
		return fmt.Errorf("mail server %s: smtps and tls= exclude each other", r.Host)
	case scheme == "smtps":
		r.Security = ImplicitTLS
	case scheme != "smtp":
		return fmt.Errorf("mail server %s: %q is neither smtp nor smtps", r.Host, scheme)
	case !chosen:
		r.Security = StartTLS
	}
	return nil
}

func (r *Relay) port(port string) error {
	if port == "" {
		r.Port = map[Security]int{StartTLS: 587, ImplicitTLS: 465, PlainText: 25}[r.Security]
		return nil
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 {
		return fmt.Errorf("mail server %s: %q is no port", r.Host, port)
	}
	r.Port = n
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
