-- Files that a scheme is tried out on. Asked under the web role: row-level security leaves out what hides.

-- name: TryCandidates :many
-- The submitted files of a call that have not ended, with what each is called.
SELECT a.id, coalesce(a.candidate, 0)::int AS candidate, coalesce(trim(f.family_names || ' ' || f.given_names), '')::text AS name
FROM applications a LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
WHERE a.call_id = @call_id AND a.phase NOT IN ('draft', 'closed') AND EXISTS (SELECT 1 FROM submissions s WHERE s.application_id = a.id)
ORDER BY f.family_names COLLATE "und-x-icu", f.given_names COLLATE "und-x-icu", a.candidate, a.id;
