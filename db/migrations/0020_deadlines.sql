-- +goose Up
-- Deadlines for everybody, for a unit and for one person; what became of them; links that let one person in late;
-- and a grace period that only the office knows of.

-- Every unit with itself and all above it: which extension is the closest is asked for every file, often.
CREATE TABLE unit_paths (
  unit_id uuid NOT NULL REFERENCES units ON DELETE CASCADE,
  ancestor_id uuid NOT NULL REFERENCES units ON DELETE CASCADE,
  distance integer NOT NULL,
  PRIMARY KEY (unit_id, ancestor_id)
);
CREATE INDEX unit_paths_by_ancestor ON unit_paths (ancestor_id);

-- UNION, not UNION ALL with a depth alone: a ring of units ends after the 32nd.
-- +goose StatementBegin
CREATE FUNCTION keep_unit_paths() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.parent_id IS NOT DISTINCT FROM OLD.parent_id THEN
    RETURN NULL;
  END IF;
  DELETE FROM unit_paths p WHERE p.unit_id IN (SELECT b.unit_id FROM unit_paths b WHERE b.ancestor_id = NEW.id) OR p.unit_id = NEW.id;
  INSERT INTO unit_paths (unit_id, ancestor_id, distance)
  WITH RECURSIVE below AS (
    SELECT NEW.id AS id, 0 AS depth UNION SELECT u.id, b.depth + 1 FROM below b JOIN units u ON u.parent_id = b.id WHERE b.depth < 32),
  up AS (
    SELECT DISTINCT b.id AS unit_id, b.id AS ancestor_id, 0 AS distance FROM below b
    UNION SELECT p.unit_id, u.parent_id, p.distance + 1 FROM up p JOIN units u ON u.id = p.ancestor_id WHERE u.parent_id IS NOT NULL AND p.distance < 32)
  SELECT unit_id, ancestor_id, min(distance) FROM up GROUP BY unit_id, ancestor_id;
  RETURN NULL;
END $$;
-- +goose StatementEnd
INSERT INTO unit_paths (unit_id, ancestor_id, distance)
WITH RECURSIVE up AS (
  SELECT id AS unit_id, id AS ancestor_id, 0 AS distance FROM units
  UNION SELECT p.unit_id, u.parent_id, p.distance + 1 FROM up p JOIN units u ON u.id = p.ancestor_id WHERE u.parent_id IS NOT NULL AND p.distance < 32)
SELECT unit_id, ancestor_id, min(distance) FROM up GROUP BY unit_id, ancestor_id;
CREATE TRIGGER unit_keeps_its_path AFTER INSERT OR UPDATE OF parent_id ON units FOR EACH ROW EXECUTE FUNCTION keep_unit_paths();

-- A deadline of a round for a unit and all below it, or for one person, whether they have begun or not. It stands
-- apart from round_id, which is the deadline announced for everybody.
ALTER TABLE deadlines ADD COLUMN within_round_id uuid REFERENCES rounds, ADD COLUMN unit_id uuid REFERENCES units, ADD COLUMN person_id uuid REFERENCES persons;
ALTER TABLE deadlines DROP CONSTRAINT deadline_has_one_subject;
ALTER TABLE deadlines ADD CONSTRAINT deadline_has_one_subject CHECK (num_nonnulls(round_id, destination_id, application_id, offer_id, within_round_id) = 1
  AND num_nonnulls(unit_id, person_id) = CASE WHEN within_round_id IS NULL THEN 0 ELSE 1 END);
ALTER TABLE deadlines DROP CONSTRAINT deadline_kind_is_known;
ALTER TABLE deadlines ADD CONSTRAINT deadline_kind_is_known CHECK (kind IN ('opens', 'closes', 'assess_by', 'complete_by', 'confirm_by', 'host_nomination', 'host_answer', 'reserve_ends', 'stay_begins', 'stay_ends', 'appeal', 'documents'));
CREATE UNIQUE INDEX unit_has_one_deadline_of_a_kind ON deadlines (within_round_id, unit_id, kind) WHERE unit_id IS NOT NULL;
CREATE UNIQUE INDEX person_has_one_deadline_of_a_kind ON deadlines (within_round_id, person_id, kind) WHERE person_id IS NOT NULL;
CREATE INDEX deadlines_of_units_in_order ON deadlines (closes_at) WHERE within_round_id IS NOT NULL;

-- Documents are the only kind that rounds and destinations both may have: the destination's is the closer one.
-- +goose StatementBegin
CREATE FUNCTION destination_has_its_own(application uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
SELECT EXISTS (SELECT 1 FROM deadlines t WHERE t.kind = 'documents' AND t.destination_id = coalesce(
  (SELECT o.destination_id FROM offers o WHERE o.application_id = application AND o.status IN ('open', 'confirmed')),
  (SELECT n.destination_id FROM nominations n WHERE n.application_id = application AND n.status IN ('draft', 'sent', 'accepted'))))
$$;
-- +goose StatementEnd

-- One's own before one's unit's, the closest unit's before those above it, before the round's; where one stands
-- before the round; the live offer's.
CREATE OR REPLACE VIEW deadlines_in_force WITH (security_invoker = true) AS
SELECT a.id AS application_id, d.kind, d.id AS deadline_id, d.version, d.wall, d.zone, d.closes_at, a.definition_id, a.state
FROM applications a JOIN deadlines d ON d.application_id = a.id
UNION ALL
SELECT a.id, d.kind, d.id, d.version, d.wall, d.zone, d.closes_at, a.definition_id, a.state
FROM deadlines d JOIN applications a ON a.round_id = d.within_round_id AND a.person_id = d.person_id
WHERE NOT EXISTS (SELECT 1 FROM deadlines own WHERE own.application_id = a.id AND own.kind = d.kind)
UNION ALL
SELECT a.id, d.kind, d.id, d.version, d.wall, d.zone, d.closes_at, a.definition_id, a.state
FROM deadlines d JOIN unit_paths p ON p.ancestor_id = d.unit_id JOIN applications a ON a.round_id = d.within_round_id AND a.unit_id = p.unit_id
WHERE EXISTS (SELECT 1 FROM deadlines x WHERE x.unit_id IS NOT NULL) -- asked once: where there is none, no application is looked at
  AND NOT EXISTS (SELECT 1 FROM deadlines own WHERE own.application_id = a.id AND own.kind = d.kind)
  AND NOT EXISTS (SELECT 1 FROM deadlines own WHERE own.within_round_id = d.within_round_id AND own.person_id = a.person_id AND own.kind = d.kind)
  AND NOT EXISTS (SELECT 1 FROM deadlines e JOIN unit_paths q ON q.ancestor_id = e.unit_id
    WHERE e.within_round_id = d.within_round_id AND e.kind = d.kind AND q.unit_id = a.unit_id AND q.distance < p.distance)
  AND NOT (d.kind = 'documents' AND destination_has_its_own(a.id))
UNION ALL
SELECT a.id, d.kind, d.id, d.version, d.wall, d.zone, d.closes_at, a.definition_id, a.state
FROM applications a JOIN deadlines d ON d.round_id = a.round_id
WHERE NOT EXISTS (SELECT 1 FROM deadlines own WHERE own.application_id = a.id AND own.kind = d.kind)
  AND NOT EXISTS (SELECT 1 FROM deadlines own WHERE own.within_round_id = a.round_id AND own.person_id = a.person_id AND own.kind = d.kind)
  AND NOT EXISTS (SELECT 1 FROM deadlines e JOIN unit_paths q ON q.ancestor_id = e.unit_id
    WHERE e.within_round_id = a.round_id AND e.kind = d.kind AND q.unit_id = a.unit_id)
  AND NOT (d.kind = 'documents' AND destination_has_its_own(a.id))
UNION ALL
SELECT a.id, d.kind, d.id, d.version, d.wall, d.zone, d.closes_at, a.definition_id, a.state
FROM applications a JOIN offers o ON o.application_id = a.id AND o.status = 'open' JOIN deadlines d ON d.offer_id = o.id
UNION ALL
-- Where the application stands: at its live offer's destination, else at its live nomination's.
SELECT a.id, d.kind, d.id, d.version, d.wall, d.zone, d.closes_at, a.definition_id, a.state
FROM applications a JOIN offers o ON o.application_id = a.id AND o.status IN ('open', 'confirmed') JOIN deadlines d ON d.destination_id = o.destination_id
WHERE NOT EXISTS (SELECT 1 FROM deadlines own WHERE d.kind = 'documents' AND own.kind = d.kind AND (own.application_id = a.id OR (own.within_round_id = a.round_id AND own.person_id = a.person_id)))
UNION ALL
SELECT a.id, d.kind, d.id, d.version, d.wall, d.zone, d.closes_at, a.definition_id, a.state
FROM applications a JOIN nominations n ON n.application_id = a.id AND n.status IN ('draft', 'sent', 'accepted') JOIN deadlines d ON d.destination_id = n.destination_id
WHERE NOT EXISTS (SELECT 1 FROM offers o WHERE o.application_id = a.id AND o.status IN ('open', 'confirmed'))
  AND NOT EXISTS (SELECT 1 FROM deadlines own WHERE d.kind = 'documents' AND own.kind = d.kind AND (own.application_id = a.id OR (own.within_round_id = a.round_id AND own.person_id = a.person_id)))
UNION ALL
-- A reserve ends with the last of the nomination deadlines where it waits.
SELECT a.id, 'reserve_ends', d.id, d.version, d.wall, d.zone, d.closes_at, a.definition_id, a.state
FROM applications a JOIN reserve_places r ON r.application_id = a.id AND r.ended_at IS NULL
JOIN deadlines d ON d.destination_id = r.destination_id AND d.kind = 'host_nomination'
WHERE NOT EXISTS (SELECT 1 FROM reserve_places s JOIN deadlines e ON e.destination_id = s.destination_id AND e.kind = 'host_nomination'
  WHERE s.application_id = a.id AND s.ended_at IS NULL AND (e.closes_at, e.id) > (d.closes_at, d.id));

-- What holds for a person who has not begun: their own, the closest of their unit's, the round's.
CREATE VIEW round_deadlines_in_force WITH (security_invoker = true) AS
SELECT DISTINCT ON (f.round_id, f.person_id, f.unit_id, f.kind) f.round_id, f.person_id, f.unit_id, f.kind, f.deadline_id, f.version, f.wall, f.zone, f.closes_at FROM (
  SELECT r.id AS round_id, x.person_id, x.unit_id, d.kind, d.id AS deadline_id, d.version, d.wall, d.zone, d.closes_at,
    CASE WHEN d.person_id IS NOT NULL THEN -1 WHEN d.unit_id IS NOT NULL THEN (SELECT p.distance FROM unit_paths p WHERE p.unit_id = x.unit_id AND p.ancestor_id = d.unit_id) ELSE 1000 END AS far
  FROM rounds r JOIN affiliations x ON x.institution_id = r.institution_id
  JOIN deadlines d ON d.round_id = r.id OR (d.within_round_id = r.id AND (d.person_id = x.person_id
    OR d.unit_id IN (SELECT p.ancestor_id FROM unit_paths p WHERE p.unit_id = x.unit_id)))) f
ORDER BY f.round_id, f.person_id, f.unit_id, f.kind, f.far;
GRANT SELECT ON round_deadlines_in_force TO peregrine_web, peregrine_work;

-- Every setting and moving of a deadline, as it was shown and confirmed. Why, says the act's text.
CREATE TABLE deadline_changes (
  id uuid PRIMARY KEY, -- of the act
  institution_id uuid NOT NULL REFERENCES institutions,
  call_id uuid NOT NULL REFERENCES calls,
  deadline_id uuid NOT NULL REFERENCES deadlines,
  kind text NOT NULL,
  version integer NOT NULL,
  was_wall timestamp, -- NULL: what held before was nothing
  was_zone text,
  wall timestamp NOT NULL,
  zone text NOT NULL,
  closes_at timestamptz NOT NULL,
  made_at timestamptz NOT NULL,
  made_by uuid REFERENCES persons,
  told integer NOT NULL DEFAULT 0, -- how many were written to
  CONSTRAINT change_acts_once FOREIGN KEY (id) REFERENCES acts
);
CREATE INDEX deadline_changes_by_call ON deadline_changes (call_id, deadline_id);
CREATE TABLE deadline_concerns (
  change_id uuid NOT NULL REFERENCES deadline_changes,
  application_id uuid NOT NULL REFERENCES applications,
  PRIMARY KEY (change_id, application_id)
);
CREATE INDEX deadline_concerns_by_application ON deadline_concerns (application_id);

-- One person is let in after the deadline, once, by a secret that only the letter holds.
CREATE TABLE late_links (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  call_id uuid NOT NULL REFERENCES calls,
  round_id uuid NOT NULL REFERENCES rounds,
  person_id uuid NOT NULL REFERENCES persons,
  wall timestamp NOT NULL,
  zone text NOT NULL,
  expires_at timestamptz NOT NULL, -- business time, as every deadline's
  token_hash bytea, -- set by the sending job
  made_at timestamptz NOT NULL,
  made_by uuid REFERENCES persons,
  opened_at timestamptz,
  used_at timestamptz,
  submission_id uuid REFERENCES submissions,
  revoked_at timestamptz,
  revoked_by uuid REFERENCES persons,
  CONSTRAINT used_link_was_opened CHECK (used_at IS NULL OR opened_at IS NOT NULL),
  CONSTRAINT used_link_names_its_submission CHECK ((used_at IS NULL) = (submission_id IS NULL)),
  CONSTRAINT link_is_used_or_revoked CHECK (used_at IS NULL OR revoked_at IS NULL)
);
CREATE UNIQUE INDEX late_link_token_is_unique ON late_links (token_hash);
CREATE UNIQUE INDEX person_has_one_late_link ON late_links (round_id, person_id) WHERE used_at IS NULL AND revoked_at IS NULL;

-- What the office grants in silence. Not a column of the call: whoever reads the call must not read this.
CREATE TABLE call_graces (
  call_id uuid PRIMARY KEY REFERENCES calls,
  institution_id uuid NOT NULL REFERENCES institutions,
  minutes integer NOT NULL CONSTRAINT grace_is_at_most_two_hours CHECK (minutes BETWEEN 0 AND 120),
  set_at timestamptz NOT NULL,
  set_by uuid REFERENCES persons
);
-- By what a submission that came after the announced deadline was let in, for the office.
CREATE TABLE late_submissions (
  submission_id uuid PRIMARY KEY REFERENCES submissions,
  institution_id uuid NOT NULL REFERENCES institutions,
  application_id uuid NOT NULL REFERENCES applications,
  let_in_by text NOT NULL CONSTRAINT late_submission_says_by_what CHECK (let_in_by IN ('grace', 'link')),
  late_link_id uuid REFERENCES late_links,
  CONSTRAINT only_a_link_names_one CHECK ((let_in_by = 'link') = (late_link_id IS NOT NULL))
);
CREATE INDEX late_submissions_by_application ON late_submissions (application_id);

CREATE TRIGGER history_is_never_changed BEFORE UPDATE OR DELETE ON deadline_concerns FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER history_is_never_truncated BEFORE TRUNCATE ON deadline_concerns FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER history_is_never_changed BEFORE UPDATE OR DELETE ON deadline_changes FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER history_is_never_truncated BEFORE TRUNCATE ON deadline_changes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER history_is_never_changed BEFORE UPDATE OR DELETE ON late_submissions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER history_is_never_truncated BEFORE TRUNCATE ON late_submissions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['unit_paths', 'deadline_changes', 'deadline_concerns', 'late_links', 'call_graces', 'late_submissions'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_sees_all ON %I TO peregrine_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY work_sees_all ON %I TO peregrine_work USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO peregrine_work', t);
    EXECUTE format('GRANT SELECT ON %I TO peregrine_web', t);
  END LOOP;
END $$;
-- +goose StatementEnd
GRANT UPDATE ON unit_paths, late_links, call_graces TO peregrine_work;
GRANT DELETE ON unit_paths TO peregrine_work;
-- The hash of a secret is nobody's to read.
REVOKE SELECT ON late_links FROM peregrine_web;
GRANT SELECT (id, institution_id, call_id, round_id, person_id, wall, zone, expires_at, made_at, made_by, opened_at, used_at, submission_id, revoked_at, revoked_by) ON late_links TO peregrine_web;

CREATE POLICY everybody ON unit_paths FOR SELECT TO peregrine_web USING (true); -- ids alone
CREATE POLICY of_the_house ON deadline_changes FOR SELECT TO peregrine_web USING (institution_id = ANY ((SELECT actor_staff_of())::uuid[])
  AND EXISTS (SELECT 1 FROM deadlines d WHERE d.id = deadline_id));
CREATE POLICY with_its_application ON deadline_concerns FOR SELECT TO peregrine_web USING (EXISTS (SELECT 1 FROM applications a WHERE a.id = application_id));
CREATE POLICY own_or_of_the_house ON late_links FOR SELECT TO peregrine_web USING (person_id = (SELECT actor_person())
  OR (institution_id = ANY ((SELECT actor_staff_of())::uuid[]) AND NOT person_id = ANY ((SELECT barred_persons())::uuid[])));
CREATE POLICY of_the_office ON call_graces FOR SELECT TO peregrine_web USING (institution_id = ANY ((SELECT actor_institutions())::uuid[]));
CREATE POLICY of_the_house ON late_submissions FOR SELECT TO peregrine_web USING (EXISTS (
  SELECT 1 FROM applications a WHERE a.id = application_id AND a.institution_id = ANY ((SELECT actor_staff_of())::uuid[]) AND a.person_id <> (SELECT actor_person())));

-- What holds for a unit is everybody's to read, what holds for one person theirs and the house's.
DROP POLICY with_its_subject ON deadlines;
CREATE POLICY with_its_subject ON deadlines FOR SELECT TO peregrine_web USING (
  (round_id IS NOT NULL AND EXISTS (SELECT 1 FROM rounds r WHERE r.id = round_id))
  OR (destination_id IS NOT NULL AND EXISTS (SELECT 1 FROM destinations d WHERE d.id = destination_id))
  OR (application_id IS NOT NULL AND EXISTS (SELECT 1 FROM applications a WHERE a.id = application_id))
  OR (offer_id IS NOT NULL AND EXISTS (SELECT 1 FROM offers o WHERE o.id = offer_id))
  OR (unit_id IS NOT NULL AND EXISTS (SELECT 1 FROM rounds r WHERE r.id = within_round_id))
  OR (person_id IS NOT NULL AND (person_id = (SELECT actor_person())
    OR (institution_id = ANY ((SELECT actor_staff_of())::uuid[]) AND NOT person_id = ANY ((SELECT barred_persons())::uuid[])))));
