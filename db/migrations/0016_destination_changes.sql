-- +goose Up
-- Destinations added, changed or dropped in a call, with what changed and why; and what published rankings
-- of a destination came to, for those who choose it in a later year.

ALTER TABLE destinations
  ADD COLUMN dropped_at timestamptz,
  ADD COLUMN dropped_by uuid REFERENCES persons;

CREATE TABLE destination_changes (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  destination_id uuid NOT NULL REFERENCES destinations,
  kind text NOT NULL CONSTRAINT destination_change_is_known CHECK (kind IN ('added', 'changed', 'dropped', 'restored')),
  at timestamptz NOT NULL, -- business time
  actor_id uuid REFERENCES persons,
  data jsonb NOT NULL DEFAULT '{}', -- what → {"from", "to"}: codes, dates, numbers
  told integer NOT NULL DEFAULT 0, -- how many were written to
  returned integer NOT NULL DEFAULT 0, -- how many choose again
  choose_again_at timestamptz, -- the first instant after the declared minute
  choose_again_zone text,
  CONSTRAINT choosing_again_has_a_zone CHECK ((choose_again_at IS NULL) = (choose_again_zone IS NULL))
);
CREATE INDEX destination_changes_by_destination ON destination_changes (destination_id, at);

-- Why, in the office's words.
CREATE TABLE destination_change_texts (
  change_id uuid PRIMARY KEY REFERENCES destination_changes,
  institution_id uuid NOT NULL REFERENCES institutions,
  reason text NOT NULL
);

-- One row per destination of a published ranking. What too few people are behind is never written down here
-- (design rule 13): enough is false and the figures are missing.
CREATE TABLE destination_figures (
  ranking_id uuid NOT NULL REFERENCES rankings,
  destination_id uuid NOT NULL REFERENCES destinations,
  institution_id uuid NOT NULL REFERENCES institutions,
  academic_year text NOT NULL,
  enough boolean NOT NULL,
  ranked integer,
  admitted integer,
  places integer,
  lowest numeric(14, 4), -- points of the last admitted; missing where points did not decide
  highest numeric(14, 4), -- points of the best who was refused, where enough were
  highest_withheld boolean NOT NULL DEFAULT false, -- somebody was refused, too few to say by how much
  most numeric(14, 4), -- what the scheme could give
  scheme_hash text NOT NULL, -- of what gives the points
  PRIMARY KEY (ranking_id, destination_id),
  CONSTRAINT figures_hide_the_few CHECK (enough = (coalesce(ranked, 0) >= 5 AND coalesce(admitted, 0) >= 3) AND (enough OR num_nonnulls(ranked, admitted, lowest) = 0))
);
CREATE INDEX destination_figures_by_destination ON destination_figures (destination_id);

-- What a scheme can give and of what, whatever version of this database wrote it down.
-- +goose StatementBegin
CREATE FUNCTION scheme_points(scheme jsonb, OUT most numeric, OUT hash text) LANGUAGE sql IMMUTABLE AS $$
SELECT coalesce((scheme ->> 'most')::numeric, (SELECT sum((k ->> 'max')::numeric) FROM jsonb_array_elements(scheme -> 'criteria') k)),
  coalesce(scheme ->> 'points_hash', (SELECT md5(coalesce(string_agg((k - 'label')::text, ',' ORDER BY k ->> 'key'), '')) FROM jsonb_array_elements(scheme -> 'criteria') k))
$$;
-- +goose StatementEnd

-- Writes down what a published ranking came to, as it was when it was published.
-- +goose StatementBegin
CREATE FUNCTION keep_figures(ranking uuid) RETURNS void LANGUAGE sql AS $$
INSERT INTO destination_figures (ranking_id, destination_id, institution_id, academic_year, enough, ranked, admitted, places, lowest, highest, highest_withheld, most, scheme_hash)
SELECT x.ranking_id, x.destination_id, x.institution_id, x.academic_year, x.enough,
  CASE WHEN x.enough THEN x.listed END, CASE WHEN x.enough THEN x.admitted END, x.places,
  CASE WHEN x.enough AND x.by_points THEN x.lowest END,
  CASE WHEN x.enough_refused AND x.by_points THEN x.highest END, x.refused > 0 AND NOT x.enough_refused AND x.by_points, x.most, x.scheme_hash
FROM (
  SELECT r.id AS ranking_id, d.id AS destination_id, r.institution_id, c.academic_year,
    (l.line ->> 'listed')::integer AS listed, (l.line ->> 'admitted')::integer AS admitted,
    (l.line ->> 'listed')::integer >= 5 AND (l.line ->> 'admitted')::integer >= 3 AS enough,
    (l.line ->> 'refused')::integer AS refused, (l.line ->> 'listed')::integer >= 5 AND (l.line ->> 'refused')::integer >= 3 AS enough_refused,
    (l.line ->> 'lowest_admitted')::numeric AS lowest, (l.line ->> 'highest_refused')::numeric AS highest, r.method NOT IN ('lottery', 'by-hand', 'first-come') AS by_points,
    (SELECT min(p.places) FROM destination_pools dp JOIN pools p ON p.id = dp.pool_id WHERE dp.destination_id = d.id AND p.agreement_id IS NOT NULL) AS places,
    v.most, coalesce(v.hash, '') AS scheme_hash
  FROM rankings r
  JOIN calls c ON c.id = r.call_id
  JOIN schemes s ON s.id = c.scheme_id
  CROSS JOIN LATERAL scheme_points(to_jsonb(s)) v
  CROSS JOIN LATERAL (SELECT t.text::jsonb AS line FROM string_to_table(r.result, E'\n') AS t (text) WHERE t.text LIKE '{"destination":%"listed":%') l
  JOIN destinations d ON d.id = (l.line ->> 'destination')::uuid
  WHERE r.id = ranking AND r.status = 'published' AND d.selected_by = 'home') x
ON CONFLICT (ranking_id, destination_id) DO NOTHING
$$;
-- +goose StatementEnd

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['destination_changes', 'destination_change_texts', 'destination_figures'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_sees_all ON %I TO peregrine_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY work_sees_all ON %I TO peregrine_work USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO peregrine_work', t);
    EXECUTE format('GRANT SELECT ON %I TO peregrine_web', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['destination_changes', 'destination_figures'] LOOP
    EXECUTE format('CREATE TRIGGER history_is_never_changed BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', t);
    EXECUTE format('CREATE TRIGGER history_is_never_truncated BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', t);
  END LOOP;
END $$;
-- +goose StatementEnd

-- That a destination changed is as public as the destination; why, its applicants and the house read.
CREATE POLICY with_its_destination ON destination_changes FOR SELECT TO peregrine_web USING (EXISTS (SELECT 1 FROM destinations d WHERE d.id = destination_id));
CREATE POLICY applicant_or_house ON destination_change_texts FOR SELECT TO peregrine_web USING (
  institution_id = ANY ((SELECT actor_staff_of())::uuid[])
  OR EXISTS (SELECT 1 FROM destination_changes x JOIN destinations d ON d.id = x.destination_id JOIN applications a ON a.round_id = d.round_id
    WHERE x.id = change_id AND a.person_id = (SELECT actor_person())));
-- Nothing is in it that not everybody may know.
CREATE POLICY everybody_reads ON destination_figures FOR SELECT TO peregrine_web USING (true);

-- +goose StatementBegin
DO $$
BEGIN
  PERFORM keep_figures(r.id) FROM rankings r WHERE r.status = 'published';
END $$;
-- +goose StatementEnd
