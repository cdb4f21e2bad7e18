-- What the values of a scheme are read from. Asked under the work role for a ranking, under the web role for pages.

-- name: ValueSources :many
-- The newest submission of each application, with the imported values as of an instant where one is given.
SELECT a.id, a.person_id, a.unit_id, u.code AS unit, s.id AS submission_id, s.arrived_at,
  coalesce(k.answers, (blind_content(s.id)).answers, '{}')::jsonb AS answers, coalesce(k.facts, (blind_content(s.id)).facts, '{}')::jsonb AS facts,
  coalesce((SELECT v.facts FROM imported_values v WHERE v.person_id = a.person_id AND v.unit_id = a.unit_id
    AND v.at <= sqlc.narg(facts_at)::timestamptz ORDER BY v.at DESC, v.id DESC LIMIT 1), '{}')::jsonb AS frozen,
  coalesce((SELECT array_agg(DISTINCT d.question || coalesce('@' || d.destination_id, '') ORDER BY d.question || coalesce('@' || d.destination_id, ''))
    FROM submission_documents sd JOIN documents d ON d.id = sd.document_id WHERE sd.submission_id = s.id), '{}')::text[] AS files
FROM applications a JOIN units u ON u.id = a.unit_id
JOIN LATERAL (SELECT b.id, b.arrived_at FROM submissions b WHERE b.application_id = a.id ORDER BY b.number DESC LIMIT 1) s ON true
LEFT JOIN submission_contents k ON k.submission_id = s.id -- as shown_answers and shown_facts, which would be planned anew for each row
WHERE a.id = ANY (@applications::uuid[]) ORDER BY a.id;

-- name: ValueChoices :many
SELECT c.application_id, c.position, c.destination_id, d.cycle, d.selected_by, d.language, d.cefr, d.term, d.isced_f, d.months, (d.dropped_at IS NOT NULL)::bool AS dropped,
  u.code AS unit, i.country, coalesce((SELECT min(e.code) FROM erasmus_codes e WHERE e.institution_id = i.id), '')::text AS host
FROM choices c JOIN destinations d ON d.id = c.destination_id JOIN institutions i ON i.id = d.host_institution_id JOIN units u ON u.id = d.unit_id
WHERE c.submission_id = ANY (@submissions::uuid[]) ORDER BY c.application_id, c.position;

-- name: ValueMarks :many
SELECT m.application_id, m.criterion, m.points FROM marks m
WHERE m.application_id = ANY (@applications::uuid[]) AND m.replaced_at IS NULL ORDER BY m.application_id, m.criterion, m.points, m.id;

-- name: ValueVetoes :many
SELECT v.application_id, v.destination_id, v.gate FROM vetoes v
WHERE v.application_id = ANY (@applications::uuid[]) AND v.ended_at IS NULL ORDER BY v.application_id, v.gate, v.id;

-- name: PersonsRecord :many
-- Earlier mobilities, waivers and applications of people: what went through here, and what was imported.
SELECT x.person_id, x.kind, x.programme, coalesce(x.cycle, 0)::int AS cycle, x.began_on::date AS began_on, x.months::numeric AS months, x.application_id
FROM (
  SELECT p.person_id, p.kind, p.programme, p.cycle::int AS cycle, p.began_on, p.months, NULL::uuid AS application_id
  FROM past_mobilities p WHERE p.institution_id = @institution_id AND p.person_id = ANY (@persons::uuid[])
  UNION ALL
  SELECT a.person_id, 'mobility', c.programme, af.cycle::int, n.arrived_on,
    CASE WHEN n.ended_on IS NULL THEN d.months ELSE round((n.ended_on - n.arrived_on + 1) / 30.0, 1) END, a.id
  FROM applications a JOIN calls c ON c.id = a.call_id JOIN nominations n ON n.application_id = a.id AND n.status = 'accepted' AND n.arrived_on IS NOT NULL
  JOIN destinations d ON d.id = n.destination_id LEFT JOIN affiliations af ON af.person_id = a.person_id AND af.unit_id = a.unit_id
  WHERE a.institution_id = @institution_id AND a.person_id = ANY (@persons::uuid[])
  UNION ALL
  SELECT a.person_id, 'waiver', c.programme, af.cycle::int, e.at::date, 0, a.id
  FROM applications a JOIN calls c ON c.id = a.call_id JOIN events e ON e.application_id = a.id AND e.kind = 'move' AND e.actor_role = 'applicant'
  JOIN definition_states f ON f.definition_id = e.definition_id AND f.name = e.from_state AND f.offer = 'confirmed'
  JOIN definition_states t ON t.definition_id = e.definition_id AND t.name = e.to_state AND t.phase = 'closed' AND t.offer = 'none'
  LEFT JOIN affiliations af ON af.person_id = a.person_id AND af.unit_id = a.unit_id
  WHERE a.institution_id = @institution_id AND a.person_id = ANY (@persons::uuid[])
  UNION ALL
  SELECT a.person_id, 'application', c.programme, af.cycle::int, (SELECT min(s.arrived_at) FROM submissions s WHERE s.application_id = a.id)::date, 0, a.id
  FROM applications a JOIN calls c ON c.id = a.call_id LEFT JOIN affiliations af ON af.person_id = a.person_id AND af.unit_id = a.unit_id
  WHERE a.institution_id = @institution_id AND a.person_id = ANY (@persons::uuid[]) AND EXISTS (SELECT 1 FROM submissions s WHERE s.application_id = a.id)) x
ORDER BY x.person_id, x.kind, x.began_on, x.programme, x.application_id;

-- name: BasisCandidates :many
-- Every application of a round that was submitted and has not ended, with what the allocation asks beside its values.
SELECT a.id, a.person_id, a.state, f.salt,
  unit_codes(a.unit_id)::text[] AS units,
  (SELECT h.destination_id FROM placements h WHERE h.application_id = a.id AND h.replaced_at IS NULL) AS hand
FROM applications a LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
WHERE a.round_id = @round_id AND a.phase NOT IN ('draft', 'closed') AND EXISTS (SELECT 1 FROM submissions s WHERE s.application_id = a.id)
ORDER BY a.id;

-- name: EraseRankingDetails :exec
DELETE FROM ranking_details USING rankings r WHERE r.id = ranking_details.ranking_id AND ranking_details.person_id = @person_id AND r.institution_id = ANY (@institutions::uuid[]);

-- name: EraseVetoTexts :exec
DELETE FROM veto_texts USING vetoes v WHERE v.id = veto_texts.veto_id AND veto_texts.person_id = @person_id AND v.institution_id = ANY (@institutions::uuid[]);

-- name: ErasePlacementTexts :exec
DELETE FROM placement_texts USING placements p WHERE p.id = placement_texts.placement_id AND placement_texts.person_id = @person_id AND p.institution_id = ANY (@institutions::uuid[]);

-- name: EraseImportedValues :exec
DELETE FROM imported_values WHERE person_id = @person_id AND institution_id = ANY (@institutions::uuid[]);

-- name: ErasePastMobilities :exec
DELETE FROM past_mobilities WHERE person_id = @person_id AND institution_id = ANY (@institutions::uuid[]);

-- name: PublishedSchemes :many
SELECT r.id, r.input, r.values_hash, h.source FROM rankings r JOIN schemes h ON h.id = r.scheme_id WHERE r.status = 'published' ORDER BY r.id;

-- name: RankingValues :many
-- In order of application; what was erased is missing.
SELECT e.application_id, e.values_hash, d.inputs, f.salt
FROM ranking_entries e JOIN applications a ON a.id = e.application_id
LEFT JOIN ranking_details d ON d.ranking_id = e.ranking_id AND d.application_id = e.application_id
LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
WHERE e.ranking_id = @ranking_id ORDER BY e.application_id;

-- name: AddVeto :execrows
INSERT INTO vetoes (id, institution_id, application_id, destination_id, gate, made_by, made_at)
VALUES (@id, @institution_id, @application_id, sqlc.narg(destination_id), @gate, @made_by, @made_at)
ON CONFLICT (application_id, gate, coalesce(destination_id, application_id)) WHERE ended_at IS NULL DO NOTHING;

-- name: AddVetoText :exec
INSERT INTO veto_texts (veto_id, person_id, reason) VALUES (@veto_id, @person_id, @reason);

-- name: EndVeto :execrows
UPDATE vetoes SET ended_at = @ended_at, ended_by = @ended_by
WHERE application_id = @application_id AND gate = @gate AND destination_id IS NOT DISTINCT FROM sqlc.narg(destination_id)::uuid AND ended_at IS NULL;

-- name: ReplacePlacement :exec
UPDATE placements SET replaced_at = @at WHERE application_id = @application_id AND replaced_at IS NULL;

-- name: AddPlacement :exec
INSERT INTO placements (id, institution_id, application_id, destination_id, made_by, made_at)
VALUES (@id, @institution_id, @application_id, sqlc.narg(destination_id), @made_by, @made_at);

-- name: AddPlacementText :exec
INSERT INTO placement_texts (placement_id, person_id, reason) VALUES (@placement_id, @person_id, @reason);

-- name: OfficeVetoes :many
-- What stands against a file, for the house.
SELECT v.id, v.destination_id, v.gate, v.made_at, coalesce(t.reason, '')::text AS reason
FROM vetoes v LEFT JOIN veto_texts t ON t.veto_id = v.id WHERE v.application_id = @application_id AND v.ended_at IS NULL ORDER BY v.gate, v.id;

-- name: OfficePlacement :many
-- Where a file is placed by hand; none: nobody decided yet.
SELECT p.destination_id, p.made_at, coalesce(t.reason, '')::text AS reason
FROM placements p LEFT JOIN placement_texts t ON t.placement_id = p.id WHERE p.application_id = @application_id AND p.replaced_at IS NULL;
