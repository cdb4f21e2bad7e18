-- What a host sees of those nominated to it. Row-level security decides who is the host; the
-- condition on it only leaves out what one sees as the home.

-- name: HostCalls :many
-- The calls that ever nominated somebody to the actor's institution.
SELECT c.id, c.title, c.academic_year, c.programme, home.name AS home, count(*)::int AS nominations,
  (count(*) FILTER (WHERE n.status = 'sent'))::int AS waiting,
  coalesce(min(dl.closes_at) FILTER (WHERE n.status = 'sent'), 'epoch')::timestamptz AS answer_by, max(n.sent_at)::timestamptz AS last_sent
FROM nominations n
JOIN destinations d ON d.id = n.destination_id
JOIN calls c ON c.id = d.call_id
JOIN institutions home ON home.id = c.institution_id
LEFT JOIN deadlines dl ON dl.application_id = n.application_id AND dl.kind = 'host_answer'
WHERE n.host_institution_id = ANY (actor_hosts()) AND n.status <> 'draft'
GROUP BY c.id, c.title, c.academic_year, c.programme, home.name
ORDER BY waiting DESC, last_sent DESC, c.id;

-- name: HostCall :one
-- A call as its host sees it; none if it never nominated anybody there.
SELECT c.id, c.institution_id, c.title, c.academic_year, c.programme, c.zone, home.name AS home,
  coalesce(nullif(c.contact_email, ''), home.office_email)::text AS contact_email,
  coalesce(nullif(c.contact_phone, ''), home.office_phone)::text AS contact_phone,
  h.name AS host, h.time_zone AS host_zone, f.questions
FROM calls c
JOIN institutions home ON home.id = c.institution_id
JOIN forms f ON f.id = c.form_id
JOIN institutions h ON h.id = (SELECT n.host_institution_id FROM nominations n JOIN destinations d ON d.id = n.destination_id
  WHERE d.call_id = c.id AND n.host_institution_id = ANY (actor_hosts()) AND n.status <> 'draft' LIMIT 1)
WHERE c.id = @call_id;

-- name: HostNominations :many
SELECT n.id, n.application_id, n.status, n.sent_at, n.answered_at, n.reason_code, nc.content,
  coalesce(a.state, '')::text AS state, coalesce(a.revision, 0)::int AS revision, d.term, d.language, d.cefr, d.starts_on, d.ends_on, dl.closes_at AS answer_by
FROM nominations n
JOIN destinations d ON d.id = n.destination_id
LEFT JOIN nomination_contents nc ON nc.nomination_id = n.id
LEFT JOIN applications a ON a.id = n.application_id
LEFT JOIN deadlines dl ON dl.application_id = a.id AND dl.kind = 'host_answer'
WHERE d.call_id = @call_id AND n.host_institution_id = ANY (actor_hosts()) AND n.status <> 'draft'
ORDER BY (n.status <> 'sent'), nc.content ->> 'family_names' NULLS LAST, nc.content ->> 'given_names', n.sent_at, n.id;

-- name: HostDocuments :many
-- What the applicants last sent, without what they wrote for other destinations.
SELECT x.id, x.application_id, x.question, x.file_name, x.media_type, x.size, x.uploaded_at
FROM nominations n
JOIN destinations d ON d.id = n.destination_id
JOIN documents x ON x.application_id = n.application_id
WHERE d.call_id = @call_id AND n.host_institution_id = ANY (actor_hosts()) AND n.status IN ('sent', 'accepted')
  AND x.removed_at IS NULL AND (x.destination_id IS NULL OR x.destination_id = n.destination_id)
  AND EXISTS (SELECT 1 FROM submission_documents sd WHERE sd.document_id = x.id)
ORDER BY x.application_id, x.question, x.id;

-- name: HostLinkHead :one
-- The call a host's link is for, also while nobody is nominated.
SELECT c.id, c.institution_id, c.title, c.academic_year, c.programme, c.zone, home.name AS home,
  coalesce(nullif(c.contact_email, ''), home.office_email)::text AS contact_email,
  coalesce(nullif(c.contact_phone, ''), home.office_phone)::text AS contact_phone,
  h.name AS host, h.time_zone AS host_zone, f.questions
FROM calls c
JOIN institutions home ON home.id = c.institution_id
JOIN forms f ON f.id = c.form_id
JOIN institutions h ON h.id = @host_id::uuid
WHERE c.id = @call_id;
