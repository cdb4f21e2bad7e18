package localpg

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the user the server runs as.
type account struct {
	name     string
	uid, gid uint32
	// dropped says that this process is root and the server is somebody else.
	dropped bool
}

// serverAccount returns the current user, or for root the owner of the files in
// the data folder, else "postgres", else "nobody": PostgreSQL refuses root, and
// wants a user with a name.
func serverAccount(dir string) (account, error) {
	if os.Geteuid() != 0 {
		u, err := user.LookupId(strconv.Itoa(os.Geteuid()))
		if err != nil {
			return account{}, fmt.Errorf("PostgreSQL needs a user with a name, and user %d has no entry in /etc/passwd", os.Geteuid())
		}
		return newAccount(u, false)
	}
	if u, ok := dataOwner(dir); ok {
		return newAccount(u, true)
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			return newAccount(u, true)
		}
	}
	return account{}, fmt.Errorf("PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody")
}

// dataOwner returns whose files the data folder holds, so that a folder made as
// "nobody" still opens after a user "postgres" came to the machine.
func dataOwner(dir string) (*user.User, bool) {
	info, err := os.Stat(filepath.Join(dir, dataName))
	if dir == "" || err != nil {
		return nil, false
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || owner.Uid == 0 {
		return nil, false
	}
	u, err := user.LookupId(strconv.FormatUint(uint64(owner.Uid), 10))
	return u, err == nil
}

func newAccount(u *user.User, dropped bool) (account, error) {
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return account{}, fmt.Errorf("user %s: %w", u.Username, err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return account{}, fmt.Errorf("user %s: %w", u.Username, err)
	}
	return account{name: u.Username, uid: uint32(uid), gid: uint32(gid), dropped: dropped}, nil
}

// own makes the account the owner of a file or folder this process made.
func (a account) own(name string) error {
	if !a.dropped {
		return nil
	}
	return os.Chown(name, int(a.uid), int(a.gid))
}

// mayReach says in words which folder on the way to dir the account may not
// enter. Only root, who drops to the account, can be surprised by one.
func (a account) mayReach(dir string) error {
	if !a.dropped {
		return nil
	}
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err == nil && !a.mayEnter(info) {
			return fmt.Errorf("%s cannot be used: as root, PostgreSQL runs as user %s, who may not enter %s; choose a place outside it",
				dir, a.name, at)
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}

func (a account) mayEnter(info os.FileInfo) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return true
	}
	mode := info.Mode().Perm()
	switch {
	case owner.Uid == a.uid:
		return mode&0o100 != 0
	case owner.Gid == a.gid:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}

// longestTemporaryRoot leaves room for the rest of a socket's path.
const longestTemporaryRoot = 60

// temporaryRoot returns the folder for temporary data: the system's, unless its
// path is too long for a socket or closed to the account.
func temporaryRoot(who account) string {
	dir := os.TempDir()
	if len(dir) > longestTemporaryRoot || who.mayReach(dir) != nil {
		return "/var/tmp"
	}
	return dir
}
