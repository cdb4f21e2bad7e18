package letter_test

import (
	"sync"
	"testing"
	"time"

	"peregrine/internal/catcher"
	"peregrine/internal/letter"
	"peregrine/internal/locale"
)

// BenchmarkSend sends over 16 connections to a relay that takes 10 ms a letter
// (at best 1600 a second), and to one that takes no time.
func BenchmarkSend(b *testing.B) {
	for _, delay := range []time.Duration{10 * time.Millisecond, 0} {
		b.Run(delay.String(), func(b *testing.B) {
			c, err := catcher.Start(catcher.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			c.Delay(delay)
			relay, err := letter.ParseRelay(c.URL() + "&connections=16")
			if err != nil {
				b.Fatal(err)
			}
			sender := letter.NewSMTP(relay)
			defer sender.Close()
			numbers := make(chan int)
			var all sync.WaitGroup
			for range 16 {
				all.Go(func() {
					for n := range numbers {
						if r, err := sender.Send(b.Context(), message(n)); err != nil || r.Outcome != letter.Sent {
							b.Errorf("%+v, %v", r, err)
						}
					}
				})
			}
			for n := 0; b.Loop(); n++ {
				numbers <- n
			}
			close(numbers)
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
		})
	}
}

func BenchmarkCompose(b *testing.B) {
	cat, err := locale.Load()
	if err != nil {
		b.Fatal(err)
	}
	samples := letter.Samples()
	for n := 0; b.Loop(); n++ {
		if _, err := letter.Compose(cat, "cs", samples[n%len(samples)].Letter); err != nil {
			b.Fatal(err)
		}
	}
}
