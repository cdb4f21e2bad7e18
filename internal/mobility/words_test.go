package mobility

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

func TestPointsRoundHalfUpOnce(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"1.00005": "1.0001", "1.00004": "1", "0.00005": "0.0001", "-0.00005": "0", "-0.00006": "-0.0001", "29.99995": "30", "7": "7",
	} {
		if got := RoundPoints(decimal.RequireFromString(in), Scale); got.String() != want {
			t.Errorf("%s rounds to %s, want %s", in, got, want)
		}
	}
}

func TestRolesReachWhereTheyWereGranted(t *testing.T) {
	t.Parallel()
	home, other, faculty, department, foreign, call, me, host := uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New()
	at := Place{Institution: home, Unit: department, Call: call, Applicant: uuid.New(), Host: host}
	in := func(role Role, institution uuid.UUID, unit *uuid.UUID, units ...uuid.UUID) Actor {
		return Actor{Person: me, Grants: []Grant{{Role: role, Institution: institution, Unit: unit, Units: units}}}
	}
	own := at
	own.Applicant = me
	for name, c := range map[string]struct {
		actor Actor
		place Place
		want  []Role
	}{
		"the whole institution":            {in(RoleOfficer, home, nil), at, []Role{RoleOfficer}},
		"a unit and all below it":          {in(RoleCoordinator, home, &faculty, faculty, department), at, []Role{RoleCoordinator}},
		"another unit":                     {in(RoleCoordinator, home, &foreign, foreign), at, nil},
		"another institution":              {in(RoleOfficer, other, nil), at, nil},
		"this call":                        {Actor{Person: me, Grants: []Grant{{Role: RoleAssessor, Institution: home, Call: &call}}}, at, []Role{RoleAssessor}},
		"another call":                     {Actor{Person: me, Grants: []Grant{{Role: RoleAssessor, Institution: home, Call: &foreign}}}, at, nil},
		"nobody decides about themselves":  {in(RoleOfficer, home, nil), own, []Role{RoleApplicant}},
		"officer of the host":              {in(RoleOfficer, host, nil), at, []Role{RoleHost}},
		"coordinator of the host":          {in(RoleCoordinator, host, nil), at, nil},
		"host by link":                     {Actor{HostLink: uuid.New(), HostInstitution: host}, at, []Role{RoleHost}},
		"link of another host":             {Actor{HostLink: uuid.New(), HostInstitution: other}, at, nil},
		"a job":                            {Actor{System: true}, at, []Role{RoleSystem}},
		"nobody":                           {Actor{}, Place{Institution: home}, nil},
		"nobody, of a file without person": {Actor{}, Place{}, nil},
	} {
		if got := c.actor.RolesAt(c.place); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestMissingAsksPerDestination(t *testing.T) {
	t.Parallel()
	questions := []Question{
		{Key: "why", Kind: QuestionLong, Required: true},
		{Key: "extra", Kind: QuestionText},
		{Key: "plan", Kind: QuestionFile, Required: true, PerDestination: true},
		{Key: "level", Kind: QuestionChoice, Required: true, PerDestination: true},
	}
	has := func(key string) bool { return key == "plan@a" }
	got := Missing(questions, Answers{"level@b": "B2"}, []string{"a", "b"}, has)
	if want := []string{"why", "plan@b", "level@a"}; !slices.Equal(got, want) {
		t.Errorf("missing %v, want %v", got, want)
	}
}

func TestTextsFallBackTheSameWayAlways(t *testing.T) {
	t.Parallel()
	if got := (Texts{"en": "Call", "cs": "Výzva"}).In("cs"); got != "Výzva" {
		t.Error(got)
	}
	if got := (Texts{"en": "Call"}).In("cs"); got != "Call" {
		t.Error(got)
	}
	if got := (Texts{"pt": "p", "fi": "f", "sv": ""}).In("cs"); got != "f" {
		t.Error(got)
	}
}

func TestErrorsKeepTheirKindThroughWrapping(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("outer: %w", ConflictError("conflict.no_place_left", nil))
	if KindOf(err) != Conflict || CodeOf(err) != "conflict.no_place_left" {
		t.Errorf("kind %d, code %q", KindOf(err), CodeOf(err))
	}
	if KindOf(errors.New("disk full")) != Internal || CodeOf(nil) != "" {
		t.Error("what nobody classified is internal")
	}
}
