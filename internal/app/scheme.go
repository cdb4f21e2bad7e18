package app

import (
	"fmt"
	"os"
	"time"

	"peregrine/internal/locale"
	"peregrine/internal/scheme"
)

type schemeCommand struct {
	Check schemeCheck `cmd:"" help:"Check scheme files; every problem is listed with its line."`
}

type schemeCheck struct {
	Files []string `arg:"" help:"Files to check." type:"existingfile"`
}

// Run implements the command.
func (c *schemeCheck) Run(p Program) error {
	catalogue, err := locale.Load()
	if err != nil {
		return err
	}
	words, wrong := catalogue.Printer(locale.Default, time.UTC), 0
	for _, file := range c.Files {
		source, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		_, problems := scheme.Parse(source)
		for _, x := range problems {
			fmt.Fprintf(p.Out, "%s:%d:%d: %s: %s\n", file, x.Line, x.Column, x.Path, words.T(x.Code, x.Data))
		}
		wrong += len(problems)
	}
	if wrong > 0 {
		return answerNo{fmt.Errorf("%d problems", wrong)}
	}
	_, err = fmt.Fprintf(p.Out, "%d schemes are sound\n", len(c.Files))
	return err
}
