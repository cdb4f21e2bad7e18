package mobility

import (
	"time"

	"github.com/google/uuid"
)

// Role is what a person is in an institution, a unit or a call; or, for the
// ones that are not granted but follow from the file, towards an application.
type Role string

// Granted roles, and the three that follow from the situation: the applicant
// of the file, the host officer who holds its link, and the system itself.
const (
	RoleApplicant     Role = "applicant"
	RoleCoordinator   Role = "coordinator"
	RoleAssessor      Role = "assessor"
	RoleOfficer       Role = "officer"
	RoleAdministrator Role = "administrator"
	RoleOperator      Role = "operator"
	RoleHost          Role = "host"
	RoleSystem        Role = "system"
)

// Roles lists every role a lifecycle may name, in the order pages show them.
var Roles = []Role{RoleApplicant, RoleCoordinator, RoleAssessor, RoleOfficer, RoleAdministrator, RoleHost, RoleSystem}

// Grant is one role in one place. Unit nil: the whole institution; Call nil:
// every call of the place. Units holds the unit and all below it.
type Grant struct {
	Role        Role
	Institution uuid.UUID
	Unit        *uuid.UUID
	Call        *uuid.UUID
	Units       []uuid.UUID
}

// Actor is who is asking. A signed-in person has a Person and Grants; a host
// officer without an account has HostLink and HostInstitution; a job has System.
type Actor struct {
	Person          uuid.UUID // zero: nobody signed in
	Name            string    // for pages, never for logs
	Grants          []Grant
	HostLink        uuid.UUID // the personal link in use, zero: none
	HostInstitution uuid.UUID
	HostDocuments   bool // this device gave the code sent to the address of record
	System          bool
	LateUntil       time.Time // submitting is allowed until then (sign-in asked for before the deadline); zero: no
}

// SignedIn reports whether a person is known.
func (a Actor) SignedIn() bool { return a.Person != uuid.Nil }

// Has reports whether the actor holds role anywhere.
func (a Actor) Has(role Role) bool {
	for _, g := range a.Grants {
		if g.Role == role {
			return true
		}
	}
	return false
}

// Institutions returns the institutions in which the actor holds any role but
// operator, who runs the machine and sees nobody's file.
func (a Actor) Institutions() []uuid.UUID {
	seen := map[uuid.UUID]bool{}
	out := []uuid.UUID{}
	for _, g := range a.Grants {
		if g.Role != RoleOperator && !seen[g.Institution] {
			seen[g.Institution] = true
			out = append(out, g.Institution)
		}
	}
	return out
}

// Place says where an application lies, for deciding what roles reach it.
type Place struct {
	Institution uuid.UUID
	Unit        uuid.UUID
	Call        uuid.UUID
	Applicant   uuid.UUID // the person applying
	Host        uuid.UUID // the host of the live nomination; zero: none
}

// RolesAt returns the roles the actor has towards a file lying at p: granted
// ones whose institution, unit and call reach it, applicant if it is the
// actor's own, host if the actor answers for the nominated host, system for a job. Nobody
// decides about themselves (design rule 11): on their own file a person is
// the applicant and nothing else.
func (a Actor) RolesAt(p Place) []Role {
	if a.System {
		return []Role{RoleSystem}
	}
	if a.SignedIn() && a.Person == p.Applicant {
		return []Role{RoleApplicant}
	}
	var out []Role
	for _, g := range a.Grants {
		if g.reaches(p) {
			out = append(out, g.Role)
		}
	}
	if a.hosts(p.Host) {
		out = append(out, RoleHost)
	}
	return out
}

// hosts reports whether the actor answers for host: by personal link, or as
// an officer of that institution.
func (a Actor) hosts(host uuid.UUID) bool {
	if host == uuid.Nil {
		return false
	}
	if a.HostLink != uuid.Nil && a.HostInstitution == host {
		return true
	}
	for _, g := range a.Grants {
		if g.Role == RoleOfficer && g.Institution == host && g.Unit == nil && g.Call == nil {
			return true
		}
	}
	return false
}

func (g Grant) reaches(p Place) bool {
	if g.Institution != p.Institution || (g.Call != nil && *g.Call != p.Call) {
		return false
	}
	if g.Unit == nil {
		return true
	}
	for _, u := range g.Units {
		if u == p.Unit {
			return true
		}
	}
	return false
}
