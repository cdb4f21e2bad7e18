-- +goose Up
-- Mail that came back: which mails were read, and what each said about a letter of ours.

-- A mail read from the mailbox or the pipe, once. Nothing of its content is kept, nor from whom it came.
CREATE TABLE bounce_mails (
  id uuid PRIMARY KEY,
  fingerprint text NOT NULL CONSTRAINT mail_is_read_once UNIQUE,
  at timestamptz NOT NULL, -- business time
  verdict text NOT NULL CONSTRAINT verdict_is_known CHECK (verdict IN ('failure', 'delay', 'delivered', 'auto_reply', 'other', 'unmatched'))
);
CREATE INDEX bounce_mails_by_time ON bounce_mails (at);

-- What became of a letter after a server had taken it. The letter keeps its status: it was sent. Erasure deletes the row.
CREATE TABLE letter_bounces (
  id uuid PRIMARY KEY,
  letter_id uuid NOT NULL REFERENCES letters,
  mail_id uuid NOT NULL REFERENCES bounce_mails,
  person_id uuid REFERENCES persons, -- whose letter it was; NULL: an office's or a host's
  at timestamptz NOT NULL, -- business time
  address text NOT NULL,
  action text NOT NULL CONSTRAINT bounce_action_is_known CHECK (action IN ('failed', 'delayed')),
  status text NOT NULL, -- enhanced status code of RFC 3463, '' if the server gave none
  reason text NOT NULL, -- in one word, what words of ours are chosen by
  about_address boolean NOT NULL, -- it speaks against the address, not against the letter or the hour
  diagnostic text NOT NULL, -- the server's words, cleaned
  mta text NOT NULL,
  settled_at timestamptz, -- business time
  settled_how text NOT NULL DEFAULT '' CONSTRAINT bounce_settlement_is_known CHECK (settled_how IN ('', 'sent_again', 'address_works')),
  settled_by uuid REFERENCES persons,
  again_id uuid REFERENCES letters, -- the letter it was sent again as
  CONSTRAINT letter_bounces_once_by_a_mail UNIQUE (letter_id, mail_id),
  CONSTRAINT settled_bounce_says_how CHECK ((settled_at IS NULL) = (settled_how = '')),
  CONSTRAINT bounce_sent_again_names_the_letter CHECK ((settled_how = 'sent_again') = (again_id IS NOT NULL))
);
CREATE INDEX letter_bounces_by_person ON letter_bounces (person_id);
CREATE INDEX letter_bounces_not_settled ON letter_bounces (letter_id) WHERE settled_at IS NULL AND action = 'failed';
CREATE INDEX letters_sent_again ON letters (again_of) WHERE again_of IS NOT NULL;
CREATE INDEX letters_unread ON letters (person_id) WHERE read_at IS NULL;

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['bounce_mails', 'letter_bounces'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_sees_all ON %I TO peregrine_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY work_sees_all ON %I TO peregrine_work USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO peregrine_work', t);
    EXECUTE format('GRANT SELECT ON %I TO peregrine_web', t);
  END LOOP;
END $$;
-- +goose StatementEnd
GRANT UPDATE, DELETE ON letter_bounces TO peregrine_work;
CREATE POLICY of_the_staff ON bounce_mails FOR SELECT TO peregrine_web USING ((SELECT cardinality(actor_staff_of()) > 0));
-- Whoever may read the letter learns that it came back, its reader too: they are the first to know their address.
CREATE POLICY with_its_letter ON letter_bounces FOR SELECT TO peregrine_web USING (EXISTS (SELECT 1 FROM letters l WHERE l.id = letter_id));

-- People whose address does not work, as far as anybody knows: a letter to the address of today came back for a reason
-- that speaks against it, and since then nobody said that it works, and no later letter stayed away for three days.
CREATE VIEW bounced_addresses WITH (security_invoker = true) AS
SELECT b.person_id, min(b.at)::timestamptz AS since
FROM letter_bounces b JOIN persons p ON p.id = b.person_id AND lower(p.email) = lower(b.address)
WHERE b.action = 'failed' AND b.about_address AND b.settled_how <> 'address_works'
  AND NOT EXISTS (SELECT 1 FROM letters l JOIN letter_texts t ON t.letter_id = l.id
    WHERE l.person_id = b.person_id AND l.status = 'sent' AND l.sent_at > b.at AND l.sent_at < business_now() - interval '3 days'
      AND lower(t.address) = lower(b.address) AND NOT EXISTS (SELECT 1 FROM letter_bounces x WHERE x.letter_id = l.id))
GROUP BY b.person_id;

-- What a person reads here: every letter to them whose words are written, and a decision from the moment it is planned,
-- since with that moment it is public, whatever becomes of the e-mail. Of a letter sent again the last counts.
CREATE VIEW notices WITH (security_invoker = true) AS
SELECT l.id, l.person_id, l.institution_id, l.kind, l.application_id, l.call_id, l.status, l.planned_at, l.sent_at, l.read_at
FROM letters l
WHERE l.person_id IS NOT NULL AND l.status IN ('planned', 'sending', 'sent', 'failed', 'unknown')
  AND (EXISTS (SELECT 1 FROM letter_texts t WHERE t.letter_id = l.id) OR (l.status = 'planned' AND l.queue = 'decisions'))
  AND NOT EXISTS (SELECT 1 FROM letters x WHERE x.again_of = l.id AND x.status NOT IN ('skipped', 'retracted'));
GRANT SELECT ON notices TO peregrine_web, peregrine_work;
GRANT SELECT ON bounced_addresses TO peregrine_web, peregrine_work;
