package pagetest

import "testing"

// A test of the test: what it is there to find, it finds.
func TestUnsoundFindsFaults(t *testing.T) {
	frame := func(main string) string {
		return `<!DOCTYPE html><html lang="en"><head><title>T</title></head><body><main><h1>T</h1>` + main + `</main></body></html>`
	}
	if found := Unsound(frame(`<p>fine</p>`)); len(found) > 0 {
		t.Fatalf("a sound page: %v", found)
	}
	for name, main := range map[string]string{
		"a second h1":         `<h1>U</h1>`,
		"an unclosed tag":     `<div><p>x</p>`,
		"a tag never opened":  `</section>`,
		"an id twice":         `<p id="a"></p><p id="a"></p>`,
		"an unlabelled input": `<input name="a">`,
		"an empty label":      `<label for="a"></label><input id="a">`,
		"a loose error":       `<label for="a">A</label><input id="a" aria-invalid="true">`,
		"a dangling id":       `<label for="a">A</label><input id="a" aria-describedby="b">`,
		"a style attribute":   `<p style="color:red">x</p>`,
		"an inline script":    `<script>1</script>`,
		"an event handler":    `<p onclick="x()">x</p>`,
		"a nameless button":   `<button></button>`,
		"a nested form":       `<form action="/a"><div><form action="/b"></form></div></form>`,
		"a heading skipped":   `<h3>x</h3>`,
		"an image unnamed":    `<img src="/x.png">`,
		"a link to nothing":   `<a href="#nowhere">x</a>`,
	} {
		if len(Unsound(frame(main))) == 0 {
			t.Errorf("%s was not found", name)
		}
	}
}
