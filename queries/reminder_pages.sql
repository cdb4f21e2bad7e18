-- Reminders as people see them: what is coming is read from where the scan plans from.

-- name: FileRemindersAhead :many
-- What comes to whom about one application, if it stays as it is.
SELECT DISTINCT v.due_at::timestamptz AS due_at, v.recipient, v.letter, v.deadline, v.closes_at, v.zone FROM file_reminders v
WHERE v.application_id = @application_id AND v.due_at > @now::timestamptz AND (sqlc.arg(recipient)::text = '' OR v.recipient = sqlc.arg(recipient))
ORDER BY 1, v.letter, v.recipient;

-- name: MyRemindersAhead :many
-- What comes to somebody who works here by their roles, and about how many files as it stands: to whoever assesses, of
-- files they have not marked yet.
SELECT g.due_at::timestamptz AS due_at, v.letter, v.call_id, c.title, v.deadline, min(v.closes_at)::timestamptz AS closes_at, min(v.zone)::text AS zone, count(DISTINCT v.application_id)::int AS files
FROM file_reminders v JOIN calls c ON c.id = v.call_id
CROSS JOIN LATERAL (SELECT CASE v.recipient WHEN 'officer' THEN v.due_at
  ELSE reminder_goes(v.closes_at, v.zone, v.shift, v.hours, coalesce((SELECT nullif(p.time_zone, '') FROM persons p WHERE p.id = @self), v.reader_zone), v.institution_id) END AS due_at) g
WHERE v.institution_id = ANY (@institutions::uuid[]) AND g.due_at > @now::timestamptz AND g.due_at < sqlc.arg(until)::timestamptz
  AND CASE WHEN v.recipient = 'officer' THEN v.recipient = ANY (@roles::text[]) AND v.person_id <> @self::uuid
    ELSE v.recipient = ANY (@roles::text[]) AND EXISTS (SELECT 1 FROM files_to_assess t WHERE t.application_id = v.application_id AND t.person_id = @self AND t.role = v.recipient
      AND t.valid_from <= g.due_at AND (t.valid_to IS NULL OR t.valid_to > g.due_at)) END
GROUP BY 1, v.letter, v.call_id, c.title, v.deadline
ORDER BY 1, c.title ->> 'en', v.letter LIMIT 20;

-- name: CallReminders :many
-- What came of the reminders of a call, and what is coming: letters that were written, by what they are, and files
-- they will be written about. Page by page, what is next or newest first.
WITH lines AS (
  SELECT CASE WHEN l.status IN ('sent', 'unknown') THEN 'went' WHEN l.status IN ('skipped', 'retracted') THEN 'skipped' WHEN l.status = 'failed' THEN 'failed' ELSE 'due' END AS what,
    l.kind, l.recipient, coalesce((l.data ->> 'due')::timestamptz, l.planned_at) AS due_at, d.kind AS deadline, d.closes_at, d.zone, l.skip_reason, count(*)::int AS letters, max(l.sent_at) AS sent_at
  FROM letters l LEFT JOIN deadlines d ON d.id = (l.data ->> 'deadline')::uuid
  WHERE l.call_id = @call_id AND l.queue = 'reminders' AND l.cause = 'reminder'
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
  UNION ALL
  SELECT 'coming', v.letter, CASE v.recipient WHEN 'officer' THEN 'office' WHEN 'coordinator' THEN 'person' WHEN 'assessor' THEN 'person' ELSE v.recipient END,
    v.due_at, v.deadline, v.closes_at, v.zone, '', count(DISTINCT v.application_id)::int, NULL
  FROM file_reminders v WHERE v.call_id = @call_id AND v.due_at > @now::timestamptz
  GROUP BY 2, 3, 4, 5, 6, 7)
SELECT x.what::text AS what, x.kind::text AS kind, x.recipient::text AS recipient, x.due_at::timestamptz AS due_at, coalesce(x.deadline, '')::text AS deadline,
  coalesce(x.closes_at, '0001-01-01Z')::timestamptz AS closes_at, coalesce(x.zone, 'UTC')::text AS zone, x.skip_reason::text AS skip_reason, x.letters, coalesce(x.sent_at, '0001-01-01Z')::timestamptz AS sent_at, count(*) OVER ()::int AS total
FROM lines x
WHERE (sqlc.arg(what)::text = '' OR x.what = sqlc.arg(what)) AND (sqlc.arg(kind)::text = '' OR x.kind = sqlc.arg(kind))
ORDER BY x.what <> 'coming', CASE WHEN x.what = 'coming' THEN x.due_at END, x.due_at DESC, x.kind, x.recipient, x.what, x.skip_reason, x.closes_at
LIMIT sqlc.arg(most) OFFSET sqlc.arg(skip);

-- name: CallReminderCounts :one
-- How many letters and files stand behind the lines of a call.
SELECT (SELECT count(*) FROM letters l WHERE l.call_id = @call_id AND l.queue = 'reminders' AND l.cause = 'reminder' AND l.status IN ('sent', 'unknown'))::int AS went,
  (SELECT count(*) FROM letters l WHERE l.call_id = @call_id AND l.queue = 'reminders' AND l.cause = 'reminder' AND l.status IN ('planned', 'sending'))::int AS due,
  (SELECT count(*) FROM letters l WHERE l.call_id = @call_id AND l.queue = 'reminders' AND l.cause = 'reminder' AND l.status IN ('skipped', 'retracted'))::int AS skipped,
  (SELECT count(*) FROM letters l WHERE l.call_id = @call_id AND l.queue = 'reminders' AND l.cause = 'reminder' AND l.status = 'failed')::int AS failed;
