package letter_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"peregrine/internal/catcher"
	"peregrine/internal/letter"
)

func ed25519Key(t *testing.T) (private, public any) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return private, public
}

func rsaKey(t *testing.T, bits int) (private, public any) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key, key.Public()
}

// keyFile keeps a private key as an administrator would.
func keyFile(t *testing.T, private any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "dkim.pem")
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// verified is what a verifier of our own says of a message: RFC 6376 with
// relaxed canonicalization, read from the standard and sharing nothing with
// what signs.
func verified(raw []byte, public crypto.PublicKey) error {
	head, body, _ := strings.Cut(string(raw), "\r\n\r\n")
	var fields []string
	for _, line := range strings.Split(head, "\r\n") {
		if line[0] == ' ' || line[0] == '\t' {
			fields[len(fields)-1] += line
		} else {
			fields = append(fields, line)
		}
	}
	i := slices.IndexFunc(fields, func(f string) bool { return strings.HasPrefix(f, "DKIM-Signature:") })
	if i < 0 {
		return errors.New("no signature")
	}
	tags := map[string]string{}
	for part := range strings.SplitSeq(strings.TrimPrefix(fields[i], "DKIM-Signature:"), ";") {
		name, value, _ := strings.Cut(part, "=")
		tags[strings.TrimSpace(name)] = strings.Join(strings.Fields(value), "")
	}
	if tags["v"] != "1" || tags["d"] != "example.edu" || tags["s"] != "peregrine2026" || tags["c"] != "relaxed/relaxed" || tags["l"] != "" {
		return fmt.Errorf("tags %v", tags)
	}
	if sum := sha256.Sum256([]byte(relaxedBody(body))); base64.StdEncoding.EncodeToString(sum[:]) != tags["bh"] {
		return errors.New("the body has another hash")
	}
	var input strings.Builder
	for name := range strings.SplitSeq(tags["h"], ":") {
		for at, f := range slices.Backward(fields) { // the last of a name first, each once
			if key, _, _ := strings.Cut(f, ":"); strings.EqualFold(key, name) {
				input.WriteString(relaxedField(f) + "\r\n")
				fields = slices.Delete(slices.Clone(fields), at, at+1)
				break
			}
		}
	}
	own := regexp.MustCompile(`(\bb=)[^;]*`).ReplaceAllString("DKIM-Signature:"+field(raw, "DKIM-Signature"), "$1")
	input.WriteString(relaxedField(own))
	signature, err := base64.StdEncoding.DecodeString(tags["b"])
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(input.String()))
	switch key := public.(type) {
	case ed25519.PublicKey:
		if tags["a"] != "ed25519-sha256" || !ed25519.Verify(key, sum[:], signature) {
			return errors.New("not signed by this key")
		}
		return nil
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature)
	}
	return errors.New("no such key")
}

// field is a header's value with its folds.
func field(raw []byte, name string) string {
	_, rest, _ := strings.Cut("\r\n"+string(raw), "\r\n"+name+":")
	end := regexp.MustCompile(`\r\n[^ \t]`).FindStringIndex(rest)
	return rest[:end[0]]
}

var blanks = regexp.MustCompile(`[ \t]+`)

func relaxedField(f string) string {
	name, value, _ := strings.Cut(strings.ReplaceAll(f, "\r\n", ""), ":")
	return strings.ToLower(strings.TrimSpace(name)) + ":" + strings.Trim(blanks.ReplaceAllString(value, " "), " ")
}

func relaxedBody(body string) string {
	lines := strings.Split(body, "\r\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(blanks.ReplaceAllString(l, " "), " ")
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\r\n") + "\r\n"
}

func TestSignedLettersAreBelieved(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(t *testing.T) (any, any){
		"RSA":     func(t *testing.T) (any, any) { t.Helper(); return rsaKey(t, 2048) },
		"Ed25519": ed25519Key,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			private, public := make(t)
			d, err := letter.LoadDKIM("example.edu", "peregrine2026", keyFile(t, private))
			if err != nil {
				t.Fatal(err)
			}
			w := setup(t, catcher.Options{}, func(r *letter.Relay) { r.DKIM = d })
			m := message(1)
			m.To.Address = "žofie@příklad.cz"
			m.ReplyTo = &mail.Address{Address: "office@example.edu"}
			m.InReplyTo, m.References = "first@example.edu", []string{"first@example.edu"}
			m.ListUnsubscribe = "https://peregrine.example.edu/stop/" + strings.Repeat("x", 80)
			m.Text.Subject = strings.Repeat("Příliš žluťoučký kůň 🐎 ", 12)
			m.Text.Plain = ".\n..\n \n\ttrailing  \n\n\nDobrý den\n\n\n"
			if r := w.send(t, m); r.Outcome != letter.Sent {
				t.Fatalf("%+v", r)
			}
			raw := w.Mails(catcher.Filter{})[0].Raw
			if err := verified(raw, public); err != nil {
				t.Errorf("not believed: %v\n%s", err, raw)
			}
			for what, forged := range map[string][]byte{
				"a changed subject":     bytes.Replace(raw, []byte("Subject:"), []byte("Subject: Re: "), 1),
				"a second sender":       append([]byte("From: eve@evil.example\r\n"), raw...),
				"a second subject":      append([]byte("Subject: You won\r\n"), raw...),
				"another way to leave":  bytes.Replace(raw, []byte("https://peregrine.example.edu/stop"), []byte("https://peregrine.evil.example/stop"), 1),
				"a changed body":        bytes.Replace(raw, []byte("trailing"), []byte("trailinG"), 1),
				"another reply address": bytes.Replace(raw, []byte("Reply-To: <office@example.edu>"), []byte("Reply-To: <office@evil.example>"), 1),
			} {
				if bytes.Equal(forged, raw) {
					t.Fatalf("%s: nothing was forged", what)
				}
				if verified(forged, public) == nil {
					t.Errorf("%s is believed", what)
				}
			}
		})
	}
}

func TestKeysThatAreNoGood(t *testing.T) {
	t.Parallel()
	good, _ := ed25519Key(t)
	short, _ := rsaKey(t, 1024)
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	nonsense := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(nonsense, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ domain, selector, file, says string }{
		"good":         {"example.edu", "peregrine2026", keyFile(t, good), ""},
		"two labels":   {"mobility.example.edu", "a.b-c", keyFile(t, good), ""},
		"short":        {"example.edu", "s", keyFile(t, short), "too short"},
		"other kind":   {"example.edu", "s", keyFile(t, other), "no private key"},
		"nonsense":     {"example.edu", "s", nonsense, "no private key"},
		"no file":      {"example.edu", "s", nonsense + ".pem", "cannot be read"},
		"no domain":    {"", "s", keyFile(t, good), "no domain"},
		"evil domain":  {"example.edu; d=evil.example", "s", keyFile(t, good), "no domain"},
		"evil choice":  {"example.edu", "s; d=evil", keyFile(t, good), "no selector"},
		"empty choice": {"example.edu", "", keyFile(t, good), "no selector"},
	} {
		_, err := letter.LoadDKIM(c.domain, c.selector, c.file)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the key is in %v", name, err)
		}
	}
}
