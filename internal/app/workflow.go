package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/store"
	"peregrine/workflows"
)

func quietLogger() *slog.Logger { return slog.New(slog.DiscardHandler) }

type workflowCommand struct {
	Check   workflowCheck   `cmd:"" help:"Check lifecycle files, or with --pinned which open calls this release would break."`
	Diagram workflowDiagram `cmd:"" help:"Draw a lifecycle, built in or from a file."`
	Load    workflowLoad    `cmd:"" help:"Load lifecycles into the database: the built-in ones, or a file for an institution."`
}

type workflowCheck struct {
	Connected
	Files  []string `arg:"" optional:"" help:"Files to check." type:"existingfile"`
	Pinned bool     `help:"Check what open calls pin against this release."`
}

// Run implements the command.
func (c *workflowCheck) Run(ctx context.Context, p Program) error {
	if c.Pinned {
		return c.pinned(ctx, p)
	}
	if len(c.Files) == 0 {
		return errors.New("name the files to check")
	}
	wrong := 0
	for _, file := range c.Files {
		source, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		_, problems := lifecycle.Parse(file, source)
		for _, problem := range problems {
			fmt.Fprintln(p.Out, problem)
		}
		wrong += len(problems)
	}
	if wrong > 0 {
		return answerNo{fmt.Errorf("%d problems", wrong)}
	}
	_, err := fmt.Fprintf(p.Out, "%d lifecycles are sound\n", len(c.Files))
	return err
}

func (c *workflowCheck) pinned(ctx context.Context, p Program) error {
	parts, err := c.parts(ctx, p)
	if err != nil {
		return err
	}
	broken, err := parts.process.CheckPinned(ctx, p.Now(), workflows.Files)
	if err := errors.Join(err, parts.close()); err != nil {
		return err
	}
	for _, b := range broken {
		fmt.Fprintf(p.Out, "%s (%s): %s version %d\n", b.Title.In("en"), b.Call, b.Definition, b.Version)
		for _, problem := range b.Problems {
			fmt.Fprintf(p.Out, "  %s\n", problem)
		}
	}
	if len(broken) > 0 {
		return answerNo{fmt.Errorf("this release breaks %d open calls", len(broken))}
	}
	_, err = fmt.Fprintln(p.Out, "no open call breaks")
	return err
}

type workflowDiagram struct {
	Name   string `arg:"" help:"A built-in lifecycle's name, or a file."`
	Format string `enum:"mermaid,svg" default:"mermaid" help:"mermaid or svg."`
	Lang   string `default:"en" help:"Language of the labels."`
}

// Run implements the command.
func (c *workflowDiagram) Run(p Program) error {
	source, err := workflows.Files.ReadFile(c.Name + ".yaml")
	if err != nil {
		if source, err = os.ReadFile(c.Name); err != nil {
			return fmt.Errorf("there is no lifecycle and no file %q", c.Name)
		}
	}
	d, problems := lifecycle.Parse(c.Name, source)
	if len(problems) > 0 {
		return answerNo{fmt.Errorf("%s (peregrine workflow check lists all)", problems[0])}
	}
	drawn := lifecycle.Mermaid(d, c.Lang)
	if c.Format == "svg" {
		drawn = lifecycle.SVG(d, lifecycle.Picture{Lang: c.Lang})
	}
	_, err = fmt.Fprintln(p.Out, strings.TrimRight(drawn, "\n"))
	return err
}

type workflowLoad struct {
	Connected
	File        string `arg:"" optional:"" type:"existingfile" help:"A lifecycle file; without one the built-in lifecycles are loaded."`
	Institution string `help:"Whose own it is, by Erasmus code or domain."`
}

// Run implements the command.
func (c *workflowLoad) Run(ctx context.Context, p Program) error {
	if (c.File == "") != (c.Institution == "") {
		return errors.New("a file needs --institution, and --institution a file; alone, the command loads the built-in lifecycles")
	}
	parts, err := c.parts(ctx, p)
	if err != nil {
		return err
	}
	return errors.Join(c.load(ctx, p, parts), parts.close())
}

func (c *workflowLoad) load(ctx context.Context, p Program, parts *parts) error {
	if c.File == "" {
		added, err := parts.process.LoadBuiltIn(ctx, p.Now(), workflows.Files)
		if err == nil {
			_, err = fmt.Fprintf(p.Out, "%d new\n", added)
		}
		return err
	}
	home, err := parts.institution(ctx, c.Institution)
	if err != nil {
		return err
	}
	source, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	id, loaded, err := parts.process.LoadDefinition(ctx, p.Now(), &home, source)
	if err != nil {
		return refusal(err)
	}
	word := "known already"
	if loaded {
		word = "loaded"
	}
	_, err = fmt.Fprintf(p.Out, "%s: %s\n", word, id)
	return err
}

// institution finds one by Erasmus code or domain.
func (p *parts) institution(ctx context.Context, name string) (uuid.UUID, error) {
	row, err := store.New().InstitutionByName(ctx, p.work, &name)
	if err != nil {
		return uuid.Nil, store.Translate(fmt.Errorf("no institution %q: %w", name, err), "institution")
	}
	return row.ID, nil
}
