-- What an applicant reads of what is theirs. Row-level security leaves nothing else to be found.

-- name: MyApplicationsIn :many
-- One's applications in a call, for the buttons of its page.
SELECT a.id, a.round_id, (s.phase = 'closed')::boolean AS over FROM applications a
JOIN definition_states s ON s.definition_id = a.definition_id AND s.name = a.state
WHERE a.call_id = @call_id AND a.person_id = @person_id;

-- name: MyApplications :many
SELECT a.id, a.moved_at, c.title, c.academic_year, c.programme, i.name AS institution, r.number AS round,
  (SELECT count(*) FROM rounds x WHERE x.call_id = c.id)::int AS rounds
FROM applications a
JOIN calls c ON c.id = a.call_id
JOIN institutions i ON i.id = a.institution_id
JOIN rounds r ON r.id = a.round_id
WHERE a.person_id = @person_id ORDER BY a.moved_at DESC, a.id;

-- name: MyApplication :one
SELECT a.id, a.institution_id, a.call_id, a.round_id, a.person_id, a.unit_id, a.definition_id, a.created_at, a.late, c.title, c.programme, c.academic_year,
  c.zone, c.form_id, c.scheme_id, c.max_choices, c.max_languages, c.selection, c.contact_email, c.contact_phone, c.appeal, c.confirm_hour,
  f.questions, s.source AS scheme, i.name AS institution, u.name AS unit, l.name AS lifecycle, r.number AS round
FROM applications a
JOIN calls c ON c.id = a.call_id
JOIN forms f ON f.id = c.form_id
JOIN schemes s ON s.id = c.scheme_id
JOIN institutions i ON i.id = a.institution_id
JOIN units u ON u.id = a.unit_id
JOIN rounds r ON r.id = a.round_id
JOIN definitions l ON l.id = a.definition_id
WHERE a.id = @id AND a.person_id = @person_id;

-- name: MyReturn :one
-- The return that asks for something now: its words and when it was made.
SELECT e.at, coalesce(t.reason, '')::text AS reason FROM events e
JOIN applications a ON a.id = e.application_id AND a.revision = e.revision
LEFT JOIN event_texts t ON t.event_id = e.id
WHERE e.application_id = @application_id AND EXISTS (SELECT 1 FROM returned_questions q WHERE q.event_id = e.id);

-- name: MyOffers :many
SELECT o.id, o.destination_id, o.status, o.promoted, o.given, o.made_at, d.closes_at AS confirm_by FROM offers o
LEFT JOIN deadlines d ON d.offer_id = o.id AND d.kind = 'confirm_by'
WHERE o.application_id = @application_id ORDER BY o.made_at DESC, o.id DESC;

-- name: MyNominations :many
SELECT n.id, n.destination_id, n.status, n.reason_code, n.sent_at, n.answered_at, n.arrived_on, n.ended_on FROM nominations n
WHERE n.application_id = @application_id ORDER BY n.sent_at DESC NULLS FIRST, n.id DESC;

-- name: MySubmissions :many
SELECT s.id, s.number, s.arrived_at, s.late, f.questions, coalesce(c.answers, '{}')::jsonb AS answers, coalesce(c.facts, '{}')::jsonb AS facts,
  (SELECT coalesce(array_agg(x.destination_id ORDER BY x.position), '{}') FROM choices x WHERE x.submission_id = s.id)::uuid[] AS choices
FROM submissions s
JOIN forms f ON f.id = s.form_id
LEFT JOIN submission_contents c ON c.submission_id = s.id
WHERE s.application_id = @application_id ORDER BY s.number DESC;

-- name: MySubmissionDocuments :many
SELECT x.submission_id, d.id, d.question, d.destination_id, d.file_name, d.size, d.uploaded_at
FROM submission_documents x JOIN documents d ON d.id = x.document_id JOIN submissions s ON s.id = x.submission_id
WHERE s.application_id = @application_id ORDER BY d.uploaded_at, d.id;

-- name: MyEvents :many
SELECT e.id, e.kind, e.definition_id, coalesce(e.move, '')::text AS move, e.from_state, e.to_state, e.at, e.actor_role, e.data, coalesce(t.reason, '')::text AS reason
FROM events e LEFT JOIN event_texts t ON t.event_id = e.id
WHERE e.application_id = @application_id ORDER BY e.revision DESC;

-- name: MyResult :many
-- None before it is published.
SELECT e.ranking_id, e.rank, e.points, coalesce(t.breakdown, '{}')::jsonb AS breakdown, e.given, e.grant_rank, e.outcome, e.destination_id, e.reason, e.data, r.published_at, coalesce(c.seed, '')::text AS seed
FROM ranking_entries e JOIN rankings r ON r.id = e.ranking_id AND r.status = 'published' LEFT JOIN call_seeds c ON c.call_id = r.call_id
LEFT JOIN ranking_details t ON t.ranking_id = e.ranking_id AND t.application_id = e.application_id
WHERE e.application_id = @application_id;

-- name: MyOutcomes :many
-- With what everybody may know of the destination, once it is published.
SELECT o.destination_id, o.position, o.points, o.outcome, o.rank, coalesce(o.reserve_rank, 0)::int AS reserve_rank, o.reason, o.data,
  f.lowest, f.highest, (f.destination_id IS NOT NULL)::bool AS figures, coalesce(f.enough, true)::bool AS enough, coalesce(f.highest_withheld, false)::bool AS highest_withheld
FROM choice_outcomes o LEFT JOIN destination_figures f ON f.ranking_id = o.ranking_id AND f.destination_id = o.destination_id
WHERE o.ranking_id = @ranking_id AND o.application_id = @application_id ORDER BY o.position;

-- name: MyLetters :many
-- What one may read here; of one application, or of all. One whose words are not written yet has no subject.
SELECT n.id, n.kind, n.application_id, n.planned_at, coalesce(n.sent_at, t.frozen_at, n.planned_at)::timestamptz AS at, n.read_at, coalesce(t.subject, '')::text AS subject
FROM notices n LEFT JOIN letter_texts t ON t.letter_id = n.id
WHERE n.person_id = @person_id AND (sqlc.narg(application_id)::uuid IS NULL OR n.application_id = sqlc.narg(application_id)::uuid)
ORDER BY n.planned_at DESC, n.id DESC;

-- name: MyLetter :one
SELECT l.id, l.kind, l.application_id, l.read_at, coalesce(l.sent_at, t.frozen_at)::timestamptz AS at, t.subject, t.plain, t.address, i.name AS institution,
  EXISTS (SELECT 1 FROM letter_bounces b WHERE b.letter_id = l.id AND b.action = 'failed')::bool AS bounced
FROM letters l JOIN letter_texts t ON t.letter_id = l.id JOIN institutions i ON i.id = l.institution_id
WHERE l.id = @id AND l.person_id = @person_id AND l.status IN ('planned', 'sending', 'sent', 'failed', 'unknown');

-- name: MarkLetterRead :execrows
UPDATE letters SET read_at = @at WHERE id = @id AND person_id = @person_id AND read_at IS NULL;

-- name: VisibleDocument :one
-- Asked under the web role: no row means that the actor may not open it.
SELECT d.id, d.application_id, d.person_id, d.institution_id, d.file_name, d.media_type, d.size FROM documents d WHERE d.id = @id
UNION ALL
SELECT b.id, b.application_id, b.person_id, b.institution_id, b.file_name, b.media_type, b.size
FROM (SELECT blind_document_file(@id) AS application_id) x JOIN applications a ON a.id = x.application_id CROSS JOIN LATERAL blind_documents(a.id) b WHERE b.id = @id;

-- name: FreePlacesIn :many
-- What is free at each destination of a round; pools are the house's to read.
SELECT d.id, coalesce((SELECT min(p.free) FROM destination_pools dp JOIN pool_places p ON p.pool_id = dp.pool_id WHERE dp.destination_id = d.id), 0)::int AS free
FROM destinations d WHERE d.round_id = @round_id;

-- name: MoveSubject :one
-- Whom and what a move is about, for the page that asks before it is made.
SELECT a.id, a.institution_id, a.call_id, a.round_id, a.person_id, a.unit_id, c.title, c.zone, f.questions, d.name AS lifecycle,
  coalesce((SELECT trim(p.given_names || ' ' || p.family_names) FROM person_facts p WHERE p.person_id = a.person_id AND p.institution_id = a.institution_id), '')::text AS name,
  (SELECT coalesce(array_agg(x.destination_id ORDER BY x.position), '{}') FROM choices x
    WHERE x.submission_id = (SELECT s.id FROM submissions s WHERE s.application_id = a.id ORDER BY s.number DESC LIMIT 1))::uuid[] AS choices,
  coalesce((SELECT s.number FROM submissions s WHERE s.application_id = a.id ORDER BY s.number DESC LIMIT 1), 0)::int AS submissions
FROM applications a JOIN calls c ON c.id = a.call_id JOIN forms f ON f.id = c.form_id JOIN definitions d ON d.id = a.definition_id
WHERE a.id = @id;
