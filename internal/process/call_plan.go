package process

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/shopspring/decimal"
	"go.yaml.in/yaml/v4"

	"peregrine/internal/mobility"
)

// CallPlan is everything a call is made of, as an office writes it down.
// Dates are "2027-01-31", wall minutes "2027-01-31 23:59" in the call's zone.
type CallPlan struct {
	Institution  string         `json:"institution"` // Erasmus code or domain
	Programme    string         `json:"programme"`   // one of Programmes
	AcademicYear string         `json:"academic_year"`
	Title        mobility.Texts `json:"title"`
	Description  mobility.Texts `json:"description"`
	Requirements mobility.Texts `json:"requirements"`
	Appeal       mobility.Texts `json:"appeal"`    // how and until when one may appeal
	Zone         string         `json:"zone"`      // IANA; empty: the institution's
	Lifecycle    string         `json:"lifecycle"` // its newest version is pinned
	Form         FormPlan       `json:"form"`
	Scheme       SchemePlan     `json:"scheme"`

	Selection mobility.SelectionRules `json:"selection"`

	MaxChoices   int              `json:"max_choices"`
	MaxLanguages int              `json:"max_languages"` // of instruction; 0: no limit
	FactsAt      string           `json:"facts_at"`      // the instant as of which the scheme's frozen values count; empty: at submission
	MinECTS      *decimal.Decimal `json:"min_ects"`
	MinDays      *int             `json:"min_days"` // of physical stay
	MaxDays      *int             `json:"max_days"`
	Confirm      ConfirmPlan      `json:"confirm"`
	Units        []string         `json:"units"`         // codes; empty: every unit
	AssessorsSee string           `json:"assessors_see"` // "unit" (default) or "assigned"
	Blind        bool             `json:"blind"`         // assessors see no names
	Approval     string           `json:"approval"`      // of lists: "none" (default) or "second_person"
	Provisional  *ProvisionalPlan `json:"provisional"`   // nil: the first list is final
	Appeals      *AppealPlan      `json:"appeals"`       // against the final list; nil: the product takes none
	Registration string           `json:"registration"`  // people outside the import: "none" (default), "coordinator" or "officer" lets them in
	Contact      ContactPlan      `json:"contact"`
	Rounds       []RoundPlan      `json:"rounds"`
}

// FormPlan is the form of a call. Each call made keeps a version of its own.
type FormPlan struct {
	Name      string              `json:"name"`
	Questions []mobility.Question `json:"questions"`
}

// ConfirmPlan is the call's rule for confirm-bys; what is zero takes the
// product's default: 7 days, 3 for promotions, at 12:00, at least 48 hours,
// 3 working days before the host's deadline.
type ConfirmPlan struct {
	Days          int  `json:"days"`
	PromotionDays int  `json:"promotion_days"`
	Hour          *int `json:"hour"`
	MinimumHours  int  `json:"minimum_hours"`
	LeadDays      *int `json:"lead_days"`
}

// ContactPlan is whom applicants ask.
type ContactPlan struct {
	Email string `json:"email"`
	Phone string `json:"phone"`
}

// RoundPlan is one round with its deadlines and what may be chosen in it.
type RoundPlan struct {
	Opens        string            `json:"opens"` // empty: open as soon as the call is
	Closes       string            `json:"closes"`
	AssessBy     string            `json:"assess_by"` // empty: none
	Destinations []DestinationPlan `json:"destinations"`
}

// DestinationPlan takes destinations from the agreements of its units, year
// and hosts.
type DestinationPlan struct {
	Units           []string            `json:"units"`         // codes; empty: every unit of the call
	AcademicYear    string              `json:"academic_year"` // empty: the call's
	Hosts           []string            `json:"hosts"`         // Erasmus codes; empty: every host
	Agreements      []string            `json:"agreements"`    // home's ids of the only ones to take; empty: all
	Except          []string            `json:"except"`        // home's ids of those to leave out
	Stays           map[string]StayPlan `json:"stays"`         // by term: autumn, spring, year
	NominationLimit *int                `json:"nomination_limit"`
	HostEmails      map[string]string   `json:"host_emails"` // by Erasmus code; else the host's office
}

// StayPlan is when a stay is planned to begin and end.
type StayPlan struct {
	Begins string `json:"begins"`
	Ends   string `json:"ends"`
}

// Programmes lists every kind of programme a call may be for.
var Programmes = []string{"erasmus-study", "erasmus-traineeship", "bilateral-study", "bip", "staff-teaching", "staff-training", "staff-bip"}

// ParseCallPlan reads a plan from YAML. A key nobody knows is an error: it is
// most often a slip of the pen.
func ParseCallPlan(source []byte) (CallPlan, error) {
	var plan CallPlan
	scheme, err := schemeText(source)
	if err != nil {
		return plan, fmt.Errorf("read the plan: %w", err)
	}
	var tree any
	if err := yaml.Load(source, &tree); err != nil {
		return plan, fmt.Errorf("read the plan: %w", err)
	}
	if top, ok := tree.(map[string]any); ok && scheme != "" {
		top["scheme"] = map[string]any{"source": scheme}
	}
	plain, err := json.Marshal(daysAsText(tree))
	if err != nil {
		return plan, fmt.Errorf("read the plan: %w", err)
	}
	if err := strictJSON(plain, &plan); err != nil {
		return plan, fmt.Errorf("read the plan: %w", err)
	}
	return plan, nil
}

// daysAsText undoes what YAML makes of a day written without quotes.
func daysAsText(tree any) any {
	switch x := tree.(type) {
	case time.Time:
		return x.Format(time.DateOnly)
	case map[string]any:
		for k, v := range x {
			x[k] = daysAsText(v)
		}
	case []any:
		for i, v := range x {
			x[i] = daysAsText(v)
		}
	}
	return tree
}

var yearForm = regexp.MustCompile(`^\d{4}/\d{2}$`)

// planCheck collects what is wrong with a plan, by the path of the field.
type planCheck struct{ problems []mobility.FieldProblem }

func (c *planCheck) fail(field, code string, data map[string]any) {
	c.problems = append(c.problems, mobility.FieldProblem{Field: field, Code: code, Data: data})
}

func (c *planCheck) require(ok bool, field, code string) {
	if !ok {
		c.fail(field, code, nil)
	}
}

// check names everything wrong with the plan that shows without a database.
func (p *CallPlan) check(c *planCheck) {
	c.require(slices.Contains(Programmes, p.Programme), "programme", "invalid.oneof")
	c.require(yearForm.MatchString(p.AcademicYear), "academic_year", "plan.academic_year")
	c.require(p.Title.In("en") != "", "title", "invalid.required")
	c.require(p.Lifecycle != "", "lifecycle", "invalid.required")
	c.require(p.MaxChoices >= 1, "max_choices", "plan.choices")
	c.require(p.MaxLanguages >= 0, "max_languages", "plan.not_negative")
	c.require(slices.Contains([]string{"", "none", "coordinator", "officer"}, p.Registration), "registration", "invalid.oneof")
	c.require(slices.Contains([]string{"", SeeUnit, SeeAssigned}, p.AssessorsSee), "assessors_see", "invalid.oneof")
	c.require(p.MinDays == nil || p.MaxDays == nil || *p.MinDays <= *p.MaxDays, "max_days", "plan.days_in_order")
	c.require(p.Confirm.Hour == nil || (*p.Confirm.Hour >= 0 && *p.Confirm.Hour < 24), "confirm.hour", "plan.hour")
	c.require(p.Confirm.Days >= 0 && p.Confirm.PromotionDays >= 0 && p.Confirm.MinimumHours >= 0, "confirm", "plan.not_negative")
	if _, err := checkAddress(p.Contact.Email); err != nil {
		c.fail("contact.email", "invalid.email", nil)
	}
	if _, err := time.LoadLocation(p.Zone); err != nil {
		c.fail("zone", "plan.zone", nil)
	}
	c.minute("facts_at", p.FactsAt)
	p.checkLists(c)
	p.Form.check(c)
	p.Scheme.check(c)
	c.require(len(p.Rounds) > 0, "rounds", "plan.no_round")
	for n := range p.Rounds {
		p.Rounds[n].check(c, fmt.Sprintf("rounds.%d", n+1))
	}
}

var questionKinds = []mobility.QuestionKind{
	mobility.QuestionText, mobility.QuestionLong, mobility.QuestionNumber, mobility.QuestionDate,
	mobility.QuestionChoice, mobility.QuestionYes, mobility.QuestionFile,
}

var keyForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func (f FormPlan) check(c *planCheck) {
	c.require(f.Name != "", "form.name", "invalid.required")
	seen := map[string]bool{}
	for n, q := range f.Questions {
		field := fmt.Sprintf("form.questions.%d", n+1)
		c.require(keyForm.MatchString(q.Key) && !seen[q.Key], field+".key", "plan.key")
		c.require(slices.Contains(questionKinds, q.Kind), field+".kind", "invalid.oneof")
		c.require(q.Label.In("en") != "", field+".label", "invalid.required")
		c.require((q.Kind == mobility.QuestionChoice) == (len(q.Options) > 0), field+".options", "plan.options")
		seen[q.Key] = true
	}
}

func (r RoundPlan) check(c *planCheck, field string) {
	opens, hasOpens := c.minute(field+".opens", r.Opens)
	closes, hasCloses := c.minute(field+".closes", r.Closes)
	assess, hasAssess := c.minute(field+".assess_by", r.AssessBy)
	c.require(r.Closes != "", field+".closes", "invalid.required")
	c.require(!hasOpens || !hasCloses || opens.Time().Before(closes.Time()), field+".closes", "plan.closes_before_opens")
	c.require(!hasAssess || !hasCloses || closes.Time().Before(assess.Time()), field+".assess_by", "plan.assess_before_closes")
	c.require(len(r.Destinations) > 0, field+".destinations", "plan.no_destination")
	for n, d := range r.Destinations {
		d.check(c, fmt.Sprintf("%s.destinations.%d", field, n+1))
	}
}

func (c *planCheck) minute(field, text string) (mobility.WallMinute, bool) {
	if text == "" {
		return mobility.WallMinute{}, false
	}
	w, err := mobility.ParseWall(text)
	c.require(err == nil, field, "invalid.datetime")
	return w, err == nil
}

func (d DestinationPlan) check(c *planCheck, field string) {
	c.require(d.AcademicYear == "" || yearForm.MatchString(d.AcademicYear), field+".academic_year", "plan.academic_year")
	c.require(d.NominationLimit == nil || *d.NominationLimit > 0, field+".nomination_limit", "plan.limit")
	for code, email := range d.HostEmails {
		if _, err := checkAddress(email); err != nil {
			c.fail(field+".host_emails."+code, "invalid.email", nil)
		}
	}
	for term, stay := range d.Stays {
		at := field + ".stays." + term
		c.require(term == "autumn" || term == "spring" || term == "year", at, "invalid.oneof")
		begins, err := time.Parse(time.DateOnly, stay.Begins)
		c.require(err == nil, at+".begins", "invalid.date")
		ends, err2 := time.Parse(time.DateOnly, stay.Ends)
		c.require(err2 == nil, at+".ends", "invalid.date")
		c.require(err != nil || err2 != nil || begins.Before(ends), at+".ends", "plan.stay_ends_before_it_begins")
	}
}
