-- Who assesses what, marks of each assessor, and their words.

-- name: StandingMarksFor :many
-- Every assessor's mark for one criterion of one file.
SELECT m.id, m.assessor_id, m.points, m.submission_id, m.range_min, m.range_max FROM marks m
WHERE m.application_id = @application_id AND m.criterion = @criterion AND m.replaced_at IS NULL ORDER BY m.assessor_id;

-- name: ReplaceMarks :execrows
UPDATE marks SET replaced_at = @at WHERE id = ANY (@ids::uuid[]) AND replaced_at IS NULL;

-- name: AddMark :exec
INSERT INTO marks (id, institution_id, application_id, submission_id, criterion, assessor_id, points, marked_at, range_min, range_max)
VALUES (@id, @institution_id, @application_id, @submission_id, @criterion, @assessor_id, @points, @marked_at, @range_min, @range_max);

-- name: CallAssessing :one
-- How a call is assessed.
SELECT c.id, c.institution_id, c.title, c.assessors_see, c.blind, s.marked AS criteria,
  EXISTS (SELECT 1 FROM marks m JOIN applications a ON a.id = m.application_id WHERE a.call_id = c.id) AS marked,
  EXISTS (SELECT 1 FROM rankings k WHERE k.call_id = c.id AND k.status = 'published') AS published
FROM calls c JOIN schemes s ON s.id = c.scheme_id WHERE c.id = @id;

-- name: SetAssessing :exec
UPDATE calls SET assessors_see = @assessors_see, blind = @blind WHERE id = @id;

-- name: NumberCandidates :exec
-- In an order that tells nothing.
UPDATE applications a SET candidate = n.first + n.number FROM (
  SELECT x.id, row_number() OVER (ORDER BY md5(x.id::text || @salt::text)) AS number,
    (SELECT coalesce(max(y.candidate), 0) FROM applications y WHERE y.call_id = @call_id) AS first
  FROM applications x WHERE x.call_id = @call_id AND x.candidate IS NULL) n
WHERE a.id = n.id;

-- name: FilesToAssess :many
-- Files of a call that assessors may work on, as far as the actor sees them.
SELECT a.id, a.institution_id, a.call_id, a.unit_id, a.person_id FROM applications a
WHERE a.call_id = @call_id AND a.phase = 'submitted' AND a.person_id <> @self
  AND a.institution_id = ANY (@institutions::uuid[])
  AND EXISTS (SELECT 1 FROM submissions s WHERE s.application_id = a.id)
ORDER BY a.id;

-- name: AssessorsOf :many
-- Roles that may assess in a call, with the units each reaches (the unit and all below it; none: the institution).
WITH RECURSIVE below AS (
  SELECT g.id AS role_id, u.id AS unit_id FROM roles g JOIN units u ON u.id = g.unit_id WHERE g.institution_id = @institution_id
  UNION
  SELECT b.role_id, c.id FROM below b JOIN units c ON c.parent_id = b.unit_id
)
SELECT r.person_id, r.role, r.unit_id, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name,
  coalesce((SELECT array_agg(b.unit_id ORDER BY b.unit_id) FROM below b WHERE b.role_id = r.id), '{}')::uuid[] AS units
FROM roles r LEFT JOIN person_facts f ON f.person_id = r.person_id AND f.institution_id = r.institution_id
WHERE r.institution_id = @institution_id AND r.role IN ('assessor', 'coordinator', 'officer') AND (r.call_id IS NULL OR r.call_id = @call_id)
  AND r.valid_from <= @now AND (r.valid_to IS NULL OR r.valid_to > @now)
ORDER BY r.person_id, r.role;

-- name: AssignmentsOf :many
SELECT s.id, s.application_id, s.assessor_id, s.how, s.assigned_at FROM assignments s
WHERE s.application_id = ANY (@applications::uuid[]) AND s.ended_at IS NULL ORDER BY s.application_id, s.assessor_id;

-- name: MarksOf :many
-- Standing marks with who gave them and which submission each saw.
SELECT m.application_id, m.criterion, m.assessor_id, m.points, m.marked_at, m.range_min, m.range_max, s.number AS submission,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS assessor,
  (SELECT max(n.number) FROM submissions n WHERE n.application_id = m.application_id)::int AS last
FROM marks m JOIN submissions s ON s.id = m.submission_id
LEFT JOIN person_facts f ON f.person_id = m.assessor_id AND f.institution_id = m.institution_id
WHERE m.application_id = ANY (@applications::uuid[]) AND m.replaced_at IS NULL ORDER BY m.application_id, m.criterion, m.assessor_id;

-- name: ConflictsOf :many
SELECT c.application_id, c.person_id FROM conflicts c WHERE c.application_id = ANY (@applications::uuid[]) AND c.ended_at IS NULL;

-- name: AddAssignments :execrows
INSERT INTO assignments (id, institution_id, application_id, assessor_id, how, assigned_by, assigned_at)
SELECT t.id, @institution_id, t.application_id, t.assessor_id, @how, sqlc.narg(assigned_by), @assigned_at
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@applications::uuid[]) AS application_id, unnest(@assessors::uuid[]) AS assessor_id) AS t;

-- name: EndAssignment :execrows
UPDATE assignments SET ended_at = @at, ended_by = sqlc.narg(by) WHERE application_id = @application_id AND assessor_id = @assessor_id AND ended_at IS NULL;

-- name: EndAssignmentsOf :exec
-- Of somebody who is erased.
UPDATE assignments SET ended_at = @at WHERE assessor_id = @person_id AND institution_id = ANY (@institutions::uuid[]) AND ended_at IS NULL;

-- name: CommentRevision :one
SELECT revision FROM assessment_comments WHERE application_id = @application_id AND assessor_id = @assessor_id AND audience = @audience;

-- name: SaveComment :exec
INSERT INTO assessment_comments (application_id, assessor_id, audience, institution_id, person_id, body, saved_at)
VALUES (@application_id, @assessor_id, @audience, @institution_id, @person_id, @body, @saved_at)
ON CONFLICT (application_id, assessor_id, audience) DO UPDATE SET body = excluded.body, saved_at = excluded.saved_at, revision = assessment_comments.revision + 1;

-- name: CommentsOf :many
SELECT c.assessor_id, c.audience, c.body, c.revision, c.saved_at, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS assessor
FROM assessment_comments c LEFT JOIN person_facts f ON f.person_id = c.assessor_id AND f.institution_id = c.institution_id
WHERE c.application_id = @application_id AND c.body <> '' ORDER BY c.saved_at, c.assessor_id;

-- name: CommentsForApplicant :many
-- What assessors wrote for the applicant, who is not told who they are.
SELECT c.body FROM assessment_comments c WHERE c.application_id = @application_id AND c.audience = 'applicant' AND c.body <> '' ORDER BY c.saved_at, c.assessor_id;

-- name: EraseComments :exec
DELETE FROM assessment_comments WHERE person_id = @person_id AND institution_id = ANY (@institutions::uuid[]);

-- name: AssessedFiles :many
-- What the pages about assessing show of each file.
SELECT a.id, a.candidate, a.unit_id, u.code AS unit_code, coalesce(f.given_names, '')::text AS given_names, coalesce(f.family_names, '')::text AS family_names
FROM applications a JOIN units u ON u.id = a.unit_id
LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
WHERE a.id = ANY (@applications::uuid[])
ORDER BY f.family_names COLLATE "und-x-icu", f.given_names COLLATE "und-x-icu", a.candidate, a.id;

-- name: BarredAssessors :many
-- Assigned to, or with a mark in, a file their conflict of interest bars them from.
SELECT format('person %s assesses application %s despite a conflict of interest', x.assessor_id, x.application_id)::text AS violation
FROM (SELECT s.application_id, s.assessor_id FROM assignments s WHERE s.ended_at IS NULL
  UNION SELECT m.application_id, m.assessor_id FROM marks m JOIN applications a ON a.id = m.application_id
    WHERE m.replaced_at IS NULL AND NOT EXISTS (SELECT 1 FROM rankings k WHERE k.round_id = a.round_id AND k.status = 'published')) x
JOIN applications a ON a.id = x.application_id
WHERE a.person_id = x.assessor_id OR EXISTS (SELECT 1 FROM conflicts f WHERE f.application_id = x.application_id AND f.person_id = x.assessor_id AND f.ended_at IS NULL)
ORDER BY 1;

-- name: UnnumberedCandidates :many
SELECT format('application %s of a blind call has no candidate number', a.id)::text AS violation
FROM applications a JOIN calls c ON c.id = a.call_id WHERE c.blind AND a.candidate IS NULL ORDER BY 1;

-- name: SheetFiles :many
-- What rows of the grid are made from, for the files whose cells are asked for again.
SELECT a.id, a.phase, a.institution_id, coalesce(shown_facts(s.id), '{}')::jsonb AS facts
FROM applications a JOIN submissions s ON s.application_id = a.id AND s.number = (SELECT max(n.number) FROM submissions n WHERE n.application_id = a.id)
WHERE a.call_id = @call_id AND a.id = ANY (@applications::uuid[]) AND a.institution_id = ANY (@institutions::uuid[]) AND a.person_id <> @self
ORDER BY a.id;
