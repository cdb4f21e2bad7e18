-- Reminders that have come due. Each is planned once, by its subject key: who, what, which deadline in
-- which version, at which shift. Of several that came due together only the last has a point; one whose
-- deadline is over has none. They are looked for by deadline, and only among deadlines at which a reminder has
-- come due since somebody last looked: nothing passes over all applications.

-- name: ReminderScanFrom :one
-- Reminders that were due before this are all done with. Two weeks back, because a deadline may be moved into the past.
SELECT (least(@now::timestamptz, coalesce((SELECT at FROM reminder_scan), timestamptz '2000-01-01')) - interval '336 hours')::timestamptz AS at;

-- name: ReminderScanned :exec
-- Now and then is enough, and lets many look at once.
INSERT INTO reminder_scan (at, came_at) VALUES (@now, @now)
ON CONFLICT (only_row) DO UPDATE SET at = CASE WHEN reminder_scan.at < EXCLUDED.at - interval '1 hour' THEN EXCLUDED.at ELSE reminder_scan.at END, came_at = EXCLUDED.came_at
WHERE reminder_scan.came_at IS NULL OR reminder_scan.came_at < EXCLUDED.came_at - interval '1 minute';

-- name: PassOverReminders :execrows
-- Reminders whose time was over before a file came into their state are left out by name. They are looked for among the
-- files that came into their state since somebody last looked; ten minutes more, because a move is told by when it was
-- asked for. At most so many at once.
WITH came AS MATERIALIZED (
  SELECT a.id FROM applications a
  WHERE a.moved_at >= (SELECT coalesce(max(s.came_at), '-infinity') - interval '10 minutes' FROM reminder_scan s) AND a.moved_at <= @now
    AND EXISTS (SELECT 1 FROM definition_reminders r WHERE r.definition_id = a.definition_id AND r.state = a.state AND r.recipient = 'applicant')),
found AS MATERIALIZED (
  SELECT f.*, reminder_key(f.application_id::text, f.deadline_id, f.version, f.shift) AS subject_key
  FROM came c CROSS JOIN LATERAL (
    SELECT v.application_id, v.institution_id, v.call_id, v.person_id, v.letter, v.state, v.shift, v.deadline_id, v.version, v.due_at
    FROM file_reminders v WHERE v.application_id = c.id AND v.recipient = 'applicant' AND v.moved_at > v.due_at
    OFFSET 0) f
  WHERE NOT EXISTS (SELECT 1 FROM letters l WHERE l.subject_key = reminder_key(f.application_id::text, f.deadline_id, f.version, f.shift) AND l.kind = f.letter)
  LIMIT sqlc.arg(most))
INSERT INTO letters (id, institution_id, kind, queue, language, person_id, recipient, application_id, call_id, subject_key, data, status, skip_reason, planned_at)
SELECT gen_random_uuid(), d.institution_id, d.letter, 'reminders', coalesce(nullif(p.language, ''), nullif(i.language, ''), 'en'), d.person_id, 'applicant', d.application_id, d.call_id,
  d.subject_key, jsonb_strip_nulls(jsonb_build_object('deadline', d.deadline_id, 'state', d.state, 'due', d.due_at, 'after', nullif(d.shift >= interval '0', false))),
  'skipped', CASE WHEN p.erased_at IS NOT NULL THEN 'erased' ELSE 'came_later' END, @now
FROM found d JOIN persons p ON p.id = d.person_id JOIN institutions i ON i.id = d.institution_id
ORDER BY d.subject_key
ON CONFLICT (subject_key, kind) DO NOTHING;

-- name: DueReminders :many
-- Reminders of deadlines that have come due for their readers at home, and are not all planned. Whose files they
-- are for, file_reminders says; those that keep to working hours are listed for each zone of readers. overtaken is when the last of the later ones came due, if one has; settled, whether
-- everybody who was in the state by then must be seen by now.
WITH due AS (
  SELECT r.id, r.definition_id, r.state, r.deadline, r.shift, r.recipient, r.letter, d.id AS deadline_id, d.version, d.closes_at, d.zone, z AS reader_zone, i.id AS institution_id,
    reminder_goes(d.closes_at, d.zone, r.shift, r.hours, z, i.id) AS due_at, CASE r.hours WHEN 'any' THEN '' ELSE z END AS planned_zone
  FROM definition_reminders r
  JOIN deadlines d ON d.kind = CASE r.deadline WHEN 'reserve_ends' THEN 'host_nomination' ELSE r.deadline END
    AND d.closes_at <= sqlc.arg(now)::timestamptz - r.shift + interval '26 hours' AND d.closes_at > sqlc.arg(since)::timestamptz - r.shift - interval '26 hours'
  JOIN institutions i ON i.id = d.institution_id
  CROSS JOIN LATERAL zones_of_readers(i.time_zone, r.hours, r.recipient) z
  LEFT JOIN destinations t ON t.id = d.destination_id
  LEFT JOIN rounds n ON n.id = coalesce(d.round_id, d.within_round_id)
  LEFT JOIN calls c ON c.id = coalesce(t.call_id, n.call_id)
  LEFT JOIN offers o ON o.id = d.offer_id
  LEFT JOIN applications a ON a.id = coalesce(d.application_id, o.application_id)
  WHERE r.recipient <> 'host' AND r.definition_id = coalesce(c.definition_id, a.definition_id) AND (a.id IS NULL OR a.state = r.state)
    AND NOT EXISTS (SELECT 1 FROM reminder_marks m WHERE m.reminder_id = r.id AND m.deadline_id = d.id AND m.version = d.version
      AND m.zone = CASE r.hours WHEN 'any' THEN '' ELSE z END))
SELECT (CASE d.recipient WHEN 'coordinator' THEN 'assessor' ELSE d.recipient END)::text AS readers,
  jsonb_agg(jsonb_build_object('reminder', d.id, 'deadline', d.deadline_id, 'version', d.version, 'zone', d.planned_zone, 'due', d.due_at, 'after', d.shift >= interval '0',
    'over', reminder_ends(d.closes_at, d.shift, d.due_at) <= sqlc.arg(now), 'overtaken', later.overtaken_at,
    'moved', EXISTS (SELECT 1 FROM deadline_changes x WHERE x.deadline_id = d.deadline_id AND x.version = d.version AND x.made_at > d.due_at),
    'settled', d.due_at <= sqlc.arg(now)::timestamptz - interval '10 minutes'))::jsonb AS due
FROM due d CROSS JOIN LATERAL (
  SELECT max(reminder_goes(d.closes_at, d.zone, l.shift, l.hours, d.reader_zone, d.institution_id)) FILTER (
    WHERE reminder_goes(d.closes_at, d.zone, l.shift, l.hours, d.reader_zone, d.institution_id) <= sqlc.arg(now)) AS overtaken_at
  FROM definition_reminders l
  WHERE l.definition_id = d.definition_id AND l.state = d.state AND l.deadline = d.deadline AND l.letter = d.letter AND l.recipient = d.recipient AND l.shift > d.shift) later
WHERE d.due_at <= sqlc.arg(now)
GROUP BY 1;

-- name: RemindApplicants :many
-- At most so many at once; the caller asks again while it gets that many.
WITH due AS (
  SELECT (x ->> 'reminder')::int AS reminder_id, (x ->> 'deadline')::uuid AS deadline_id, (x ->> 'after')::bool AS after, (x ->> 'over')::bool AS over,
    (x ->> 'overtaken')::timestamptz AS overtaken_at, (x ->> 'moved')::bool AS moved, x ->> 'zone' AS zone, (x ->> 'due')::timestamptz AS due_at
  FROM jsonb_array_elements(@due::jsonb) x),
found AS MATERIALIZED (
  SELECT f.*, d.after, d.over, (d.overtaken_at >= f.moved_at) AS overtaken, d.moved, reminder_key(f.application_id::text, f.deadline_id, f.version, f.shift) AS subject_key
  FROM due d CROSS JOIN LATERAL (
    SELECT v.application_id, v.institution_id, v.call_id, v.person_id, v.moved_at, v.letter, v.state, v.shift, v.deadline_id, v.version, v.due_at
    FROM file_reminders v WHERE v.reminder_id = d.reminder_id AND v.deadline_id = d.deadline_id AND (d.zone = '' OR v.reader_zone = d.zone)
    OFFSET 0) f
  WHERE NOT EXISTS (SELECT 1 FROM letters l WHERE l.subject_key = reminder_key(f.application_id::text, f.deadline_id, f.version, f.shift) AND l.kind = f.letter)
  LIMIT sqlc.arg(most))
INSERT INTO letters (id, institution_id, kind, queue, language, person_id, recipient, application_id, call_id, subject_key, data, status, skip_reason, planned_at)
SELECT gen_random_uuid(), d.institution_id, d.letter, 'reminders', coalesce(nullif(p.language, ''), nullif(i.language, ''), 'en'), d.person_id, 'applicant', d.application_id, d.call_id,
  d.subject_key,
  jsonb_strip_nulls(jsonb_build_object('deadline', d.deadline_id, 'state', d.state, 'due', d.due_at, 'after', nullif(d.after, false), 'moved', nullif(d.moved, false))),
  CASE WHEN w.why = '' THEN 'planned' ELSE 'skipped' END, w.why, @now
FROM found d JOIN persons p ON p.id = d.person_id JOIN institutions i ON i.id = d.institution_id LEFT JOIN reminder_choices h ON h.person_id = d.person_id
CROSS JOIN LATERAL (SELECT CASE WHEN p.erased_at IS NOT NULL THEN 'erased' WHEN d.moved_at > d.due_at THEN 'came_later' WHEN d.over AND d.after THEN 'too_late' WHEN d.over THEN 'deadline_over'
  WHEN d.overtaken THEN 'overtaken' WHEN h.way = 'none' THEN 'not_wanted' ELSE '' END AS why) w
ORDER BY d.subject_key -- in one order, so that two who plan at once do not wait for each other in a ring
ON CONFLICT (subject_key, kind) DO NOTHING
RETURNING id, status;

-- name: RemindAssessors :many
-- One letter per person and deadline for all their open files, to coordinators and assessors whose roles reach any.
WITH due AS (
  SELECT (x ->> 'reminder')::int AS reminder_id, (x ->> 'deadline')::uuid AS deadline_id, (x ->> 'after')::bool AS after, (x ->> 'over')::bool AS over,
    (x ->> 'overtaken')::timestamptz AS overtaken_at, (x ->> 'moved')::bool AS moved, x ->> 'zone' AS zone, (x ->> 'due')::timestamptz AS due_at
  FROM jsonb_array_elements(@due::jsonb) x),
found AS (
  SELECT DISTINCT ON (ro.person_id, f.deadline_id, f.version, f.shift, f.letter) ro.person_id, f.institution_id, f.call_id, f.letter, f.deadline_id, f.version, f.shift, d.due_at,
    d.after, d.over, d.overtaken_at IS NOT NULL AS overtaken, d.moved
  FROM due d CROSS JOIN LATERAL (SELECT * FROM file_reminders v WHERE v.reminder_id = d.reminder_id AND v.deadline_id = d.deadline_id OFFSET 0) f
  JOIN files_to_assess ro ON ro.application_id = f.application_id AND ro.role = f.recipient AND ro.valid_from <= @now AND (ro.valid_to IS NULL OR ro.valid_to > @now)
  JOIN persons p ON p.id = ro.person_id AND (d.zone = '' OR coalesce(nullif(p.time_zone, ''), f.reader_zone) = d.zone)
  WHERE NOT EXISTS (SELECT 1 FROM letters l WHERE l.subject_key = reminder_key(ro.person_id::text, f.deadline_id, f.version, f.shift) AND l.kind = f.letter)
  ORDER BY ro.person_id, f.deadline_id, f.version, f.shift, f.letter, d.reminder_id)
INSERT INTO letters (id, institution_id, kind, queue, language, person_id, recipient, call_id, subject_key, data, status, skip_reason, planned_at)
SELECT gen_random_uuid(), d.institution_id, d.letter, 'reminders', coalesce(nullif(p.language, ''), nullif(i.language, ''), 'en'), d.person_id, 'person', d.call_id,
  reminder_key(d.person_id::text, d.deadline_id, d.version, d.shift),
  jsonb_strip_nulls(jsonb_build_object('deadline', d.deadline_id, 'due', d.due_at, 'after', nullif(d.after, false), 'moved', nullif(d.moved, false))),
  CASE WHEN w.why = '' THEN 'planned' ELSE 'skipped' END, w.why, @now
FROM found d JOIN persons p ON p.id = d.person_id JOIN institutions i ON i.id = d.institution_id
LEFT JOIN reminder_choices h ON h.person_id = d.person_id
CROSS JOIN LATERAL (SELECT CASE WHEN p.erased_at IS NOT NULL THEN 'erased' WHEN d.over AND d.after THEN 'too_late' WHEN d.over THEN 'deadline_over' WHEN d.overtaken THEN 'overtaken'
  WHEN h.way IN ('daily', 'weekly') THEN 'in_digest' WHEN h.way = 'none' THEN 'not_wanted' ELSE '' END AS why) w
ORDER BY 9
ON CONFLICT (subject_key, kind) DO NOTHING
RETURNING id, status;

-- name: PassOverAssessors :exec
-- The same for whoever has to assess a file that came after the time of a reminder, and was reminded of no other. It
-- comes after RemindAssessors, which speaks of all there is to assess while it speaks.
WITH came AS MATERIALIZED (
  SELECT a.id FROM applications a
  WHERE a.moved_at >= (SELECT coalesce(max(s.came_at), '-infinity') - interval '10 minutes' FROM reminder_scan s) AND a.moved_at <= @now
    AND EXISTS (SELECT 1 FROM definition_reminders r WHERE r.definition_id = a.definition_id AND r.state = a.state AND r.recipient IN ('coordinator', 'assessor'))),
found AS (
  SELECT DISTINCT ON (ro.person_id, f.deadline_id, f.version, f.shift, f.letter) ro.person_id, f.institution_id, f.call_id, f.letter, f.deadline_id, f.version, f.shift, g.due_at
  FROM came c CROSS JOIN LATERAL (
    SELECT * FROM file_reminders v WHERE v.application_id = c.id AND v.recipient IN ('coordinator', 'assessor') AND reminder_due(v.closes_at, v.zone, v.shift) < v.moved_at OFFSET 0) f
  JOIN files_to_assess ro ON ro.application_id = f.application_id AND ro.role = f.recipient AND ro.valid_from <= @now AND (ro.valid_to IS NULL OR ro.valid_to > @now)
  JOIN persons p ON p.id = ro.person_id AND p.erased_at IS NULL
  CROSS JOIN LATERAL (SELECT reminder_goes(f.closes_at, f.zone, f.shift, f.hours, coalesce(nullif(p.time_zone, ''), f.reader_zone), f.institution_id) AS due_at) g
  WHERE g.due_at < f.moved_at
    AND NOT EXISTS (SELECT 1 FROM letters l WHERE l.subject_key = reminder_key(ro.person_id::text, f.deadline_id, f.version, f.shift) AND l.kind = f.letter)
  ORDER BY ro.person_id, f.deadline_id, f.version, f.shift, f.letter)
INSERT INTO letters (id, institution_id, kind, queue, language, person_id, recipient, call_id, subject_key, data, status, skip_reason, planned_at)
SELECT gen_random_uuid(), d.institution_id, d.letter, 'reminders', coalesce(nullif(p.language, ''), nullif(i.language, ''), 'en'), d.person_id, 'person', d.call_id,
  reminder_key(d.person_id::text, d.deadline_id, d.version, d.shift),
  jsonb_strip_nulls(jsonb_build_object('deadline', d.deadline_id, 'due', d.due_at, 'after', nullif(d.shift >= interval '0', false))), 'skipped', 'came_later', @now
FROM found d JOIN persons p ON p.id = d.person_id JOIN institutions i ON i.id = d.institution_id
ORDER BY 9
ON CONFLICT (subject_key, kind) DO NOTHING;

-- name: RemindOffices :many
-- One letter per office and destination: so many not nominated yet before the host's deadline. Officers who asked for
-- it get one of their own.
WITH due AS (
  SELECT (x ->> 'reminder')::int AS reminder_id, (x ->> 'deadline')::uuid AS deadline_id, (x ->> 'after')::bool AS after, (x ->> 'over')::bool AS over,
    (x ->> 'overtaken')::timestamptz AS overtaken_at, (x ->> 'moved')::bool AS moved, x ->> 'zone' AS zone, (x ->> 'due')::timestamptz AS due_at
  FROM jsonb_array_elements(@due::jsonb) x),
found AS (
  SELECT DISTINCT ON (f.deadline_id, f.version, f.shift, f.letter) f.institution_id, f.call_id, f.letter, f.deadline_id, f.version, f.shift, f.due_at,
    d.after, d.over, d.overtaken_at IS NOT NULL AS overtaken, d.moved
  FROM due d CROSS JOIN LATERAL (SELECT * FROM file_reminders v WHERE v.reminder_id = d.reminder_id AND v.deadline_id = d.deadline_id LIMIT 1) f
  ORDER BY f.deadline_id, f.version, f.shift, f.letter, d.reminder_id),
readers AS (
  SELECT d.*, NULL::uuid AS reader FROM found d
  UNION ALL
  SELECT DISTINCT ON (ro.person_id, d.deadline_id, d.version, d.shift, d.letter) d.*, ro.person_id FROM found d JOIN roles ro ON ro.role = 'officer' AND ro.institution_id = d.institution_id
    AND (ro.call_id IS NULL OR ro.call_id = d.call_id) AND ro.unit_id IS NULL AND ro.valid_from <= @now AND (ro.valid_to IS NULL OR ro.valid_to > @now)
  JOIN reminder_choices h ON h.person_id = ro.person_id AND h.way = 'at_once' JOIN persons p ON p.id = ro.person_id AND p.erased_at IS NULL)
INSERT INTO letters (id, institution_id, kind, queue, language, person_id, recipient, call_id, subject_key, data, status, skip_reason, planned_at)
SELECT gen_random_uuid(), d.institution_id, d.letter, 'reminders', coalesce(nullif(p.language, ''), nullif(i.language, ''), 'en'), d.reader, CASE WHEN d.reader IS NULL THEN 'office' ELSE 'person' END, d.call_id,
  reminder_key(coalesce(d.reader::text, 'office'), d.deadline_id, d.version, d.shift),
  jsonb_strip_nulls(jsonb_build_object('deadline', d.deadline_id, 'due', d.due_at, 'after', nullif(d.after, false), 'moved', nullif(d.moved, false))),
  CASE WHEN d.over OR d.overtaken THEN 'skipped' ELSE 'planned' END,
  CASE WHEN d.over AND d.after THEN 'too_late' WHEN d.over THEN 'deadline_over' WHEN d.overtaken THEN 'overtaken' ELSE '' END, @now
FROM readers d JOIN institutions i ON i.id = d.institution_id LEFT JOIN persons p ON p.id = d.reader
WHERE NOT EXISTS (SELECT 1 FROM letters l WHERE l.subject_key = reminder_key(coalesce(d.reader::text, 'office'), d.deadline_id, d.version, d.shift) AND l.kind = d.letter)
ORDER BY 9
ON CONFLICT (subject_key, kind) DO NOTHING
RETURNING id, status;

-- name: HostsToRemind :many
-- Hosts with nominations to answer. One letter speaks of all that wait, so of several deadlines that came due for a
-- host in a call the first is told and the others with it.
WITH near AS MATERIALIZED (
  SELECT r.id AS reminder_id, d.id AS deadline_id FROM definition_reminders r
  JOIN deadlines d ON d.kind = CASE r.deadline WHEN 'reserve_ends' THEN 'host_nomination' ELSE r.deadline END
    AND d.closes_at <= sqlc.arg(now)::timestamptz - r.shift + interval '26 hours' AND d.closes_at > sqlc.arg(since)::timestamptz - r.shift - interval '26 hours'
  LEFT JOIN destinations t ON t.id = d.destination_id
  LEFT JOIN rounds n ON n.id = coalesce(d.round_id, d.within_round_id)
  LEFT JOIN calls c ON c.id = coalesce(t.call_id, n.call_id)
  LEFT JOIN offers o ON o.id = d.offer_id
  LEFT JOIN applications a ON a.id = coalesce(d.application_id, o.application_id)
  WHERE r.recipient = 'host' AND r.definition_id = coalesce(c.definition_id, a.definition_id) AND (a.id IS NULL OR a.state = r.state)),
due AS (
  SELECT DISTINCT ON (f.host_institution_id, f.call_id, f.deadline_id, f.version, f.shift, f.letter) f.institution_id, f.call_id, f.host_institution_id, f.letter, f.deadline_id, f.version, f.shift, f.closes_at, f.due_at,
    coalesce(nullif(t.host_email, ''), h.office_email)::text AS address, h.language,
    reminder_key('host:' || f.host_institution_id, f.deadline_id, f.version, f.shift) AS subject_key,
    (reminder_ends(f.closes_at, f.shift, f.due_at) <= sqlc.arg(now)::timestamptz) AS over, (f.moved_at > f.due_at) AS came_later
  FROM near r CROSS JOIN LATERAL (
    SELECT v.application_id, v.institution_id, v.call_id, v.host_institution_id, v.letter, v.deadline_id, v.version, v.shift, v.closes_at, v.due_at, v.moved_at
    FROM file_reminders v WHERE v.reminder_id = r.reminder_id AND v.deadline_id = r.deadline_id AND v.due_at <= sqlc.arg(now)
    OFFSET 0) f
  JOIN nominations n ON n.application_id = f.application_id AND n.status = 'sent'
  JOIN destinations t ON t.id = n.destination_id
  JOIN institutions h ON h.id = n.host_institution_id
  WHERE coalesce(nullif(t.host_email, ''), h.office_email) <> ''
  ORDER BY f.host_institution_id, f.call_id, f.deadline_id, f.version, f.shift, f.letter, f.moved_at > f.due_at),
open AS (
  SELECT d.institution_id, d.call_id, d.host_institution_id, d.letter, d.deadline_id, d.version, d.shift, d.due_at, d.address, d.language, d.subject_key, d.over, d.came_later,
    row_number() OVER (PARTITION BY d.host_institution_id, d.call_id, d.over OR d.came_later ORDER BY d.shift DESC, d.closes_at, d.deadline_id) AS place FROM due d
  WHERE NOT EXISTS (SELECT 1 FROM letters l WHERE l.subject_key = d.subject_key AND l.kind = d.letter))
SELECT d.institution_id, d.call_id, d.host_institution_id, d.address, d.language, d.letter, d.deadline_id, d.subject_key::text AS subject_key, d.due_at::timestamptz AS due_at, (d.shift >= interval '0')::bool AS after,
  (CASE WHEN d.came_later THEN 'came_later' WHEN d.over AND d.shift >= interval '0' THEN 'too_late' WHEN d.over THEN 'deadline_over' WHEN d.place > 1 THEN 'with_another' ELSE '' END)::text AS skip_reason,
  EXISTS (SELECT 1 FROM deadline_changes x WHERE x.deadline_id = d.deadline_id AND x.version = d.version AND x.made_at > d.due_at)::bool AS moved
FROM open d ORDER BY d.subject_key;

-- name: AddSkippedLetter :execrows
INSERT INTO letters (id, institution_id, kind, queue, language, recipient, call_id, subject_key, data, status, skip_reason, planned_at)
VALUES (@id, @institution_id, @kind, 'reminders', @language, @recipient, sqlc.narg(call_id), @subject_key, @data, 'skipped', @skip_reason, @planned_at)
ON CONFLICT (subject_key, kind) DO NOTHING;

-- name: MarkReminders :exec
-- Whoever comes into the state from now on came too late for these.
INSERT INTO reminder_marks (reminder_id, deadline_id, version, zone, marked_at)
SELECT (x ->> 'reminder')::int, d.id, d.version, x ->> 'zone', @now FROM jsonb_array_elements(@due::jsonb) x
JOIN deadlines d ON d.id = (x ->> 'deadline')::uuid AND d.version = (x ->> 'version')::int
WHERE (x ->> 'settled')::bool
ON CONFLICT (deadline_id, reminder_id, version, zone) DO NOTHING;

-- name: LockReminders :exec
-- Lets one scan plan at a time, so that what is marked as planned is.
SELECT pg_advisory_xact_lock(hashtextextended('reminders', 0));

-- name: PlanDigests :many
-- One for each period and institution, to whoever chose them: on the last of their days at their hour, if that was not
-- long ago. Daily ones come on working days.
INSERT INTO letters (id, institution_id, kind, queue, language, person_id, recipient, subject_key, data, status, planned_at)
SELECT gen_random_uuid(), x.institution_id, 'digest', 'reminders', x.language, x.person_id, 'person', x.subject_key,
  jsonb_build_object('due', x.due_at), 'planned', @now
FROM (
  SELECT DISTINCT h.person_id, ro.institution_id, coalesce(nullif(p.language, ''), nullif(i.language, ''), 'en') AS language,
    'digest:' || h.person_id || ':' || ro.institution_id || ':' || b.day AS subject_key, b.due_at
  FROM reminder_choices h
  JOIN persons p ON p.id = h.person_id AND p.erased_at IS NULL
  JOIN roles ro ON ro.person_id = h.person_id AND ro.role IN ('coordinator', 'assessor', 'officer', 'administrator')
    AND ro.valid_from <= sqlc.arg(now)::timestamptz AND (ro.valid_to IS NULL OR ro.valid_to > @now)
  JOIN institutions i ON i.id = ro.institution_id
  CROSS JOIN LATERAL (
    SELECT d.day, (d.day + make_interval(hours => h.hour)) AT TIME ZONE z.zone AS due_at
    FROM (SELECT coalesce(nullif(p.time_zone, ''), i.time_zone) AS zone) z, LATERAL (SELECT (sqlc.arg(now)::timestamptz AT TIME ZONE z.zone)::date - n AS day FROM generate_series(0, 7) n) d
    WHERE (d.day + make_interval(hours => h.hour)) AT TIME ZONE z.zone <= @now AND CASE h.way WHEN 'weekly' THEN extract(isodow FROM d.day) = h.weekday
      ELSE extract(isodow FROM d.day) < 6 AND NOT EXISTS (SELECT 1 FROM holidays y WHERE y.institution_id = ro.institution_id AND y.day = d.day) END
    ORDER BY d.day DESC LIMIT 1) b
  WHERE h.way IN ('daily', 'weekly') AND b.due_at > h.chosen_at AND b.due_at > sqlc.arg(now)::timestamptz - CASE h.way WHEN 'daily' THEN interval '20 hours' ELSE interval '3 days' END) x
WHERE NOT EXISTS (SELECT 1 FROM letters l WHERE l.subject_key = x.subject_key AND l.kind = 'digest')
ORDER BY x.subject_key
ON CONFLICT (subject_key, kind) DO NOTHING
RETURNING id;

-- name: ReminderChoice :one
SELECT way, weekday, hour, announcements, chosen_at FROM reminder_choices WHERE person_id = @person_id;

-- name: ChooseReminders :exec
INSERT INTO reminder_choices (person_id, way, weekday, hour, announcements, chosen_at)
VALUES (@person_id, @way, @weekday, @hour, @announcements, @chosen_at)
ON CONFLICT (person_id) DO UPDATE SET way = EXCLUDED.way, weekday = EXCLUDED.weekday, hour = EXCLUDED.hour,
  announcements = EXCLUDED.announcements, chosen_at = EXCLUDED.chosen_at;

-- name: LeaveReminders :exec
INSERT INTO reminder_choices (person_id, way, chosen_at) SELECT p.id, 'none', @chosen_at FROM persons p WHERE p.id = @person_id AND p.erased_at IS NULL
ON CONFLICT (person_id) DO UPDATE SET way = 'none', chosen_at = EXCLUDED.chosen_at;

-- name: LeaveAnnouncements :exec
INSERT INTO reminder_choices (person_id, way, announcements, chosen_at) SELECT p.id, 'default', false, @chosen_at FROM persons p WHERE p.id = @person_id AND p.erased_at IS NULL
ON CONFLICT (person_id) DO UPDATE SET announcements = false, chosen_at = EXCLUDED.chosen_at;

-- name: DigestOf :many
-- What waits for somebody in the calls of an institution, by any of their roles: files to assess, confirmed students to
-- nominate where the host's deadline is near, hosts that owe answers, appeals given to them, changes of rules that
-- another has to approve.
WITH mine AS (
  SELECT ro.role, ro.unit_id, ro.call_id FROM roles ro
  WHERE ro.person_id = @person_id AND ro.institution_id = @institution_id AND ro.valid_from <= business_now() AND (ro.valid_to IS NULL OR ro.valid_to > business_now())),
waits AS (
  SELECT 1 AS place, 'assess' AS what, f.call_id, ''::text AS host, count(DISTINCT f.application_id)::int AS files, min(f.closes_at) FILTER (WHERE f.closes_at > business_now()) AS closes_at, min(f.zone) AS zone
  FROM (
    SELECT a.id AS application_id, a.call_id, d.closes_at, d.zone FROM applications a
    JOIN definition_reminders r ON r.definition_id = a.definition_id AND r.state = a.state AND r.letter = 'remind_coordinator'
    JOIN mine ro ON ro.role = r.recipient AND (ro.unit_id IS NULL OR ro.unit_id = a.unit_id) AND (ro.call_id IS NULL OR ro.call_id = a.call_id)
    LEFT JOIN deadlines_in_force d ON d.application_id = a.id AND d.kind = 'assess_by'
    WHERE a.institution_id = @institution_id AND a.person_id <> @person_id
      AND NOT EXISTS (SELECT 1 FROM deadlines o WHERE o.round_id = a.round_id AND o.kind = 'closes' AND o.closes_at > business_now())
      AND NOT EXISTS (SELECT 1 FROM conflicts x WHERE x.application_id = a.id AND x.person_id = @person_id AND x.ended_at IS NULL)
      AND EXISTS (SELECT 1 FROM calls c JOIN schemes s ON s.id = c.scheme_id, lacking_marks(a.id, s.marked) k WHERE c.id = a.call_id
        AND NOT EXISTS (SELECT 1 FROM marks m WHERE m.application_id = a.id AND m.criterion = k AND m.assessor_id = @person_id AND m.replaced_at IS NULL)
        AND (ro.role <> 'assessor' OR EXISTS (SELECT 1 FROM assignments g WHERE g.application_id = a.id AND g.assessor_id = @person_id AND g.ended_at IS NULL)
          OR (c.assessors_see = 'unit' AND NOT EXISTS (SELECT 1 FROM assignments g WHERE g.application_id = a.id AND g.ended_at IS NULL))))) f
  GROUP BY f.call_id
  UNION ALL
  SELECT 2, 'nominate', t.call_id, i.name, count(*)::int, d.closes_at, d.zone
  FROM offers o JOIN applications a ON a.id = o.application_id
  JOIN definition_states s ON s.definition_id = a.definition_id AND s.name = a.state AND s.nomination = 'none'
  JOIN destinations t ON t.id = o.destination_id JOIN institutions i ON i.id = t.host_institution_id
  JOIN deadlines d ON d.destination_id = t.id AND d.kind = 'host_nomination' AND d.closes_at > business_now() AND d.closes_at < business_now() + interval '336 hours'
  WHERE o.status = 'confirmed' AND o.institution_id = @institution_id AND EXISTS (SELECT 1 FROM mine m WHERE m.role = 'officer')
    AND NOT EXISTS (SELECT 1 FROM conflicts x WHERE x.application_id = a.id AND x.person_id = @person_id AND x.ended_at IS NULL)
  GROUP BY t.id, t.call_id, i.name, d.closes_at, d.zone
  UNION ALL
  SELECT 3, 'late_hosts', a.call_id, i.name, count(*)::int, NULL, NULL
  FROM nominations n JOIN applications a ON a.id = n.application_id JOIN institutions i ON i.id = n.host_institution_id
  JOIN deadlines_in_force f ON f.application_id = a.id AND f.kind = 'host_answer' AND f.closes_at <= business_now()
  WHERE n.status = 'sent' AND n.institution_id = @institution_id AND EXISTS (SELECT 1 FROM mine m WHERE m.role = 'officer')
    AND NOT EXISTS (SELECT 1 FROM conflicts x WHERE x.application_id = a.id AND x.person_id = @person_id AND x.ended_at IS NULL)
  GROUP BY a.call_id, i.name
  UNION ALL
  SELECT 4, 'appeals', a.call_id, '', count(*)::int, NULL, NULL
  FROM appeals p JOIN applications a ON a.id = p.application_id
  WHERE p.institution_id = @institution_id AND p.status = 'assigned' AND p.assigned_to = @person_id
    AND NOT EXISTS (SELECT 1 FROM conflicts x WHERE x.application_id = a.id AND x.person_id = @person_id AND x.ended_at IS NULL)
  GROUP BY a.call_id
  UNION ALL
  SELECT 5, 'amendments', m.call_id, '', count(*)::int, NULL, NULL
  FROM amendments m WHERE m.institution_id = @institution_id AND m.status = 'proposed' AND m.proposed_by <> @person_id
    AND EXISTS (SELECT 1 FROM mine x WHERE x.role IN ('officer', 'administrator'))
  GROUP BY m.call_id)
SELECT w.what::text AS what, c.title, w.host::text AS host, w.files, coalesce(w.closes_at, '0001-01-01Z')::timestamptz AS closes_at, coalesce(w.zone, '')::text AS zone
FROM waits w JOIN calls c ON c.id = w.call_id
ORDER BY w.place, w.closes_at NULLS LAST, w.host, c.id;

-- name: EraseReminderChoice :exec
DELETE FROM reminder_choices WHERE person_id = @person_id;

-- name: ChooseZone :exec
-- Reminders that keep to working hours may have gone to all readers of the new zone before they went to those of the old:
-- the scan looks at it again.
WITH chosen AS (UPDATE persons p SET time_zone = @zone WHERE p.id = @person_id AND p.erased_at IS NULL),
known AS (INSERT INTO reader_zones (zone) SELECT sqlc.arg(zone)::text WHERE sqlc.arg(zone)::text <> '' ON CONFLICT DO NOTHING)
DELETE FROM reminder_marks m WHERE m.marked_at > sqlc.arg(now)::timestamptz - interval '7 days'
  AND m.zone = coalesce(nullif(sqlc.arg(zone)::text, ''), (SELECT i.time_zone FROM deadlines d JOIN institutions i ON i.id = d.institution_id WHERE d.id = m.deadline_id));

-- name: ChosenZone :one
SELECT time_zone FROM persons WHERE id = @person_id;
