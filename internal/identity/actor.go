package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// Visitor is a signed-in person with what pages need to know about them.
type Visitor struct {
	Actor               mobility.Actor
	Email               string
	Language            string         // what the person settled on, "" for nothing yet
	InstitutionLanguage string         // what their institution speaks, "" if they belong to none
	Zone                *time.Location // their institution's
	Ends                time.Time      // when the session does (system clock); of a session alone
	Unread              int            // letters they have not read here yet
}

// Resume turns the browser's session into a visitor; nil for nobody. A
// session begun before the person was granted a role ends after a working day
// like any other of theirs.
func (s *Service) Resume(r *http.Request, arrived time.Time) (*Visitor, error) {
	token := s.token(r)
	if token == "" {
		return nil, nil
	}
	ctx, err := s.sessions.Load(r.Context(), token)
	if err != nil {
		return nil, fmt.Errorf("read the session: %w", err)
	}
	person, err := uuid.Parse(s.sessions.GetString(ctx, keyPerson))
	if err != nil {
		return nil, nil // no such session
	}
	v, err := s.visitor(ctx, person)
	if mobility.KindOf(err) == mobility.NotFound {
		return nil, nil // erased since
	}
	if err != nil {
		return nil, err
	}
	v.Ends = time.Unix(s.sessions.GetInt64(ctx, keyStarted), 0).Add(lifetime(v.Actor.Grants))
	if len(v.Actor.Grants) > 0 && !arrived.Before(v.Ends) { // other sessions end in the database
		return nil, nil
	}
	if late := s.sessions.GetInt64(ctx, keyLate); late != 0 {
		v.Actor.LateUntil = time.Unix(late, 0)
	}
	return &v, nil
}

// Actor loads a person with the roles in force, each with its unit and all
// below. It is not found if there is no such person, or no longer. LateUntil
// is known to the session alone.
func (s *Service) Actor(ctx context.Context, person uuid.UUID) (mobility.Actor, error) {
	v, err := s.visitor(ctx, person)
	return v.Actor, err
}

func (s *Service) visitor(ctx context.Context, person uuid.UUID) (Visitor, error) {
	row, err := queries.SignedInPerson(ctx, s.pool, person)
	if err != nil {
		return Visitor{}, fmt.Errorf("load the person: %w", store.Translate(err, "person"))
	}
	grants, err := grantsOf(row.Grants)
	if err != nil {
		return Visitor{}, err
	}
	zone, err := time.LoadLocation(row.TimeZone)
	if err != nil {
		zone = time.UTC // an institution's zone is checked when it is entered
	}
	return Visitor{
		Actor: mobility.Actor{Person: row.ID, Name: row.Name, Grants: grants},
		Email: row.Email, Language: row.Language, InstitutionLanguage: row.InstitutionLanguage, Zone: zone, Unread: int(row.Unread),
	}, nil
}

// grants are a person's roles in force; nobody has none.
func (s *Service) grants(ctx context.Context, person uuid.UUID) ([]mobility.Grant, error) {
	actor, err := s.Actor(ctx, person)
	if mobility.KindOf(err) == mobility.NotFound {
		return nil, nil
	}
	return actor.Grants, err
}

// grantsOf reads the roles that came with the person.
func grantsOf(text []byte) ([]mobility.Grant, error) {
	var rows []struct {
		Role        mobility.Role `json:"role"`
		Institution uuid.UUID     `json:"institution"`
		Unit        *uuid.UUID    `json:"unit"`
		Call        *uuid.UUID    `json:"call"`
		Units       []uuid.UUID   `json:"units"`
	}
	if err := json.Unmarshal(text, &rows); err != nil {
		return nil, fmt.Errorf("read the roles: %w", err)
	}
	grants := make([]mobility.Grant, 0, len(rows))
	for _, row := range rows {
		grants = append(grants, mobility.Grant(row))
	}
	return grants, nil
}
