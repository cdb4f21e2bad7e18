package outbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/letter"
	"peregrine/internal/lifecycle"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// loader is one letter being filled.
type loader struct {
	*Desk
	ref   Ref
	hosts HostPath

	to     Address
	frame  letter.Frame
	p      locale.Printer // the letter's language, the reader's zone
	office store.LetterOfficesRow
	file   store.LetterFilesRow  // of letters about an application
	zone   *time.Location        // of its call
	event  store.LetterEventsRow // of letters about an event
	host   store.HostLinkToSendRow
}

// begin reads what every letter has: who signs, who reads, what it is about.
func (l *loader) begin(ctx context.Context) error {
	key, _ := l.ref.office()
	var err error
	if l.office, err = l.offices.get(ctx, l.ref.Kind, key); err != nil {
		return store.Translate(err, "institution")
	}
	if l.ref.Application != nil {
		if l.file, err = l.files.get(ctx, l.ref.Kind, *l.ref.Application); err != nil {
			return store.Translate(err, "application")
		}
		if l.zone, err = time.LoadLocation(l.file.Zone); err != nil {
			return fmt.Errorf("read the call's zone: %w", err)
		}
	}
	if l.ref.Event != nil {
		if l.event, err = l.events.get(ctx, l.ref.Kind, *l.ref.Event); err != nil {
			return store.Translate(err, "event")
		}
	}
	if err := l.address(ctx); err != nil {
		return err
	}
	if err := l.belated(ctx); err != nil {
		return err
	}
	return l.corrects(ctx)
}

// address finds the reader and lays the frame.
func (l *loader) address(ctx context.Context) error {
	zoneName := l.office.TimeZone
	switch l.ref.Recipient {
	case "office":
		l.to.Email = cmp.Or(l.office.OfficeEmail, l.office.ContactEmail)
	case "host":
		if l.ref.Data.HostLink == nil {
			return errors.New("a letter to a host without a link")
		}
		var err error
		if l.host, err = queries.HostLinkToSend(ctx, l.db, *l.ref.Data.HostLink); err != nil {
			return store.Translate(err, "link")
		}
		if l.host.Over {
			return Pointless{"link_over"}
		}
		l.to.Email, zoneName = l.host.Address, l.host.TimeZone
	case "registrant":
		asked, err := l.registration(ctx)
		if err != nil {
			return err
		}
		l.to.Name, l.to.Email = asked.Name, asked.Email
	default:
		own, err := l.person(ctx)
		if err != nil {
			return err
		}
		zoneName = cmp.Or(own, zoneName)
	}
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		zone = time.UTC // an institution's zone is checked when it is entered
	}
	l.lay(zone)
	return nil
}

// person reads whom the letter is to, and the time zone they chose, if any.
func (l *loader) person(ctx context.Context) (zone string, err error) {
	key, ok := l.ref.reader()
	if !ok {
		return "", errors.New("a letter to a person without one")
	}
	reader, err := l.readers.get(ctx, l.ref.Kind, key)
	if err != nil {
		return "", store.Translate(err, "person")
	}
	l.to.Name, l.to.Email = reader.Name, reader.Email
	if l.ref.Recipient != "old_address" {
		return reader.TimeZone, nil
	}
	if l.ref.Data.OldAddress == nil {
		return "", errors.New("a letter to an old address that names none")
	}
	old, err := queries.OldAddress(ctx, l.db, *l.ref.Data.OldAddress)
	l.to.Email = old.Email
	return reader.TimeZone, store.Translate(err, "address")
}

// lay makes the frame for a reader in zone.
func (l *loader) lay(zone *time.Location) {
	l.p = l.Catalogue.Printer(l.ref.Language, zone)
	email := cmp.Or(l.office.ContactEmail, l.office.OfficeEmail, l.Email)
	l.to.ReplyTo = email
	l.to.Email = cmp.Or(l.to.Email, email)
	name := l.office.Name
	if l.office.Language == l.ref.Language {
		name = cmp.Or(l.office.NameLocal, name)
	}
	l.to.From = name
	l.frame = letter.Frame{
		Base:   l.BaseURL,
		Reader: letter.Reader{Name: l.to.Name, Zone: zone},
		Office: letter.Office{Name: l.p.T("letter.office"), Institution: name, Email: email, Phone: l.office.ContactPhone},
	}
}

// about is the file an applicant's letter is about.
func (l *loader) about() letter.File {
	path := ApplicationPath(l.file.ID)
	if l.ref.Recipient != "applicant" {
		path = FilePath(l.file.ID)
	}
	return letter.File{Call: l.file.Title.In(l.ref.Language), Zone: l.zone, Link: l.link(path)}
}

func (l *loader) link(path string) letter.Link { return letter.Link(l.BaseURL + path) }

// personal is the host's own link, with a secret of this very letter.
func (l *loader) personal(ctx context.Context) (letter.Link, error) {
	if l.hosts == nil {
		return l.link("/"), nil
	}
	path, err := l.hosts(ctx, l.host.ID)
	if mobility.CodeOf(err) == "refusal.host_link_expired" {
		return "", Pointless{"link_over"}
	}
	return l.link(path), err
}

// places reads destinations, worded, by id.
func (l *loader) places(ctx context.Context, ids ...uuid.UUID) (map[uuid.UUID]letter.Place, error) {
	out := make(map[uuid.UUID]letter.Place, len(ids))
	for _, id := range ids {
		row, err := l.Desk.places.get(ctx, l.ref.Kind, id)
		if errors.Is(err, pgx.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the destinations: %w", err)
		}
		term := l.p.T("letter.term_"+row.Term, "Year", row.AcademicYear)
		out[id] = letter.Place{Host: row.Host, City: row.City, Country: row.Country, Term: term}
	}
	return out, nil
}

// place is the one destination the letter is about.
func (l *loader) place(ctx context.Context) (letter.Place, error) {
	at := l.ref.Data.Destination
	if at == nil {
		last, err := queries.LastDestination(ctx, l.db, l.file.ID)
		if err != nil {
			return letter.Place{}, store.Translate(err, "destination")
		}
		at = &last
	}
	return l.placeAt(ctx, *at)
}

func (l *loader) placeAt(ctx context.Context, id uuid.UUID) (letter.Place, error) {
	found, err := l.places(ctx, id)
	if err != nil {
		return letter.Place{}, err
	}
	place, ok := found[id]
	if !ok {
		return place, mobility.NotFoundError("destination")
	}
	return place, nil
}

// until makes a deadline of what the database says of it.
func until(closesAt time.Time, zone string) (letter.Until, error) {
	z, err := time.LoadLocation(zone)
	if err != nil {
		return letter.Until{}, fmt.Errorf("read the deadline's zone: %w", err)
	}
	return letter.Until{ClosesAt: closesAt, Zone: z}, nil
}

func (l *loader) deadline(ctx context.Context, id *uuid.UUID) (letter.Until, error) {
	if id == nil {
		return letter.Until{}, errors.New("a letter about a deadline that names none")
	}
	row, err := l.deadlines.get(ctx, l.ref.Kind, *id)
	if err != nil {
		return letter.Until{}, store.Translate(err, "deadline")
	}
	return until(row.ClosesAt, row.Zone)
}

// inForce returns the first of these deadlines that holds for the application
// now; nil if none does.
func (l *loader) inForce(ctx context.Context, kinds ...lifecycle.Deadline) (*letter.Until, error) {
	rows, err := list(ctx, l.ref.Kind, &l.Desk.inForce, l.file.ID)
	if err != nil {
		return nil, fmt.Errorf("read the deadlines: %w", err)
	}
	for _, kind := range kinds {
		for _, row := range rows {
			if row.Kind == string(kind) {
				found, err := until(row.ClosesAt, row.Zone)
				return &found, err
			}
		}
	}
	return nil, nil
}

// stillOpen is inForce for what has not passed at the letter's time.
func (l *loader) stillOpen(ctx context.Context, kinds ...lifecycle.Deadline) (*letter.Until, error) {
	found, err := l.inForce(ctx, kinds...)
	if found == nil || err != nil || !mobility.Open(l.ref.At, found.ClosesAt) {
		return nil, err
	}
	return found, nil
}

// hostDeadline is until when the hosts of destinations take nominations, the
// latest of several: nobody moves up the reserve after it.
func (l *loader) hostDeadline(ctx context.Context, destinations ...uuid.UUID) (*letter.Until, error) {
	var last store.NominationDeadlinesRow
	for _, id := range destinations {
		row, err := l.nominateBy.get(ctx, l.ref.Kind, id)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return nil, fmt.Errorf("read the host's deadline: %w", err)
		}
		if err == nil && row.ClosesAt.After(last.ClosesAt) {
			last = row
		}
	}
	if last.ClosesAt.IsZero() {
		return nil, nil
	}
	found, err := until(last.ClosesAt, last.Zone)
	return &found, err
}

// definition is the lifecycle the letter's event belongs to.
func (l *loader) definition(ctx context.Context) (*lifecycle.Definition, error) {
	if known, ok := l.definitions.Load(l.event.DefinitionID); ok {
		return known.(*lifecycle.Definition), nil
	}
	row, err := queries.DefinitionSource(ctx, l.db, l.event.DefinitionID)
	if err != nil {
		return nil, fmt.Errorf("load the lifecycle: %w", err)
	}
	d, problems := lifecycle.ParseIn([]string{locale.Default}, row.Name, []byte(row.Source))
	if len(problems) > 0 {
		return nil, fmt.Errorf("the loaded lifecycle %s no longer passes its checks: %v", row.Name, problems[0])
	}
	l.definitions.Store(l.event.DefinitionID, d)
	return d, nil
}

// standing says in the applicant's words where the event led and what is next.
func (l *loader) standing(ctx context.Context) (letter.Prose, error) {
	d, err := l.definition(ctx)
	if err != nil {
		return "", err
	}
	state, _ := d.State(l.event.ToState)
	label, next := state.Label[lifecycle.AudienceApplicant].In(l.ref.Language), state.Next[lifecycle.AudienceApplicant].In(l.ref.Language)
	return letter.Prose(label + ". " + next), nil
}
