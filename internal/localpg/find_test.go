package localpg

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fake makes a folder whose postgres claims the version.
func fake(t *testing.T, bin, version string) string {
	t.Helper()
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\necho 'postgres (PostgreSQL) %s'\n", version)
	for _, program := range []string{"postgres", "initdb"} {
		if err := os.WriteFile(filepath.Join(bin, program), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return bin
}

func TestOpenReadsTheVersion(t *testing.T) {
	for version, want := range map[string]string{"18.4": "18", "15.18 (Debian 15.18-0+deb12u1)": "15", "19beta1": "", "9.6.24": ""} {
		pg, err := open(t.Context(), fake(t, t.TempDir(), version), "")
		if pg.major != want || (err == nil) != (want != "") {
			t.Errorf("%s: major %q, %v; want %q", version, pg.major, err, want)
		}
	}
	if _, err := open(t.Context(), t.TempDir(), ""); err == nil {
		t.Error("an empty folder passes for PostgreSQL")
	}
}

func TestFindTakesTheNamedOneAndNoOther(t *testing.T) {
	bin := fake(t, t.TempDir(), "17.1")
	t.Setenv(binVariable, bin)
	if pg, err := find(t.Context(), "17", nil); err != nil || pg.bin != bin {
		t.Errorf("found %v, %v", pg, err)
	}
	if _, err := find(t.Context(), "16", nil); err == nil || !strings.Contains(err.Error(), "made by PostgreSQL 16") {
		t.Errorf("error %v", err)
	}
	t.Setenv(binVariable, t.TempDir())
	if _, err := find(t.Context(), "", nil); err == nil || !strings.Contains(err.Error(), binVariable) {
		t.Errorf("error %v", err)
	}
}

func TestVersionedComesNewestFirst(t *testing.T) {
	root := t.TempDir()
	for _, major := range []string{"9", "15", "18"} {
		fake(t, filepath.Join(root, major, "bin"), major+".1")
	}
	want := []string{root + "/18/bin", root + "/15/bin", root + "/9/bin"}
	if got := versioned(root + "/*/bin"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestLinkMakesWhatTheArchiveLacks(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "native/lib"), 0o755); err != nil {
		t.Fatal(err)
	}
	list := `[{"source":"native/lib/libx.so.60.2","target":"native/lib/libx.so.60"}]`
	for name, content := range map[string]string{"pg-symlinks.json": list, "lib/libx.so.60.2": "x"} {
		if err := os.WriteFile(filepath.Join(dir, "native", name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := link(dir); err != nil {
			t.Fatal(err)
		}
	}
	if to, err := os.Readlink(filepath.Join(dir, "native/lib/libx.so.60")); err != nil || to != "libx.so.60.2" {
		t.Errorf("link to %q, %v", to, err)
	}
}
