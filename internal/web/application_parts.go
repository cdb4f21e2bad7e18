package web

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	rules "peregrine/internal/scheme"
	"peregrine/internal/selection"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// offerPart is the offer that waits for an answer: the place, until when, and
// what each answer means.
func (v *ownView) offerPart(q *request) page.Part {
	if v.st.State.Offer != mobility.OfferOpen || len(v.offers) == 0 {
		return page.Part{}
	}
	o := v.offers[0]
	rows := append(v.placeFacts(q, o.DestinationID), grantFacts(q, o)...)
	if d, ok := v.st.Deadlines[lifecycle.ConfirmBy]; ok {
		rows = append(rows, page.Fact{Term: q.loc.T("application.confirm_by"), When: q.deadline(d.ClosesAt, zoneOf(d.Zone))})
	}
	part := page.Part{ID: "offer", Title: q.loc.T("application.offer"), Summary: page.Summary{Rows: rows}}
	for _, a := range v.st.Moves {
		if a.Refusal == nil && (a.Move.EndsOffer == lifecycle.OfferDeclined || v.confirms(a.Move)) {
			part.Summary.Rows = append(part.Summary.Rows, page.Fact{Term: a.Move.Label.In(q.loc.Lang()), Text: a.Move.Confirm.In(q.loc.Lang())})
		}
	}
	return part
}

func (v *ownView) confirms(m *lifecycle.MoveDef) bool {
	to, _ := v.st.Definition.State(m.To)
	return to.Offer == mobility.OfferConfirmed
}

func (v *ownView) placeFacts(q *request, at uuid.UUID) []page.Fact {
	d := v.anywhere(at)
	rows := []page.Fact{
		{Term: q.loc.T("move.place"), Text: hostWords(q.loc, d)},
		{Term: q.loc.T("call.term"), Text: q.loc.T("term."+d.Term) + ", " + monthWords(q.loc, d.Months)},
		{Term: q.loc.T("call.language"), Text: levelWords(q.loc, d.Language, d.CEFR)},
	}
	if d.StartsOn != nil && d.EndsOn != nil {
		rows[1].Text = q.loc.T("term."+d.Term) + ", " + dayWords(q.loc, *d.StartsOn) + " – " + dayWords(q.loc, *d.EndsOn)
	}
	return rows
}

// placePart is the place one has confirmed and how far its nomination is, or
// why a host said no.
func (v *ownView) placePart(q *request) page.Part {
	part := page.Part{ID: "place", Title: q.loc.T("application.place")}
	switch {
	case len(v.nominations) > 0:
		n := v.nominations[0]
		part.Summary.Rows = v.placeFacts(q, n.DestinationID)
		if o := v.liveOffer(); o != nil {
			part.Summary.Rows = append(part.Summary.Rows, grantFacts(q, *o)...)
		}
		part.Summary.Rows = append(part.Summary.Rows, page.Fact{Term: q.loc.T("application.nomination"), Text: q.loc.T("nomination." + n.Status)})
		if n.SentAt != nil {
			part.Summary.Rows = append(part.Summary.Rows, page.Fact{Term: q.loc.T("application.nominated_on"), When: page.MomentOf(q.loc, *n.SentAt, q.now)})
		}
		if n.ReasonCode != "" {
			part.Summary.Rows = append(part.Summary.Rows, page.Fact{Term: q.loc.T("move.ask_reason_code"), Text: q.loc.T("host_reason." + string(mobility.HostReasonOf(n.ReasonCode)))})
		}
		part.Summary.Rows = append(part.Summary.Rows, days(q, n)...)
	case v.st.State.Offer == mobility.OfferConfirmed && len(v.offers) > 0:
		part.Summary.Rows = append(v.placeFacts(q, v.offers[0].DestinationID), grantFacts(q, v.offers[0])...)
	default:
		return page.Part{}
	}
	return part
}

func days(q *request, n store.MyNominationsRow) []page.Fact {
	var rows []page.Fact
	if n.ArrivedOn != nil {
		rows = append(rows, page.Fact{Term: q.loc.T("move.ask_arrival_date"), Text: dayWords(q.loc, *n.ArrivedOn)})
	}
	if n.EndedOn != nil {
		rows = append(rows, page.Fact{Term: q.loc.T("move.ask_end_date"), Text: dayWords(q.loc, *n.EndedOn)})
	}
	return rows
}

// decisionPart is why the answer was no, in the words of who gave it, and what
// one may do about it.
func (v *ownView) decisionPart(q *request) page.Part {
	if v.st.State.Decision != mobility.DecisionNegative {
		return page.Part{}
	}
	var rows []page.Fact
	told := slices.IndexFunc(v.events, func(e store.MyEventsRow) bool {
		return e.Reason != "" && mobility.Role(e.ActorRole) != mobility.RoleApplicant
	})
	if told >= 0 {
		rows = append(rows, page.Fact{Term: q.loc.T("application.why"), Text: v.events[told].Reason})
	}
	if text := v.app.Appeal.In(q.loc.Lang()); text != "" && v.list.target == nil { // else it stands with the appeal
		rows = append(rows, page.Fact{Term: q.loc.T("call.appeal"), Text: text})
	}
	rows = append(rows, v.contactFacts(q)...)
	return page.Part{ID: "decision", Title: q.loc.T("application.decision"), Summary: page.Summary{Rows: rows}}
}

// contactFacts say where to turn.
func (v *ownView) contactFacts(q *request) []page.Fact {
	if v.app.ContactEmail == "" {
		return nil
	}
	return []page.Fact{{Term: q.loc.T("call.contact"), Text: v.app.ContactEmail, Href: "mailto:" + v.app.ContactEmail}}
}

// resultPart is the published result: points and where they come from, rank,
// and what became of each choice and why.
func (v *ownView) resultPart(q *request) page.Part {
	if v.result == nil {
		return page.Part{}
	}
	part := page.Part{ID: "result", Title: q.loc.T("application.result")}
	var b rules.Scored
	if json.Unmarshal(v.result.Breakdown, &b) == nil && len(b.Breakdown.Lines) > 0 {
		part.Bars = []page.PointsBar{page.BarOf(q.loc, q.loc.T("application.points"), q.scores(v.scheme, b.Breakdown)...)}
	}
	var rows []page.Fact
	if v.result.Rank > 0 {
		rows = append(rows, page.Fact{Term: q.loc.T("application.rank"), Text: q.loc.Number(int(v.result.Rank))})
	}
	if v.result.Given != "" {
		grant := q.loc.T("outcome.given_" + v.result.Given)
		if o := v.liveOffer(); o != nil && o.Given != v.result.Given {
			grant = q.loc.T("application.grant_was", "Grant", grant)
		}
		rows = append(rows, page.Fact{Term: q.loc.T("application.grant"), Text: grant})
	}
	if len(v.outcomes) == 0 {
		rows = append(rows, page.Fact{Term: q.loc.T("application.why"), Text: v.scheme.ownReason(q.loc, v.result.Data)})
	}
	if v.result.PublishedAt != nil {
		rows = append(rows, page.Fact{Term: q.loc.T("application.published"), When: page.MomentOf(q.loc, *v.result.PublishedAt, q.now)})
	}
	if v.result.Seed != "" {
		rows = append(rows, page.Fact{Term: q.loc.T("application.seed"), Text: v.result.Seed})
	}
	part.Summary.Rows, part.Table = rows, v.outcomeTable(q)
	return part
}

// pointsParts say how the points came about: what went in, from where, by
// which rule; then what differs at each destination.
func (v *ownView) pointsParts(q *request) []page.Part {
	var b rules.Scored
	if v.result == nil || json.Unmarshal(v.result.Breakdown, &b) != nil || len(b.Breakdown.Lines)+len(b.Breakdown.Gates) == 0 {
		return nil
	}
	table := q.breakdownTable(v.scheme, b, nil)
	table.HideCaption = true // the title says the same
	out := []page.Part{{ID: "points", Title: q.loc.T("application.how_points"), Text: q.loc.T("application.how_points_text"), Table: table}}
	for i, w := range b.Wishes {
		host := v.anywhere(w.Destination).Host
		if t := q.wishTable(v.scheme, w, host); len(t.Rows) > 0 {
			out = append(out, page.Part{ID: "points-" + strconv.Itoa(i+1), Title: q.loc.T("application.points_at", "Host", host), Table: t})
		}
	}
	return out
}

// ownReason words why a wish came out as it did, without the points of
// anybody else (design rule 13); the deciding rule is always told.
func (s scheme) ownReason(loc locale.Printer, data []byte) string {
	var r selection.Reason
	if json.Unmarshal(data, &r) != nil || r.Code == "" {
		return ""
	}
	words := []string{loc.T(r.Code, r.Data())}
	if gate := s.gateWords(loc, r.Gate); gate != "" {
		words = append(words, gate)
	}
	if r.Shared {
		words = append(words, loc.T("reason.shared"))
	}
	if r.ReserveFull {
		words = append(words, loc.T("reason.reserve_full"))
	}
	return strings.Join(words, " ")
}

func answersOf(source []byte) mobility.Answers {
	out := mobility.Answers{}
	if json.Unmarshal(source, &out) != nil {
		return mobility.Answers{}
	}
	return out
}

// submissionParts show what was submitted: the version that counts, and
// earlier ones to be unfolded.
func (v *ownView) submissionParts(q *request) []page.Part {
	var out []page.Part
	for i, sub := range v.submissions {
		part := page.Part{ID: "version-" + q.loc.Number(int(sub.Number)), Summary: page.Summary{Rows: v.submitted(q, sub)}}
		title := q.loc.T("application.version", "Number", q.loc.Number(int(sub.Number)), "When", q.both(sub.ArrivedAt, v.st.Zone))
		if i == 0 {
			part.Title, part.Text = q.loc.T("application.submitted"), title
			if !v.st.State.End() {
				part.Text += " " + q.loc.T("application.version_counts")
			}
		} else {
			part.Fold = title
		}
		if sub.Late {
			part.Text = strings.TrimSpace(part.Text + " " + q.loc.T("application.late"))
		}
		out = append(out, part)
	}
	return out
}

// submitted is one version as it was: facts copied from the university's
// records, destinations, answers, documents.
func (v *ownView) submitted(q *request, sub store.MySubmissionsRow) []page.Fact {
	rows := factsOf(q, sub.Facts, v.app.Unit.In(q.loc.Lang()))
	var hosts []string
	for i, id := range sub.Choices {
		hosts = append(hosts, q.loc.Number(i+1)+". "+placeWords(q.loc, v.anywhere(id)))
	}
	rows = append(rows, page.Fact{Term: q.loc.T("form.destinations"), Lines: hosts})
	answers := answersOf(sub.Answers)
	for _, question := range sub.Questions {
		ids := []*uuid.UUID{nil}
		if question.PerDestination {
			ids = ids[:0]
			for i := range sub.Choices {
				ids = append(ids, &sub.Choices[i])
			}
		}
		for _, at := range ids {
			rows = append(rows, v.submittedAnswer(q, sub, question, at, answers))
		}
	}
	return rows
}

func (v *ownView) submittedAnswer(q *request, sub store.MySubmissionsRow, question mobility.Question, at *uuid.UUID, answers mobility.Answers) page.Fact {
	key := documentKey(question.Key, at)
	fact := page.Fact{Term: question.Label.In(q.loc.Lang())}
	if at != nil {
		fact.Term += " (" + v.anywhere(*at).Host + ")"
	}
	if question.Kind != mobility.QuestionFile {
		fact.Text = answerWords(q, question, answers[key])
		return fact
	}
	fact.Text = q.loc.T("form.empty")
	for _, d := range v.attached {
		if d.SubmissionID == sub.ID && documentKey(d.Question, d.DestinationID) == key {
			fact.Text, fact.Href = d.FileName+" ("+sizeWords(q.loc, d.Size)+")", "/documents/"+d.ID.String()
		}
	}
	return fact
}

func factsOf(q *request, source []byte, unit string) []page.Fact {
	var f process.SubmittedFacts
	if json.Unmarshal(source, &f) != nil {
		return nil
	}
	rows := []page.Fact{{Term: q.loc.T("application.name"), Text: strings.TrimSpace(f.GivenNames + " " + f.FamilyNames)}}
	if f.Unit != "" {
		rows = append(rows, page.Fact{Term: q.loc.T("application.unit"), Text: unit})
	}
	if f.Cycle != nil {
		rows = append(rows, page.Fact{Term: q.loc.T("application.cycle"), Text: q.loc.T("cycle." + q.loc.Number(int(*f.Cycle)))})
	}
	if f.Average != nil {
		rows = append(rows, page.Fact{Term: q.loc.T("application.average"), Text: q.loc.Decimal(*f.Average)})
	}
	if f.Credits != nil {
		rows = append(rows, page.Fact{Term: q.loc.T("application.credits"), Text: q.loc.Decimal(*f.Credits)})
	}
	return rows
}
