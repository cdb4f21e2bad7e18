package app_test

import (
	"fmt"
	"strings"
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

func (c *chooser) computesTheOrder() {
	c.t.Helper()
	c.open("/office/calls")
	c.press(springCall)
	c.press("Pořadí")
	c.shown("runs")
	c.press("Spočítat pořadí")
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

// publishes tells everybody, once the letters were read.
func (c *chooser) publishes() {
	c.t.Helper()
	c.open(c.run)
	c.press("Zveřejnit")
	c.shown("ask-publish")
	c.press("Zveřejnit a odeslat dopisy")
	c.sees("Výsledek je zveřejněn")
	c.shown("published")
}
