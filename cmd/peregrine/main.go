// Command peregrine runs the selection for student and staff mobility.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"peregrine/internal/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // asked a second time, the process ends at once
	os.Exit(app.Main(ctx, app.Program{Args: os.Args[1:], Environ: os.Environ(), In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Now: time.Now}))
}
