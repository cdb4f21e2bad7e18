-- What the world of the whole alliance is planted with, set by set: bringing every one of its files through the pages'
-- processes would take hours. Only a demo is planted: installation guards each statement, and the triggers and
-- constraints that hold for everybody hold here.

-- name: PlantStaff :exec
-- Members of staff without a role.
INSERT INTO affiliations (id, institution_id, person_id, unit_id, kind, imported_at)
SELECT gen_random_uuid(), @institution_id, x.person_id, x.unit_id, 'staff', @at
FROM installation d, (SELECT unnest(@person_ids::uuid[]) AS person_id, unnest(@unit_ids::uuid[]) AS unit_id) x WHERE d.kind = 'demo';

-- name: PlantPool :many
-- Students of a member who may apply, in an order of their own.
SELECT a.person_id, a.unit_id, coalesce(a.cycle, 0)::int AS cycle FROM installation d, affiliations a JOIN persons p ON p.id = a.person_id
WHERE d.kind = 'demo' AND a.institution_id = @institution_id AND a.kind = 'student' AND p.esi LIKE @esi ORDER BY p.esi;

-- name: PlantApplications :exec
-- Applications in one state, begun and sent at the same minute.
INSERT INTO applications (id, institution_id, call_id, round_id, person_id, unit_id, definition_id, state, phase, revision, created_at, moved_at)
SELECT x.id, c.institution_id, c.id, @round_id, x.person_id, x.unit_id, c.definition_id, s.name, s.phase, @revision, x.at, x.at
FROM installation d, calls c JOIN definition_states s ON s.definition_id = c.definition_id AND s.name = @state::text,
  (SELECT unnest(@ids::uuid[]) AS id, unnest(@person_ids::uuid[]) AS person_id, unnest(@unit_ids::uuid[]) AS unit_id, unnest(@ats::timestamptz[]) AS at) x
WHERE d.kind = 'demo' AND c.id = @call_id;

-- name: PlantDrafts :exec
-- The working copy, as it was sent.
INSERT INTO drafts (application_id, person_id, answers, choices, saved_at)
SELECT a.id, a.person_id, t.answers, (SELECT array_agg(c.destination_id ORDER BY c.position) FROM choices c WHERE c.submission_id = s.id), a.created_at
FROM applications a JOIN submissions s ON s.application_id = a.id JOIN submission_contents t ON t.submission_id = s.id WHERE a.id = ANY (@ids::uuid[]);

-- name: PlantStarts :exec
INSERT INTO events (id, institution_id, application_id, revision, kind, definition_id, to_state, at, actor_id, actor_role)
SELECT gen_random_uuid(), a.institution_id, a.id, 1, 'start', a.definition_id, @state, a.created_at, a.person_id, 'applicant'
FROM applications a WHERE a.id = ANY (@ids::uuid[]);

-- name: PlantMoves :exec
-- One move of each application, and the letter it promises: written, and as long ago not sent.
WITH made AS (
  INSERT INTO events (id, institution_id, application_id, revision, kind, definition_id, move, from_state, to_state, at, actor_id, actor_role)
  SELECT gen_random_uuid(), a.institution_id, a.id, a.revision, 'move', a.definition_id, @move::text, @from_state::text, a.state, a.moved_at, a.person_id, 'applicant'
  FROM applications a WHERE a.id = ANY (@ids::uuid[])
  RETURNING id, application_id)
INSERT INTO letters (id, institution_id, kind, queue, language, person_id, recipient, application_id, call_id, event_id, subject_key, status, skip_reason, planned_at)
SELECT gen_random_uuid(), a.institution_id, @letter, 'decisions', 'en', a.person_id, 'applicant', a.id, a.call_id, m.id, 'event:' || m.id, 'skipped', 'too_late', a.moved_at
FROM made m JOIN applications a ON a.id = m.application_id;

-- name: PlantSubmissions :exec
-- The first submission of each application, with a copy of what was imported.
WITH content AS (
  SELECT x.id, a.id AS application_id, a.institution_id, a.person_id, a.moved_at, c.form_id, f.salt, x.answers::jsonb AS answers,
    jsonb_strip_nulls(jsonb_build_object('given_names', f.given_names, 'family_names', f.family_names, 'birth_date', f.birth_date, 'nationality', f.nationality,
      'gender', f.gender, 'unit', u.code, 'cycle', s.cycle, 'field', s.field, 'year', s.year, 'average', s.average::text, 'credits', s.credits::text)) AS facts
  FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@applications::uuid[]) AS application, unnest(@answers::text[]) AS answers) x
  JOIN applications a ON a.id = x.application JOIN calls c ON c.id = a.call_id JOIN units u ON u.id = a.unit_id
  JOIN person_facts f ON f.institution_id = a.institution_id AND f.person_id = a.person_id
  JOIN affiliations s ON s.person_id = a.person_id AND s.unit_id = a.unit_id),
made AS (
  INSERT INTO submissions (id, institution_id, application_id, number, arrived_at, form_id, hash)
  SELECT id, institution_id, application_id, 1, moved_at, form_id, sha256(salt || convert_to(answers::text || facts::text, 'UTF8')) FROM content)
INSERT INTO submission_contents (submission_id, person_id, answers, facts) SELECT id, person_id, answers, facts FROM content;

-- name: PlantChoices :exec
INSERT INTO choices (submission_id, application_id, position, destination_id)
SELECT unnest(@submissions::uuid[]), unnest(@applications::uuid[]), unnest(@positions::int[]), unnest(@destinations::uuid[]);

-- name: PlantMarks :exec
INSERT INTO marks (id, institution_id, application_id, submission_id, criterion, assessor_id, points, marked_at)
SELECT gen_random_uuid(), a.institution_id, a.id, x.submission, @criterion, @assessor_id, x.points::numeric, @at
FROM (SELECT unnest(@submissions::uuid[]) AS submission, unnest(@applications::uuid[]) AS application, unnest(@points::text[]) AS points) x
JOIN applications a ON a.id = x.application;

-- name: PlantLetterNothing :execrows
-- What was written so long ago that nobody was there to send it is not sent now.
UPDATE letters SET status = 'skipped', skip_reason = 'too_late' WHERE status = 'planned' AND planned_at < @before AND EXISTS (SELECT 1 FROM installation WHERE kind = 'demo');
