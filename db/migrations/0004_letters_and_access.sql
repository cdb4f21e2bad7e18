-- +goose Up
-- Letters and their attempts, who may come in, and who looked at what.

CREATE TABLE letters (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  kind text NOT NULL,
  queue text NOT NULL CONSTRAINT letter_queue_is_known CHECK (queue IN ('decisions', 'reminders', 'bulk')),
  language text NOT NULL,
  person_id uuid REFERENCES persons, -- NULL: an office or a host, see recipient
  recipient text NOT NULL CONSTRAINT letter_recipient_is_known CHECK (recipient IN ('applicant', 'person', 'office', 'host', 'old_address')),
  application_id uuid REFERENCES applications,
  call_id uuid REFERENCES calls,
  event_id uuid REFERENCES events,
  subject_key text NOT NULL, -- what it is about and why: a letter is planned once
  data jsonb NOT NULL DEFAULT '{}', -- ids, codes, numbers
  status text NOT NULL CONSTRAINT letter_status_is_known CHECK (status IN ('planned', 'sending', 'sent', 'failed', 'unknown', 'skipped', 'retracted')),
  skip_reason text NOT NULL DEFAULT '',
  planned_at timestamptz NOT NULL, -- business time
  sent_at timestamptz,
  read_at timestamptz,
  CONSTRAINT letter_is_planned_once UNIQUE (subject_key, kind)
);
CREATE INDEX letters_by_person ON letters (person_id);
CREATE INDEX letters_by_application ON letters (application_id);
CREATE INDEX letters_not_settled ON letters (institution_id, status) WHERE status IN ('planned', 'sending', 'failed', 'unknown');

-- Rendered and frozen by the sending job before its first attempt.
CREATE TABLE letter_texts (
  letter_id uuid PRIMARY KEY REFERENCES letters,
  person_id uuid REFERENCES persons,
  address text NOT NULL,
  subject text NOT NULL,
  plain text NOT NULL,
  html text NOT NULL,
  message_id text NOT NULL CONSTRAINT message_id_is_unique UNIQUE,
  frozen_at timestamptz NOT NULL
);

CREATE TABLE letter_attempts (
  letter_id uuid NOT NULL REFERENCES letters,
  number integer NOT NULL,
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  outcome text CONSTRAINT attempt_outcome_is_known CHECK (outcome IN ('sent', 'temporary', 'permanent', 'unknown')),
  code integer,
  response text NOT NULL DEFAULT '',
  PRIMARY KEY (letter_id, number)
);

-- What concerns a call, a round, a link or a person rather than one application.
CREATE TABLE acts (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  act text NOT NULL,
  subject_kind text NOT NULL,
  subject_id uuid NOT NULL,
  at timestamptz NOT NULL,
  actor_id uuid REFERENCES persons,
  data jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX acts_by_subject ON acts (subject_id);

CREATE TABLE access_lines (
  id uuid PRIMARY KEY,
  institution_id uuid REFERENCES institutions,
  at timestamptz NOT NULL DEFAULT now(),
  actor_id uuid REFERENCES persons,
  host_link_id uuid,
  page text NOT NULL,
  subject_ids uuid[] NOT NULL DEFAULT '{}',
  filter text NOT NULL DEFAULT '',
  count integer NOT NULL
);
CREATE INDEX access_lines_by_time ON access_lines (at);

-- Which other institution sees a record, and why.
CREATE TABLE shares (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  visible_to uuid NOT NULL REFERENCES institutions,
  application_id uuid NOT NULL REFERENCES applications,
  nomination_id uuid NOT NULL REFERENCES nominations,
  why text NOT NULL CONSTRAINT share_reason_is_known CHECK (why IN ('nomination')),
  since timestamptz NOT NULL,
  until timestamptz,
  CONSTRAINT record_is_shared_once UNIQUE (visible_to, nomination_id)
);
CREATE INDEX shares_by_application ON shares (application_id, visible_to);

-- A personal link for a host officer without an account.
CREATE TABLE host_links (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  call_id uuid NOT NULL REFERENCES calls,
  host_institution_id uuid NOT NULL REFERENCES institutions,
  address text NOT NULL, -- of record
  token_hash bytea, -- set by the sending job
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  revoked_by uuid REFERENCES persons
);
CREATE UNIQUE INDEX link_token_is_unique ON host_links (token_hash);

CREATE TABLE host_codes (
  id uuid PRIMARY KEY,
  host_link_id uuid NOT NULL REFERENCES host_links,
  code_hash bytea, -- set by the sending job
  asked_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  tries integer NOT NULL DEFAULT 0,
  used_at timestamptz
);

CREATE TABLE host_devices (
  device_hash bytea PRIMARY KEY,
  host_link_id uuid NOT NULL REFERENCES host_links,
  since timestamptz NOT NULL
);

CREATE TABLE sign_ins (
  id uuid PRIMARY KEY,
  email text NOT NULL, -- deleted with the row a day later
  person_id uuid REFERENCES persons, -- NULL: unknown address, nothing is sent
  language text NOT NULL,
  application_id uuid REFERENCES applications, -- asked for from its page
  late_until timestamptz, -- it was before the deadline: submitting allowed until then (business time)
  asked_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  token_hash bytea, -- set by the sending job
  code_hash bytea,
  tries integer NOT NULL DEFAULT 0,
  used_at timestamptz
);
CREATE UNIQUE INDEX sign_in_token_is_unique ON sign_ins (token_hash);
CREATE INDEX sign_ins_by_address ON sign_ins (lower(email), asked_at);

CREATE TABLE sessions (
  token_hash text PRIMARY KEY,
  person_id uuid REFERENCES persons,
  data bytea NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_by_person ON sessions (person_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE rate_counters (
  key text NOT NULL, -- hashed address or network
  period timestamptz NOT NULL,
  count integer NOT NULL,
  PRIMARY KEY (key, period)
);
