package process

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// LoadDefinition checks a lifecycle's file and keeps it: as institution's own,
// or as a built-in one if institution is nil. loaded is false if this very
// version was there already. A file that breaks a rule is invalid with a field
// per problem, named by its line; another content under a version that exists
// is a conflict. arrived is system time.
func (r *Runner) LoadDefinition(ctx context.Context, arrived time.Time, institution *uuid.UUID, source []byte) (id uuid.UUID, loaded bool, err error) {
	err = r.system(ctx, arrived, func(s *step) error {
		if err := queries.LockDefinitions(ctx, s.tx); err != nil {
			return fmt.Errorf("wait for other loaders: %w", err)
		}
		id, loaded, err = s.loadDefinition(ctx, institution, "definition.yaml", source)
		return err
	})
	return id, loaded, err
}

// LoadBuiltIn loads every *.yaml of files, all or none, and returns how many
// were new.
func (r *Runner) LoadBuiltIn(ctx context.Context, arrived time.Time, files fs.FS) (added int, err error) {
	sources, err := builtIn(files)
	if err != nil {
		return 0, err
	}
	err = r.system(ctx, arrived, func(s *step) error {
		added = 0
		if err := queries.LockDefinitions(ctx, s.tx); err != nil {
			return fmt.Errorf("wait for other loaders: %w", err)
		}
		for _, file := range sources {
			_, loaded, err := s.loadDefinition(ctx, nil, file.name, file.source)
			if err != nil {
				return fmt.Errorf("%s: %w", file.name, err)
			}
			if loaded {
				added++
			}
		}
		return nil
	})
	return added, err
}

type sourceFile struct {
	name   string
	source []byte
}

func builtIn(files fs.FS) ([]sourceFile, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, err
	}
	out := make([]sourceFile, len(names))
	for i, name := range names {
		source, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read the built-in lifecycles: %w", err)
		}
		out[i] = sourceFile{name, source}
	}
	return out, nil
}

func (s *step) loadDefinition(ctx context.Context, institution *uuid.UUID, file string, source []byte) (id uuid.UUID, loaded bool, err error) {
	d, hash, err := s.parse(ctx, institution, file, source)
	if err != nil {
		return uuid.Nil, false, err
	}
	known, err := queries.DefinitionByVersion(ctx, s.tx, store.DefinitionByVersionParams{Name: d.Name, Version: int32(d.Version), InstitutionID: institution})
	switch {
	case err == nil && bytes.Equal(known.Hash, hash):
		return known.ID, false, nil
	case err == nil:
		return uuid.Nil, false, mobility.ConflictError("conflict.version_loaded", map[string]any{"Name": d.Name, "Version": d.Version})
	case !errors.Is(err, pgx.ErrNoRows):
		return uuid.Nil, false, fmt.Errorf("look for the version: %w", err)
	}
	id = newID()
	err = queries.AddDefinition(ctx, s.tx, store.AddDefinitionParams{
		ID: id, InstitutionID: institution, Name: d.Name, Version: int32(d.Version), Source: string(source), Hash: hash, LoadedAt: s.now,
	})
	if err != nil {
		return uuid.Nil, false, fmt.Errorf("keep the lifecycle: %w", err)
	}
	return id, true, s.keepParts(ctx, id, d)
}

// parse checks the file in the languages it must be complete in.
func (s *step) parse(ctx context.Context, institution *uuid.UUID, file string, source []byte) (*lifecycle.Definition, []byte, error) {
	languages := lifecycle.BuiltInLanguages
	if institution != nil {
		office, err := queries.InstitutionOffice(ctx, s.tx, *institution)
		if err != nil {
			return nil, nil, store.Translate(err, "institution")
		}
		languages = []string{"en", office.Language}
	}
	d, problems := lifecycle.ParseIn(languages, file, source)
	if len(problems) > 0 {
		return nil, nil, refusedDefinition(file, problems)
	}
	hash, err := hex.DecodeString(d.Hash)
	return d, hash, err
}

// refusedDefinition names each problem by its line. The texts are the
// checker's own, in English, as `peregrine workflow check` prints them.
func refusedDefinition(file string, problems []lifecycle.Problem) *mobility.Error {
	e := &mobility.Error{Kind: mobility.Invalid, Code: "lifecycle.refused", Data: map[string]any{"File": file, "N": len(problems)}}
	for _, p := range problems {
		e.Fields = append(e.Fields, mobility.FieldProblem{
			Field: strconv.Itoa(p.Line), Code: "lifecycle.problem", Data: map[string]any{"Rule": string(p.Rule), "Text": p.Text},
		})
	}
	return e
}

// keepParts writes what the database itself looks up: states, moves, timers
// and reminders.
func (s *step) keepParts(ctx context.Context, id uuid.UUID, d *lifecycle.Definition) error {
	for i, state := range d.States {
		err := queries.AddDefinitionState(ctx, s.tx, store.AddDefinitionStateParams{
			DefinitionID: id, Name: string(state.Name), Position: int32(i + 1), Phase: state.Phase, Turn: string(state.Turn),
			Editable: state.Editable, HoldsPlace: state.HoldsPlace, Offer: string(state.Offer),
			Nomination: string(state.Nomination), Decision: string(state.Decision), Visible: string(state.Visible),
		})
		if err != nil {
			return fmt.Errorf("keep the state %s: %w", state.Name, err)
		}
	}
	if err := s.keepMoves(ctx, id, d); err != nil {
		return err
	}
	for _, t := range d.Timers {
		err := queries.AddDefinitionTimer(ctx, s.tx, store.AddDefinitionTimerParams{DefinitionID: id, State: t.State, Deadline: string(t.Deadline), Move: t.Move})
		if err != nil {
			return fmt.Errorf("keep the timer of %s: %w", t.State, err)
		}
	}
	return s.keepReminders(ctx, id, d)
}

// keepMoves writes one row per way from a state to a state: two moves of the
// same name may differ in who makes them alone. The start comes from nowhere
// and has no row.
func (s *step) keepMoves(ctx context.Context, id uuid.UUID, d *lifecycle.Definition) error {
	type way struct {
		name     string
		from, to mobility.State
	}
	kept := map[way]bool{}
	for _, m := range d.Moves {
		for _, from := range m.From {
			w := way{m.Name, from, m.To}
			if kept[w] {
				continue
			}
			kept[w] = true
			err := queries.AddDefinitionMove(ctx, s.tx, store.AddDefinitionMoveParams{DefinitionID: id, Name: m.Name, FromState: &from, ToState: string(m.To)})
			if err != nil {
				return fmt.Errorf("keep the move %s: %w", m.Name, err)
			}
		}
	}
	return nil
}

func (s *step) keepReminders(ctx context.Context, id uuid.UUID, d *lifecycle.Definition) error {
	for _, r := range d.Reminders {
		for _, to := range r.To {
			err := queries.AddDefinitionReminder(ctx, s.tx, store.AddDefinitionReminderParams{
				DefinitionID: id, State: r.State, Deadline: string(r.Deadline), ShiftDays: int32(r.Offset.Days), ShiftMinutes: int32(r.Offset.Clock.Minutes()),
				Recipient: string(to), Letter: r.Letter, Hours: string(r.Hours),
			})
			if err != nil {
				return fmt.Errorf("keep the reminder of %s: %w", r.State, err)
			}
		}
	}
	return nil
}

// Pinned is an open call that a release would break.
type Pinned struct {
	Call       uuid.UUID
	Title      mobility.Texts
	Definition string
	Version    int
	Problems   []string // for the operator, in English
}

// CheckPinned says which open calls the built-in lifecycles in files would
// break: a version they pin comes with another content, or what they pin no
// longer passes the checks of this release. It changes nothing.
func (r *Runner) CheckPinned(ctx context.Context, arrived time.Time, files fs.FS) ([]Pinned, error) {
	shipped, err := shippedHashes(files)
	if err != nil {
		return nil, err
	}
	var out []Pinned
	err = r.system(ctx, arrived, func(s *step) error {
		out = nil
		rows, err := queries.PinnedDefinitions(ctx, s.tx)
		if err != nil {
			return fmt.Errorf("read what calls pin: %w", err)
		}
		for _, row := range rows {
			if problems := breaks(row, shipped); len(problems) > 0 {
				out = append(out, Pinned{row.CallID, row.Title, row.Name, int(row.Version), problems})
			}
		}
		return nil
	})
	return out, err
}

type versionKey struct {
	name    string
	version int
}

func shippedHashes(files fs.FS) (map[versionKey]string, error) {
	sources, err := builtIn(files)
	if err != nil {
		return nil, err
	}
	out := map[versionKey]string{}
	for _, file := range sources {
		d, problems := lifecycle.Parse(file.name, file.source)
		if len(problems) > 0 {
			return nil, refusedDefinition(file.name, problems)
		}
		out[versionKey{d.Name, d.Version}] = d.Hash
	}
	return out, nil
}

func breaks(row store.PinnedDefinitionsRow, shipped map[versionKey]string) []string {
	var out []string
	hash, ok := shipped[versionKey{row.Name, int(row.Version)}]
	if ok && row.InstitutionID == nil && hash != hex.EncodeToString(row.Hash) {
		out = append(out, fmt.Sprintf("version %d of %s comes with another content: give the changed one a new version", row.Version, row.Name))
	}
	_, problems := lifecycle.ParseIn([]string{"en"}, fmt.Sprintf("%s version %d", row.Name, row.Version), []byte(row.Source))
	for _, p := range problems {
		out = append(out, p.String())
	}
	return out
}
