-- The outbox: letters of a run before and after it is published.

-- name: OutboxEntries :many
-- Everybody in a run whom the reader sees, with what decides about their letters. refused: the last letter to this very
-- address was refused for good.
SELECT a.id, a.person_id, a.state, e.outcome::text AS outcome, e.rank::int AS rank, (a.held_back <> '')::bool AS held,
  coalesce(nullif(p.language, ''), nullif(i.language, ''), 'en')::text AS language, coalesce(p.email, '')::text AS email,
  (p.erased_at IS NOT NULL)::bool AS erased,
  EXISTS (SELECT 1 FROM letters l JOIN letter_texts t ON t.letter_id = l.id WHERE l.person_id = p.id AND l.status = 'failed' AND lower(t.address) = lower(p.email))::bool AS refused,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name
FROM (SELECT unnest(@applications::uuid[]) AS id, unnest(@outcomes::text[]) AS outcome, unnest(@ranks::int[]) AS rank) e
JOIN applications a ON a.id = e.id JOIN institutions i ON i.id = a.institution_id LEFT JOIN persons p ON p.id = a.person_id
LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
WHERE a.person_id <> @self;

-- name: OutboxEdits :many
-- Letters of a run that were written by hand.
SELECT e.application_id, e.kind, e.reason, e.edited_at, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS editor
FROM letter_edits e LEFT JOIN person_facts f ON f.person_id = e.edited_by AND f.institution_id = e.institution_id
WHERE e.ranking_id = @ranking_id ORDER BY e.edited_at, e.application_id;

-- name: OutboxEdit :one
SELECT e.kind, e.language, e.source, e.reason, e.result_hash, e.edited_at, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS editor
FROM letter_edits e LEFT JOIN person_facts f ON f.person_id = e.edited_by AND f.institution_id = e.institution_id
WHERE e.ranking_id = @ranking_id AND e.application_id = @application_id AND e.kind = @kind;

-- name: OutboxEditsBefore :many
-- Letters written by hand in the round's last earlier run that has any: another run does not take them over.
SELECT e.ranking_id, r.number, e.application_id, e.kind, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name
FROM letter_edits e JOIN rankings r ON r.id = e.ranking_id JOIN applications a ON a.id = e.application_id
LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
WHERE e.ranking_id = (SELECT o.id FROM rankings o WHERE o.round_id = @round_id AND o.number < @number AND o.status = 'draft'
    AND EXISTS (SELECT 1 FROM letter_edits x WHERE x.ranking_id = o.id) ORDER BY o.number DESC LIMIT 1)
  AND NOT EXISTS (SELECT 1 FROM letter_edits y WHERE y.ranking_id = @ranking_id AND y.application_id = e.application_id AND y.kind = e.kind)
ORDER BY e.application_id, e.kind;

-- name: PutLetterEdit :exec
INSERT INTO letter_edits (ranking_id, application_id, kind, institution_id, person_id, language, source, reason, result_hash, edited_by, edited_at)
VALUES (@ranking_id, @application_id, @kind, @institution_id, @person_id, @language, @source, @reason, @result_hash, @edited_by, @edited_at)
ON CONFLICT (ranking_id, application_id, kind) DO UPDATE SET language = excluded.language, source = excluded.source, reason = excluded.reason,
  edited_by = excluded.edited_by, edited_at = excluded.edited_at;

-- name: DropLetterEdit :execrows
DELETE FROM letter_edits WHERE ranking_id = @ranking_id AND application_id = @application_id AND kind = @kind;

-- name: RankingHasEdits :one
SELECT EXISTS (SELECT 1 FROM letter_edits WHERE ranking_id = @ranking_id)::bool AS edited;

-- name: CarryEdits :execrows
-- What was written by hand goes with the letters that publishing plans.
INSERT INTO letter_sources (letter_id, institution_id, person_id, language, source, edited_by, edited_at)
SELECT l.id, e.institution_id, e.person_id, e.language, e.source, e.edited_by, e.edited_at
FROM letter_edits e JOIN letters l ON l.application_id = e.application_id AND l.kind = e.kind
WHERE e.ranking_id = @ranking_id AND l.id = ANY (@letters::uuid[]) AND l.status = 'planned';

-- name: CarrySource :exec
-- A letter sent again goes by the same words.
INSERT INTO letter_sources (letter_id, institution_id, person_id, language, source, edited_by, edited_at)
SELECT @id, s.institution_id, s.person_id, s.language, s.source, s.edited_by, s.edited_at FROM letter_sources s WHERE s.letter_id = @old_id;

-- name: LetterSources :many
-- What was written by hand for single letters.
SELECT letter_id, language, source FROM letter_sources WHERE letter_id = ANY (@letters::uuid[]);

-- name: EraseLetterEdits :exec
DELETE FROM letter_edits WHERE person_id = @person_id AND institution_id = ANY (@institutions::uuid[]);

-- name: EraseLetterSources :exec
DELETE FROM letter_sources WHERE person_id = @person_id AND institution_id = ANY (@institutions::uuid[]);

-- name: OutboxPauses :many
-- What makes e-mail of a run wait now.
SELECT p.id, p.ranking_id, p.everything, p.paused_at, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS paused_by, coalesce(t.reason, '')::text AS reason
FROM letter_pauses p
LEFT JOIN person_facts f ON f.person_id = p.paused_by AND f.institution_id = p.institution_id
LEFT JOIN acts a ON a.subject_id = p.id AND a.act = 'letters_paused'
LEFT JOIN act_texts t ON t.act_id = a.id
WHERE p.institution_id = @institution_id AND p.resumed_at IS NULL AND (p.ranking_id IS NULL OR p.ranking_id = @ranking_id)
ORDER BY p.ranking_id NULLS FIRST;

-- name: OutboxHousePauses :many
-- All that makes e-mail of these institutions wait now, with the publication from whose page it was stopped.
SELECT (p.ranking_id IS NULL)::bool AS whole, p.everything, coalesce(a.data ->> 'ranking', '00000000-0000-0000-0000-000000000000')::uuid AS ranking, p.paused_at, c.title AS call,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS paused_by, coalesce(t.reason, '')::text AS reason
FROM letter_pauses p
JOIN acts a ON a.subject_id = p.id AND a.act = 'letters_paused'
LEFT JOIN act_texts t ON t.act_id = a.id
LEFT JOIN rankings r ON r.id = p.ranking_id LEFT JOIN calls c ON c.id = r.call_id
LEFT JOIN person_facts f ON f.person_id = p.paused_by AND f.institution_id = p.institution_id
WHERE p.institution_id = ANY (@institutions::uuid[]) AND p.resumed_at IS NULL ORDER BY p.paused_at;

-- name: AddLetterPause :exec
INSERT INTO letter_pauses (id, institution_id, ranking_id, everything, kinds, paused_by, paused_at)
VALUES (@id, @institution_id, sqlc.narg(ranking_id), @everything, @kinds, @paused_by, @paused_at);

-- name: EndLetterPause :many
UPDATE letter_pauses SET resumed_by = @resumed_by, resumed_at = @resumed_at
WHERE institution_id = @institution_id AND ranking_id IS NOT DISTINCT FROM sqlc.narg(ranking_id)::uuid AND everything = @everything AND resumed_at IS NULL RETURNING id;

-- name: WakeLetters :one
SELECT wake_letters(@institution_id, sqlc.narg(ranking_id)::uuid)::int AS number;

-- name: OutboxProgress :many
-- What became of the letters of a publication; one that was sent again counts by its last row.
SELECT l.kind, l.status, (l.status = 'planned' AND letter_waits(l.institution_id, l.kind, l.data ->> 'ranking'))::bool AS paused, count(*)::int AS letters
FROM letters l
WHERE l.data ->> 'ranking' = @ranking::text AND l.call_id = @call_id AND l.cause IN ('event', 'list', 'again')
  AND NOT EXISTS (SELECT 1 FROM letters g WHERE g.again_of = l.id)
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;

-- name: OutboxFailed :many
-- Letters of a publication that were refused for good and were not sent again, with the address of today.
SELECT l.id, l.kind, l.application_id, l.person_id, coalesce(t.address, '')::text AS address, coalesce(p.email, '')::text AS email,
  coalesce(x.response, '')::text AS response, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name
FROM letters l
LEFT JOIN letter_texts t ON t.letter_id = l.id LEFT JOIN persons p ON p.id = l.person_id
LEFT JOIN person_facts f ON f.person_id = l.person_id AND f.institution_id = l.institution_id
LEFT JOIN letter_attempts x ON x.letter_id = l.id AND x.number = (SELECT max(n.number) FROM letter_attempts n WHERE n.letter_id = l.id)
WHERE l.data ->> 'ranking' = @ranking::text AND l.call_id = @call_id AND l.status = 'failed' AND l.skip_reason <> 'sent_again'
  AND l.overtaken_at IS NULL AND l.person_id IS DISTINCT FROM @self::uuid
ORDER BY f.family_names COLLATE "und-x-icu", l.id LIMIT @most;

-- name: SamplesSince :one
-- How many samples a person had sent to themselves since then.
SELECT count(*)::int AS number FROM letters WHERE person_id = @person_id AND kind = 'sample' AND planned_at > @since::timestamptz;

-- name: EntryOfRanking :one
-- What a run says of one application, and where that stands: for the letters it leads to.
SELECT e.outcome, e.rank, a.state, a.held_back, a.person_id, a.institution_id, a.call_id, a.definition_id,
  coalesce(nullif(p.language, ''), nullif(i.language, ''), 'en')::text AS language
FROM ranking_entries e JOIN applications a ON a.id = e.application_id JOIN institutions i ON i.id = a.institution_id JOIN persons p ON p.id = a.person_id
WHERE e.ranking_id = @ranking_id AND e.application_id = @application_id;

-- name: LettersWithoutCause :many
-- Each letter belongs to an event of its own file, to a reminder of a deadline, or to what else made it.
SELECT format('letter %s (%s) does not say what made it', l.id, l.subject_key)::text AS violation FROM letters l
WHERE (l.cause = 'event' AND NOT EXISTS (SELECT 1 FROM events e WHERE e.id = l.event_id AND (l.application_id IS NULL OR e.application_id = l.application_id)))
  OR (l.cause = 'again' AND NOT EXISTS (SELECT 1 FROM letters o WHERE o.id = l.again_of AND o.kind = l.kind AND o.person_id IS NOT DISTINCT FROM l.person_id))
  OR (l.cause = 'list' AND NOT EXISTS (SELECT 1 FROM ranking_entries e WHERE e.ranking_id::text = split_part(l.subject_key, ':', 2) AND e.application_id = l.application_id))
ORDER BY 1;
