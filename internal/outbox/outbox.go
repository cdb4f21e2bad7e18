package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/letter"
	"peregrine/internal/locale"
	"peregrine/internal/store"
)

// queries is stateless: every call names what it runs on.
var queries = store.New()

// Settings are what letters of this deployment have in common.
type Settings struct {
	BaseURL   string // "https://peregrine.example.org", without a trailing slash
	Catalogue *locale.Catalogue
	Email     string // signs for an office that gave no address of its own
}

// Outbox writes letters. It is safe for use by many goroutines.
type Outbox struct {
	Settings
	figures     sync.Map // ranking → figures by destination: a computed ranking never changes
	definitions sync.Map // id → lifecycle: a loaded version never changes
	wordings    sync.Map // id → how an institution words a letter: a version never changes
	schemes     sync.Map // id → scheme: a version never changes
}

// New returns an Outbox.
func New(s Settings) *Outbox { return &Outbox{Settings: s} }

// Ref says which letter: one that is planned, or one made up for a preview.
type Ref struct {
	Letter      uuid.UUID // zero for a preview
	Kind        string    // one of letter.Kinds
	Language    string
	Recipient   string // applicant, person, office, host, old_address, registrant
	Institution uuid.UUID
	Person      *uuid.UUID
	Application *uuid.UUID
	Call        *uuid.UUID
	Event       *uuid.UUID
	Data        Data
	Edit        string    // of a preview: what somebody wrote by hand for this one letter; else "", found by Letter
	At          time.Time // business time it was planned at; of a preview, now
}

// Data is what a letter's row keeps beside its subject: ids, codes, numbers.
// Each kind uses its own few.
type Data struct {
	Ranking          *uuid.UUID `json:"ranking,omitempty"`
	Outcome          string     `json:"outcome,omitempty"`
	Offer            *uuid.UUID `json:"offer,omitempty"`
	Destination      *uuid.UUID `json:"destination,omitempty"`
	ConfirmBy        *uuid.UUID `json:"confirm_by,omitempty"`
	Promoted         *bool      `json:"promoted,omitempty"`
	From             *uuid.UUID `json:"from,omitempty"` // the destination that a better offer takes the place of
	Submission       *uuid.UUID `json:"submission,omitempty"`
	Nomination       *uuid.UUID `json:"nomination,omitempty"`
	NominationBecame string     `json:"nomination_became,omitempty"`
	ReasonCode       string     `json:"reason_code,omitempty"`
	ArrivedOn        string     `json:"arrived_on,omitempty"`
	HostLink         *uuid.UUID `json:"host_link,omitempty"`
	Deadline         *uuid.UUID `json:"deadline,omitempty"`
	Due              *time.Time `json:"due,omitempty"`   // of a reminder: when it should go
	Moved            bool       `json:"moved,omitempty"` // its deadline was moved after that
	After            bool       `json:"after,omitempty"` // it comes after its deadline
	OldAddress       *uuid.UUID `json:"old_address,omitempty"`
	Registration     *uuid.UUID `json:"registration,omitempty"`
	Change           *uuid.UUID `json:"change,omitempty"`
	Concern          string     `json:"concern,omitempty"`
	Position         int        `json:"position,omitempty"`
	Appeal           *uuid.UUID `json:"appeal,omitempty"`
	Amendment        *uuid.UUID `json:"amendment,omitempty"`
	Announcement     *uuid.UUID `json:"announcement,omitempty"`
	Sample           string     `json:"sample,omitempty"`    // the kind a sample is of
	SampleOf         *uuid.UUID `json:"sample_of,omitempty"` // its ranking
	DeadlineChange   *uuid.UUID `json:"deadline_change,omitempty"`
	LateLink         *uuid.UUID `json:"late_link,omitempty"`
}

// RefOf reads the row of a planned letter.
func RefOf(row store.LettersToSendRow) (Ref, error) {
	ref := Ref{
		Letter: row.ID, Kind: row.Kind, Language: row.Language, Recipient: row.Recipient, Institution: row.InstitutionID,
		Person: row.PersonID, Application: row.ApplicationID, Call: row.CallID, Event: row.EventID, At: row.PlannedAt,
	}
	if err := json.Unmarshal(row.Data, &ref.Data); err != nil {
		return Ref{}, fmt.Errorf("read the letter's data: %w", err)
	}
	return ref, nil
}

// Address is whom a letter goes to, and where an answer goes.
type Address struct {
	Name    string // "" for a mailbox without a person
	Email   string
	From    string // the institution that writes, by name
	ReplyTo string // its office
}

// HostPath makes the path of the page a host's personal link leads to. The
// sending job makes a new secret each time; nil leaves the link out.
type HostPath func(ctx context.Context, link uuid.UUID) (string, error)

// Pointless is the error of a letter that has lost its point since it was
// planned. Reason is a code worded by "letter.skipped_<reason>".
type Pointless struct{ Reason string }

func (p Pointless) Error() string { return "the letter has lost its point: " + p.Reason }

// Load fills the letter and says where it goes. Errors: Pointless; not found
// if what it is about cannot be seen; anything else is internal.
func (o *Outbox) Load(ctx context.Context, db store.DBTX, ref Ref, hosts HostPath) (letter.Letter, Address, error) {
	return o.Desk(db, ref).load(ctx, ref, hosts)
}

// Compose writes a filled letter in the language of ref: by the words written
// by hand for it, else by the institution's own, else by the built-in ones.
func (o *Outbox) Compose(ctx context.Context, db store.DBTX, ref Ref, l letter.Letter) (letter.Text, error) {
	return o.Desk(db, ref).compose(ctx, ref, l)
}

// Render is the Desk's, for one letter.
func (o *Outbox) Render(ctx context.Context, db store.DBTX, ref Ref) (letter.Text, Address, error) {
	return o.Desk(db, ref).Render(ctx, ref)
}

// filler fills one kind of letter.
type filler func(ctx context.Context, l *loader) (letter.Letter, error)

// fillers has one for each kind that is planned as a row. Sign-in letters and
// host codes have no row: SignIn and HostCode fill them.
var fillers = map[string]filler{
	letter.KindReceipt: receipt, letter.KindWithdrawn: withdrawn, letter.KindReturned: returned,
	letter.KindIneligible: ineligible, letter.KindReopened: reopened, letter.KindCorrection: correction,
	letter.KindDestinationDropped: destinationDropped, letter.KindDestinationChanged: destinationChanged, letter.KindDestinationAdded: destinationAdded,
	letter.KindRulesAmended:      rulesAmended,
	letter.KindAnnouncement:      announcement,
	letter.KindProvisionalResult: provisionalResult, letter.KindAppealReceived: appealReceived, letter.KindAppealAnswered: appealAnswered, letter.KindAppealAssigned: appealAssigned,
	letter.KindOffer: offer, letter.KindReserve: reserve, letter.KindNotSelected: notSelected,
	letter.KindConfirmed: confirmed, letter.KindDeclined: declined, letter.KindLapsed: lapsed, letter.KindOfferWithdrawn: offerWithdrawn, letter.KindGrantAwarded: grantAwarded,
	letter.KindNominated: nominated, letter.KindHostNominations: hostNominations, letter.KindHostCancelled: hostCancelled,
	letter.KindAccepted: accepted, letter.KindAcceptedOffice: acceptedOffice, letter.KindRefusedOffice: refusedOffice,
	letter.KindRefused: refused, letter.KindToPlace: toPlace, letter.KindCancelled: cancelled,
	letter.KindEnrolled: enrolled, letter.KindCompleted: completed, letter.KindAddressChanged: addressChanged,
	letter.KindRegistered: registered, letter.KindRegistrationRefused: registrationRefused,
	letter.KindDeadlineMoved: deadlineMoved, letter.KindLateLink: lateLink, letter.KindRemindDocuments: remindDocuments,
	letter.KindRemindDraft: remindDraft, letter.KindRemindComplete: remindComplete, letter.KindRemindConfirm: remindConfirm,
	letter.KindRemindNominate: remindNominate, letter.KindRemindHost: remindHost, letter.KindRemindCoordinator: remindCoordinator,
	letter.KindDigest: digest,
}
