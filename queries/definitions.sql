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
INSERT INTO definition_reminders (definition_id, state, deadline, shift, recipient, letter, hours)
VALUES (@definition_id, @state, @deadline, make_interval(days => @shift_days::int, mins => @shift_minutes::int), @recipient, @letter, @hours);

-- name: LockDefinitions :exec
-- Lets one loader work at a time; any constant serves.
SELECT pg_advisory_xact_lock(hashtextextended('definitions', 0));

-- name: DefinitionByVersion :one
SELECT id, hash FROM definitions
WHERE name = @name AND version = @version AND institution_id IS NOT DISTINCT FROM sqlc.narg(institution_id);

-- name: NewestDefinitionFor :one
-- An institution's own lifecycle of that name comes before the built-in one.
SELECT id, name, version FROM definitions
WHERE name = @name AND (institution_id IS NULL OR institution_id = @institution_id)
ORDER BY institution_id NULLS LAST, version DESC LIMIT 1;

-- name: PinnedDefinitions :many
-- What open calls with applications still under way pin.
SELECT c.id AS call_id, c.title, d.id AS definition_id, d.institution_id, d.name, d.version, d.hash, d.source
FROM calls c JOIN definitions d ON d.id = c.definition_id
WHERE c.opened_at IS NOT NULL ORDER BY d.name, d.version, c.id;

-- name: DefinitionForCall :one
-- A lifecycle a call may be moved to: built in, or of its institution.
SELECT d.id, d.name, d.version FROM definitions d JOIN calls c ON c.id = @call_id
WHERE d.id = @id AND (d.institution_id IS NULL OR d.institution_id = c.institution_id);

-- name: RepinnedApplications :many
-- Every application of a call with what its state must agree with, locked by id.
SELECT a.id, a.state, a.revision, s.phase, s.holds_place, s.offer, s.nomination,
  coalesce((SELECT o.status FROM offers o WHERE o.application_id = a.id AND o.status IN ('open', 'confirmed')), 'none')::text AS live_offer,
  coalesce((SELECT CASE WHEN n.status = 'accepted' THEN 'accepted' ELSE 'live' END FROM nominations n
    WHERE n.application_id = a.id AND n.status IN ('draft', 'sent', 'accepted')), 'none')::text AS live_nomination,
  EXISTS (SELECT 1 FROM place_holds h WHERE h.application_id = a.id) AS holding,
  EXISTS (SELECT 1 FROM submissions b WHERE b.application_id = a.id) AS submitted
FROM applications a JOIN definition_states s ON s.definition_id = a.definition_id AND s.name = a.state
WHERE a.call_id = @call_id ORDER BY a.id FOR UPDATE OF a;

-- name: RemapApplications :execrows
UPDATE applications a SET definition_id = @definition_id, state = m.state, phase = s.phase, revision = a.revision + 1,
  moved_at = CASE WHEN a.state = m.state THEN a.moved_at ELSE @at END
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@states::text[]) AS state) m
JOIN definition_states s ON s.definition_id = @definition_id AND s.name = m.state
WHERE a.id = m.id;

-- name: AddRemapEvents :exec
-- After RemapApplications: where each came from is given, where it went stands in its row.
INSERT INTO events (id, institution_id, application_id, revision, kind, definition_id, from_state, to_state, at, actor_id, actor_role, data)
SELECT m.event_id, a.institution_id, a.id, a.revision, 'remap', a.definition_id, m.from_state, a.state, @at, sqlc.narg(actor_id), @actor_role, @data
FROM (SELECT unnest(@event_ids::uuid[]) AS event_id, unnest(@ids::uuid[]) AS id, unnest(@from_states::text[]) AS from_state) m
JOIN applications a ON a.id = m.id;

-- name: RepinCall :exec
UPDATE calls SET definition_id = @definition_id WHERE id = @id;
