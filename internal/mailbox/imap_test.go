package mailbox

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/backend"
	"github.com/emersion/go-imap/backend/memory"
	"github.com/emersion/go-imap/server"
)

// account is a server of the library with one folder of ours.
type account struct {
	addr  string
	roots *tls.Config
	box   backend.Mailbox
}

func start(t *testing.T, secure bool) account {
	t.Helper()
	be := memory.New()
	user, err := be.Login(nil, "username", "password")
	if err != nil {
		t.Fatal(err)
	}
	if err := user.CreateMailbox("Returned"); err != nil {
		t.Fatal(err)
	}
	a := account{}
	if a.box, err = user.GetMailbox("Returned"); err != nil {
		t.Fatal(err)
	}
	s := server.New(be)
	s.ErrorLog = log.New(io.Discard, "", 0)
	s.AllowInsecureAuth = !secure
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a.addr = listener.Addr().String()
	if secure {
		config, roots := certificate(t)
		a.roots = roots
		listener = tls.NewListener(listener, config)
	}
	go func() { _ = s.Serve(listener) }()
	t.Cleanup(func() { _ = s.Close() })
	return a
}

func certificate(t *testing.T) (of, trusting *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.ParseIP("127.0.0.1")}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12},
		&tls.Config{RootCAs: pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
}

func (a account) leave(t *testing.T, subject string) {
	t.Helper()
	text := "From: MAILER-DAEMON@example.org\r\nSubject: " + subject + "\r\n\r\nwords\r\n"
	if err := a.box.CreateMessage(nil, time.Now(), strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
}

func (a account) source(t *testing.T, address string) imapFolder {
	t.Helper()
	s, err := Parse(strings.Replace(address, "HOST", a.addr, 1))
	if err != nil {
		t.Fatal(err)
	}
	f := s.(imapFolder)
	f.roots = a.roots
	return f
}

func TestIMAP(t *testing.T) {
	for _, scheme := range []string{"imap", "imaps"} {
		t.Run(scheme, func(t *testing.T) {
			a := start(t, scheme == "imaps")
			a.leave(t, "one")
			a.leave(t, "two")
			source := a.source(t, scheme+"://username:password@HOST/Returned")
			c := &collected{refuse: "one"}
			if n, err := source.Read(t.Context(), c.take); n != 1 || err == nil {
				t.Fatal(n, err)
			}
			c.refuse = ""
			if n, err := source.Read(t.Context(), c.take); n != 1 || err != nil || len(c.mails) != 2 || !strings.Contains(c.mails[1], "Subject: one") {
				t.Fatal(n, err, c.mails)
			}
			if n, err := source.Read(t.Context(), c.take); n != 0 || err != nil {
				t.Fatal(n, err)
			}
			box := a.box.(*memory.Mailbox)
			for _, m := range box.Messages {
				if len(m.Flags) != 1 || !strings.EqualFold(m.Flags[0], dealtWith) {
					t.Errorf("a person's marks are theirs: %v", m.Flags)
				}
			}
		})
	}
}

// A process that dies between taking a mail and marking it finds the mail
// again.
func TestIMAPDiesInTheMiddle(t *testing.T) {
	a := start(t, false)
	a.leave(t, "one")
	source := a.source(t, "imap://username:password@HOST/Returned")
	ctx, die := context.WithCancel(t.Context())
	n, err := source.Read(ctx, func(context.Context, []byte) error {
		die()
		time.Sleep(50 * time.Millisecond)
		return nil
	})
	if err == nil {
		t.Fatal(n, err)
	}
	c := &collected{}
	if n, err := source.Read(t.Context(), c.take); n != 1 || err != nil {
		t.Fatal(n, err)
	}
}

func TestIMAPRefusals(t *testing.T) {
	a := start(t, false)
	for _, address := range []string{"imap://username:wr0ng@HOST/Returned", "imap://username:password@HOST/Missing", "imaps://username:password@HOST/Returned"} {
		_, err := a.source(t, address).Read(t.Context(), (&collected{}).take)
		if err == nil || strings.Contains(err.Error(), "wr0ng") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
