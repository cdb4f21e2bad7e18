-- Destinations added, changed or dropped in a call, who chose them, and what they came to in earlier years.

-- name: DestinationToChange :one
-- A destination as it stands. Asked under the web role first: barred says that a conflict of interest keeps its
-- figures from the actor.
SELECT d.id, d.institution_id, d.call_id, d.round_id, d.agreement_id, d.host_institution_id, d.unit_id, d.term, d.cycle, d.isced_f, d.language, d.cefr,
  d.starts_on, d.ends_on, d.selected_by, d.nomination_limit, d.host_email, d.dropped_at, i.name AS host, i.city, i.country, i.time_zone AS host_zone, u.code AS unit,
  c.title, c.zone, c.academic_year, c.definition_id, c.form_id, c.opened_at, r.number AS round,
  o.closes_at AS opens_at, k.closes_at, k.wall AS closes_wall,
  n.wall AS host_wall, n.zone AS host_deadline_zone, n.closes_at AS host_closes_at,
  EXISTS (SELECT 1 FROM rankings x WHERE x.round_id = d.round_id AND x.status = 'published') AS published,
  (d.id = ANY (barred_destinations()))::bool AS barred
FROM destinations d
JOIN calls c ON c.id = d.call_id
JOIN rounds r ON r.id = d.round_id
JOIN institutions i ON i.id = d.host_institution_id
JOIN units u ON u.id = d.unit_id
LEFT JOIN deadlines o ON o.round_id = d.round_id AND o.kind = 'opens'
LEFT JOIN deadlines k ON k.round_id = d.round_id AND k.kind = 'closes'
LEFT JOIN deadlines n ON n.destination_id = d.id AND n.kind = 'host_nomination'
WHERE d.id = @id;

-- name: AgreementToAdd :one
-- An agreement with the round it would be chosen in, and the destination it is there already, if any.
SELECT g.id, g.institution_id, g.unit_id, g.host_institution_id, g.isced_f, g.cycle, g.language, g.cefr, g.term, g.academic_year, g.places, g.selected_by,
  g.nomination_wall, g.nomination_zone, i.name AS host, i.city, i.country, i.time_zone AS host_zone, u.code AS unit,
  r.id AS round_id, r.number AS round, c.id AS call_id, c.title, c.zone, c.definition_id, c.form_id, c.opened_at,
  o.closes_at AS opens_at, k.closes_at, k.wall AS closes_wall, d.id AS destination_id, d.dropped_at,
  EXISTS (SELECT 1 FROM rankings x WHERE x.round_id = r.id AND x.status = 'published') AS published
FROM agreements g
JOIN rounds r ON r.id = @round_id
JOIN calls c ON c.id = r.call_id AND c.institution_id = g.institution_id
JOIN institutions i ON i.id = g.host_institution_id
JOIN units u ON u.id = g.unit_id
LEFT JOIN destinations d ON d.round_id = r.id AND d.agreement_id = g.id
LEFT JOIN deadlines o ON o.round_id = r.id AND o.kind = 'opens'
LEFT JOIN deadlines k ON k.round_id = r.id AND k.kind = 'closes'
WHERE g.id = @agreement_id;

-- name: AgreementByID :one
SELECT g.id, g.unit_id, g.host_institution_id, g.isced_f, g.cycle, g.months, g.language, g.cefr, g.term, g.academic_year,
  g.home_agreement_id, g.nomination_wall, g.nomination_zone, g.selected_by, h.time_zone AS host_zone, h.office_email AS host_email
FROM agreements g JOIN institutions h ON h.id = g.host_institution_id WHERE g.id = @id;

-- name: AddMissingPools :exec
-- The places of an agreement that no import made pools of.
INSERT INTO pools (id, institution_id, agreement_id, academic_year, term, places)
SELECT gen_random_uuid(), g.institution_id, g.id, g.academic_year, t.term, g.places
FROM agreements g CROSS JOIN (VALUES ('autumn'), ('spring')) AS t (term)
WHERE g.id = @agreement_id AND g.term IN (t.term, 'year')
ON CONFLICT (agreement_id, academic_year, term) DO NOTHING;

-- name: DestinationStock :many
-- The agreement's places a destination draws on: what is held of each, with those of published entries held back.
SELECT p.id, coalesce(p.term, '')::text AS term, p.places, p.overbooked, p.held, (p.places + p.overbooked - x.free)::int AS used
FROM destination_pools dp JOIN pools p ON p.id = dp.pool_id JOIN pool_places x ON x.pool_id = p.id
WHERE dp.destination_id = @destination_id AND p.agreement_id IS NOT NULL ORDER BY p.id;

-- name: DestinationPoolIDs :many
SELECT pool_id FROM destination_pools WHERE destination_id = @destination_id ORDER BY pool_id;

-- name: SharedWith :many
-- Other calls that draw on the same places.
SELECT DISTINCT c.id, c.title FROM destination_pools mine
JOIN destination_pools other ON other.pool_id = mine.pool_id AND other.destination_id <> mine.destination_id
JOIN destinations d ON d.id = other.destination_id JOIN calls c ON c.id = d.call_id
WHERE mine.destination_id = @destination_id AND c.id <> @call_id AND d.dropped_at IS NULL ORDER BY c.id;

-- name: DestinationConcerned :many
-- Whose application is about the destination now: by the last submission, an offer, a nomination or the reserve.
-- Under the web role only whom the actor sees.
SELECT a.id, a.person_id, a.state, a.phase, a.held_back, s.editable, s.turn, u.code AS unit,
  coalesce(trim(f.given_names), '')::text AS given_names, coalesce(trim(f.family_names), '')::text AS family_names,
  coalesce(nullif(p.language, ''), nullif(i.language, ''), 'en')::text AS language,
  coalesce(c.position, 0)::int AS position, coalesce(o.status, '')::text AS offer, coalesce(n.status, '')::text AS nomination,
  (w.application_id IS NOT NULL)::bool AS waiting,
  EXISTS (SELECT 1 FROM reserve_places e WHERE e.application_id = a.id AND e.destination_id <> @destination_id AND e.ended_at IS NULL) AS waits_elsewhere
FROM applications a
JOIN definition_states s ON s.definition_id = a.definition_id AND s.name = a.state
JOIN institutions i ON i.id = a.institution_id
JOIN units u ON u.id = a.unit_id
LEFT JOIN persons p ON p.id = a.person_id
LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
LEFT JOIN choices c ON c.destination_id = @destination_id AND c.application_id = a.id
  AND c.submission_id = (SELECT b.id FROM submissions b WHERE b.application_id = a.id ORDER BY b.number DESC LIMIT 1)
LEFT JOIN offers o ON o.application_id = a.id AND o.destination_id = @destination_id AND o.status IN ('open', 'confirmed')
LEFT JOIN nominations n ON n.application_id = a.id AND n.destination_id = @destination_id AND n.status IN ('draft', 'sent', 'accepted')
LEFT JOIN reserve_places w ON w.application_id = a.id AND w.destination_id = @destination_id AND w.ended_at IS NULL
WHERE a.call_id = @call_id AND a.phase NOT IN ('draft', 'closed')
  AND (c.position IS NOT NULL OR o.id IS NOT NULL OR n.id IS NOT NULL OR w.application_id IS NOT NULL)
ORDER BY a.id;

-- name: DestinationDrafts :many
-- Working copies never submitted that name the destination and still may be; nobody but their authors reads them.
SELECT a.id, a.person_id, array_position(d.choices, @destination_id::uuid)::int AS position,
  coalesce(nullif(p.language, ''), nullif(i.language, ''), 'en')::text AS language
FROM applications a JOIN drafts d ON d.application_id = a.id JOIN persons p ON p.id = a.person_id JOIN institutions i ON i.id = a.institution_id
WHERE a.call_id = @call_id AND a.phase = 'draft' AND @destination_id::uuid = ANY (d.choices)
  AND EXISTS (SELECT 1 FROM deadlines_in_force f WHERE f.application_id = a.id AND f.kind = 'closes' AND f.closes_at > @now::timestamptz) ORDER BY a.id;

-- name: DestinationAudience :many
-- Who could choose a destination of a unit in a round: those who write and those who have sent.
SELECT a.id, a.person_id, a.state, a.phase, a.held_back, s.editable, s.turn, u.code AS unit,
  coalesce(trim(f.given_names), '')::text AS given_names, coalesce(trim(f.family_names), '')::text AS family_names,
  coalesce(nullif(p.language, ''), nullif(i.language, ''), 'en')::text AS language
FROM applications a
JOIN definition_states s ON s.definition_id = a.definition_id AND s.name = a.state
JOIN institutions i ON i.id = a.institution_id
JOIN units u ON u.id = a.unit_id
LEFT JOIN persons p ON p.id = a.person_id
LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
WHERE a.round_id = @round_id AND a.unit_id = @unit_id AND s.editable AND (a.phase = 'submitted' OR a.phase = 'draft'
  AND EXISTS (SELECT 1 FROM deadlines_in_force k WHERE k.application_id = a.id AND k.kind = 'closes' AND k.closes_at > @now::timestamptz)) ORDER BY a.id;

-- name: PerDestinationQuestions :many
SELECT (q ->> 'key')::text AS key FROM forms f, jsonb_array_elements(f.questions) q
WHERE f.id = @form_id AND (q ->> 'per_destination')::boolean ORDER BY 1;

-- name: DestinationInRound :one
SELECT id FROM destinations WHERE round_id = @round_id AND agreement_id = @agreement_id;

-- name: DropDestination :execrows
UPDATE destinations SET dropped_at = @at, dropped_by = sqlc.narg(dropped_by) WHERE id = @id AND dropped_at IS NULL;

-- name: RestoreDestination :execrows
UPDATE destinations SET dropped_at = NULL, dropped_by = NULL WHERE id = @id AND dropped_at IS NOT NULL;

-- name: SetDestination :exec
UPDATE destinations SET language = @language, cefr = @cefr, starts_on = sqlc.narg(starts_on), ends_on = sqlc.narg(ends_on),
  nomination_limit = sqlc.narg(nomination_limit) WHERE id = @id;

-- name: PutDestinationDeadline :exec
-- Sets or moves a destination's deadline; moving it makes a new version.
INSERT INTO deadlines (id, institution_id, kind, destination_id, wall, zone, closes_at)
VALUES (@id, @institution_id, @kind, @destination_id, @wall, @zone, @closes_at)
ON CONFLICT (destination_id, kind) WHERE destination_id IS NOT NULL
DO UPDATE SET wall = excluded.wall, zone = excluded.zone, closes_at = excluded.closes_at, version = deadlines.version + 1;

-- name: SetPoolPlaces :exec
UPDATE pools SET places = @places WHERE id = ANY (@ids::uuid[]);

-- name: SetAgreementPlaces :exec
UPDATE agreements SET places = @places WHERE id = @id;

-- name: MeltCutPlaces :execrows
-- Places a partner cut away under those who held them are given to nobody else: as they become free, they go.
INSERT INTO overbookings (id, institution_id, pool_id, number, rule, why, person_id, at)
SELECT gen_random_uuid(), p.institution_id, p.id, -least(c.number, x.free)::int, 'partner_cut_places', c.why, NULL, @at
FROM pools p JOIN pool_places x ON x.pool_id = p.id
JOIN LATERAL (SELECT sum(o.number) AS number, (array_agg(o.why ORDER BY o.at DESC, o.id DESC))[1] AS why
  FROM overbookings o WHERE o.pool_id = p.id AND o.rule = 'partner_cut_places') c ON c.number > 0
WHERE p.id = ANY (@pools::uuid[]) AND x.free > 0 ORDER BY p.id;

-- name: EndReserveOf :execrows
-- Nobody waits any longer where there is nothing to wait for.
UPDATE reserve_places SET ended_at = @at WHERE destination_id = @destination_id AND ended_at IS NULL;

-- name: AddDestinationChange :exec
INSERT INTO destination_changes (id, institution_id, destination_id, kind, at, actor_id, data, told, returned, choose_again_at, choose_again_zone)
VALUES (@id, @institution_id, @destination_id, @kind, @at, sqlc.narg(actor_id), @data, @told, @returned, sqlc.narg(choose_again_at), sqlc.narg(choose_again_zone));

-- name: AddDestinationChangeText :exec
INSERT INTO destination_change_texts (change_id, institution_id, reason) VALUES (@change_id, @institution_id, @reason);

-- name: SkipLettersOfEvent :exec
-- One letter says it all: what the move itself would have written is in the one about the destination.
UPDATE letters SET status = 'skipped', skip_reason = @reason WHERE event_id = @event_id AND status = 'planned' AND kind <> @kind;

-- name: DestinationChange :one
SELECT x.id, x.destination_id, x.kind, x.at, x.data, x.choose_again_at, x.choose_again_zone, coalesce(t.reason, '')::text AS reason
FROM destination_changes x LEFT JOIN destination_change_texts t ON t.change_id = x.id WHERE x.id = @id;

-- name: DestinationChanges :many
-- What happened to the destinations of a call, newest first.
SELECT x.id, x.destination_id, x.kind, x.at, x.data, x.told, x.returned, x.choose_again_at, x.choose_again_zone, d.round_id,
  coalesce(t.reason, '')::text AS reason,
  coalesce((SELECT trim(f.given_names || ' ' || f.family_names) FROM person_facts f WHERE f.person_id = x.actor_id AND f.institution_id = x.institution_id), '')::text AS actor
FROM destination_changes x JOIN destinations d ON d.id = x.destination_id LEFT JOIN destination_change_texts t ON t.change_id = x.id
WHERE d.call_id = @call_id ORDER BY x.at DESC, x.id DESC;

-- name: OfficeDestinationCounts :many
-- Who holds and who waits at each destination of a call, as far as the reader sees the files.
SELECT d.id,
  (SELECT count(*) FROM offers o JOIN applications a ON a.id = o.application_id WHERE o.destination_id = d.id AND o.status IN ('open', 'confirmed') AND a.person_id <> @self)::int AS holding,
  (SELECT count(*) FROM reserve_places r JOIN applications a ON a.id = r.application_id WHERE r.destination_id = d.id AND r.ended_at IS NULL AND a.person_id <> @self)::int AS waiting,
  d.dropped_at, (SELECT count(*) FROM destination_changes x WHERE x.destination_id = d.id)::int AS changes
FROM destinations d WHERE d.call_id = @call_id;

-- name: AgreementsToAdd :many
-- Agreements of the call's year and units that are no destination of the round, or no longer.
SELECT g.id, i.name AS host, i.country, g.term, g.cycle, g.isced_f, g.language, g.cefr, g.places, u.code AS unit, d.dropped_at
FROM agreements g
JOIN calls c ON c.id = @call_id AND c.institution_id = g.institution_id AND c.academic_year = g.academic_year
JOIN institutions i ON i.id = g.host_institution_id
JOIN units u ON u.id = g.unit_id
LEFT JOIN destinations d ON d.round_id = @round_id AND d.agreement_id = g.id
WHERE (d.id IS NULL OR d.dropped_at IS NOT NULL)
  AND (NOT EXISTS (SELECT 1 FROM call_units x WHERE x.call_id = c.id) OR EXISTS (SELECT 1 FROM call_units x WHERE x.call_id = c.id AND x.unit_id = g.unit_id))
ORDER BY i.country, i.name, g.term, g.id;

-- name: KeepFigures :exec
-- Writes down what a published ranking came to, for those who choose in later years.
SELECT keep_figures(@ranking_id::uuid);

-- name: PastFigures :many
-- What the destinations of a call came to in earlier years, one line a round. The same to whoever chooses is what
-- has the agreement's own id, else the host, unit, field, cycle and term.
SELECT DISTINCT ON (d.id, f.academic_year, q.number) d.id AS destination_id, f.academic_year, q.number AS round, f.enough, coalesce(f.ranked, 0)::int AS ranked, coalesce(f.admitted, 0)::int AS admitted,
  coalesce(f.places, 0)::int AS places, f.lowest, f.most, (f.scheme_hash = coalesce((scheme_points(to_jsonb(s))).hash, ''))::bool AS same_scheme
FROM calls c
JOIN schemes s ON s.id = c.scheme_id
JOIN destinations d ON d.call_id = c.id
JOIN agreements g ON g.id = d.agreement_id
JOIN destinations o ON o.institution_id = d.institution_id AND o.host_institution_id = d.host_institution_id AND o.unit_id = d.unit_id
  AND o.term = d.term AND o.cycle IS NOT DISTINCT FROM d.cycle
JOIN agreements h ON h.id = o.agreement_id
JOIN calls p ON p.id = o.call_id AND p.programme = c.programme
JOIN rounds q ON q.id = o.round_id
JOIN destination_figures f ON f.destination_id = o.id AND f.academic_year < c.academic_year
WHERE c.id = @call_id AND (o.isced_f = d.isced_f OR (g.home_agreement_id <> '' AND h.home_agreement_id = g.home_agreement_id))
ORDER BY d.id, f.academic_year DESC, q.number, (g.home_agreement_id <> '' AND h.home_agreement_id = g.home_agreement_id) DESC, o.id;

-- name: LastSubmittedAt :one
SELECT coalesce(max(arrived_at), '0001-01-01')::timestamptz AS at FROM submissions WHERE application_id = @application_id;
