package web

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

func (s *Server) listUnits(q *request) error {
	var units []store.AdminUnitsRow
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		units, err = queries.AdminUnits(ctx, db, q.house())
		return err
	})
	if err != nil {
		return err
	}
	names := map[uuid.UUID]string{}
	for _, u := range units {
		names[u.ID] = u.Code
	}
	t := page.Table{Caption: q.loc.T("admin.units"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("admin.code")}, {Label: q.loc.T("admin.name")}, {Label: q.loc.T("admin.part_of")}, {Label: q.loc.T("admin.students"), Numeric: true}, {Label: q.loc.T("admin.staff"), Numeric: true},
	}, Empty: page.EmptyState{Title: q.loc.T("admin.no_units"), Text: q.loc.T("admin.no_units_text")}}
	for _, u := range units {
		parent := u.Institution
		if u.ParentID != nil && names[*u.ParentID] != "" {
			parent = names[*u.ParentID]
		}
		t.Rows = append(t.Rows, page.Row{Cells: page.Cells(u.Code, u.Name.In(q.loc.Lang()), parent, q.loc.Number(int(u.Students)), q.loc.Number(int(u.Staff)))})
	}
	p := page.Office{Base: s.base(q, q.loc.T("admin.units")), Tabs: q.adminTabs("units"), Parts: []page.Part{{ID: "units", Table: t}}}
	p.Lead = q.loc.T("admin.units_lead")
	return s.render(q, http.StatusOK, p)
}

func (s *Server) listRoles(q *request) error {
	var roles []store.AdminRolesRow
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if roles, err = queries.AdminRoles(ctx, db, q.house()); err != nil || len(roles) == 0 {
			return err
		}
		return q.note(db, lookedAt{institution: q.house()[0], count: len(roles)})
	})
	if err != nil {
		return err
	}
	t := page.Table{Caption: q.loc.T("admin.roles"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.name")}, {Label: q.loc.T("people.role")}, {Label: q.loc.T("admin.where_role")}, {Label: q.loc.T("office.since")}, {Label: q.loc.T("office.ended")},
	}, Empty: page.EmptyState{Title: q.loc.T("admin.no_roles")}}
	for _, r := range roles {
		where := r.Unit
		if r.Call != nil {
			where += " " + r.Call.In(q.loc.Lang())
		}
		if where == "" {
			where = q.loc.T("admin.whole_house")
		}
		row := page.Row{Cells: []page.Cell{{Text: r.Name, Note: r.Email, Href: personPath(r.PersonID)}, {Text: q.loc.T("by." + r.Role)}, {Text: where}, {Text: q.loc.Date(r.ValidFrom)}, {}}}
		if r.Name == "" {
			row.Cells[0] = page.Cell{Text: r.Email}
		}
		if r.ValidTo != nil {
			row.Cells[4].Text = q.loc.Date(*r.ValidTo)
		}
		t.Rows = append(t.Rows, row)
	}
	p := page.Office{Base: s.base(q, q.loc.T("admin.roles")), Tabs: q.adminTabs("roles"), Parts: []page.Part{{ID: "roles", Table: t}}}
	p.Lead = q.loc.T("admin.roles_lead")
	return s.render(q, http.StatusOK, p)
}
