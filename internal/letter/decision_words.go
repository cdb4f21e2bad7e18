package letter

// Decisions are told in the product's own words, message
// "letter.decision_<id>": an office may word everything around them itself.

func (l Offer) decision() string {
	switch {
	case l.Extended:
		return "offer_extended"
	case l.FromReserve:
		return "offer_from_reserve"
	}
	return "offer"
}

func (Reserve) decision() string { return "reserve" }

func (NotSelected) decision() string { return "not_selected" }

func (Ineligible) decision() string { return "ineligible" }

func (OfferWithdrawn) decision() string { return "offer_withdrawn" }

func (Refused) decision() string { return "refused" }

func (Lapsed) decision() string { return "lapsed" }

func (l Cancelled) decision() string {
	if l.ByHost {
		return "cancelled_by_host"
	}
	return "cancelled"
}

func (l AppealAnswered) decision() string {
	if l.Granted {
		return "appeal_granted"
	}
	return "appeal_refused"
}

func (l ProvisionalResult) decision() string {
	switch {
	case l.Place != nil:
		return "provisional_place"
	case len(l.Waiting) > 0:
		return "provisional_waiting"
	}
	return "provisional_none"
}
