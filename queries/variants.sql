-- What-if: variants of a run.

-- name: NextVariantNumber :one
SELECT (coalesce(max(number), 0) + 1)::int AS number FROM variants WHERE ranking_id = @ranking_id;

-- name: AddVariant :exec
INSERT INTO variants (id, institution_id, call_id, ranking_id, number, name, changes, input_hash, result, result_hash, tried_at, tried_by)
VALUES (@id, @institution_id, @call_id, @ranking_id, @number, @name, @changes, @input_hash, @result, @result_hash, @tried_at, @tried_by);

-- name: RankingForVariant :one
SELECT id, round_id, call_id, institution_id, status, input_hash, values_hash, engine FROM rankings WHERE id = @id;

-- name: BarredFromRound :one
-- Whether a conflict of interest, or a file of their own, bars the person from what a round would come to.
SELECT (@round_id::uuid = ANY (barred_rounds()))::bool AS barred;

-- name: VariantsOfRanking :many
SELECT v.id, v.number, v.name, v.changes, v.result, v.tried_at, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS tried_by
FROM variants v LEFT JOIN person_facts f ON f.person_id = v.tried_by AND f.institution_id = v.institution_id
WHERE v.ranking_id = @ranking_id ORDER BY v.number;

-- name: VariantByID :one
SELECT id, ranking_id FROM variants WHERE id = @id;

-- name: VariantPeople :many
-- Who is in a run, for naming and counting those who move.
SELECT a.id, u.code AS unit, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name,
  coalesce(f.gender::text, '')::text AS gender, coalesce(sc.facts ->> 'cycle', '')::text AS cycle
FROM applications a
JOIN units u ON u.id = a.unit_id
LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
LEFT JOIN LATERAL (SELECT b.id FROM submissions b WHERE b.application_id = a.id ORDER BY b.number DESC LIMIT 1) s ON true
LEFT JOIN submission_contents sc ON sc.submission_id = s.id
WHERE a.round_id = @round_id;

-- name: VariantPools :many
-- What a variant may give more or less of: the places, quotas and money that a round draws on.
SELECT p.id, p.kind, p.label, coalesce(p.term, '')::text AS term, (p.places + p.overbooked)::int AS places, v.free::int AS free,
  coalesce((SELECT string_agg(DISTINCT i.name, ', ') FROM destination_pools dp JOIN destinations d ON d.id = dp.destination_id
    JOIN institutions i ON i.id = d.host_institution_id WHERE dp.pool_id = p.id AND d.round_id = @round_id), '')::text AS hosts
FROM pools p JOIN pool_places v ON v.pool_id = p.id
WHERE p.call_id = @call_id AND p.dropped_at IS NULL
   OR EXISTS (SELECT 1 FROM destination_pools dp JOIN destinations d ON d.id = dp.destination_id WHERE dp.pool_id = p.id AND d.round_id = @round_id)
ORDER BY p.kind, hosts, p.id;

-- name: RankingInputText :one
SELECT coalesce(ranking_input(@id), '')::text AS input;
