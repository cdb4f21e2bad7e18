-- Reminders that have come due. Each is planned once, by its subject key: who, what, which deadline in
-- which version, at which shift. Of several that came due together only the last has a point; one whose
-- deadline is over has none. They are looked for reminder by reminder, and only among deadlines before the
-- horizon, which is as far ahead as any reminder goes: nothing passes over all applications.

-- name: ReminderLead :one
-- How long before its deadline the earliest reminder goes out, in microseconds.
SELECT coalesce(extract(epoch FROM min(shift)) * -1000000, 0)::bigint AS lead FROM definition_reminders;

-- name: RemindApplicants :many
WITH due AS (
  SELECT a.id, a.institution_id, a.call_id, a.person_id, a.state, r.letter, f.deadline_id, f.version, f.closes_at,
    'reminder:' || a.id || ':' || f.deadline_id || ':v' || f.version || ':' || extract(epoch FROM r.shift)::int AS subject_key,
    row_number() OVER (PARTITION BY a.id, f.deadline_id, r.letter ORDER BY r.shift DESC) AS place
  FROM definition_reminders r
  CROSS JOIN LATERAL (SELECT d.application_id, d.deadline_id, d.version, d.closes_at FROM deadlines_in_force d
    WHERE d.definition_id = r.definition_id AND d.state = r.state AND d.kind = r.deadline
      AND d.closes_at <= sqlc.arg(now)::timestamptz - r.shift AND d.closes_at <= @horizon::timestamptz
    OFFSET 0) f
  JOIN applications a ON a.id = f.application_id
  WHERE r.recipient = 'applicant')
INSERT INTO letters (id, institution_id, kind, queue, language, person_id, recipient, application_id, call_id, subject_key, data, status, skip_reason, planned_at)
SELECT gen_random_uuid(), d.institution_id, d.letter, 'reminders', coalesce(nullif(p.language, ''), nullif(i.language, ''), 'en'), d.person_id, 'applicant', d.id, d.call_id,
  d.subject_key,
  jsonb_build_object('deadline', d.deadline_id, 'version', d.version, 'state', d.state),
  CASE WHEN d.place = 1 AND d.closes_at > @now THEN 'planned' ELSE 'skipped' END,
  CASE WHEN d.closes_at <= @now THEN 'deadline_over' WHEN d.place > 1 THEN 'overtaken' ELSE '' END, @now
FROM due d JOIN persons p ON p.id = d.person_id JOIN institutions i ON i.id = d.institution_id
WHERE p.erased_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM letters l WHERE l.subject_key = d.subject_key AND l.kind = d.letter) -- cheaper than to try each again
ORDER BY d.subject_key -- sorted, all are found before the first is written: the search never meets what it adds
ON CONFLICT (subject_key, kind) DO NOTHING
RETURNING id;

-- name: RemindAssessors :many
-- One letter per person and call for all their open files, to coordinators and assessors whose roles reach any.
WITH due AS (
  SELECT ro.person_id, a.institution_id, a.call_id, r.letter, f.deadline_id, f.version, f.closes_at, r.shift, count(*) AS files
  FROM definition_reminders r
  CROSS JOIN LATERAL (SELECT d.application_id, d.deadline_id, d.version, d.closes_at FROM deadlines_in_force d
    WHERE d.definition_id = r.definition_id AND d.state = r.state AND d.kind = r.deadline
      AND d.closes_at <= sqlc.arg(now)::timestamptz - r.shift AND d.closes_at <= @horizon::timestamptz
    OFFSET 0) f
  JOIN applications a ON a.id = f.application_id
  JOIN roles ro ON ro.role = r.recipient AND ro.institution_id = a.institution_id AND (ro.unit_id IS NULL OR ro.unit_id = a.unit_id)
    AND (ro.call_id IS NULL OR ro.call_id = a.call_id) AND ro.valid_from <= @now AND (ro.valid_to IS NULL OR ro.valid_to > @now)
  WHERE r.recipient IN ('coordinator', 'assessor') AND ro.person_id <> a.person_id
    AND NOT EXISTS (SELECT 1 FROM conflicts x WHERE x.application_id = a.id AND x.person_id = ro.person_id AND x.ended_at IS NULL)
    AND EXISTS (SELECT 1 FROM calls c JOIN schemes s ON s.id = c.scheme_id, lacking_marks(a.id, s.marked) k WHERE c.id = a.call_id
      AND NOT EXISTS (SELECT 1 FROM marks m WHERE m.application_id = a.id AND m.criterion = k AND m.assessor_id = ro.person_id AND m.replaced_at IS NULL)
      AND (ro.role <> 'assessor' OR EXISTS (SELECT 1 FROM assignments g WHERE g.application_id = a.id AND g.assessor_id = ro.person_id AND g.ended_at IS NULL)
        OR (c.assessors_see = 'unit' AND NOT EXISTS (SELECT 1 FROM assignments g WHERE g.application_id = a.id AND g.ended_at IS NULL))))
  GROUP BY ro.person_id, a.institution_id, a.call_id, r.letter, f.deadline_id, f.version, f.closes_at, r.shift)
INSERT INTO letters (id, institution_id, kind, queue, language, person_id, recipient, call_id, subject_key, data, status, skip_reason, planned_at)
SELECT gen_random_uuid(), d.institution_id, d.letter, 'reminders', coalesce(nullif(p.language, ''), nullif(i.language, ''), 'en'), d.person_id, 'person', d.call_id,
  'reminder:' || d.person_id || ':' || d.deadline_id || ':v' || d.version || ':' || extract(epoch FROM d.shift)::int,
  jsonb_build_object('deadline', d.deadline_id, 'count', d.files),
  CASE WHEN d.closes_at > @now THEN 'planned' ELSE 'skipped' END, CASE WHEN d.closes_at > @now THEN '' ELSE 'deadline_over' END, @now
FROM due d JOIN persons p ON p.id = d.person_id JOIN institutions i ON i.id = d.institution_id
WHERE p.erased_at IS NULL
ON CONFLICT (subject_key, kind) DO NOTHING
RETURNING id;

-- name: RemindOffices :many
-- One letter per office and destination: so many not nominated yet before the host's deadline.
WITH due AS (
  SELECT a.institution_id, a.call_id, r.letter, f.deadline_id, f.version, f.closes_at, r.shift, count(*) AS files
  FROM definition_reminders r
  CROSS JOIN LATERAL (SELECT d.application_id, d.deadline_id, d.version, d.closes_at FROM deadlines_in_force d
    WHERE d.definition_id = r.definition_id AND d.state = r.state AND d.kind = r.deadline
      AND d.closes_at <= sqlc.arg(now)::timestamptz - r.shift AND d.closes_at <= @horizon::timestamptz
    OFFSET 0) f
  JOIN applications a ON a.id = f.application_id
  WHERE r.recipient = 'officer'
  GROUP BY a.institution_id, a.call_id, r.letter, f.deadline_id, f.version, f.closes_at, r.shift)
INSERT INTO letters (id, institution_id, kind, queue, language, recipient, call_id, subject_key, data, status, skip_reason, planned_at)
SELECT gen_random_uuid(), d.institution_id, d.letter, 'reminders', coalesce(nullif(i.language, ''), 'en'), 'office', d.call_id,
  'reminder:office:' || d.deadline_id || ':v' || d.version || ':' || extract(epoch FROM d.shift)::int,
  jsonb_build_object('deadline', d.deadline_id, 'count', d.files),
  CASE WHEN d.closes_at > @now THEN 'planned' ELSE 'skipped' END, CASE WHEN d.closes_at > @now THEN '' ELSE 'deadline_over' END, @now
FROM due d JOIN institutions i ON i.id = d.institution_id
ON CONFLICT (subject_key, kind) DO NOTHING
RETURNING id;

-- name: HostsToRemind :many
WITH due AS (
  SELECT DISTINCT ON (n.host_institution_id, a.call_id) a.institution_id, a.call_id, n.host_institution_id,
    coalesce(nullif(t.host_email, ''), h.office_email)::text AS address, h.language, r.letter, f.deadline_id,
    ('reminder:host:' || n.host_institution_id || ':' || f.deadline_id || ':v' || f.version || ':' || extract(epoch FROM r.shift)::int)::text AS subject_key
  FROM definition_reminders r
  CROSS JOIN LATERAL (SELECT d.application_id, d.deadline_id, d.version, d.closes_at FROM deadlines_in_force d
    WHERE d.definition_id = r.definition_id AND d.state = r.state AND d.kind = r.deadline
      AND d.closes_at <= sqlc.arg(now)::timestamptz - r.shift AND d.closes_at <= @horizon::timestamptz
    OFFSET 0) f
  JOIN applications a ON a.id = f.application_id
  JOIN nominations n ON n.application_id = a.id AND n.status = 'sent'
  JOIN destinations t ON t.id = n.destination_id
  JOIN institutions h ON h.id = n.host_institution_id
  WHERE r.recipient = 'host' AND f.closes_at > @now
  ORDER BY n.host_institution_id, a.call_id, f.closes_at)
SELECT d.institution_id, d.call_id, d.host_institution_id, d.address, d.language, d.letter, d.deadline_id, d.subject_key FROM due d
WHERE d.address <> '' AND NOT EXISTS (SELECT 1 FROM letters l WHERE l.subject_key = d.subject_key AND l.kind = d.letter);
