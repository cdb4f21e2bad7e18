package web

import (
	"net/http"
	"testing"

	"peregrine/internal/testkit"
)

func TestFootOfEveryPageLeadsToTheAccessibilityStatement(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	b := s.site.browser()
	b.get("/calls").want(t, http.StatusOK, `href="/accessibility"`)
	b.get("/accessibility").want(t, http.StatusOK, "WCAG", "Home University", "mailto:")
	b.get("/accessibility", "Accept-Language", "cs").want(t, http.StatusOK, "Přístupnost")
}
