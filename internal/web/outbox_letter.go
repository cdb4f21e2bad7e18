package web

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"peregrine/internal/letter"
	"peregrine/internal/mobility"
	"peregrine/internal/outbox"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// One letter of a run as its reader will get it: to be read, sampled, and set
// back to the usual words.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/rankings/{ranking}/letters/{application}", Guard: Coordinator, Handle: s.previewLetter},
		{Pattern: "GET /office/rankings/{ranking}/letters/{application}/{kind}/html", Guard: Coordinator, Handle: s.previewHTML},
		{Pattern: "POST /office/rankings/{ranking}/letters/{application}/{kind}/sample", Guard: Officer, Handle: s.sendSample},
		{Pattern: "POST /office/rankings/{ranking}/letters/{application}/{kind}/original", Guard: Officer, Handle: s.dropEdit},
	}
})

// outboxNow reads the outbox of the run in the address.
func (s *Server) outboxNow(q *request) (v outboxView, err error) {
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		v, err = s.readOutbox(ctx, q, db)
		return err
	})
	return v, err
}

// entryLetter is one letter of an entry of a run.
type entryLetter struct {
	page.LetterShown
	kind  string
	draft bool // it would go with the list, and is not planned yet
	edit  *store.OutboxEditRow
}

// entryView is an entry of a run with its letters.
type entryView struct {
	outboxView
	entry   store.OfficeEntryStateRow
	id      uuid.UUID
	person  store.OfficeLetterReaderRow
	letters []entryLetter
}

// readEntry reads the head of an entry and who its reader is.
func (s *Server) readEntry(ctx context.Context, q *request, db store.DBTX) (v entryView, err error) {
	if v.id, err = q.id("application"); err != nil {
		return v, err
	}
	if v.ranking, err = s.readRankingHead(ctx, q, db); err != nil {
		return v, err
	}
	if v.entry, err = queries.OfficeEntryState(ctx, db, store.OfficeEntryStateParams{RankingID: v.ID, ApplicationID: v.id, Self: q.actor.Person}); err != nil {
		return v, err
	}
	if err = readListing(ctx, q, db, &v.ranking); err != nil {
		return v, err
	}
	v.person, err = queries.OfficeLetterReader(ctx, db, store.OfficeLetterReaderParams{ApplicationID: v.id, Ranking: v.ID.String()})
	return v, err
}

func (s *Server) previewLetter(q *request) error {
	var v entryView
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if v, err = s.readEntry(ctx, q, db); err != nil {
			return err
		}
		if !v.published() && q.isOfficer() { // the letter before this and the one after
			if v.outboxView, err = s.readOutbox(ctx, q, db); err != nil {
				return err
			}
		}
		if v.letters, err = s.entryLetters(ctx, q, db, v); err != nil {
			return err
		}
		return q.note(db, lookedAt{institution: v.InstitutionID, subjects: []uuid.UUID{v.id}, count: 1})
	})
	if err != nil {
		return err
	}
	p := page.Office{Base: s.base(q, q.loc.T("ranking.letter_title", "Name", v.entry.Name))}
	p.Kicker, p.Lead = v.OfficeRankingRow.Title.In(q.loc.Lang()), q.loc.T("ranking.letter_lead")
	p.Breadcrumbs = append(q.callCrumbs(v.CallID, v.OfficeRankingRow.Title), page.Link{Label: q.loc.T("ranking.number", "Number", v.Number), Href: rankingPath(v.ID)})
	if q.isOfficer() {
		p.Breadcrumbs = append(p.Breadcrumbs, page.Link{Label: q.loc.T("outbox.title"), Href: outboxFilterOf(q).on(outboxPath(v.ID))})
	}
	if v.published() {
		p.Lead = q.loc.T("ranking.letter_lead_published")
	}
	p.Before, p.After = q.letterNeighbours(v)
	if len(v.letters) == 0 {
		p.Notices = []page.Notice{{Text: q.loc.T("ranking.letter_none")}}
	}
	framed := false
	for _, l := range v.letters {
		p.Parts, framed = append(p.Parts, q.draftLetterPart(v, l)), framed || l.Frame != ""
	}
	if framed {
		h := q.w.Header()
		h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; frame-src 'self'")
	}
	return s.render(q, http.StatusOK, p)
}

// letterNeighbours lead to the letters before and after in the list the reader
// comes from.
func (q *request) letterNeighbours(v entryView) (before, after page.Link) {
	f := outboxFilterOf(q)
	rows := slices.DeleteFunc(v.narrowed(f), func(r outboxRow) bool { return r.none != "" })
	at := slices.IndexFunc(rows, func(r outboxRow) bool { return r.ID == v.id })
	link := func(i int, label string) page.Link {
		if at < 0 || i < 0 || i >= len(rows) {
			return page.Link{}
		}
		return page.Link{Label: q.loc.T(label, "Name", rows[i].Name), Href: f.on(rankingPath(v.ID) + "/letters/" + rows[i].ID.String())}
	}
	return link(at-1, "outbox.before"), link(at+1, "outbox.after")
}

// draftLetterPart is one letter with what may be done about it.
func (q *request) draftLetterPart(v entryView, l entryLetter) page.Part {
	part := page.Part{ID: "letter-" + l.kind, Title: q.loc.T("office.letter"), Letters: []page.LetterShown{l.LetterShown}}
	path := rankingPath(v.ID) + "/letters/" + v.id.String() + "/" + l.kind
	if l.edit != nil {
		part.Notice = page.Notice{Tone: page.Accent, Title: q.loc.T("outbox.edited_by", "Name", l.edit.Editor, "At", l.edit.EditedAt), Text: l.edit.Reason}
	}
	if !l.draft || !q.mayAct(v.ranking) {
		return part
	}
	if letter.Own(l.kind) {
		part.Buttons = append(part.Buttons, page.Button{Label: q.loc.T("outbox.edit"), Href: path + "/edit", Look: page.Secondary})
	}
	part.Buttons = append(part.Buttons, page.Button{Label: q.loc.T("outbox.sample"), Action: path + "/sample", Look: page.Secondary})
	if l.edit != nil {
		part.Buttons = append(part.Buttons, page.Button{Label: q.loc.T("outbox.original"), Action: path + "/original", Look: page.Quiet, Confirm: q.loc.T("outbox.original_ask")})
	}
	if v.entry.HeldBack == "" {
		part.Buttons = append(part.Buttons, page.Button{Label: q.loc.T("ranking.hold"), Href: rankingPath(v.ID) + "/held/" + v.id.String(), Look: page.Quiet})
	}
	return part
}

// entryLetters writes the letters of an entry: those planned when it was
// published, else those its outcome leads to.
func (s *Server) entryLetters(ctx context.Context, q *request, db store.DBTX, v entryView) ([]entryLetter, error) {
	var out []entryLetter
	for _, planned := range v.person.Planned {
		shown, err := s.plannedLetter(ctx, q, db, planned)
		if err != nil {
			return nil, err
		}
		out = append(out, shown)
	}
	if len(out) > 0 && v.Status != "provisional" || v.entry.HeldBack != "" {
		return out, nil
	}
	for _, kind := range v.nextLetters(v.entry.State, v.entry.Outcome) {
		l := entryLetter{kind: kind, draft: !v.published()}
		ref, edit, err := q.draftRef(ctx, db, v, kind)
		if err != nil {
			return nil, err
		}
		if l.edit = edit; edit != nil && edit.Language != ref.Language {
			l.edit = nil // the reader chose another language since
		}
		if l.LetterShown, err = s.letterShown(ctx, q, db, ref); err != nil {
			return nil, err
		}
		if l.Missing == "" {
			l.Frame = rankingPath(v.ID) + "/letters/" + v.id.String() + "/" + kind + "/html"
		}
		out = append(out, l)
	}
	return out, nil
}

// draftRef is a letter that telling the run would send, with what was written
// by hand for it.
func (q *request) draftRef(ctx context.Context, db store.DBTX, v entryView, kind string) (outbox.Ref, *store.OutboxEditRow, error) {
	ref := outbox.Ref{
		Kind: kind, Language: v.person.Language, Recipient: "applicant", Institution: v.InstitutionID, Person: &v.person.PersonID,
		Application: &v.id, Call: &v.CallID, Data: outbox.Data{Ranking: &v.ID, Outcome: v.entry.Outcome}, At: q.now,
	}
	edit, err := queries.OutboxEdit(ctx, db, store.OutboxEditParams{RankingID: v.ID, ApplicationID: v.id, Kind: kind})
	switch {
	case store.NoRows(err):
		return ref, nil, nil
	case err != nil:
		return ref, nil, err
	}
	if edit.Language == ref.Language {
		ref.Edit = edit.Source
	}
	return ref, &edit, nil
}

// plannedLetter is a letter on its way or sent: its frozen text, else what it
// would say now.
func (s *Server) plannedLetter(ctx context.Context, q *request, db store.DBTX, id uuid.UUID) (entryLetter, error) {
	row, err := store.One(queries.LettersToSend(ctx, db, []uuid.UUID{id}))
	if err != nil {
		return entryLetter{}, err
	}
	out := entryLetter{kind: row.Kind}
	frozen, err := queries.FrozenText(ctx, db, id)
	if err == nil {
		out.LetterShown = q.shown(q.loc.T("letter_kind."+row.Kind), letterHead{to: frozen.Address, subject: frozen.Subject, language: row.Language}, letter.Text{Plain: frozen.Plain})
		return out, nil
	}
	if !store.NoRows(err) {
		return out, err
	}
	ref, err := outbox.RefOf(row)
	if err != nil {
		return out, err
	}
	out.LetterShown, err = s.letterShown(ctx, q, db, ref)
	return out, err
}

// letterShown renders a letter without its personal links and codes. One that
// has lost its point says so.
func (s *Server) letterShown(ctx context.Context, q *request, db store.DBTX, ref outbox.Ref) (page.LetterShown, error) {
	out := page.LetterShown{Title: q.loc.T("letter_kind." + ref.Kind)}
	text, to, err := s.letters.Render(ctx, db, ref)
	var pointless outbox.Pointless
	switch {
	case errors.As(err, &pointless):
		out.Missing = q.loc.T("letter.skipped_" + pointless.Reason)
		return out, nil
	case err != nil:
		return out, err
	}
	return q.shown(out.Title, letterHead{to: to.Email, from: to.From, subject: text.Subject, language: ref.Language}, text), nil
}

// letterHead is who writes to whom about what.
type letterHead struct{ to, from, subject, language string }

func (q *request) shown(title string, h letterHead, text letter.Text) page.LetterShown {
	return page.LetterShown{Title: title, Plain: text.Plain, Facts: withoutEmpty(page.Summary{Rows: []page.Fact{
		{Term: q.loc.T("office.to"), Text: h.to},
		{Term: q.loc.T("office.from"), Text: h.from},
		{Term: q.loc.T("office.subject"), Text: h.subject},
		{Term: q.loc.T("office.language"), Text: q.loc.Language(h.language)},
	}})}
}

// previewHTML is a letter of a draft as a mail program shows it.
func (s *Server) previewHTML(q *request) error {
	kind := q.r.PathValue("kind")
	var text letter.Text
	err := s.read(q, func(ctx context.Context, db store.DBTX) error {
		v, err := s.readEntry(ctx, q, db)
		if err != nil {
			return err
		}
		if !slices.Contains(v.nextLetters(v.entry.State, v.entry.Outcome), kind) {
			return mobility.NotFoundError("letter")
		}
		ref, _, err := q.draftRef(ctx, db, v, kind)
		if err != nil {
			return err
		}
		text, _, err = s.letters.Render(ctx, db, ref)
		if pointless := (outbox.Pointless{}); errors.As(err, &pointless) {
			return mobility.NotFoundError("letter")
		}
		if err != nil {
			return err
		}
		return q.note(db, lookedAt{institution: v.InstitutionID, subjects: []uuid.UUID{v.id}, count: 1})
	})
	if err != nil {
		return err
	}
	return q.letterHTML(text.Dead("").HTML)
}

func (s *Server) sendSample(q *request) error {
	v, err := s.entryHead(q)
	if err != nil {
		return err
	}
	kind := q.r.PathValue("kind")
	if err := s.Process.SendSample(q.ctx(), q.actor, process.SendSample{Ranking: v.ID, Application: v.id, Letter: kind, Arrived: q.arrived}); err != nil {
		return err
	}
	return s.done(q, rankingPath(v.ID)+"/letters/"+v.id.String(), "notice.sample_sent")
}

func (s *Server) dropEdit(q *request) error {
	v, err := s.entryHead(q)
	if err != nil {
		return err
	}
	if err := s.Process.DropEdit(q.ctx(), q.actor, process.DropEdit{Ranking: v.ID, Application: v.id, Kind: q.r.PathValue("kind"), Arrived: q.arrived}); err != nil {
		return err
	}
	return s.done(q, rankingPath(v.ID)+"/letters/"+v.id.String(), "notice.edit_dropped")
}

func (s *Server) entryHead(q *request) (v entryView, err error) {
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		v, err = s.readEntry(ctx, q, db)
		return err
	})
	return v, err
}
