-- What everybody may read: open calls, what they ask and where they lead.

-- name: PublicCalls :many
-- Every opened call with the round that matters now: the next to close, else the last that closed.
SELECT c.id, c.title, c.programme, c.academic_year, c.zone, c.registration, i.name AS institution, i.city, i.country,
  r.id AS round_id, r.number AS round, coalesce(o.closes_at, c.opened_at)::timestamptz AS opens_at, d.closes_at,
  (SELECT coalesce(sum(g.places), 0) FROM destinations x JOIN agreements g ON g.id = x.agreement_id WHERE x.round_id = r.id AND x.dropped_at IS NULL)::int AS places,
  (SELECT count(*) FROM destinations x WHERE x.round_id = r.id AND x.dropped_at IS NULL)::int AS destinations,
  (SELECT coalesce(jsonb_agg(u.name ORDER BY u.code), '[]') FROM call_units cu JOIN units u ON u.id = cu.unit_id WHERE cu.call_id = c.id)::jsonb AS units
FROM calls c
JOIN institutions i ON i.id = c.institution_id
JOIN LATERAL (
  SELECT x.id, x.number FROM rounds x JOIN deadlines l ON l.round_id = x.id AND l.kind = 'closes' WHERE x.call_id = c.id
  ORDER BY (l.closes_at > @now::timestamptz) DESC, CASE WHEN l.closes_at > @now::timestamptz THEN l.closes_at END, l.closes_at DESC LIMIT 1) r ON true
JOIN deadlines d ON d.round_id = r.id AND d.kind = 'closes'
LEFT JOIN deadlines o ON o.round_id = r.id AND o.kind = 'opens'
WHERE c.opened_at <= @now::timestamptz
ORDER BY d.closes_at, c.id;

-- name: PublicCall :one
SELECT c.id, c.institution_id, c.title, c.programme, c.academic_year, c.description, c.requirements, c.zone, c.definition_id, c.max_choices, c.max_languages,
  c.min_ects, c.min_days, c.max_days, c.confirm_days, c.promotion_days, c.confirm_hour, c.selection, c.facts_at, c.seed_hash,
  c.registration, c.contact_email, c.contact_phone, c.appeal, c.opened_at, s.source AS scheme, f.questions, l.name AS lifecycle,
  i.name AS institution, i.city, i.country, i.website,
  (SELECT coalesce(jsonb_agg(u.name ORDER BY u.code), '[]') FROM call_units cu JOIN units u ON u.id = cu.unit_id WHERE cu.call_id = c.id)::jsonb AS units
FROM calls c
JOIN institutions i ON i.id = c.institution_id
JOIN schemes s ON s.id = c.scheme_id
JOIN forms f ON f.id = c.form_id
JOIN definitions l ON l.id = c.definition_id
WHERE c.id = @id;

-- name: PublicRounds :many
SELECT r.id, r.number, coalesce(o.closes_at, c.opened_at, '-infinity')::timestamptz AS opens_at, d.closes_at, d.zone
FROM rounds r
JOIN calls c ON c.id = r.call_id
JOIN deadlines d ON d.round_id = r.id AND d.kind = 'closes'
LEFT JOIN deadlines o ON o.round_id = r.id AND o.kind = 'opens'
WHERE r.call_id = @call_id ORDER BY r.number;

-- name: PublicDestinations :many
SELECT d.id, d.round_id, r.number AS round, i.name AS host, i.city, i.country,
  coalesce((SELECT min(e.code) FROM erasmus_codes e WHERE e.institution_id = i.id AND (e.valid_to IS NULL OR e.valid_to >= current_date)), '')::text AS code,
  d.unit_id, u.name AS unit, d.term, d.months, d.language, d.cefr, d.isced_f, d.cycle, d.starts_on, d.ends_on, d.selected_by, g.places, n.closes_at AS host_closes_at, n.zone AS host_zone, d.dropped_at
FROM destinations d
JOIN rounds r ON r.id = d.round_id
JOIN institutions i ON i.id = d.host_institution_id
JOIN units u ON u.id = d.unit_id
JOIN agreements g ON g.id = d.agreement_id
LEFT JOIN deadlines n ON n.destination_id = d.id AND n.kind = 'host_nomination'
WHERE d.call_id = @call_id ORDER BY r.number, i.country, i.name, d.term, d.isced_f, d.id;

-- name: PublicUnits :many
-- The units one may register with for a call.
SELECT u.id, u.code, u.name FROM units u JOIN calls c ON c.id = @call_id AND c.institution_id = u.institution_id
WHERE NOT EXISTS (SELECT 1 FROM call_units x WHERE x.call_id = c.id) OR EXISTS (SELECT 1 FROM call_units x WHERE x.call_id = c.id AND x.unit_id = u.id)
ORDER BY u.code;

-- name: PublicLifecycles :many
-- The newest version of each built-in lifecycle, and of each an open call pins.
SELECT DISTINCT ON (d.name) d.id, d.name, d.version FROM definitions d
WHERE d.institution_id IS NULL OR EXISTS (SELECT 1 FROM calls c WHERE c.definition_id = d.id)
ORDER BY d.name, d.version DESC;

-- name: OfficesToTell :many
-- Whom to write to about the pages: the offices of the institutions that use them.
SELECT name, office_email FROM institutions WHERE tenant AND office_email <> '' ORDER BY name;
