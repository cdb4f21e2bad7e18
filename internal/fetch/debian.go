package fetch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// ErrNoApt says that this machine has no apt, so Debian packages cannot be had.
var ErrNoApt = errors.New("apt-get and dpkg are not on this machine")

// Debian downloads the packages and whatever they need that is not installed,
// and unpacks them into dir, which Once has made. Programs in it run with the
// variables LibraryPath returns.
func Debian(ctx context.Context, dir string, packages ...string) error {
	for _, tool := range []string{"apt-get", "dpkg"} {
		if _, err := exec.LookPath(tool); err != nil {
			return ErrNoApt
		}
	}
	work, err := os.MkdirTemp("", "peregrine-apt-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	archives, err := download(ctx, work, packages)
	if err != nil {
		return err
	}
	for _, deb := range archives {
		if err := run(ctx, "dpkg", "-x", deb, dir); err != nil {
			return err
		}
	}
	return nil
}

// download returns the package files apt puts below work.
func download(ctx context.Context, work string, packages []string) ([]string, error) {
	for _, dir := range []string{"state/lists/partial", "cache/archives/partial"} {
		if err := os.MkdirAll(filepath.Join(work, dir), 0o755); err != nil {
			return nil, err
		}
	}
	options := aptOptions(work)
	if err := run(ctx, "apt-get", append(options, "update")...); err != nil {
		return nil, err
	}
	install := append(options, "--yes", "--no-install-recommends", "--download-only", "install", "--")
	if err := run(ctx, "apt-get", append(install, packages...)...); err != nil {
		return nil, err
	}
	archives, err := filepath.Glob(filepath.Join(work, "cache/archives/*.deb"))
	if err != nil {
		return nil, err
	}
	return withoutLoader(archives), nil
}

// aptOptions makes apt keep everything below work, so that it needs no root,
// while it reads the machine's own sources and list of installed packages.
func aptOptions(work string) []string {
	var options []string
	for _, o := range []string{
		"Dir::State=" + filepath.Join(work, "state"),
		"Dir::State::lists=" + filepath.Join(work, "state/lists"),
		"Dir::State::status=/var/lib/dpkg/status",
		"Dir::Cache=" + filepath.Join(work, "cache"),
		"Dir::Cache::archives=" + filepath.Join(work, "cache/archives"),
		"Debug::NoLocking=1",
		"APT::Sandbox::User=root", // the sandbox user may not write below work
		"Acquire::Retries=3",
		"quiet=2",
	} {
		options = append(options, "-o", o)
	}
	return options
}

// withoutLoader leaves out the C library: one that is newer than the machine's
// dynamic loader breaks every program that finds it on LD_LIBRARY_PATH.
func withoutLoader(archives []string) []string {
	var kept []string
	for _, deb := range archives {
		if !strings.HasPrefix(filepath.Base(deb), "libc6_") {
			kept = append(kept, deb)
		}
	}
	return kept
}

// LibraryPath returns the environment variable by which programs unpacked in
// dir find their libraries, "" if there are none.
func LibraryPath(dir string) string {
	var found []string
	// Some libraries keep parts in a folder of their own, below the common one.
	for _, pattern := range []string{"usr/lib/*-linux-gnu*/lib*.so*", "lib/*-linux-gnu*/lib*.so*", "usr/lib/*-linux-gnu*/*/lib*.so*"} {
		libraries, _ := filepath.Glob(filepath.Join(dir, pattern)) // the pattern is well formed
		for _, library := range libraries {
			if in := filepath.Dir(library); !slices.Contains(found, in) {
				found = append(found, in)
			}
		}
	}
	if len(found) == 0 {
		return ""
	}
	if inherited := os.Getenv("LD_LIBRARY_PATH"); inherited != "" {
		found = append(found, inherited)
	}
	return "LD_LIBRARY_PATH=" + strings.Join(found, ":")
}

// run runs a program and answers its last line of output in the error.
func run(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%s: %w: %s", name, err, lastLine(out))
}

func lastLine(out []byte) string {
	text := strings.TrimSpace(string(out))
	return text[strings.LastIndexByte(text, '\n')+1:]
}
