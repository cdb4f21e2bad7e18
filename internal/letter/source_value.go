package letter

import (
	"reflect"
	"slices"
	"text/template/parse"
	"time"
)

var (
	untilType    = reflect.TypeFor[Until]()
	placeType    = reflect.TypeFor[Place]()
	pointsType   = reflect.TypeFor[Points]()
	timeType     = reflect.TypeFor[time.Time]()
	locationType = reflect.TypeFor[*time.Location]()
	stringType   = reflect.TypeFor[string]()
	intType      = reflect.TypeFor[int]()
)

// ready reports whether a struct is one value that a word writes whole.
func ready(typ reflect.Type) bool {
	return typ == untilType || typ == pointsType || typ == timeType
}

// functions are the words that write values, with the types they take.
var functions = map[string][]reflect.Type{
	"until":    {untilType},
	"moment":   {timeType, locationType},
	"instant":  {timeType},
	"day":      {timeType},
	"place":    {placeType},
	"points":   {pointsType},
	"covered":  {stringType},
	"decision": {},
}

// action checks a placeholder that prints something.
func (c *sourceCheck) action(n *parse.ActionNode, dot operand) {
	args, ok := c.command(n.Pipe)
	if !ok {
		return
	}
	if function, is := args[0].(*parse.IdentifierNode); is {
		c.call(n, function.Ident, args[1:], dot)
		return
	}
	if len(args) != 1 {
		c.notAllowed(n)
		return
	}
	if one, ok := c.operand(args[0], dot); ok {
		c.printable(n, one)
	}
}

func (c *sourceCheck) call(n *parse.ActionNode, name string, args []parse.Node, dot operand) {
	if name == "count" {
		c.count(n, args, dot)
		return
	}
	takes, ok := functions[name]
	if _, decides := reflect.Zero(c.root.typ).Interface().(decided); name == "decision" && !decides {
		ok = false
	}
	if !ok {
		c.problem(n, "unknown", map[string]any{"What": n.String(), "Allowed": c.allowed()})
		return
	}
	if len(args) != len(takes) {
		c.problem(n, "wrong_value", map[string]any{"What": n.String(), "Allowed": c.allowed()})
		return
	}
	for i, arg := range args {
		c.argument(n, arg, takes[i], dot)
	}
}

func (c *sourceCheck) argument(n *parse.ActionNode, arg parse.Node, takes reflect.Type, dot operand) {
	one, ok := c.operand(arg, dot)
	if !ok {
		return
	}
	typ := one.typ
	if typ.Kind() == reflect.Pointer && typ != locationType {
		typ = typ.Elem()
	}
	if typ != takes {
		c.problem(n, "wrong_value", map[string]any{"What": n.String(), "Allowed": c.allowed()})
		return
	}
	if (one.optional || one.typ != typ) && !c.there(one) {
		c.unguarded(n, one)
	}
}

// count writes a number with one of the nouns the kind has.
func (c *sourceCheck) count(n *parse.ActionNode, args []parse.Node, dot operand) {
	noun, ok := (*parse.StringNode)(nil), false
	if len(args) == 2 {
		noun, ok = args[0].(*parse.StringNode)
	}
	if !ok || !slices.Contains(c.nouns, noun.Text) {
		c.problem(n, "unknown", map[string]any{"What": n.String(), "Allowed": c.allowed()})
		return
	}
	c.argument(n, args[1], intType, dot)
}

// printable refuses what has no text of its own, or may be missing.
func (c *sourceCheck) printable(n *parse.ActionNode, one operand) {
	typ := one.typ
	if typ.Kind() == reflect.Pointer && typ != locationType {
		typ = typ.Elem()
	}
	if k := typ.Kind(); k != reflect.String && k != reflect.Int {
		c.problem(n, "not_printable", map[string]any{"What": n.String(), "Instead": writing(one.path, typ)})
		return
	}
	if (one.optional || one.typ != typ) && !c.there(one) {
		c.unguarded(n, one)
	}
}
