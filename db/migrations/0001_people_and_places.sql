-- +goose Up
-- Who there is and what there is to be had: institutions, units, people, roles, agreements, pools.
-- Row-level security reads who is asking from the transaction's settings; process and identity set them.

-- +goose StatementBegin
CREATE FUNCTION actor_person() RETURNS uuid LANGUAGE sql STABLE
RETURN nullif(current_setting('peregrine.person', true), '')::uuid;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION actor_institutions() RETURNS uuid[] LANGUAGE sql STABLE
RETURN coalesce(nullif(current_setting('peregrine.institutions', true), '')::uuid[], '{}'::uuid[]);
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION actor_units() RETURNS uuid[] LANGUAGE sql STABLE
RETURN coalesce(nullif(current_setting('peregrine.units', true), '')::uuid[], '{}'::uuid[]);
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION actor_calls() RETURNS uuid[] LANGUAGE sql STABLE
RETURN coalesce(nullif(current_setting('peregrine.calls', true), '')::uuid[], '{}'::uuid[]);
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION actor_hosts() RETURNS uuid[] LANGUAGE sql STABLE
RETURN coalesce(nullif(current_setting('peregrine.hosts', true), '')::uuid[], '{}'::uuid[]);
-- +goose StatementEnd
-- +goose StatementBegin
-- Institutions in which the actor holds any role at all, however narrow: what is nobody's personal
-- data (units, agreements, pools, calls not yet open) is theirs to read.
CREATE FUNCTION actor_staff_of() RETURNS uuid[] LANGUAGE sql STABLE
RETURN coalesce(nullif(current_setting('peregrine.staff_of', true), '')::uuid[], '{}'::uuid[]);
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is history: it is never changed or deleted', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'history_is_never_changed';
END $$;
-- +goose StatementEnd

-- One row: what this database is, and how far the business clock is ahead of the system's.
CREATE TABLE installation (
  only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT installation_is_one_row CHECK (only_row),
  kind text NOT NULL CONSTRAINT installation_is_demo_or_production CHECK (kind IN ('demo', 'production')),
  clock_offset interval NOT NULL DEFAULT '0' CONSTRAINT business_clock_only_moves_forward CHECK (clock_offset >= '0'),
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT only_a_demo_moves_its_clock CHECK (kind = 'demo' OR clock_offset = '0')
);

-- +goose StatementBegin
CREATE FUNCTION business_now() RETURNS timestamptz LANGUAGE sql STABLE
RETURN now() + coalesce((SELECT clock_offset FROM installation), '0');
-- +goose StatementEnd

CREATE TABLE institutions (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  name_local text NOT NULL DEFAULT '',
  city text NOT NULL DEFAULT '',
  country text NOT NULL CONSTRAINT country_is_two_letters CHECK (country ~ '^[A-Z]{2}$'),
  website text NOT NULL DEFAULT '',
  language text NOT NULL DEFAULT 'en',
  time_zone text NOT NULL DEFAULT 'UTC',
  schac_domain text CONSTRAINT institution_domain_is_unique UNIQUE,
  pic text NOT NULL DEFAULT '',
  oid text NOT NULL DEFAULT '',
  tenant boolean NOT NULL DEFAULT false, -- uses Peregrine itself; the others are partners
  office_email text NOT NULL DEFAULT '', -- where the International Relations Office reads its mail
  office_phone text NOT NULL DEFAULT ''
);

CREATE TABLE erasmus_codes (
  code text PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  valid_from date,
  valid_to date
);
CREATE INDEX erasmus_codes_by_institution ON erasmus_codes (institution_id);

-- Days on which an institution does not work, beside Saturday and Sunday.
CREATE TABLE holidays (
  institution_id uuid NOT NULL REFERENCES institutions,
  day date NOT NULL,
  PRIMARY KEY (institution_id, day)
);

CREATE TABLE units (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  parent_id uuid REFERENCES units,
  code text NOT NULL,
  name jsonb NOT NULL, -- language → name
  CONSTRAINT unit_code_is_unique_in_institution UNIQUE (institution_id, code)
);

-- A person is global: an address to sign in with and the European Student Identifier.
CREATE TABLE persons (
  id uuid PRIMARY KEY,
  email text NOT NULL,
  esi text,
  language text NOT NULL DEFAULT '',
  erased_at timestamptz
);
CREATE UNIQUE INDEX address_belongs_to_one_person ON persons (lower(email)) WHERE erased_at IS NULL;
CREATE UNIQUE INDEX student_identifier_belongs_to_one_person ON persons (lower(esi)) WHERE esi IS NOT NULL;

-- Facts about a person belong to the institution that gave them. The salt goes
-- into hashes kept in history, and is deleted with the facts.
CREATE TABLE person_facts (
  institution_id uuid NOT NULL REFERENCES institutions,
  person_id uuid NOT NULL REFERENCES persons,
  given_names text NOT NULL DEFAULT '',
  family_names text NOT NULL DEFAULT '',
  birth_date date,
  nationality text NOT NULL DEFAULT '',
  gender smallint NOT NULL DEFAULT 0 CONSTRAINT gender_is_iso_5218 CHECK (gender IN (0, 1, 2, 9)),
  phone text NOT NULL DEFAULT '',
  salt bytea NOT NULL DEFAULT sha256(gen_random_uuid()::text::bytea),
  PRIMARY KEY (institution_id, person_id)
);
CREATE INDEX person_facts_by_person ON person_facts (person_id);

CREATE TABLE affiliations (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  person_id uuid NOT NULL REFERENCES persons,
  unit_id uuid NOT NULL REFERENCES units,
  kind text NOT NULL CONSTRAINT affiliation_is_student_or_staff CHECK (kind IN ('student', 'staff')),
  cycle smallint CONSTRAINT cycle_is_an_eqf_level CHECK (cycle BETWEEN 5 AND 8),
  field text NOT NULL DEFAULT '', -- ISCED-F
  year smallint,
  average numeric(7, 4),
  credits numeric(7, 2),
  imported_at timestamptz NOT NULL,
  CONSTRAINT one_affiliation_per_person_and_unit UNIQUE (person_id, unit_id)
);
CREATE INDEX affiliations_by_institution ON affiliations (institution_id, unit_id);

CREATE TABLE agreements (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions, -- home
  unit_id uuid NOT NULL REFERENCES units,
  host_institution_id uuid NOT NULL REFERENCES institutions,
  isced_f text NOT NULL,
  cycle smallint, -- NULL: every cycle
  places integer NOT NULL CONSTRAINT agreement_places_are_not_negative CHECK (places >= 0),
  months numeric(4, 1) NOT NULL,
  language text NOT NULL,
  cefr text NOT NULL CONSTRAINT cefr_level_is_known CHECK (cefr IN ('', 'A1', 'A2', 'B1', 'B2', 'C1', 'C2')),
  term text NOT NULL CONSTRAINT agreement_term_is_known CHECK (term IN ('autumn', 'spring', 'year')),
  academic_year text NOT NULL CONSTRAINT academic_year_is_written_2027_28 CHECK (academic_year ~ '^\d{4}/\d{2}$'),
  nomination_wall timestamp,
  nomination_zone text,
  home_agreement_id text NOT NULL DEFAULT '',
  host_agreement_id text NOT NULL DEFAULT '',
  selected_by text NOT NULL DEFAULT 'home' CONSTRAINT home_or_host_selects CHECK (selected_by IN ('home', 'host')),
  CONSTRAINT agreement_is_listed_once UNIQUE (institution_id, unit_id, host_institution_id, isced_f, academic_year, term, cycle, home_agreement_id)
);
CREATE INDEX agreements_by_host ON agreements (host_institution_id);

-- The places there are. Shared by every call and round that draws on them.
CREATE TABLE pools (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  agreement_id uuid NOT NULL REFERENCES agreements,
  academic_year text NOT NULL,
  term text NOT NULL CONSTRAINT pool_term_is_one_term CHECK (term IN ('autumn', 'spring')),
  places integer NOT NULL,
  overbooked integer NOT NULL DEFAULT 0,
  held integer NOT NULL DEFAULT 0,
  CONSTRAINT pool_is_named_once UNIQUE (agreement_id, academic_year, term),
  CONSTRAINT pool_is_never_held_beyond_allowed CHECK (held >= 0 AND held <= places + overbooked)
);

CREATE TABLE overbookings (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  pool_id uuid NOT NULL REFERENCES pools,
  number integer NOT NULL CONSTRAINT overbooking_changes_something CHECK (number <> 0),
  rule text NOT NULL CONSTRAINT overbooking_rule_is_known CHECK (rule IN ('tie_admitted_whole', 'host_consent', 'correction', 'partner_cut_places')),
  why text NOT NULL,
  person_id uuid REFERENCES persons,
  at timestamptz NOT NULL
);

-- What a person may do where. Unit NULL: the whole institution.
CREATE TABLE roles (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES persons,
  institution_id uuid NOT NULL REFERENCES institutions,
  unit_id uuid REFERENCES units,
  call_id uuid,
  role text NOT NULL CONSTRAINT role_can_be_granted CHECK (role IN ('coordinator', 'assessor', 'officer', 'administrator', 'operator')),
  valid_from timestamptz NOT NULL,
  valid_to timestamptz
);
CREATE INDEX roles_by_person ON roles (person_id);
CREATE UNIQUE INDEX role_is_granted_once ON roles (person_id, institution_id, role, coalesce(unit_id, institution_id), coalesce(call_id, institution_id)) WHERE valid_to IS NULL;
