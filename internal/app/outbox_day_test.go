package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"peregrine/internal/catcher"
	"peregrine/internal/testkit"
)

// readsThree letters of the outbox one after the other, as their readers will
// get them, and returns the address of the third.
func (c *chooser) readsThree() (third string) {
	c.t.Helper()
	c.open(c.run)
	c.press("Otevřít poštu k odeslání")
	c.sees("Kdo dostane dopis a kdo ne", "Rozhoduje se o", "Dopisy podle druhu a jazyka")
	c.shown("outbox")
	c.press("Přečíst první dopis")
	for i := range 3 {
		c.sees("Komu", "Jako prostý text")
		c.wait("the letter in its frame", `document.querySelector("iframe")?.clientHeight > 100`)
		if i == 0 {
			c.shown("letter")
		}
		if i < 2 {
			c.open(must(eval[string](c.person, `document.querySelector("a[rel=next]").getAttribute("href")`))(c.t))
		}
	}
	return c.path()
}

// editsOne letter by hand, looks at it and has a sample sent to herself.
func (c *chooser) editsOne(more string) {
	c.t.Helper()
	c.press("Upravit tento dopis")
	text := c.value("Text dopisu")
	c.fill("Text dopisu", "Subject: Dobrý den\nPřijďte.\n")
	c.fill("Odůvodnění", "Domluveno na konzultaci.")
	c.press("Uložit pro tohoto člověka")
	c.sees("Tento text ještě nelze odeslat.")
	c.shown("edit-refused")
	c.fill("Text dopisu", text+"\n\n"+more+"\n")
	c.press("Ukázat, jak se čte")
	c.sees(more)
	c.press("Uložit pro tohoto člověka")
	c.sees("Domluveno na konzultaci.", more)
	c.shown("edited")
	c.press("Poslat mi vzorek")
	c.sees("Vzorek je na cestě na vaši adresu.")
}

// holdsTwoBack by name and reason, and returns whose.
func (c *chooser) holdsTwoBack() []string {
	c.t.Helper()
	c.open(c.run + "/outbox")
	names := must(eval[[]string](c.person, `[...document.querySelectorAll("#list input[type=checkbox]")].slice(5, 7).map(e => e.getAttribute("aria-label"))`))(c.t)
	ids := must(eval[[]string](c.person, `[...document.querySelectorAll("#list input[type=checkbox]")].slice(5, 7).map(e => e.value)`))(c.t)
	for _, name := range names {
		c.tick(name)
	}
	c.press("Pozdržet vybrané")
	for _, name := range names {
		c.sees(strings.TrimPrefix(name, "Vybrat: "))
	}
	c.fill("Odůvodnění", "Ověřuje se potvrzení o studiu.")
	c.shown("hold-two")
	c.press("Pozdržet")
	c.sees("Pozdrženo:")
	c.shown("outbox-held")
	return ids
}

// followsTheLetters until each is dealt with.
func (c *chooser) followsTheLetters() {
	c.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Second) {
		c.open(c.run + "/outbox?follow=true")
		if c.says("Všechny dopisy jsou vyřízeny") {
			break
		}
		if time.Now().After(end) {
			c.t.Fatalf("the letters do not come to an end\n%s", c.whereabouts())
		}
	}
	c.shown("gone")
}

// givesANobodysAddress to one who gets a place and stands late in the order,
// as if an import had brought it with a slip.
func (w *way) givesANobodysAddress() candidate {
	w.t.Helper()
	c := w.oneWhere(`e.outcome = 'placed' AND p.language <> 'en' AND e.rank > 20`)
	c.email = "preklep.v.adrese@bounce.example"
	if _, err := w.stage.Work.Exec(w.t.Context(), `UPDATE persons SET email = $1 WHERE id = (SELECT person_id FROM applications WHERE id = $2)`, c.email, c.application); err != nil {
		w.t.Fatal(err)
	}
	return c
}

// correctsWhatCameBack: the mail server took the letter, its report came back
// into the mailbox, and the same letter goes once more to the right address.
func (c *chooser) correctsWhatCameBack(who candidate) {
	c.t.Helper()
	first := c.mail(who.email, "Nabízíme vám místo: ")
	for end := time.Now().Add(mailWait); ; time.Sleep(time.Second) {
		c.open("/office/letters?kind=offer")
		if c.says(who.email) {
			break
		}
		if time.Now().After(end) {
			c.t.Fatalf("what came back is not listed\n%s", c.whereabouts())
		}
	}
	c.sees("Vrátil se", "Tuto adresu nikdo nemá")
	c.shown("came-back")
	c.pressNear("Nabídka místa", who.email)
	c.sees("550 5.1.1 user unknown", "mx.bounce.example")
	c.press("Opravit adresu a odeslat znovu")
	const right = "spravna.adresa@student.mendelu.example"
	c.fill("Nová adresa", right)
	c.fill("Odkud novou adresu znáte?", "Potvrdila ji po telefonu.")
	c.shown("right-address")
	c.press("Opravit a odeslat znovu")
	c.sees("Adresa byla opravena a dopisy se odesílají znovu.")

	again := c.mail(right, "")
	if again.Subject != first.Subject || again.Text != first.Text || again.HTML != first.HTML || again.MessageID == first.MessageID {
		c.t.Errorf("another letter went: %q and %q, %s and %s", first.Subject, again.Subject, first.MessageID, again.MessageID)
	}
	c.followsTheLetters()
	for _, to := range []string{who.email, right} {
		if n := len(c.mails.Mails(catcher.Filter{To: to})); n != 1 {
			c.t.Errorf("%d letters to %s, want one", n, to)
		}
	}
}

// addressOf is where an applicant reads mail.
func (w *way) addressOf(application string) string {
	w.t.Helper()
	var email string
	err := w.stage.Work.QueryRow(w.t.Context(), `SELECT p.email FROM applications a JOIN persons p ON p.id = a.person_id WHERE a.id = $1`, application).Scan(&email)
	if err != nil {
		w.t.Fatal(err)
	}
	return email
}

// More than two hundred decisions are published after three letters were read,
// one of them edited and two results held back; one letter comes back, its
// address is corrected, and it goes again.
func TestOutboxDay(t *testing.T) {
	w := newSelectionDay(t)
	_, err := w.stage.Work.Exec(t.Context(), `UPDATE calls SET provisional_days = NULL, approval = 'none' WHERE title ->> 'cs' = $1`, springCall)
	if err != nil {
		t.Fatal(err)
	}
	jitka := &marker{w.sit("jitka", "jitka.novotna@mendelu.example")}
	jitka.becomes("Jitka Novotná-Součková")
	jitka.givesTheMissingMarks()
	lenka := &chooser{person: w.sit("lenka", "lenka.hruba@mendelu.example", testkit.AllowStatus(http.StatusUnprocessableEntity))}
	lenka.becomes("Lenka Hrubá")
	lenka.computesTheOrder("Výpočet 1")

	const more = "Stavte se u nás do pátku."
	third := lenka.readsThree()
	before, known := len(w.mails.Mails(catcher.Filter{})), map[int]bool{}
	for _, m := range w.mails.Mails(catcher.Filter{}) {
		known[m.ID] = true
	}
	lenka.editsOne(more)
	sample := lenka.letter("[vzorek] ")
	if !strings.Contains(sample.Text, more) || strings.Contains(sample.HTML, "href=") {
		t.Errorf("the sample says\n%s", sample.Text)
	}
	held := lenka.holdsTwoBack()
	if n := len(w.mails.Mails(catcher.Filter{})); n != before+1 {
		t.Errorf("%d letters but the sample before anything is published", n-before-1)
	}

	slip := w.givesANobodysAddress()
	lenka.open(lenka.run)
	lenka.press("Zveřejnit")
	lenka.shown("ask")
	lenka.press("Zveřejnit a odeslat dopisy")
	lenka.followsTheLetters()
	lenka.sees("2 výsledky jsou stále pozdrženy a dopis ještě nemají.")

	w.heardOnlyOf(published{third, more, held, known})
	lenka.correctsWhatCameBack(slip)
	lenka.do(chromedp.Navigate(w.stage.Base + third))
	lenka.sees(more)
	w.sound()
}

// published is what a publication was to tell, and what it was not.
type published struct {
	third, more string       // the path of the letter written by hand, and its words
	held        []string     // applications whose result is held back
	known       map[int]bool // letters of before
}

// heardOnlyOf checks the letters that publishing sent.
func (w *way) heardOnlyOf(p published) {
	w.t.Helper()
	_, path, _ := strings.Cut(p.third, "/letters/")
	edited, _, _ := strings.Cut(path, "?")
	mails := w.mails.Mails(catcher.Filter{To: w.addressOf(edited)})
	if len(mails) == 0 || !strings.Contains(mails[len(mails)-1].Text+mails[0].Text, p.more) {
		w.t.Errorf("%d letters to whom one was written by hand, none with its words", len(mails))
	}
	for _, id := range p.held {
		for _, m := range w.mails.Mails(catcher.Filter{To: w.addressOf(id)}) {
			if !p.known[m.ID] {
				w.t.Errorf("a letter to somebody whose result is held back: %s", m.Subject)
			}
		}
	}
	if n := len(w.mails.Mails(catcher.Filter{})) - len(p.known) - 1; n < 200 {
		w.t.Errorf("%d letters, want one for each of more than 200 decisions", n)
	}
}
