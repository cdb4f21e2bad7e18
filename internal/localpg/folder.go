package localpg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// What lies in a data folder.
const (
	dataName    = "data"     // PostgreSQL's own files
	newDataName = "data.new" // the same while they are being made
	logName     = "log"      // what the server said since its last start
	lockName    = "lock"     // held by the process that runs the server
	socketsName = "sockets"  // says which folder holds the server's socket
)

// Temporary folders begin so, by which a later start finds those of processes
// that were killed.
const (
	temporaryPrefix = "peregrine-data-"
	socketPrefix    = "peregrine-pg-"
)

// sweepAge is how old a temporary folder must be before it counts as left
// behind; a younger one may just be being made.
const sweepAge = 10 * time.Minute

// folder is a data folder this process holds the lock of.
type folder struct {
	dir       string
	account   account
	lock      *os.File
	temporary bool
}

// openFolder makes or opens the data folder, locks it, and stops a server that
// an earlier process left running in it.
func openFolder(dir string, who account, log func(string)) (*folder, error) {
	f := &folder{account: who, temporary: dir == ""}
	var err error
	if f.temporary {
		sweep(temporaryRoot(who))
		f.dir, err = os.MkdirTemp(temporaryRoot(who), temporaryPrefix)
	} else {
		f.dir, err = namedFolder(dir)
	}
	if err != nil {
		return nil, err
	}
	if f.lock, err = lockFolder(f.dir, os.O_CREATE); err != nil {
		return nil, err
	}
	if err := errors.Join(f.open(), clearLeftOver(f.dir, log)); err != nil {
		return nil, errors.Join(err, f.close())
	}
	return f, nil
}

// namedFolder returns the absolute path of a folder that holds nothing of
// anybody else.
func namedFolder(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("data folder cannot be made: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("data folder cannot be read: %w", err)
	}
	for _, e := range entries {
		if !slices.Contains([]string{dataName, newDataName, logName, lockName, socketsName}, e.Name()) {
			return "", fmt.Errorf("data folder %s holds other files (%s): choose an empty one", dir, e.Name())
		}
	}
	return dir, nil
}

// lockFolder takes the folder's lock, which the kernel takes back when this
// process ends, however it ends.
func lockFolder(dir string, create int) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|create, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data folder cannot be used: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder, _ := os.ReadFile(lock.Name()) // for the message alone
		return nil, errors.Join(
			fmt.Errorf("data folder %s is in use by process %s", dir, bytes.TrimSpace(holder)), lock.Close())
	}
	return lock, nil
}

// open leaves our process id in the lock and the way in open to the server.
func (f *folder) open() error {
	if err := f.lock.Truncate(0); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(f.lock, os.Getpid()); err != nil {
		return err
	}
	if f.account.dropped {
		if err := os.Chmod(f.dir, 0o755); err != nil {
			return err
		}
	}
	return f.account.mayReach(f.dir)
}

func (f *folder) path(name string) string { return filepath.Join(f.dir, name) }

// close gives the folder free, and removes a temporary one.
func (f *folder) close() error {
	var err error
	if f.temporary {
		err = os.RemoveAll(f.dir)
	}
	return errors.Join(err, f.lock.Close())
}

// major returns the PostgreSQL version that made the folder's files and alone
// can open them, "" if there are none yet.
func (f *folder) major() (string, error) {
	version, err := os.ReadFile(f.path(dataName + "/PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("data folder cannot be read: %w", err)
	}
	return strings.TrimSpace(string(version)), nil
}

// initialise makes the database files beside their place and moves them there
// when they are whole, so that a killed start leaves nothing half-made.
func (f *folder) initialise(ctx context.Context, pg installation, fast bool) error {
	fresh := f.path(newDataName)
	err := errors.Join(os.RemoveAll(fresh), os.Mkdir(fresh, 0o700), f.account.own(fresh))
	if err != nil {
		return err
	}
	args := []string{
		"-D", fresh, "-U", superuser, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
	}
	if fast {
		args = append(args, "--no-sync")
	}
	var out bytes.Buffer
	cmd := pg.command(f.account, "initdb", args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	p, err := startChild(cmd, syscall.SIGKILL)
	if err != nil {
		return err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		return errors.Join(ctx.Err(), p.end(0))
	}
	if p.err != nil {
		return fmt.Errorf("initdb: %w: %s", p.err, lastLine(out.Bytes()))
	}
	return os.Rename(fresh, f.path(dataName))
}

func (f *folder) lastLogLine() string {
	log, err := os.ReadFile(f.path(logName))
	if err != nil {
		return err.Error()
	}
	return lastLine(log)
}

// makeSockets makes the folder of the server's socket and notes it, so that a
// later start can remove it. It lies elsewhere because a socket's path may have
// no more than 107 bytes.
func (f *folder) makeSockets() (string, error) {
	dir, err := os.MkdirTemp(temporaryRoot(f.account), socketPrefix)
	if err != nil {
		return "", err
	}
	return dir, errors.Join(f.account.own(dir), os.WriteFile(f.path(socketsName), []byte(dir), 0o600))
}

func lastLine(text []byte) string {
	text = bytes.TrimSpace(text)
	return string(text[bytes.LastIndexByte(text, '\n')+1:])
}

// sweep removes the temporary folders of processes that were killed: old ones
// whose lock nobody holds. What cannot be removed is somebody else's.
func sweep(root string) {
	dirs, _ := filepath.Glob(filepath.Join(root, temporaryPrefix+"*")) // the pattern is well formed
	for _, dir := range dirs {
		info, err := os.Stat(dir)
		if err != nil || time.Since(info.ModTime()) < sweepAge {
			continue
		}
		lock, err := lockFolder(dir, 0)
		if err != nil {
			continue
		}
		if clearLeftOver(dir, func(string) {}) == nil {
			_ = os.RemoveAll(dir)
		}
		_ = lock.Close()
	}
}
