package web

import "peregrine/internal/web/page"

// wordsPart is what assessors wrote for the applicant, who reads it with the
// result and is not told who they are.
func (v *ownView) wordsPart(q *request) page.Part {
	if len(v.words) == 0 {
		return page.Part{}
	}
	part := page.Part{ID: "words", Title: q.loc.T("application.words")}
	for _, text := range v.words {
		part.Letters = append(part.Letters, page.LetterShown{Plain: text})
	}
	return part
}
