package identity

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/google/uuid"
)

// What a person may ask not to get any more. Decisions are not among it.
const (
	LeaveReminders     = "reminders"
	LeaveAnnouncements = "announcements"
)

var leavable = []string{LeaveReminders, LeaveAnnouncements}

// macLength is 128 bits, which nobody guesses.
const macLength = 16

// keyring keeps the key that signs, read once.
type keyring struct{ key atomic.Pointer[[]byte] }

// UnsubscribePath is the page on which the holder of a token says no.
func UnsubscribePath(token string) string { return "/unsubscribe/" + token }

// MakeUnsubscribe makes the token by which whoever reads a letter of a person
// may say that no more of its group (LeaveReminders, LeaveAnnouncements) is
// wanted, without signing in. It is signed and needs no row; it opens nothing
// else, tells nothing, and does not end.
func (s *Service) MakeUnsubscribe(ctx context.Context, person uuid.UUID, group string) (token string, err error) {
	if !slices.Contains(leavable, group) {
		return "", fmt.Errorf("nobody unsubscribes from %q", group)
	}
	mac, err := s.macOf(ctx, person, group)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(append(person[:], mac...)) + "." + group, nil
}

// ReadUnsubscribe says whose a token is and of which group. Refused with
// "refusal.link_expired" if it is none of ours.
func (s *Service) ReadUnsubscribe(ctx context.Context, token string) (person uuid.UUID, group string, err error) {
	code, group, _ := strings.Cut(token, ".")
	raw, decodeErr := base64.RawURLEncoding.Strict().DecodeString(code)
	if decodeErr != nil || len(raw) != len(person)+macLength || !slices.Contains(leavable, group) {
		return uuid.Nil, "", refused("refusal.link_expired")
	}
	person = uuid.UUID(raw[:len(person)])
	mac, err := s.macOf(ctx, person, group)
	if err != nil {
		return uuid.Nil, "", err
	}
	if !hmac.Equal(mac, raw[len(person):]) {
		return uuid.Nil, "", refused("refusal.link_expired")
	}
	return person, group, nil
}

func (s *Service) macOf(ctx context.Context, person uuid.UUID, group string) ([]byte, error) {
	key := s.signs.key.Load()
	if key == nil {
		read, err := queries.SigningKey(ctx, s.pool, "unsubscribe")
		if err != nil {
			return nil, fmt.Errorf("read the key that signs: %w", err)
		}
		key = &read
		s.signs.key.Store(key)
	}
	h := hmac.New(sha256.New, *key)
	h.Write(person[:])
	h.Write([]byte(group))
	return h.Sum(nil)[:macLength], nil
}
