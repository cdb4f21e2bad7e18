package letter

import "regexp"

var (
	styleSheet     = regexp.MustCompile(`(?s)<style>(.*?)</style>`)
	styleAttribute = regexp.MustCompile(`\sstyle="([^"]*)"`)
)

// Styles are the style sheets and the style attributes of the letter's HTML:
// what a page that shows it must let in. No text of a letter brings any.
func (t Text) Styles() (sheets, attributes []string) {
	for _, m := range styleSheet.FindAllStringSubmatch(t.HTML, -1) {
		sheets = append(sheets, m[1])
	}
	for _, m := range styleAttribute.FindAllStringSubmatch(t.HTML, -1) {
		attributes = append(attributes, m[1])
	}
	return sheets, attributes
}
