package outbox_test

import (
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/letter"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/outbox"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

var reads = store.New()

func newOutbox(t *testing.T) *outbox.Outbox {
	t.Helper()
	cat, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	return outbox.New(outbox.Settings{BaseURL: "https://peregrine.example.edu", Catalogue: cat, Email: "service@example.edu"})
}

// written renders every letter the world has planned so far, in each language,
// and returns the English ones by kind.
func written(t *testing.T, w *testkit.World, o *outbox.Outbox) map[string]letter.Text {
	t.Helper()
	out := map[string]letter.Text{}
	ids := many[uuid.UUID](t, w, `SELECT id FROM letters WHERE status = 'planned' ORDER BY planned_at, id`)
	for _, id := range ids {
		row, err := store.One(reads.LettersToSend(t.Context(), w.Admin, []uuid.UUID{id}))
		if err != nil {
			t.Fatal(err)
		}
		ref, err := outbox.RefOf(row)
		if err != nil {
			t.Fatal(err)
		}
		for _, lang := range locale.Languages {
			ref.Language = lang
			text, to, err := o.Render(t.Context(), w.Admin, ref)
			var pointless outbox.Pointless
			if errors.As(err, &pointless) {
				continue
			}
			if err != nil {
				t.Errorf("%s in %s: %v", row.Kind, lang, err)
				continue
			}
			if !strings.Contains(to.Email, "@") || to.ReplyTo == "" {
				t.Errorf("%s goes to %+v", row.Kind, to)
			}
			if lang == "en" {
				out[row.Kind] = text
			}
		}
	}
	return out
}

func many[T any](t *testing.T, w *testkit.World, sql string, args ...any) []T {
	t.Helper()
	rows, err := w.Admin.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

func wall(t time.Time) *mobility.WallMinute {
	w := mobility.WallOf(t)
	return &w
}

func TestEveryLetterOfTheWayCanBeWritten(t *testing.T) {
	t.Parallel()
	w, o := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1}}), newOutbox(t)
	anna, bert, cyril, dora := w.Student("Anna", "1.2"), w.Student("Bert", "2.4"), w.Student("Cyril", "2.5"), w.Student("Dora", "1.9")
	a, b, c, d := w.Submitted(anna), w.Submitted(bert), w.Submitted(cyril), w.Submitted(dora)
	w.Move(dora, d, "withdraw", w.WhileOpen(), process.Given{})
	w.Move(w.Coordinator, c, "return", w.AfterClose, process.Given{Reason: "The letter is empty.", Questions: []string{"motivation"}, CompleteBy: wall(w.AfterClose.AddDate(0, 0, 3))})
	got := map[string]letter.Text{}
	look := func() { maps.Copy(got, written(t, w, o)) } // a correction retracts what waits
	look()
	w.Move(w.Coordinator, c, "cancel_return", w.AfterClose, process.Given{Reason: "A mistake."})
	w.Move(w.Coordinator, c, "declare_ineligible", w.AfterClose, process.Given{Reason: "Not enrolled."})
	w.Marked(a, "28")
	w.Marked(b, "20,5")
	w.Published(w.AfterClose)

	at := w.AfterClose.Add(time.Hour)
	w.Move(w.Officer, a, "extend_offer", at, process.Given{Reason: "Ill.", ConfirmBy: wall(at.AddDate(0, 0, 9))})
	w.Move(anna, a, "confirm", at, process.Given{})
	w.Move(w.Officer, a, "nominate", at, process.Given{})
	link := testkit.One[uuid.UUID](w, `SELECT id FROM host_links`)
	host := mobility.Actor{HostLink: link, HostInstitution: w.Host}
	look()
	w.Move(host, a, "refuse", at, process.Given{ReasonCode: "no_place", Comment: "Full, sorry."})
	w.Move(w.Officer, a, "nominate_again", at, process.Given{Reason: "The host found a place.", Destination: &w.Destinations[0]})
	w.Move(host, a, "accept", at, process.Given{})
	w.Move(host, a, "cancel_by_host", at, process.Given{ReasonCode: "documents_incomplete"})
	look()
	w.Move(w.Officer, a, "undo_cancellation", at, process.Given{Reason: "The host asks again."})
	w.Move(w.Officer, a, "nominate_again", at, process.Given{Reason: "The host found a place.", Destination: &w.Destinations[0]})
	w.Move(host, a, "accept", at, process.Given{})
	arrival := at.AddDate(0, 7, 0)
	w.Move(w.Officer, a, "enrol", arrival, process.Given{Arrival: &arrival})
	w.Move(w.Officer, a, "finish", arrival.AddDate(0, 5, 0), process.Given{End: &arrival})
	look()

	for _, kind := range []string{
		"receipt", "withdrawn", "returned", "ineligible", "offer", "reserve", "confirmed", "nominated", "host_nominations",
		"to_place", "refused_office", "accepted", "accepted_office", "cancelled", "reopened", "enrolled", "completed",
	} {
		if _, ok := got[kind]; !ok {
			t.Errorf("no letter of kind %s was written", kind)
		}
	}
	for kind, words := range map[string][]string{
		"receipt":          {"Study stays", "Host University, Finland, winter semester 2027/28", "until Sunday 31 January 2027, 23:59 CET"},
		"returned":         {"The letter is empty.", "Why do you want to go?"},
		"ineligible":       {"Not enrolled.", "Write to the rector within 7 days."},
		"offer":            {"more time", "55 of 60 points", "choice number 1"},
		"reserve":          {"29.5 of 60 points", "rank 1 on the reserve"},
		"host_nominations": {"1 student", "https://peregrine.example.edu/"},
		"to_place":         {"no place left"},
		"refused_office":   {"Documents incomplete"},
		"cancelled":        {"found the documents incomplete", "The host university has cancelled"},
	} {
		for _, want := range words {
			if text := got[kind].Subject + "\n" + got[kind].Plain; !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
				t.Errorf("%s does not say %q:\n%s", kind, want, text)
			}
		}
	}
	if strings.Contains(got["to_place"].Plain, "Full, sorry") {
		t.Error("the comment for offices reached the applicant")
	}
}

// The host is told the day its page tells, the first of several, by its own
// clock; not until when the home university may nominate.
func TestHostIsAskedToAnswerByItsOwnDay(t *testing.T) {
	t.Parallel()
	w, o := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{2}}), newOutbox(t)
	anna, bert := w.Student("Anna", "1.2"), w.Student("Bert", "1.4")
	a, b := w.Submitted(anna), w.Submitted(bert)
	w.Marked(a, "28")
	w.Marked(b, "27")
	w.Published(w.AfterClose)
	at := w.AfterClose.Add(time.Hour)
	w.Move(anna, a, "confirm", at, process.Given{})
	w.Move(bert, b, "confirm", at, process.Given{})
	w.Move(w.Officer, a, "nominate", at, process.Given{})
	w.Move(w.Officer, b, "nominate", at.AddDate(0, 0, 3), process.Given{})
	first := testkit.One[time.Time](w, `SELECT min(closes_at) FROM deadlines WHERE kind = 'host_answer'`)
	if n := testkit.One[int](w, `SELECT count(DISTINCT closes_at)::int FROM deadlines WHERE kind = 'host_answer'`); n != 2 {
		t.Fatalf("%d days to answer by, want 2", n)
	}
	zone, err := time.LoadLocation(testkit.One[string](w, `SELECT time_zone FROM institutions WHERE id = $1`, w.Host))
	if err != nil {
		t.Fatal(err)
	}
	want := "by " + letterTime(first, zone)
	link := testkit.One[uuid.UUID](w, `SELECT id FROM host_links ORDER BY created_at LIMIT 1`)
	for kind, atTime := range map[string]time.Time{"host_nominations": at, "remind_host": first.Add(-72 * time.Hour)} {
		text, _, err := o.Render(t.Context(), w.Admin, outbox.Ref{
			Kind: kind, Language: "en", Recipient: "host", Institution: w.Home, Call: &w.Call, Data: outbox.Data{HostLink: &link}, At: atTime,
		})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(strings.Fields(text.Plain), " "), want) {
			t.Errorf("%s does not say %q:\n%s", kind, want, text.Plain)
		}
	}
}

// letterTime is the last minute before an instant as letters word it.
func letterTime(closes time.Time, zone *time.Location) string {
	return closes.Add(-time.Minute).In(zone).Format("Monday 2 January 2006, 15:04 MST")
}

// What the outbox shows before publication is what is sent after it.
func TestPreviewOfADraftIsWhatPublishingSends(t *testing.T) {
	t.Parallel()
	w, o := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1}}), newOutbox(t)
	files := []uuid.UUID{w.Submitted(w.Student("Anna", "1.2")), w.Submitted(w.Student("Bert", "2.4"))}
	for _, id := range files {
		w.Marked(id, "20")
	}
	ranking, err := w.Process.ComputeRanking(t.Context(), w.Officer, w.Round, w.AfterClose)
	if err != nil {
		t.Fatal(err)
	}
	before := map[uuid.UUID]letter.Text{}
	kinds := map[string]string{"placed": "offer", "reserve": "reserve", "not_placed": "not_selected"}
	err = store.NewReads(w.Web).As(t.Context(), w.Officer, w.AfterClose, func(db store.DBTX, now time.Time) error {
		for _, id := range files {
			entry, err := store.One(reads.LetterEntries(t.Context(), db, store.LetterEntriesParams{Rankings: []uuid.UUID{ranking}, Applications: []uuid.UUID{id}}))
			if err != nil {
				return err
			}
			file, err := store.One(reads.LetterFiles(t.Context(), db, []uuid.UUID{id}))
			if err != nil {
				return err
			}
			text, _, err := o.Render(t.Context(), db, outbox.Ref{
				Kind: kinds[entry.Outcome], Language: "en", Recipient: "applicant", Institution: w.Home, Person: &file.PersonID,
				Application: &id, Call: &w.Call, Data: outbox.Data{Ranking: &ranking}, At: now,
			})
			if err != nil {
				return err
			}
			before[id] = text
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	hash := testkit.One[string](w, `SELECT result_hash FROM rankings`)
	if _, err := w.Process.Publish(t.Context(), w.Officer, process.Publication{Ranking: ranking, Hash: hash, Arrived: w.AfterClose}); err != nil {
		t.Fatal(err)
	}
	for _, id := range files {
		row, err := store.One(reads.LettersToSend(t.Context(), w.Admin, many[uuid.UUID](t, w, `SELECT id FROM letters WHERE application_id = $1 AND kind IN ('offer', 'reserve')`, id)))
		if err != nil {
			t.Fatal(err)
		}
		ref, err := outbox.RefOf(row)
		if err != nil {
			t.Fatal(err)
		}
		after, _, err := o.Render(t.Context(), w.Admin, ref)
		if err != nil {
			t.Fatal(err)
		}
		if after != before[id] {
			t.Errorf("previewed:\n%s\nsent:\n%s", before[id].Plain, after.Plain)
		}
	}
}

func TestFiguresAboutOthersOnlyWhereEnoughPeopleAreBehindThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		places, applicants int
		shown              bool
	}{{3, 5, true}, {2, 5, false}, {3, 4, false}} {
		w, o := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{c.places}}), newOutbox(t)
		var last uuid.UUID
		for i := range c.applicants {
			last = w.Submitted(w.Student("Anna", "1.5"))
			w.Marked(last, []string{"30", "28", "26", "24", "22"}[i])
		}
		w.Published(w.AfterClose)
		w.Move(w.Officer, last, "close_reserve", w.AfterClose, process.Given{})
		text := written(t, w, o)["not_selected"].Plain
		flat := strings.Join(strings.Fields(text), " ")
		if shown := strings.Contains(flat, "somebody with 48.5 points") || strings.Contains(flat, "somebody with 50.5 points"); shown != c.shown {
			t.Errorf("%d places, %d applicants: figure shown %t, want %t:\n%s", c.places, c.applicants, shown, c.shown, text)
		}
		if !strings.Contains(flat, "Were you a buddy?") {
			t.Errorf("the deciding rule is missing:\n%s", text)
		}
	}
}

func TestEveryKindHasAFiller(t *testing.T) {
	t.Parallel()
	w, o := testkit.NewWorld(t, testkit.WorldPlan{}), newOutbox(t)
	for _, kind := range letter.Kinds {
		_, _, err := o.Load(t.Context(), w.Admin, outbox.Ref{Kind: kind, Language: "en", Recipient: "office", Institution: uuid.New()}, nil)
		filled := !slices.Contains([]string{letter.KindSignIn, letter.KindHostCode}, kind)
		if known := mobility.KindOf(err) == mobility.NotFound; known != filled {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestEveryHostReasonIsWordedTwice(t *testing.T) {
	t.Parallel()
	cat, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range mobility.HostReasons {
		for _, id := range []string{"host_reason." + string(r), "host_reason_office." + string(r)} {
			if !cat.Has(id) {
				t.Errorf("%s has no words", id)
			}
		}
	}
}
