package page

// Section is a part of a long form: fields of its own, or items that may be
// added, taken out and put in another order. Everything works by posting the
// whole form: what was typed stays.
type Section struct {
	ID     string // anchor
	Title  string // an h3
	Text   string
	Fields []Field
	Dense  bool // the fields beside each other
	Items  []Item
	None   string // said where there is no item
	Add    Button // adds an item; without Label there is none
}

// Item is one of a list within a form, such as one quota.
type Item struct {
	ID      string // anchor
	Title   string // its legend
	Fields  []Field
	Buttons []Button // up, down, remove; Title is read out with each
}

// Sectioned reports whether the part is a form in sections.
func (p Part) Sectioned() bool { return len(p.Sections) > 0 }

// Pointers are every field of the sections, in order, for Refuse.
func Pointers(sections []Section) []*Field {
	var out []*Field
	for i := range sections {
		for j := range sections[i].Fields {
			out = append(out, &sections[i].Fields[j])
		}
		for j := range sections[i].Items {
			for k := range sections[i].Items[j].Fields {
				out = append(out, &sections[i].Items[j].Fields[k])
			}
		}
	}
	return out
}
