package letter

import (
	"cmp"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"

	"peregrine/internal/locale"
)

// sourceCheck walks a source's placeholders and proves by their types that
// nothing can go wrong when they are filled: only fields of the kind's own
// letter are named, only in a form that can be printed, and what may be
// missing only where a condition says that it is there.
type sourceCheck struct {
	kind     string
	root     operand
	nouns    []string
	text     string
	line     int            // of the text's first line
	sure     map[string]int // paths that a condition around here has proved to be there
	problems SourceProblems
}

// operand is what an expression stands for.
type operand struct {
	typ      reflect.Type
	path     string // from the letter's root, "Appeal.Until"; of an element "Choices[]"
	optional bool
}

// implied are paths that are there whenever another one is.
var implied = map[string]string{"Choices": "Rule", "EarlierSubject": "EarlierAt"}

func newSourceCheck(kind string, l Letter) *sourceCheck {
	return &sourceCheck{kind: kind, root: operand{typ: reflect.TypeOf(l)}, nouns: nounsOf(kind), sure: map[string]int{}}
}

var countCall = regexp.MustCompile(`count "([a-z_]+)"`)

// nounsOf are the nouns the built-in text of a kind counts.
func nounsOf(kind string) []string {
	var out []string
	for _, lang := range locale.Languages {
		for _, m := range countCall.FindAllStringSubmatch(BuiltIn(kind, lang), -1) {
			out = append(out, m[1])
		}
	}
	return out
}

func (c *sourceCheck) sorted() SourceProblems {
	slices.SortStableFunc(c.problems, func(a, b SourceProblem) int { return cmp.Compare(a.Line, b.Line) })
	return c.problems
}

var parseMessage = regexp.MustCompile(`^template: letter:(\d+)(?::\d+)?: (.*)`)

// part checks the subject or the body, whose first line has this number.
func (c *sourceCheck) part(text string, line int) {
	c.text, c.line = text, line
	tree := parse.New("letter")
	tree.Mode = parse.SkipFuncCheck
	set := map[string]*parse.Tree{}
	if _, err := tree.Parse(text, "", "", set); err != nil {
		c.syntax(err)
		return
	}
	for name := range set {
		if name != "letter" {
			c.problems = append(c.problems, SourceProblem{Line: line, Code: "not_allowed", Data: map[string]any{"What": "{{define}}"}})
		}
	}
	if tree.Root != nil {
		c.list(tree.Root, c.root)
	}
}

func (c *sourceCheck) syntax(err error) {
	p := SourceProblem{Line: c.line, Code: "syntax"}
	if m := parseMessage.FindStringSubmatch(err.Error()); m != nil {
		at, _ := strconv.Atoi(m[1])
		p.Line = c.line + at - 1
		switch {
		case strings.Contains(m[2], "unexpected EOF"):
			p.Code = "no_end"
		case strings.Contains(m[2], "unexpected {{end}}"), strings.Contains(m[2], "unexpected {{else}}"):
			p.Code = "end_alone"
		case strings.Contains(m[2], "unclosed"), strings.Contains(m[2], "unterminated"):
			p.Code = "unclosed"
		}
	}
	c.problems = append(c.problems, p)
}

func (c *sourceCheck) problem(at parse.Node, code string, data map[string]any) {
	offset := min(int(at.Position()), len(c.text))
	c.problems = append(c.problems, SourceProblem{Line: c.line + strings.Count(c.text[:offset], "\n"), Code: code, Data: data})
}

// braced is a node as the writer typed it.
func braced(n parse.Node) string {
	if s := n.String(); strings.HasPrefix(s, "{{") {
		return s
	}
	return "{{" + n.String() + "}}"
}

func (c *sourceCheck) notAllowed(at parse.Node) {
	c.problem(at, "not_allowed", map[string]any{"What": braced(at)})
}

func (c *sourceCheck) list(list *parse.ListNode, dot operand) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.TextNode, *parse.CommentNode:
		case *parse.ActionNode:
			c.action(n, dot)
		case *parse.IfNode:
			c.within(c.condition(n.Pipe, dot), func() { c.list(n.List, dot) })
			c.list(n.ElseList, dot)
		case *parse.WithNode:
			c.with(n, dot)
		case *parse.RangeNode:
			c.each(n, dot)
		default:
			c.notAllowed(node)
		}
	}
}

// within walks with these paths proved to be there.
func (c *sourceCheck) within(paths []string, walk func()) {
	for _, p := range slices.Clone(paths) {
		if also, ok := implied[p]; ok {
			paths = append(paths, also)
		}
	}
	for _, p := range paths {
		c.sure[p]++
	}
	walk()
	for _, p := range paths {
		c.sure[p]--
	}
}

func (c *sourceCheck) with(n *parse.WithNode, dot operand) {
	if one, ok := c.single(n.Pipe, dot); ok {
		inner := operand{typ: one.typ, path: one.path}
		if inner.typ.Kind() == reflect.Pointer {
			inner.typ = inner.typ.Elem()
		}
		c.within([]string{one.path}, func() { c.list(n.List, inner) })
	}
	c.list(n.ElseList, dot)
}

func (c *sourceCheck) each(n *parse.RangeNode, dot operand) {
	if one, ok := c.single(n.Pipe, dot); ok {
		if one.typ.Kind() != reflect.Slice {
			c.problem(n, "no_list", map[string]any{"What": braced(n.Pipe)})
			return
		}
		inner := operand{typ: one.typ.Elem(), path: one.path + "[]"}
		c.within([]string{one.path}, func() { c.list(n.List, inner) })
	}
	c.list(n.ElseList, dot)
}

// single is the one field a with or range is about.
func (c *sourceCheck) single(pipe *parse.PipeNode, dot operand) (operand, bool) {
	args, ok := c.command(pipe)
	if !ok {
		return operand{}, false
	}
	if len(args) != 1 {
		c.notAllowed(pipe)
		return operand{}, false
	}
	return c.operand(args[0], dot)
}

// command is the only command of a pipe that sets no variable.
func (c *sourceCheck) command(pipe *parse.PipeNode) ([]parse.Node, bool) {
	if pipe == nil || len(pipe.Decl) > 0 || len(pipe.Cmds) != 1 {
		c.notAllowed(pipe)
		return nil, false
	}
	return pipe.Cmds[0].Args, true
}

// condition checks what an if asks, and returns what is there if it holds.
func (c *sourceCheck) condition(pipe *parse.PipeNode, dot operand) []string {
	args, ok := c.command(pipe)
	if !ok {
		return nil
	}
	function, ok := args[0].(*parse.IdentifierNode)
	if !ok {
		if len(args) != 1 {
			c.notAllowed(pipe)
			return nil
		}
		return c.term(args[0], dot)
	}
	if !slices.Contains([]string{"and", "or", "not"}, function.Ident) || len(args) < 2 {
		c.notAllowed(pipe)
		return nil
	}
	var sure []string
	for _, arg := range args[1:] {
		found := c.term(arg, dot)
		if function.Ident == "and" {
			sure = append(sure, found...)
		}
	}
	return sure
}

func (c *sourceCheck) term(node parse.Node, dot operand) []string {
	if pipe, ok := node.(*parse.PipeNode); ok {
		return c.condition(pipe, dot)
	}
	if one, ok := c.operand(node, dot); ok {
		return []string{one.path}
	}
	return nil
}

// operand finds what a field or the dot stands for.
func (c *sourceCheck) operand(node parse.Node, dot operand) (operand, bool) {
	switch n := node.(type) {
	case *parse.DotNode:
		return dot, true
	case *parse.FieldNode:
		return c.fields(n, dot, n.Ident)
	case *parse.VariableNode:
		if n.Ident[0] == "$" {
			return c.fields(n, c.root, n.Ident[1:])
		}
	}
	c.notAllowed(node)
	return operand{}, false
}

func (c *sourceCheck) fields(at parse.Node, from operand, names []string) (operand, bool) {
	for _, name := range names {
		typ := from.typ
		if typ.Kind() == reflect.Pointer {
			if !c.there(from) {
				c.unguarded(at, from)
				return operand{}, false
			}
			typ = typ.Elem()
		}
		field, ok := fieldOf(typ, name)
		if !ok {
			c.problem(at, "unknown", map[string]any{"What": braced(at), "Allowed": c.allowed()})
			return operand{}, false
		}
		path := strings.TrimPrefix(from.path+"."+name, ".")
		from = operand{typ: field.Type, path: path, optional: field.Tag.Get("letter") == "optional"}
	}
	return from, true
}

// fieldOf is a field that sources may name.
func fieldOf(typ reflect.Type, name string) (reflect.StructField, bool) {
	if typ.Kind() != reflect.Struct || ready(typ) {
		return reflect.StructField{}, false
	}
	field, ok := typ.FieldByName(name)
	return field, ok && field.IsExported() && !field.Anonymous && !hiddenField(name)
}

func (c *sourceCheck) there(o operand) bool { return c.sure[o.path] > 0 }

func (c *sourceCheck) unguarded(at parse.Node, o operand) {
	c.problem(at, "unguarded", map[string]any{"What": braced(at), "Field": o.path})
}

func (c *sourceCheck) allowed() string {
	var out []string
	for _, p := range Placeholders(c.kind) {
		out = append(out, p.Write)
	}
	return strings.Join(out, ", ")
}
