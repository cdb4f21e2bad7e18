-- +goose Up
-- How many destinations and languages may be chosen is announced too, and is amended like the other rules.

ALTER TABLE amendments
  ADD COLUMN limits jsonb, -- proposed: choices, languages; NULL: they stay
  ADD COLUMN from_limits jsonb NOT NULL DEFAULT '{}', -- what held when it was proposed
  DROP CONSTRAINT amendment_changes_something,
  ADD CONSTRAINT amendment_changes_something CHECK (source <> '' OR selection IS NOT NULL OR limits IS NOT NULL);

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION keep_amendment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> 'proposed' OR NEW.call_id <> OLD.call_id OR NEW.source <> OLD.source OR NEW.selection IS DISTINCT FROM OLD.selection
     OR NEW.limits IS DISTINCT FROM OLD.limits OR NEW.mapping <> OLD.mapping OR NEW.proposed_by <> OLD.proposed_by OR NEW.proposed_at <> OLD.proposed_at THEN
    RAISE EXCEPTION 'amendment % stays as it is', OLD.id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'history_is_never_changed';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd

-- A rule that no longer holds leaves its pool behind where places were overbooked by it: that stays on record.
ALTER TABLE pools ADD COLUMN dropped_at timestamptz,
  ADD CONSTRAINT only_a_calls_pool_is_dropped CHECK (dropped_at IS NULL OR call_id IS NOT NULL);

-- Coordinators try what would be, too. What others tried may name files they do not see, so each reads the own alone.
CREATE POLICY own_of_the_house ON variants FOR SELECT TO peregrine_web USING (
  tried_by = (SELECT actor_person()) AND institution_id = ANY ((SELECT actor_staff_of())::uuid[])
  AND EXISTS (SELECT 1 FROM rankings r WHERE r.id = ranking_id AND NOT r.round_id = ANY ((SELECT barred_rounds())::uuid[])));
