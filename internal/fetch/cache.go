// Package fetch brings programs the machine lacks into a folder of our own:
// Debian packages, downloaded by apt and unpacked without installing them, and
// npm packages. Nothing outside that folder is changed, so it works for an
// ordinary user as for root, and deleting the folder undoes it.
//
// It serves the demo and the tests only; a production machine is set up by its
// administrator.
package fetch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// cacheVariable names another place for what is fetched.
const cacheVariable = "PEREGRINE_CACHE"

// Cache returns the folder in which fetched programs are kept:
// $PEREGRINE_CACHE, else /var/cache/peregrine for root (whose servers run as
// another user and could not read root's home), else peregrine in the user's
// cache folder. It need not exist yet.
func Cache() (string, error) {
	if dir := os.Getenv(cacheVariable); dir != "" {
		return filepath.Abs(dir)
	}
	if os.Geteuid() == 0 {
		return "/var/cache/peregrine", nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for fetched programs: set %s: %w", cacheVariable, err)
	}
	return filepath.Join(dir, "peregrine"), nil
}

// Once fills dir by calling fill with a new folder beside it, which becomes dir
// when fill succeeds. A dir that exists is left as it is, and of several
// processes that want it at once one fills it while the others wait.
func Once(dir string, fill func(temporary string) error) error {
	// 0755 whatever the umask says: root's servers run as another user.
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	unlock, err := lock(dir + ".lock")
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	temporary := dir + ".new"
	if err := errors.Join(os.RemoveAll(temporary), os.Mkdir(temporary, 0o755), os.Chmod(temporary, 0o755)); err != nil {
		return err
	}
	if err := fill(temporary); err != nil {
		return errors.Join(err, os.RemoveAll(temporary))
	}
	return os.Rename(temporary, dir)
}

// lock waits for the exclusive lock on the file name, which the kernel takes
// back should this process die.
func lock(name string) (unlock func(), err error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { _ = f.Close() }, nil
}
