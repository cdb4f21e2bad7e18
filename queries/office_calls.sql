-- What the pages of coordinators and offices about a call read. Row-level
-- security says which files count; a reader's own file never does.

-- name: OfficeCalls :many
-- Calls of the reader's institutions with the dates of their newest round.
SELECT c.id, c.title, c.programme, c.academic_year, c.zone, c.opened_at, c.definition_id,
  o.closes_at AS opens_at, x.closes_at, b.closes_at AS assess_by, k.published_at,
  coalesce(n.files, 0)::int AS files
FROM calls c
LEFT JOIN (
  SELECT a.call_id, count(*) AS files FROM applications a
  WHERE a.institution_id = ANY (@institutions::uuid[]) AND a.phase <> 'draft' AND a.person_id <> @self
  GROUP BY a.call_id) n ON n.call_id = c.id
LEFT JOIN rounds r ON r.call_id = c.id AND r.number = (SELECT max(n.number) FROM rounds n WHERE n.call_id = c.id)
LEFT JOIN deadlines o ON o.round_id = r.id AND o.kind = 'opens'
LEFT JOIN deadlines x ON x.round_id = r.id AND x.kind = 'closes'
LEFT JOIN deadlines b ON b.round_id = r.id AND b.kind = 'assess_by'
LEFT JOIN rankings k ON k.round_id = r.id AND k.status = 'published'
WHERE c.institution_id = ANY (@institutions::uuid[])
ORDER BY x.closes_at DESC NULLS FIRST, c.id;

-- name: OfficeCall :one
SELECT c.id, c.institution_id, c.title, c.programme, c.academic_year, c.zone, c.opened_at, c.definition_id, c.form_id, c.scheme_id, c.selection, c.facts_at,
  c.max_choices, c.max_languages, c.registration, c.assessors_see, c.blind, r.id AS round_id, r.number AS round,
  o.closes_at AS opens_at, x.closes_at, b.closes_at AS assess_by, k.id AS published, k.published_at, s.source AS scheme
FROM calls c
JOIN schemes s ON s.id = c.scheme_id
LEFT JOIN rounds r ON r.call_id = c.id AND r.number = (SELECT max(n.number) FROM rounds n WHERE n.call_id = c.id)
LEFT JOIN deadlines o ON o.round_id = r.id AND o.kind = 'opens'
LEFT JOIN deadlines x ON x.round_id = r.id AND x.kind = 'closes'
LEFT JOIN deadlines b ON b.round_id = r.id AND b.kind = 'assess_by'
LEFT JOIN rankings k ON k.round_id = r.id AND k.status = 'published'
WHERE c.id = @id AND c.institution_id = ANY (@institutions::uuid[]);

-- name: OfficeStates :many
-- How many files are in each state, since when the oldest waits, the nearest deadline it waits for,
-- and how many of those to be assessed lack marks.
SELECT a.call_id, a.definition_id, a.state, a.phase, count(*)::int AS files, min(a.moved_at)::timestamptz AS since,
  coalesce(min(d.closes_at) FILTER (WHERE d.closes_at > @now), '0001-01-01')::timestamptz AS nearest,
  count(*) FILTER (WHERE a.id IN (SELECT unmarked_applications(@institutions::uuid[], sqlc.narg(call_id)::uuid)))::int AS unmarked
FROM applications a
JOIN definition_states s ON s.definition_id = a.definition_id AND s.name = a.state
LEFT JOIN offers o ON o.application_id = a.id AND o.status IN ('open', 'confirmed')
LEFT JOIN deadlines d ON d.kind = CASE
    WHEN s.offer = 'open' THEN 'confirm_by' WHEN s.nomination = 'live' THEN 'host_answer'
    WHEN s.offer = 'confirmed' AND s.nomination = 'none' THEN 'host_nomination'
    WHEN s.turn = 'applicant' THEN 'complete_by' WHEN s.turn = 'coordinator' THEN 'assess_by' ELSE '' END
  AND (d.round_id = a.round_id OR d.application_id = a.id OR d.offer_id = o.id OR d.destination_id = o.destination_id)
WHERE a.institution_id = ANY (@institutions::uuid[]) AND a.person_id <> @self
  AND (sqlc.narg(call_id)::uuid IS NULL OR a.call_id = sqlc.narg(call_id))
GROUP BY a.call_id, a.definition_id, a.state, a.phase;

-- name: OfficeLetterTrouble :many
-- Letters nobody has settled yet, by call.
SELECT l.call_id, l.status, count(*)::int AS letters, min(l.planned_at)::timestamptz AS since
FROM letters l WHERE l.institution_id = ANY (@institutions::uuid[]) AND ((l.status IN ('failed', 'unknown') AND l.skip_reason <> 'sent_again')
  OR EXISTS (SELECT 1 FROM letter_bounces b WHERE b.letter_id = l.id AND b.action = 'failed' AND b.settled_at IS NULL))
GROUP BY l.call_id, l.status;

-- name: OfficeDeadlines :many
SELECT d.id, d.kind, d.wall, d.zone, d.closes_at, d.version, d.round_id, r.number AS round
FROM deadlines d JOIN rounds r ON r.id = d.round_id
WHERE r.call_id = @call_id ORDER BY r.number, d.closes_at;

-- name: OfficeDestinationNames :many
-- The destinations of a call to choose from.
SELECT d.id, i.name AS host, d.term FROM destinations d JOIN institutions i ON i.id = d.host_institution_id
WHERE d.call_id = @call_id ORDER BY i.name, d.term, d.id;

-- name: OfficeDestinations :many
-- Places and demand, as far as the reader sees the files behind it. A barred
-- destination shows no figures of its applicants before publication.
SELECT d.id, i.name AS host, i.city, i.country, d.term, d.cycle, d.isced_f, d.language, d.cefr, d.months, d.selected_by, d.host_email, u.code AS unit,
  n.id AS deadline_id, n.closes_at AS host_closes_at, n.zone AS host_zone,
  coalesce((SELECT min(p.places) FROM destination_pools dp JOIN pools p ON p.id = dp.pool_id WHERE dp.destination_id = d.id), 0)::int AS places,
  coalesce((SELECT min(p.places + p.overbooked) FROM destination_pools dp JOIN pools p ON p.id = dp.pool_id WHERE dp.destination_id = d.id), 0)::int AS allowed,
  coalesce((SELECT max(p.held) FROM destination_pools dp JOIN pools p ON p.id = dp.pool_id WHERE dp.destination_id = d.id), 0)::int AS held,
  coalesce((SELECT min(p.free) FROM destination_pools dp JOIN pool_places p ON p.pool_id = dp.pool_id WHERE dp.destination_id = d.id), 0)::int AS free,
  coalesce(w.firsts, 0)::int AS firsts, coalesce(w.wishes, 0)::int AS wishes,
  (d.id = ANY (barred_destinations()))::bool AS barred
FROM destinations d
JOIN institutions i ON i.id = d.host_institution_id
JOIN units u ON u.id = d.unit_id
LEFT JOIN deadlines n ON n.destination_id = d.id AND n.kind = 'host_nomination'
LEFT JOIN (
  SELECT c.destination_id, count(*) AS wishes, count(*) FILTER (WHERE c.position = 1) AS firsts
  FROM applications a
  JOIN LATERAL (SELECT b.id FROM submissions b WHERE b.application_id = a.id ORDER BY b.number DESC LIMIT 1) s ON true
  JOIN choices c ON c.submission_id = s.id
  WHERE a.call_id = @call_id AND a.phase <> 'draft' AND a.person_id <> @self
    AND NOT EXISTS (SELECT 1 FROM events e WHERE e.application_id = a.id AND e.revision = a.revision AND e.actor_role = 'applicant' AND a.phase = 'closed')
  GROUP BY c.destination_id) w ON w.destination_id = d.id
WHERE d.call_id = @call_id ORDER BY i.name, d.term, d.id;

-- name: OfficePools :many
SELECT p.id, coalesce(p.term, '')::text AS term, p.academic_year, p.places, p.overbooked, p.held, d.id AS destination_id, i.name AS host
FROM destinations d JOIN destination_pools dp ON dp.destination_id = d.id JOIN pools p ON p.id = dp.pool_id JOIN institutions i ON i.id = d.host_institution_id
WHERE d.call_id = @call_id AND p.kind = 'places' ORDER BY i.name, d.id, p.term;

-- name: OfficeUnits :many
-- Units of the institution that files may come from.
SELECT u.id, u.code, u.name FROM units u JOIN calls c ON c.institution_id = u.institution_id
WHERE c.id = @call_id AND EXISTS (SELECT 1 FROM applications a WHERE a.call_id = c.id AND a.unit_id = u.id AND a.person_id <> @self)
ORDER BY u.code;
