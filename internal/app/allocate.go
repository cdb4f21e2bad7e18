package app

import (
	"errors"
	"fmt"
	"strings"

	"peregrine/internal/allocation"
	"peregrine/internal/selection"
	"peregrine/internal/selection/proof"
)

type allocateCommand struct {
	Applications string `required:"" type:"existingfile" placeholder:"A.csv" help:"One row per wish: applicant, preference (1 first), destination, score (higher is better); optional: tie1, tie2 … for equal scores (higher first), group for shares."`
	Destinations string `required:"" type:"existingfile" placeholder:"D.csv" help:"Columns destination, places; optional: partner, partner_places."`
	Method       string `default:"deferred-acceptance" enum:"deferred-acceptance,list,first-choice,lottery,hardest-first" help:"How places are given: ${enum} (default ${default})."`
	Ties         string `default:"id" enum:"id,lot,refuse,admit" help:"What decides at the last place between those equal in score and tie1 …: ${enum} (default ${default}: ascending byte order of the applicant)."`
	Seed         string `help:"The seed of the lot, for --ties lot and --method lottery."`
	Shares       string `type:"existingfile" placeholder:"S.csv" help:"Guaranteed minimum shares: group, percent; an earlier row goes before a later one."`
	PartnerRanks bool   `help:"The score is the partner's view, and partner_places bind besides places."`
	ReserveLimit int    `xor:"reserve" help:"At most so many wait at one destination; 0: no limit."`
	NoReserve    bool   `xor:"reserve" help:"Nobody waits."`
	PerWish      bool   `help:"One row per wish instead of one per applicant."`
	JSON         bool   `name:"json" help:"JSON instead of CSV."`
}

// Help implements kong.HelpProvider.
func (allocateCommand) Help() string {
	return "Prints " + strings.Join(allocation.Columns, ",") + ", one row per applicant in ascending byte order: the place given, or the best wish " +
		"that still waits, or the first wish. reason is one of " + strings.Join(allocation.Reasons, ", ") + "; docs/allocate.md says what each means. " +
		"The result is proved before it is printed. Invalid rows: all are listed with line and column, exit 1."
}

// Run implements the command: the engine on files, for try-outs, audits and
// appeals.
func (c *allocateCommand) Run(p Program) error {
	say(p, "reading the files")
	asked, err := allocation.Read(allocation.Options{
		Applications: c.Applications, Destinations: c.Destinations, Shares: c.Shares,
		Method: selection.Method(c.Method), Ties: selection.TiePolicy(c.Ties), Seed: c.Seed,
		PartnerRanks: c.PartnerRanks, ReserveLimit: c.ReserveLimit, NoReserve: c.NoReserve,
	})
	var rows *allocation.Problems
	if errors.As(err, &rows) {
		return answerNo{err}
	}
	if err != nil {
		return err
	}
	say(p, fmt.Sprintf("allocating %d applicants", len(asked.Input.Applicants)))
	result, err := selection.Allocate(asked.Input)
	if err != nil {
		return err
	}
	say(p, "proving the result")
	if broken := proof.Verify(asked.Input, result); len(broken) > 0 {
		return fmt.Errorf("nothing is printed, because the result breaks its own promises: %s %s", broken[0].Code, broken[0].Detail)
	}
	return asked.Write(p.Out, result, allocation.Form{PerWish: c.PerWish, JSON: c.JSON})
}
