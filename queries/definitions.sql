-- name: DefinitionSource :one
SELECT name, version, source FROM definitions WHERE id = @id;

-- name: DefinitionVersions :many
SELECT id, name, version, hash, loaded_at FROM definitions ORDER BY name, version DESC;

-- name: NewestDefinition :one
SELECT id, name, version, hash FROM definitions WHERE name = @name AND institution_id IS NULL ORDER BY version DESC LIMIT 1;

-- name: AddDefinition :exec
INSERT INTO definitions (id, institution_id, name, version, source, hash, loaded_at)
VALUES (@id, sqlc.narg(institution_id), @name, @version, @source, @hash, @loaded_at);

-- name: AddDefinitionState :exec
INSERT INTO definition_states (definition_id, name, position, phase, turn, editable, holds_place, offer, nomination, decision, visible)
VALUES (@definition_id, @name, @position, @phase, @turn, @editable, @holds_place, @offer, @nomination, @decision, @visible);

-- name: AddDefinitionMove :exec
INSERT INTO definition_moves (definition_id, name, from_state, to_state) VALUES (@definition_id, @name, @from_state, @to_state);

-- name: AddDefinitionTimer :exec
INSERT INTO definition_timers (definition_id, state, deadline, move) VALUES (@definition_id, @state, @deadline, @move);

-- name: AddDefinitionReminder :exec
INSERT INTO definition_reminders (definition_id, state, deadline, shift, recipient, letter)
VALUES (@definition_id, @state, @deadline, make_interval(secs => @shift_seconds::double precision), @recipient, @letter);
