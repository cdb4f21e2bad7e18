package catcher

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
)

// A kept mail is one file: the envelope as a line of JSON, then the message
// as it came.

func (c *Catcher) file(id int) string {
	return filepath.Join(c.options.Dir, fmt.Sprintf("%08d.mail", id))
}

// write puts the file in place as a whole, so that a mail is there or is not.
func (c *Catcher) write(m Mail) error {
	if c.options.Dir == "" {
		return nil
	}
	head, err := json.Marshal(envelope{m.ID, m.At, m.From, m.To})
	if err != nil {
		return fmt.Errorf("mail catcher: %w", err)
	}
	name := c.file(m.ID)
	data := append(append(head, '\n'), m.Raw...)
	if err := os.WriteFile(name+".part", data, 0o600); err != nil {
		return fmt.Errorf("mail catcher: %w", err)
	}
	if err := os.Rename(name+".part", name); err != nil {
		return fmt.Errorf("mail catcher: %w", err)
	}
	return nil
}

func (c *Catcher) load() error {
	if c.options.Dir == "" {
		return nil
	}
	if err := os.MkdirAll(c.options.Dir, 0o700); err != nil {
		return fmt.Errorf("mail catcher: %w", err)
	}
	names, err := filepath.Glob(filepath.Join(c.options.Dir, "*.mail"))
	if err != nil {
		return fmt.Errorf("mail catcher: %w", err)
	}
	sort.Strings(names)
	for _, name := range names {
		m, err := readFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		c.mails = append(c.mails, m)
		c.next = max(c.next, m.ID+1)
	}
	return nil
}

func readFile(name string) (Mail, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return Mail{}, fmt.Errorf("mail catcher: %w", err)
	}
	head, raw, _ := bytes.Cut(data, []byte("\n"))
	var e envelope
	if err := json.Unmarshal(head, &e); err != nil {
		return Mail{}, fmt.Errorf("mail catcher: %s is no kept mail: %w", name, err)
	}
	return read(e, raw), nil
}
