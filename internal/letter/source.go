package letter

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"peregrine/internal/locale"
)

// How long a source may be, in characters.
const (
	MaxSubject = 200
	MaxBody    = 12000
)

// Source is the text of one kind of letter in one language, written by an
// office and checked by ParseSource: it holds everything that kind must say and
// cannot fail when a letter is composed from it. It is safe for use by any
// number of goroutines.
type Source struct {
	kind, lang, text string
	parsed           source
}

// Kind is the kind of letter the source is for.
func (s *Source) Kind() string { return s.kind }

// Lang is the language the source is written in.
func (s *Source) Lang() string { return s.lang }

// Text is the source as it was given to ParseSource, with plain line ends.
func (s *Source) Text() string { return s.text }

// Own reports whether an institution may word a kind itself. Sign-in links and
// codes are the product's own letters: they guard the door. An announcement is
// worded each time it is written.
func Own(kind string) bool {
	return slices.Contains(Kinds, kind) && kind != KindSignIn && kind != KindHostCode && kind != KindAnnouncement && BuiltIn(kind, locale.Default) != ""
}

// BuiltIn is the text of a kind in a language as the product has it: what an
// edit starts from. It is "" for a kind or language there is not.
func BuiltIn(kind, lang string) string {
	text, err := sources.ReadFile("templates/" + lang + "/" + kind + ".md")
	if err != nil {
		return ""
	}
	return string(text)
}

// ParseSource reads and checks a source: a first line "Subject: …", then the
// letter's body in Markdown, with the placeholders of its kind. The error is
// SourceProblems, or internal for a kind or language there is not.
func ParseSource(kind, lang, text string) (*Source, error) {
	s, err := ReadSource(kind, lang, text)
	if err != nil {
		return nil, err
	}
	if problems := s.prove(); len(problems) > 0 {
		return nil, problems
	}
	return s, nil
}

// ReadSource is ParseSource without the proof on letters that nothing required
// is left out: for a text that was proved when it was stored.
func ReadSource(kind, lang, text string) (*Source, error) {
	l, ok := probes()[kind]
	if !ok || !slices.Contains(locale.Languages, lang) {
		return nil, fmt.Errorf("no letter %q in %q", kind, lang)
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	subject, body, problems := split(text)
	if len(problems) > 0 {
		return nil, problems
	}
	c := newSourceCheck(kind, l)
	c.part(subject, 1)
	c.part(body, 2)
	if len(c.problems) > 0 {
		return nil, c.sorted()
	}
	frame, err := sources.ReadFile("templates/" + lang + "/_frame.md")
	if err != nil {
		return nil, fmt.Errorf("letters in %s: %w", lang, err)
	}
	parsed, err := parseSource(lang+"/"+kind, string(frame), subjectMark+subject+"\n"+body)
	if err != nil {
		return nil, SourceProblems{{Line: 1, Code: "syntax"}}
	}
	return &Source{kind: kind, lang: lang, text: text, parsed: parsed}, nil
}

// split parts a text into subject and body and measures them.
func split(text string) (subject, body string, problems SourceProblems) {
	first, body, _ := strings.Cut(text, "\n")
	subject, ok := strings.CutPrefix(first, strings.TrimSpace(subjectMark))
	subject = strings.TrimSpace(subject)
	if !ok || subject == "" {
		problems = append(problems, SourceProblem{Line: 1, Code: "no_subject"})
	}
	if utf8.RuneCountInString(subject) > MaxSubject && !strings.Contains(subject, "{{") || utf8.RuneCountInString(subject) > 5*MaxSubject {
		problems = append(problems, SourceProblem{Line: 1, Code: "long_subject", Data: map[string]any{"Max": MaxSubject}})
	}
	if strings.TrimSpace(body) == "" {
		problems = append(problems, SourceProblem{Line: 2, Code: "no_body"})
	}
	if utf8.RuneCountInString(body) > MaxBody {
		problems = append(problems, SourceProblem{Line: 2, Code: "long_body", Data: map[string]any{"Max": MaxBody}})
	}
	if !utf8.ValidString(text) {
		problems = append(problems, SourceProblem{Line: 1, Code: "not_text"})
	}
	return subject, body, problems
}

// ComposeWith is Compose with src in place of the built-in text; a nil src is
// the built-in text. A source for another kind or language is refused.
func ComposeWith(cat *locale.Catalogue, lang string, l Letter, src *Source) (Text, error) {
	if src == nil {
		return Compose(cat, lang, l)
	}
	if err := Check(l); err != nil {
		return Text{}, err
	}
	printer := cat.Printer(lang, l.frame().Reader.Zone)
	if src.kind != l.Kind() || src.lang != printer.Lang() {
		return Text{}, fmt.Errorf("letter %s in %s: the source is for %s in %s", l.Kind(), printer.Lang(), src.kind, src.lang)
	}
	return compose(printer, src.parsed, l)
}

// SourceProblem is one thing that is wrong with a source. Its words are the
// message "letter_source.<code>", filled with Data.
type SourceProblem struct {
	Line int // from 1, the subject's; 0 where no single line is to blame
	Code string
	Data map[string]any
}

// SourceProblems is why a source is refused, by line.
type SourceProblems []SourceProblem

func (p SourceProblems) Error() string {
	parts := make([]string, len(p))
	for i, one := range p {
		parts[i] = fmt.Sprintf("line %d: %s %v", one.Line, one.Code, one.Data)
	}
	return strings.Join(parts, "; ")
}

// Problems returns the problems of an error of ParseSource, nil if it has none.
func Problems(err error) SourceProblems {
	var p SourceProblems
	if errors.As(err, &p) {
		return p
	}
	return nil
}
