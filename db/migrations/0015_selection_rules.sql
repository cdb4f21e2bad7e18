-- +goose Up
-- How a call turns facts into points and gives out its places: the scheme as it was written, the announced rules,
-- quotas and money as pools of the call, and what a ranking was computed from.

-- Schemes are YAML; what assessors mark is kept beside it for queries: key, scale, min, max, step, assessors, combine, spread.
ALTER TABLE schemes DROP COLUMN criteria;
ALTER TABLE schemes
  ADD COLUMN source text NOT NULL DEFAULT '',
  ADD COLUMN marked jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN most numeric, -- the most points anybody can have; NULL: no end
  ADD COLUMN points_hash text NOT NULL DEFAULT ''; -- of what gives the points, whatever it is called
ALTER TABLE schemes ALTER COLUMN source DROP DEFAULT;

ALTER TABLE calls DROP COLUMN method, DROP COLUMN tie_chain, DROP COLUMN reserve_limit, DROP COLUMN upgrades;
ALTER TABLE calls
  ADD COLUMN selection jsonb NOT NULL DEFAULT '{"method": "deferred-acceptance", "ties": "lot", "upgrades": "none", "reserve": {"per": "destination"}}',
  ADD COLUMN facts_at timestamptz, -- imported values that the scheme freezes count as they were then; NULL: at submission
  ADD CONSTRAINT method_is_known CHECK (selection ->> 'method' IN ('deferred-acceptance', 'list', 'first-choice', 'lottery', 'hardest-first', 'first-come', 'by-hand')),
  ADD CONSTRAINT tie_policy_is_known CHECK (selection ->> 'ties' IN ('id', 'lot', 'refuse', 'admit')),
  ADD CONSTRAINT upgrades_rule_is_known CHECK (selection ->> 'upgrades' IN ('none', 'until_confirmed')),
  ADD CONSTRAINT reserve_rule_is_known CHECK (selection -> 'reserve' ->> 'per' IN ('destination', 'language', 'overall'));

-- Beside the places of agreements: a call's quotas, its limits per partner, its money. One place taken or one
-- grant given is one hold of each pool that applies.
ALTER TABLE pools ALTER COLUMN agreement_id DROP NOT NULL, ALTER COLUMN term DROP NOT NULL;
ALTER TABLE pools
  ADD COLUMN kind text NOT NULL DEFAULT 'places' CONSTRAINT pool_kind_is_known CHECK (kind IN ('places', 'partner', 'quota', 'money')),
  ADD COLUMN call_id uuid REFERENCES calls,
  ADD COLUMN label jsonb NOT NULL DEFAULT '{}', -- language → text
  ADD COLUMN grouped boolean NOT NULL DEFAULT false, -- counts only applications in pool_members
  ADD CONSTRAINT pool_is_of_an_agreement_or_a_call CHECK (
    (kind = 'places') = (agreement_id IS NOT NULL) AND (kind = 'places') = (term IS NOT NULL) AND (kind = 'places') = (call_id IS NULL)),
  ADD CONSTRAINT only_a_calls_pool_is_grouped CHECK (NOT grouped OR kind IN ('quota', 'money'));
CREATE INDEX pools_by_call ON pools (call_id) WHERE call_id IS NOT NULL;

-- Quotas that count some applicants only. destination_pools holds those that count everybody.
CREATE TABLE destination_quotas (
  destination_id uuid NOT NULL REFERENCES destinations,
  pool_id uuid NOT NULL REFERENCES pools,
  PRIMARY KEY (destination_id, pool_id)
);
CREATE INDEX destination_quotas_by_pool ON destination_quotas (pool_id);

-- Which applications a grouped pool counts, as the published ranking decided.
CREATE TABLE pool_members (
  application_id uuid NOT NULL REFERENCES applications,
  pool_id uuid NOT NULL REFERENCES pools,
  institution_id uuid NOT NULL REFERENCES institutions,
  PRIMARY KEY (application_id, pool_id)
);
CREATE INDEX pool_members_by_pool ON pool_members (pool_id);

-- The codes of a unit and of those above it.
-- +goose StatementBegin
CREATE FUNCTION unit_codes(unit uuid) RETURNS text[] LANGUAGE sql STABLE AS $$
WITH RECURSIVE up AS (
  SELECT u.code, u.parent_id FROM units u WHERE u.id = unit
  UNION ALL SELECT p.code, p.parent_id FROM units p JOIN up ON up.parent_id = p.id)
SELECT coalesce(array_agg(up.code ORDER BY up.code), '{}') FROM up
$$;
-- +goose StatementEnd

-- The pools a place at a destination takes for an application.
-- +goose StatementBegin
CREATE FUNCTION pools_taken(application uuid, destination uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
SELECT dp.pool_id FROM destination_pools dp WHERE dp.destination_id = destination
UNION
SELECT dq.pool_id FROM destination_quotas dq JOIN pool_members m ON m.pool_id = dq.pool_id
WHERE dq.destination_id = destination AND m.application_id = application
$$;
-- +goose StatementEnd

ALTER TABLE offers
  ADD COLUMN given text NOT NULL DEFAULT '' CONSTRAINT grant_is_known CHECK (given IN ('', 'with', 'without')), -- the grant; '': the call gives none
  ADD COLUMN grant_rank integer NOT NULL DEFAULT 0, -- in the order in which grants are given
  ADD COLUMN given_at timestamptz; -- of a grant that came after the offer

-- What a ranking was computed from: the scheme and the values that went into it, beside input and result.
ALTER TABLE rankings
  ADD COLUMN scheme_id uuid REFERENCES schemes,
  ADD COLUMN values_hash text NOT NULL DEFAULT ''; -- over the entries' values_hash, in order of application
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION keep_ranking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = 'published' OR NEW.input <> OLD.input OR NEW.result <> OLD.result OR NEW.input_hash <> OLD.input_hash OR NEW.result_hash <> OLD.result_hash
     OR NEW.engine <> OLD.engine OR NEW.round_id <> OLD.round_id OR NEW.values_hash <> OLD.values_hash
     OR NEW.scheme_id IS DISTINCT FROM OLD.scheme_id THEN
    RAISE EXCEPTION 'a computed ranking stays as it is' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'history_is_never_changed';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd

ALTER TABLE ranking_entries ALTER COLUMN points TYPE numeric;
ALTER TABLE ranking_entries
  ADD COLUMN given text NOT NULL DEFAULT '' CONSTRAINT entry_grant_is_known CHECK (given IN ('', 'with', 'without')),
  ADD COLUMN grant_rank integer NOT NULL DEFAULT 0,
  ADD COLUMN pools uuid[] NOT NULL DEFAULT '{}', -- grouped pools that count this applicant
  ADD COLUMN values_hash bytea NOT NULL DEFAULT '', -- salted: proves the values while they exist and says nothing afterwards
  DROP COLUMN breakdown;

-- What went in and how points came about, keyed by person: erasure deletes the row, and hashes stay valid.
CREATE TABLE ranking_details (
  ranking_id uuid NOT NULL REFERENCES rankings,
  application_id uuid NOT NULL REFERENCES applications,
  person_id uuid NOT NULL REFERENCES persons,
  inputs text NOT NULL, -- canonical values that went in
  breakdown jsonb NOT NULL, -- scheme.Scored
  PRIMARY KEY (ranking_id, application_id)
);
CREATE INDEX ranking_details_by_person ON ranking_details (person_id);
ALTER TABLE choice_outcomes
  ADD COLUMN points numeric NOT NULL DEFAULT 0, -- as this destination counts them
  ADD COLUMN standing integer NOT NULL DEFAULT 0; -- in the order in which wishes compete

-- A result held back keeps its place and its grant.
CREATE OR REPLACE VIEW pool_places WITH (security_invoker = true) AS
SELECT p.id AS pool_id, p.places + p.overbooked - p.held - (
  SELECT count(*) FROM (SELECT dp.destination_id FROM destination_pools dp WHERE dp.pool_id = p.id
      UNION ALL SELECT dq.destination_id FROM destination_quotas dq WHERE dq.pool_id = p.id) x
  JOIN ranking_entries e ON e.destination_id = x.destination_id AND e.outcome = 'placed'
  JOIN rankings r ON r.id = e.ranking_id AND r.status = 'published'
  JOIN applications a ON a.id = e.application_id AND a.held_back <> ''
  WHERE NOT p.grouped OR EXISTS (SELECT 1 FROM pool_members m WHERE m.pool_id = p.id AND m.application_id = a.id))::int
  - CASE WHEN p.kind = 'money' THEN (
    SELECT count(*) FROM applications a JOIN ranking_entries e ON e.application_id = a.id AND e.given = 'with'
    JOIN rankings r ON r.id = e.ranking_id AND r.status = 'published'
    WHERE a.call_id = p.call_id AND a.held_back <> ''
      AND (NOT p.grouped OR EXISTS (SELECT 1 FROM pool_members m WHERE m.pool_id = p.id AND m.application_id = a.id)))::int ELSE 0 END AS free
FROM pools p;

-- Every value the student information system ever gave, so that a scheme can ask for them as of an instant.
CREATE TABLE imported_values (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  institution_id uuid NOT NULL REFERENCES institutions,
  person_id uuid NOT NULL REFERENCES persons,
  unit_id uuid NOT NULL REFERENCES units,
  at timestamptz NOT NULL,
  facts jsonb NOT NULL -- cycle, field, year, average, credits and what else the file held
);
CREATE INDEX imported_values_by_person ON imported_values (person_id, unit_id, at);
ALTER TABLE affiliations ADD COLUMN extra jsonb NOT NULL DEFAULT '{}'; -- further values: name → text
-- +goose StatementBegin
CREATE FUNCTION keep_imported_values() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO imported_values (institution_id, person_id, unit_id, at, facts)
  VALUES (NEW.institution_id, NEW.person_id, NEW.unit_id, NEW.imported_at, NEW.extra || jsonb_strip_nulls(jsonb_build_object(
    'cycle', NEW.cycle::text, 'field', nullif(NEW.field, ''), 'year', NEW.year::text, 'average', NEW.average::text, 'credits', NEW.credits::text)));
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER imported_values_are_kept AFTER INSERT OR UPDATE ON affiliations FOR EACH ROW EXECUTE FUNCTION keep_imported_values();

-- Earlier mobilities that the institution knows of from elsewhere; those that went through here are counted from
-- their own applications.
CREATE TABLE past_mobilities (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  person_id uuid NOT NULL REFERENCES persons,
  kind text NOT NULL CONSTRAINT past_mobility_kind_is_known CHECK (kind IN ('mobility', 'waiver')), -- waiver: gave a place up outside the window
  programme text NOT NULL,
  cycle smallint CONSTRAINT past_cycle_is_an_eqf_level CHECK (cycle BETWEEN 5 AND 8),
  began_on date NOT NULL,
  months numeric(4, 1) NOT NULL DEFAULT 0,
  imported_at timestamptz NOT NULL,
  CONSTRAINT past_mobility_is_listed_once UNIQUE (institution_id, person_id, kind, programme, began_on)
);
CREATE INDEX past_mobilities_by_person ON past_mobilities (person_id);

-- What somebody of a role says against an application, or against one destination of it: a gate of the scheme.
CREATE TABLE vetoes (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  application_id uuid NOT NULL REFERENCES applications,
  destination_id uuid REFERENCES destinations, -- NULL: everywhere
  gate text NOT NULL,
  made_by uuid NOT NULL REFERENCES persons,
  made_at timestamptz NOT NULL,
  ended_by uuid REFERENCES persons,
  ended_at timestamptz
);
CREATE UNIQUE INDEX veto_stands_once ON vetoes (application_id, gate, coalesce(destination_id, application_id)) WHERE ended_at IS NULL;
CREATE TABLE veto_texts (
  veto_id uuid PRIMARY KEY REFERENCES vetoes,
  person_id uuid NOT NULL REFERENCES persons, -- the applicant
  reason text NOT NULL
);

-- Where the by-hand method puts somebody, and why.
CREATE TABLE placements (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  application_id uuid NOT NULL REFERENCES applications,
  destination_id uuid REFERENCES destinations, -- NULL: nowhere
  made_by uuid NOT NULL REFERENCES persons,
  made_at timestamptz NOT NULL,
  replaced_at timestamptz
);
CREATE UNIQUE INDEX placement_stands_once ON placements (application_id) WHERE replaced_at IS NULL;
CREATE TABLE placement_texts (
  placement_id uuid PRIMARY KEY REFERENCES placements,
  person_id uuid NOT NULL REFERENCES persons, -- the applicant
  reason text NOT NULL
);

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['destination_quotas', 'pool_members', 'ranking_details', 'imported_values', 'past_mobilities', 'vetoes', 'veto_texts', 'placements', 'placement_texts'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_sees_all ON %I TO peregrine_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY work_sees_all ON %I TO peregrine_work USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO peregrine_work', t);
    EXECUTE format('GRANT SELECT ON %I TO peregrine_web', t);
  END LOOP;
END $$;
-- +goose StatementEnd
REVOKE UPDATE ON ranking_details FROM peregrine_work;
GRANT DELETE ON destination_quotas, ranking_details, imported_values, past_mobilities, veto_texts, placement_texts TO peregrine_work;

CREATE POLICY with_its_destination ON destination_quotas FOR SELECT TO peregrine_web USING (EXISTS (SELECT 1 FROM destinations d WHERE d.id = destination_id));
-- Of a file the house, never whoever the file is about: membership of a group, a veto and a placement are told with the result.
-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['pool_members', 'vetoes', 'placements'] LOOP
    EXECUTE format($p$CREATE POLICY of_the_house ON %I FOR SELECT TO peregrine_web USING (EXISTS (
      SELECT 1 FROM applications a WHERE a.id = application_id AND a.institution_id = ANY ((SELECT actor_staff_of())::uuid[]) AND a.person_id <> (SELECT actor_person())))$p$, t);
  END LOOP;
END $$;
-- +goose StatementEnd
CREATE POLICY with_its_entry ON ranking_details FOR SELECT TO peregrine_web USING (
  EXISTS (SELECT 1 FROM ranking_entries e WHERE e.ranking_id = ranking_details.ranking_id AND e.application_id = ranking_details.application_id)
  AND NOT person_id = ANY ((SELECT blind_persons())::uuid[]));
CREATE POLICY with_its_veto ON veto_texts FOR SELECT TO peregrine_web
  USING (EXISTS (SELECT 1 FROM vetoes v WHERE v.id = veto_id) AND NOT person_id = ANY ((SELECT blind_persons())::uuid[]));
CREATE POLICY with_its_placement ON placement_texts FOR SELECT TO peregrine_web
  USING (EXISTS (SELECT 1 FROM placements p WHERE p.id = placement_id) AND NOT person_id = ANY ((SELECT blind_persons())::uuid[]));
CREATE POLICY own_or_office ON imported_values FOR SELECT TO peregrine_web
  USING (person_id = (SELECT actor_person()) OR (institution_id = ANY ((SELECT actor_full_institutions())::uuid[]) AND NOT person_id = ANY ((SELECT barred_persons())::uuid[])));
CREATE POLICY own_or_office ON past_mobilities FOR SELECT TO peregrine_web
  USING (person_id = (SELECT actor_person()) OR (institution_id = ANY ((SELECT actor_full_institutions())::uuid[]) AND NOT person_id = ANY ((SELECT barred_persons())::uuid[])));
