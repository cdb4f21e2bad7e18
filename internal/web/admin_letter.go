package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"peregrine/internal/letter"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/outbox"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// wording is one letter in one language with everything known of its texts.
type wording struct {
	process.Wording
	versions []store.LetterTemplateVersionsRow // newest first
	acts     []store.LetterTemplateActsRow
	recent   []store.RecentLettersOfKindRow
	shown    int    // the version that is previewed; 0: the built-in text
	sample   string // on what: a sample's name, or the id of a real letter
}

func (w wording) newest() int {
	if len(w.versions) == 0 {
		return 0
	}
	return int(w.versions[0].Version)
}

// used is the version in use; 0: the built-in text.
func (w wording) used() int {
	for _, v := range w.versions {
		if v.Active {
			return int(v.Version)
		}
	}
	return 0
}

// text is the text of a version.
func (w wording) text(version int) string {
	for _, v := range w.versions {
		if int(v.Version) == version {
			return v.Body
		}
	}
	return letter.BuiltIn(w.Kind, w.Language)
}

func (w wording) path() string { return wordingPath(w.Kind, w.Language) }

// wordingAsked reads which letter the address means.
func (q *request) wordingAsked() (process.Wording, error) {
	w := process.Wording{Institution: q.keptHouse(), Kind: q.r.PathValue("kind"), Language: q.r.PathValue("language"), Arrived: q.arrived}
	if !letter.Own(w.Kind) || !slices.Contains(locale.Languages, w.Language) || w.Institution == uuid.Nil {
		return w, mobility.NotFoundError("letter")
	}
	return w, nil
}

func (s *Server) readWording(q *request) (w wording, err error) {
	if w.Wording, err = q.wordingAsked(); err != nil {
		return w, err
	}
	err = s.read(q, func(ctx context.Context, db store.DBTX) error { return q.fillWording(ctx, db, &w) })
	return w, err
}

func (q *request) fillWording(ctx context.Context, db store.DBTX, w *wording) (err error) {
	w.versions, err = queries.LetterTemplateVersions(ctx, db, store.LetterTemplateVersionsParams{InstitutionID: w.Institution, Kind: w.Kind, Language: w.Language})
	if err != nil {
		return err
	}
	w.acts, err = queries.LetterTemplateActs(ctx, db, store.LetterTemplateActsParams{InstitutionID: w.Institution, Kind: w.Kind, Language: w.Language})
	if err != nil {
		return err
	}
	w.recent, err = queries.RecentLettersOfKind(ctx, db, store.RecentLettersOfKindParams{InstitutionID: w.Institution, Kind: w.Kind, Self: q.actor.Person})
	if err != nil {
		return err
	}
	w.choose(q.r.URL.Query())
	return nil
}

// choose reads what is to be previewed: the newest text on the usual sample
// unless the address says otherwise.
func (w *wording) choose(v url.Values) {
	w.shown = w.newest()
	if n, err := strconv.Atoi(v.Get("version")); err == nil && n >= 0 && n <= w.newest() {
		w.shown = n
	}
	w.sample = v.Get("on")
	if sampleLetter(w.Kind, w.sample) == nil && w.recentLetter() == nil {
		w.sample = "usual"
	}
}

func (w wording) recentLetter() *store.RecentLettersOfKindRow {
	for i := range w.recent {
		if w.recent[i].ID.String() == w.sample {
			return &w.recent[i]
		}
	}
	return nil
}

// sampleLetter is a kind's sample by name, nil if there is none.
func sampleLetter(kind, name string) letter.Letter {
	for _, s := range letter.Samples() {
		if s.Name == name && s.Letter.Kind() == kind {
			return s.Letter
		}
	}
	return nil
}

// worded writes the letter that is previewed: by the words of the version
// shown, on a sample or on a real letter's values, which leaves an access line.
func (s *Server) worded(q *request, w wording) (letter.Text, error) {
	src, err := letter.ReadSource(w.Kind, w.Language, w.text(w.shown))
	if err != nil {
		return letter.Text{}, err
	}
	on := sampleLetter(w.Kind, w.sample)
	if recent := w.recentLetter(); recent != nil {
		if on, err = s.realLetter(q, w, *recent); err != nil {
			return letter.Text{}, err
		}
	}
	text, err := letter.ComposeWith(s.Catalogue, w.Language, letter.Stored(on), src)
	if err != nil {
		return letter.Text{}, err
	}
	return text.Dead(q.loc.T("letter.dead_link")), nil
}

func (s *Server) realLetter(q *request, w wording, row store.RecentLettersOfKindRow) (filled letter.Letter, err error) {
	ref, err := outbox.RefOf(store.LettersToSendRow{
		Kind: w.Kind, Language: w.Language, Recipient: row.Recipient, InstitutionID: w.Institution, PersonID: row.PersonID,
		ApplicationID: row.ApplicationID, CallID: row.CallID, EventID: row.EventID, Data: row.Data, PlannedAt: row.PlannedAt,
	})
	if err != nil {
		return nil, err
	}
	subject := row.ID
	if row.ApplicationID != nil {
		subject = *row.ApplicationID
	}
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if filled, _, err = s.letters.Load(ctx, db, ref, nil); err != nil {
			return err
		}
		return q.note(db, lookedAt{institution: w.Institution, subjects: []uuid.UUID{subject}, count: 1})
	})
	return filled, err
}

func (s *Server) showWording(q *request) error {
	w, err := s.readWording(q)
	if err != nil {
		return err
	}
	from := w.newest()
	if n, err := strconv.Atoi(q.r.URL.Query().Get("from")); err == nil && n >= 0 && n <= from {
		from = n
	}
	return s.wordingPage(q, http.StatusOK, w, wordingTyped{text: w.text(from)})
}

// showWordedLetter is the letter's own HTML for the frame it is shown in.
func (s *Server) showWordedLetter(q *request) error {
	w, err := s.readWording(q)
	if err != nil {
		return err
	}
	text, err := s.worded(q, w)
	if letter.Problems(err) != nil {
		return mobility.NotFoundError("letter")
	}
	if err != nil {
		return err
	}
	return q.letterHTML(text.HTML)
}

// letterHTML answers with the HTML of a letter, to be shown in a frame of ours.
func (q *request) letterHTML(html string) error {
	h := q.w.Header()
	h.Set("Content-Security-Policy", framedLetterPolicy)
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Content-Type", "text/html; charset=utf-8")
	q.w.WriteHeader(http.StatusOK)
	_, err := q.w.Write([]byte(html))
	return err
}

// framedLetterPolicy lets a letter's HTML bring its own style and nothing else.
const framedLetterPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"

type wordingForm struct {
	Text string `form:"text" validate:"max=20000"`
	Seen int    `form:"seen"`
}

// wordingTyped is what the form holds: what was typed, and why it was refused.
type wordingTyped struct {
	text    string
	refused letter.SourceProblems
	stale   error
}

func (s *Server) keepWording(q *request) error {
	w, err := s.readWording(q)
	if err != nil {
		return err
	}
	var f wordingForm
	if _, err := form.Decode(q.r, &f); err != nil {
		return err
	}
	version, err := s.Process.SaveWording(q.ctx(), q.actor, w.Wording, f.Text, f.Seen)
	var problems letter.SourceProblems
	switch {
	case errors.As(err, &problems):
		return s.wordingPage(q, http.StatusUnprocessableEntity, w, wordingTyped{text: f.Text, refused: problems})
	case mobility.KindOf(err) == mobility.Stale:
		return s.wordingPage(q, http.StatusConflict, w, wordingTyped{text: f.Text, stale: err})
	case err != nil:
		return err
	}
	return s.done(q, withQuery(w.path(), "version", strconv.Itoa(version))+"#preview", "notice.wording_kept", "Version", strconv.Itoa(version))
}

type useWordingForm struct {
	Version int `form:"version"`
}

func (s *Server) useWording(q *request) error {
	w, err := q.wordingAsked()
	if err != nil {
		return err
	}
	var f useWordingForm
	if _, err := form.Decode(q.r, &f); err != nil {
		return err
	}
	if err := s.Process.UseWording(q.ctx(), q.actor, w, f.Version); err != nil {
		return err
	}
	notice := "notice.wording_used"
	if f.Version == 0 {
		notice = "notice.wording_built_in"
	}
	return s.done(q, wordingPath(w.Kind, w.Language), notice, "Version", strconv.Itoa(f.Version))
}

func (s *Server) wordingPage(q *request, status int, w wording, typed wordingTyped) error {
	p := page.Office{Base: s.base(q, q.loc.T("letter_kind."+w.Kind)), Tabs: q.wordingTabs(w)}
	p.Wide, p.Kicker = true, q.loc.Language(w.Language)
	p.Breadcrumbs = []page.Link{{Label: q.loc.T("wording.title"), Href: "/admin/letters"}}
	p.Turn = q.wordingTurn(w)
	edit := q.wordingEdit(w, typed)
	p.Errors = q.wordingErrors(typed)
	p.Parts = []page.Part{edit, q.placeholdersPart(w)}
	if typed.refused == nil {
		preview, err := s.wordingPreview(q, w)
		if err != nil {
			return err
		}
		p.Parts = append(p.Parts, preview...)
		p.Parts = append(p.Parts, q.wordingDifference(w), q.wordingHistory(w))
		h := q.w.Header()
		h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; frame-src 'self'")
	}
	return s.render(q, status, p)
}
