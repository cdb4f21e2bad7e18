-- What a person reads here, whatever becomes of the e-mail.

-- name: Notices :many
SELECT n.id, n.kind, n.application_id, n.status, coalesce(n.sent_at, t.frozen_at, n.planned_at)::timestamptz AS at, n.planned_at, n.read_at,
  coalesce(t.subject, '')::text AS subject, i.name AS institution, c.title AS call, coalesce(t.address, '')::text AS address,
  EXISTS (SELECT 1 FROM letter_bounces b WHERE b.letter_id = n.id AND b.action = 'failed')::bool AS bounced,
  (count(*) OVER ())::int AS total, (count(*) FILTER (WHERE n.read_at IS NULL) OVER ())::int AS unread
FROM notices n JOIN institutions i ON i.id = n.institution_id
LEFT JOIN letter_texts t ON t.letter_id = n.id LEFT JOIN calls c ON c.id = n.call_id
WHERE n.person_id = @person_id AND (NOT @unread_only::bool OR n.read_at IS NULL)
ORDER BY n.planned_at DESC, n.id DESC LIMIT @most OFFSET @skip;

-- name: MarkNoticesRead :execrows
-- All up to the newest that was on the page: what came since is not read.
UPDATE letters l SET read_at = @at WHERE l.person_id = @person_id AND l.read_at IS NULL AND l.planned_at <= @until
  AND l.id IN (SELECT n.id FROM notices n WHERE n.person_id = @person_id);

-- name: Notice :one
SELECT n.id, n.kind, n.application_id, n.status, n.read_at, i.name AS institution FROM notices n JOIN institutions i ON i.id = n.institution_id
WHERE n.id = @id AND n.person_id = @person_id;
