// Package asset holds the style sheets, the script, the font and the mark of
// the pages, in the binary. Each is served under a name that carries the hash
// of its content, so that a browser may keep it for ever. Files that come
// from elsewhere are fetched by fetch.sh and committed.
package asset

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed file
var files embed.FS

// Policy is the Content-Security-Policy of every page: everything comes from
// here, nothing is inline, nobody frames us.
const Policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; " +
	"font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// Prefix is where Handler is mounted.
const Prefix = "/assets/"

// one is a file ready to be served.
type one struct {
	plain, zipped []byte // zipped nil: not worth it
	kind          string
	hash          string
}

var all = read()

// read fails loudly while the program starts: the files are part of it.
func read() map[string]one {
	out := map[string]one{}
	entries, err := files.ReadDir("file")
	if err != nil {
		panic(err)
	}
	contents := map[string][]byte{}
	for _, e := range entries {
		b, err := files.ReadFile("file/" + e.Name())
		if err != nil {
			panic(err)
		}
		contents[e.Name()] = b
	}
	for name, b := range contents { // first what refers to nothing
		if path.Ext(name) != ".css" {
			out[name] = prepare(name, b)
		}
	}
	for name, b := range contents {
		if path.Ext(name) == ".css" {
			out[name] = prepare(name, resolve(b, out))
		}
	}
	return out
}

// resolve replaces url("name") in a style sheet by the hashed address.
func resolve(css []byte, known map[string]one) []byte {
	text := string(css)
	for name, f := range known {
		text = strings.ReplaceAll(text, `url("`+name+`")`, `url("`+Prefix+f.hash+"/"+name+`")`)
	}
	return []byte(text)
}

func prepare(name string, b []byte) one {
	sum := sha256.Sum256(b)
	f := one{plain: b, hash: hex.EncodeToString(sum[:6]), kind: kindOf(name)}
	if !strings.HasSuffix(name, ".woff2") {
		var buf bytes.Buffer
		z, _ := gzip.NewWriterLevel(&buf, gzip.BestCompression) // the level is a valid constant
		_, _ = z.Write(b)                                       // a buffer does not fail
		_ = z.Close()
		if buf.Len() < len(b) {
			f.zipped = buf.Bytes()
		}
	}
	return f
}

func kindOf(name string) string {
	switch path.Ext(name) {
	case ".woff2":
		return "font/woff2"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// URL returns the address of a file by its plain name. It fails for a name
// that does not exist, which stops the page and the tests.
func URL(name string) (string, error) {
	f, ok := all[name]
	if !ok {
		return "", fmt.Errorf("there is no asset %q", name)
	}
	return Prefix + f.hash + "/" + name, nil
}

// Handler serves the files below Prefix. The hash in the address must be the
// file's own, so that an old address never answers with new content.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hash, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, Prefix), "/")
		f, ok := all[name]
		if !ok || f.hash != hash {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", f.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Vary", "Accept-Encoding")
		body := f.plain
		if f.zipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			body = f.zipped
			h.Set("Content-Encoding", "gzip")
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method != http.MethodHead {
			_, _ = io.Copy(w, bytes.NewReader(body)) // a reader gone away is no error of ours
		}
	})
}
