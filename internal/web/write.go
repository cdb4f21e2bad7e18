package web

import (
	"context"
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

// A letter to everybody on a list: to candidates, to the nominated, to people.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/calls/{call}/write", Guard: Coordinator, Handle: s.writeToMany},
		{Pattern: "POST /office/calls/{call}/write", Guard: Coordinator, Handle: s.written},
		{Pattern: "GET /office/people/write", Guard: Officer, Handle: s.writeToMany},
		{Pattern: "POST /office/people/write", Guard: Officer, Handle: s.written},
		{Pattern: "GET /office/announcements/{announcement}", Guard: Coordinator, Handle: s.showAnnouncement},
		{Pattern: "GET /office/announcements/{announcement}/retracted", Guard: Coordinator, Handle: s.askRetraction},
		{Pattern: "POST /office/announcements/{announcement}/retracted", Guard: Coordinator, Handle: s.retractAnnouncement},
	}
})

// nominationStatuses are what may have become of a nomination that was sent.
var nominationStatuses = []string{"sent", "accepted", "refused", "cancelled"}

func announcementPath(id uuid.UUID) string { return "/office/announcements/" + id.String() }

// mayWrite reports whether the actor writes to the people of some files.
func (q *request) mayWrite() bool { return q.isOfficer() || q.actor.Has(mobility.RoleCoordinator) }

// writing is a letter to many while it is written.
type writing struct {
	process.Announcement
	call    store.OfficeCallRow // none of a letter to people
	house   store.InstitutionOfficeRow
	path    string // of this page, with the filter
	back    string // the list it came from
	readers process.Readers
	before  []store.AnnouncementsOfRow
	sought  string // of a letter to people, as typed
	units   []store.AnnouncementUnitsRow
}

// readWriting reads the list and who is on it, and leaves the access line.
func (s *Server) readWriting(q *request) (w writing, err error) {
	v := q.r.URL.Query()
	w.Arrived = q.arrived
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if q.r.PathValue("call") == "" {
			if err = q.writeToPeople(&w, v); err == nil {
				w.units, err = queries.AnnouncementUnits(ctx, db, w.Institution)
			}
		} else {
			err = s.writeToFiles(q, ctx, db, &w, v)
		}
		if err != nil {
			return err
		}
		if w.house, err = queries.InstitutionOffice(ctx, db, w.Institution); err != nil {
			return err
		}
		w.before, err = queries.AnnouncementsOf(ctx, db, store.AnnouncementsOfParams{Language: q.loc.Lang(), Institutions: q.house(), CallID: w.Call})
		return err
	})
	return w, err
}

func (q *request) writeToPeople(w *writing, v url.Values) error {
	for _, g := range q.actor.Grants {
		if (g.Role == mobility.RoleOfficer || g.Role == mobility.RoleAdministrator) && g.Unit == nil && g.Call == nil {
			w.Institution = g.Institution
		}
	}
	if w.Institution == uuid.Nil {
		return mobility.ForbiddenError("refusal.not_your_office")
	}
	sought := v.Get("q")
	if len(sought) > 200 {
		sought = ""
	}
	role := v.Get("role")
	if !slices.Contains(writtenRoles, mobility.Role(role)) {
		role = ""
	}
	w.List, w.sought, w.Filter = process.ToPeople, sought, process.AnnouncementFilter{Sought: likeText(sought), Unit: idOf(v.Get("unit")), Role: role}
	w.Filter.Address = withQuery("", "unit", idText(w.Filter.Unit), "role", role)
	w.path = withQuery("/office/people/write", "q", sought, "unit", idText(w.Filter.Unit), "role", role)
	w.back = withQuery("/office/people", "q", sought)
	return nil
}

// writtenRoles are the roles by which people are written to.
var writtenRoles = []mobility.Role{mobility.RoleCoordinator, mobility.RoleAssessor, mobility.RoleOfficer}

func (s *Server) writeToFiles(q *request, ctx context.Context, db store.DBTX, w *writing, v url.Values) (err error) {
	if w.call, err = s.officeCall(q, db); err != nil {
		return err
	}
	w.Institution, w.Call, w.List = w.call.InstitutionID, &w.call.ID, process.ToCandidates
	path := callPath(w.call.ID, "write")
	if v.Get("list") == process.ToNominations {
		status := v.Get("status")
		if !slices.Contains(nominationStatuses, status) {
			status = ""
		}
		w.List, w.Filter = process.ToNominations, process.AnnouncementFilter{Status: status, Address: withQuery("", "status", status)}
		w.path, w.back = withQuery(path, "list", w.List, "status", status), callPath(w.call.ID, "nominations")
		return nil
	}
	def, err := s.Process.Definition(ctx, db, w.call.DefinitionID)
	if err != nil {
		return err
	}
	f := filterOf(v)
	w.Filter.Candidates = f.params(q, w.call.ID, def, 0, 0)
	w.path, w.back = path+f.query(), callPath(w.call.ID, "candidates")+f.query()
	f.name = ""
	w.Filter.Address = f.query()
	return nil
}

// findReaders asks who would get the letter, in which language, and notes that
// their names were shown.
func (s *Server) findReaders(q *request, w *writing) (err error) {
	if w.readers, err = s.Process.AnnouncementReaders(q.ctx(), q.actor, w.Announcement); err != nil {
		return err
	}
	return s.read(q, func(_ context.Context, db store.DBTX) error {
		var subjects []uuid.UUID
		if w.Call != nil {
			subjects = []uuid.UUID{*w.Call}
		}
		return q.note(db, lookedAt{institution: w.Institution, subjects: subjects, filter: w.Filter.Address, count: len(w.readers.All)})
	})
}

func (s *Server) writeToMany(q *request) error {
	w, err := s.readWriting(q)
	if err != nil {
		return err
	}
	if w.ID, err = uuid.NewV7(); err != nil {
		return err
	}
	if err := s.findReaders(q, &w); err != nil {
		return err
	}
	return s.writePage(q, http.StatusOK, w, writeState{})
}

// writeForm is what is typed; its texts are fields named for their language.
type writeForm struct {
	ID   uuid.UUID `form:"id" validate:"required"`
	Act  string    `form:"act" validate:"required,oneof=look sample send"`
	As   string    `form:"as" validate:"max=40"`
	Seen string    `form:"seen" validate:"max=64"`
}

// writeState is what the page shows beside the form.
type writeState struct {
	looked   bool
	sampled  bool
	as       string
	problems []mobility.FieldProblem
	refused  error // of the whole, not of a field
	shown    page.LetterShown
}

// textsOf reads what was typed, language by language; one that is empty in
// every field is not there.
func textsOf(typed form.Values) []process.AnnouncementText {
	var out []process.AnnouncementText
	for _, lang := range locale.Languages {
		t := process.AnnouncementText{Language: lang, Subject: typed.First("subject." + lang), Body: typed.First("body." + lang), Why: typed.First("why." + lang)}
		if t.Subject+t.Body+t.Why != "" {
			out = append(out, t)
		}
	}
	return out
}

func (s *Server) written(q *request) error {
	w, err := s.readWriting(q)
	if err != nil {
		return err
	}
	var f writeForm
	typed, err := form.Decode(q.r, &f)
	if err != nil {
		return err
	}
	w.ID, w.Texts, w.Seen = f.ID, textsOf(typed), f.Seen
	if f.Act == "send" {
		return s.sendWritten(q, w, f)
	}
	if err := s.findReaders(q, &w); err != nil {
		return err
	}
	state := writeState{as: f.As}
	if f.Act == "sample" {
		err = s.Process.SampleAnnouncement(q.ctx(), q.actor, w.Announcement, q.loc.Lang())
	} else {
		err = s.Process.CheckAnnouncement(q.ctx(), q.actor, w.Announcement)
	}
	if err != nil {
		return s.refuseWritten(q, w, state, err)
	}
	state.sampled = f.Act == "sample"
	return s.lookAtWritten(q, w, state)
}

func (s *Server) sendWritten(q *request, w writing, f writeForm) error {
	number, err := s.Process.SendAnnouncement(q.ctx(), q.actor, w.Announcement)
	if err == nil {
		notice := "notice.announcement_sent"
		if number == 0 {
			notice = "notice.announcement_sent_before"
		}
		return s.done(q, announcementPath(w.ID), notice, "Number", strconv.Itoa(number))
	}
	if readErr := s.findReaders(q, &w); readErr != nil {
		return readErr
	}
	return s.refuseWritten(q, w, writeState{as: f.As}, err)
}

// refuseWritten shows the form again with what is wrong.
func (s *Server) refuseWritten(q *request, w writing, state writeState, err error) error {
	switch mobility.KindOf(err) {
	case mobility.Invalid:
		state.problems = fieldProblems(err)
		return s.writePage(q, http.StatusUnprocessableEntity, w, state)
	case mobility.Stale, mobility.Conflict:
		state.refused = err
		return s.writePage(q, http.StatusConflict, w, state)
	default:
		return err
	}
}

// lookAtWritten shows the letter as one of its readers would get it.
func (s *Server) lookAtWritten(q *request, w writing, state writeState) error {
	state.looked = true
	getting := w.readers.Getting()
	if len(getting) > 0 {
		as := getting[0]
		for _, one := range getting {
			if one.Person.String() == state.as {
				as = one
			}
		}
		state.as = as.Person.String()
		text, to, err := s.announceTo(q, w, as)
		if err != nil {
			return err
		}
		state.shown = q.shownHere(as.Name, letterHead{to: as.Name + " <" + to.Email + ">", from: to.From, subject: text.Subject, language: as.In}, text)
	}
	return s.writePage(q, http.StatusOK, w, state)
}

func (s *Server) announceTo(q *request, w writing, as process.Reader) (text letter.Text, to outbox.Address, err error) {
	ref := outbox.Ref{Language: as.In, Recipient: "person", Institution: w.Institution, Person: &as.Person, Application: as.Application, Call: w.Call, At: q.now}
	if as.Application != nil {
		ref.Recipient = "applicant"
	}
	var words outbox.Announced
	for _, t := range w.Texts {
		if t.Language == as.In {
			words = outbox.Announced{Subject: t.Subject, Body: t.Body, Why: t.Why}
		}
	}
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		text, to, err = s.letters.Announce(ctx, db, ref, words)
		return err
	})
	return text.Dead(q.loc.T("letter.dead_link")), to, err
}
