package mobility

// Texts is a text in several languages, by BCP 47 tag.
type Texts map[string]string

// In returns the text in lang, else in English, else any (the smallest tag, so
// that it is always the same one).
func (t Texts) In(lang string) string {
	for _, tag := range []string{lang, "en"} {
		if s := t[tag]; s != "" {
			return s
		}
	}
	first := ""
	for tag, s := range t {
		if s != "" && (first == "" || tag < first) {
			first = tag
		}
	}
	return t[first]
}

// Answers is what an applicant typed: question key → text; questions asked
// for each destination have keys of the form AnswerKey builds.
type Answers map[string]string

// AnswerKey names the answer to question for destination; without a
// destination it is the question's own key.
func AnswerKey(question, destination string) string {
	if destination == "" {
		return question
	}
	return question + "@" + destination
}

// QuestionKind is how a question is answered.
type QuestionKind string

// The kinds of question. A file question is answered by documents, the others
// by text; a yes is "yes".
const (
	QuestionText   QuestionKind = "text"
	QuestionLong   QuestionKind = "long"
	QuestionNumber QuestionKind = "number"
	QuestionDate   QuestionKind = "date"
	QuestionChoice QuestionKind = "choice"
	QuestionYes    QuestionKind = "yes"
	QuestionFile   QuestionKind = "file"
)

// Question is one question of a call's form.
type Question struct {
	Key            string       `json:"key"`
	Kind           QuestionKind `json:"kind"`
	PerDestination bool         `json:"per_destination,omitempty"`
	Required       bool         `json:"required,omitempty"`
	Identifies     bool         `json:"identifies,omitempty"` // tells who answers: hidden from assessors of a blind call
	Label          Texts        `json:"label"`
	Hint           Texts        `json:"hint,omitempty"`
	Options        []Option     `json:"options,omitempty"` // of a choice
	MaxLength      int          `json:"max_length,omitempty"`
}

// Option is one answer of a choice question.
type Option struct {
	Value string `json:"value"`
	Label Texts  `json:"label"`
}

// Missing lists the answer keys that must be given before submitting and are
// not: required questions without text or file, for each destination where
// asked for each. has reports whether a file question has a document.
func Missing(questions []Question, answers Answers, destinations []string, has func(key string) bool) []string {
	var out []string
	for _, q := range questions {
		if !q.Required {
			continue
		}
		for _, d := range scopeOf(q, destinations) {
			key := AnswerKey(q.Key, d)
			if (q.Kind == QuestionFile && !has(key)) || (q.Kind != QuestionFile && answers[key] == "") {
				out = append(out, key)
			}
		}
	}
	return out
}

func scopeOf(q Question, destinations []string) []string {
	if q.PerDestination {
		return destinations
	}
	return []string{""}
}
