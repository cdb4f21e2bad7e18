package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// A session is written when it begins, prolonged if its owner asks for it, and
// deleted: nothing a request under way does can bring one back that signing
// out everywhere has ended.

// What a session holds.
const (
	keyPerson  = "person"
	keyStarted = "started" // Unix seconds
	keyLate    = "late"    // Unix seconds of business time
)

func newSessions(db store.DBTX, secure bool) *scs.SessionManager {
	m := scs.New()
	m.Store = sessionStore{db}
	m.HashTokenInStore = true
	m.Lifetime = ApplicantLifetime
	m.Cookie.Name = cookieName("peregrine", secure)
	m.Cookie.Secure = secure
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	return m
}

// cookieName ties the cookie to this very host where browsers can.
func cookieName(name string, secure bool) string {
	if secure {
		return "__Host-" + name
	}
	return name
}

// Begin begins a session: a new token in a cookie, the one the browser had
// before deleted. A person with granted roles gets a working day.
func (s *Service) Begin(w http.ResponseWriter, r *http.Request, e Entrance, arrived time.Time) error {
	grants, err := s.grants(r.Context(), e.Person)
	if err != nil {
		return err
	}
	ctx, err := s.sessions.Load(r.Context(), s.token(r))
	if err != nil {
		return fmt.Errorf("read the session: %w", err)
	}
	if err := s.sessions.Clear(ctx); err != nil {
		return fmt.Errorf("clear the session: %w", err)
	}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return fmt.Errorf("renew the session: %w", err)
	}
	s.sessions.Put(ctx, keyPerson, e.Person.String())
	s.sessions.Put(ctx, keyStarted, arrived.Unix())
	if !e.LateUntil.IsZero() {
		s.sessions.Put(ctx, keyLate, e.LateUntil.Unix())
	}
	s.sessions.SetDeadline(ctx, arrived.Add(lifetime(grants)))
	token, expires, err := s.sessions.Commit(context.WithValue(ctx, ownerKey{}, e.Person))
	if err != nil {
		return fmt.Errorf("begin the session: %w", err)
	}
	s.sessions.WriteSessionCookie(ctx, w, token, expires)
	return nil
}

func lifetime(grants []mobility.Grant) time.Duration {
	if len(grants) > 0 {
		return StaffLifetime
	}
	return ApplicantLifetime
}

// Prolong lets the browser's session begin anew at arrived, for who is still
// there when it is about to end, and returns when it ends now. It is refused
// with "refusal.session_over" if the session was ended meanwhile.
func (s *Service) Prolong(w http.ResponseWriter, r *http.Request, arrived time.Time) (time.Time, error) {
	token := s.token(r)
	ctx, err := s.sessions.Load(r.Context(), token)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the session: %w", err)
	}
	person, err := uuid.Parse(s.sessions.GetString(ctx, keyPerson))
	if err != nil {
		return time.Time{}, refused("refusal.session_over")
	}
	grants, err := s.grants(ctx, person)
	if err != nil {
		return time.Time{}, err
	}
	values := map[string]any{keyPerson: person.String(), keyStarted: arrived.Unix()}
	if late := s.sessions.GetInt64(ctx, keyLate); late != 0 {
		values[keyLate] = late
	}
	expires := arrived.Add(lifetime(grants))
	data, err := s.sessions.Codec.Encode(expires, values)
	if err != nil {
		return time.Time{}, fmt.Errorf("write the session: %w", err)
	}
	n, err := queries.ProlongSession(ctx, s.pool, store.ProlongSessionParams{TokenHash: sessionHash(token), PersonID: &person, Data: data, ExpiresAt: expires})
	if err != nil {
		return time.Time{}, fmt.Errorf("prolong the session: %w", err)
	}
	if n == 0 {
		return time.Time{}, refused("refusal.session_over")
	}
	s.sessions.WriteSessionCookie(ctx, w, token, expires)
	return expires, nil
}

// End ends the browser's session, if it has one.
func (s *Service) End(w http.ResponseWriter, r *http.Request) error {
	ctx, err := s.sessions.Load(r.Context(), s.token(r))
	if err != nil {
		return fmt.Errorf("read the session: %w", err)
	}
	if err := s.sessions.Destroy(ctx); err != nil {
		return fmt.Errorf("end the session: %w", err)
	}
	s.sessions.WriteSessionCookie(ctx, w, "", time.Time{})
	return nil
}

// EndAll ends every session of a person, on every device.
func (s *Service) EndAll(w http.ResponseWriter, r *http.Request, person uuid.UUID) error {
	if _, err := queries.EndSessionsOf(r.Context(), s.pool, &person); err != nil {
		return fmt.Errorf("end all sessions: %w", err)
	}
	s.sessions.WriteSessionCookie(r.Context(), w, "", time.Time{})
	return nil
}

// token is what the browser brought, "" for nothing. Loaded, it gives an empty
// session unless there is one.
func (s *Service) token(r *http.Request) string {
	cookie, err := r.Cookie(s.sessions.Cookie.Name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// Session is one of a person's sessions.
type Session struct {
	Started time.Time
	Expires time.Time
	Current bool // the browser's that asks
}

// Sessions lists a person's sessions, the one that lasts longest first.
func (s *Service) Sessions(r *http.Request, person uuid.UUID) ([]Session, error) {
	rows, err := queries.SessionsOf(r.Context(), s.pool, &person)
	if err != nil {
		return nil, fmt.Errorf("list the sessions: %w", err)
	}
	current := sessionHash(s.token(r))
	out := make([]Session, 0, len(rows))
	for _, row := range rows {
		_, values, err := s.sessions.Codec.Decode(row.Data)
		if err != nil {
			return nil, fmt.Errorf("read a session: %w", err)
		}
		started, _ := values[keyStarted].(int64)
		out = append(out, Session{Started: time.Unix(started, 0), Expires: row.ExpiresAt, Current: row.TokenHash == current})
	}
	return out, nil
}

// sessionStore keeps sessions in PostgreSQL under the hash of their token.
type sessionStore struct{ db store.DBTX }

// ownerKey carries whose session is written; the library's store knows only
// the encoded values.
type ownerKey struct{}

var errNoOwner = errors.New("a session was written that nobody began")

// CommitCtx implements scs.CtxStore. It never overwrites.
func (st sessionStore) CommitCtx(ctx context.Context, token string, b []byte, expires time.Time) error {
	owner, ok := ctx.Value(ownerKey{}).(uuid.UUID)
	if !ok {
		return errNoOwner
	}
	return queries.AddSession(ctx, st.db, store.AddSessionParams{TokenHash: token, PersonID: &owner, Data: b, ExpiresAt: expires})
}

// FindCtx implements scs.CtxStore.
func (st sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	b, err := queries.FindSession(ctx, st.db, token)
	if missing(err) {
		return nil, false, nil
	}
	return b, err == nil, err
}

// DeleteCtx implements scs.CtxStore.
func (st sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return queries.EndSession(ctx, st.db, token)
}

// Commit, Find and Delete implement scs.Store for who has no context.
func (st sessionStore) Commit(token string, b []byte, expires time.Time) error {
	return st.CommitCtx(context.Background(), token, b, expires)
}

// Find implements scs.Store.
func (st sessionStore) Find(token string) ([]byte, bool, error) {
	return st.FindCtx(context.Background(), token)
}

// Delete implements scs.Store.
func (st sessionStore) Delete(token string) error { return st.DeleteCtx(context.Background(), token) }
