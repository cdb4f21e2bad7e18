-- +goose Up
-- Applications: what people wrote, what they sent, what became of it. Names, answers and free text
-- lie in tables keyed by person; history holds ids, codes and numbers only.

CREATE TABLE applications (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  call_id uuid NOT NULL REFERENCES calls,
  round_id uuid NOT NULL REFERENCES rounds,
  person_id uuid NOT NULL REFERENCES persons,
  unit_id uuid NOT NULL REFERENCES units,
  definition_id uuid NOT NULL REFERENCES definitions,
  state text NOT NULL,
  phase text NOT NULL,
  revision integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  moved_at timestamptz NOT NULL,
  late boolean NOT NULL DEFAULT false, -- sent within the twenty minutes after the deadline by a link asked for before it
  held_back text NOT NULL DEFAULT '', -- why the office keeps this result out of the publication
  CONSTRAINT one_application_per_person_and_round UNIQUE (person_id, round_id),
  CONSTRAINT state_is_one_of_the_pinned_definition FOREIGN KEY (definition_id, state, phase)
    REFERENCES definition_states (definition_id, name, phase)
);
CREATE INDEX applications_by_round ON applications (round_id, unit_id);
CREATE INDEX applications_by_state ON applications (definition_id, state);

-- What the applicant has typed so far; nobody else reads it.
CREATE TABLE drafts (
  application_id uuid PRIMARY KEY REFERENCES applications,
  person_id uuid NOT NULL REFERENCES persons,
  answers jsonb NOT NULL DEFAULT '{}', -- question key, or key@destination → text
  choices uuid[] NOT NULL DEFAULT '{}', -- destinations in order of preference
  revision integer NOT NULL DEFAULT 1,
  saved_at timestamptz NOT NULL
);

CREATE TABLE documents (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  application_id uuid NOT NULL REFERENCES applications,
  person_id uuid NOT NULL REFERENCES persons,
  question text NOT NULL,
  destination_id uuid REFERENCES destinations,
  file_name text NOT NULL,
  media_type text NOT NULL,
  size bigint NOT NULL,
  sha256 bytea NOT NULL,
  uploaded_at timestamptz NOT NULL,
  removed_at timestamptz -- out of the draft; submissions that carry it keep it
);
CREATE INDEX documents_by_application ON documents (application_id);

CREATE TABLE submissions (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  application_id uuid NOT NULL REFERENCES applications,
  number integer NOT NULL,
  arrived_at timestamptz NOT NULL, -- business time
  late boolean NOT NULL DEFAULT false,
  form_id uuid NOT NULL REFERENCES forms,
  hash bytea NOT NULL, -- salted, over the content
  CONSTRAINT submission_number_is_unique UNIQUE (application_id, number)
);

CREATE TABLE submission_contents (
  submission_id uuid PRIMARY KEY REFERENCES submissions,
  person_id uuid NOT NULL REFERENCES persons,
  answers jsonb NOT NULL,
  facts jsonb NOT NULL -- affiliation and imported values as they were
);

CREATE TABLE submission_documents (
  submission_id uuid NOT NULL REFERENCES submissions,
  document_id uuid NOT NULL REFERENCES documents,
  PRIMARY KEY (submission_id, document_id)
);

CREATE TABLE choices (
  submission_id uuid NOT NULL REFERENCES submissions,
  application_id uuid NOT NULL REFERENCES applications,
  position integer NOT NULL,
  destination_id uuid NOT NULL REFERENCES destinations,
  PRIMARY KEY (submission_id, position),
  CONSTRAINT destination_is_chosen_once UNIQUE (submission_id, destination_id)
);
CREATE INDEX choices_by_destination ON choices (destination_id);

CREATE TABLE events (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  application_id uuid NOT NULL REFERENCES applications,
  revision integer NOT NULL, -- the application's, after the event
  kind text NOT NULL CONSTRAINT event_kind_is_known CHECK (kind IN ('start', 'move', 'remap')),
  definition_id uuid NOT NULL,
  move text,
  from_state text,
  to_state text NOT NULL,
  at timestamptz NOT NULL, -- business time
  system_at timestamptz NOT NULL DEFAULT now(),
  actor_id uuid REFERENCES persons,
  actor_role text NOT NULL,
  data jsonb NOT NULL DEFAULT '{}', -- ids, codes, numbers
  CONSTRAINT event_is_the_only_one_of_its_revision UNIQUE (application_id, revision),
  CONSTRAINT event_of_a_move_names_it CHECK ((kind = 'move') = (move IS NOT NULL)),
  CONSTRAINT event_is_a_move_of_its_definition FOREIGN KEY (definition_id, move, from_state, to_state)
    REFERENCES definition_moves (definition_id, name, from_state, to_state)
);

-- The words that belong to an event: reason, questions, comment. Erasure deletes the row.
CREATE TABLE event_texts (
  event_id uuid PRIMARY KEY REFERENCES events,
  person_id uuid NOT NULL REFERENCES persons,
  reason text NOT NULL DEFAULT ''
);

-- What offices tell each other about an event; the applicant never reads it.
CREATE TABLE event_comments (
  event_id uuid PRIMARY KEY REFERENCES events,
  person_id uuid NOT NULL REFERENCES persons,
  comment text NOT NULL
);

-- What a return asks to be completed; only these can change until it is answered.
CREATE TABLE returned_questions (
  event_id uuid NOT NULL REFERENCES events,
  question text NOT NULL,
  PRIMARY KEY (event_id, question)
);

CREATE TABLE conflicts (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  application_id uuid NOT NULL REFERENCES applications,
  person_id uuid NOT NULL REFERENCES persons, -- who is barred
  kind text NOT NULL CONSTRAINT conflict_kind_is_known CHECK (kind IN ('declared', 'same_person', 'same_address')),
  declared_by uuid REFERENCES persons,
  at timestamptz NOT NULL,
  ended_at timestamptz,
  CONSTRAINT conflict_is_recorded_once UNIQUE (application_id, person_id)
);
CREATE INDEX conflicts_by_person ON conflicts (person_id);

CREATE TABLE marks (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  application_id uuid NOT NULL REFERENCES applications,
  submission_id uuid NOT NULL REFERENCES submissions, -- the one it saw
  criterion text NOT NULL,
  assessor_id uuid NOT NULL REFERENCES persons,
  points numeric(12, 4) NOT NULL,
  marked_at timestamptz NOT NULL,
  replaced_at timestamptz
);
CREATE UNIQUE INDEX one_standing_mark_per_criterion ON marks (application_id, criterion) WHERE replaced_at IS NULL;

CREATE TABLE rankings (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  call_id uuid NOT NULL REFERENCES calls,
  round_id uuid NOT NULL REFERENCES rounds,
  number integer NOT NULL,
  status text NOT NULL CONSTRAINT ranking_status_is_known CHECK (status IN ('draft', 'published')),
  engine text NOT NULL,
  method text NOT NULL,
  input text NOT NULL, -- canonical; the engine named recomputes the result from it
  result text NOT NULL, -- canonical
  input_hash text NOT NULL,
  result_hash text NOT NULL,
  computed_at timestamptz NOT NULL,
  computed_by uuid NOT NULL REFERENCES persons,
  published_at timestamptz,
  published_by uuid REFERENCES persons,
  CONSTRAINT ranking_number_is_unique_in_round UNIQUE (round_id, number),
  CONSTRAINT published_ranking_says_when_and_by_whom CHECK ((status = 'published') = (published_at IS NOT NULL AND published_by IS NOT NULL))
);
CREATE UNIQUE INDEX round_is_published_once ON rankings (round_id) WHERE status = 'published';

CREATE TABLE ranking_entries (
  ranking_id uuid NOT NULL REFERENCES rankings,
  application_id uuid NOT NULL REFERENCES applications,
  rank integer NOT NULL,
  points numeric(14, 4) NOT NULL,
  breakdown jsonb NOT NULL,
  outcome text NOT NULL CONSTRAINT entry_outcome_is_known CHECK (outcome IN ('placed', 'reserve', 'not_placed', 'gated')),
  destination_id uuid REFERENCES destinations,
  reason text NOT NULL,
  data jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (ranking_id, application_id),
  CONSTRAINT placed_names_its_destination CHECK ((outcome = 'placed') = (destination_id IS NOT NULL))
);
CREATE INDEX ranking_entries_by_application ON ranking_entries (application_id);

CREATE TABLE choice_outcomes (
  ranking_id uuid NOT NULL REFERENCES rankings,
  application_id uuid NOT NULL REFERENCES applications,
  destination_id uuid NOT NULL REFERENCES destinations,
  position integer NOT NULL,
  outcome text NOT NULL CONSTRAINT choice_outcome_is_known CHECK (outcome IN ('placed', 'reserve', 'not_placed', 'gated')),
  rank integer NOT NULL,
  reserve_rank integer, -- as decided
  reason text NOT NULL,
  data jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (ranking_id, application_id, destination_id)
);

-- The reserve as it stands now; a row leaves by being ended, never by deletion.
CREATE TABLE reserve_places (
  application_id uuid NOT NULL REFERENCES applications,
  destination_id uuid NOT NULL REFERENCES destinations,
  institution_id uuid NOT NULL REFERENCES institutions,
  ranking_id uuid NOT NULL REFERENCES rankings,
  class smallint NOT NULL DEFAULT 1, -- 0 put first as a correction, 1 never offered, 2 after declining
  rank integer NOT NULL, -- as decided
  position integer NOT NULL, -- of the choice
  ended_at timestamptz,
  PRIMARY KEY (application_id, destination_id)
);
CREATE INDEX reserve_places_in_order ON reserve_places (destination_id, class, rank) WHERE ended_at IS NULL;

CREATE TABLE offers (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  application_id uuid NOT NULL REFERENCES applications,
  destination_id uuid NOT NULL REFERENCES destinations,
  ranking_id uuid REFERENCES rankings,
  status text NOT NULL CONSTRAINT offer_status_is_known CHECK (status IN ('open', 'confirmed', 'declined', 'lapsed', 'withdrawn')),
  promoted boolean NOT NULL DEFAULT false,
  made_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE UNIQUE INDEX application_has_one_live_offer ON offers (application_id) WHERE status IN ('open', 'confirmed');
CREATE INDEX offers_by_destination ON offers (destination_id);

CREATE TABLE place_holds (
  application_id uuid NOT NULL REFERENCES applications,
  pool_id uuid NOT NULL REFERENCES pools,
  destination_id uuid NOT NULL REFERENCES destinations,
  institution_id uuid NOT NULL REFERENCES institutions,
  since timestamptz NOT NULL,
  PRIMARY KEY (application_id, pool_id)
);
CREATE INDEX place_holds_by_pool ON place_holds (pool_id);

CREATE TABLE nominations (
  id uuid PRIMARY KEY, -- stable: the nomination network's omobility id
  institution_id uuid NOT NULL REFERENCES institutions,
  application_id uuid NOT NULL REFERENCES applications,
  destination_id uuid NOT NULL REFERENCES destinations,
  host_institution_id uuid NOT NULL REFERENCES institutions,
  proposal_id uuid NOT NULL, -- new whenever the content changes
  status text NOT NULL CONSTRAINT nomination_status_is_known CHECK (status IN ('draft', 'sent', 'accepted', 'refused', 'cancelled')),
  sent_at timestamptz,
  answered_at timestamptz,
  reason_code text NOT NULL DEFAULT '',
  arrived_on date,
  ended_on date,
  CONSTRAINT refused_nomination_says_why CHECK (status <> 'refused' OR reason_code <> '')
);
CREATE UNIQUE INDEX application_has_one_live_nomination ON nominations (application_id) WHERE status IN ('draft', 'sent', 'accepted');
CREATE INDEX nominations_by_host ON nominations (host_institution_id, status);

-- What the nomination network asks of each nomination.
CREATE TABLE nomination_contents (
  nomination_id uuid PRIMARY KEY REFERENCES nominations,
  person_id uuid NOT NULL REFERENCES persons,
  content jsonb NOT NULL
);

CREATE TABLE deadlines (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  kind text NOT NULL CONSTRAINT deadline_kind_is_known CHECK (kind IN ('opens', 'closes', 'assess_by', 'complete_by', 'confirm_by', 'host_nomination', 'host_answer', 'reserve_ends', 'stay_begins', 'stay_ends')),
  round_id uuid REFERENCES rounds,
  destination_id uuid REFERENCES destinations,
  application_id uuid REFERENCES applications,
  offer_id uuid REFERENCES offers,
  wall timestamp NOT NULL,
  zone text NOT NULL,
  closes_at timestamptz NOT NULL, -- the first instant after the wall minute; of 'opens': its first instant
  version integer NOT NULL DEFAULT 1,
  CONSTRAINT deadline_has_one_subject CHECK (num_nonnulls(round_id, destination_id, application_id, offer_id) = 1)
);
CREATE UNIQUE INDEX round_has_one_deadline_of_a_kind ON deadlines (round_id, kind) WHERE round_id IS NOT NULL;
CREATE UNIQUE INDEX destination_has_one_deadline_of_a_kind ON deadlines (destination_id, kind) WHERE destination_id IS NOT NULL;
CREATE UNIQUE INDEX application_has_one_deadline_of_a_kind ON deadlines (application_id, kind) WHERE application_id IS NOT NULL;
CREATE UNIQUE INDEX offer_has_one_deadline_of_a_kind ON deadlines (offer_id, kind) WHERE offer_id IS NOT NULL;
CREATE INDEX deadlines_in_order ON deadlines (closes_at);

CREATE TABLE registrations (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  call_id uuid NOT NULL REFERENCES calls,
  unit_id uuid NOT NULL REFERENCES units,
  email text NOT NULL,
  given_names text NOT NULL,
  family_names text NOT NULL,
  status text NOT NULL CONSTRAINT registration_status_is_known CHECK (status IN ('pending', 'confirmed', 'refused')),
  asked_at timestamptz NOT NULL,
  answered_at timestamptz,
  answered_by uuid REFERENCES persons,
  CONSTRAINT one_registration_per_call_and_address UNIQUE (call_id, email)
);
CREATE INDEX applications_held_back ON applications (round_id) WHERE held_back <> '';
CREATE INDEX ranking_entries_by_destination ON ranking_entries (destination_id) WHERE outcome = 'placed';
