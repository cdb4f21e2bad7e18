package lifecycle

import (
	"testing"
	"time"
)

func TestOffsetsReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Offset{
		"-3d":       {Days: -3},
		"-24h":      {Clock: -24 * time.Hour},
		"-1d12h30m": {Days: -1, Clock: -12*time.Hour - 30*time.Minute},
		"2d":        {Days: 2},
		"+90m":      {Clock: 90 * time.Minute},
		"0h":        {},
	} {
		got, err := ParseOffset(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
		again, err := ParseOffset(got.String())
		if err != nil || again != got {
			t.Errorf("%s is written %s and read %+v, %v", text, got, again, err)
		}
		if got.After() == (text[0] == '-') {
			t.Errorf("%s: after is %v", text, got.After())
		}
	}
	for _, text := range []string{"", "-", "3", "3 d", "-3d-2h", "1h1d", "1.5h", "30s", "1234d"} {
		if got, err := ParseOffset(text); err == nil {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}
