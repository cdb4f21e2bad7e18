package scheme

// call reads a function's arguments after its "(".
func (p *parser) call(t token) expr {
	if t.text == "points" {
		return p.pointsOf(t)
	}
	var begins []token
	var args []expr
	for p.wrong == nil {
		begins = append(begins, p.peek())
		args = append(args, p.or())
		if _, more := p.sign(","); !more {
			break
		}
	}
	p.expect(")")
	if p.wrong != nil {
		return nothing
	}
	return p.function(t, begins, args)
}

func (p *parser) function(t token, begins []token, args []expr) expr {
	least, most := 1, 1
	switch t.text {
	case "min", "max", "first":
		least, most = 2, maxDepth
	case "if":
		least, most = 3, 3
	case "abs", "given":
	default:
		return p.fail(t, codeExprFunction, "Value", t.text)
	}
	if len(args) < least || len(args) > most {
		return p.fail(t, codeExprArgs, "Value", t.text, "Wanted", least)
	}
	switch t.text {
	case "abs":
		p.want(begins[0], args[0], isNumber)
		return absolute{args[0]}
	case "given":
		return given{args[0]}
	case "if":
		p.want(begins[0], args[0], isTruth)
		p.want(begins[2], args[2], args[1].kind())
		return choice{args[0], args[1], args[2]}
	}
	for i := range args {
		p.want(begins[i], args[i], args[0].kind())
	}
	if t.text == "first" {
		return first{args}
	}
	if !args[0].kind().ordered() {
		return p.fail(begins[0], codeExprKind, "Kind", args[0].kind().words(), "Wanted", isNumber.words())
	}
	return extreme{t.text == "max", args}
}

func (p *parser) pointsOf(t token) expr {
	key := p.take()
	p.expect(")")
	if p.wrong != nil {
		return nothing
	}
	if p.criteria == nil {
		return p.fail(t, codeExprPoints)
	}
	i, ok := p.criteria[key.text]
	if !ok || key.kind != tokenName {
		return p.fail(key, codeNoCriterion, "Key", key.text)
	}
	p.uses.add(uses{points: []int{i}})
	return pointsOf{i}
}
