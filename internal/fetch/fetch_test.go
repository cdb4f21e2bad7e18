package fetch

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestOnceFillsOnceAndOnlyWhole(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "below", "tool")
	broken := errors.New("no network")
	if err := Once(dir, func(string) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("a failed fetch left %s (%v)", dir, err)
	}
	var fills atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			err := Once(dir, func(temporary string) error {
				fills.Add(1)
				return os.WriteFile(filepath.Join(temporary, "program"), nil, 0o755)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if fills.Load() != 1 {
		t.Errorf("filled %d times", fills.Load())
	}
	if _, err := os.Stat(filepath.Join(dir, "program")); err != nil {
		t.Error(err)
	}
}

// archive writes an npm archive of the named files.
func archive(t *testing.T, names ...string) string {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "x.tgz"))
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	w := tar.NewWriter(z)
	for _, name := range names {
		if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o755, Size: 2}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte("ok")); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

func TestUnpackStaysInItsFolder(t *testing.T) {
	dir := t.TempDir()
	if err := unpack(archive(t, "package/bin/tool"), dir); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "bin/tool"))
	if err != nil || info.Mode().Perm() != 0o755 || info.Size() != 2 {
		t.Errorf("unpacked %v, %v", info, err)
	}
	if err := unpack(archive(t, "package/../../escaped"), dir); err == nil || !strings.Contains(err.Error(), "outside") {
		t.Errorf("error %v", err)
	}
}

func TestLibraryPathNamesWhatIsThere(t *testing.T) {
	t.Setenv("LD_LIBRARY_PATH", "/opt/other")
	dir := t.TempDir()
	if got := LibraryPath(dir); got != "" {
		t.Errorf("an empty folder gives %q", got)
	}
	lib := filepath.Join(dir, "usr/lib/x86_64-linux-gnu")
	for _, name := range []string{"libpulse.so.0", "pulseaudio/libpulsecommon-16.1.so", "notes/readme"} {
		file := filepath.Join(lib, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, nil, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := LibraryPath(dir), "LD_LIBRARY_PATH="+lib+":"+lib+"/pulseaudio:/opt/other"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWithoutLoaderLeavesTheCLibrary(t *testing.T) {
	got := withoutLoader([]string{"/a/libc6_2.36_amd64.deb", "/a/libcap2_1_amd64.deb"})
	if len(got) != 1 || got[0] != "/a/libcap2_1_amd64.deb" {
		t.Errorf("kept %v", got)
	}
}
