-- Letters as an institution words them itself.

-- name: LetterWordings :many
-- The institutions' own wordings in use, of these kinds in these languages.
SELECT t.id, t.institution_id, t.kind, t.language, t.version, t.body
FROM (SELECT DISTINCT unnest(@institutions::uuid[]) AS institution_id, unnest(@kinds::text[]) AS kind, unnest(@languages::text[]) AS language) k
JOIN letter_templates t ON t.institution_id = k.institution_id AND t.kind = k.kind AND t.language = k.language AND t.active;

-- name: LetterTemplatesInUse :many
SELECT t.id, t.kind, t.language, t.version, t.written_at FROM letter_templates t WHERE t.institution_id = @institution_id AND t.active;

-- name: LetterTemplateVersions :many
SELECT t.id, t.version, t.body, t.active, t.written_at, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS writer
FROM letter_templates t LEFT JOIN person_facts f ON f.person_id = t.written_by AND f.institution_id = t.institution_id
WHERE t.institution_id = @institution_id AND t.kind = @kind AND t.language = @language ORDER BY t.version DESC;

-- name: LetterTemplateActs :many
-- When each wording was taken into use and out of it.
SELECT a.act, a.at, a.data ->> 'version' AS version, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS who
FROM acts a LEFT JOIN person_facts f ON f.person_id = a.actor_id AND f.institution_id = a.institution_id
WHERE a.institution_id = @institution_id AND a.subject_id = @institution_id AND a.subject_kind = 'letter'
  AND a.data ->> 'kind' = @kind::text AND a.data ->> 'language' = @language::text
ORDER BY a.at DESC, a.id DESC LIMIT 50;

-- name: LockLetterTemplates :exec
-- One writer at a time per institution.
SELECT 1 FROM institutions WHERE id = @institution_id FOR UPDATE;

-- name: LastLetterTemplate :one
SELECT coalesce(max(version), 0)::int AS version, coalesce((max(version) FILTER (WHERE active)), 0)::int AS active
FROM letter_templates WHERE institution_id = @institution_id AND kind = @kind AND language = @language;

-- name: AddLetterTemplate :exec
INSERT INTO letter_templates (id, institution_id, kind, language, version, body, active, written_by, written_at)
VALUES (@id, @institution_id, @kind, @language, @version, @body, false, sqlc.narg(written_by), @written_at);

-- name: RetireLetterTemplate :execrows
UPDATE letter_templates SET active = false WHERE institution_id = @institution_id AND kind = @kind AND language = @language AND active;

-- name: UseLetterTemplate :execrows
UPDATE letter_templates SET active = true
WHERE institution_id = @institution_id AND kind = @kind AND language = @language AND version = @version;

-- name: LetterKindsSent :many
-- How often letters of each kind went out, and when last.
SELECT kind, count(*)::int AS letters, max(planned_at)::timestamptz AS last FROM letters
WHERE institution_id = @institution_id AND status IN ('sent', 'planned', 'sending', 'unknown') GROUP BY kind;

-- name: RecentLettersOfKind :many
-- Recent letters of a kind that the reader may see, to preview a wording on; none about the reader.
SELECT l.id, l.language, l.recipient, l.person_id, l.application_id, l.call_id, l.event_id, l.data, l.planned_at,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name
FROM letters l LEFT JOIN person_facts f ON f.person_id = l.person_id AND f.institution_id = l.institution_id
LEFT JOIN applications a ON a.id = l.application_id
WHERE l.institution_id = @institution_id AND l.kind = @kind AND l.person_id IS DISTINCT FROM @self::uuid
  AND (l.application_id IS NULL OR (a.id IS NOT NULL AND a.person_id <> @self AND a.id <> ALL (barred_rivals())))
  AND NOT EXISTS (SELECT 1 FROM persons p WHERE p.id = l.person_id AND p.erased_at IS NOT NULL)
ORDER BY l.planned_at DESC, l.id DESC LIMIT 5;
