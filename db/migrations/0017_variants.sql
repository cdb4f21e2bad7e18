-- +goose Up
-- What-if: a run computed otherwise, for understanding. Nothing of it can be published; each stays on record, so that
-- shopping for a result shows.
CREATE TABLE variants (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  call_id uuid NOT NULL REFERENCES calls,
  ranking_id uuid NOT NULL REFERENCES rankings, -- the run it is compared with
  number integer NOT NULL,
  name text NOT NULL,
  changes jsonb NOT NULL, -- what it does otherwise: ids, codes, numbers
  input_hash text NOT NULL,
  result text NOT NULL, -- canonical
  result_hash text NOT NULL,
  tried_at timestamptz NOT NULL,
  tried_by uuid NOT NULL REFERENCES persons,
  CONSTRAINT variant_number_is_unique_in_run UNIQUE (ranking_id, number)
);
CREATE INDEX variants_by_call ON variants (call_id);

-- Rounds in which whoever asks has a conflict of interest, or a file of their own: a what-if would tell them how it stands.
-- +goose StatementBegin
CREATE FUNCTION barred_rounds() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT coalesce(array_agg(DISTINCT a.round_id), '{}') FROM applications a
WHERE a.person_id = actor_person()
   OR EXISTS (SELECT 1 FROM conflicts f WHERE f.application_id = a.id AND f.person_id = actor_person() AND f.ended_at IS NULL)
$$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION barred_rounds() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION barred_rounds() TO peregrine_web, peregrine_work;

ALTER TABLE variants ENABLE ROW LEVEL SECURITY;
ALTER TABLE variants FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_sees_all ON variants TO peregrine_owner USING (true) WITH CHECK (true);
CREATE POLICY work_sees_all ON variants TO peregrine_work USING (true) WITH CHECK (true);
CREATE POLICY of_the_office ON variants FOR SELECT TO peregrine_web USING (
  institution_id = ANY ((SELECT actor_full_institutions())::uuid[])
  AND EXISTS (SELECT 1 FROM rankings r WHERE r.id = ranking_id AND NOT r.round_id = ANY ((SELECT barred_rounds())::uuid[])));
GRANT SELECT, INSERT ON variants TO peregrine_work;
GRANT SELECT ON variants TO peregrine_web;
