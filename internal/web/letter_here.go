package web

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"peregrine/internal/letter"
	"peregrine/internal/web/page"
)

// shownHere is a letter with its HTML in the page itself, for one that is typed
// and kept nowhere yet. A frame without an address has the page's policy, which
// therefore lets in the style of this very letter, and nothing else.
func (q *request) shownHere(title string, h letterHead, text letter.Text) page.LetterShown {
	shown := q.shown(title, h, text)
	shown.HTML = text.HTML
	sheets, attributes := text.Styles()
	header := q.w.Header()
	header.Set("Content-Security-Policy", header.Get("Content-Security-Policy")+
		"; style-src-elem 'self'"+sources(sheets)+"; style-src-attr 'unsafe-hashes'"+sources(attributes))
	return shown
}

// sources name styles by what they say.
func sources(styles []string) string {
	var b strings.Builder
	for _, s := range styles {
		sum := sha256.Sum256([]byte(s))
		b.WriteString(" 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'")
	}
	return b.String()
}
