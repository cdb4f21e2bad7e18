package process_test

import (
	"os"
	"testing"

	"peregrine/internal/testkit"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }
