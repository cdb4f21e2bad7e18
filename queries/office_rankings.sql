-- Rankings as drafts to be looked at and as published results; nominations.

-- name: OfficeRankings :many
SELECT r.id, r.number, r.status, r.computed_at, r.published_at, r.result_hash, n.number AS round,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS computed_by,
  (SELECT count(*) FROM ranking_entries e WHERE e.ranking_id = r.id)::int AS entries,
  (SELECT count(*) FROM ranking_entries e WHERE e.ranking_id = r.id AND e.outcome = 'placed')::int AS placed,
  (SELECT count(*) FROM ranking_entries e WHERE e.ranking_id = r.id AND e.outcome = 'reserve')::int AS waiting
FROM rankings r JOIN rounds n ON n.id = r.round_id
LEFT JOIN person_facts f ON f.person_id = r.computed_by AND f.institution_id = r.institution_id
WHERE r.call_id = @call_id ORDER BY n.number DESC, r.number DESC;

-- name: OfficeRanking :one
SELECT r.id, r.institution_id, r.call_id, r.round_id, r.number, r.status, r.engine, r.method, r.input_hash, r.result_hash, r.computed_at, r.published_at,
  c.title, c.zone, c.definition_id, c.selection, h.source AS scheme, q.questions, n.number AS round,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS computed_by,
  coalesce(trim(g.given_names || ' ' || g.family_names), '')::text AS published_by
FROM rankings r JOIN calls c ON c.id = r.call_id JOIN schemes h ON h.id = coalesce(r.scheme_id, c.scheme_id) JOIN forms q ON q.id = c.form_id JOIN rounds n ON n.id = r.round_id
LEFT JOIN person_facts f ON f.person_id = r.computed_by AND f.institution_id = r.institution_id
LEFT JOIN person_facts g ON g.person_id = r.published_by AND g.institution_id = r.institution_id
WHERE r.id = @id AND r.institution_id = ANY (@institutions::uuid[]);

-- name: OfficeEntries :many
-- Entries of a run, those the reader sees, by rank.
SELECT e.application_id, e.rank, e.points, coalesce(b.breakdown, '{}')::jsonb AS breakdown, e.given, e.grant_rank, e.outcome, e.reason, e.data, a.state, a.held_back, u.code AS unit,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name, coalesce(i.name, '')::text AS host
FROM ranking_entries e
JOIN applications a ON a.id = e.application_id
LEFT JOIN ranking_details b ON b.ranking_id = e.ranking_id AND b.application_id = e.application_id
JOIN units u ON u.id = a.unit_id
LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
LEFT JOIN destinations d ON d.id = e.destination_id
LEFT JOIN institutions i ON i.id = d.host_institution_id
WHERE e.ranking_id = @ranking_id AND e.application_id = ANY (@applications::uuid[]) AND a.person_id <> @self
ORDER BY (e.rank = 0), e.rank, e.application_id;

-- name: OfficeReached :many
-- Which files of a round the reader sees, for narrowing what is known of a run.
SELECT a.id FROM applications a WHERE a.round_id = @round_id AND a.person_id <> @self;

-- name: OfficeChoiceOutcomes :many
SELECT c.application_id, c.destination_id, c.position, c.points, c.outcome, c.rank, c.reserve_rank, c.reason, c.data, i.name AS host
FROM choice_outcomes c JOIN destinations d ON d.id = c.destination_id JOIN institutions i ON i.id = d.host_institution_id
WHERE c.ranking_id = @ranking_id AND c.application_id = ANY (@applications::uuid[]) ORDER BY c.application_id, c.position;

-- name: OfficeRoundPlaces :many
-- The destinations of a round with their places; a barred one shows no figures before publication.
SELECT d.id, i.name AS host, d.term, u.code AS unit,
  coalesce((SELECT min(p.places + p.overbooked) FROM destination_pools dp JOIN pools p ON p.id = dp.pool_id WHERE dp.destination_id = d.id), 0)::int AS places,
  (d.id = ANY ((SELECT barred_destinations())::uuid[]))::bool AS barred
FROM destinations d
JOIN institutions i ON i.id = d.host_institution_id
JOIN units u ON u.id = d.unit_id
WHERE d.round_id = @round_id ORDER BY i.name, d.term, d.id;

-- name: OfficeLetterPlan :many
-- How many entries lead to which letters, but those unseen: the definition names them for a state and an outcome.
SELECT l.state::text AS state, l.outcome::text AS outcome, l.language::text AS language, l.held::bool AS held, l.files::int AS files
FROM letter_plan(@ranking_id::uuid, @unseen::uuid[]) l;

-- name: OfficeHeldBack :many
SELECT a.id, a.held_back, e.outcome, e.rank, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name,
  (d.dropped_at IS NOT NULL)::bool AS gone
FROM applications a JOIN ranking_entries e ON e.application_id = a.id AND e.ranking_id = @ranking_id
LEFT JOIN destinations d ON d.id = e.destination_id
LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
WHERE a.round_id = @round_id AND a.held_back <> '' AND a.person_id <> @self ORDER BY e.rank, a.id;

-- name: OfficeUnranked :many
-- Who applied in the round and is not in the run.
SELECT a.id, a.state, a.phase, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name
FROM applications a LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
WHERE a.id IN (SELECT unranked_applications(@ranking_id::uuid)) AND a.person_id <> @self
ORDER BY f.family_names COLLATE "und-x-icu", a.id;

-- name: OfficeEntryState :one
-- Where one entry of a run would go: for the letter it leads to.
SELECT e.outcome, e.rank, a.state, a.revision, a.held_back, a.definition_id, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name
FROM ranking_entries e JOIN applications a ON a.id = e.application_id
LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
WHERE e.ranking_id = @ranking_id AND e.application_id = @application_id AND a.person_id <> @self;

-- name: OfficePublishedLetters :many
SELECT l.kind, l.status, count(*)::int AS letters FROM letters l
WHERE l.call_id = @call_id AND l.data ->> 'ranking' = @ranking::text GROUP BY l.kind, l.status ORDER BY l.kind, l.status;

-- name: OfficeToNominate :many
-- Files in the given states with the destination they stand at: where the offer is, else the first choice at a host that selects for itself.
SELECT a.id, a.state, a.revision, u.code AS unit, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name,
  d.id AS destination_id, d.term, i.id AS host_id, i.name AS host, n.closes_at AS host_closes_at, n.zone AS host_zone
FROM applications a
JOIN units u ON u.id = a.unit_id
LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
JOIN destinations d ON d.id = coalesce(
  (SELECT o.destination_id FROM offers o WHERE o.application_id = a.id AND o.status = 'confirmed'),
  (SELECT c.destination_id FROM choices c JOIN submissions s ON s.id = c.submission_id JOIN destinations x ON x.id = c.destination_id
    WHERE c.application_id = a.id AND x.selected_by = 'host' ORDER BY s.number DESC, c.position LIMIT 1))
JOIN institutions i ON i.id = d.host_institution_id
LEFT JOIN deadlines n ON n.destination_id = d.id AND n.kind = 'host_nomination'
WHERE a.call_id = @call_id AND a.state = ANY (@states::text[]) AND a.person_id <> @self
  AND NOT EXISTS (SELECT 1 FROM nominations l WHERE l.application_id = a.id AND l.status IN ('draft', 'sent', 'accepted'))
ORDER BY n.closes_at NULLS LAST, i.name, f.family_names COLLATE "und-x-icu", a.id;

-- name: OfficeNominations :many
SELECT n.id, n.status, n.sent_at, n.answered_at, n.reason_code, n.arrived_on, a.id AS application_id, a.state, a.phase, i.name AS host, d.term,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name, t.closes_at AS answer_by
FROM nominations n
JOIN applications a ON a.id = n.application_id
JOIN institutions i ON i.id = n.host_institution_id
JOIN destinations d ON d.id = n.destination_id
LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
LEFT JOIN deadlines t ON t.application_id = a.id AND t.kind = 'host_answer'
WHERE a.call_id = @call_id AND a.person_id <> @self
ORDER BY n.status = 'sent' DESC, n.answered_at DESC NULLS FIRST, i.name, n.id;

-- name: OfficeHostLinks :many
SELECT l.id, i.name AS host, l.address, l.created_at, l.expires_at, l.revoked_at,
  (SELECT count(*) FROM access_lines x WHERE x.host_link_id = l.id)::int AS visits,
  coalesce((SELECT max(x.at) FROM access_lines x WHERE x.host_link_id = l.id), '0001-01-01')::timestamptz AS last_visit,
  coalesce((SELECT b.letter_id FROM letter_bounces b JOIN letters x ON x.id = b.letter_id WHERE b.action = 'failed' AND b.settled_at IS NULL
    AND x.call_id = l.call_id AND x.recipient = 'host' AND (x.data ->> 'host_link')::uuid = l.id LIMIT 1), '00000000-0000-0000-0000-000000000000')::uuid AS came_back
FROM host_links l JOIN institutions i ON i.id = l.host_institution_id
WHERE l.call_id = @call_id AND l.institution_id = ANY (@institutions::uuid[]) ORDER BY l.created_at DESC;

-- name: OfficeLetterReader :one
-- Whom an entry's letters go to, in which language, and those planned by its publication.
SELECT a.person_id, coalesce(nullif(p.language, ''), nullif(i.language, ''), 'en')::text AS language,
  coalesce((SELECT array_agg(l.id ORDER BY l.planned_at) FROM letters l WHERE l.application_id = a.id AND l.data ->> 'ranking' = @ranking::text), '{}')::uuid[] AS planned
FROM applications a JOIN institutions i ON i.id = a.institution_id LEFT JOIN persons p ON p.id = a.person_id
WHERE a.id = @application_id;

-- name: OfficeRivals :many
-- The files that tell how a destination comes out which a file names that the reader is barred from.
SELECT unnest(barred_rivals())::uuid AS id;

-- name: OfficeHidden :many
-- The files of a round hidden from somebody who reaches all others: their own, and those they are barred from.
SELECT c.application_id::uuid AS id FROM conflicts c WHERE c.person_id = @self AND c.ended_at IS NULL
UNION SELECT a.id FROM applications a WHERE a.round_id = @round_id AND a.person_id = @self;
