-- What exports write: rows as the importers read them, and applications with what became of them.

-- name: ExportUnits :many
SELECT u.code, u.name, coalesce(p.code, '') AS parent FROM units u LEFT JOIN units p ON p.id = u.parent_id
WHERE u.institution_id = @institution_id ORDER BY u.code;

-- name: ExportAgreements :many
-- A host with several codes is named by the first.
SELECT u.code AS unit, coalesce((SELECT min(c.code) FROM erasmus_codes c WHERE c.institution_id = g.host_institution_id), '')::text AS host_code,
  g.isced_f, g.cycle, g.places, g.months, g.language, g.cefr, g.term, g.academic_year, g.nomination_wall,
  coalesce(g.nomination_zone, '') AS nomination_zone, g.home_agreement_id, g.host_agreement_id, g.selected_by
FROM agreements g JOIN units u ON u.id = g.unit_id WHERE g.institution_id = @institution_id
ORDER BY g.academic_year, u.code, host_code, g.home_agreement_id, g.isced_f, g.cycle, g.term, g.id;

-- name: ExportPeople :many
-- Students, each where they study by the newest import.
SELECT * FROM (
  SELECT DISTINCT ON (a.person_id) f.given_names, f.family_names, f.birth_date, f.nationality, f.gender, p.email, coalesce(p.esi, '')::text AS esi,
    u.code AS unit, a.cycle, a.field, a.year, a.average, a.credits
  FROM affiliations a
  JOIN units u ON u.id = a.unit_id
  JOIN persons p ON p.id = a.person_id AND p.erased_at IS NULL
  JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
  WHERE a.institution_id = @institution_id AND a.kind = 'student'
  ORDER BY a.person_id, a.imported_at DESC, u.code) s
ORDER BY unit, family_names, given_names, email;

-- name: ExportApplications :many
-- A result the office holds back by name is not out yet, and not told.
SELECT a.id, coalesce(f.family_names, '')::text AS family_names, coalesce(f.given_names, '')::text AS given_names,
  CASE WHEN p.erased_at IS NULL THEN p.email ELSE '' END::text AS email, coalesce(p.esi, '')::text AS esi,
  u.code AS unit, c.id AS call_id, c.title, c.programme, c.academic_year, c.zone, r.number AS round, a.state, a.phase,
  b.arrived_at AS submitted_at,
  e.points, e.rank, coalesce(e.outcome, '')::text AS outcome,
  coalesce(o.status, '')::text AS offer, coalesce(oc.code, '')::text AS offer_host_code,
  coalesce(n.status, '')::text AS nomination, coalesce(nc.code, '')::text AS host_code, n.arrived_on, n.ended_on
FROM applications a
JOIN persons p ON p.id = a.person_id
JOIN units u ON u.id = a.unit_id
JOIN calls c ON c.id = a.call_id
JOIN rounds r ON r.id = a.round_id
LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
LEFT JOIN submissions b ON b.application_id = a.id AND b.number = (SELECT max(s.number) FROM submissions s WHERE s.application_id = a.id)
LEFT JOIN rankings k ON k.round_id = a.round_id AND k.status = 'published'
LEFT JOIN ranking_entries e ON e.ranking_id = k.id AND e.application_id = a.id AND a.held_back = ''
LEFT JOIN offers o ON o.application_id = a.id AND o.status IN ('open', 'confirmed')
LEFT JOIN destinations od ON od.id = o.destination_id
LEFT JOIN LATERAL (SELECT min(x.code) AS code FROM erasmus_codes x WHERE x.institution_id = od.host_institution_id) oc ON true
LEFT JOIN LATERAL (
  SELECT m.status, m.host_institution_id, m.arrived_on, m.ended_on FROM nominations m WHERE m.application_id = a.id
  ORDER BY m.status NOT IN ('draft', 'sent', 'accepted'), m.sent_at DESC NULLS LAST, m.id LIMIT 1) n ON true
LEFT JOIN LATERAL (SELECT min(x.code) AS code FROM erasmus_codes x WHERE x.institution_id = n.host_institution_id) nc ON true
WHERE a.institution_id = @institution_id AND (sqlc.narg(call_id)::uuid IS NULL OR a.call_id = sqlc.narg(call_id)::uuid)
ORDER BY c.academic_year, c.id, r.number, family_names, given_names, a.id;

-- name: ExportedCall :one
SELECT id FROM calls WHERE id = @id AND institution_id = @institution_id;
