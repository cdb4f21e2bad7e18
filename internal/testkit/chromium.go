package testkit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"peregrine/internal/fetch"
)

// chromiumVariable names the browser to use.
const chromiumVariable = "PEREGRINE_CHROMIUM"

// chromiumName is the browser's folder in the cache.
const chromiumName = "chromium"

// chromium is a browser program and the environment it needs.
type chromium struct {
	program string
	env     []string
}

// findChromium returns the browser $PEREGRINE_CHROMIUM names, else one from
// PATH or the cache, and fetches one if there is none.
func findChromium(ctx context.Context) (chromium, error) {
	if program := os.Getenv(chromiumVariable); program != "" {
		found, err := exec.LookPath(program)
		if err != nil {
			return chromium{}, fmt.Errorf("%s: %w", chromiumVariable, err)
		}
		return chromium{program: found}, nil
	}
	for _, name := range []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			return chromium{program: found}, nil
		}
	}
	cache, err := fetch.Cache()
	if err != nil {
		return chromium{}, err
	}
	dir := filepath.Join(cache, chromiumName)
	if _, err := os.Stat(dir); err != nil {
		announce("no Chromium on this machine: fetching one into " + cache + " (some 165 MB, once); nothing is installed")
	}
	err = fetch.Once(dir, func(dir string) error {
		return fetch.Debian(ctx, dir, "chromium-headless-shell", "fonts-dejavu-core")
	})
	if err != nil {
		return chromium{}, fmt.Errorf("no Chromium: install one (Debian: apt-get install chromium) or set %s (tried apt: %w)", chromiumVariable, err)
	}
	return unpackedChromium(dir)
}

// unpackedChromium makes a browser that was unpacked and not installed find its
// libraries and fonts.
func unpackedChromium(dir string) (chromium, error) {
	programs, err := filepath.Glob(filepath.Join(dir, "usr/lib/chromium*/*headless*shell"))
	if err != nil {
		return chromium{}, err
	}
	if len(programs) == 0 {
		return chromium{}, errors.New("no browser in " + dir)
	}
	fonts := filepath.Join(dir, "fonts.conf")
	if err := os.WriteFile(fonts, fontConfiguration(dir), 0o644); err != nil {
		return chromium{}, err
	}
	return chromium{program: programs[0], env: []string{fetch.LibraryPath(dir), "FONTCONFIG_FILE=" + fonts}}, nil
}

func fontConfiguration(dir string) []byte {
	return fmt.Appendf(nil, `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>%s/usr/share/fonts</dir>
  <cachedir>%s/font-cache</cachedir>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
`, dir, dir)
}
