package asset

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func serve(path string, header http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header = header
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w
}

func TestEveryFileIsServed(t *testing.T) {
	for name, f := range all {
		address, err := URL(name)
		if err != nil {
			t.Fatal(err)
		}
		w := serve(address, http.Header{})
		if w.Code != 200 || w.Body.Len() != len(f.plain) || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %d bytes, %v", address, w.Code, w.Body.Len(), w.Header())
		}
		if w.Header().Get("Content-Type") == "" {
			t.Errorf("%s has no type", name)
		}
	}
}

func TestStyleSheetsComeZipped(t *testing.T) {
	address, _ := URL("peregrine.css")
	w := serve(address, http.Header{"Accept-Encoding": {"br, gzip"}})
	if w.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("%v", w.Header())
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil || string(b) != string(all["peregrine.css"].plain) {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}

func TestOldAndUnknownAddresses(t *testing.T) {
	for _, path := range []string{"/assets/000000000000/theme.css", "/assets/theme.css", "/assets/x/nothing.css", "/assets/"} {
		if w := serve(path, http.Header{}); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if _, err := URL("nothing.css"); err == nil {
		t.Error("an unknown asset has an address")
	}
}

// Whatever a style sheet refers to is ours: a hashed address or data.
func TestStyleSheetsReferToNothingElse(t *testing.T) {
	reference := regexp.MustCompile(`url\(\s*"?([^")]*)`)
	for name, f := range all {
		if !strings.HasSuffix(name, ".css") {
			continue
		}
		for _, found := range reference.FindAllStringSubmatch(string(f.plain), -1) {
			if !strings.HasPrefix(found[1], Prefix) && !strings.HasPrefix(found[1], "data:") {
				t.Errorf("%s refers to %q", name, found[1])
			}
		}
		if strings.Contains(string(f.plain), "@import") {
			t.Errorf("%s imports another style sheet", name)
		}
	}
}

func TestPolicyAllowsNothingInline(t *testing.T) {
	for _, word := range []string{"unsafe", "*", "http"} {
		if strings.Contains(Policy, word) {
			t.Errorf("the policy says %q", word)
		}
	}
}
