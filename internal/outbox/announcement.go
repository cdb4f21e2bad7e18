package outbox

import (
	"context"
	"errors"
	"fmt"

	"peregrine/internal/letter"
	"peregrine/internal/store"
)

// announcement fills what an office wrote to many.
func announcement(ctx context.Context, l *loader) (letter.Letter, error) {
	row, err := l.announcementText(ctx, l.db, l.ref)
	if err != nil {
		return nil, err
	}
	if l.ref.Person != nil && !row.Sample {
		wants, err := queries.WantsAnnouncements(ctx, l.db, *l.ref.Person)
		if err != nil {
			return nil, fmt.Errorf("ask whether the letter is welcome: %w", err)
		}
		if !wants {
			return nil, Pointless{"unwanted"}
		}
	}
	return l.announcement(ctx, row.Why)
}

func (l *loader) announcement(ctx context.Context, why string) (out letter.Announcement, err error) {
	out = letter.Announcement{Frame: l.frame, Why: letter.Prose(why), Link: l.link("/")}
	if l.ref.Call != nil {
		if out.Call, err = l.call(ctx); err != nil {
			return out, err
		}
		out.Link = l.link(CallPath(*l.ref.Call))
	}
	if l.ref.Application != nil {
		out.Link = l.about().Link
	}
	return out, nil
}

// Announced is the text of an announcement that is still being written.
type Announced struct{ Subject, Body, Why string }

// Announce writes an announcement as the reader ref names would get it. Errors:
// letter.SourceProblems; not found; anything else is internal.
func (o *Outbox) Announce(ctx context.Context, db store.DBTX, ref Ref, a Announced) (letter.Text, Address, error) {
	ref.Kind = letter.KindAnnouncement
	src, err := letter.ReadSource(ref.Kind, ref.Language, letter.AnnouncementSource(a.Subject, a.Body))
	if err != nil {
		return letter.Text{}, Address{}, err
	}
	l, err := o.Desk(db, ref).begin(ctx, ref, nil)
	if err != nil {
		return letter.Text{}, Address{}, err
	}
	filled, err := l.announcement(ctx, a.Why)
	if err != nil {
		return letter.Text{}, l.to, err
	}
	text, err := letter.ComposeWith(o.Catalogue, ref.Language, filled, src)
	return text, l.to, err
}

func (o *Outbox) announcementText(ctx context.Context, db store.DBTX, ref Ref) (store.AnnouncementTextRow, error) {
	if ref.Data.Announcement == nil {
		return store.AnnouncementTextRow{}, errors.New("a letter to many that names none")
	}
	row, err := queries.AnnouncementText(ctx, db, store.AnnouncementTextParams{AnnouncementID: *ref.Data.Announcement, Language: ref.Language})
	return row, store.Translate(err, "letter")
}

// announced is the text of an announcement in the letter's language. It never
// changes once letters are planned from it.
func (o *Outbox) announced(ctx context.Context, db store.DBTX, ref Ref) (*letter.Source, error) {
	if ref.Data.Announcement == nil {
		return nil, errors.New("a letter to many that names none")
	}
	key := ref.Data.Announcement.String() + " " + ref.Language
	if known, ok := o.wordings.Load(key); ok {
		return known.(*letter.Source), nil
	}
	row, err := o.announcementText(ctx, db, ref)
	if err != nil {
		return nil, err
	}
	subject := row.Subject
	if row.Sample {
		subject = o.Catalogue.Printer(ref.Language, nil).T("letter.sample_subject", "Subject", subject)
	}
	src, err := letter.ReadSource(ref.Kind, ref.Language, letter.AnnouncementSource(subject, row.Body))
	if err == nil {
		o.wordings.Store(key, src)
	}
	return src, err
}
