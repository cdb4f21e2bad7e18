-- Candidates of a call, and one file.

-- name: OfficeCandidates :many
-- Files of a call by filter and order. What a page shows of a file is read for the rows of the page alone;
-- what points come to, the scheme alone knows.
WITH list AS (
  SELECT x.id, x.total, row_number() OVER () AS place
  FROM (
    SELECT a.id, count(*) OVER () AS total
    FROM applications a
    JOIN calls c ON c.id = a.call_id
    JOIN schemes h ON h.id = c.scheme_id
    JOIN units u ON u.id = a.unit_id
    LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
    WHERE a.call_id = @call_id AND a.institution_id = ANY (@institutions::uuid[]) AND a.person_id <> @self
      AND (CASE WHEN @phase::text = '' THEN a.phase <> 'draft' ELSE a.phase = @phase END)
      AND (cardinality(@states::text[]) = 0 OR a.state = ANY (@states))
      AND (sqlc.narg(unit_id)::uuid IS NULL OR a.unit_id = sqlc.narg(unit_id))
      AND (sqlc.narg(destination_id)::uuid IS NULL OR EXISTS (
        SELECT 1 FROM choices w JOIN submissions s ON s.id = w.submission_id WHERE w.application_id = a.id AND w.destination_id = sqlc.narg(destination_id)
          AND s.number = (SELECT max(n.number) FROM submissions n WHERE n.application_id = a.id)))
      AND (@named::text = '' OR coalesce(f.given_names || ' ' || f.family_names || ' ' || f.given_names, '') ILIKE '%' || @named || '%')
      AND (NOT @unmarked::bool OR EXISTS (SELECT 1 FROM lacking_marks(a.id, h.marked)))
      AND (NOT @bounced::bool OR a.person_id IN (SELECT b.person_id FROM bounced_addresses b))
    ORDER BY
      CASE WHEN @sort::text = 'unit' AND NOT @descending::bool THEN u.code END,
      CASE WHEN @sort = 'unit' AND @descending THEN u.code END DESC,
      CASE WHEN @sort = 'state' AND NOT @descending THEN a.state END,
      CASE WHEN @sort = 'state' AND @descending THEN a.state END DESC,
      CASE @sort
        WHEN 'average' THEN (SELECT coalesce(k.facts, (blind_content(s.id)).facts) ->> 'average' FROM submissions s LEFT JOIN submission_contents k ON k.submission_id = s.id WHERE s.application_id = a.id ORDER BY s.number DESC LIMIT 1)::numeric
        WHEN 'missing' THEN (SELECT count(*) FROM lacking_marks(a.id, h.marked))::numeric
        WHEN 'moved' THEN extract(epoch FROM a.moved_at)::numeric END * (CASE WHEN @descending THEN -1 ELSE 1 END) NULLS LAST,
      CASE WHEN @sort IN ('', 'name') AND @descending THEN f.family_names COLLATE "und-x-icu" END DESC,
      CASE WHEN @sort IN ('', 'name') AND @descending THEN f.given_names COLLATE "und-x-icu" END DESC,
      f.family_names COLLATE "und-x-icu", f.given_names COLLATE "und-x-icu", a.id
    LIMIT @most OFFSET @skip) x
)
SELECT a.id, a.state, a.phase, a.revision, a.moved_at, a.late, a.held_back, u.code AS unit_code, u.name AS unit,
  coalesce(f.given_names, '')::text AS given_names, coalesce(f.family_names, '')::text AS family_names,
  s.id AS submission_id, s.arrived_at, coalesce(k.facts, (blind_content(s.id)).facts, '{}')::jsonb AS facts, a.candidate, a.unit_id,
  coalesce((SELECT jsonb_object_agg(m.criterion, m.points) FROM (SELECT n.criterion, jsonb_agg(n.points ORDER BY n.assessor_id) AS points FROM marks n WHERE n.application_id = a.id AND n.replaced_at IS NULL GROUP BY n.criterion) m), '{}')::jsonb AS marks,
  list.total::int AS total
FROM list
JOIN applications a ON a.id = list.id
JOIN units u ON u.id = a.unit_id
LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
LEFT JOIN submissions s ON s.application_id = a.id AND s.number = (SELECT max(n.number) FROM submissions n WHERE n.application_id = a.id)
LEFT JOIN submission_contents k ON k.submission_id = s.id -- as shown_facts, which would be planned anew for each row
ORDER BY list.place;

-- name: OfficeChoices :many
SELECT c.submission_id, c.position, c.destination_id, i.name AS host, i.country, d.term
FROM choices c JOIN destinations d ON d.id = c.destination_id JOIN institutions i ON i.id = d.host_institution_id
WHERE c.submission_id = ANY (@submissions::uuid[]) ORDER BY c.submission_id, c.position;

-- name: OfficeFile :one
SELECT a.id, a.institution_id, a.call_id, a.round_id, a.person_id, a.candidate, a.unit_id, a.state, a.phase, a.revision, a.definition_id, a.created_at, a.late, a.held_back,
  c.title, c.zone, c.form_id, c.academic_year, c.selection, c.facts_at, h.id AS scheme_id, h.source AS scheme, u.name AS unit,
  coalesce((SELECT d.closes_at FROM deadlines d WHERE d.round_id = a.round_id AND d.kind = 'closes'), a.created_at)::timestamptz AS closes_at, u.code AS unit_code,
  coalesce(p.email, '')::text AS email, coalesce(p.esi, '')::text AS esi,
  coalesce(f.given_names, '')::text AS given_names, coalesce(f.family_names, '')::text AS family_names, f.birth_date,
  coalesce(f.nationality, '')::text AS nationality, coalesce(f.phone, '')::text AS phone
FROM applications a
JOIN calls c ON c.id = a.call_id
JOIN schemes h ON h.id = c.scheme_id
JOIN units u ON u.id = a.unit_id
LEFT JOIN persons p ON p.id = a.person_id
LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
WHERE a.id = @id AND a.institution_id = ANY (@institutions::uuid[]) AND a.person_id <> @self;

-- name: OfficeQuestions :one
SELECT questions FROM forms WHERE id = @id;

-- name: OfficeSubmissions :many
SELECT s.id, s.number, s.arrived_at, s.late, s.form_id, coalesce(shown_answers(s.id), '{}')::jsonb AS answers, coalesce(shown_facts(s.id), '{}')::jsonb AS facts
FROM submissions s
WHERE s.application_id = @application_id ORDER BY s.number DESC;

-- name: OfficeWishes :many
-- The choices of a submission with what each destination asks for and has left.
SELECT c.position, d.id, i.name AS host, i.city, i.country, d.term, d.cycle, d.isced_f, d.language, d.cefr, d.months, d.starts_on, d.ends_on, d.selected_by,
  n.closes_at AS host_closes_at, n.zone AS host_zone,
  coalesce((SELECT min(p.free) FROM destination_pools dp JOIN pool_places p ON p.pool_id = dp.pool_id WHERE dp.destination_id = d.id), 0)::int AS free,
  w.class AS reserve_class, w.rank AS reserve_rank
FROM choices c
JOIN destinations d ON d.id = c.destination_id
JOIN institutions i ON i.id = d.host_institution_id
LEFT JOIN deadlines n ON n.destination_id = d.id AND n.kind = 'host_nomination'
LEFT JOIN reserve_places w ON w.application_id = c.application_id AND w.destination_id = d.id AND w.ended_at IS NULL
WHERE c.submission_id = @submission_id ORDER BY c.position;

-- name: OfficeDocuments :many
SELECT d.id, d.question, d.destination_id, d.file_name, d.media_type, d.size, d.uploaded_at, s.number
FROM submission_documents sd
JOIN (SELECT x.id, x.question, x.destination_id, x.file_name, x.media_type, x.size, x.uploaded_at FROM documents x WHERE x.application_id = @application_id
  UNION ALL SELECT b.id, b.question, b.destination_id, b.file_name, b.media_type, b.size, b.uploaded_at FROM blind_documents(@application_id) b) d ON d.id = sd.document_id
JOIN submissions s ON s.id = sd.submission_id
WHERE s.application_id = @application_id ORDER BY s.number DESC, d.question, d.file_name;

-- name: OfficeMarks :many
SELECT m.criterion, m.points, m.assessor_id, m.marked_at, m.replaced_at, m.range_min, m.range_max, s.number AS submission, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS assessor
FROM marks m
JOIN submissions s ON s.id = m.submission_id
LEFT JOIN person_facts f ON f.person_id = m.assessor_id AND f.institution_id = m.institution_id
WHERE m.application_id = @application_id ORDER BY m.marked_at DESC, m.id;

-- name: OfficeEvents :many
SELECT e.id, e.revision, e.kind, e.definition_id, coalesce(e.move, '')::text AS move, e.from_state, e.to_state, e.at, e.actor_role,
  coalesce(t.reason, '')::text AS reason, coalesce(m.comment, '')::text AS comment,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS actor, coalesce(e.data ->> 'reason_code', '')::text AS reason_code,
  coalesce((SELECT array_agg(q.question ORDER BY q.question) FROM returned_questions q WHERE q.event_id = e.id), '{}')::text[] AS questions,
  coalesce(i.name, '')::text AS host
FROM events e
LEFT JOIN event_texts t ON t.event_id = e.id
LEFT JOIN event_comments m ON m.event_id = e.id
LEFT JOIN person_facts f ON f.person_id = e.actor_id AND f.institution_id = e.institution_id
LEFT JOIN destinations d ON d.id = (e.data ->> 'destination')::uuid
LEFT JOIN institutions i ON i.id = d.host_institution_id
WHERE e.application_id = @application_id ORDER BY e.revision DESC;

-- name: OfficeLettersOf :many
-- Letters about a file, or to a person, with their text as it was frozen.
SELECT l.id, l.kind, l.recipient, l.language, l.status, l.skip_reason, l.planned_at, l.sent_at, t.subject, t.plain, t.address,
  l.event_id, coalesce(l.cause, '')::text AS cause, (l.overtaken_at IS NOT NULL AND l.status <> 'retracted')::bool AS overtaken,
  coalesce((SELECT b.reason FROM letter_bounces b WHERE b.letter_id = l.id AND b.action = 'failed' ORDER BY b.at DESC LIMIT 1), '')::text AS bounce
FROM letters l LEFT JOIN letter_texts t ON t.letter_id = l.id
WHERE l.institution_id = ANY (@institutions::uuid[])
  AND (l.application_id = sqlc.narg(application_id)::uuid OR l.person_id = sqlc.narg(person_id)::uuid)
ORDER BY l.planned_at DESC, l.id DESC;

-- name: OfficeOffersOf :many
SELECT o.status, o.promoted, o.made_at, o.ended_at, i.name AS host, d.closes_at AS confirm_by
FROM offers o JOIN destinations x ON x.id = o.destination_id JOIN institutions i ON i.id = x.host_institution_id
LEFT JOIN deadlines d ON d.offer_id = o.id AND d.kind = 'confirm_by'
WHERE o.application_id = @application_id ORDER BY o.made_at DESC;

-- name: OfficeNominationsOf :many
SELECT n.id, n.status, n.sent_at, n.answered_at, n.reason_code, n.arrived_on, n.ended_on, i.name AS host
FROM nominations n JOIN institutions i ON i.id = n.host_institution_id
WHERE n.application_id = @application_id ORDER BY n.sent_at DESC;

-- name: OfficeConflictsOf :many
SELECT c.person_id, c.kind, c.declared_by, c.at, c.ended_at, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS barred
FROM conflicts c LEFT JOIN person_facts f ON f.person_id = c.person_id AND f.institution_id = c.institution_id
WHERE c.application_id = @application_id ORDER BY c.at;

-- name: OfficeConflictActs :many
-- What was declared and lifted, by whom and why, newest first; of those conflicts that the reader may know of.
SELECT s.act, s.at, coalesce(trim(w.given_names || ' ' || w.family_names), '')::text AS who,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS barred, coalesce(x.reason, '')::text AS reason
FROM conflicts c
JOIN acts s ON s.subject_id = c.application_id AND s.act IN ('conflict_declared', 'conflict_lifted') AND s.data ->> 'person' = c.person_id::text
LEFT JOIN act_texts x ON x.act_id = s.id
LEFT JOIN person_facts w ON w.person_id = s.actor_id AND w.institution_id = s.institution_id
LEFT JOIN person_facts f ON f.person_id = c.person_id AND f.institution_id = c.institution_id
WHERE c.application_id = @application_id ORDER BY s.at DESC, s.id DESC;

-- name: OfficeElsewhere :many
-- What else the person has under way, as far as the reader sees it.
SELECT a.id, a.state, a.phase, a.definition_id, c.title, c.academic_year
FROM applications a JOIN calls c ON c.id = a.call_id
WHERE a.person_id = @person_id AND a.institution_id = ANY (@institutions::uuid[]) AND a.person_id <> @self
ORDER BY a.created_at DESC;

-- name: OfficeResultOf :many
-- What the newest run says about a file, the published one first: one row for each wish.
SELECT r.id AS ranking_id, r.number, r.status, e.rank AS overall_rank, e.points, c.position, c.outcome, c.rank, c.reserve_rank, c.reason, c.data, i.name AS host
FROM ranking_entries e
JOIN rankings r ON r.id = e.ranking_id
JOIN choice_outcomes c ON c.ranking_id = e.ranking_id AND c.application_id = e.application_id
JOIN destinations d ON d.id = c.destination_id
JOIN institutions i ON i.id = d.host_institution_id
WHERE e.application_id = @application_id AND e.ranking_id = (
  SELECT k.id FROM rankings k JOIN ranking_entries x ON x.ranking_id = k.id AND x.application_id = @application_id
  ORDER BY k.status = 'published' DESC, k.number DESC LIMIT 1)
ORDER BY c.position;
