package letter

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// columns is how wide plain text may be; an address longer than it stands on
// a line of its own.
const columns = 72

// plainText writes a document the way one would type it.
func plainText(doc ast.Node, source []byte) string {
	p := plainWriter{source: source}
	p.blocks(doc, "", "")
	return strings.TrimRight(p.out.String(), "\n") + "\n"
}

type plainWriter struct {
	source []byte
	out    strings.Builder
}

// blocks writes the blocks below parent. The first line begins with first,
// all others with rest.
func (p *plainWriter) blocks(parent ast.Node, first, rest string) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		p.block(n, first, rest)
		if n.NextSibling() != nil && n.Kind() != ast.KindTextBlock {
			p.out.WriteString(strings.TrimRight(rest, " ") + "\n")
		}
		first = rest
	}
}

func (p *plainWriter) block(n ast.Node, first, rest string) {
	switch n := n.(type) {
	case *ast.List:
		p.list(n, first, rest)
	case *ast.Blockquote:
		p.blocks(n, first+"> ", rest+"> ")
	case *ast.ThematicBreak:
		p.out.WriteString(first + "--\n")
	case *ast.Paragraph, *ast.TextBlock, *ast.Heading:
		p.wrap(p.inlines(n), first, rest)
	}
}

func (p *plainWriter) list(n *ast.List, first, rest string) {
	number := n.Start
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "- "
		if n.IsOrdered() {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		p.blocks(item, first+mark, rest+strings.Repeat(" ", len(mark)))
		if !n.IsTight && item.NextSibling() != nil {
			p.out.WriteString(strings.TrimRight(rest, " ") + "\n")
		}
		first = rest
	}
}

// inlines returns the text of a block; "\n" is a line break that must stay.
func (p *plainWriter) inlines(parent ast.Node) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			b.Write(util.UnescapePunctuations(n.Segment.Value(p.source)))
			if n.HardLineBreak() {
				b.WriteByte('\n')
			} else if n.SoftLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.Link:
			b.WriteString(p.link(n, parent.ChildCount() == 1))
		default:
			b.WriteString(p.inlines(n))
		}
	}
	return b.String()
}

// link writes its words and its address: on a line of its own if the link is
// all there is, else in brackets behind.
func (p *plainWriter) link(n *ast.Link, alone bool) string {
	label := p.inlines(n)
	address := string(util.UnescapePunctuations(n.Destination))
	address = strings.TrimPrefix(address, "mailto:")
	switch {
	case label == address:
		return address
	case alone:
		return label + ":\n" + address
	}
	return label + " (" + address + ")"
}

func (p *plainWriter) wrap(text, first, rest string) {
	for _, line := range strings.Split(text, "\n") {
		p.wrapLine(line, first, rest)
		first = rest
	}
}

func (p *plainWriter) wrapLine(line, first, rest string) {
	p.out.WriteString(first)
	width := utf8.RuneCountInString(first)
	begun := false
	for _, word := range strings.Split(line, " ") {
		if word == "" {
			continue
		}
		length := utf8.RuneCountInString(word)
		if begun && width+1+length > columns {
			p.out.WriteString("\n" + rest)
			width, begun = utf8.RuneCountInString(rest), false
		}
		if begun {
			p.out.WriteByte(' ')
			width++
		}
		p.out.WriteString(word)
		width, begun = width+length, true
	}
	p.out.WriteByte('\n')
}
