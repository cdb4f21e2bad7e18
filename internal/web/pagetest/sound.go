// Package pagetest checks the structure of rendered pages; only tests import it.
package pagetest

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html"
)

// Unsound checks the structure of a whole page and returns what is wrong with
// it: tags that do not match, not exactly one h1, ids twice, fields without a
// label, problems not tied to their field, headings that skip a level, links
// to an anchor that is not there, and anything the Content-Security-Policy
// would block. Tests of pages call it on what they render.
func Unsound(page string) []string {
	c := &checker{ids: map[string]bool{}, labels: map[string]string{}}
	c.balance(page)
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return append(c.problems, err.Error())
	}
	c.collect(root)
	c.walk(root)
	c.finish()
	return c.problems
}

type checker struct {
	problems []string
	ids      map[string]bool
	labels   map[string]string // id of a field → text of its label
	headings int
	level    int
	links    []string
	referred [][2]string // who refers to which id
}

func (c *checker) wrong(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

var void = map[string]bool{"area": true, "base": true, "br": true, "col": true, "hr": true, "img": true, "input": true, "link": true, "meta": true, "source": true, "wbr": true}

// balance compares opening and closing tags one by one: the parser would
// silently mend them, the way browsers do.
func (c *checker) balance(page string) {
	z := html.NewTokenizer(strings.NewReader(page))
	var open []string
	for {
		switch z.Next() {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) {
				c.wrong("%v", z.Err())
			}
			if len(open) > 0 {
				c.wrong("never closed: %v", open)
			}
			return
		case html.StartTagToken:
			name, _ := z.TagName()
			if tag := string(name); !void[tag] {
				if tag == "form" && within(open, "form") {
					c.wrong("a form inside a form")
				}
				open = append(open, tag)
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				c.wrong("</%s> closes nothing; open are %v", name, open)
				return
			}
			open = open[:len(open)-1]
		}
	}
}

func within(open []string, tag string) bool {
	for _, o := range open {
		if o == tag {
			return true
		}
	}
	return false
}

// collect notes ids and labels, which may come after what refers to them.
func (c *checker) collect(n *html.Node) {
	if n.Type == html.ElementNode {
		if id := attr(n, "id"); id != "" {
			if c.ids[id] {
				c.wrong("id %q twice", id)
			}
			c.ids[id] = true
		}
		if n.Data == "label" {
			c.labels[attr(n, "for")] = words(n)
		}
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		c.collect(child)
	}
}

func (c *checker) walk(n *html.Node) {
	if n.Type == html.ElementNode {
		c.attributes(n)
		c.element(n)
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		c.walk(child)
	}
}

func (c *checker) attributes(n *html.Node) {
	for _, a := range n.Attr {
		switch {
		case a.Key == "style", strings.HasPrefix(a.Key, "on"):
			c.wrong("<%s> has %s, which the policy blocks", n.Data, a.Key)
		case a.Key == "aria-describedby", a.Key == "aria-labelledby", a.Key == "aria-controls":
			for _, id := range strings.Fields(a.Val) {
				c.referred = append(c.referred, [2]string{n.Data + " " + a.Key, id})
			}
		case strings.Contains(a.Val, "ZgotmplZ"):
			c.wrong("<%s %s> was refused by the template", n.Data, a.Key)
		}
	}
}

func (c *checker) element(n *html.Node) {
	switch n.Data {
	case "html":
		if attr(n, "lang") == "" {
			c.wrong("the page has no language")
		}
	case "h1", "h2", "h3", "h4":
		c.heading(n)
	case "input", "select", "textarea":
		c.field(n)
	case "button", "a":
		if words(n) == "" && attr(n, "aria-label") == "" {
			c.wrong("<%s> has no name", n.Data)
		}
		if href := attr(n, "href"); len(href) > 1 && href[0] == '#' {
			c.links = append(c.links, href[1:])
		}
	case "img":
		if !has(n, "alt") {
			c.wrong("an image has no alt")
		}
	case "script":
		if attr(n, "src") == "" {
			c.wrong("a script stands in the page")
		}
	case "style":
		c.wrong("a style sheet stands in the page")
	case "table":
		c.table(n)
	}
}

func (c *checker) heading(n *html.Node) {
	level := int(n.Data[1] - '0')
	if level == 1 {
		c.headings++
	}
	if words(n) == "" {
		c.wrong("<%s> is empty", n.Data)
	}
	if level > c.level+1 {
		c.wrong("<%s> %q follows a heading of level %d", n.Data, words(n), c.level)
	}
	c.level = level
}

func (c *checker) field(n *html.Node) {
	switch attr(n, "type") {
	case "hidden", "submit":
		return
	}
	if c.labels[attr(n, "id")] == "" && attr(n, "aria-label") == "" {
		c.wrong("field %q has no label", attr(n, "name"))
	}
	if attr(n, "aria-invalid") == "true" && !strings.Contains(attr(n, "aria-describedby"), "-error") {
		c.wrong("field %q is wrong and its problem is not tied to it", attr(n, "name"))
	}
}

func (c *checker) table(n *html.Node) {
	if first := n.FirstChild; first != nil {
		for ; first != nil && first.Type != html.ElementNode; first = first.NextSibling {
		}
		if first == nil || first.Data != "caption" || words(first) == "" {
			c.wrong("a table has no caption")
		}
	}
}

func (c *checker) finish() {
	if c.headings != 1 {
		c.wrong("%d h1", c.headings)
	}
	for _, r := range c.referred {
		if !c.ids[r[1]] {
			c.wrong("%s names %q, which is not there", r[0], r[1])
		}
	}
	for _, id := range c.links {
		if !c.ids[id] {
			c.wrong("a link leads to #%s, which is not there", id)
		}
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

// words is all text in n.
func words(n *html.Node) string {
	var b strings.Builder
	var visit func(*html.Node)
	visit = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			visit(child)
		}
	}
	visit(n)
	return strings.TrimSpace(b.String())
}
