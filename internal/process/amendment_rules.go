package process

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/scheme"
)

// withoutPools is what rules say, whatever counts it.
func withoutPools(r mobility.SelectionRules) mobility.SelectionRules {
	r.Quotas, r.Partners, r.Grants = slices.Clone(r.Quotas), slices.Clone(r.Partners), slices.Clone(r.Grants)
	for i := range r.Quotas {
		r.Quotas[i].Pool = uuid.Nil
	}
	for i := range r.Partners {
		r.Partners[i].Pool = uuid.Nil
	}
	for i := range r.Grants {
		r.Grants[i].Pool = uuid.Nil
	}
	return r
}

func sameRules(a, b mobility.SelectionRules) bool { return sameText(withoutPools(a), withoutPools(b)) }

// sameText compares by what would be written down.
func sameText(a, b any) bool {
	x, err := json.Marshal(a)
	if err != nil {
		panic(err) // words and numbers alone are in it
	}
	y, err := json.Marshal(b)
	if err != nil {
		panic(err)
	}
	return string(x) == string(y)
}

// keepPools lets a rule that counts the same as one before go on with that
// one's pool, whatever its places or its name are now. pools are those of the
// new rules: quotas, partners, grants, in order.
func keepPools(now *mobility.SelectionRules, was mobility.SelectionRules, pools []callPool) map[uuid.UUID]bool {
	kept := map[uuid.UUID]bool{}
	at := 0
	take := func(own *uuid.UUID, old uuid.UUID, same bool) bool {
		if same = same && old != uuid.Nil && !kept[old]; same {
			kept[old], *own, pools[at].id = true, old, old
		}
		return same
	}
	for i := range now.Quotas {
		for _, o := range was.Quotas {
			a, b := now.Quotas[i], o
			a.Pool, a.Label, a.Places, b.Pool, b.Label, b.Places = uuid.Nil, nil, 0, uuid.Nil, nil, 0
			if take(&now.Quotas[i].Pool, o.Pool, sameText(a, b)) {
				break
			}
		}
		at++
	}
	for i := range now.Partners {
		for _, o := range was.Partners {
			if take(&now.Partners[i].Pool, o.Pool, now.Partners[i].Host == o.Host) {
				break
			}
		}
		at++
	}
	for i := range now.Grants {
		for _, o := range was.Grants {
			if take(&now.Grants[i].Pool, o.Pool, now.Grants[i].When == o.When && sameText(now.Grants[i].Label, o.Label)) {
				break
			}
		}
		at++
	}
	return kept
}

// poolsOfRules lists the pools that rules count by.
func poolsOfRules(r mobility.SelectionRules) []uuid.UUID {
	var out []uuid.UUID
	for _, q := range r.Quotas {
		out = append(out, q.Pool)
	}
	for _, p := range r.Partners {
		out = append(out, p.Pool)
	}
	for _, g := range r.Grants {
		out = append(out, g.Pool)
	}
	return out
}

// schemeChanges lists what is different between two schemes; older has its
// criteria under the keys that the mapping gives them.
func schemeChanges(older, newer *scheme.Scheme, mapping map[string]string) []RuleChange {
	var out []RuleChange
	renamed := map[string]string{}
	for from, to := range mapping {
		if from != to {
			renamed[to] = from
		}
	}
	for _, c := range scheme.Diff(older, newer) {
		from := ""
		if c.Part == scheme.PartCriterion {
			from = renamed[c.Key]
		}
		if c.Kind == scheme.Unchanged && from == "" {
			continue
		}
		one := RuleChange{What: string(c.Part), Kind: string(c.Kind), Key: c.Key, From: from}
		for _, s := range []*scheme.Scheme{older, newer} {
			if label := partLabel(s, c); len(label) > 0 {
				one.Label = label
			}
		}
		out = append(out, one)
	}
	return out
}

func partLabel(s *scheme.Scheme, c scheme.Change) mobility.Texts {
	switch c.Part {
	case scheme.PartInput:
		in, _ := s.Input(c.Key)
		return in.Label
	case scheme.PartCriterion:
		k, _ := s.Criterion(c.Key)
		return k.Label
	case scheme.PartGate:
		g, _ := s.Gate(c.Key)
		return g.Label
	case scheme.PartScale, scheme.PartTotal, scheme.PartClasses, scheme.PartTies:
	}
	return nil
}

// rulesChanges lists what is different between two sets of rules.
func rulesChanges(was, now mobility.SelectionRules) []RuleChange {
	var l changeList
	l.code("method", was.Method, now.Method)
	l.code("equal", was.Ties, now.Ties)
	l.code("upgrades", was.Upgrades, now.Upgrades)
	l.code("reserve", was.Reserve.Per, now.Reserve.Per)
	l.code("reserve_limit", limitCode(was.Reserve.Limit), limitCode(now.Reserve.Limit))
	l.code("reserve_second", strconv.FormatBool(was.Reserve.SecondClass), strconv.FormatBool(now.Reserve.SecondClass))
	l.code("minimum_destination", strconv.Itoa(was.Minimum.Destination), strconv.Itoa(now.Minimum.Destination))
	l.code("minimum_overall", strconv.Itoa(was.Minimum.Overall), strconv.Itoa(now.Minimum.Overall))
	share := func(s mobility.ShareRule) counted { return counted{s.Label, s.Label.In("en"), s.Percent, s.When} }
	l.list("share", "share_when", each(was.Shares, share), each(now.Shares, share))
	if a, b := keys(was.Shares), keys(now.Shares); !slices.Equal(a, b) && slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))) {
		l = append(l, RuleChange{What: "shares_order", Kind: string(scheme.ChangedRule)})
	}
	quota := func(q mobility.QuotaRule) counted {
		return counted{q.Label, q.Label.In("en"), q.Places, fmt.Sprint(q.Unit, q.Cycle, q.Field, q.When, q.Term, q.Language, q.Hosts)}
	}
	l.list("quota", "quota_of", each(was.Quotas, quota), each(now.Quotas, quota))
	partner := func(p mobility.PartnerRule) counted { return counted{nil, p.Host, p.Places, ""} }
	l.list("partner", "", each(was.Partners, partner), each(now.Partners, partner))
	grant := func(g mobility.GrantRule) counted { return counted{g.Label, g.Label.In("en"), g.Places, g.When} }
	l.list("grant", "grant_when", each(was.Grants, grant), each(now.Grants, grant))
	return l
}

func keys(shares []mobility.ShareRule) []string {
	out := make([]string, len(shares))
	for i, s := range shares {
		out[i] = s.Label.In("en")
	}
	return out
}

func limitCode(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

func each[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, x := range in {
		out[i] = f(x)
	}
	return out
}

// counted is a rule of a list: so many of something.
type counted struct {
	label mobility.Texts
	key   string
	n     int
	of    string
}

type changeList []RuleChange

func (l *changeList) code(what, from, to string) {
	if from != to {
		*l = append(*l, RuleChange{What: what, Kind: string(scheme.ChangedRule), From: from, To: to})
	}
}

// list compares rules by their keys: new ones, other numbers, other
// conditions (named by ofWhat), and those that are gone.
func (l *changeList) list(what, ofWhat string, was, now []counted) {
	find := func(in []counted, key string) *counted {
		if i := slices.IndexFunc(in, func(c counted) bool { return c.key == key }); i >= 0 {
			return &in[i]
		}
		return nil
	}
	for _, c := range now {
		old := find(was, c.key)
		if old == nil {
			*l = append(*l, RuleChange{What: what, Kind: string(scheme.New), Key: c.key, Label: c.label, To: strconv.Itoa(c.n)})
			continue
		}
		if old.n != c.n {
			*l = append(*l, RuleChange{What: what, Kind: string(scheme.ChangedRule), Key: c.key, Label: c.label, From: strconv.Itoa(old.n), To: strconv.Itoa(c.n)})
		}
		if old.of != c.of {
			*l = append(*l, RuleChange{What: ofWhat, Kind: string(scheme.ChangedRule), Key: c.key, Label: c.label})
		}
	}
	for _, c := range was {
		if find(now, c.key) == nil {
			*l = append(*l, RuleChange{What: what, Kind: string(scheme.Gone), Key: c.key, Label: c.label, From: strconv.Itoa(c.n)})
		}
	}
}
