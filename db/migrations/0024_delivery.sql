-- +goose Up
-- The way to the mail server, shared by all processes that work: how fast letters may go, and whether it answers.
CREATE TABLE relays (
  name text PRIMARY KEY, -- host and port
  next_slot timestamptz NOT NULL DEFAULT now(), -- when the next letter that asks may go, under a rate
  answered_at timestamptz, -- when it was last found to answer
  down_since timestamptz, -- NULL: it answers, as far as anybody knows
  failures integer NOT NULL DEFAULT 0, -- looks at it in a row that found it down
  looked_at timestamptz, -- when somebody last looked whether it is back
  look_at timestamptz, -- when somebody should next
  rising_since timestamptz, -- it came back then, and letters went slowly at first
  response text NOT NULL DEFAULT '', -- what kept it from answering
  CONSTRAINT silent_relay_is_looked_at CHECK ((down_since IS NULL) = (look_at IS NULL))
);
ALTER TABLE relays ENABLE ROW LEVEL SECURITY;
ALTER TABLE relays FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_sees_all ON relays TO peregrine_owner USING (true) WITH CHECK (true);
CREATE POLICY work_sees_all ON relays TO peregrine_work USING (true) WITH CHECK (true);
CREATE POLICY of_the_staff ON relays FOR SELECT TO peregrine_web USING (
  (SELECT cardinality(actor_staff_of()) > 0));
GRANT SELECT, INSERT, UPDATE ON relays TO peregrine_work;
GRANT SELECT ON relays TO peregrine_web;

-- Letters that wait for the mail server, whoever asks: a number, and nothing about them.
CREATE INDEX letters_planned ON letters (planned_at) WHERE status = 'planned';

-- What signs addresses in letters that need no row of their own. Made here, once, and known to nobody outside.
CREATE TABLE signing_keys (
  name text PRIMARY KEY,
  key bytea NOT NULL CONSTRAINT signing_key_is_long CHECK (length(key) >= 32)
);
INSERT INTO signing_keys (name, key) VALUES ('unsubscribe', sha256((gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text)::bytea));
ALTER TABLE signing_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE signing_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_sees_all ON signing_keys TO peregrine_owner USING (true) WITH CHECK (true);
CREATE POLICY work_sees_all ON signing_keys TO peregrine_work USING (true) WITH CHECK (true);
GRANT SELECT ON signing_keys TO peregrine_work;
