package letter

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
	mail "github.com/wneessen/go-mail"
)

// DKIM is what letters are signed with, so that a reader's mail server can
// tell that they are ours and whole. go-mail's own signer breaks a list of
// headers longer than a line in the middle of a name, so another one is used.
type DKIM struct{ options dkim.SignOptions }

// minRSA is the shortest key mail servers still believe.
const minRSA = 2048

var (
	domainName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$`)
	selector   = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)
)

// signed are the headers a signature covers. What is absent is covered too, so
// that nobody can add it, and what is named twice cannot be added a second time.
var signed = []string{
	"From", "From", "Reply-To", "To", "To", "Subject", "Subject", "Date", "Date", "Message-ID", "Message-ID", "In-Reply-To", "References",
	"MIME-Version", "Content-Type", "Content-Type", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post",
}

// LoadDKIM reads a private key in PEM, RSA of at least 2048 bits or Ed25519,
// for the domain and the selector under which the public one is published.
// No error repeats the key.
func LoadDKIM(domain, under, keyFile string) (*DKIM, error) {
	if !domainName.MatchString(domain) {
		return nil, fmt.Errorf("DKIM: %q is no domain like mobility.example.org", domain)
	}
	if !selector.MatchString(under) {
		return nil, fmt.Errorf("DKIM: %q is no selector like peregrine2026", under)
	}
	content, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, fmt.Errorf("DKIM: the key cannot be read: %w", err)
	}
	key, err := mail.PrivKeyFromPEM(content)
	if err != nil {
		return nil, errors.New("DKIM: the key file holds no private key in PEM, RSA or Ed25519")
	}
	switch k := key.(type) {
	case *rsa.PrivateKey:
		if k.N.BitLen() < minRSA {
			return nil, fmt.Errorf("DKIM: an RSA key of %d bits is too short; %d are needed", k.N.BitLen(), minRSA)
		}
	case ed25519.PrivateKey:
	default:
		return nil, errors.New("DKIM: the key is neither RSA nor Ed25519")
	}
	return &DKIM{dkim.SignOptions{
		Domain: domain, Selector: under, Signer: key, HeaderKeys: signed,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	}}, nil
}

// sign adds the signature. A message is written twice then, so what would
// differ from one time to the next is settled before. Nothing is done without
// a key.
func (d *DKIM) sign(msg *mail.Msg) error {
	if d == nil {
		return nil
	}
	msg.SetDate()
	msg.SetBoundary(rand.Text())
	signer, err := dkim.NewSigner(&d.options)
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	if _, err := msg.WriteTo(signer); err != nil {
		return errors.Join(fmt.Errorf("sign: %w", err), signer.Close())
	}
	if err := signer.Close(); err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	name, value, _ := strings.Cut(strings.TrimSuffix(signer.Signature(), "\r\n"), ":")
	msg.SetGenHeaderPreformatted(mail.Header(name), strings.TrimLeft(value, " "))
	return nil
}
