-- +goose Up
-- The same deadlines as before, said so that each branch can begin at the deadlines that are over, or at
-- the applications in one state: what looks for due work every few seconds must not pass over all there is.
-- Beside each deadline stands the state of its application, for whoever looks for states.

CREATE OR REPLACE VIEW deadlines_in_force WITH (security_invoker = true) AS
SELECT a.id AS application_id, d.kind, d.id AS deadline_id, d.version, d.wall, d.zone, d.closes_at, a.definition_id, a.state
FROM applications a JOIN deadlines d ON d.application_id = a.id
UNION ALL
SELECT a.id, d.kind, d.id, d.version, d.wall, d.zone, d.closes_at, a.definition_id, a.state
FROM applications a JOIN deadlines d ON d.round_id = a.round_id
WHERE NOT EXISTS (SELECT 1 FROM deadlines own WHERE own.application_id = a.id AND own.kind = d.kind)
UNION ALL
SELECT a.id, d.kind, d.id, d.version, d.wall, d.zone, d.closes_at, a.definition_id, a.state
FROM applications a JOIN offers o ON o.application_id = a.id AND o.status = 'open' JOIN deadlines d ON d.offer_id = o.id
UNION ALL
-- Where the application stands: at its live offer's destination, else at its live nomination's.
SELECT a.id, d.kind, d.id, d.version, d.wall, d.zone, d.closes_at, a.definition_id, a.state
FROM applications a JOIN offers o ON o.application_id = a.id AND o.status IN ('open', 'confirmed') JOIN deadlines d ON d.destination_id = o.destination_id
UNION ALL
SELECT a.id, d.kind, d.id, d.version, d.wall, d.zone, d.closes_at, a.definition_id, a.state
FROM applications a JOIN nominations n ON n.application_id = a.id AND n.status IN ('draft', 'sent', 'accepted') JOIN deadlines d ON d.destination_id = n.destination_id
WHERE NOT EXISTS (SELECT 1 FROM offers o WHERE o.application_id = a.id AND o.status IN ('open', 'confirmed'))
UNION ALL
-- A reserve ends with the last of the nomination deadlines where it waits.
SELECT a.id, 'reserve_ends', d.id, d.version, d.wall, d.zone, d.closes_at, a.definition_id, a.state
FROM applications a JOIN reserve_places r ON r.application_id = a.id AND r.ended_at IS NULL
JOIN deadlines d ON d.destination_id = r.destination_id AND d.kind = 'host_nomination'
WHERE NOT EXISTS (SELECT 1 FROM reserve_places s JOIN deadlines e ON e.destination_id = s.destination_id AND e.kind = 'host_nomination'
  WHERE s.application_id = a.id AND s.ended_at IS NULL AND (e.closes_at, e.id) > (d.closes_at, d.id));

CREATE INDEX applications_by_round_and_state ON applications (round_id, state);
CREATE INDEX offers_open_by_destination ON offers (destination_id) WHERE status IN ('open', 'confirmed');
