package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"math/big"
	"strings"

	"github.com/google/uuid"
)

// newToken makes a secret for a link: 130 bits, letters and digits.
func newToken() string { return rand.Text() }

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// sessionHash is how the session library writes the hash of a token.
func sessionHash(token string) string { return base64.RawURLEncoding.EncodeToString(hashToken(token)) }

// codeLetters leave out what is mistaken for something else (0 O, 1 I L)
// and vowels, so that no code is a word.
const codeLetters = "23456789BCDFGHJKMNPQRSTVWXZ"

const codeLength = 8

// newCode makes a code to be typed, as it is shown: "K7PX-3MQD".
func newCode() string {
	var b strings.Builder
	for i := range codeLength {
		if i == codeLength/2 {
			b.WriteByte('-')
		}
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(codeLetters))))
		if err != nil { // crypto/rand never fails; it ends the program first
			panic(err)
		}
		b.WriteByte(codeLetters[n.Int64()])
	}
	return b.String()
}

// plainCode is a code as typed, without what people add or leave out.
func plainCode(typed string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, strings.ToUpper(typed))
}

// hashCode ties a code to the row it belongs to, so that one table of hashes
// does not serve for all rows.
func hashCode(id uuid.UUID, typed string) []byte {
	sum := sha256.Sum256(append(id[:], plainCode(typed)...))
	return sum[:]
}

// codeFits compares in constant time. A row without a hash, whose code was
// never made, fits nothing.
func codeFits(id uuid.UUID, typed string, hash []byte) bool {
	return subtle.ConstantTimeCompare(hashCode(id, typed), hash) == 1
}
