package web

import (
	"net/url"
	"strings"

	rules "peregrine/internal/scheme"
	"peregrine/internal/schemeform"
	"peregrine/internal/web/form"
)

// The two views of a scheme that is edited.
const (
	viewForm = "form"
	viewText = "text"
)

// schemeDraft is a scheme that is being edited, as it came with a request: one
// of two views of the same thing, with what else stands on the page.
type schemeDraft struct {
	view   string
	text   string           // of the view as text, as typed
	sheet  schemeform.Sheet // of the view as a form
	posted url.Values
	reason string
	open   string          // the row that was just added or moved
	judged bool            // what is wrong is said
	lost   []rules.Problem // what a form would not show

	tryWrong map[string]string // what is wrong with what is tried out, by field
}

// savedDraft is a scheme as it is kept.
func savedDraft(source, view string) schemeDraft {
	d := schemeDraft{view: viewText, text: source, posted: url.Values{}}
	if view != viewText {
		d = d.asForm()
	}
	return d
}

type schemeDraftForm struct {
	View   string `form:"view" validate:"omitempty,oneof=form text"`
	Do     string `form:"do" validate:"max=200"`
	Reason string `form:"reason" validate:"max=2000"`
}

// draft reads what was posted, and which button.
func (q *request) draft() (schemeDraft, string, error) {
	var f schemeDraftForm
	posted, err := form.Decode(q.r, &f)
	if err != nil {
		return schemeDraft{}, "", err
	}
	d := schemeDraft{view: f.View, posted: url.Values(posted), reason: f.Reason}
	if d.view == viewText {
		d.text = strings.ReplaceAll(d.posted.Get("scheme"), "\r\n", "\n")
	} else {
		d.view, d.sheet = viewForm, schemeform.Decode(d.posted)
	}
	return d, f.Do, nil
}

// source is the draft as a scheme's text: the canonical one where nothing is
// wrong with the form.
func (d schemeDraft) source() string {
	if d.view == viewText {
		return d.text
	}
	return string(d.sheet.YAML())
}

// read reads the draft as a scheme; nil where anything is wrong with it.
func (d schemeDraft) read() (*rules.Scheme, []rules.Problem) {
	read, problems := rules.Parse([]byte(d.source()))
	if len(problems) > 0 {
		return nil, problems
	}
	return read, nil
}

// asText is the draft in its other view.
func (d schemeDraft) asText() schemeDraft {
	d.text, d.view = d.source(), viewText
	return d
}

// asForm is the draft as a form. Where a form would not show all of it, it
// stays a text, with the reasons in lost.
func (d schemeDraft) asForm() schemeDraft {
	if d.view == viewForm {
		return d
	}
	sheet, lost := schemeform.FromYAML([]byte(d.text))
	if len(lost) > 0 {
		d.lost = lost
		return d
	}
	d.sheet, d.view = sheet, viewForm
	return d
}
