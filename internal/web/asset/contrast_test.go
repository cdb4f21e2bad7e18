package asset

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var families = []string{"accent", "neutral", "info", "success", "warning", "danger"}

var token = regexp.MustCompile(`--(ds-color-[a-z-]+): (#[0-9a-f]{6});`)

// tokens returns the colours of the light and of the dark scheme.
func tokens(t *testing.T) (light, dark map[string]string) {
	t.Helper()
	css := string(all["theme.css"].plain)
	at := strings.Index(css, "prefers-color-scheme: dark")
	if at < 0 {
		t.Fatal("theme.css has no dark scheme")
	}
	read := func(text string) map[string]string {
		out := map[string]string{}
		for _, found := range token.FindAllStringSubmatch(text, -1) {
			out[strings.TrimPrefix(found[1], "ds-color-")] = found[2]
		}
		return out
	}
	return read(css[:at]), read(css[at:])
}

// luminance is the relative luminance of WCAG 2.
func luminance(hex string) float64 {
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil {
		return math.NaN()
	}
	linear := func(shift uint) float64 {
		c := float64(n>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(16) + 0.7152*linear(8) + 0.0722*linear(0)
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func TestLuminance(t *testing.T) {
	if c := contrast("#000000", "#ffffff"); math.Abs(c-21) > 0.001 {
		t.Errorf("black on white: %v", c)
	}
	if c := contrast("#777777", "#ffffff"); math.Abs(c-4.478) > 0.001 {
		t.Errorf("grey on white: %v", c)
	}
}

func TestEveryPairCanBeRead(t *testing.T) {
	light, dark := tokens(t)
	for scheme, colours := range map[string]map[string]string{"light": light, "dark": dark} {
		atLeast := func(least float64, front, ground string) {
			t.Helper()
			if colours[front] == "" || colours[ground] == "" {
				t.Fatalf("%s lacks %s or %s", scheme, front, ground)
			}
			if c := contrast(colours[front], colours[ground]); c < least {
				t.Errorf("%s: %s on %s has %.2f, needs %.1f", scheme, front, ground, c, least)
			}
		}
		for _, f := range families {
			grounds := []string{f + "-background-default", f + "-background-tinted", f + "-surface-default", f + "-surface-tinted", f + "-surface-hover", "neutral-surface-tinted"}
			for _, ground := range grounds {
				atLeast(4.5, f+"-text-default", ground)
				atLeast(4.5, f+"-text-subtle", ground)
				atLeast(4.5, "neutral-text-default", ground)
				atLeast(4.5, "neutral-text-subtle", ground)
				atLeast(4.5, "accent-text-subtle", ground) // links stand on every ground
			}
			for _, press := range []string{"-base-default", "-base-hover", "-base-active"} {
				atLeast(4.5, f+"-base-contrast-default", f+press)
			}
			for _, border := range []string{"-border-default", "-border-strong", "-base-default"} {
				atLeast(3, f+border, f+"-background-default")
				atLeast(3, f+border, f+"-surface-tinted")
			}
		}
		atLeast(3, "neutral-border-default", "neutral-surface-default") // the edge of a field
		atLeast(3, "focus-outer", "neutral-background-default")
	}
}
