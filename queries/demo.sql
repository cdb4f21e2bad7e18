-- What the demo's pages and its seed read; every one of them answers in a demo alone.

-- name: MoveClock :one
-- Forward only: the table refuses anything else, as it does outside a demo.
UPDATE installation SET clock_offset = clock_offset + make_interval(secs => @seconds::double precision) WHERE kind = 'demo'
RETURNING (extract(epoch FROM clock_offset) * 1000000)::bigint AS clock_offset;

-- name: DemoStaff :many
-- Who works where, with the units their role reaches.
SELECT p.id, p.email, coalesce(f.given_names, '')::text AS given_names, coalesce(f.family_names, '')::text AS family_names,
  r.role, r.institution_id, i.name AS institution, r.unit_id, coalesce(u.code, '')::text AS unit_code, u.name AS unit_name
FROM installation d, roles r
JOIN persons p ON p.id = r.person_id
JOIN institutions i ON i.id = r.institution_id
LEFT JOIN units u ON u.id = r.unit_id
LEFT JOIN person_facts f ON f.person_id = p.id AND f.institution_id = r.institution_id
WHERE d.kind = 'demo' AND r.valid_to IS NULL AND r.call_id IS NULL AND p.erased_at IS NULL
ORDER BY i.name, u.code NULLS FIRST, f.family_names, p.id;

-- name: DemoStudents :many
-- The cast first; of a world of many thousands no more than the page can show.
SELECT p.id, p.email, f.given_names, f.family_names, f.institution_id, a.unit_id, u.code AS unit_code, u.name AS unit_name, coalesce(a.cycle, 0)::int AS cycle
FROM installation d, affiliations a
JOIN persons p ON p.id = a.person_id
JOIN units u ON u.id = a.unit_id
JOIN person_facts f ON f.person_id = p.id AND f.institution_id = a.institution_id
JOIN (SELECT c.id FROM affiliations f JOIN persons c ON c.id = f.person_id WHERE f.kind = 'student' AND c.erased_at IS NULL
  ORDER BY c.esi LIKE '%:demo%' DESC NULLS FIRST, c.id LIMIT @most::int) shown ON shown.id = p.id
WHERE d.kind = 'demo' AND a.kind = 'student'
ORDER BY u.code, f.family_names, f.given_names, p.id;

-- name: DemoStandings :many
-- Where everybody's applications stand, the newest call first.
SELECT a.id, a.person_id, a.call_id, a.round_id, a.state, a.phase, a.definition_id, a.revision, c.title AS call_title
FROM installation d, applications a JOIN calls c ON c.id = a.call_id
WHERE d.kind = 'demo' AND a.person_id = ANY (@person_ids::uuid[]) ORDER BY a.created_at DESC, a.id;

-- name: DemoStates :many
SELECT id, state FROM applications WHERE call_id = @call_id;

-- name: DemoDefinitions :many
SELECT id, name, source FROM definitions ORDER BY id;

-- name: DemoHosts :many
-- Addresses of record that got a link, each once.
SELECT DISTINCT h.name AS institution, lower(l.address)::text AS address
FROM installation d, host_links l JOIN institutions h ON h.id = l.host_institution_id
WHERE d.kind = 'demo' ORDER BY 1, 2;

-- name: DemoDeadlines :many
-- What the clock will bring next, those of one instant and call together. One's own deadlines
-- count only while they still bind somebody.
SELECT d.kind, d.closes_at, min(d.zone)::text AS zone, c.title AS call_title, count(*)::int AS number
FROM installation i, deadlines d
LEFT JOIN rounds r ON r.id = d.round_id
LEFT JOIN destinations t ON t.id = d.destination_id
LEFT JOIN applications a ON a.id = d.application_id
LEFT JOIN offers o ON o.id = d.offer_id
LEFT JOIN applications oa ON oa.id = o.application_id
JOIN calls c ON c.id = coalesce(r.call_id, t.call_id, a.call_id, oa.call_id)
WHERE i.kind = 'demo' AND c.opened_at IS NOT NULL AND d.closes_at > @now::timestamptz
  AND d.kind NOT IN ('stay_begins', 'stay_ends') -- nothing happens then by itself
  AND (d.offer_id IS NULL OR o.status = 'open')
  AND (d.application_id IS NULL OR a.phase <> 'closed')
GROUP BY d.kind, d.closes_at, c.id, c.title
ORDER BY d.closes_at, d.kind, c.id
LIMIT @most::int;

-- name: DemoRounds :many
SELECT r.id, r.number, closing.closes_at, assessed.closes_at AS assess_by
FROM rounds r
JOIN deadlines closing ON closing.round_id = r.id AND closing.kind = 'closes'
LEFT JOIN deadlines assessed ON assessed.round_id = r.id AND assessed.kind = 'assess_by'
WHERE r.call_id = @call_id ORDER BY r.number;

-- name: DemoDeadlineOf :one
SELECT id FROM deadlines WHERE round_id = @round_id AND kind = @kind;

-- name: DemoHolidays :exec
INSERT INTO holidays (institution_id, day) SELECT @institution_id, unnest(@days::date[]) ON CONFLICT DO NOTHING;

-- name: DemoDestinations :many
SELECT t.id, t.unit_id, t.term, t.language, coalesce(t.cycle, 0)::int AS cycle, t.starts_on, t.ends_on,
  (SELECT min(e.code) FROM erasmus_codes e WHERE e.institution_id = t.host_institution_id)::text AS host_code
FROM destinations t WHERE t.call_id = @call_id ORDER BY t.unit_id, host_code, t.term, t.isced_f, t.id;

-- name: DemoHostLink :one
-- The newest link by which the host of an application's live nomination answers.
SELECT l.id, l.host_institution_id
FROM nominations n JOIN applications a ON a.id = n.application_id
JOIN host_links l ON l.call_id = a.call_id AND l.host_institution_id = n.host_institution_id
WHERE a.id = @application_id AND n.status IN ('sent', 'accepted') AND l.revoked_at IS NULL
ORDER BY l.created_at DESC, l.id DESC LIMIT 1;

-- name: DemoRankingHash :one
SELECT result_hash FROM rankings WHERE id = @id;

-- name: IsSeededDemo :one
-- A demo that has a call was begun before; one that names its world is whole.
SELECT (EXISTS (SELECT 1 FROM installation WHERE kind = 'demo'))::bool AS demo, (EXISTS (SELECT 1 FROM calls))::bool AS begun,
  coalesce((SELECT world FROM installation), '')::text AS world;

-- name: DemoIsWhole :exec
UPDATE installation SET world = @world WHERE kind = 'demo';

-- name: DemoNothingIsLate :exec
-- What a seed plans of reminders was due in a past in which nobody was there to send it.
UPDATE letters SET data = data || '{"moved": true}' WHERE queue = 'reminders' AND status = 'planned';

-- name: DemoPlace :one
-- The destination of an application's live nomination.
SELECT destination_id FROM nominations WHERE application_id = @application_id AND status IN ('sent', 'accepted');

-- name: DemoUnits :many
SELECT id, code FROM units WHERE institution_id = @institution_id ORDER BY code;
