package page

import (
	"testing"

	"peregrine/internal/locale"
)

func load(t *testing.T) (*locale.Catalogue, *Pages) {
	t.Helper()
	cat, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	pages, err := New(cat)
	if err != nil {
		t.Fatal(err)
	}
	return cat, pages
}

func TestTemplatesFitTheirStructs(t *testing.T) { load(t) }
