package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"peregrine/internal/catcher"
	"peregrine/internal/testkit"
)

// pageWait is the longest a page may take to come.
const pageWait = 15 * time.Second

// Windows that pages are looked at in.
const (
	deskWidth, deskHeight   = 1440, 900
	phoneWidth, phoneHeight = 360, 740
)

// person is somebody in front of a browser of their own. They find things as
// people do, by the words on them, and click where they are.
type person struct {
	*way
	email string
	tab   context.Context
	name  string // begins the names of screenshots
	looks int

	scriptless bool
}

// sit puts somebody in front of a browser; the first one starts it.
func (w *way) sit(name, email string, options ...testkit.VisitOption) *person {
	w.t.Helper()
	p := &person{way: w, name: name, email: email}
	if w.browser == nil {
		w.browser = testkit.Browser(w.t)
	}
	p.tab = testkit.Visitor(w.t, w.browser, options...)
	return p
}

// another opens a second window of the same person at an address.
func (p *person) another(name, path string, options ...testkit.VisitOption) *person {
	p.t.Helper()
	second := *p
	second.name, second.looks = name, 0
	second.tab = testkit.Window(p.t, p.tab, options...)
	second.open(path)
	return &second
}

// withoutScript turns script off in the pages of this person.
func (p *person) withoutScript() {
	p.t.Helper()
	p.scriptless = true
	p.script(false)
}

func (p *person) script(on bool) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	}))
}

func (p *person) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.tab, steps...); err != nil {
		p.t.Fatalf("%s: %v\n%s", p.name, err, p.whereabouts())
	}
}

// eval runs an expression in the page.
func eval[T any](p *person, expression string, args ...any) (T, error) {
	quoted := make([]any, len(args))
	for i, a := range args {
		b, err := json.Marshal(a)
		if err != nil {
			panic(err) // strings and numbers come here
		}
		quoted[i] = string(b)
	}
	ctx, cancel := context.WithTimeout(p.tab, pageWait)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](fmt.Sprintf(expression, quoted...)))
}

// wait asks the page until it says yes; a page that is being left cannot
// answer and is asked again.
func (p *person) wait(what, expression string, args ...any) {
	p.t.Helper()
	for end := time.Now().Add(pageWait); ; time.Sleep(20 * time.Millisecond) {
		if yes, err := eval[bool](p, expression, args...); err == nil && yes {
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("%s waits in vain for %s\n%s", p.name, what, p.whereabouts())
		}
	}
}

// whereabouts is the page as a failure tells it.
func (p *person) whereabouts() string {
	text, err := eval[string](p, `location.href + "\n" + document.body.innerText`)
	if err != nil {
		return err.Error()
	}
	return text
}

// open goes to an address.
func (p *person) open(path string) {
	p.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = p.stage.Base + path
	}
	p.do(chromedp.Navigate(path))
}

// path is where the person is.
func (p *person) path() string {
	p.t.Helper()
	here := must(eval[string](p, `location.pathname + location.search`))(p.t)
	return here
}

// find marks the one thing that is meant and returns a selector for it. near,
// if not empty, is text that stands in the same row, item or section.
func (p *person) find(kind, words, near string) chromedp.CSS {
	p.t.Helper()
	p.wait(fmt.Sprintf("the %s %q near %q", kind, words, near), findScript, kind, words, near)
	return chromedp.CSS(`[data-way-found]`)
}

// findScript looks for what a person would: visible, by its accessible name,
// in the content before the frame.
const findScript = `((kind, words, near) => {
	const plain = e => (e.getAttribute("aria-label") || e.textContent).replace(/\s+/g, " ").trim();
	const shown = e => e.getClientRects().length > 0 && !e.closest("[aria-hidden=true]");
	const label = e => plain(e).replace(/ \((optional|nepovinné)\)$/, "");
	const everything = selector => [document.querySelector("main"), document].flatMap(root => [...root.querySelectorAll(selector)]);
	let found = [];
	if (kind === "button") found = everything("button, a, summary").filter(e => plain(e) === words);
	if (kind === "field") found = everything("label").filter(e => label(e) === words).map(e => document.getElementById(e.htmlFor)).filter(e => e);
	if (kind === "field" && !found.length) found = everything("[aria-label]").filter(e => e.matches("input, select, textarea") && plain(e) === words);
	if (kind === "option") found = everything("fieldset label").filter(e => plain(e) === words);
	found = found.filter(shown);
	if (near) found = found.filter(e => [...function* () { for (let up = e; up = up.parentElement?.closest("tr, li, fieldset, section, .p-attach, form"); ) yield up; }()].some(up => up.textContent.replace(/\s+/g, " ").includes(near)));
	if (near) found.sort((a, b) => (a.closest("tr, li, fieldset, .p-attach, section")?.textContent.includes(near) ? 0 : 1) - (b.closest("tr, li, fieldset, .p-attach, section")?.textContent.includes(near) ? 0 : 1));
	document.querySelectorAll("[data-way-found]").forEach(e => e.removeAttribute("data-way-found"));
	if (!found.length) return false;
	found[0].setAttribute("data-way-found", "");
	const at = found[0].getBoundingClientRect(), before = window.wayLast, now = words + at.x + " " + at.y;
	window.wayLast = now;
	return before === now; // what still moves is not clicked
})(%s, %s, %s)`

// press clicks a button or link and waits for the page behind it.
func (p *person) press(words string) { p.t.Helper(); p.pressNear(words, "") }

// pressNear presses the one of several that stands with other words.
func (p *person) pressNear(words, near string) {
	p.t.Helper()
	at := p.find("button", words, near)
	must(eval[bool](p, `window.wayLeaving = true`))(p.t)
	p.do(chromedp.Click(at))
	p.wait(fmt.Sprintf("a page after %q", words), `!window.wayLeaving && document.readyState === "complete"`)
}

// unfold opens what is folded away on the page.
func (p *person) unfold(words string) {
	p.t.Helper()
	p.do(chromedp.Click(p.find("button", words, "")))
}

// fill types into the field with this label, in place of what stands there.
func (p *person) fill(label, text string) { p.t.Helper(); p.fillNear(label, "", text) }

func (p *person) fillNear(label, near, text string) {
	p.t.Helper()
	at := p.find("field", label, near)
	kind := must(eval[string](p, `(() => { const e = document.querySelector("[data-way-found]"); e.focus(); return e.type })()`))(p.t)
	if kind == "date" || kind == "datetime-local" { // typed differently in every country
		must(eval[bool](p, `(v => { const e = document.querySelector("[data-way-found]"); e.value = v; return e.dispatchEvent(new Event("input", {bubbles: true})) })(%s)`, text))(p.t)
		return
	}
	must(eval[bool](p, `(() => { document.querySelector("[data-way-found]").select(); return true })()`))(p.t)
	if strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) {
		p.insert(text) // no key of the keyboard that is pressed here
		return
	}
	p.do(chromedp.SendKeys(at, text))
}

// insert enters text as an input method does.
func (p *person) insert(text string) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, input.InsertText, input.InsertTextParams{Text: text})
		return err
	}))
}

// choose picks the option whose words contain these.
func (p *person) choose(label, option string) {
	p.t.Helper()
	p.find("field", label, "")
	p.wait("the option "+option, `(words => {
		const e = document.querySelector("[data-way-found]"), o = [...e.options].find(o => o.textContent.includes(words));
		if (!o) return false;
		e.value = o.value;
		return e.dispatchEvent(new Event("change", {bubbles: true})) && e.dispatchEvent(new Event("input", {bubbles: true}));
	})(%s)`, option)
}

// tick clicks the box with this label.
func (p *person) tick(label string) {
	p.t.Helper()
	p.do(chromedp.Click(p.find("field", label, "")))
}

// attach chooses a file for the field with this label.
func (p *person) attach(label, file string) {
	p.t.Helper()
	p.do(chromedp.SetUploadFiles(p.find("field", label, ""), []string{file}))
}

// value is what stands in the field with this label.
func (p *person) value(label string) string {
	p.t.Helper()
	p.find("field", label, "")
	return must(eval[string](p, `document.querySelector("[data-way-found]").value`))(p.t)
}

// says reports whether the page's content has these words.
func (p *person) says(words string) bool {
	p.t.Helper()
	return must(eval[bool](p, `document.querySelector("main").textContent.replace(/\s+/g, " ").includes(%s)`, words))(p.t)
}

// sees fails for each of these words that the page does not have.
func (p *person) sees(words ...string) {
	p.t.Helper()
	for _, each := range words {
		if !p.says(each) {
			p.t.Errorf("%s does not see %q\n%s", p.name, each, p.whereabouts())
		}
	}
}

// seesNot fails for each of these words that the page has.
func (p *person) seesNot(words ...string) {
	p.t.Helper()
	for _, each := range words {
		if p.says(each) {
			p.t.Errorf("%s sees %q\n%s", p.name, each, p.whereabouts())
		}
	}
}

// look checks the page's accessibility and takes its picture.
func (p *person) look(what string) {
	p.t.Helper()
	p.looks++
	p.accessible()
	testkit.Screenshot(p.t, p.tab, fmt.Sprintf("%s-%02d-%s", p.name, p.looks, what), deskWidth, deskHeight)
}

// anyID is what differs between the addresses of one screen.
var anyID = regexp.MustCompile(`[0-9a-f-]{36}|\?.*`)

// accessible runs the check, which is itself a script.
func (p *person) accessible() {
	p.t.Helper()
	if p.scriptless {
		p.script(true)
		defer p.script(false)
	}
	testkit.Axe(p.t, p.tab)
}

// lookOnPhone is look in a window as wide as a small telephone, too: nothing
// but tables may need scrolling sideways.
func (p *person) lookOnPhone(what string) {
	p.t.Helper()
	p.look(what)
	p.do(chromedp.EmulateViewport(phoneWidth, phoneHeight))
	if screen := anyID.ReplaceAllString(p.path(), "*"); !p.onPhone[screen] {
		p.onPhone[screen] = true
		p.accessible()
	}
	if wide := must(eval[int](p, `document.scrollingElement.scrollWidth`))(p.t); wide > phoneWidth {
		p.t.Errorf("%s: the page %s is %d wide in a window of %d", p.name, p.path(), wide, phoneWidth)
	}
	testkit.Screenshot(p.t, p.tab, fmt.Sprintf("%s-%02d-%s-phone", p.name, p.looks, what), phoneWidth, phoneHeight)
	p.do(chromedp.ResetViewport())
}

// letter waits for a letter to this person.
func (p *person) letter(subject string) catcher.Mail {
	p.t.Helper()
	return p.mail(p.email, subject)
}

// signInByLink asks for a letter and follows the link in it.
func (p *person) signInByLink() {
	p.t.Helper()
	p.askToSignIn()
	p.open(p.letter("Your sign-in link").Link("/sign-in/"))
	p.lookOnPhone("link")
	p.press("Sign in")
	p.sees("You are signed in.")
}

// signInByCode asks for a letter and types the code in it.
func (p *person) signInByCode() {
	p.t.Helper()
	p.askToSignIn()
	p.fill("Code from the letter", codeIn(p.t, p.letter("Your sign-in link")))
	p.lookOnPhone("code")
	p.press("Sign in")
	p.sees("You are signed in.")
}

func (p *person) askToSignIn() {
	p.t.Helper()
	p.open("/sign-in")
	p.fill("E-mail address", p.email)
	p.press("Send me a link")
	p.sees("Look into your mail")
}

// move presses the button of a move on an application's page, answers what it
// asks and makes it.
func (p *person) move(label string, answer func()) {
	p.t.Helper()
	p.press(label)
	p.look(slug(label))
	if answer != nil {
		answer()
	}
	p.press(label)
}

func slug(words string) string {
	return strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(words), "-"), "-")
}

var codeForm = regexp.MustCompile(`\b[A-Z0-9]{4}-[A-Z0-9]{4}\b`)

func codeIn(t *testing.T, m catcher.Mail) string {
	t.Helper()
	code := codeForm.FindString(m.Text)
	if code == "" {
		t.Fatalf("no code in the letter:\n%s", m.Text)
	}
	return code
}
