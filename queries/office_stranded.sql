-- name: OfficeStrandedPlaces :many
-- Places that are free while people wait for them, each with who is next: those nobody is asked for by
-- itself any more, because too little time is left to answer (design rule 8).
SELECT DISTINCT ON (r.destination_id) r.destination_id, d.call_id, c.title, i.name AS host, p.free::int AS free,
  r.application_id, a.institution_id, f.given_names, f.family_names, f.phone, pe.email
FROM reserve_places r
JOIN destinations d ON d.id = r.destination_id
JOIN calls c ON c.id = d.call_id
JOIN institutions i ON i.id = d.host_institution_id
JOIN LATERAL (SELECT min(pp.free) AS free FROM destination_pools dp JOIN pool_places pp ON pp.pool_id = dp.pool_id WHERE dp.destination_id = d.id) p ON p.free > 0
JOIN applications a ON a.id = r.application_id
JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
JOIN persons pe ON pe.id = a.person_id
WHERE r.ended_at IS NULL AND d.institution_id = ANY (@institutions::uuid[])
ORDER BY r.destination_id, r.class, r.rank;
