package bounce

import (
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

var (
	enhanced = regexp.MustCompile(`(?:^|[^\d.])([245])\.(\d{1,3})\.(\d{1,3})(?:[^\d.]|\.?$|\.\s)`)
	basic    = regexp.MustCompile(`(?:^|[\s(:<>])([45]\d\d)[\s\-:]`)
	idText   = regexp.MustCompile(`<([!-;=?-~]{1,250}@[!-;=?-~]{1,250})>`)
	xtext    = regexp.MustCompile(`\\x\{([0-9A-Fa-f]{2,6})\}|\+([0-9A-F]{2})`)
)

// statusOf is the code that says most: a general one gives way to what the
// server's words carry, if both agree on the class.
func statusOf(status, diagnostic string) string {
	given, words := firstStatus(status), firstStatus(diagnostic)
	if words == "" {
		if code := basic.FindStringSubmatch(diagnostic); code != nil {
			words = code[1][:1] + ".0.0"
		}
	}
	if given == "" || strings.HasSuffix(given, ".0.0") && words != "" && words[0] == given[0] {
		return words
	}
	return given
}

func firstStatus(s string) string {
	if found := enhanced.FindStringSubmatch(strings.TrimSpace(s)); found != nil {
		return found[1] + "." + found[2] + "." + found[3]
	}
	return ""
}

// addressOf is the address in a field: with a type before it, in angle
// brackets, or with a name.
func addressOf(field string) string {
	original := strings.HasPrefix(strings.ToLower(strings.TrimSpace(field)), "utf-8")
	field = typed(field)
	if parsed, err := mail.ParseAddress(field); err == nil {
		field = parsed.Address
	}
	if from := strings.LastIndexByte(field, '<'); from >= 0 {
		if to := strings.IndexByte(field[from:], '>'); to > 0 {
			field = field[from+1 : from+to]
		}
	}
	field = strings.Trim(strings.TrimSpace(field), "<>")
	if original || strings.Contains(field, "+") && !strings.Contains(field, "@") {
		field = unescaped(field)
	}
	if !strings.Contains(field, "@") || strings.ContainsFunc(field, unicode.IsSpace) || len(field) > 320 {
		return ""
	}
	return field
}

// unescaped reads what RFC 3461 and RFC 6533 make of characters outside ASCII.
func unescaped(s string) string {
	return xtext.ReplaceAllStringFunc(s, func(found string) string {
		n, err := strconv.ParseUint(strings.Trim(found, `\x{}+`), 16, 32)
		if err != nil || n > unicode.MaxRune {
			return found
		}
		return string(rune(n))
	})
}

func addresses(field string) []string {
	var out []string
	for _, each := range strings.Split(field, ",") {
		if a := addressOf(each); a != "" {
			out = append(out, a)
		}
	}
	return out
}

func messageIDs(field string) []string {
	var out []string
	for _, found := range idText.FindAllStringSubmatch(field, mostIDs) {
		out = append(out, found[1])
	}
	return out
}

// Same reports whether two addresses are the same mailbox: letter case does
// not count, and a domain may be written in ASCII or not.
func Same(a, b string) bool { return plainAddress(a) == plainAddress(b) }

func plainAddress(a string) string {
	at := strings.LastIndexByte(a, '@')
	if at < 0 {
		return strings.ToLower(a)
	}
	domain := strings.ToLower(strings.TrimSuffix(a[at+1:], "."))
	if ascii, err := idna.Lookup.ToASCII(domain); err == nil {
		domain = ascii
	}
	return strings.ToLower(a[:at]) + "@" + domain
}

// mostWords bounds what is kept of a server's words, in runes.
const mostWords = 400

// oneLine makes a server's words fit to be kept and shown: one line of
// printable characters, not too long.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = strings.Join(strings.Fields(s), " ")
	if words := []rune(s); len(words) > mostWords {
		return string(words[:mostWords-1]) + "…"
	}
	return s
}

// StatusOf is the enhanced status code in a server's words, "" for none; an
// SMTP code alone makes a general one.
func StatusOf(words string) string { return statusOf("", words) }

// RefusalStatus is the enhanced status code of an answer that refused a
// letter, made of its SMTP code if it names none; "" without either.
func RefusalStatus(code int, answer string) string {
	if status := StatusOf(answer); status != "" || code == 0 {
		return status
	}
	return strconv.Itoa(code/100) + ".0.0"
}
