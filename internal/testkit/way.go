package testkit

import (
	"context"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
)

// WhileOpen is an hour after the call opened.
func (w *World) WhileOpen() time.Time { return w.Opens.Add(time.Hour) }

// Draft starts an application of student with a complete working copy.
func (w *World) Draft(student mobility.Actor, choices ...uuid.UUID) uuid.UUID {
	w.T.Helper()
	if len(choices) == 0 {
		choices = w.Destinations
	}
	return w.DraftIn(w.Round, student, choices...)
}

// DraftIn is Draft in another round.
func (w *World) DraftIn(round uuid.UUID, student mobility.Actor, choices ...uuid.UUID) uuid.UUID {
	w.T.Helper()
	ctx, at := context.Background(), w.WhileOpen()
	id, err := w.Process.Start(ctx, student, round, at)
	w.must(err)
	_, err = w.Process.SaveDraft(ctx, student, process.DraftSave{
		Application: id, Revision: 1, Answers: mobility.Answers{"motivation": "I want to learn."}, Choices: choices, Arrived: at,
	})
	w.must(err)
	return id
}

// Submitted drafts and submits.
func (w *World) Submitted(student mobility.Actor, choices ...uuid.UUID) uuid.UUID {
	w.T.Helper()
	id := w.Draft(student, choices...)
	w.Move(student, id, "submit", w.WhileOpen(), process.Given{})
	return id
}

// Move makes a move that must succeed.
func (w *World) Move(actor mobility.Actor, id uuid.UUID, move string, at time.Time, given process.Given) {
	w.T.Helper()
	_, err := w.Process.Move(context.Background(), actor, process.MoveRequest{Application: id, Move: move, Arrived: at, Given: given})
	w.must(err)
}

// Marked gives points for the letter.
func (w *World) Marked(id uuid.UUID, points string) {
	w.T.Helper()
	w.must(w.Process.SetMark(context.Background(), w.Coordinator, process.Mark{Application: id, Criterion: "letter", Points: points, Arrived: w.AfterClose}))
}

// Published computes and publishes the ranking of the round at the given time.
func (w *World) Published(at time.Time) uuid.UUID {
	w.T.Helper()
	return w.PublishedIn(w.Round, at)
}

// PublishedIn is Published in another round.
func (w *World) PublishedIn(round uuid.UUID, at time.Time) uuid.UUID {
	w.T.Helper()
	ctx := context.Background()
	id, err := w.Process.ComputeRanking(ctx, w.Officer, round, at)
	w.must(err)
	hash := One[string](w, `SELECT result_hash FROM rankings WHERE id = $1`, id)
	_, err = w.Process.Publish(ctx, w.Officer, process.Publication{Ranking: id, Hash: hash, Arrived: at})
	w.must(err)
	return id
}

// State reads an application's state.
func (w *World) State(id uuid.UUID) mobility.State {
	w.T.Helper()
	return mobility.State(One[string](w, `SELECT state FROM applications WHERE id = $1`, id))
}
