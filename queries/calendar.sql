-- Calendars: what deadlines there are, for the page of staff and for the feeds people subscribe to. Read under
-- row-level security, which leaves everybody only what they may know of.

-- name: CalendarOfApplicant :many
-- What waits for the applicant: until when a draft or a newer version may be submitted, what the state they are
-- in asks of them, and when a stay that is sure begins and ends.
SELECT f.application_id, f.kind, f.deadline_id, f.version, f.closes_at, f.zone, c.title, coalesce(i.name, '')::text AS host
FROM applications a
JOIN definition_states s ON s.definition_id = a.definition_id AND s.name = a.state
JOIN deadlines_in_force f ON f.application_id = a.id
JOIN calls c ON c.id = a.call_id
LEFT JOIN deadlines d ON d.id = f.deadline_id
LEFT JOIN offers o ON o.id = d.offer_id
LEFT JOIN destinations t ON t.id = coalesce(d.destination_id, o.destination_id)
LEFT JOIN institutions i ON i.id = t.host_institution_id
WHERE a.person_id = @person_id AND f.closes_at > @since AND (
  (f.kind = 'closes' AND s.editable AND f.closes_at > @now)
  OR (f.kind IN ('stay_begins', 'stay_ends') AND s.phase IN ('accepted', 'enrolled'))
  OR (s.turn = 'applicant' AND (
    EXISTS (SELECT 1 FROM definition_timers x WHERE x.definition_id = a.definition_id AND x.state = a.state AND x.deadline = f.kind)
    OR EXISTS (SELECT 1 FROM definition_reminders x WHERE x.definition_id = a.definition_id AND x.state = a.state AND x.deadline = f.kind AND x.recipient = 'applicant'))))
ORDER BY f.closes_at, f.deadline_id;

-- name: CalendarOfHouse :many
-- The deadlines of calls and their destinations: all of them for an office, for others those of rounds in which
-- they have files to assess.
SELECT d.id, d.kind, d.version, d.closes_at, d.zone, c.id AS call_id, c.title, coalesce(r.number, 0)::int AS round,
  (SELECT count(*) FROM rounds x WHERE x.call_id = c.id)::int AS rounds, coalesce(i.name, '')::text AS host,
  coalesce(u.code, '')::text AS unit, (d.person_id IS NOT NULL)::bool AS one_person
FROM deadlines d
LEFT JOIN rounds r ON r.id = coalesce(d.round_id, d.within_round_id)
LEFT JOIN units u ON u.id = d.unit_id
LEFT JOIN destinations t ON t.id = d.destination_id
LEFT JOIN institutions i ON i.id = t.host_institution_id
JOIN calls c ON c.id = coalesce(r.call_id, t.call_id)
WHERE c.institution_id = ANY (@institutions::uuid[]) AND d.kind NOT IN ('stay_begins', 'stay_ends') AND d.closes_at > @since AND d.closes_at <= @until
  AND (sqlc.narg(call_id)::uuid IS NULL OR c.id = sqlc.narg(call_id))
  AND (c.institution_id = ANY (@offices::uuid[]) OR (d.kind IN ('closes', 'assess_by')
    AND EXISTS (SELECT 1 FROM applications a WHERE a.round_id = r.id AND a.phase <> 'draft' AND a.person_id <> @self)))
ORDER BY d.closes_at, c.id, d.kind, i.name, d.id;

-- name: CalendarOfFiles :many
-- Deadlines of single files and offers that somebody is to keep, by call, kind and minute.
SELECT d.kind, d.closes_at, d.zone, c.id AS call_id, c.title, count(*)::int AS files
FROM deadlines d
LEFT JOIN offers o ON o.id = d.offer_id
JOIN applications a ON a.id = coalesce(d.application_id, o.application_id)
JOIN calls c ON c.id = a.call_id
WHERE a.institution_id = ANY (@institutions::uuid[]) AND a.person_id <> @self AND d.closes_at > @since AND d.closes_at <= @until
  AND (sqlc.narg(call_id)::uuid IS NULL OR c.id = sqlc.narg(call_id))
  AND (d.offer_id IS NULL OR o.status = 'open')
  AND (d.offer_id IS NOT NULL
    OR EXISTS (SELECT 1 FROM definition_timers x WHERE x.definition_id = a.definition_id AND x.state = a.state AND x.deadline = d.kind)
    OR EXISTS (SELECT 1 FROM definition_reminders x WHERE x.definition_id = a.definition_id AND x.state = a.state AND x.deadline = d.kind))
GROUP BY d.kind, d.closes_at, d.zone, c.id, c.title
ORDER BY d.closes_at, c.id, d.kind;

-- name: CalendarHolidays :many
SELECT day FROM holidays WHERE institution_id = ANY (@institutions::uuid[]) AND day >= @first_day AND day <= @last_day ORDER BY day;

-- name: MakeCalendarLink :exec
-- A new link takes the place of the old one, which leads nowhere from then on.
INSERT INTO calendar_links (person_id, token_hash, language) VALUES (@person_id, @token_hash, @language)
ON CONFLICT (person_id) DO UPDATE SET token_hash = excluded.token_hash, language = excluded.language, made_at = now(), read_at = NULL;

-- name: CalendarLinkOf :one
SELECT made_at, read_at FROM calendar_links WHERE person_id = @person_id;

-- name: OpenCalendarLink :one
UPDATE calendar_links SET read_at = now() WHERE token_hash = @token_hash RETURNING person_id, language;

-- name: EndCalendarLink :exec
DELETE FROM calendar_links WHERE person_id = @person_id;
