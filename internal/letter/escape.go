package letter

import (
	"fmt"
	"strings"
	"text/template"
	"text/template/parse"
	"unicode"
)

// markdown is text that is Markdown already. Nothing outside this file makes
// one from a value, so that nothing a person typed is ever taken for markup.
type markdown string

// The two functions a template's actions end in; escapeAll adds them.
const (
	bodyEscaper    = "_markdown"
	subjectEscaper = "_line"
)

var escapers = template.FuncMap{bodyEscaper: escapeMarkdown, subjectEscaper: escapeLine}

// escapeAll appends escaper to every action of a template that prints
// something, so that escaping cannot be forgotten in a template.
func escapeAll(t *template.Template, escaper string) {
	for _, one := range t.Templates() {
		if one.Tree != nil {
			escapeNode(one.Tree, one.Root, escaper)
		}
	}
}

func escapeNode(tree *parse.Tree, node parse.Node, escaper string) {
	switch n := node.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, child := range n.Nodes {
			escapeNode(tree, child, escaper)
		}
	case *parse.ActionNode:
		if len(n.Pipe.Decl) == 0 {
			escapePipe(tree, n.Pipe, escaper)
		}
	case *parse.IfNode:
		escapeBranch(tree, &n.BranchNode, escaper)
	case *parse.RangeNode:
		escapeBranch(tree, &n.BranchNode, escaper)
	case *parse.WithNode:
		escapeBranch(tree, &n.BranchNode, escaper)
	}
}

func escapeBranch(tree *parse.Tree, n *parse.BranchNode, escaper string) {
	escapeNode(tree, n.List, escaper)
	escapeNode(tree, n.ElseList, escaper)
}

func escapePipe(tree *parse.Tree, pipe *parse.PipeNode, escaper string) {
	name := parse.NewIdentifier(escaper).SetTree(tree).SetPos(pipe.Pos)
	pipe.Cmds = append(pipe.Cmds, &parse.CommandNode{NodeType: parse.NodeCommand, Pos: pipe.Pos, Args: []parse.Node{name}})
}

// escapeMarkdown writes any value as Markdown that reads as exactly its text.
// A Prose keeps its lines.
func escapeMarkdown(v any) markdown {
	switch v := v.(type) {
	case markdown:
		return v
	case Prose:
		var lines []string
		for line := range strings.Lines(strings.ReplaceAll(string(v), "\r", "\n")) {
			if line = inline(line); line != "" {
				lines = append(lines, punctuation(isolate(line)))
			}
		}
		return markdown(strings.Join(lines, "\\\n"))
	case Link:
		return markdown(punctuation(string(v)))
	}
	return markdown(punctuation(isolate(defuse(inline(fmt.Sprint(v))))))
}

// escapeLine writes any value as one line of plain text, for subjects.
func escapeLine(v any) string { return isolate(defuse(inline(fmt.Sprint(v)))) }

// punctuation puts a backslash before all ASCII punctuation, which makes
// Markdown read it as itself wherever it stands.
func punctuation(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 && (unicode.IsPunct(r) || unicode.IsSymbol(r)) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// inline makes one line of s: every kind of white space becomes a single
// space, control characters and those that turn the direction of writing are
// dropped. No-break spaces stay.
func inline(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r == '\u00a0' || r == '\u202f':
		case unicode.IsSpace(r) || r == '\u2028' || r == '\u2029':
			gap = b.Len() > 0
			continue
		case unicode.IsControl(r) || turns(r):
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// turns reports whether r is invisible and changes the direction of writing,
// or marks the order of bytes: a name with one of them can disguise a text.
func turns(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u200e' || r == '\u200f' || r == '\ufeff'
}

// defuse breaks an address of another site in a name or title, which mail
// programs would make a link of.
func defuse(s string) string { return strings.ReplaceAll(s, "://", ": //") }

// isolate wraps text with right-to-left letters, so that it does not reorder
// the sentence around it.
func isolate(s string) string {
	for _, r := range s {
		if unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko) {
			return "\u2068" + s + "\u2069"
		}
	}
	return s
}
