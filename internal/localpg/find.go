package localpg

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"peregrine/internal/fetch"
)

// binVariable names the folder of the PostgreSQL programs to use.
const binVariable = "PEREGRINE_POSTGRES_BIN"

// oldestMajor is the oldest PostgreSQL that what we use of it exists in.
const oldestMajor = 15

// installation is one PostgreSQL on this machine.
type installation struct {
	bin     string // the folder with postgres and initdb
	major   string // "18"
	library string // LD_LIBRARY_PATH=… if it was unpacked and not installed, else ""
}

// find returns a PostgreSQL of the major version, "" for any: the one
// $PEREGRINE_POSTGRES_BIN names, else from PATH, the distribution's folders
// (newest first) or the cache; and fetches one if there is none.
func find(ctx context.Context, major string, log func(string)) (installation, error) {
	if bin := os.Getenv(binVariable); bin != "" {
		return named(ctx, bin, major)
	}
	here := installed(ctx)
	if pg, ok := choose(here, major); ok {
		return pg, nil
	}
	if major == "" || len(here) == 0 {
		fetched, err := install(ctx, log)
		if err != nil {
			return installation{}, err
		}
		if pg, ok := choose([]installation{fetched}, major); ok {
			return pg, nil
		}
		here = append(here, fetched)
	}
	return installation{}, fmt.Errorf(
		"the data folder was made by PostgreSQL %s and opens with that alone; here is %s: install %s, set %s, or start with a new folder",
		major, here[0].major, major, binVariable)
}

// named opens the installation the user asked for, and no other.
func named(ctx context.Context, bin, major string) (installation, error) {
	pg, err := open(ctx, bin, "")
	if err != nil {
		return installation{}, fmt.Errorf("%s: %w", binVariable, err)
	}
	if major != "" && pg.major != major {
		return installation{}, fmt.Errorf("the data folder was made by PostgreSQL %s, and %s names PostgreSQL %s",
			major, binVariable, pg.major)
	}
	return pg, nil
}

// installed returns every usable PostgreSQL of this machine, best first.
func installed(ctx context.Context) []installation {
	var bins []string
	if program, err := exec.LookPath("postgres"); err == nil {
		if program, err = filepath.EvalSymlinks(program); err == nil {
			bins = append(bins, filepath.Dir(program))
		}
	}
	bins = append(bins, versioned("/usr/lib/postgresql/*/bin")...)
	var found []installation
	for _, bin := range bins {
		if pg, err := open(ctx, bin, ""); err == nil {
			found = append(found, pg)
		}
	}
	return append(found, cached(ctx)...)
}

// versioned returns the folders of the pattern .../MAJOR/bin, newest first.
func versioned(pattern string) []string {
	bins, _ := filepath.Glob(pattern) // the pattern is well formed
	slices.SortFunc(bins, func(a, b string) int { return cmp.Compare(folderMajor(b), folderMajor(a)) })
	return bins
}

func folderMajor(bin string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin))) // 0 sorts a strange folder last
	return n
}

func choose(from []installation, major string) (installation, bool) {
	for _, pg := range from {
		if major == "" || pg.major == major {
			return pg, true
		}
	}
	return installation{}, false
}

// open checks that the folder holds a PostgreSQL that runs and is new enough.
func open(ctx context.Context, bin, library string) (installation, error) {
	pg := installation{bin: bin, library: library}
	if _, err := os.Stat(filepath.Join(bin, "initdb")); err != nil {
		return installation{}, err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "--version")
	cmd.Env = pg.environment()
	out, err := cmd.Output()
	if err != nil {
		return installation{}, fmt.Errorf("%s: %w", cmd.Path, err)
	}
	// "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"
	fields := strings.Fields(string(out))
	if len(fields) < 3 {
		return installation{}, fmt.Errorf("%s: no version in %q", cmd.Path, out)
	}
	pg.major, _, _ = strings.Cut(fields[2], ".")
	if n, err := strconv.Atoi(pg.major); err != nil || n < oldestMajor {
		return installation{}, fmt.Errorf("%s is PostgreSQL %s, and at least %d is needed", cmd.Path, fields[2], oldestMajor)
	}
	return pg, nil
}

// command prepares a program of the installation to run as the account, away
// from folders it may not enter and from PG* variables meant for others.
func (pg installation) command(who account, program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(pg.bin, program), args...)
	cmd.Dir = "/"
	cmd.Env = pg.environment()
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if who.dropped {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: who.uid, Gid: who.gid}
	}
	return cmd
}

func (pg installation) environment() []string {
	env := []string{"PATH=" + pg.bin + ":/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC"}
	if pg.library != "" {
		env = append(env, pg.library)
	}
	return env
}

// cached returns what install brought earlier.
func cached(ctx context.Context) []installation {
	cache, err := fetch.Cache()
	if err != nil {
		return nil
	}
	var found []installation
	root := filepath.Join(cache, debianName)
	for _, bin := range versioned(filepath.Join(root, "usr/lib/postgresql/*/bin")) {
		if pg, err := open(ctx, bin, fetch.LibraryPath(root)); err == nil {
			found = append(found, pg)
		}
	}
	if pg, err := open(ctx, filepath.Join(cache, npmName, "native/bin"), ""); err == nil {
		found = append(found, pg)
	}
	return found
}
