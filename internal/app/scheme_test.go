package app_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestSchemeCheck(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../scheme/testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d schemes, %v", len(files), err)
	}
	if code, out, errs := invoke(t, nil, append([]string{"scheme", "check"}, files...)...); code != 0 || !strings.Contains(out, "schemes are sound") {
		t.Errorf("code %d: %s%s", code, out, errs)
	}
	source, err := os.ReadFile("../scheme/testdata/f1.yaml")
	if err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(broken, bytes.Replace(source, []byte("criteria:"), []byte("criterias:"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := invoke(t, nil, "scheme", "check", broken)
	if code != 1 || !regexp.MustCompile(`broken\.yaml:\d+:\d+: criterias: There is no key “criterias” here\.`).MatchString(out) {
		t.Errorf("code %d: %s%s", code, out, errs)
	}
	if code, _, _ := invoke(t, nil, "scheme", "check"); code != 2 {
		t.Errorf("without a file: code %d", code)
	}
}
