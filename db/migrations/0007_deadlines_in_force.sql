-- +goose Up
-- The deadlines that hold for each application now: its own before its round's, the live offer's, and
-- those of the destination its live offer or nomination is at. The one place that says so; forms, moves,
-- timers, reminders and pages all read it, each under its reader's eyes.

CREATE VIEW deadlines_in_force WITH (security_invoker = true) AS
SELECT a.id AS application_id, d.kind, d.id AS deadline_id, d.version, d.wall, d.zone, d.closes_at
FROM applications a JOIN deadlines d ON d.application_id = a.id
UNION ALL
SELECT a.id, d.kind, d.id, d.version, d.wall, d.zone, d.closes_at
FROM applications a JOIN deadlines d ON d.round_id = a.round_id
WHERE NOT EXISTS (SELECT 1 FROM deadlines own WHERE own.application_id = a.id AND own.kind = d.kind)
UNION ALL
SELECT o.application_id, d.kind, d.id, d.version, d.wall, d.zone, d.closes_at
FROM offers o JOIN deadlines d ON d.offer_id = o.id
WHERE o.status = 'open'
UNION ALL
SELECT a.id, d.kind, d.id, d.version, d.wall, d.zone, d.closes_at
FROM applications a
JOIN deadlines d ON d.destination_id = coalesce(
  (SELECT o.destination_id FROM offers o WHERE o.application_id = a.id AND o.status IN ('open', 'confirmed')),
  (SELECT n.destination_id FROM nominations n WHERE n.application_id = a.id AND n.status IN ('draft', 'sent', 'accepted')))
UNION ALL
SELECT w.application_id, 'reserve_ends', w.id, w.version, w.wall, w.zone, w.closes_at
FROM (SELECT DISTINCT ON (r.application_id) r.application_id, d.id, d.version, d.wall, d.zone, d.closes_at
  FROM reserve_places r JOIN deadlines d ON d.destination_id = r.destination_id AND d.kind = 'host_nomination'
  WHERE r.ended_at IS NULL ORDER BY r.application_id, d.closes_at DESC) w;

GRANT SELECT ON deadlines_in_force TO peregrine_web, peregrine_work;

-- What is free in a pool: what is allowed, less what is held, less the places of published entries the
-- office holds back by name, which keep their place until they are released (design rule 5).
CREATE VIEW pool_places WITH (security_invoker = true) AS
SELECT p.id AS pool_id, p.places + p.overbooked - p.held - (
  SELECT count(*) FROM destination_pools dp
  JOIN ranking_entries e ON e.destination_id = dp.destination_id AND e.outcome = 'placed'
  JOIN rankings r ON r.id = e.ranking_id AND r.status = 'published'
  JOIN applications a ON a.id = e.application_id AND a.held_back <> ''
  WHERE dp.pool_id = p.id)::int AS free
FROM pools p;

GRANT SELECT ON pool_places TO peregrine_web, peregrine_work;
