-- +goose Up
-- A person's own deadlines as a calendar others may subscribe to, by a secret link that can be taken back.
CREATE TABLE calendar_links (
  person_id uuid PRIMARY KEY REFERENCES persons, -- one has one, or none
  token_hash bytea NOT NULL,
  language text NOT NULL, -- a calendar program has none of its own
  made_at timestamptz NOT NULL DEFAULT now(),
  read_at timestamptz -- last; system time
);
CREATE UNIQUE INDEX calendar_token_is_unique ON calendar_links (token_hash);

ALTER TABLE calendar_links ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendar_links FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_sees_all ON calendar_links TO peregrine_owner USING (true) WITH CHECK (true);
CREATE POLICY work_sees_all ON calendar_links TO peregrine_work USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON calendar_links TO peregrine_work; -- pages ask identity, as for sessions
