-- +goose Up
-- Lifecycles as data, and the calls that pin a version of one.

CREATE TABLE definitions (
  id uuid PRIMARY KEY,
  institution_id uuid REFERENCES institutions, -- NULL: built in
  name text NOT NULL,
  version integer NOT NULL,
  source text NOT NULL, -- the YAML as loaded
  hash bytea NOT NULL,
  loaded_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX definition_version_is_loaded_once ON definitions (name, version, coalesce(institution_id, '00000000-0000-0000-0000-000000000000'));

CREATE TABLE definition_states (
  definition_id uuid NOT NULL REFERENCES definitions,
  name text NOT NULL,
  position integer NOT NULL,
  phase text NOT NULL CONSTRAINT phase_is_of_the_core CHECK (phase IN ('draft', 'submitted', 'nominated', 'accepted', 'enrolled', 'closed')),
  turn text NOT NULL,
  editable boolean NOT NULL,
  holds_place boolean NOT NULL,
  offer text NOT NULL CONSTRAINT state_offer_is_known CHECK (offer IN ('none', 'open', 'confirmed')),
  nomination text NOT NULL CONSTRAINT state_nomination_is_known CHECK (nomination IN ('none', 'live', 'accepted')),
  decision text NOT NULL CONSTRAINT state_decision_is_known CHECK (decision IN ('none', 'positive', 'negative')),
  visible text NOT NULL CONSTRAINT state_visibility_is_known CHECK (visible IN ('at_once', 'when_published')),
  PRIMARY KEY (definition_id, name),
  CONSTRAINT state_has_one_phase UNIQUE (definition_id, name, phase)
);

CREATE TABLE definition_moves (
  definition_id uuid NOT NULL,
  name text NOT NULL,
  from_state text NOT NULL,
  to_state text NOT NULL,
  PRIMARY KEY (definition_id, name, from_state, to_state),
  FOREIGN KEY (definition_id, from_state) REFERENCES definition_states (definition_id, name),
  FOREIGN KEY (definition_id, to_state) REFERENCES definition_states (definition_id, name)
);

CREATE TABLE definition_timers (
  definition_id uuid NOT NULL,
  state text NOT NULL,
  deadline text NOT NULL,
  move text NOT NULL,
  PRIMARY KEY (definition_id, state, deadline),
  FOREIGN KEY (definition_id, state) REFERENCES definition_states (definition_id, name)
);

CREATE TABLE definition_reminders (
  definition_id uuid NOT NULL,
  state text NOT NULL,
  deadline text NOT NULL,
  shift interval NOT NULL, -- from the deadline; negative: before it
  recipient text NOT NULL,
  letter text NOT NULL,
  PRIMARY KEY (definition_id, state, deadline, shift, letter, recipient),
  FOREIGN KEY (definition_id, state) REFERENCES definition_states (definition_id, name)
);

CREATE TABLE forms (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  name text NOT NULL,
  version integer NOT NULL,
  questions jsonb NOT NULL,
  CONSTRAINT form_version_is_unique UNIQUE (institution_id, name, version)
);

CREATE TABLE schemes (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  name text NOT NULL,
  version integer NOT NULL,
  criteria jsonb NOT NULL,
  CONSTRAINT scheme_version_is_unique UNIQUE (institution_id, name, version)
);

CREATE TABLE calls (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  programme text NOT NULL CONSTRAINT programme_is_known CHECK (programme IN ('erasmus-study', 'erasmus-traineeship', 'bilateral-study', 'bip', 'staff-teaching', 'staff-training', 'staff-bip')),
  academic_year text NOT NULL,
  title jsonb NOT NULL,
  description jsonb NOT NULL,
  requirements jsonb NOT NULL DEFAULT '{}',
  zone text NOT NULL,
  definition_id uuid NOT NULL REFERENCES definitions,
  form_id uuid NOT NULL REFERENCES forms,
  scheme_id uuid NOT NULL REFERENCES schemes,
  max_choices integer NOT NULL CONSTRAINT a_call_allows_a_choice CHECK (max_choices >= 1),
  max_languages integer NOT NULL DEFAULT 0, -- 0: no limit
  min_ects numeric(5, 1),
  min_days integer, -- physical stay
  max_days integer,
  upgrades text NOT NULL DEFAULT 'none' CONSTRAINT upgrades_rule_is_known CHECK (upgrades IN ('none', 'until_confirmed')),
  confirm_days integer NOT NULL DEFAULT 7,
  promotion_days integer NOT NULL DEFAULT 3,
  confirm_hour integer NOT NULL DEFAULT 12,
  confirm_minimum interval NOT NULL DEFAULT '48 hours',
  lead_days integer NOT NULL DEFAULT 3,
  method text NOT NULL DEFAULT 'list',
  tie_chain text[] NOT NULL DEFAULT '{}',
  reserve_limit integer, -- how many wait at one destination; NULL: everybody, 0: nobody
  seed_hash bytea, -- announced when the call opens
  registration text NOT NULL DEFAULT 'none' CONSTRAINT registration_rule_is_known CHECK (registration IN ('none', 'coordinator', 'officer')),
  contact_email text NOT NULL DEFAULT '',
  contact_phone text NOT NULL DEFAULT '',
  appeal jsonb NOT NULL DEFAULT '{}', -- language → how and until when one may appeal
  opened_at timestamptz,
  opened_by uuid REFERENCES persons
);
CREATE INDEX calls_by_institution ON calls (institution_id);
ALTER TABLE roles ADD CONSTRAINT role_in_a_known_call FOREIGN KEY (call_id) REFERENCES calls;

-- The lottery's seed: hidden from every page until the result it may have decided is published.
CREATE TABLE call_seeds (
  call_id uuid PRIMARY KEY REFERENCES calls,
  institution_id uuid NOT NULL REFERENCES institutions,
  seed text NOT NULL
);

-- No row: every unit of the institution.
CREATE TABLE call_units (
  call_id uuid NOT NULL REFERENCES calls,
  unit_id uuid NOT NULL REFERENCES units,
  PRIMARY KEY (call_id, unit_id)
);

CREATE TABLE rounds (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  call_id uuid NOT NULL REFERENCES calls,
  number integer NOT NULL,
  CONSTRAINT round_number_is_unique_in_call UNIQUE (call_id, number)
);

CREATE TABLE destinations (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  call_id uuid NOT NULL REFERENCES calls,
  round_id uuid NOT NULL REFERENCES rounds,
  agreement_id uuid NOT NULL REFERENCES agreements,
  host_institution_id uuid NOT NULL REFERENCES institutions,
  unit_id uuid NOT NULL REFERENCES units,
  term text NOT NULL CONSTRAINT destination_term_is_known CHECK (term IN ('autumn', 'spring', 'year')),
  cycle smallint,
  isced_f text NOT NULL,
  language text NOT NULL,
  cefr text NOT NULL,
  months numeric(4, 1) NOT NULL,
  starts_on date,
  ends_on date,
  selected_by text NOT NULL CONSTRAINT destination_selected_by_home_or_host CHECK (selected_by IN ('home', 'host')),
  nomination_limit integer,
  host_email text NOT NULL DEFAULT '',
  CONSTRAINT destination_is_listed_once UNIQUE (round_id, agreement_id)
);
CREATE INDEX destinations_by_call ON destinations (call_id);

CREATE TABLE destination_pools (
  destination_id uuid NOT NULL REFERENCES destinations,
  pool_id uuid NOT NULL REFERENCES pools,
  PRIMARY KEY (destination_id, pool_id)
);
CREATE INDEX destination_pools_by_pool ON destination_pools (pool_id);
