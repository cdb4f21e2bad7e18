-- +goose Up
-- What a corrected address leaves behind, and the words that belong to an act. Both are deleted with
-- the person; history keeps ids alone.

-- Addresses a person had: the old one is told of a change, and a conflict of interest is found by it.
CREATE TABLE person_addresses (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES persons,
  email text NOT NULL,
  until timestamptz NOT NULL
);
CREATE INDEX person_addresses_by_person ON person_addresses (person_id);
CREATE INDEX person_addresses_by_address ON person_addresses (lower(email));

-- Why somebody amended a deadline, revoked a link, declared a conflict.
CREATE TABLE act_texts (
  act_id uuid PRIMARY KEY REFERENCES acts,
  person_id uuid REFERENCES persons, -- whom the words are about, if anybody
  reason text NOT NULL
);
CREATE INDEX act_texts_by_person ON act_texts (person_id);

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['person_addresses', 'act_texts'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_sees_all ON %I TO peregrine_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY work_sees_all ON %I TO peregrine_work USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON %I TO peregrine_work', t);
    EXECUTE format('GRANT SELECT ON %I TO peregrine_web', t);
  END LOOP;
END $$;
-- +goose StatementEnd
CREATE POLICY own ON person_addresses FOR SELECT TO peregrine_web USING (person_id = (SELECT actor_person()));
CREATE POLICY with_its_act ON act_texts FOR SELECT TO peregrine_web USING (
  EXISTS (SELECT 1 FROM acts a WHERE a.id = act_id)
  AND (person_id IS NULL OR NOT person_id = ANY ((SELECT barred_persons())::uuid[])));

-- An institution listed under two codes becomes one; the other row is left without a code and goes.
GRANT DELETE ON institutions TO peregrine_work;
