package bounce

import "strings"

// standard reads the machine's part of a report after RFC 3464: groups of
// fields with empty lines between, the first about the message, each other
// about one recipient.
func (m message) standard() Report {
	var r Report
	for _, p := range m.all() {
		if p.kind != "message/delivery-status" && p.kind != "message/global-delivery-status" {
			continue
		}
		reporting := ""
		for _, group := range groups(p.text()) {
			if r.Recipients == nil && group.first("reporting-mta") != "" {
				reporting = typed(group.first("reporting-mta"))
			}
			if one, ok := recipientOf(group, reporting); ok {
				r.Recipients = append(r.Recipients, one)
			}
		}
	}
	return r
}

func groups(text string) []header {
	var out []header
	rest := []byte(text)
	for len(rest) > 0 {
		before := len(rest)
		var h header
		if h, rest = split(rest); len(h) > 0 {
			out = append(out, h)
		}
		if len(rest) == before { // a line that is no field
			_, after, found := strings.Cut(string(rest), "\n")
			if !found {
				break
			}
			rest = []byte(after)
		}
	}
	return out
}

func recipientOf(h header, reporting string) (Recipient, bool) {
	r := Recipient{Diagnostic: oneLine(typed(h.first("diagnostic-code"))), MTA: typed(h.first("remote-mta"))}
	for _, name := range []string{"original-recipient", "final-recipient", "x-actual-recipient"} {
		if a := addressOf(h.first(name)); a != "" && !contains(r.Addresses, a) {
			r.Addresses = append(r.Addresses, a)
		}
	}
	action, _, _ := strings.Cut(strings.ToLower(h.first("action")), " ")
	if len(r.Addresses) == 0 || action == "" && h.first("status") == "" {
		return Recipient{}, false
	}
	if r.MTA == "" {
		r.MTA = reporting
	}
	r.MTA = oneLine(r.MTA)
	r.Status = statusOf(h.first("status"), r.Diagnostic)
	r.Kind = kindOf(action, r.Status)
	return r, true
}

func kindOf(action, status string) Kind {
	switch strings.TrimSpace(action) {
	case "failed":
		return Failure
	case "delayed":
		return Delay
	case "delivered", "relayed", "expanded":
		return Delivered
	}
	switch { // no action, or one nobody defined
	case strings.HasPrefix(status, "5"):
		return Failure
	case strings.HasPrefix(status, "4"):
		return Delay
	}
	return Delivered
}

// typed drops the type before the semicolon: "dns; mx.example.org".
func typed(field string) string {
	kind, value, ok := strings.Cut(field, ";")
	if !ok || strings.ContainsAny(strings.TrimSpace(kind), " @.") {
		return strings.TrimSpace(field)
	}
	return strings.TrimSpace(value)
}
