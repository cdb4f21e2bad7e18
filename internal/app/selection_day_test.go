package app_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"peregrine/internal/app"
	"peregrine/internal/catcher"
	world "peregrine/internal/demo"
	"peregrine/internal/testkit"
)

// The day of the demo world in this test: 2041, as no clock of a machine will
// for long, and a Tuesday as in the world's files.
const selectionDay = "2041-01-15 09:00"

// springCall is the demo's call in the middle of its selection.
const springCall = "Jaro 2042 v zahraničí, Provozně ekonomická fakulta"

// newSelectionDay is the whole program on the demo's world, of which the
// letters of the past are taken as sent.
func newSelectionDay(t *testing.T) *way {
	t.Helper()
	w := &way{t: t, read: map[int]bool{}, onPhone: map[string]bool{}}
	w.zone = must(time.LoadLocation("Europe/Prague"))(t)
	w.mails = must(catcher.Start(catcher.Options{}))(t)
	t.Cleanup(func() { _ = w.mails.Close() })
	url := testkit.DatabaseURL(t)
	w.mark(url)
	w.stage = must(app.NewStage(t.Context(), app.Prop{DatabaseURL: url, Folder: t.TempDir(), Mail: w.mails}, w.logger()))(t)
	if err := world.Seed(t.Context(), world.Deps{Process: w.stage.Process, DB: w.stage.Work}, w.at(selectionDay)); err != nil {
		t.Fatal(err)
	}
	w.forward(selectionDay)
	w.run()
	return w
}

// becomes signs in by the demo's page.
func (p *person) becomes(name string) {
	p.t.Helper()
	p.open("/demo")
	p.press("Sign in as " + name)
}

// shown checks the page and takes its pictures at a desk and on a telephone.
func (p *person) shown(what string) {
	p.t.Helper()
	p.lookOnPhone(what)
}

// keys types into whatever has the focus.
func (p *person) keys(text string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(text))
}

// A faculty's selection of more than two hundred, as its people do it in a
// browser each: the last marks, the order, what else could be, the lists with
// their letters, an appeal that is won, and the reserve.
func TestSelectionDay(t *testing.T) {
	w := newSelectionDay(t)
	jitka := &marker{w.sit("jitka", "jitka.novotna@mendelu.example")}
	jitka.becomes("Jitka Novotná-Součková")
	jitka.givesTheMissingMarks()

	lenka := &chooser{person: w.sit("lenka", "lenka.hruba@mendelu.example")}
	lenka.becomes("Lenka Hrubá")
	lenka.computesTheOrder("Výpočet 1")
	lenka.looksAtTheRun()
	lenka.triesVariants()

	radovan := &chooser{person: w.sit("radovan", "radovan.simek@mendelu.example")}
	radovan.becomes("Radovan Šimek")
	radovan.approves(lenka.run)
	lenka.publishesProvisionally()

	ill := w.reads("appellant", w.oneWhere(couldWin)).inCzech()
	ill.appeals("Hodnotitelka mi podle komentáře nezapočetla druhou stranu dopisu.")
	lenka.assignsTheAppeal("Radovan Šimek")
	radovan.grantsTheAppeal(ill.who, "20", "Druhá strana dopisu se při hodnocení ztratila. Komise dopis přečetla celý.")
	ill.readsTheAnswer("Druhá strana dopisu se při hodnocení ztratila.")

	w.forward("2041-01-22 09:00")
	lenka.computesTheOrder("Výpočet 2")
	lenka.sees("Oproti předběžnému pořadí", ill.who)
	radovan.approves(lenka.run)
	lenka.publishes()
	lenka.inTheDark("published")

	lucky := w.reads("placed", w.oneWhere(placedAtALaterWish)).inCzech()
	lucky.letter("Nabízíme vám místo: ")
	lucky.understands("Máte nabídku", "Se stipendiem", "Jak vznikly vaše body")
	waiting := w.reads("waiting", w.oneWhere(waitsInCzech)).inCzech()
	waiting.letter("Jste na seznamu náhradníků: ")
	waiting.understands("náhradník")
	refused := w.reads("refused", w.oneWhere(refusedInEnglish))
	refused.letter("The result of your application: ")
	refused.understands()
	shut := w.reads("shut", w.oneWhere("e.outcome = 'gated'"))
	shut.understands()

	next := w.nextAfter(lucky.candidate)
	lucky.declines()
	w.promotedSoon(next)
	promoted := w.reads("promoted", next)
	promoted.gets()
	w.sound()
}
