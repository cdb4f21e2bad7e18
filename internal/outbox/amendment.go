package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"peregrine/internal/letter"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

func rulesAmended(ctx context.Context, l *loader) (letter.Letter, error) {
	if l.ref.Data.Amendment == nil {
		return nil, errors.New("a letter about an amendment that names none")
	}
	row, err := queries.AmendmentByID(ctx, l.db, *l.ref.Data.Amendment)
	if err != nil {
		return nil, store.Translate(err, "amendment")
	}
	changes, err := RuleChanges(l.p, row.Changes)
	return letter.RulesAmended{Frame: l.frame, File: l.about(), Changes: changes, Reason: letter.Prose(row.Reason)}, err
}

// RuleChanges words what an amendment changes, as its history keeps it.
func RuleChanges(p locale.Printer, data []byte) ([]string, error) {
	var changes []ruleChange
	if err := json.Unmarshal(data, &changes); err != nil {
		return nil, fmt.Errorf("read what changed: %w", err)
	}
	out := make([]string, len(changes))
	for i, c := range changes {
		out[i] = c.words(p)
	}
	return out, nil
}

// ruleChange is one change as process writes it down: codes, numbers, labels.
type ruleChange struct {
	What, Kind, Key, From, To string
	Label                     mobility.Texts
}

func (c ruleChange) name(p locale.Printer) string {
	if label := c.Label.In(p.Lang()); label != "" {
		return label
	}
	return c.Key
}

// words says what changed and how: "the method: from this to that".
func (c ruleChange) words(p locale.Printer) string {
	switch c.What {
	case "input", "criterion", "gate", "scale", "total", "classes", "ties":
		text := p.T("amended.part_"+c.What, "Name", c.name(p)) + ": " + p.T("amended.kind_"+c.Kind)
		if c.From != "" {
			text += " " + p.T("amended.renamed", "From", c.From)
		}
		return text
	}
	code := "amended." + c.What
	if c.Kind != "rule" {
		return p.T(code+"_"+c.Kind, "Name", c.name(p), "From", c.From, "To", c.To)
	}
	return p.T(code, "Name", c.name(p), "From", ruleValue(p, c.What, c.From), "To", ruleValue(p, c.What, c.To))
}

// ruleValue writes a code as its reader knows it.
func ruleValue(p locale.Printer, what, code string) string {
	switch what {
	case "method":
		return p.T("ranking.method_" + code)
	case "equal":
		return p.T("rule." + code)
	case "upgrades", "reserve":
		return p.T("amended." + what + "_" + code)
	case "reserve_second":
		return p.T("amended.second_" + code)
	case "max_languages":
		if code == "0" {
			return p.T("amended.no_limit")
		}
	case "reserve_limit":
		if code == "" {
			return p.T("amended.no_limit")
		}
	}
	return code
}
