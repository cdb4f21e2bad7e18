-- +goose Up
-- Mail that is no row of letters, and a pause of everything.

-- The Message-ID of a sign-in letter is made of this and of nothing whoever asks for the letter learns, so that nobody can
-- make up a report about it. The sending job sets it; it goes with the row.
ALTER TABLE sign_ins ADD COLUMN mail_key uuid CONSTRAINT sign_in_mail_is_known_once UNIQUE;

-- A sign-in letter that came back or was refused: what it tells of its reader's address. Erasure deletes the row.
CREATE TABLE address_bounces (
  id uuid PRIMARY KEY,
  mail_id uuid REFERENCES bounce_mails, -- NULL: the mail server refused it at once
  person_id uuid NOT NULL REFERENCES persons,
  at timestamptz NOT NULL, -- business time
  address text NOT NULL,
  status text NOT NULL, -- enhanced status code of RFC 3463, '' if the server gave none
  reason text NOT NULL, -- in one word, what words of ours are chosen by
  about_address boolean NOT NULL, -- it speaks against the address, not against the letter or the hour
  diagnostic text NOT NULL, -- the server's words, cleaned
  mta text NOT NULL,
  works_at timestamptz, -- business time: somebody knows since then that the address works
  works_by uuid REFERENCES persons, -- NULL: its owner, who signed in by it
  CONSTRAINT address_bounces_once_by_a_mail UNIQUE (person_id, mail_id),
  CONSTRAINT works_says_since_when CHECK (works_at IS NOT NULL OR works_by IS NULL)
);
CREATE INDEX address_bounces_by_mail ON address_bounces (mail_id);
ALTER TABLE address_bounces ENABLE ROW LEVEL SECURITY;
ALTER TABLE address_bounces FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_sees_all ON address_bounces TO peregrine_owner USING (true) WITH CHECK (true);
CREATE POLICY work_sees_all ON address_bounces TO peregrine_work USING (true) WITH CHECK (true);
-- The person, and the staff of the houses that know them.
CREATE POLICY with_its_person ON address_bounces FOR SELECT TO peregrine_web USING (
  person_id = (SELECT actor_person()) OR EXISTS (
    SELECT 1 FROM person_facts f WHERE f.person_id = address_bounces.person_id AND f.institution_id = ANY ((SELECT actor_staff_of())::uuid[])));
GRANT SELECT, INSERT, UPDATE, DELETE ON address_bounces TO peregrine_work;
GRANT SELECT ON address_bounces TO peregrine_web;

-- People whose address does not work, as far as anybody knows: a letter or a sign-in letter to the address of today came
-- back for a reason that speaks against it, and since then nobody said that it works, and no later letter stayed away for
-- three days.
CREATE OR REPLACE VIEW bounced_addresses WITH (security_invoker = true) AS
SELECT b.person_id, min(b.at)::timestamptz AS since
FROM (SELECT person_id, address, at FROM letter_bounces WHERE action = 'failed' AND about_address AND settled_how <> 'address_works'
  UNION ALL SELECT person_id, address, at FROM address_bounces WHERE about_address AND works_at IS NULL) b
JOIN persons p ON p.id = b.person_id AND lower(p.email) = lower(b.address)
WHERE NOT EXISTS (SELECT 1 FROM letters l JOIN letter_texts t ON t.letter_id = l.id
    WHERE l.person_id = b.person_id AND l.status = 'sent' AND l.sent_at > b.at AND l.sent_at < business_now() - interval '3 days'
      AND lower(t.address) = lower(b.address) AND NOT EXISTS (SELECT 1 FROM letter_bounces x WHERE x.letter_id = l.id))
GROUP BY b.person_id;

-- A pause may be of everything the institution sends.
ALTER TABLE letter_pauses ADD COLUMN everything boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT pause_of_everything_names_nothing CHECK (NOT everything OR (ranking_id IS NULL AND kinds = '{}'));
DROP INDEX publication_is_paused_once;
CREATE UNIQUE INDEX publication_is_paused_once ON letter_pauses (institution_id, coalesce(ranking_id, institution_id), everything) WHERE resumed_at IS NULL;

-- Whether e-mail of this kind, of this publication, waits. What signs somebody in never does, nor does what an officer had
-- sent to themselves. (Sign-in letters are no rows at all.)
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION letter_waits(institution uuid, kind text, ranking text) RETURNS boolean LANGUAGE sql STABLE AS $$
SELECT EXISTS (SELECT 1 FROM letter_pauses p WHERE p.institution_id = institution AND p.resumed_at IS NULL
  AND CASE WHEN p.everything THEN kind NOT IN ('late_link', 'sample')
    ELSE kind = ANY (p.kinds) AND (p.ranking_id IS NULL OR p.ranking_id::text = ranking) END)
$$;
-- +goose StatementEnd
