-- Deadlines: what a call has, whom one concerns, what moving it changes; links that let one person in late; the grace period.

-- name: LetterDeadlineChange :one
SELECT x.kind, x.was_wall, x.was_zone, x.zone, x.closes_at, coalesce(t.reason, '')::text AS reason, (d.version > x.version)::bool AS overtaken
FROM deadline_changes x JOIN deadlines d ON d.id = x.deadline_id LEFT JOIN act_texts t ON t.act_id = x.id WHERE x.id = @id;

-- name: LateLinkToSend :one
SELECT l.id, l.zone, l.expires_at, c.title, (l.used_at IS NOT NULL OR l.revoked_at IS NOT NULL OR l.expires_at <= greatest(@now::timestamptz, business_now()))::bool AS over
FROM late_links l JOIN calls c ON c.id = l.call_id WHERE l.id = @id;

-- name: MakeLateLink :execrows
-- A retry makes the secret anew; the one before is good for nothing then. One that was opened keeps its secret.
UPDATE late_links SET token_hash = @token_hash WHERE id = @id AND opened_at IS NULL AND used_at IS NULL AND revoked_at IS NULL AND expires_at > business_now();

-- name: LateLinkOfToken :one
SELECT l.id, l.person_id, l.round_id, l.call_id, l.zone, l.expires_at, l.opened_at, l.used_at, l.revoked_at, (l.expires_at <= business_now())::bool AS expired, c.title
FROM late_links l JOIN calls c ON c.id = l.call_id JOIN persons p ON p.id = l.person_id AND p.erased_at IS NULL WHERE l.token_hash = @token_hash;

-- name: OpenLateLink :execrows
-- Once: opened before, it opens nothing.
UPDATE late_links SET opened_at = @now::timestamptz WHERE id = @id AND opened_at IS NULL AND used_at IS NULL AND revoked_at IS NULL AND expires_at > @now::timestamptz;

-- name: OpenedLateLink :one
-- The link by which a person may still write and submit in a round.
SELECT id, wall, zone, expires_at FROM late_links
WHERE round_id = @round_id AND person_id = @person_id AND opened_at IS NOT NULL AND used_at IS NULL AND revoked_at IS NULL AND expires_at > @now;

-- name: UseLateLink :execrows
UPDATE late_links SET used_at = @now, submission_id = @submission_id WHERE id = @id AND used_at IS NULL AND revoked_at IS NULL;

-- name: AddLateSubmission :exec
INSERT INTO late_submissions (submission_id, institution_id, application_id, let_in_by, late_link_id) VALUES (@submission_id, @institution_id, @application_id, @let_in_by, sqlc.narg(late_link_id));

-- name: GraceOf :one
-- In minutes; no row is none.
SELECT coalesce((SELECT g.minutes FROM call_graces g WHERE g.call_id = @call_id), 0)::int AS minutes;

-- name: SetGrace :exec
INSERT INTO call_graces (call_id, institution_id, minutes, set_at, set_by) VALUES (@call_id, @institution_id, @minutes, @at, sqlc.narg(set_by))
ON CONFLICT (call_id) DO UPDATE SET minutes = excluded.minutes, set_at = excluded.set_at, set_by = excluded.set_by;

-- name: LastClosing :one
-- When the last of a round's deadlines for everybody and for units is over.
SELECT max(d.closes_at)::timestamptz AS closes_at FROM deadlines d
WHERE d.kind = 'closes' AND (d.round_id = @round_id OR (d.within_round_id = @round_id AND d.unit_id IS NOT NULL));

-- name: LateLinksOpen :one
SELECT count(*)::int AS number FROM late_links WHERE round_id = @round_id AND used_at IS NULL AND revoked_at IS NULL AND expires_at > @now;

-- name: RoundDeadlinesFor :many
-- The deadlines that hold for whoever has not begun: their own, the closest of their unit's, the round's.
SELECT kind, deadline_id, version, wall, zone, closes_at FROM round_deadlines_in_force
WHERE round_id = @round_id AND person_id = @person_id AND unit_id = @unit_id;

-- name: GraceOfRound :one
SELECT coalesce((SELECT g.minutes FROM call_graces g JOIN rounds r ON r.call_id = g.call_id WHERE r.id = @round_id), 0)::int AS minutes;

-- name: DeadlineToMove :one
-- Asked under the web role: no row means that the actor may not know of it.
SELECT d.id, d.institution_id, d.kind, d.round_id, d.destination_id, d.application_id, d.offer_id, d.within_round_id, d.unit_id, d.person_id, d.wall, d.zone, d.closes_at, d.version,
  coalesce(r.call_id, w.call_id, t.call_id, '00000000-0000-0000-0000-000000000000')::uuid AS call_id, coalesce(d.round_id, d.within_round_id) AS in_round
FROM deadlines d LEFT JOIN rounds r ON r.id = d.round_id LEFT JOIN rounds w ON w.id = d.within_round_id LEFT JOIN destinations t ON t.id = d.destination_id
WHERE d.id = @id;

-- name: DeadlineOfSubject :one
-- The deadline of a kind that a round, a destination, a unit or a person in a round has of its own.
SELECT id FROM deadlines WHERE kind = @kind AND round_id IS NOT DISTINCT FROM sqlc.narg(round_id)::uuid AND destination_id IS NOT DISTINCT FROM sqlc.narg(destination_id)::uuid
  AND within_round_id IS NOT DISTINCT FROM sqlc.narg(within_round_id)::uuid AND unit_id IS NOT DISTINCT FROM sqlc.narg(unit_id)::uuid
  AND person_id IS NOT DISTINCT FROM sqlc.narg(person_id)::uuid AND application_id IS NULL AND offer_id IS NULL;

-- name: OwnDeadlineOfKind :one
SELECT d.id FROM deadlines d JOIN applications a ON a.id = d.application_id WHERE a.round_id = @round_id AND a.person_id = @person_id AND d.kind = @kind;

-- name: DeadlineSubject :one
-- Where a deadline that is not there yet would stand, if the actor sees it.
SELECT c.id AS call_id, c.institution_id, c.zone, r.id AS round_id, c.opened_at FROM calls c JOIN rounds r ON r.call_id = c.id
LEFT JOIN destinations t ON t.id = sqlc.narg(destination_id) AND t.round_id = r.id
WHERE r.id = coalesce(sqlc.narg(round_id)::uuid, t.round_id);

-- name: BroaderDeadline :one
-- What holds above a unit or a person in a round: the closest unit's, the round's.
SELECT d.id, d.wall, d.zone, d.closes_at FROM deadlines d
LEFT JOIN unit_paths p ON p.unit_id = sqlc.narg(unit_id)::uuid AND p.ancestor_id = d.unit_id
WHERE d.kind = @kind AND (d.round_id = @round_id OR (d.within_round_id = @round_id AND d.unit_id IS NOT NULL AND p.ancestor_id IS NOT NULL AND (p.distance > 0 OR @itself::bool)))
ORDER BY p.distance NULLS LAST LIMIT 1;

-- name: VisiblePersonOf :one
-- Asked under the web role.
SELECT f.person_id FROM person_facts f WHERE f.person_id = @person_id AND f.institution_id = @institution_id;

-- name: VisibleUnitOf :one
SELECT id FROM units WHERE id = @id AND institution_id = @institution_id;

-- name: DeadlineConcerns :many
-- Whose deadline of this kind becomes another if one is set for everybody in a round, for a unit or for a person: those
-- without a narrower one, and of the end of a call also those whose narrower one would be over before.
SELECT a.id, a.person_id, a.phase, a.state, a.definition_id, f.deadline_id, f.closes_at,
  (CASE WHEN d.application_id IS NOT NULL OR d.person_id IS NOT NULL THEN sqlc.narg(person_id)::uuid IS NULL
    WHEN d.unit_id IS NOT NULL THEN sqlc.narg(person_id)::uuid IS NULL AND (sqlc.narg(unit_id)::uuid IS NULL
      OR (d.unit_id <> sqlc.narg(unit_id) AND NOT EXISTS (SELECT 1 FROM unit_paths q WHERE q.unit_id = sqlc.narg(unit_id) AND q.ancestor_id = d.unit_id)))
    ELSE false END)::bool AS narrower
FROM applications a
JOIN deadlines_in_force f ON f.application_id = a.id AND f.kind = @kind
JOIN deadlines d ON d.id = f.deadline_id
WHERE a.round_id = @round_id AND a.phase = ANY (@phases::text[])
  AND (sqlc.narg(unit_id)::uuid IS NULL OR EXISTS (SELECT 1 FROM unit_paths p WHERE p.unit_id = a.unit_id AND p.ancestor_id = sqlc.narg(unit_id)))
  AND (sqlc.narg(person_id)::uuid IS NULL OR a.person_id = sqlc.narg(person_id))
ORDER BY a.id;

-- name: WithoutDeadline :many
-- Who has none of this kind yet and would get one.
SELECT a.id, a.person_id, a.phase, a.state, a.definition_id FROM applications a
WHERE a.round_id = @round_id AND a.phase = ANY (@phases::text[])
  AND NOT EXISTS (SELECT 1 FROM deadlines_in_force f WHERE f.application_id = a.id AND f.kind = @kind)
  AND (sqlc.narg(unit_id)::uuid IS NULL OR EXISTS (SELECT 1 FROM unit_paths p WHERE p.unit_id = a.unit_id AND p.ancestor_id = sqlc.narg(unit_id)))
  AND (sqlc.narg(person_id)::uuid IS NULL OR a.person_id = sqlc.narg(person_id))
ORDER BY a.id;

-- name: DestinationConcerns :many
-- Who stands at a destination: with a live offer or nomination, else on its reserve.
SELECT a.id, a.person_id, a.phase, a.state, a.definition_id FROM applications a
WHERE a.round_id = @round_id AND a.phase = ANY (@phases::text[]) AND (
  EXISTS (SELECT 1 FROM offers o WHERE o.application_id = a.id AND o.status IN ('open', 'confirmed') AND o.destination_id = @destination_id)
  OR EXISTS (SELECT 1 FROM nominations n WHERE n.application_id = a.id AND n.status IN ('draft', 'sent', 'accepted') AND n.destination_id = @destination_id)
  OR EXISTS (SELECT 1 FROM reserve_places r WHERE r.application_id = a.id AND r.ended_at IS NULL AND r.destination_id = @destination_id AND @kind = 'host_nomination'))
ORDER BY a.id;

-- name: OffersBeyond :one
-- Open offers at a destination that may be answered after an instant.
SELECT count(*)::int AS number FROM offers o JOIN deadlines d ON d.offer_id = o.id
WHERE o.destination_id = @destination_id AND o.status = 'open' AND d.closes_at > @at;

-- name: ReminderCounts :one
-- What was written to these people about these deadlines, and what waits.
SELECT count(*) FILTER (WHERE l.status IN ('sent', 'sending', 'unknown'))::int AS gone, count(*) FILTER (WHERE l.status = 'planned')::int AS waiting
FROM letters l WHERE l.subject_key LIKE 'reminder:%' AND l.data ->> 'deadline' = ANY (@deadlines::text[])
  AND (l.application_id = ANY (@applications::uuid[]) OR (l.application_id IS NULL AND @everybody::bool));

-- name: SetDeadline :one
INSERT INTO deadlines (id, institution_id, kind, round_id, destination_id, within_round_id, unit_id, person_id, wall, zone, closes_at)
VALUES (@id, @institution_id, @kind, sqlc.narg(round_id), sqlc.narg(destination_id), sqlc.narg(within_round_id), sqlc.narg(unit_id), sqlc.narg(person_id), @wall, @zone, @closes_at)
RETURNING version;

-- name: MoveDeadline :execrows
UPDATE deadlines SET wall = @wall, zone = @zone, closes_at = @closes_at, version = version + 1 WHERE id = @id AND version = @version;

-- name: CarryDeadlines :execrows
-- Narrower ones that would be over before the broader one move along with it.
UPDATE deadlines SET wall = @wall, zone = @zone, closes_at = @closes_at, version = version + 1 WHERE id = ANY (@ids::uuid[]);

-- name: NarrowerUnits :many
-- Deadlines of units below one, or of all units in a round, and of persons, that would be over before an instant.
SELECT d.id FROM deadlines d WHERE d.within_round_id = @round_id AND d.kind = @kind AND d.closes_at < @at AND (
  (d.unit_id IS NOT NULL AND d.unit_id IS DISTINCT FROM sqlc.narg(unit_id)::uuid AND (sqlc.narg(unit_id)::uuid IS NULL
    OR EXISTS (SELECT 1 FROM unit_paths p WHERE p.unit_id = d.unit_id AND p.ancestor_id = sqlc.narg(unit_id))))
  OR (d.person_id IS NOT NULL AND (sqlc.narg(unit_id)::uuid IS NULL OR EXISTS (SELECT 1 FROM affiliations x JOIN unit_paths p ON p.unit_id = x.unit_id
    WHERE x.person_id = d.person_id AND p.ancestor_id = sqlc.narg(unit_id)))));

-- name: SkipReminders :execrows
-- Reminders of what holds no longer for these people, as far as they were not sent.
UPDATE letters l SET status = 'skipped', skip_reason = 'deadline_moved' WHERE l.status = 'planned' AND l.subject_key LIKE 'reminder:%'
  AND l.application_id = ANY (@applications::uuid[]) AND l.data ->> 'deadline' = ANY (@deadlines::text[]);

-- name: AddDeadlineChange :exec
INSERT INTO deadline_changes (id, institution_id, call_id, deadline_id, kind, version, was_wall, was_zone, wall, zone, closes_at, made_at, made_by, told)
VALUES (@id, @institution_id, @call_id, @deadline_id, @kind, @version, sqlc.narg(was_wall), sqlc.narg(was_zone), @wall, @zone, @closes_at, @made_at, sqlc.narg(made_by), @told);

-- name: AddDeadlineConcerns :exec
INSERT INTO deadline_concerns (change_id, application_id) SELECT @change_id, unnest(@applications::uuid[]);

-- name: TellDeadline :many
-- One letter to each of these, once per person and version.
INSERT INTO letters (id, institution_id, kind, queue, language, person_id, recipient, application_id, call_id, subject_key, data, status, planned_at)
SELECT gen_random_uuid(), a.institution_id, 'deadline_moved', 'bulk', coalesce(nullif(p.language, ''), nullif(i.language, ''), 'en'), a.person_id, 'applicant', a.id, a.call_id,
  'deadline:' || @deadline_id::text || ':v' || @version::int || ':' || a.person_id, jsonb_build_object('deadline_change', @change_id::uuid), 'planned', @at
FROM applications a JOIN persons p ON p.id = a.person_id JOIN institutions i ON i.id = a.institution_id
WHERE a.id = ANY (@applications::uuid[]) AND p.erased_at IS NULL
ORDER BY a.id
ON CONFLICT (subject_key, kind) DO NOTHING
RETURNING id;

-- name: RemindersAhead :one
-- How many reminders to applicants the new time will bring to those concerned.
SELECT count(*)::int AS number FROM applications a JOIN definition_reminders r ON r.definition_id = a.definition_id AND r.state = a.state
WHERE a.id = ANY (@applications::uuid[]) AND r.deadline = @kind AND r.recipient = 'applicant';

-- name: LateLinkSubject :one
-- Asked under the web role: a round and the person who is to be let in, with their file if there is one.
SELECT r.id AS round_id, r.call_id, r.institution_id, c.zone, c.opened_at, coalesce(nullif(p.language, ''), nullif(i.language, ''), 'en')::text AS language, a.id AS application_id, coalesce(a.phase, '')::text AS phase
FROM rounds r JOIN calls c ON c.id = r.call_id JOIN institutions i ON i.id = r.institution_id
JOIN person_facts f ON f.institution_id = r.institution_id AND f.person_id = @person_id JOIN persons p ON p.id = f.person_id AND p.erased_at IS NULL
LEFT JOIN applications a ON a.round_id = r.id AND a.person_id = p.id
WHERE r.id = @round_id;

-- name: EndLateLinks :execrows
-- Those of a person that ended unused make room for another.
UPDATE late_links SET revoked_at = expires_at WHERE round_id = @round_id AND person_id = @person_id AND used_at IS NULL AND revoked_at IS NULL AND expires_at <= @now::timestamptz;

-- name: LiveLateLink :one
SELECT EXISTS (SELECT 1 FROM late_links WHERE round_id = @round_id AND person_id = @person_id AND used_at IS NULL AND revoked_at IS NULL) AS live;

-- name: AddLateLink :exec
INSERT INTO late_links (id, institution_id, call_id, round_id, person_id, wall, zone, expires_at, made_at, made_by)
VALUES (@id, @institution_id, @call_id, @round_id, @person_id, @wall, @zone, @expires_at, @made_at, sqlc.narg(made_by));

-- name: VisibleLateLink :one
SELECT id, institution_id, call_id, person_id FROM late_links WHERE id = @id;

-- name: RevokeLateLink :execrows
UPDATE late_links SET revoked_at = @at, revoked_by = sqlc.narg(revoked_by) WHERE id = @id AND used_at IS NULL AND revoked_at IS NULL;

-- name: CloseFor :one
-- The end of the round for one person, whether they have begun or not; no row if there is none.
SELECT closes_at FROM (
  SELECT f.closes_at, 1 AS place FROM deadlines_in_force f JOIN applications a ON a.id = f.application_id WHERE a.round_id = @round_id AND a.person_id = @person_id AND f.kind = 'closes'
  UNION ALL
  SELECT v.closes_at, 2 FROM round_deadlines_in_force v WHERE v.round_id = @round_id AND v.person_id = @person_id AND v.unit_id = @unit_id AND v.kind = 'closes') x
ORDER BY place LIMIT 1;

-- name: CallDeadlines :many
-- Every deadline a call has: of its rounds, its destinations, of units and, as far as the reader may know them, of persons.
SELECT d.id, d.kind, d.wall, d.zone, d.closes_at, d.version, r.number AS round, (d.round_id IS NOT NULL)::bool AS general, d.destination_id, d.unit_id, d.person_id,
  coalesce(i.name, '')::text AS host, coalesce(t.term, '')::text AS term, u.name AS unit, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS person
FROM deadlines d
LEFT JOIN destinations t ON t.id = d.destination_id AND t.dropped_at IS NULL
JOIN rounds r ON r.id = coalesce(d.round_id, d.within_round_id, t.round_id)
LEFT JOIN institutions i ON i.id = t.host_institution_id
LEFT JOIN units u ON u.id = d.unit_id
LEFT JOIN person_facts f ON f.person_id = d.person_id AND f.institution_id = d.institution_id
WHERE r.call_id = @call_id AND (d.person_id IS NULL OR (f.person_id IS NOT NULL AND d.person_id <> @self))
ORDER BY r.number, d.destination_id IS NOT NULL, d.kind <> 'opens', d.closes_at, i.name, t.term, d.destination_id, u.code, f.family_names COLLATE "und-x-icu", d.id;

-- name: FileDeadlines :many
-- Deadlines that hold for one file alone and are not over long: of a return, of an offer, a later end of the call.
SELECT a.id, d.kind, d.zone, d.closes_at, d.wall, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name, coalesce(a.candidate, 0)::int AS candidate, (count(*) OVER ())::int AS total
FROM applications a
JOIN deadlines d ON d.application_id = a.id OR d.offer_id IN (SELECT o.id FROM offers o WHERE o.application_id = a.id AND o.status = 'open')
LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
WHERE a.call_id = @call_id AND a.phase <> 'closed' AND a.person_id <> @self AND d.kind IN ('closes', 'complete_by', 'confirm_by', 'host_answer') AND d.closes_at > sqlc.arg(now)::timestamptz - interval '7 days'
ORDER BY d.closes_at, f.family_names COLLATE "und-x-icu", a.id LIMIT @most;

-- name: DeadlineChanges :many
SELECT x.deadline_id, x.version, x.was_wall, x.was_zone, x.wall, x.zone, x.closes_at, x.made_at, x.told,
  (SELECT count(*) FROM deadline_concerns n WHERE n.change_id = x.id)::int AS concerned,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS by, coalesce(t.reason, '')::text AS reason, x.kind
FROM deadline_changes x
LEFT JOIN person_facts f ON f.person_id = x.made_by AND f.institution_id = x.institution_id
LEFT JOIN act_texts t ON t.act_id = x.id
WHERE x.call_id = @call_id ORDER BY x.made_at DESC, x.id DESC;

-- name: FileDeadlineChanges :many
-- Moves of deadlines that concerned a file.
SELECT x.kind, x.was_wall, x.was_zone, x.closes_at, x.zone, x.made_at, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS by, coalesce(t.reason, '')::text AS reason
FROM deadline_concerns n JOIN deadline_changes x ON x.id = n.change_id
LEFT JOIN person_facts f ON f.person_id = x.made_by AND f.institution_id = x.institution_id
LEFT JOIN act_texts t ON t.act_id = x.id
WHERE n.application_id = @application_id ORDER BY x.made_at;

-- name: DeadlineNames :many
-- Whom a move of a deadline concerns, as far as the reader sees them.
SELECT a.id, a.state, a.phase, a.definition_id, coalesce(u.code, '')::text AS unit, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name, coalesce(c.closes_at, '0001-01-01')::timestamptz AS closes_at, coalesce(c.zone, '')::text AS zone,
  (count(*) OVER ())::int AS total
FROM applications a
LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
LEFT JOIN units u ON u.id = a.unit_id
LEFT JOIN LATERAL (SELECT v.closes_at, v.zone FROM deadlines_in_force v WHERE v.application_id = a.id AND v.kind = @kind LIMIT 1) c ON true
WHERE a.id = ANY (@ids::uuid[]) AND a.person_id <> @self
  AND (@phase::text = '' OR a.phase = @phase) AND (@sought::text = '' OR f.given_names || ' ' || f.family_names || ' ' || f.given_names ILIKE '%' || @sought || '%')
ORDER BY f.family_names COLLATE "und-x-icu", f.given_names COLLATE "und-x-icu", a.id LIMIT @most OFFSET @skip;

-- name: CallLateLinks :many
SELECT l.id, l.zone, l.expires_at, l.made_at, l.opened_at, l.used_at, l.revoked_at, r.number AS round, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name,
  coalesce(trim(g.given_names || ' ' || g.family_names), '')::text AS by, a.id AS application_id,
  coalesce((SELECT x.reason FROM acts s JOIN act_texts x ON x.act_id = s.id WHERE s.subject_id = l.id AND s.act = 'late_link_issued'), '')::text AS reason
FROM late_links l JOIN rounds r ON r.id = l.round_id
JOIN person_facts f ON f.person_id = l.person_id AND f.institution_id = l.institution_id
LEFT JOIN person_facts g ON g.person_id = l.made_by AND g.institution_id = l.institution_id
LEFT JOIN applications a ON a.round_id = l.round_id AND a.person_id = l.person_id
WHERE l.call_id = @call_id AND l.person_id <> @self ORDER BY l.made_at DESC;

-- name: LateLinkPage :one
SELECT l.id, l.call_id, l.institution_id, l.zone, l.expires_at, l.person_id, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name
FROM late_links l JOIN person_facts f ON f.person_id = l.person_id AND f.institution_id = l.institution_id WHERE l.id = @id;

-- name: LateMarks :many
-- By what the submissions of a file that came late were let in.
SELECT m.let_in_by, s.number, s.arrived_at FROM late_submissions m JOIN submissions s ON s.id = m.submission_id WHERE m.application_id = @application_id ORDER BY s.number;

-- name: DeadlineZones :many
-- The zones a call has to do with.
SELECT c.zone FROM calls c WHERE c.id = @call_id
UNION SELECT i.time_zone FROM calls c JOIN institutions i ON i.id = c.institution_id WHERE c.id = @call_id
UNION SELECT h.time_zone FROM destinations d JOIN institutions h ON h.id = d.host_institution_id WHERE d.call_id = @call_id
ORDER BY 1;

-- name: UnitsToExtend :many
-- The units of a call with all below them.
SELECT u.id, u.code, u.name FROM units u JOIN calls c ON c.institution_id = u.institution_id
WHERE c.id = @call_id AND (NOT EXISTS (SELECT 1 FROM call_units x WHERE x.call_id = c.id)
  OR EXISTS (SELECT 1 FROM call_units x JOIN unit_paths p ON p.unit_id = u.id AND p.ancestor_id = x.unit_id WHERE x.call_id = c.id)
  OR EXISTS (SELECT 1 FROM call_units x JOIN unit_paths p ON p.unit_id = x.unit_id AND p.ancestor_id = u.id WHERE x.call_id = c.id))
ORDER BY u.code;

-- name: CallRounds :many
SELECT id, number FROM rounds WHERE call_id = @call_id ORDER BY number;

-- name: ExtendedUnits :many
-- Which units may submit longer than everybody, for the page of the call.
SELECT d.within_round_id AS round_id, u.name AS unit, d.zone, d.closes_at FROM deadlines d JOIN units u ON u.id = d.unit_id JOIN rounds r ON r.id = d.within_round_id
WHERE r.call_id = @call_id AND d.kind = 'closes' ORDER BY d.closes_at, u.code;

-- name: MyClosings :many
-- Until when the reader may begin and submit in each round, of one call or of all: by their unit's deadline or their
-- own, or by a link they opened.
SELECT v.round_id, v.zone, v.closes_at FROM round_deadlines_in_force v JOIN rounds r ON r.id = v.round_id
WHERE v.person_id = @person_id AND v.kind = 'closes' AND (sqlc.narg(call_id)::uuid IS NULL OR r.call_id = sqlc.narg(call_id))
  AND EXISTS (SELECT 1 FROM deadlines d WHERE d.id = v.deadline_id AND d.within_round_id IS NOT NULL)
UNION ALL
SELECT l.round_id, l.zone, l.expires_at FROM late_links l WHERE l.person_id = @person_id AND (sqlc.narg(call_id)::uuid IS NULL OR l.call_id = sqlc.narg(call_id))
  AND l.opened_at IS NOT NULL AND l.used_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > @now::timestamptz;

-- name: PersonName :one
SELECT trim(f.given_names || ' ' || f.family_names)::text AS name FROM person_facts f WHERE f.person_id = @person_id AND f.institution_id = @institution_id;

-- name: BarredFromSomebody :one
SELECT (cardinality(barred_persons()) > 0)::bool AS barred;

-- name: VisiblePhases :many
SELECT a.phase, count(*)::int AS number FROM applications a WHERE a.id = ANY (@ids::uuid[]) AND a.person_id <> @self GROUP BY a.phase;
