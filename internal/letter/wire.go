package letter

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"

	mail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// wire is one connection to the relay. It is used by one goroutine at a time.
type wire struct {
	client *mail.Client
	smtp   *smtp.Client
	conn   net.Conn
	used   bool // has carried a message before
	timer  *time.Timer
}

// dial reaches the relay, protects the connection and signs in. The socket is
// caught on the way because go-mail leaves it open when a later step fails.
func dial(ctx context.Context, r Relay) (*wire, error) {
	caught := &capture{relay: r}
	client, err := mail.NewClient(r.Host, r.clientOptions(caught.dial)...)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, caught.close)
	defer stop()
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		caught.close()
		return nil, err
	}
	return &wire{client: client, smtp: conn, conn: caught.conn}, nil
}

func (r Relay) clientOptions(dial mail.DialContextFunc) []mail.Option {
	policy := mail.TLSMandatory
	if r.Security != StartTLS {
		policy = mail.NoTLS
	}
	options := []mail.Option{
		mail.WithPort(r.Port), mail.WithTimeout(r.Whole), mail.WithTLSPolicy(policy),
		mail.WithDialContextFunc(dial), mail.WithTLSConfig(r.tls()),
		// Asking whether the relay is still there before and after each letter
		// would cost two round trips; a stale connection is noticed anyway.
		mail.WithoutNoop(), mail.WithoutRset(),
	}
	if r.User != "" {
		options = append(options, mail.WithUsername(r.User), mail.WithPassword(r.Password),
			mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthPlain, mail.SMTPAuthLogin))
	}
	return options
}

func (r Relay) tls() *tls.Config {
	if r.TLS != nil {
		return r.TLS.Clone()
	}
	return &tls.Config{ServerName: r.Host, MinVersion: tls.VersionTLS12}
}

// capture dials and remembers the socket.
type capture struct {
	relay Relay
	mu    sync.Mutex
	conn  net.Conn
	shut  bool
}

func (c *capture) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.relay.Dial)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if c.relay.Security == ImplicitTLS {
		secure := tls.Client(conn, c.relay.tls())
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, err
		}
		conn = secure
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conn = conn
	if c.shut {
		_ = conn.Close()
	}
	return conn, nil
}

func (c *capture) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shut = true
	if c.conn != nil {
		_ = c.conn.Close()
	}
}

// rest closes the wire if nobody needs it for so long.
func (w *wire) rest(idle time.Duration) {
	w.timer = time.AfterFunc(idle, func() { _ = w.conn.Close() })
}

// wake reports whether a resting wire can be used.
func (w *wire) wake() bool { return w.timer == nil || w.timer.Stop() }

// quit says goodbye and closes.
func (w *wire) quit() {
	farewell := time.AfterFunc(time.Second, func() { _ = w.conn.Close() })
	defer farewell.Stop()
	_ = w.client.CloseWithSMTPClient(w.smtp)
	_ = w.conn.Close()
}
