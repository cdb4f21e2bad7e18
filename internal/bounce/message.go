package bounce

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"strings"
)

// Reports come from servers of every age: what is malformed is read as far as
// it goes, and bounded.
const (
	mostDepth = 6
	mostParts = 60
)

// header is a mail's header by lower-case name.
type header map[string][]string

func (h header) first(name string) string {
	if all := h[name]; len(all) > 0 {
		return all[0]
	}
	return ""
}

// message is one mail or part of one.
type message struct {
	head   header
	kind   string // media type, lower case
	params map[string]string
	body   []byte // as it came
	parts  []message
}

// withoutEnvelope drops the line some programs put before a mail they hand on.
func withoutEnvelope(raw []byte) []byte {
	if bytes.HasPrefix(raw, []byte("From ")) || bytes.HasPrefix(raw, []byte(">From ")) {
		_, raw, _ = bytes.Cut(raw, []byte("\n"))
	}
	return raw
}

// parse takes a mail apart, as far as it is one.
func parse(raw []byte) message {
	left := mostParts
	return part(raw, 0, &left)
}

func part(raw []byte, depth int, left *int) message {
	*left--
	m := message{kind: "text/plain"}
	m.head, m.body = split(raw)
	if kind, params, err := mime.ParseMediaType(m.head.first("content-type")); err == nil || kind != "" && params != nil {
		m.kind, m.params = strings.ToLower(kind), params
	}
	boundary := m.params["boundary"]
	if depth >= mostDepth || !strings.HasPrefix(m.kind, "multipart/") || boundary == "" {
		return m
	}
	r := multipart.NewReader(bytes.NewReader(m.body), boundary)
	for *left > 0 {
		p, err := r.NextRawPart()
		if err != nil {
			break
		}
		// Its header was read already: put it back, so that there is one way to read a part.
		var whole bytes.Buffer
		for name, values := range p.Header {
			for _, v := range values {
				whole.WriteString(name + ": " + v + "\r\n")
			}
		}
		whole.WriteString("\r\n")
		if _, err := io.Copy(&whole, p); err != nil && whole.Len() == 0 {
			break
		}
		m.parts = append(m.parts, part(whole.Bytes(), depth+1, left))
	}
	return m
}

// split reads header lines up to the first empty one; a line that is no field
// ends the header as well.
func split(raw []byte) (header, []byte) {
	h, last := header{}, ""
	for len(raw) > 0 {
		line, rest, _ := bytes.Cut(raw, []byte("\n"))
		line = bytes.TrimRight(line, "\r")
		if len(line) == 0 {
			return h, rest
		}
		if line[0] == ' ' || line[0] == '\t' {
			if n := len(h[last]); n > 0 {
				h[last][n-1] += " " + string(bytes.TrimSpace(line))
			}
			raw = rest
			continue
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || len(name) == 0 || bytes.ContainsAny(bytes.TrimSpace(name), " \t") {
			return h, raw
		}
		last = strings.ToLower(string(bytes.TrimSpace(name)))
		h[last] = append(h[last], string(bytes.TrimSpace(value)))
		raw = rest
	}
	return h, nil
}

// all lists the parts that have no parts of their own, in order.
func (m message) all() []message {
	if len(m.parts) == 0 {
		return []message{m}
	}
	var out []message
	for _, p := range m.parts {
		out = append(out, p.all()...)
	}
	return out
}

func (m message) has(kind string) bool {
	for _, p := range m.all() {
		if p.kind == kind {
			return true
		}
	}
	return false
}

// text is the body as it is meant to be read.
func (m message) text() string {
	var r io.Reader = bytes.NewReader(m.body)
	switch strings.ToLower(m.head.first("content-transfer-encoding")) {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	b, _ := io.ReadAll(r) // what can be read is read
	return strings.ReplaceAll(strings.ToValidUTF8(string(b), "?"), "\r\n", "\n")
}
