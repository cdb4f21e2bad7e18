package lifecycle

import "peregrine/internal/mobility"

// ConsequenceKind is what has to be done when a move is made.
type ConsequenceKind string

// The kinds of consequence, in the order they are carried out: what ends
// comes before what begins, so that no moment holds two.
const (
	EndNomination    ConsequenceKind = "end_nomination" // With: the ending
	EndOffer         ConsequenceKind = "end_offer"      // With: the ending
	FreePlace        ConsequenceKind = "free_place"     // With: by_rule or to_office
	Apply            ConsequenceKind = "apply"          // With: the effect
	TakePlace        ConsequenceKind = "take_place"
	MakeOffer        ConsequenceKind = "make_offer"
	ConfirmOffer     ConsequenceKind = "confirm_offer"
	ReopenOffer      ConsequenceKind = "reopen_offer" // a confirmed offer is open again
	MakeNomination   ConsequenceKind = "make_nomination"
	AcceptNomination ConsequenceKind = "accept_nomination"
	ReopenNomination ConsequenceKind = "reopen_nomination" // an accepted nomination waits for the host again
	SendLetter       ConsequenceKind = "send_letter"       // With: the letter kind
)

// Consequence is one thing to do when a move is made.
type Consequence struct {
	Kind ConsequenceKind
	With string
}

// consequences derives what follows from the properties of the two states,
// and adds what the move declares.
func consequences(m *MoveDef, from, to mobility.Properties) []Consequence {
	var out []Consequence
	add := func(kind ConsequenceKind, with string) { out = append(out, Consequence{kind, with}) }
	if m.EndsNomination != "" {
		add(EndNomination, string(m.EndsNomination))
		from.Nomination = mobility.NominationNone
	}
	if m.EndsOffer != "" {
		add(EndOffer, string(m.EndsOffer))
		from.Offer = mobility.OfferNone
		if from.HoldsPlace {
			add(FreePlace, string(m.FreedPlace))
			from.HoldsPlace = false
		}
	}
	if from.HoldsPlace && !to.HoldsPlace {
		add(FreePlace, string(m.FreedPlace))
	}
	for _, e := range m.Effects {
		add(Apply, string(e))
	}
	if !from.HoldsPlace && to.HoldsPlace {
		add(TakePlace, "")
	}
	for _, kind := range offerSteps(from.Offer, to.Offer) {
		add(kind, "")
	}
	for _, kind := range nominationSteps(from.Nomination, to.Nomination) {
		add(kind, "")
	}
	for _, l := range m.Letters {
		add(SendLetter, l)
	}
	return out
}

func offerSteps(from, to mobility.OfferProperty) []ConsequenceKind {
	switch {
	case from == to || to == mobility.OfferNone:
		return nil
	case from == mobility.OfferNone && to == mobility.OfferOpen:
		return []ConsequenceKind{MakeOffer}
	case from == mobility.OfferNone:
		return []ConsequenceKind{MakeOffer, ConfirmOffer}
	case to == mobility.OfferOpen:
		return []ConsequenceKind{ReopenOffer}
	}
	return []ConsequenceKind{ConfirmOffer}
}

func nominationSteps(from, to mobility.NominationProperty) []ConsequenceKind {
	switch {
	case from == to || to == mobility.NominationNone:
		return nil
	case from == mobility.NominationNone && to == mobility.NominationLive:
		return []ConsequenceKind{MakeNomination}
	case from == mobility.NominationNone:
		return []ConsequenceKind{MakeNomination, AcceptNomination}
	case to == mobility.NominationLive:
		return []ConsequenceKind{ReopenNomination}
	}
	return []ConsequenceKind{AcceptNomination}
}
