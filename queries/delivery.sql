-- The way to the mail server: its rate, and whether it answers.

-- name: KnowRelay :exec
INSERT INTO relays (name) VALUES (@name) ON CONFLICT DO NOTHING;

-- name: RelayState :one
-- Times as seconds from now, so that clocks of two machines are never compared.
SELECT (down_since IS NOT NULL)::bool AS down, (down_since IS NOT NULL AND look_at <= now())::bool AS due,
  coalesce(extract(epoch FROM now() - rising_since), -1)::float8 AS rising
FROM relays WHERE name = @name;

-- name: TakeSlots :one
-- The next slots of a rate, as seconds from now to the first; none beyond the horizon.
WITH wanted AS (
  SELECT @name::text AS relay, sqlc.arg(length)::interval AS length, sqlc.arg(horizon)::interval AS horizon
)
UPDATE relays r SET next_slot = greatest(r.next_slot, now()) + w.length FROM wanted w
WHERE r.name = w.relay AND r.next_slot < now() + w.horizon
RETURNING greatest(0, extract(epoch FROM r.next_slot - w.length - now()))::float8 AS wait;

-- name: RelaySilent :one
-- It did not answer: the first to find that out says since when. Returns whether it was known to be down.
WITH was AS (
  SELECT r.down_since, sqlc.arg(pause)::interval AS pause FROM relays r WHERE r.name = @name FOR UPDATE
)
UPDATE relays SET down_since = coalesce(relays.down_since, now()), look_at = coalesce(relays.look_at, now() + was.pause),
  response = @response, rising_since = NULL
FROM was WHERE relays.name = @name RETURNING (was.down_since IS NOT NULL)::bool AS known;

-- name: LookAtRelay :one
-- Whoever gets a row looks, and nobody else until the look is over or long overdue. Somebody at the door has it looked
-- at sooner.
UPDATE relays SET looked_at = now(), look_at = now() + sqlc.arg(lease)::interval, failures = failures + 1
WHERE name = @name AND down_since IS NOT NULL
  AND (look_at <= now() OR @urgent::bool AND (looked_at IS NULL OR looked_at < now() - interval '15 seconds'))
RETURNING failures;

-- name: RelayStillSilent :one
UPDATE relays SET look_at = now() + sqlc.arg(pause)::interval, response = @response
WHERE name = @name AND down_since IS NOT NULL
RETURNING extract(epoch FROM now() - down_since)::float8 AS seconds;

-- name: RelayAnswers :one
-- It is back. After more than a moment letters go slowly at first. Returns for how long it was silent.
WITH was AS (SELECT r.down_since FROM relays r WHERE r.name = @name AND r.down_since IS NOT NULL FOR UPDATE)
UPDATE relays SET answered_at = now(), down_since = NULL, look_at = NULL, failures = 0, response = '', next_slot = now(),
  rising_since = CASE WHEN was.down_since < now() - interval '1 minute' THEN now() END
FROM was WHERE relays.name = @name RETURNING extract(epoch FROM now() - was.down_since)::float8 AS seconds;

-- name: LettersWaiting :one
SELECT count(*)::int AS number FROM letters WHERE status = 'planned';

-- name: SilentRelay :many
-- For the pages of the staff: since when the mail server has not answered, and how many letters of the house wait.
SELECT r.down_since::timestamptz AS since, r.response,
  (SELECT count(*) FROM letters l WHERE l.status = 'planned' AND l.institution_id = ANY (@institutions::uuid[]))::int AS waiting
FROM relays r WHERE r.down_since IS NOT NULL ORDER BY r.down_since LIMIT 1;

-- name: SigningKey :one
SELECT key FROM signing_keys WHERE name = @name;

-- name: BeginSending :many
-- Attempts begin, of letters that are locked and wait: their texts are frozen now, if they were not before, and come back.
WITH going AS (
  SELECT unnest(@letters::uuid[]) AS letter_id, unnest(@persons::uuid[]) AS person_id, unnest(@addresses::text[]) AS address, unnest(@subjects::text[]) AS subject,
    unnest(@plains::text[]) AS plain, unnest(@htmls::text[]) AS html, unnest(@message_ids::text[]) AS message_id, unnest(@numbers::int[]) AS number
), fresh AS (
  INSERT INTO letter_texts (letter_id, person_id, address, subject, plain, html, message_id, frozen_at)
  SELECT letter_id, nullif(person_id, '00000000-0000-0000-0000-000000000000'), address, subject, plain, html, message_id, business_now() FROM going
  ON CONFLICT (letter_id) DO NOTHING RETURNING letter_id
), attempt AS (
  INSERT INTO letter_attempts (letter_id, number, started_at) SELECT letter_id, number, now() FROM going
), status AS (
  UPDATE letters l SET status = 'sending', skip_reason = '' FROM going g WHERE l.id = g.letter_id AND l.status = 'planned'
)
SELECT t.letter_id, t.address, t.subject, t.plain, t.html, t.message_id FROM letter_texts t
WHERE t.letter_id = ANY (@letters::uuid[]) AND t.letter_id NOT IN (SELECT f.letter_id FROM fresh f);

-- name: RecordAttempts :exec
-- What became of attempts and what that means for their letters; nothing of it the second time.
WITH known AS (
  SELECT unnest(@letters::uuid[]) AS letter_id, unnest(@numbers::int[]) AS number, unnest(@outcomes::text[]) AS outcome,
    unnest(@codes::int[]) AS code, unnest(@responses::text[]) AS response, unnest(@statuses::text[]) AS status
), ended AS (
  UPDATE letter_attempts a SET finished_at = now(), outcome = k.outcome, code = nullif(k.code, 0), response = k.response
  FROM known k WHERE a.letter_id = k.letter_id AND a.number = k.number AND a.outcome IS NULL
)
UPDATE letters l SET status = k.status, skip_reason = '', sent_at = CASE WHEN k.status = 'sent' THEN business_now() ELSE l.sent_at END
FROM known k WHERE l.id = k.letter_id AND l.status = 'sending';
