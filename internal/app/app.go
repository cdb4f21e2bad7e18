// Package app is the program: its commands, its configuration, and the only
// place that knows every part.
//
// What starts stops in the opposite order. When the process is asked to end:
// readiness turns false; the web server takes no new requests and finishes
// those under way; the workers take no new jobs, finish those under way or
// are cancelled after a while; connections to mail server and database are
// closed; and of a demo, at last, its mail server and its database.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/text/language"

	"peregrine/internal/allocation"
	"peregrine/internal/intake"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
)

// Program is one run of the program.
type Program struct {
	Args     []string  // without the program's name
	Environ  []string  // NAME=value
	In       io.Reader // for the commands that read; nil: nothing
	Out, Err io.Writer
	Now      func() time.Time // the system clock
}

// Exit codes.
const (
	exitDone  = 0
	exitNo    = 1 // the answer is no: violations, a refused definition, invalid rows
	exitWrong = 2 // wrong use, or it cannot be done
	// exitLater is what mail servers take for: offer the mail again later.
	exitLater = 75
)

// commands is the command line.
type commands struct {
	Demo     demoCommand     `cmd:"" help:"Run the demonstration: an invented world, a private database and a private mail server."`
	Serve    serveCommand    `cmd:"" help:"Serve the pages."`
	Work     workCommand     `cmd:"" help:"Work off jobs: letters, deadlines, freed places."`
	Bounces  bouncesCommand  `cmd:"" help:"Take one mail that came back from standard input, as a mail server hands it to a program."`
	Migrate  migrateCommand  `cmd:"" help:"Bring the database to this program's version."`
	Verify   verifyCommand   `cmd:"" help:"Check every invariant on the live database."`
	Workflow workflowCommand `cmd:"" help:"Check, draw and load lifecycles."`
	Scheme   schemeCommand   `cmd:"" help:"Check schemes: how facts and marks become points."`
	Import   importCommand   `cmd:"" help:"Import a CSV or XLSX file; nothing is imported while a row is wrong."`
	Export   exportCommand   `cmd:"" help:"Export a CSV or XLSX file, as import reads it."`
	Allocate allocateCommand `cmd:"" help:"Allocate places on files, without a database."`
}

// answerNo is an error that means: it worked, and the answer is no.
type answerNo struct{ error }

// Unwrap lets the reason be found.
func (n answerNo) Unwrap() error { return n.error }

// Main runs the program and returns its exit code. Errors go to Err as
// readable lines.
func Main(ctx context.Context, p Program) int {
	err := run(ctx, p)
	if err == nil {
		return exitDone
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = errors.New("stopped before it was done")
	}
	for _, line := range lines(err) {
		fmt.Fprintln(p.Err, "peregrine:", line)
	}
	var no answerNo
	switch {
	case errors.As(err, &no):
		return exitNo
	case len(p.Args) > 0 && p.Args[0] == "bounces":
		return exitLater
	}
	return exitWrong
}

func run(ctx context.Context, p Program) error {
	var c commands
	helped := false
	parser, err := kong.New(&c, kong.Name("peregrine"),
		kong.Description("Selection for student and staff mobility, from the call to the completed stay."),
		kong.Writers(p.Out, p.Err), kong.Exit(func(int) { helped = true }),
		kong.Resolvers(environment(p.Environ)), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars{"connections": fmt.Sprint(defaultConnections)},
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(p))
	if err != nil {
		return err
	}
	if err := unknownVariables(parser.Model, p.Environ); err != nil {
		return err
	}
	chosen, err := parser.Parse(p.Args)
	if helped {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w (peregrine --help lists the commands)", err)
	}
	return chosen.Run()
}

// lines words an error for a terminal, in English: one line, and one more for
// each row or field that is wrong.
func lines(err error) []string {
	var cells *allocation.Problems
	if errors.As(err, &cells) {
		return cells.Lines()
	}
	cat, loadErr := locale.Load()
	if loadErr != nil {
		return []string{oneLine(err.Error())}
	}
	printer := cat.Printer(language.English.String(), time.UTC)
	var rows intake.Problems
	if errors.As(err, &rows) {
		return rowLines(printer, rows)
	}
	var known *mobility.Error
	if !errors.As(err, &known) || !printer.Has(known.Code) {
		return []string{oneLine(err.Error())}
	}
	out := []string{printer.T(known.Code, known.Data)}
	for _, f := range known.Fields {
		out = append(out, f.Field+": "+printer.T(f.Code, f.Data))
	}
	if known.Cause != nil {
		out[0] += " (" + oneLine(known.Cause.Error()) + ")"
	}
	return out
}

func rowLines(p locale.Printer, rows intake.Problems) []string {
	out := []string{p.N("intake.problems", len(rows))}
	for _, r := range rows {
		at := p.T("intake.at_file")
		switch {
		case r.Row > 0 && r.Column != "":
			at = p.T("intake.at_cell", "Row", r.Row, "Column", r.Column)
		case r.Row > 0:
			at = p.T("intake.at_row", "Row", r.Row)
		}
		line := at + ": " + p.T(r.Code, r.Data)
		if r.Value != "" {
			line += " " + p.T("intake.found", "Value", r.Value)
		}
		out = append(out, oneLine(line))
	}
	return out
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
