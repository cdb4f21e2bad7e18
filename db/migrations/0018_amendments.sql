-- +goose Up
-- Announced rules changed after somebody had submitted: by one person with a reason, approved by another, told to
-- every applicant, and kept for everybody to read.

CREATE TABLE amendments (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  call_id uuid NOT NULL REFERENCES calls,
  number integer NOT NULL,
  source text NOT NULL DEFAULT '', -- of the scheme proposed; '': it stays
  selection jsonb, -- the rules proposed; NULL: they stay
  mapping jsonb NOT NULL DEFAULT '{}', -- key of a criterion → key under which its marks go on
  changes jsonb NOT NULL, -- what becomes what: codes, numbers, labels
  from_scheme uuid NOT NULL REFERENCES schemes, -- what held when it was proposed
  from_selection jsonb NOT NULL,
  status text NOT NULL DEFAULT 'proposed' CONSTRAINT amendment_status_is_known CHECK (status IN ('proposed', 'approved', 'refused', 'withdrawn')),
  proposed_by uuid NOT NULL REFERENCES persons,
  proposed_at timestamptz NOT NULL,
  decided_by uuid REFERENCES persons,
  decided_at timestamptz,
  told integer NOT NULL DEFAULT 0, -- how many applicants were written to
  set_aside integer NOT NULL DEFAULT 0, -- how many marks have to be given again or are gone
  CONSTRAINT amendment_number_is_unique_in_call UNIQUE (call_id, number),
  CONSTRAINT amendment_changes_something CHECK (source <> '' OR selection IS NOT NULL),
  CONSTRAINT decided_amendment_says_by_whom CHECK ((status = 'proposed') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)),
  CONSTRAINT amendment_is_approved_by_another CHECK (status NOT IN ('approved', 'refused') OR decided_by <> proposed_by)
);
CREATE UNIQUE INDEX one_amendment_waits ON amendments (call_id) WHERE status = 'proposed';

-- Why, in the office's words, and why not.
CREATE TABLE amendment_texts (
  amendment_id uuid NOT NULL REFERENCES amendments,
  part text NOT NULL CONSTRAINT amendment_text_is_known CHECK (part IN ('reason', 'answer')),
  institution_id uuid NOT NULL REFERENCES institutions,
  body text NOT NULL,
  PRIMARY KEY (amendment_id, part)
);

-- Marks that an amendment took out: their criterion is gone, has another range, or another key.
ALTER TABLE marks ADD COLUMN amended_by uuid REFERENCES amendments;
CREATE INDEX marks_by_amendment ON marks (amended_by) WHERE amended_by IS NOT NULL;

-- A decided amendment stays as it is, and what was proposed is what is decided.
-- +goose StatementBegin
CREATE FUNCTION keep_amendment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> 'proposed' OR NEW.call_id <> OLD.call_id OR NEW.source <> OLD.source OR NEW.selection IS DISTINCT FROM OLD.selection
     OR NEW.mapping <> OLD.mapping OR NEW.proposed_by <> OLD.proposed_by OR NEW.proposed_at <> OLD.proposed_at THEN
    RAISE EXCEPTION 'amendment % stays as it is', OLD.id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'history_is_never_changed';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER decided_amendment_stays BEFORE UPDATE ON amendments FOR EACH ROW EXECUTE FUNCTION keep_amendment();
CREATE TRIGGER amendment_is_never_deleted BEFORE DELETE OR TRUNCATE ON amendments FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER history_is_never_changed BEFORE UPDATE OR DELETE ON amendment_texts FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER history_is_never_truncated BEFORE TRUNCATE ON amendment_texts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['amendments', 'amendment_texts'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_sees_all ON %I TO peregrine_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY work_sees_all ON %I TO peregrine_work USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO peregrine_work', t);
    EXECUTE format('GRANT SELECT ON %I TO peregrine_web', t);
  END LOOP;
END $$;
-- +goose StatementEnd
GRANT UPDATE ON amendments TO peregrine_work;
GRANT DELETE ON pools, destination_pools TO peregrine_work; -- of a call's own rules that hold no longer

-- What was approved is announced: everybody reads it with the call. What is proposed or was refused, the house alone.
CREATE POLICY announced_or_of_the_house ON amendments FOR SELECT TO peregrine_web USING (
  institution_id = ANY ((SELECT actor_staff_of())::uuid[])
  OR (status = 'approved' AND EXISTS (SELECT 1 FROM calls c WHERE c.id = call_id)));
CREATE POLICY with_its_amendment ON amendment_texts FOR SELECT TO peregrine_web USING (
  EXISTS (SELECT 1 FROM amendments m WHERE m.id = amendment_id)
  AND (part = 'reason' OR institution_id = ANY ((SELECT actor_staff_of())::uuid[])));
