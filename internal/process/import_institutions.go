package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"peregrine/internal/intake"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// ImportInstitutions takes over a list of institutions, known by their
// Erasmus codes. What an institution that uses Peregrine itself says about
// itself is not overwritten by a list. arrived is system time.
func (r *Runner) ImportInstitutions(ctx context.Context, arrived time.Time, rows []intake.Institution) (Imported, error) {
	return r.importAs(ctx, arrived, "institutions", func(i *importer) error {
		known, err := i.institutions(ctx)
		if err != nil {
			return err
		}
		added, changed := splitInstitutions(i, known, rows)
		if err := i.addInstitutions(ctx, added); err != nil {
			return err
		}
		return i.setInstitutions(ctx, changed)
	})
}

type listed struct {
	id  uuid.UUID
	row intake.Institution
}

func splitInstitutions(i *importer, known map[string]store.KnownInstitutionsRow, rows []intake.Institution) (added, changed []listed) {
	for _, row := range rows {
		k, ok := known[intake.CodeKey(row.Code)]
		switch {
		case !ok:
			added = append(added, listed{newID(), row})
			i.done.Added++
		case k.Tenant || (k.Name == row.Name && k.City == row.City && k.Country == row.Country && k.Website == row.Website && k.PIC == row.PIC && k.Oid == row.OID):
			i.done.Unchanged++
		default:
			changed = append(changed, listed{k.ID, row})
			i.done.Changed++
		}
	}
	return added, changed
}

func (i *importer) addInstitutions(ctx context.Context, list []listed) error {
	if len(list) == 0 {
		return nil
	}
	var arg store.AddInstitutionsParams
	var codes []string
	for _, l := range list {
		arg.Ids, arg.Names, arg.Cities = append(arg.Ids, l.id), append(arg.Names, l.row.Name), append(arg.Cities, l.row.City)
		arg.Countries, arg.Websites = append(arg.Countries, l.row.Country), append(arg.Websites, l.row.Website)
		arg.Zones = append(arg.Zones, zoneOf(l.row.Country))
		arg.Pics, arg.Oids = append(arg.Pics, l.row.PIC), append(arg.Oids, l.row.OID)
		codes = append(codes, l.row.Code)
	}
	if err := queries.AddInstitutions(ctx, i.tx, arg); err != nil {
		return fmt.Errorf("add the institutions: %w", err)
	}
	if err := queries.AddErasmusCodes(ctx, i.tx, store.AddErasmusCodesParams{Codes: codes, InstitutionIds: arg.Ids}); err != nil {
		return fmt.Errorf("add the codes: %w", err)
	}
	return nil
}

func (i *importer) setInstitutions(ctx context.Context, list []listed) error {
	if len(list) == 0 {
		return nil
	}
	var arg store.SetInstitutionsParams
	for _, l := range list {
		arg.Ids, arg.Names, arg.Cities = append(arg.Ids, l.id), append(arg.Names, l.row.Name), append(arg.Cities, l.row.City)
		arg.Countries, arg.Websites = append(arg.Countries, l.row.Country), append(arg.Websites, l.row.Website)
		arg.Pics, arg.Oids = append(arg.Pics, l.row.PIC), append(arg.Oids, l.row.OID)
	}
	if err := queries.SetInstitutions(ctx, i.tx, arg); err != nil {
		return fmt.Errorf("change the institutions: %w", err)
	}
	return nil
}

// ImportMembers makes institutions users of Peregrine. A member with several
// codes is one institution: the one under its first known code takes over the
// others' codes. One of the others that something refers to already is a
// problem of the row.
func (r *Runner) ImportMembers(ctx context.Context, arrived time.Time, rows []intake.Member) (Imported, error) {
	return r.importAs(ctx, arrived, "institutions", func(i *importer) error {
		known, err := i.institutions(ctx)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := i.member(ctx, known, row); err != nil {
				return err
			}
		}
		return nil
	})
}

func (i *importer) member(ctx context.Context, known map[string]store.KnownInstitutionsRow, row intake.Member) error {
	id, found, err := i.memberID(ctx, known, row)
	if err != nil {
		return err
	}
	what := isSame
	if !found {
		what = isNew
		err = queries.AddMember(ctx, i.tx, store.AddMemberParams{
			ID: id, Name: row.NameEN, NameLocal: row.NameLocal, Country: row.Country, Language: row.Language, TimeZone: row.Zone, Domain: row.Domain,
		})
	} else {
		var n int64
		n, err = queries.SetMember(ctx, i.tx, store.SetMemberParams{
			ID: id, Name: row.NameEN, NameLocal: row.NameLocal, Country: row.Country, Language: row.Language, TimeZone: row.Zone, Domain: row.Domain,
		})
		if n > 0 {
			what = isChanged
		}
	}
	if err != nil {
		return fmt.Errorf("keep the member in row %d: %w", row.Row, err)
	}
	moved, err := i.takeCodes(ctx, known, id, row)
	if moved && what == isSame {
		what = isChanged
	}
	i.done.count(what)
	return err
}

// memberID finds the member by its domain, else by its first code that is known.
func (i *importer) memberID(ctx context.Context, known map[string]store.KnownInstitutionsRow, row intake.Member) (id uuid.UUID, found bool, err error) {
	id, err = queries.MemberByDomain(ctx, i.tx, row.Domain)
	if err == nil {
		return id, true, nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return id, false, fmt.Errorf("look for %s: %w", row.Domain, err)
	}
	for _, code := range row.Codes {
		if k, ok := known[intake.CodeKey(code)]; ok {
			return k.ID, true, nil
		}
	}
	return newID(), false, nil
}

// takeCodes gives the member every code of its row, and removes the
// institutions that lose their last one by that.
func (i *importer) takeCodes(ctx context.Context, known map[string]store.KnownInstitutionsRow, id uuid.UUID, row intake.Member) (moved bool, err error) {
	var fresh, theirs []string
	var left []uuid.UUID
	for _, code := range row.Codes {
		k, ok := known[intake.CodeKey(code)]
		switch {
		case !ok:
			fresh = append(fresh, code)
		case k.ID != id && k.Tenant:
			i.fail(row.Row, "erasmus_codes", code, "import.code_of_another_member", map[string]any{"Code": code})
			return false, nil
		case k.ID != id:
			theirs, left = append(theirs, k.Code), append(left, k.ID)
		}
	}
	if len(fresh)+len(theirs) == 0 {
		return false, nil
	}
	owners := make([]uuid.UUID, len(fresh))
	for n := range owners {
		owners[n] = id
	}
	if err := queries.AddErasmusCodes(ctx, i.tx, store.AddErasmusCodesParams{Codes: fresh, InstitutionIds: owners}); err != nil {
		return false, fmt.Errorf("add the codes: %w", err)
	}
	if _, err := queries.MoveErasmusCodes(ctx, i.tx, store.MoveErasmusCodesParams{InstitutionID: id, Codes: theirs}); err != nil {
		return false, fmt.Errorf("move the codes: %w", err)
	}
	if err := queries.RemoveInstitutions(ctx, i.tx, left); err != nil {
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.Code == "23503" { // something names it already
			return false, append(i.problems, intake.Problem{Row: row.Row, Column: "erasmus_codes", Code: "import.code_in_use"})
		}
		return false, fmt.Errorf("remove what is one institution now: %w", err)
	}
	return true, nil
}

// zoneOf is a guess for institutions a list knows by country alone: the zone
// of the capital. An agreement's own zone comes before it.
func zoneOf(country string) string {
	if zone, ok := zones[country]; ok {
		return zone
	}
	return "Europe/Brussels"
}

var zones = map[string]string{
	"AT": "Europe/Vienna", "BE": "Europe/Brussels", "BG": "Europe/Sofia", "CY": "Asia/Nicosia", "CZ": "Europe/Prague",
	"DE": "Europe/Berlin", "DK": "Europe/Copenhagen", "EE": "Europe/Tallinn", "ES": "Europe/Madrid", "FI": "Europe/Helsinki",
	"FR": "Europe/Paris", "GR": "Europe/Athens", "HR": "Europe/Zagreb", "HU": "Europe/Budapest", "IE": "Europe/Dublin",
	"IS": "Atlantic/Reykjavik", "IT": "Europe/Rome", "LI": "Europe/Vaduz", "LT": "Europe/Vilnius", "LU": "Europe/Luxembourg",
	"LV": "Europe/Riga", "MK": "Europe/Skopje", "MT": "Europe/Malta", "NL": "Europe/Amsterdam", "NO": "Europe/Oslo",
	"PL": "Europe/Warsaw", "PT": "Europe/Lisbon", "RO": "Europe/Bucharest", "RS": "Europe/Belgrade", "SE": "Europe/Stockholm",
	"SI": "Europe/Ljubljana", "SK": "Europe/Bratislava", "TR": "Europe/Istanbul", "GB": "Europe/London", "CH": "Europe/Zurich",
}

// ImportUnits takes over the units of an institution, known by their codes.
// Units the file does not name stay as they are.
func (r *Runner) ImportUnits(ctx context.Context, arrived time.Time, institution uuid.UUID, rows []intake.Unit) (Imported, error) {
	return r.importAs(ctx, arrived, "units", func(i *importer) error {
		office, err := queries.InstitutionOffice(ctx, i.tx, institution)
		if err != nil {
			return store.Translate(err, "institution")
		}
		known, err := queries.KnownUnits(ctx, i.tx, institution)
		if err != nil {
			return fmt.Errorf("read the units: %w", err)
		}
		byCode := map[string]store.KnownUnitsRow{}
		for _, u := range known {
			byCode[u.Code] = u
		}
		put := store.PutUnitsParams{InstitutionID: institution}
		parents := store.SetUnitParentsParams{InstitutionID: institution}
		for _, row := range rows {
			name := unitName(row, office.Language)
			k, ok := byCode[row.Code]
			what := unitChange(k, ok, name, row.Parent)
			i.done.count(what)
			if what == isSame {
				continue
			}
			put.Codes, put.Names = append(put.Codes, row.Code), append(put.Names, textsJSON(name))
			parents.Codes, parents.Parents = append(parents.Codes, row.Code), append(parents.Parents, row.Parent)
		}
		if err := queries.PutUnits(ctx, i.tx, put); err != nil {
			return fmt.Errorf("keep the units: %w", err)
		}
		return queries.SetUnitParents(ctx, i.tx, parents)
	})
}

func unitName(row intake.Unit, language string) mobility.Texts {
	name := mobility.Texts{"en": row.NameEN}
	if row.NameLocal != "" && language != "en" {
		name[language] = row.NameLocal
	}
	return name
}

func unitChange(k store.KnownUnitsRow, known bool, name mobility.Texts, parent string) difference {
	switch {
	case !known:
		return isNew
	case !maps.Equal(k.Name, name) || k.Parent != parent:
		return isChanged
	}
	return isSame
}

// textsJSON cannot fail: it holds strings alone.
func textsJSON(t mobility.Texts) string {
	out, _ := json.Marshal(t)
	return string(out)
}
