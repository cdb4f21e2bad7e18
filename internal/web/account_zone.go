package web

import (
	"cmp"
	"context"
	"net/http"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// The zone somebody wants to be told the time in.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET " + zonePath, Guard: SignedIn, Handle: s.showZone},
		{Pattern: "POST " + zonePath, Guard: SignedIn, Handle: s.chooseZone},
	}
})

const zonePath = "/account/zone"

// houseZone is what the form sends for the zone of one's institution.
const houseZone = "house"

func (s *Server) showZone(q *request) error {
	var zone string
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		zone, err = queries.ChosenZone(ctx, db, q.actor.Person)
		return err
	})
	if err != nil {
		return err
	}
	return s.zonePage(q, http.StatusOK, cmp.Or(zone, houseZone), nil)
}

func (s *Server) zonePage(q *request, status int, zone string, problems []mobility.FieldProblem) error {
	p := page.Office{Base: s.base(q, q.loc.T("zone.title"))}
	p.Lead = q.loc.T("zone.lead", "Now", q.loc.DateTime(q.now), "Zone", q.loc.Zone().String())
	p.Breadcrumbs = []page.Link{{Label: q.loc.T("account.title"), Href: "/account"}}
	options := []page.Option{{Value: houseZone, Label: q.loc.T("zone.of_institution")}}
	field := page.Field{
		Kind: page.Select, Name: "zone", Label: q.loc.T("account.zone"), Hint: q.loc.T("zone.hint"), Value: zone,
		Required: true, Options: append(options, zoneOptions(nil, farZones...)...),
	}
	p.Errors = page.Refuse(q.loc, problems, &field)
	p.Parts = []page.Part{{ID: "zone", Action: zonePath, Fields: []page.Field{field}, Buttons: []page.Button{{Label: q.loc.T("zone.choose"), Look: page.Primary}}}}
	return s.render(q, status, p)
}

type zoneForm struct {
	Zone string `form:"zone" validate:"required,max=64"`
}

func (s *Server) chooseZone(q *request) error {
	var f zoneForm
	typed, err := form.Decode(q.r, &f)
	if err == nil {
		if f.Zone == houseZone {
			f.Zone = ""
		}
		err = s.Process.ChooseZone(q.ctx(), q.actor, f.Zone, q.arrived)
	}
	if problems, invalid := problemsOf(err); invalid {
		return s.zonePage(q, http.StatusUnprocessableEntity, typed.First("zone"), problems)
	}
	if err != nil {
		return err
	}
	return s.done(q, "/account", "notice.zone_chosen")
}
