package letter

import "regexp"

// KindSample is a letter an officer has sent to themselves before the real one
// goes: the real one's text, marked, with dead links. It has no source of its
// own and no lifecycle names it.
const KindSample = "sample"

var (
	anchor  = regexp.MustCompile(`(<a\b[^>]*?)\s+href="[^"]*"`)
	address = regexp.MustCompile(`https?://[^\s<>)\]]+`)
)

// Dead returns t with links that lead nowhere: what is shown or sent before
// the letter itself. In plain text word stands where an address was.
func (t Text) Dead(word string) Text {
	t.HTML = anchor.ReplaceAllString(t.HTML, "$1")
	t.Plain = address.ReplaceAllLiteralString(t.Plain, word)
	return t
}
