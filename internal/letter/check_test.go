package letter_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"peregrine/internal/letter"
	"peregrine/internal/lifecycle"
)

// TestNothingNeededMayBeMissing empties each needed field of each kind in turn.
func TestNothingNeededMayBeMissing(t *testing.T) {
	t.Parallel()
	for _, s := range letter.Samples() {
		if err := letter.Check(s.Letter); err != nil {
			t.Fatalf("sample %s: %v", s.Name, err)
		}
		if s.Name != "usual" {
			continue
		}
		v := reflect.ValueOf(s.Letter)
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if field.Tag.Get("letter") == "optional" || field.Type.Kind() == reflect.Bool {
				continue
			}
			broken := reflect.New(v.Type()).Elem()
			broken.Set(v)
			broken.Field(i).SetZero()
			if letter.Check(broken.Interface().(letter.Letter)) == nil {
				t.Errorf("%s without %s was let through", s.Letter.Kind(), field.Name)
			}
		}
	}
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	l := sample[letter.Offer](t)
	l.Place.Country = " \r\n"
	l.File.Link = "https://peregrine.example.edu.evil.example/x"
	l.ConfirmBy.ClosesAt = time.Time{}
	err := letter.Check(l)
	if err == nil {
		t.Fatal("let through")
	}
	for _, want := range []string{"offer", "Place.Country is missing", "Link leads away", "ConfirmBy.ClosesAt is missing"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
	if _, err := letter.Compose(catalogue(t), "en", l); err == nil {
		t.Error("composed all the same")
	}
}

func TestNotSelectedSaysWhy(t *testing.T) {
	t.Parallel()
	usual := sample[letter.NotSelected](t)
	for name, spoil := range map[string]func(*letter.NotSelected){
		"no reason at all":     func(l *letter.NotSelected) { l.Choices = nil },
		"reasons without rule": func(l *letter.NotSelected) { l.Rule = " " },
		"a choice unexplained": func(l *letter.NotSelected) { l.Choices = []letter.Outcome{{Place: l.Choices[0].Place}} },
		"no appeal":            func(l *letter.NotSelected) { l.Appeal.Contact = "" },
	} {
		l := usual
		spoil(&l)
		if letter.Check(l) == nil {
			t.Errorf("%s was let through", name)
		}
	}
}

// TestLifecyclesNameKindsThatExist compares the letters a definition may name
// with those that can be written.
func TestLifecyclesNameKindsThatExist(t *testing.T) {
	t.Parallel()
	for kind := range lifecycle.Letters {
		if !slices.Contains(letter.Kinds, kind) {
			t.Errorf("a lifecycle may name %q, which nobody can write", kind)
		}
	}
}

func TestStoredLettersHoldNoSecrets(t *testing.T) {
	t.Parallel()
	secrets := []string{"abc_DEF-123", "KX4M9T", "493027"}
	for _, s := range letter.Samples() {
		text, err := letter.Compose(catalogue(t), "en", letter.Stored(s.Letter))
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range secrets {
			if strings.Contains(text.Plain+text.HTML+text.Subject, secret) {
				t.Errorf("%s keeps %s", s.Letter.Kind(), secret)
			}
		}
	}
}

// sample returns the usual sample of one kind.
func sample[T letter.Letter](t *testing.T) T {
	t.Helper()
	for _, s := range letter.Samples() {
		if l, ok := s.Letter.(T); ok && s.Name == "usual" {
			return l
		}
	}
	t.Fatal("no sample")
	panic("unreachable")
}
