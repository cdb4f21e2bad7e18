package jobs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/catcher"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// The secret of a late link leaves in the letter and is stored nowhere else;
// of a moved deadline everybody concerned gets one letter over real SMTP.
func TestLettersOfDeadlinesAreSent(t *testing.T) {
	t.Parallel()
	r := newRig(t, testkit.WorldPlan{})
	anna, bert := r.Student("Anna", "1.2"), r.Student("Bert", "2")
	r.Submitted(bert)
	ctx := t.Context()
	closes := testkit.One[uuid.UUID](r.World, `SELECT id FROM deadlines WHERE kind = 'closes'`)
	r.at(r.WhileOpen())
	err := r.Process.MoveDeadline(ctx, r.Officer, process.DeadlineMove{
		Deadline: closes, Wall: mobility.Wall(2027, time.February, 7, 23, 59), Reason: "The portal was down.", Tell: true, Arrived: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	r.start(t)
	m, err := r.Wait(ctx, catcher.Filter{To: r.address(bert.Person), Subject: "A deadline has moved"}.Match)
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"Sunday 7 February 2027, 23:59 CET", "Until now it was Sunday 31 January 2027, 23:59 CET", "The portal was down."} {
		if !strings.Contains(strings.Join(strings.Fields(m.Text), " "), words) {
			t.Errorf("the letter does not say %q:\n%s", words, m.Text)
		}
	}
	r.at(r.ClosesAt.AddDate(0, 0, 8))
	_, err = r.Process.IssueLateLink(ctx, r.Officer, process.LateLinkIssue{
		Round: r.Round, Person: anna.Person, Wall: mobility.Wall(2027, time.February, 20, 12, 0), Reason: "Power cut.", Arrived: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err = r.Wait(ctx, catcher.Filter{To: r.address(anna.Person), Subject: "apply after the deadline"}.Match)
	if err != nil {
		t.Fatal(err)
	}
	link := m.Link("/late/")
	token := link[strings.LastIndex(link, "/")+1:]
	if !testkit.One[bool](r.World, `SELECT EXISTS (SELECT 1 FROM late_links WHERE token_hash = sha256($1::text::bytea))`, token) {
		t.Errorf("the link %q in the letter opens nothing", link)
	}
	if testkit.One[bool](r.World, `SELECT EXISTS (SELECT 1 FROM letter_texts WHERE plain LIKE '%' || $1 || '%' OR html LIKE '%' || $1 || '%')`, token) {
		t.Error("the stored letter has the secret")
	}
	r.settled(t)
}
