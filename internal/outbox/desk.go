package outbox

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"peregrine/internal/letter"
	"peregrine/internal/store"
)

// Desk is where letters are written that are written together: what several
// of them need is read once for all. It shows the database as it was when
// each thing was first asked for, so it is for one round of letters and then
// cleared; and it is for one goroutine.
type Desk struct {
	*Outbox
	db   store.DBTX
	refs []Ref

	offices     shelf[pair, store.LetterOfficesRow] // institution, call
	readers     shelf[pair, store.LetterReadersRow] // institution, person
	files       shelf[uuid.UUID, store.LetterFilesRow]
	events      shelf[uuid.UUID, store.LetterEventsRow]
	submissions shelf[uuid.UUID, store.LetterSubmissionsRow]
	chosen      shelf[uuid.UUID, []store.LetterChoicesRow]     // by submission
	lastChosen  shelf[uuid.UUID, []store.LetterLastChoicesRow] // by application
	places      shelf[uuid.UUID, store.LetterPlacesRow]
	deadlines   shelf[uuid.UUID, store.LetterDeadlinesRow]
	inForce     shelf[uuid.UUID, []store.LetterDeadlinesInForceRow] // by application
	rankings    shelf[uuid.UUID, store.LetterRankingsRow]           // the published one by round
	entries     shelf[pair, store.LetterEntriesRow]                 // ranking, application
	outcomes    shelf[pair, []store.LetterOutcomesRow]              // ranking, application
	offers      shelf[uuid.UUID, store.LetterOffersRow]
	sources     shelf[uuid.UUID, store.LetterSourcesRow] // by letter
	wordings    shelf[worded, store.LetterWordingsRow]
	earlier     shelf[pair, store.EarlierEntriesRow]           // ranking, application
	liveRanks   shelf[uuid.UUID, []store.LiveRanksRow]         // by application
	nominateBy  shelf[uuid.UUID, store.NominationDeadlinesRow] // by destination
}

// pair is a key of two ids.
type pair struct{ a, b uuid.UUID }

// worded names an institution's own wording.
type worded struct {
	institution    uuid.UUID
	kind, language string
}

// Desk returns a desk for these letters.
func (o *Outbox) Desk(db store.DBTX, refs ...Ref) *Desk {
	d := &Desk{Outbox: o, db: db, refs: refs}
	d.layEvery()
	d.layResults()
	d.layWords()
	return d
}

// Render writes a letter as it may be shown: without personal link or code.
func (d *Desk) Render(ctx context.Context, ref Ref) (letter.Text, Address, error) {
	if ref.Kind == letter.KindSample {
		return d.sample(ctx, ref)
	}
	l, to, err := d.load(ctx, ref, nil)
	if err != nil {
		return letter.Text{}, to, err
	}
	text, err := d.compose(ctx, ref, letter.Stored(l))
	return text, to, err
}

func (d *Desk) load(ctx context.Context, ref Ref, hosts HostPath) (letter.Letter, Address, error) {
	fill, ok := fillers[ref.Kind]
	if !ok {
		return nil, Address{}, fmt.Errorf("nobody knows how to fill a letter of kind %q", ref.Kind)
	}
	l, err := d.begin(ctx, ref, hosts)
	if err != nil {
		return nil, Address{}, err
	}
	filled, err := fill(ctx, l)
	if err != nil {
		return nil, Address{}, fmt.Errorf("letter %s: %w", ref.Kind, err)
	}
	return filled, l.to, nil
}

func (d *Desk) compose(ctx context.Context, ref Ref, l letter.Letter) (letter.Text, error) {
	src, err := d.source(ctx, ref)
	if err != nil {
		return letter.Text{}, fmt.Errorf("letter %s: %w", ref.Kind, err)
	}
	return letter.ComposeWith(d.Catalogue, ref.Language, l, src)
}

// begin lays out one letter.
func (d *Desk) begin(ctx context.Context, ref Ref, hosts HostPath) (*loader, error) {
	l := &loader{Desk: d, ref: ref, hosts: hosts}
	if err := l.begin(ctx); err != nil {
		return nil, fmt.Errorf("letter %s: %w", ref.Kind, err)
	}
	return l, nil
}

// of collects a key of each letter on the desk that has one.
func of[K comparable](d *Desk, key func(r Ref) (K, bool)) []K {
	return ofKind(d, "", key)
}

// ofKind is of for the letters of one kind.
func ofKind[K comparable](d *Desk, kind string, key func(r Ref) (K, bool)) []K {
	var out []K
	for _, r := range d.refs {
		if k, ok := key(r); ok && (kind == "" || kind == r.Kind) {
			out = append(out, k)
		}
	}
	return out
}

func value(id *uuid.UUID) (uuid.UUID, bool) {
	if id == nil {
		return uuid.Nil, false
	}
	return *id, true
}

func split(keys []pair) (as, bs []uuid.UUID) {
	for _, k := range keys {
		as, bs = append(as, k.a), append(bs, k.b)
	}
	return as, bs
}

// The keys of a letter.
func (r Ref) application() (uuid.UUID, bool) { return value(r.Application) }
func (r Ref) event() (uuid.UUID, bool)       { return value(r.Event) }
func (r Ref) submission() (uuid.UUID, bool)  { return value(r.Data.Submission) }
func (r Ref) offer() (uuid.UUID, bool)       { return value(r.Data.Offer) }
func (r Ref) destination() (uuid.UUID, bool) { return value(r.Data.Destination) }
func (r Ref) deadline() (uuid.UUID, bool)    { return value(r.Data.Deadline) }
func (r Ref) confirmBy() (uuid.UUID, bool)   { return value(r.Data.ConfirmBy) }
func (r Ref) row() (uuid.UUID, bool)         { return r.Letter, r.Letter != uuid.Nil }
func (r Ref) wording() (worded, bool)        { return worded{r.Institution, r.Kind, r.Language}, true }

func (r Ref) office() (pair, bool) {
	call, _ := value(r.Call)
	return pair{r.Institution, call}, true
}

func (r Ref) reader() (pair, bool) {
	person, ok := value(r.Person)
	return pair{r.Institution, person}, ok
}

// layEvery says how what every letter has is read.
func (d *Desk) layEvery() {
	d.offices.ahead = func(string) []pair { return of(d, Ref.office) }
	d.offices.read = one(d.db, func(ctx context.Context, db store.DBTX, keys []pair) ([]store.LetterOfficesRow, error) {
		institutions, calls := split(keys)
		return queries.LetterOffices(ctx, db, store.LetterOfficesParams{Institutions: institutions, Calls: calls})
	}, func(row store.LetterOfficesRow) pair { return pair{row.ID, row.CallID} })
	d.readers.ahead = func(string) []pair { return of(d, Ref.reader) }
	d.readers.read = one(d.db, func(ctx context.Context, db store.DBTX, keys []pair) ([]store.LetterReadersRow, error) {
		institutions, persons := split(keys)
		return queries.LetterReaders(ctx, db, store.LetterReadersParams{Institutions: institutions, Persons: persons})
	}, func(row store.LetterReadersRow) pair { return pair{row.InstitutionID, row.ID} })
	d.files.ahead = func(string) []uuid.UUID { return of(d, Ref.application) }
	d.files.read = one(d.db, queries.LetterFiles, func(row store.LetterFilesRow) uuid.UUID { return row.ID })
	d.events.ahead = func(string) []uuid.UUID { return of(d, Ref.event) }
	d.events.read = one(d.db, queries.LetterEvents, func(row store.LetterEventsRow) uuid.UUID { return row.ID })
	d.deadlines.ahead = func(string) []uuid.UUID { return append(of(d, Ref.deadline), of(d, Ref.confirmBy)...) }
	d.deadlines.read = one(d.db, queries.LetterDeadlines, func(row store.LetterDeadlinesRow) uuid.UUID { return row.ID })
	d.inForce.ahead = func(kind string) []uuid.UUID { return ofKind(d, kind, Ref.application) }
	d.inForce.read = several(d.db, queries.LetterDeadlinesInForce, func(row store.LetterDeadlinesInForceRow) uuid.UUID { return row.ApplicationID })
}

// layResults says how what was applied for and what became of it is read.
func (d *Desk) layResults() {
	d.submissions.ahead = func(string) []uuid.UUID { return of(d, Ref.submission) }
	d.submissions.read = one(d.db, queries.LetterSubmissions, func(row store.LetterSubmissionsRow) uuid.UUID { return row.ID })
	d.chosen.ahead = d.submissions.ahead
	d.chosen.read = several(d.db, queries.LetterChoices, func(row store.LetterChoicesRow) uuid.UUID { return row.SubmissionID })
	d.lastChosen.ahead = d.inForce.ahead
	d.lastChosen.read = several(d.db, queries.LetterLastChoices, func(row store.LetterLastChoicesRow) uuid.UUID { return row.ApplicationID })
	d.places.ahead = func(string) []uuid.UUID { return d.destinations() }
	d.places.read = one(d.db, queries.LetterPlaces, func(row store.LetterPlacesRow) uuid.UUID { return row.ID })
	d.offers.ahead = func(string) []uuid.UUID { return of(d, Ref.offer) }
	d.offers.read = one(d.db, queries.LetterOffers, func(row store.LetterOffersRow) uuid.UUID { return row.ID })
	d.nominateBy.ahead = d.places.ahead
	d.nominateBy.read = one(d.db, queries.NominationDeadlines, func(row store.NominationDeadlinesRow) uuid.UUID { return row.DestinationID })
	d.liveRanks.ahead = d.inForce.ahead
	d.liveRanks.read = several(d.db, queries.LiveRanks, func(row store.LiveRanksRow) uuid.UUID { return row.ApplicationID })
	d.rankings.ahead = func(string) []uuid.UUID { return nil }
	d.rankings.read = one(d.db, queries.LetterRankings, func(row store.LetterRankingsRow) uuid.UUID { return row.RoundID })
	d.entries.ahead = d.decided
	d.entries.read = one(d.db, func(ctx context.Context, db store.DBTX, keys []pair) ([]store.LetterEntriesRow, error) {
		rankings, applications := split(keys)
		return queries.LetterEntries(ctx, db, store.LetterEntriesParams{Rankings: rankings, Applications: applications})
	}, func(row store.LetterEntriesRow) pair { return pair{row.RankingID, row.ApplicationID} })
	d.earlier.ahead = d.decided
	d.earlier.read = one(d.db, func(ctx context.Context, db store.DBTX, keys []pair) ([]store.EarlierEntriesRow, error) {
		rankings, applications := split(keys)
		return queries.EarlierEntries(ctx, db, store.EarlierEntriesParams{Rankings: rankings, Applications: applications})
	}, func(row store.EarlierEntriesRow) pair { return pair{row.RankingID, row.ApplicationID} })
	d.outcomes.ahead = d.decided
	d.outcomes.read = several(d.db, func(ctx context.Context, db store.DBTX, keys []pair) ([]store.LetterOutcomesRow, error) {
		rankings, applications := split(keys)
		return queries.LetterOutcomes(ctx, db, store.LetterOutcomesParams{Rankings: rankings, Applications: applications})
	}, func(row store.LetterOutcomesRow) pair { return pair{row.RankingID, row.ApplicationID} })
}

// decided are the results that letters of a kind tell, as far as is known
// without asking which ranking was published.
func (d *Desk) decided(kind string) []pair {
	return ofKind(d, kind, func(r Ref) (pair, bool) {
		application, ok := value(r.Application)
		ranking, named := value(r.Data.Ranking)
		if file, known := d.files.rows[application]; !named && known {
			row, published := d.rankings.rows[file.RoundID]
			ranking, named = row.ID, published
		}
		return pair{ranking, application}, ok && named
	})
}

// destinations are those that the letters name, as far as is known.
func (d *Desk) destinations() []uuid.UUID {
	out := of(d, Ref.destination)
	for _, rows := range d.chosen.rows {
		for _, row := range rows {
			out = append(out, row.DestinationID)
		}
	}
	for _, rows := range d.outcomes.rows {
		for _, row := range rows {
			out = append(out, row.DestinationID)
		}
	}
	return out
}

// layWords says how whose words a letter goes by is read.
func (d *Desk) layWords() {
	d.sources.ahead = func(string) []uuid.UUID { return of(d, Ref.row) }
	d.sources.read = one(d.db, queries.LetterSources, func(row store.LetterSourcesRow) uuid.UUID { return row.LetterID })
	d.wordings.ahead = func(string) []worded { return of(d, Ref.wording) }
	d.wordings.read = one(d.db, func(ctx context.Context, db store.DBTX, keys []worded) ([]store.LetterWordingsRow, error) {
		var arg store.LetterWordingsParams
		for _, k := range keys {
			arg.Institutions, arg.Kinds, arg.Languages = append(arg.Institutions, k.institution), append(arg.Kinds, k.kind), append(arg.Languages, k.language)
		}
		return queries.LetterWordings(ctx, db, arg)
	}, func(row store.LetterWordingsRow) worded { return worded{row.InstitutionID, row.Kind, row.Language} })
}
