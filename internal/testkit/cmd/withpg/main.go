// Command withpg runs a command with a private PostgreSQL for tests beside it:
//
//	withpg go test ./...
//
// The command finds the server's address in PEREGRINE_TEST_DATABASE_URL. If
// that is set already, the server it names is used and none is started. The
// exit code is the command's.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"peregrine/internal/localpg"
)

// variable is testkit.DatabaseVariable; importing testkit would make every test
// run wait for the compilation of all it needs.
const variable = "PEREGRINE_TEST_DATABASE_URL"

// exitWrongUse is the exit code when the command cannot be run at all.
const exitWrongUse = 2

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "withpg:", err)
	}
	os.Exit(code)
}

func run(command []string) (code int, err error) {
	if len(command) == 0 {
		return exitWrongUse, errors.New("no command")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if os.Getenv(variable) == "" {
		s, err := localpg.Start(ctx, localpg.Options{Fast: true, Log: func(line string) { fmt.Fprintln(os.Stderr, "withpg:", line) }})
		if err != nil {
			return exitWrongUse, err
		}
		defer func() { err = errors.Join(err, s.Stop()) }()
		if err := os.Setenv(variable, s.URL("postgres")); err != nil {
			return exitWrongUse, err
		}
	}
	return runCommand(ctx, command)
}

// runCommand runs it to its end; a signal is passed on, and ten seconds later
// it is killed.
func runCommand(ctx context.Context, command []string) (int, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), nil
	}
	if err != nil {
		return exitWrongUse, err
	}
	return 0, nil
}
