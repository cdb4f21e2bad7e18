package identity_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"

	"peregrine/internal/identity"
	"peregrine/internal/mobility"
)

func (w *world) hostToken(link uuid.UUID) string {
	w.t.Helper()
	token, err := w.service.MakeHostLink(w.t.Context(), link)
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

func (w *world) open(token string, cookies ...*http.Cookie) (mobility.Actor, identity.HostLink) {
	w.t.Helper()
	actor, link, err := w.service.OpenHostLink(request(cookies...), token)
	if err != nil {
		w.t.Fatal(err)
	}
	return actor, link
}

func TestHostLinkOpensForItsHost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	actor, link := w.open(w.hostToken(w.link))
	if actor.HostLink != w.link || actor.HostInstitution != w.host || actor.HostDocuments || actor.SignedIn() {
		t.Errorf("actor is %+v", actor)
	}
	if link.Call != w.call || link.Institution != w.home || link.Covered() != "i…@host.example" {
		t.Errorf("link is %+v", link)
	}
	if n := w.one(`SELECT count(*) FROM access_lines`); n != 0 {
		t.Errorf("%d access lines: they are the page's", n)
	}
}

func TestHostLinkClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.hostToken(w.link)
	refusedWith := func(token, code string) {
		t.Helper()
		_, _, err := w.service.OpenHostLink(request(), token)
		wantCode(t, err, mobility.NotFound, code)
	}
	refusedWith("nothing", "refusal.host_link_unknown")
	refusedWith("", "refusal.host_link_unknown")
	w.exec(`UPDATE host_links SET expires_at = now()`)
	refusedWith(token, "refusal.host_link_expired")
	w.exec(`UPDATE host_links SET expires_at = now() + interval '1 day', revoked_at = now(), revoked_by = $1`, w.officer)
	refusedWith(token, "refusal.host_link_revoked")
	_, err := w.service.MakeHostLink(t.Context(), w.link)
	wantCode(t, err, mobility.Conflict, "refusal.host_link_expired")
	wantCode(t, w.service.AskHostCode(t.Context(), w.link), mobility.NotFound, "refusal.host_link_expired")
	if n := w.one(`SELECT count(*) FROM access_lines`) + w.one(`SELECT count(*) FROM river_job`); n != 0 {
		t.Error("a closed link left something")
	}
}

// askCode asks for a code and makes it, as the job does.
func (w *world) askCode(link uuid.UUID) identity.HostCodeSecret {
	w.t.Helper()
	if err := w.service.AskHostCode(w.t.Context(), link); err != nil {
		w.t.Fatal(err)
	}
	var asked uuid.UUID
	if err := w.db.QueryRow(w.t.Context(), `SELECT (args->>'code')::uuid FROM river_job WHERE kind = 'host_code_asked' AND queue = 'sign_in' ORDER BY id DESC LIMIT 1`).Scan(&asked); err != nil {
		w.t.Fatal(err)
	}
	secret, err := w.service.MakeHostCode(w.t.Context(), asked)
	if err != nil {
		w.t.Fatal(err)
	}
	return secret
}

func TestCodeOpensDocumentsOnOneDevice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.hostToken(w.link)
	_, link := w.open(token)
	secret := w.askCode(w.link)
	if secret.Address != "iro@host.example" || secret.Language != "fi" || secret.Link != w.link || secret.Minutes < 28 {
		t.Errorf("secret is %+v", secret)
	}
	wantCode(t, w.service.UseHostCode(t.Context(), httptest.NewRecorder(), link, "XXXX-XXXX"), mobility.Conflict, "refusal.code_wrong")
	rec := httptest.NewRecorder()
	if err := w.service.UseHostCode(t.Context(), rec, link, secret.Code); err != nil {
		t.Fatal(err)
	}
	cookies := rec.Result().Cookies()
	if len(cookies) != 1 || !cookies[0].Secure || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteLaxMode {
		t.Fatalf("cookies are %v", cookies)
	}
	wantCode(t, w.service.UseHostCode(t.Context(), httptest.NewRecorder(), link, secret.Code), mobility.Conflict, "refusal.code_over")
	if actor, _ := w.open(token, cookies[0]); !actor.HostDocuments {
		t.Error("the device is not remembered")
	}
	if actor, _ := w.open(token); actor.HostDocuments {
		t.Error("another device reads documents")
	}
	later := id()
	w.exec(`INSERT INTO host_links (id, institution_id, call_id, host_institution_id, address, created_at, expires_at) SELECT $1, institution_id, call_id, host_institution_id, upper(address), now(), expires_at FROM host_links`, later)
	if actor, _ := w.open(w.hostToken(later), cookies[0]); !actor.HostDocuments {
		t.Error("a later link to the same address asks again")
	}
	w.exec(`UPDATE host_links SET address = 'other@host.example' WHERE id = $1`, later)
	if actor, link := w.open(w.hostToken(later), cookies[0]); actor.HostDocuments || link.Address != "other@host.example" {
		t.Error("a link to another address does not ask")
	}
}

func TestHostCodesAreLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, link := w.open(w.hostToken(w.link))
	first := w.askCode(w.link)
	second := w.askCode(w.link)
	wantCode(t, w.service.UseHostCode(t.Context(), httptest.NewRecorder(), link, first.Code), mobility.Conflict, "refusal.code_wrong")
	for range 4 {
		wantCode(t, w.service.UseHostCode(t.Context(), httptest.NewRecorder(), link, "XXXX-XXXX"), mobility.Conflict, "refusal.code_wrong")
	}
	wantCode(t, w.service.UseHostCode(t.Context(), httptest.NewRecorder(), link, second.Code), mobility.Conflict, "refusal.code_over")
	for range 3 {
		w.askCode(w.link)
	}
	wantCode(t, w.service.AskHostCode(t.Context(), w.link), mobility.Conflict, "refusal.too_many_requests")
}
