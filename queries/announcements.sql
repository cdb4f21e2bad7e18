-- Letters an office writes to everybody on a list.

-- name: AnnouncementFiles :many
-- Whose these files are, in the order they are named.
SELECT a.id, a.person_id, a.unit_id FROM applications a
WHERE a.id = ANY (@ids::uuid[]) AND a.call_id = @call_id AND a.institution_id = @institution_id AND a.person_id <> @self
ORDER BY array_position(@ids, a.id);

-- name: AnnouncementNominations :many
-- Files of a call with a nomination, by what became of it.
SELECT DISTINCT a.id, a.person_id, a.unit_id
FROM nominations n JOIN applications a ON a.id = n.application_id
WHERE a.call_id = @call_id AND a.institution_id = @institution_id AND a.person_id <> @self
  AND (@status::text = '' OR n.status = @status)
ORDER BY a.id;

-- name: AnnouncementPeople :many
-- People the institution knows, by what was searched for, the unit they belong to, and a role they hold there.
SELECT p.id AS person_id
FROM persons p JOIN person_facts f ON f.person_id = p.id AND f.institution_id = @institution_id
WHERE p.id <> @self
  AND (sqlc.narg(unit_id)::uuid IS NULL OR EXISTS (
    SELECT 1 FROM affiliations x WHERE x.person_id = p.id AND x.institution_id = @institution_id AND x.unit_id = sqlc.narg(unit_id))
    OR EXISTS (SELECT 1 FROM roles y WHERE y.person_id = p.id AND y.institution_id = @institution_id AND y.unit_id = sqlc.narg(unit_id)
      AND y.valid_from <= @now AND (y.valid_to IS NULL OR y.valid_to > @now)))
  AND (@role::text = '' OR EXISTS (SELECT 1 FROM roles r WHERE r.person_id = p.id AND r.institution_id = @institution_id AND r.role = @role
    AND r.valid_from <= @now AND (r.valid_to IS NULL OR r.valid_to > @now)))
  AND (@sought::text = '' OR p.email ILIKE '%' || @sought || '%' OR coalesce(p.esi, '') ILIKE '%' || @sought || '%'
    OR f.given_names || ' ' || f.family_names || ' ' || f.given_names ILIKE '%' || @sought || '%')
ORDER BY f.family_names COLLATE "und-x-icu", f.given_names COLLATE "und-x-icu", p.id;

-- name: AnnouncementUnits :many
SELECT id, code, name FROM units WHERE institution_id = @institution_id ORDER BY code;

-- name: AnnouncementReaders :many
-- What decides whether a letter reaches these people, and in which language.
SELECT p.id, coalesce(p.email, '')::text AS email, (p.erased_at IS NOT NULL)::bool AS erased, wants_announcements(p.id)::bool AS wants,
  coalesce(nullif(p.language, ''), nullif(i.language, ''), 'en')::text AS language,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name
FROM persons p JOIN institutions i ON i.id = @institution_id
LEFT JOIN person_facts f ON f.person_id = p.id AND f.institution_id = i.id
WHERE p.id = ANY (@persons::uuid[]);

-- name: AddAnnouncement :execrows
-- Zero rows: this form was sent before.
INSERT INTO announcements (id, institution_id, call_id, list, filter, recipients_hash, sample, written_by, written_at)
VALUES (@id, @institution_id, sqlc.narg(call_id), @list, @filter, @recipients_hash, @sample, @written_by, @written_at)
ON CONFLICT (id) DO NOTHING;

-- name: AddAnnouncementText :exec
INSERT INTO announcement_texts (announcement_id, language, institution_id, subject, body, why)
VALUES (@announcement_id, @language, @institution_id, @subject, @body, @why);

-- name: AddAnnouncementLetters :exec
INSERT INTO letters (id, institution_id, kind, queue, language, person_id, recipient, application_id, call_id, subject_key, data, status, planned_at)
SELECT t.id, @institution_id, 'announcement', 'bulk', t.language, t.person_id,
  CASE WHEN t.application_id IS NULL THEN 'person' ELSE 'applicant' END, t.application_id, sqlc.narg(call_id),
  'announcement:' || @announcement::text || ':' || t.person_id, jsonb_build_object('announcement', @announcement), 'planned', @planned_at
FROM (SELECT n.id, n.person_id, nullif(n.application, '00000000-0000-0000-0000-000000000000'::uuid) AS application_id, n.language
  FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@persons::uuid[]) AS person_id, unnest(@applications::uuid[]) AS application,
    unnest(@languages::text[]) AS language) n) t;

-- name: LockAnnouncement :one
SELECT id, institution_id, call_id, list, written_by, sample FROM announcements WHERE id = @id;

-- name: RetractAnnouncement :execrows
-- What has not gone out is taken back.
UPDATE letters SET status = 'retracted', skip_reason = 'taken_back'
WHERE data ->> 'announcement' = @announcement::text AND status = 'planned';

-- name: AnnouncementText :one
SELECT t.subject, t.body, t.why, a.sample FROM announcement_texts t JOIN announcements a ON a.id = t.announcement_id
WHERE t.announcement_id = @announcement_id AND t.language = @language;

-- name: WantsAnnouncements :one
SELECT wants_announcements(@person_id)::bool AS wants;

-- name: AnnouncementPage :one
SELECT a.id, a.institution_id, a.call_id, a.list, a.filter, a.written_at, a.written_by, c.title AS call,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS writer
FROM announcements a LEFT JOIN calls c ON c.id = a.call_id
LEFT JOIN person_facts f ON f.person_id = a.written_by AND f.institution_id = a.institution_id
WHERE a.id = @id AND NOT a.sample;

-- name: AnnouncementTexts :many
SELECT language, subject, body, why FROM announcement_texts WHERE announcement_id = @announcement_id ORDER BY language;

-- name: AnnouncementProgress :many
SELECT l.status, l.skip_reason, count(*)::int AS letters FROM letters l
WHERE l.data ->> 'announcement' = @announcement::text GROUP BY 1, 2 ORDER BY 1, 2;

-- name: AnnouncementLetters :many
-- Whom it went to, as far as the reader sees them.
SELECT l.id, l.status, l.skip_reason, l.language, l.application_id, l.person_id, l.sent_at,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name, (count(*) OVER ())::int AS total
FROM letters l LEFT JOIN person_facts f ON f.person_id = l.person_id AND f.institution_id = l.institution_id
WHERE l.data ->> 'announcement' = @announcement::text AND l.person_id IS DISTINCT FROM @self::uuid
ORDER BY f.family_names COLLATE "und-x-icu", l.id LIMIT @most OFFSET @skip;

-- name: AnnouncementsOf :many
-- What was written to a call's applicants, or to people if no call is named.
SELECT a.id, a.list, a.written_at, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS writer,
  coalesce((SELECT t.subject FROM announcement_texts t WHERE t.announcement_id = a.id ORDER BY t.language = @language::text DESC, t.language LIMIT 1), '')::text AS subject,
  (SELECT count(*) FROM letters l WHERE l.data ->> 'announcement' = a.id::text)::int AS letters
FROM announcements a LEFT JOIN person_facts f ON f.person_id = a.written_by AND f.institution_id = a.institution_id
WHERE a.institution_id = ANY (@institutions::uuid[]) AND a.call_id IS NOT DISTINCT FROM sqlc.narg(call_id)::uuid AND NOT a.sample
ORDER BY a.written_at DESC LIMIT 20;
