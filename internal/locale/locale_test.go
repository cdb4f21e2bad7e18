package locale

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/shopspring/decimal"
)

func catalogue(t *testing.T) *Catalogue {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestPrinterWritesTheReadersWay(t *testing.T) {
	c := catalogue(t)
	at := time.Date(2027, 7, 1, 21, 59, 0, 0, time.UTC)
	en, cs := c.Printer("en", zone(t, "Europe/Prague")), c.Printer("cs", zone(t, "Europe/Prague"))
	for _, test := range []struct{ got, want string }{
		{en.Date(at), "1 July 2027"},
		{cs.Date(at), "1.\u00a0července 2027"},
		{en.DateTime(at), "Thursday 1 July 2027, 23:59 CEST"},
		{cs.DateTime(at), "čt 1.\u00a0července 2027 ve\u00a023:59 SELČ"},
		{en.In(zone(t, "Europe/Helsinki")).DateTime(at), "Friday 2 July 2027, 00:59 EEST"},
		{en.In(zone(t, "Europe/Lisbon")).Clock(at), "22:59"},
		{en.Number(1234567), "1,234,567"},
		{cs.Number(-12400), "−12\u00a0400"},
		{cs.Decimal(decimal.RequireFromString("80.25")), "80,25"},
		{en.Fixed(decimal.RequireFromString("80.2"), 2), "80.20"},
		{en.List([]string{"a", "b", "c"}), "a, b and c"},
		{cs.List([]string{"a", "b"}), "a a b"},
		{cs.List([]string{"a"}), "a"},
		{en.Country("EL"), "Greece"},
		{cs.Country("EL"), "Řecko"},
		{cs.Country("UK"), "Spojené království"},
		{en.Country("?"), "?"},
		{cs.Language("lt"), "litevština"},
		{en.Relative(at, at.Add(71*time.Hour)), "in 2 days"},
		{cs.Relative(at, at.Add(5*24*time.Hour)), "za 5 dní"},
		{cs.Relative(at, at.Add(-2*time.Hour)), "před 2 hodinami"},
		{en.Relative(at, at.Add(20*time.Second)), "now"},
		{en.N("relative.in_minutes", 1), "in 1 minute"},
		{cs.N("relative.in_days", 3), "za 3 dny"},
		{en.T("base.signed_in", map[string]any{"Name": "X"}), "Signed in as X"},
		{en.T("part.cut_off", "Points", decimal.RequireFromString("61.50")), "Fewest points with a place: 61.5"},
		{en.T("nobody.has_this"), "nobody.has_this"},
		{Printer{}.T("base.product"), "base.product"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}

func TestMissingMessageComesInEnglish(t *testing.T) {
	c, err := load(fstest.MapFS{
		"en/a.toml": {Data: []byte(`"a.x" = "plain"` + "\n" + `"a.y" = "with {{.Name}}"`)},
		"cs/a.toml": {Data: []byte(`"a.z" = "jen česky"`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := c.Printer("cs", nil)
	if got := p.T("a.x"); got != "plain" {
		t.Errorf("plain: %q", got)
	}
	if got := p.T("a.y", "Name", "N"); got != "with N" {
		t.Errorf("with a placeholder: %q", got)
	}
	if p.Has("a.x") || !p.Has("a.z") {
		t.Error("Has asks the printer's own language")
	}
}

func TestMessagesInAListAreWorded(t *testing.T) {
	c, err := load(fstest.MapFS{
		"en/a.toml": {Data: []byte(`"a.x" = "Missing: {{.What}}."` + "\n" + `"a.y" = "date of birth"` + "\n" + `"list.and" = "{{.All}} and {{.Last}}"`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Printer("en", nil).T("a.x", "What", []string{"a.y"}); got != "Missing: date of birth." {
		t.Errorf("%q", got)
	}
}

func TestKeyTwiceIsRefused(t *testing.T) {
	_, err := load(fstest.MapFS{
		"en/a.toml": {Data: []byte(`"a.x" = "1"`)},
		"en/b.toml": {Data: []byte(`"a.x" = "2"`)},
	})
	if err == nil {
		t.Error("one key in two files was taken")
	}
}

func TestNegotiate(t *testing.T) {
	c := catalogue(t)
	for _, test := range []struct{ person, cookie, accept, institution, want string }{
		{"cs", "en", "en", "en", "cs"},
		{"", "cs", "en", "en", "cs"},
		{"", "", "fr-CH,cs;q=0.8,en;q=0.5", "en", "cs"},
		{"", "", "cs-CZ", "en", "cs"},
		{"", "", "fr", "cs", "cs"},
		{"", "", "", "", "en"},
		{"xx", "yy", ";;;", "zz", "en"},
	} {
		if got := c.Negotiate(test.person, test.cookie, test.accept, test.institution); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}

func TestRefusalsCountInThePluralOfTheirNumber(t *testing.T) {
	cat := catalogue(t)
	for count, want := range map[int]string{1: "1 přihlášce chybí", 3: "3 přihláškám chybí", 7: "7 přihláškám chybí"} {
		got := cat.Printer("cs", time.UTC).T("refusal.marks_missing", map[string]any{"Count": count})
		if !strings.HasPrefix(got, want) {
			t.Errorf("%d: %q, want it to begin with %q", count, got, want)
		}
	}
}
