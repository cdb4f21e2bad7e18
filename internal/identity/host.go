package identity

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
)

// deviceLifetime is how long a device that gave its code is remembered; the
// query that looks for it says the same.
const deviceLifetime = 180 * 24 * time.Hour

// HostLink is the personal link a host officer came by.
type HostLink struct {
	ID              uuid.UUID
	Institution     uuid.UUID // home
	Call            uuid.UUID
	HostInstitution uuid.UUID
	Address         string // of record; pages show Covered
	Expires         time.Time
}

// Covered is the address as it may be shown to whoever holds the link.
func (l HostLink) Covered() string {
	name, domain, ok := strings.Cut(l.Address, "@")
	if !ok || name == "" {
		return "…"
	}
	first := []rune(name)[:1]
	return string(first) + "…@" + domain
}

// HostPath is the path of the page a host's link leads to.
func HostPath(token string) string { return "/host/" + token }

// MakeHostLink makes the token of a host's link, for the job that sends it at
// once. A link has one token: a later letter needs a link of its own, or the
// earlier one's stops working. Refused with "refusal.host_link_expired" if it
// was revoked or is out of date.
func (s *Service) MakeHostLink(ctx context.Context, link uuid.UUID) (token string, err error) {
	token = newToken()
	n, err := queries.MakeHostLink(ctx, s.pool, store.MakeHostLinkParams{ID: link, TokenHash: hashToken(token)})
	if err != nil {
		return "", fmt.Errorf("make the link: %w", err)
	}
	if n == 0 {
		return "", refused("refusal.host_link_expired")
	}
	return token, nil
}

// OpenHostLink turns a link into the host officer as an actor, who may read
// documents if this browser gave a code before. The access line is the page's
// to leave, which knows whom it showed. A link out of date, revoked or unknown
// is not found, with words of its own that name, if it is known, the office to
// ask.
func (s *Service) OpenHostLink(r *http.Request, token string) (mobility.Actor, HostLink, error) {
	ctx := r.Context()
	row, err := queries.HostLinkOfToken(ctx, s.pool, hashToken(token))
	if err != nil && !missing(err) {
		return mobility.Actor{}, HostLink{}, fmt.Errorf("look for the link: %w", err)
	}
	if code := closed(row, err); code != "" {
		return mobility.Actor{}, HostLink{}, &mobility.Error{Kind: mobility.NotFound, Code: code, Data: map[string]any{"Home": row.Home, "Contact": cmp.Or(row.Contact, row.Home)}}
	}
	link := HostLink{
		ID: row.ID, Institution: row.InstitutionID, Call: row.CallID, HostInstitution: row.HostInstitutionID,
		Address: row.Address, Expires: row.ExpiresAt,
	}
	known, err := s.deviceKnown(r, link)
	if err != nil {
		return mobility.Actor{}, HostLink{}, err
	}
	return mobility.Actor{HostLink: link.ID, HostInstitution: link.HostInstitution, HostDocuments: known}, link, nil
}

// closed says why a link does not open, "" if it does.
func closed(row store.HostLinkOfTokenRow, err error) string {
	switch {
	case err != nil:
		return "refusal.host_link_unknown"
	case row.Revoked:
		return "refusal.host_link_revoked"
	case row.Expired:
		return "refusal.host_link_expired"
	}
	return ""
}

func (s *Service) deviceKnown(r *http.Request, link HostLink) (bool, error) {
	cookie, err := r.Cookie(s.deviceCookie(link))
	if err != nil {
		return false, nil
	}
	known, err := queries.DeviceKnown(r.Context(), s.pool, store.DeviceKnownParams{
		DeviceHash: hashToken(cookie.Value), Address: link.Address, HostInstitutionID: link.HostInstitution,
	})
	if err != nil {
		return false, fmt.Errorf("look for the device: %w", err)
	}
	return known, nil
}

// deviceCookie has a name of its own for each address and host, so that one
// browser can serve several.
func (s *Service) deviceCookie(link HostLink) string {
	sum := sha256.Sum256([]byte(link.HostInstitution.String() + strings.ToLower(link.Address)))
	return cookieName("peregrine-host-"+hex.EncodeToString(sum[:6]), s.secure)
}

// AskHostCode asks for a code to be sent to the link's address of record.
// Refused with "refusal.too_many_requests" after five in an hour.
func (s *Service) AskHostCode(ctx context.Context, link uuid.UUID) error {
	return s.do(ctx, func(tx pgx.Tx) error {
		if err := count(ctx, tx, "host link "+link.String(), s.limits.PerAddress); err != nil {
			return err
		}
		id := newID()
		n, err := queries.AddHostCode(ctx, tx, store.AddHostCodeParams{ID: id, HostLinkID: link, Seconds: SecretLifetime.Seconds()})
		if err != nil {
			return fmt.Errorf("record the request: %w", err)
		}
		if n == 0 {
			return &mobility.Error{Kind: mobility.NotFound, Code: "refusal.host_link_expired"}
		}
		if _, err := s.jobs.InsertTx(ctx, tx, process.HostCodeAsked{Code: id}, nil); err != nil {
			return fmt.Errorf("ask for the letter: %w", err)
		}
		return nil
	})
}

// HostCodeSecret is what the letter with a code says. It is never stored.
type HostCodeSecret struct {
	Link        uuid.UUID
	Institution uuid.UUID // home
	Call        uuid.UUID
	Address     string
	Language    string // the host's
	Code        string
	Minutes     int
}

// MakeHostCode makes the code asked for under id, for the job that sends it at
// once. Refused with "refusal.code_over" if there is nothing to send any more.
func (s *Service) MakeHostCode(ctx context.Context, id uuid.UUID) (HostCodeSecret, error) {
	code := newCode()
	row, err := queries.MakeHostCode(ctx, s.pool, store.MakeHostCodeParams{ID: id, CodeHash: hashCode(id, code)})
	if missing(err) {
		return HostCodeSecret{}, refused("refusal.code_over")
	}
	if err != nil {
		return HostCodeSecret{}, fmt.Errorf("make the code: %w", err)
	}
	return HostCodeSecret{
		Link: row.HostLinkID, Institution: row.InstitutionID, Call: row.CallID, Address: row.Address,
		Language: row.Language, Code: code, Minutes: max(1, int(row.Minutes)),
	}, nil
}

// UseHostCode uses up the newest code asked for on a link and remembers the
// device by a cookie. Refused like UseCode.
func (s *Service) UseHostCode(ctx context.Context, w http.ResponseWriter, link HostLink, code string) error {
	token, wrong := newToken(), false
	err := s.do(ctx, func(tx pgx.Tx) error {
		row, err := queries.TryHostCode(ctx, tx, store.TryHostCodeParams{HostLinkID: link.ID, Most: codeTries})
		if missing(err) {
			return refused("refusal.code_over")
		}
		if err != nil {
			return fmt.Errorf("try the code: %w", err)
		}
		if wrong = !codeFits(row.ID, code, row.CodeHash); wrong {
			return nil // the try counts
		}
		n, err := queries.UseHostCode(ctx, tx, row.ID)
		if err != nil {
			return fmt.Errorf("use the code: %w", err)
		}
		if n == 0 {
			return refused("refusal.code_over")
		}
		return queries.AddHostDevice(ctx, tx, store.AddHostDeviceParams{DeviceHash: hashToken(token), HostLinkID: link.ID})
	})
	if err == nil && wrong {
		return refused("refusal.code_wrong")
	}
	if err == nil {
		http.SetCookie(w, &http.Cookie{
			Name: s.deviceCookie(link), Value: token, Path: "/", MaxAge: int(deviceLifetime.Seconds()),
			Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		})
	}
	return err
}
