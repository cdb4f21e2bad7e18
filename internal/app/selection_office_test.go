package app_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/xuri/excelize/v2"
)

// marker is a faculty's coordinator, who has marks to give.
type marker struct{ *person }

// givesTheMissingMarks with no more than the keyboard.
func (m *marker) givesTheMissingMarks() {
	m.t.Helper()
	m.open("/office/calls")
	m.press(springCall)
	m.shown("call")
	m.press("Zadat chybějící body")
	m.shown("missing")
	m.tabs("a cell", `document.activeElement.closest("td[data-cell-of]")`)
	for i := range 30 {
		m.keys(fmt.Sprintf("%d,5\r", 8+i%11))
	}
	m.wait("all to be saved", `document.querySelector("[data-lasting]").dataset.state === "saved" && document.querySelector("[data-figure=missing]").textContent === "0"`)
	m.shown("marked")
	m.open(m.path())
	m.sees("Nic nechybí")
}

// tabs presses Tab until something has the focus.
func (p *person) tabs(what, condition string) {
	p.t.Helper()
	for range 60 {
		p.keys("\t")
		if must(eval[bool](p, `Boolean(`+strings.ReplaceAll(condition, "%", "%%")+`)`))(p.t) {
			return
		}
	}
	p.t.Fatalf("%s does not reach %s by Tab\n%s", p.name, what, p.whereabouts())
}

// chooser is the office's officer, who makes the order and publishes it.
type chooser struct {
	*person
	run string // path of the run
}

func (c *chooser) computesTheOrder(run string) {
	c.t.Helper()
	c.open("/office/calls")
	c.press(springCall)
	c.press("Pořadí")
	c.shown("runs")
	c.press("Spočítat pořadí")
	c.sees("Pořadí je spočítáno.", run)
	c.run = c.path()
	c.shown("run")
}

func (c *chooser) looksAtTheRun() {
	c.t.Helper()
	c.sees("Podle destinací", "Body všech v pořadí", "Nejnižší přijatý")
}

// triesVariants tries three on copies of the run and takes one of them home.
func (c *chooser) triesVariants() {
	c.t.Helper()
	c.open(c.run + "/variants")
	c.fill("Jak se varianta jmenuje?", "O dvě místa ve Vídni víc")
	c.fill("Místa: WIRTSCHAFTSUNIVERSITAT WIEN, letní semestr", "5")
	c.press("Spočítat variantu")
	c.sees("Varianta je spočítaná.")
	c.shown("more-places")
	c.takesItHome()
	c.open(c.run + "/variants")
	c.fill("Jak se varianta jmenuje?", "Dopis dvojnásob")
	c.fill("Váha kritéria „Motivační dopis“", "2")
	c.press("Spočítat variantu")
	c.shown("other-weight")
	c.open(c.run + "/variants")
	c.fill("Jak se varianta jmenuje?", "Kdyby první odstoupil")
	c.fill("Kdo odstoupí", "1")
	c.press("Spočítat variantu")
	c.shown("withdrawal")
	c.open(c.run + "/variants")
	c.shown("beside")
}

// takesItHome exports a variant, which says the same as its page.
func (c *chooser) takesItHome() {
	c.t.Helper()
	at := c.path()
	encoded := must(chromedp.Run(c.tab, chromedp.Evaluate[string](`fetch("`+at+`/moves.xlsx").then(a => a.arrayBuffer()).then(b => btoa(Array.from(new Uint8Array(b), x => String.fromCharCode(x)).join("")))`, chromedp.EvalAwaitPromise)))(c.t)
	book := must(excelize.OpenReader(bytes.NewReader(must(base64.StdEncoding.DecodeString(encoded))(c.t))))(c.t)
	moves := map[string]int{}
	for _, row := range must(book.GetRows(book.GetSheetName(0)))(c.t)[1:] {
		moves[row[3]]++
	}
	all, still := 0, moves["Beze změny"]
	for _, n := range moves {
		all += n
	}
	c.sees(fmt.Sprintf("Posune se %d z %d", all-still, all))
	for _, move := range []string{"Přibyl", "Výš", "Níž", "Vypadl"} {
		c.sees(fmt.Sprintf("%s: %d", move, moves[move]))
	}
}

// inTheDark looks at a page as those see it who want dark ones.
func (p *person) inTheDark(what string) {
	p.t.Helper()
	p.colours("dark")
	p.look(what + "-dark")
	p.colours("")
}

func (p *person) colours(scheme string) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	}))
}

// approves stands for exactly this run.
func (c *chooser) approves(run string) {
	c.t.Helper()
	c.open(run)
	c.agrees()
	c.press("Schválit tento výsledek")
	c.sees("Výsledek jste schválili.")
	c.shown("approved")
}

func (c *chooser) publishesProvisionally() {
	c.t.Helper()
	c.open(c.run)
	c.press("Zveřejnit předběžně…")
	c.shown("ask-provisional")
	c.press("Zveřejnit předběžně")
	c.sees("Předběžné pořadí je zveřejněno")
	c.shown("provisional")
}

// publishes makes the list final.
func (c *chooser) publishes() {
	c.t.Helper()
	c.open(c.run)
	c.press("Zveřejnit")
	c.shown("ask-publish")
	c.press("Zveřejnit a odeslat dopisy")
	c.sees("Výsledek je zveřejněn")
	c.shown("published")
}

// assignsTheAppeal gives the only appeal to somebody who had no part in the file.
func (c *chooser) assignsTheAppeal(to string) {
	c.t.Helper()
	c.open(c.run)
	c.press("Odvolání")
	c.shown("appeals")
	c.press("Č. 1")
	c.shown("appeal")
	c.choose("Přidělit", to)
	c.press("Přidělit")
	c.sees("Přiděleno: " + to)
}

// grantsTheAppeal corrects the mark of the letter, once the consequences are
// on the page.
func (c *chooser) grantsTheAppeal(who, points, answer string) {
	c.t.Helper()
	c.open(c.letter("Odvolání k rozhodnutí: č. 1").Link("/office/appeals/"))
	c.sees(who)
	c.tick("Vyhovět odvolání")
	c.fill("Odpověď a její důvod", answer)
	c.choose("Jak se to napraví", "Hodnocení: Motivační dopis")
	c.fill("Správný počet bodů", points)
	c.shown("decide")
	c.press("Ukázat, co z toho plyne")
	c.sees("Co z toho plyne", who)
	c.shown("consequences")
	c.press("Vyhovět a hned opravit")
	c.sees("Odvolání bylo vyhověno")
	c.shown("granted")
}

// agrees answers the page's next question with yes.
func (p *person) agrees() {
	p.t.Helper()
	must(eval[bool](p, `Boolean(window.confirm = () => true)`))(p.t)
}
