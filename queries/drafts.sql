-- name: Draft :one
SELECT answers, choices, revision, saved_at FROM drafts WHERE application_id = @application_id;

-- name: AddDraft :exec
INSERT INTO drafts (application_id, person_id, saved_at) VALUES (@application_id, @person_id, @saved_at);

-- name: SaveDraft :execrows
UPDATE drafts SET answers = @answers, choices = @choices, revision = revision + 1, saved_at = @saved_at
WHERE application_id = @application_id AND revision = @revision;

-- name: FormQuestions :one
SELECT questions FROM forms WHERE id = @id;

-- name: RoundDestinations :many
SELECT d.id, d.language, d.cycle, d.unit_id, d.term, d.selected_by, (d.dropped_at IS NOT NULL)::bool AS dropped, i.name AS host
FROM destinations d JOIN institutions i ON i.id = d.host_institution_id WHERE d.round_id = @round_id ORDER BY i.name, d.id;

-- name: DraftDocuments :many
SELECT id, question, destination_id, file_name, media_type, size, uploaded_at FROM documents
WHERE application_id = @application_id AND removed_at IS NULL ORDER BY uploaded_at, id;

-- name: AddDocument :exec
INSERT INTO documents (id, institution_id, application_id, person_id, question, destination_id, file_name, media_type, size, sha256, uploaded_at)
VALUES (@id, @institution_id, @application_id, @person_id, @question, sqlc.narg(destination_id), @file_name, @media_type, @size, @sha256, @uploaded_at);

-- name: RemoveDocument :execrows
UPDATE documents SET removed_at = @removed_at WHERE id = @id AND application_id = @application_id AND removed_at IS NULL;

-- name: RemoveDocumentsFor :exec
-- A new file takes the place of the one that answered the same question.
UPDATE documents SET removed_at = @removed_at
WHERE application_id = @application_id AND question = @question AND destination_id IS NOT DISTINCT FROM sqlc.narg(destination_id)
  AND removed_at IS NULL;

-- name: SubmissionFacts :one
-- What a submission copies of imported values, and the salt of the person's hashes.
SELECT f.salt, f.given_names, f.family_names, f.birth_date, f.nationality, f.gender,
  af.cycle, coalesce(af.field, '') AS field, af.year, af.average, af.credits, coalesce(af.extra, '{}')::jsonb AS extra, u.code AS unit
FROM applications a
JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
JOIN units u ON u.id = a.unit_id
LEFT JOIN affiliations af ON af.person_id = a.person_id AND af.unit_id = a.unit_id
WHERE a.id = @application_id;

-- name: AddSubmission :exec
INSERT INTO submissions (id, institution_id, application_id, number, arrived_at, late, form_id, hash)
VALUES (@id, @institution_id, @application_id, @number, @arrived_at, @late, @form_id, @hash);

-- name: AddSubmissionContent :exec
INSERT INTO submission_contents (submission_id, person_id, answers, facts) VALUES (@submission_id, @person_id, @answers, @facts);

-- name: AddSubmissionDocuments :exec
INSERT INTO submission_documents (submission_id, document_id) SELECT @submission_id, unnest(@documents::uuid[]);

-- name: AddChoices :exec
INSERT INTO choices (submission_id, application_id, position, destination_id)
SELECT @submission_id, @application_id, t.position, t.destination_id
FROM unnest(@destinations::uuid[]) WITH ORDINALITY AS t (destination_id, position);

-- name: OpenQuestions :many
-- What the last return asked to be completed, as long as no move has led away from there since: more time,
-- or another version of the lifecycle, opens nothing more.
SELECT q.question FROM returned_questions q JOIN events e ON e.id = q.event_id
WHERE e.application_id = @application_id AND NOT EXISTS (
  SELECT 1 FROM events x WHERE x.application_id = e.application_id AND x.revision > e.revision AND x.kind = 'move' AND x.to_state <> x.from_state);

-- name: SubmittedCopy :one
-- What the last submission said, as a working copy holds it.
SELECT sc.answers, (SELECT coalesce(array_agg(c.destination_id ORDER BY c.position), '{}') FROM choices c WHERE c.submission_id = s.id)::uuid[] AS choices
FROM submissions s JOIN submission_contents sc ON sc.submission_id = s.id
WHERE s.application_id = @application_id ORDER BY s.number DESC LIMIT 1;

-- name: RestoreDocuments :exec
-- Brings back the documents of the last submission and takes out newer ones, except where a return asks for them.
UPDATE documents d SET removed_at = CASE WHEN d.removed_at IS NULL THEN @at::timestamptz END
WHERE d.application_id = @application_id
  AND NOT (d.question = ANY (@questions::text[]) OR d.question || coalesce('@' || d.destination_id::text, '') = ANY (@questions::text[]))
  AND (d.removed_at IS NULL) <> EXISTS (
    SELECT 1 FROM submission_documents x WHERE x.document_id = d.id
      AND x.submission_id = (SELECT s.id FROM submissions s WHERE s.application_id = @application_id ORDER BY s.number DESC LIMIT 1));

-- name: ApplicantUnit :one
-- The unit through which a person may apply in a call: an affiliation at its institution, among its units if it names any.
SELECT af.unit_id FROM affiliations af JOIN calls c ON c.id = @call_id AND c.institution_id = af.institution_id
WHERE af.person_id = @person_id
  AND (NOT EXISTS (SELECT 1 FROM call_units u WHERE u.call_id = c.id) OR EXISTS (SELECT 1 FROM call_units u WHERE u.call_id = c.id AND u.unit_id = af.unit_id))
ORDER BY af.imported_at DESC LIMIT 1;

-- name: RoundForStart :one
SELECT r.id, r.call_id, r.institution_id, c.definition_id, c.opened_at FROM rounds r JOIN calls c ON c.id = r.call_id WHERE r.id = @id;

-- name: ApplicationInRound :one
SELECT id, state, phase FROM applications WHERE person_id = @person_id AND round_id = @round_id;
