-- +goose Up
-- A second person's approval, provisional lists with an appeal window, and appeals.

ALTER TABLE calls
  ADD COLUMN approval text NOT NULL DEFAULT 'none' CONSTRAINT approval_rule_is_known CHECK (approval IN ('none', 'second_person')),
  ADD COLUMN provisional_days integer CONSTRAINT provisional_list_stands_for_days CHECK (provisional_days >= 1), -- NULL: no provisional list
  ADD COLUMN provisional_hour integer NOT NULL DEFAULT 12 CONSTRAINT provisional_hour_is_of_a_day CHECK (provisional_hour BETWEEN 0 AND 23),
  ADD COLUMN appeal_days integer CONSTRAINT appeals_are_taken_for_days CHECK (appeal_days >= 1), -- after the final list; NULL: not taken in the product
  ADD CONSTRAINT appeals_are_about_one_list CHECK (provisional_days IS NULL OR appeal_days IS NULL);

ALTER TABLE deadlines DROP CONSTRAINT deadline_kind_is_known;
ALTER TABLE deadlines ADD CONSTRAINT deadline_kind_is_known CHECK (kind IN ('opens', 'closes', 'assess_by', 'complete_by', 'confirm_by', 'host_nomination', 'host_answer', 'reserve_ends', 'stay_begins', 'stay_ends', 'appeal'));

-- A list is a draft, then perhaps provisional, then perhaps published; never the other way. A provisional list
-- that a newer run replaces stays what it is: what people were told.
ALTER TABLE rankings DROP CONSTRAINT ranking_status_is_known;
ALTER TABLE rankings
  ADD COLUMN provisional_at timestamptz,
  ADD COLUMN provisional_by uuid REFERENCES persons,
  ADD CONSTRAINT ranking_status_is_known CHECK (status IN ('draft', 'provisional', 'published')),
  ADD CONSTRAINT provisional_list_says_when_and_by_whom CHECK ((provisional_at IS NULL) = (provisional_by IS NULL) AND (status <> 'provisional' OR provisional_at IS NOT NULL) AND (status <> 'draft' OR provisional_at IS NULL));
CREATE UNIQUE INDEX round_has_one_provisional_list ON rankings (round_id) WHERE provisional_at IS NOT NULL;

-- +goose StatementBegin
CREATE FUNCTION keep_list() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.provisional_at IS NOT NULL AND (NEW.status = 'draft' OR NEW.provisional_at IS DISTINCT FROM OLD.provisional_at OR NEW.provisional_by IS DISTINCT FROM OLD.provisional_by) THEN
    RAISE EXCEPTION 'a provisional list stays as it was told' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'history_is_never_changed';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER list_stays_as_told BEFORE UPDATE ON rankings FOR EACH ROW EXECUTE FUNCTION keep_list();

-- Somebody stands for exactly this result.
CREATE TABLE ranking_approvals (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  ranking_id uuid NOT NULL REFERENCES rankings,
  result_hash text NOT NULL,
  approved_by uuid NOT NULL REFERENCES persons,
  approved_at timestamptz NOT NULL,
  CONSTRAINT result_is_approved_once_by_each UNIQUE (ranking_id, result_hash, approved_by)
);

CREATE TABLE appeals (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  application_id uuid NOT NULL REFERENCES applications,
  ranking_id uuid NOT NULL REFERENCES rankings, -- the list it is against
  number integer NOT NULL, -- in its call, as people speak of it
  filed_at timestamptz NOT NULL,
  status text NOT NULL CONSTRAINT appeal_status_is_known CHECK (status IN ('filed', 'assigned', 'granted', 'refused', 'withdrawn')),
  assigned_to uuid REFERENCES persons,
  assigned_by uuid REFERENCES persons,
  assigned_at timestamptz,
  decided_by uuid REFERENCES persons,
  decided_at timestamptz,
  withdrawn_at timestamptz,
  correction text NOT NULL DEFAULT '' CONSTRAINT correction_kind_is_known CHECK (correction IN ('', 'mark', 'gate', 'move')),
  data jsonb NOT NULL DEFAULT '{}', -- what the correction was: ids, codes, numbers
  CONSTRAINT assigned_appeal_says_to_whom CHECK (status <> 'assigned' OR (assigned_to IS NOT NULL AND assigned_at IS NOT NULL)),
  CONSTRAINT answered_appeal_says_who_and_when CHECK ((status IN ('granted', 'refused')) = (decided_by IS NOT NULL AND decided_at IS NOT NULL)),
  CONSTRAINT withdrawn_appeal_says_when CHECK ((status = 'withdrawn') = (withdrawn_at IS NOT NULL)),
  CONSTRAINT granted_appeal_says_by_what CHECK ((status = 'granted') = (correction <> ''))
);
CREATE UNIQUE INDEX application_has_one_open_appeal ON appeals (application_id, ranking_id) WHERE status IN ('filed', 'assigned');
CREATE INDEX appeals_by_application ON appeals (application_id);
CREATE INDEX appeals_open ON appeals (institution_id) WHERE status IN ('filed', 'assigned');

-- What was written: the reason by the applicant, the answer to them, the note between offices. Erasure deletes the row.
CREATE TABLE appeal_texts (
  appeal_id uuid NOT NULL REFERENCES appeals,
  part text NOT NULL CONSTRAINT appeal_part_is_known CHECK (part IN ('reason', 'answer', 'note')),
  institution_id uuid NOT NULL REFERENCES institutions,
  person_id uuid NOT NULL REFERENCES persons, -- the applicant
  body text NOT NULL,
  PRIMARY KEY (appeal_id, part)
);
CREATE INDEX appeal_texts_by_person ON appeal_texts (person_id);

-- Gates that do not hold for an application any more, or for one of its destinations.
CREATE TABLE ranking_exceptions (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  application_id uuid NOT NULL REFERENCES applications,
  destination_id uuid REFERENCES destinations, -- NULL: wherever the gate stands
  gate text NOT NULL, -- key of the scheme's gate
  appeal_id uuid REFERENCES appeals,
  made_by uuid NOT NULL REFERENCES persons,
  made_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX gate_is_lifted_once ON ranking_exceptions (application_id, gate, coalesce(destination_id, application_id));
CREATE TABLE ranking_exception_texts (
  exception_id uuid PRIMARY KEY REFERENCES ranking_exceptions,
  institution_id uuid NOT NULL REFERENCES institutions,
  person_id uuid NOT NULL REFERENCES persons, -- the applicant
  reason text NOT NULL
);
CREATE INDEX ranking_exception_texts_by_person ON ranking_exception_texts (person_id);

-- A mark corrected for its assessor stays that assessor's in the count; who corrected it stands beside it.
ALTER TABLE marks
  ADD COLUMN corrects uuid REFERENCES marks,
  ADD COLUMN corrected_by uuid REFERENCES persons,
  ADD CONSTRAINT corrected_mark_says_by_whom CHECK ((corrects IS NULL) = (corrected_by IS NULL));

-- Nobody decides about themselves, nor about what they marked, nor whom a conflict of interest bars.
-- +goose StatementBegin
CREATE FUNCTION refuse_partial_decider() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  decider uuid;
BEGIN
  FOREACH decider IN ARRAY ARRAY[NEW.assigned_to, NEW.decided_by] LOOP
    IF NEW.status IN ('assigned', 'granted', 'refused') AND decider IS NOT NULL AND (
      EXISTS (SELECT 1 FROM applications a WHERE a.id = NEW.application_id AND a.person_id = decider)
      OR EXISTS (SELECT 1 FROM conflicts f WHERE f.application_id = NEW.application_id AND f.person_id = decider AND f.ended_at IS NULL)
      OR EXISTS (SELECT 1 FROM marks m WHERE m.application_id = NEW.application_id AND m.assessor_id = decider)) THEN
      RAISE EXCEPTION '% cannot decide appeal %', decider, NEW.id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'appeal_is_decided_by_somebody_else';
    END IF;
  END LOOP;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER appeal_is_decided_by_somebody_else BEFORE INSERT OR UPDATE ON appeals FOR EACH ROW EXECUTE FUNCTION refuse_partial_decider();

-- An answer stands.
-- +goose StatementBegin
CREATE FUNCTION keep_appeal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status NOT IN ('filed', 'assigned') OR NEW.application_id <> OLD.application_id OR NEW.ranking_id <> OLD.ranking_id OR NEW.filed_at <> OLD.filed_at THEN
    RAISE EXCEPTION 'appeal % stays as it is', OLD.id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'history_is_never_changed';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER answered_appeal_stays BEFORE UPDATE ON appeals FOR EACH ROW EXECUTE FUNCTION keep_appeal();
CREATE TRIGGER appeal_is_never_deleted BEFORE DELETE OR TRUNCATE ON appeals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['ranking_approvals', 'appeals', 'appeal_texts', 'ranking_exceptions', 'ranking_exception_texts'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_sees_all ON %I TO peregrine_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY work_sees_all ON %I TO peregrine_work USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO peregrine_work', t);
    EXECUTE format('GRANT SELECT ON %I TO peregrine_web', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['ranking_approvals', 'ranking_exceptions'] LOOP
    EXECUTE format('CREATE TRIGGER history_is_never_changed BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', t);
    EXECUTE format('CREATE TRIGGER history_is_never_truncated BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', t);
  END LOOP;
END $$;
-- +goose StatementEnd
GRANT UPDATE ON appeals TO peregrine_work;
GRANT DELETE ON appeal_texts, ranking_exception_texts TO peregrine_work; -- erasure

CREATE POLICY of_the_house ON ranking_approvals FOR SELECT TO peregrine_web USING (institution_id = ANY ((SELECT actor_staff_of())::uuid[]));

-- An appeal is between the applicant, the office, and whom the office gave it to. Whoever a conflict of interest
-- bars from the file does not see the application, and so not this.
CREATE POLICY own_office_or_assigned ON appeals FOR SELECT TO peregrine_web USING (EXISTS (
  SELECT 1 FROM applications a WHERE a.id = application_id AND (
    a.person_id = (SELECT actor_person())
    OR a.institution_id = ANY ((SELECT actor_staff_of())::uuid[]) AND NOT a.id = ANY ((SELECT blind_applications())::uuid[])
      AND (a.institution_id = ANY ((SELECT actor_full_institutions())::uuid[]) OR assigned_to = (SELECT actor_person())))));
CREATE POLICY with_its_appeal ON appeal_texts FOR SELECT TO peregrine_web USING (
  EXISTS (SELECT 1 FROM appeals p WHERE p.id = appeal_id) AND (part <> 'note' OR person_id <> (SELECT actor_person())));
CREATE POLICY of_the_house ON ranking_exceptions FOR SELECT TO peregrine_web USING (EXISTS (
  SELECT 1 FROM applications a WHERE a.id = application_id AND a.institution_id = ANY ((SELECT actor_staff_of())::uuid[]) AND a.person_id <> (SELECT actor_person())));
CREATE POLICY with_its_exception ON ranking_exception_texts FOR SELECT TO peregrine_web
  USING (EXISTS (SELECT 1 FROM ranking_exceptions x WHERE x.id = exception_id) AND NOT person_id = ANY ((SELECT blind_persons())::uuid[]));

-- What the applicant reads of a list: their own line, once it was told to them, provisionally or for good. For
-- whoever a conflict of interest bars nothing is told before the final list.
ALTER POLICY house_or_published ON rankings USING (
  institution_id = ANY ((SELECT actor_staff_of())::uuid[])
  OR (status IN ('provisional', 'published') AND EXISTS (SELECT 1 FROM applications a WHERE a.round_id = rankings.round_id AND a.person_id = (SELECT actor_person()))));
-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['ranking_entries', 'choice_outcomes'] LOOP
    EXECUTE format($p$ALTER POLICY house_or_published ON %I USING (
      EXISTS (SELECT 1 FROM applications a JOIN rankings r ON r.id = ranking_id WHERE a.id = application_id AND (
        (a.person_id = (SELECT actor_person()) AND r.status IN ('provisional', 'published') AND a.held_back = '')
        OR (a.person_id <> (SELECT actor_person()) AND a.institution_id = ANY ((SELECT actor_staff_of())::uuid[])
          AND (r.status = 'published' OR NOT a.id = ANY ((SELECT barred_rivals())::uuid[]))))))$p$, t);
  END LOOP;
END $$;
-- +goose StatementEnd
ALTER POLICY house_or_published ON assessment_comments USING (EXISTS (
  SELECT 1 FROM applications a WHERE a.id = application_id AND (
    (a.institution_id = ANY ((SELECT actor_staff_of())::uuid[]) AND a.person_id <> (SELECT actor_person()))
    OR (audience = 'applicant' AND a.person_id = (SELECT actor_person()) AND a.held_back = ''
      AND EXISTS (SELECT 1 FROM rankings r WHERE r.round_id = a.round_id AND r.status IN ('provisional', 'published'))))));

-- How many people filed an appeal that waits, and for how long the last window stands: for whoever may not read the
-- appeals themselves but has to know that a list cannot be final yet.
-- +goose StatementBegin
CREATE FUNCTION appeals_waiting(round uuid) RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT count(*)::int FROM appeals p JOIN applications a ON a.id = p.application_id WHERE a.round_id = round AND p.status IN ('filed', 'assigned')
$$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION appeals_waiting(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION appeals_waiting(uuid) TO peregrine_web, peregrine_work;
