package web

import (
	"context"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// hidden is what a person with a conflict of interest may not learn of a file.
type hidden struct {
	name    string
	average string
	marks   string
	letter  string        // of motivation
	move    string        // what became of the file before the ranking; "": nothing
	mover   mobility.Role // who made the move
}

// Nothing a barred person can fetch depends on what is hidden from them
// (design rule 11): worlds that differ in nothing else give the same bytes,
// page by page, before publication.
func TestNoByteTellsABarredPersonOfAFile(t *testing.T) {
	t.Parallel()
	base := hidden{name: "a strong file", average: "1.2", marks: "27.31", letter: "I want to learn."}
	want := map[string]map[string]string{}
	for who, pages := range base.seen(t) {
		want[who] = pages
		if len(pages) < 6 {
			t.Errorf("%s finds only %d pages", who, len(pages))
		}
	}
	for _, other := range []hidden{
		{name: "a weak file", average: "2.9", marks: "3", letter: "I want to learn."},
		{name: "another letter", average: "1.2", marks: "27.31", letter: "Because my aunt decides.\nAnd more."},
		{name: "nobody marked it", average: "1.2", letter: "I want to learn."},
		{name: "taken back", average: "1.2", letter: "I want to learn.", move: "withdraw", mover: mobility.RoleApplicant},
		{name: "declared ineligible", average: "1.2", letter: "I want to learn.", move: "declare_ineligible", mover: mobility.RoleCoordinator},
	} {
		for who, pages := range other.seen(t) {
			differences(t, base.name+" and "+other.name+", "+who, want[who], pages)
		}
	}
}

// seen builds the world and returns every page of every barred person, by
// address.
func (h hidden) seen(t *testing.T) map[string]map[string]string {
	t.Helper()
	s := newScene(t, testkit.WorldPlan{Places: []int{1, 1}})
	slices.SortFunc(s.Destinations, func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) }) // lists of one host's destinations have no other order
	her := s.Student("Zdislava", h.average)
	file := s.Draft(her, s.Destinations[0])
	s.Exec(`UPDATE drafts SET answers = jsonb_build_object('motivation', $2::text) WHERE application_id = $1`, file, h.letter)
	s.Move(her, file, "submit", s.WhileOpen(), process.Given{})
	rival := s.Submitted(s.Student("Bohdana", "2.8"), s.Destinations[0], s.Destinations[1])
	other := s.Submitted(s.Student("Ctirada", "2.0"), s.Destinations[1])
	s.Marked(rival, "12.65")
	s.Marked(other, "20.05")
	if h.marks != "" {
		s.Marked(file, h.marks)
	}
	if h.mover == mobility.RoleApplicant {
		s.Move(her, file, h.move, s.WhileOpen().Add(time.Hour), process.Given{})
	}
	if h.mover == mobility.RoleCoordinator {
		s.Move(s.Coordinator, file, h.move, s.AfterClose, process.Given{Reason: "Not enrolled."})
	}
	barred := map[string]mobility.Actor{
		"assessor":    s.Staff("Aunt A", mobility.RoleAssessor, s.Home, &s.Faculty),
		"coordinator": s.Staff("Aunt C", mobility.RoleCoordinator, s.Home, &s.Faculty),
		"officer":     s.Staff("Aunt O", mobility.RoleOfficer, s.Home, nil),
	}
	for _, who := range []string{"assessor", "coordinator", "officer"} {
		s.Exec(`INSERT INTO conflicts (id, institution_id, application_id, person_id, kind, at) VALUES (gen_random_uuid(), $1, $2, $3, 'declared', '2026-01-01')`, s.Home, file, barred[who].Person)
	}
	s.Exec(`UPDATE person_facts SET family_names = given_names`) // whom lists name in one order
	s.at(s.AfterClose)
	ranking, err := s.Process.ComputeRanking(context.Background(), s.Officer, s.Round, s.AfterClose)
	if err == nil {
		lot := []process.VariantChange{{Kind: process.VaryMethod, Word: "lottery"}}
		_, err = s.Process.TryVariant(context.Background(), s.Officer, process.Trial{Ranking: ranking, Name: "by lot", Changes: lot, Arrived: s.AfterClose})
	}
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]string{}
	for who, actor := range barred {
		out[who] = s.everything(actor, file)
	}
	return out
}

var (
	links         = regexp.MustCompile(`(?:href|action|src)="(/[^"#]*)`)
	anyID         = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	anySuffix     = regexp.MustCompile(`[.-][0-9a-f]{8}(?:@|%40)`) // of addresses in tests
	options       = regexp.MustCompile(`(?:<option[^\n]*\n)+`)     // of equal standing, in whichever order
	publishedHash = regexp.MustCompile(`name="hash" value="[0-9a-f]+"`)
	footer        = regexp.MustCompile(`(?s)<footer.*?</footer>`) // names the request
)

// A page sorted and filtered in every way tells no more than in a few; an
// account tells when its session ends; and who publishes names what by hash.
const fewWays = 2

// everything follows every link from where staff begin, and asks for what names
// the hidden file without being told. Ids are numbered in the order met, so
// that two worlds can be laid side by side.
func (s *scene) everything(actor mobility.Actor, file uuid.UUID) map[string]string {
	b, numbers, out := s.as(actor), map[string]int{}, map[string]string{}
	plain := func(text string) string {
		text = options.ReplaceAllStringFunc(anySuffix.ReplaceAllString(text, "@"), inOrder)
		return anyID.ReplaceAllStringFunc(text, func(id string) string {
			if _, known := numbers[id]; !known {
				numbers[id] = len(numbers) + 1
			}
			return fmt.Sprintf("#%d", numbers[id])
		})
	}
	plain(file.String() + s.Call.String() + s.Round.String())
	queue := []string{
		"/office", "/me", "/office/people?q=Zdislava", "/office/people?q=z", "/office/applications/" + file.String(), "/applications/" + file.String(),
		"/office/calls/" + s.Call.String() + "/candidates?q=Zdislava", "/office/calls/" + s.Call.String() + "/export",
		"/office/calls/" + s.Call.String() + "/rules/selection",
	}
	for _, id := range testkit.One[[]uuid.UUID](s.World, `SELECT array_agg(id ORDER BY id) FROM rankings`) {
		plain(id.String())
		queue = append(queue, "/office/rankings/"+id.String()+"/variants")
	}
	for _, id := range testkit.One[[]uuid.UUID](s.World, `SELECT array_agg(id ORDER BY id) FROM variants`) {
		plain(id.String())
		queue = append(queue, "/office/variants/"+id.String(), "/office/variants/"+id.String()+"/moves.csv")
	}
	ways := map[string]int{}
	for i := 0; i < len(queue) && i < 400; i++ {
		if path, _, _ := strings.Cut(queue[i], "?"); ways[path] == fewWays || path == "/account" {
			continue
		} else {
			ways[path]++
		}
		got := b.get(queue[i])
		if strings.HasSuffix(queue[i], "/publish") {
			got.body = publishedHash.ReplaceAllString(got.body, "")
		}
		out[plain(queue[i])] = plain(fmt.Sprintf("%d %s\n%s", got.status, got.to, footer.ReplaceAllString(got.body, "")))
		for _, m := range links.FindAllStringSubmatch(got.body, -1) {
			next := html.UnescapeString(m[1])
			if !strings.HasPrefix(next, "/assets/") && !strings.HasPrefix(next, "/sign-out") && !slices.Contains(queue, next) {
				queue = append(queue, next)
			}
		}
	}
	return out
}

// inOrder puts options in the order of their words.
func inOrder(block string) string {
	lines := strings.Split(block, "\n")
	slices.SortFunc(lines, func(a, b string) int {
		_, a, _ = strings.Cut(a, ">")
		_, b, _ = strings.Cut(b, ">")
		return strings.Compare(a, b)
	})
	return strings.Join(lines, "\n")
}

func differences(t *testing.T, what string, a, b map[string]string) {
	t.Helper()
	for path, body := range a {
		switch other, ok := b[path]; {
		case !ok:
			t.Errorf("%s: %s is only in the first", what, path)
		case other != body:
			t.Errorf("%s: %s differs: %s", what, path, firstDifference(body, other))
		}
	}
	for path := range b {
		if _, ok := a[path]; !ok {
			t.Errorf("%s: %s is only in the second", what, path)
		}
	}
}

func firstDifference(a, b string) string {
	la, lb := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(la), len(lb)) {
		if la[i] != lb[i] {
			return fmt.Sprintf("line %d\n- %.300s\n+ %.300s", i, la[i], lb[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(la), len(lb))
}
