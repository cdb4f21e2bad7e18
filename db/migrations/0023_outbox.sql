-- +goose Up
-- The outbox: one letter edited before it goes, e-mail paused, letters a correction overtakes, and what each letter is about.

ALTER TABLE letters
  ADD COLUMN cause text GENERATED ALWAYS AS (split_part(subject_key, ':', 1)) STORED, -- event, reminder, list, …: what made it
  ADD COLUMN again_of uuid REFERENCES letters, -- the same letter once more
  ADD COLUMN overtaken_at timestamptz, -- business time: a correction made it untrue before it was known to have arrived
  ADD CONSTRAINT letter_knows_what_made_it CHECK (subject_key ~ '^[a-z_]+:.'),
  ADD CONSTRAINT letter_of_an_event_names_it CHECK (subject_key NOT LIKE 'event:%' OR (event_id IS NOT NULL AND subject_key = 'event:' || event_id)),
  ADD CONSTRAINT letter_sent_again_names_the_first CHECK (subject_key NOT LIKE 'again:%' OR again_of IS NOT NULL);
CREATE INDEX letters_by_ranking ON letters ((data ->> 'ranking')) WHERE data ? 'ranking';

-- What a letter is about stays; one that a correction overtook never waits for another attempt.
-- +goose StatementBegin
CREATE FUNCTION keep_letter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.subject_key <> OLD.subject_key OR NEW.kind <> OLD.kind OR NEW.event_id IS DISTINCT FROM OLD.event_id
    OR NEW.application_id IS DISTINCT FROM OLD.application_id OR NEW.person_id IS DISTINCT FROM OLD.person_id THEN
    RAISE EXCEPTION 'letter % stays about what it is about', OLD.id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'history_is_never_changed';
  END IF;
  IF NEW.status = 'planned' AND NEW.overtaken_at IS NOT NULL THEN
    NEW.status := 'retracted';
    NEW.skip_reason := 'corrected';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER letter_stays_about_its_subject BEFORE UPDATE ON letters FOR EACH ROW EXECUTE FUNCTION keep_letter();

-- A frozen text is what was sent, for good; erasure deletes the row.
-- +goose StatementBegin
CREATE FUNCTION keep_letter_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the text of letter % is frozen', OLD.letter_id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'history_is_never_changed';
END $$;
-- +goose StatementEnd
CREATE TRIGGER letter_text_is_frozen BEFORE UPDATE ON letter_texts FOR EACH ROW EXECUTE FUNCTION keep_letter_text();

-- One letter of a draft ranking, written by hand: it holds for this very result and for no other run. Erasure deletes the row.
CREATE TABLE letter_edits (
  ranking_id uuid NOT NULL REFERENCES rankings,
  application_id uuid NOT NULL REFERENCES applications,
  kind text NOT NULL,
  institution_id uuid NOT NULL REFERENCES institutions,
  person_id uuid NOT NULL REFERENCES persons, -- the applicant
  language text NOT NULL,
  source text NOT NULL,
  reason text NOT NULL CONSTRAINT edit_says_why CHECK (reason <> ''),
  result_hash text NOT NULL,
  edited_by uuid NOT NULL REFERENCES persons,
  edited_at timestamptz NOT NULL,
  PRIMARY KEY (ranking_id, application_id, kind)
);
CREATE INDEX letter_edits_by_person ON letter_edits (person_id);

-- The hand-written source a planned letter goes by. Erasure deletes the row.
CREATE TABLE letter_sources (
  letter_id uuid PRIMARY KEY REFERENCES letters,
  institution_id uuid NOT NULL REFERENCES institutions,
  person_id uuid NOT NULL REFERENCES persons,
  language text NOT NULL,
  source text NOT NULL,
  edited_by uuid NOT NULL REFERENCES persons,
  edited_at timestamptz NOT NULL
);
CREATE INDEX letter_sources_by_person ON letter_sources (person_id);

-- E-mail of a publication, or of all the institution's decisions, waits; pages show the result regardless.
CREATE TABLE letter_pauses (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  ranking_id uuid REFERENCES rankings, -- NULL: all of the institution's decisions
  kinds text[] NOT NULL, -- of letters that wait
  paused_by uuid NOT NULL REFERENCES persons,
  paused_at timestamptz NOT NULL,
  resumed_by uuid REFERENCES persons,
  resumed_at timestamptz,
  CONSTRAINT resumed_pause_says_by_whom CHECK ((resumed_by IS NULL) = (resumed_at IS NULL))
);
CREATE UNIQUE INDEX publication_is_paused_once ON letter_pauses (institution_id, coalesce(ranking_id, institution_id)) WHERE resumed_at IS NULL;

-- Whether e-mail of this kind, of this publication, waits.
-- +goose StatementBegin
CREATE FUNCTION letter_waits(institution uuid, kind text, ranking text) RETURNS boolean LANGUAGE sql STABLE AS $$
SELECT EXISTS (SELECT 1 FROM letter_pauses p WHERE p.institution_id = institution AND p.resumed_at IS NULL
  AND kind = ANY (p.kinds) AND (p.ranking_id IS NULL OR p.ranking_id::text = ranking))
$$;

-- Lets the jobs of letters that waited go on at once.
CREATE FUNCTION wake_letters(institution uuid, ranking uuid) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  woken integer;
BEGIN
  UPDATE river_job j SET state = 'available', scheduled_at = now()
  WHERE j.kind = 'letter_planned' AND j.state = 'scheduled' AND (j.args ->> 'letter')::uuid IN (
    SELECT l.id FROM letters l WHERE l.institution_id = institution AND l.status = 'planned' AND (ranking IS NULL OR l.data ->> 'ranking' = ranking::text));
  GET DIAGNOSTICS woken = ROW_COUNT;
  RETURN woken;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION wake_letters(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wake_letters(uuid, uuid) TO peregrine_work;

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['letter_edits', 'letter_sources', 'letter_pauses'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_sees_all ON %I TO peregrine_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY work_sees_all ON %I TO peregrine_work USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO peregrine_work', t);
    EXECUTE format('GRANT SELECT ON %I TO peregrine_web', t);
  END LOOP;
END $$;
-- +goose StatementEnd
GRANT UPDATE, DELETE ON letter_edits TO peregrine_work;
GRANT DELETE ON letter_sources TO peregrine_work;
GRANT UPDATE ON letter_pauses TO peregrine_work;

-- A sample tells of a result before it is out: whoever asked for it reads it, and nobody else in the house.
CREATE POLICY samples_are_ones_own ON letters AS RESTRICTIVE FOR SELECT TO peregrine_web USING (kind <> 'sample' OR person_id = (SELECT actor_person()));

-- Nobody outside the house learns that a letter was written by hand, nor inside it whoever may not see the file or its rivals.
CREATE POLICY of_the_house ON letter_edits FOR SELECT TO peregrine_web USING (EXISTS (
  SELECT 1 FROM applications a JOIN rankings r ON r.id = ranking_id WHERE a.id = application_id
    AND a.person_id <> (SELECT actor_person()) AND a.institution_id = ANY ((SELECT actor_staff_of())::uuid[])
    AND NOT a.id = ANY ((SELECT blind_applications())::uuid[])
    AND (r.status = 'published' OR NOT a.id = ANY ((SELECT barred_rivals())::uuid[]))));
CREATE POLICY of_the_house ON letter_sources FOR SELECT TO peregrine_web USING (
  person_id <> (SELECT actor_person()) AND EXISTS (SELECT 1 FROM letters l WHERE l.id = letter_id AND l.institution_id = ANY ((SELECT actor_staff_of())::uuid[])));
CREATE POLICY of_the_house ON letter_pauses FOR SELECT TO peregrine_web USING (institution_id = ANY ((SELECT actor_staff_of())::uuid[]));
