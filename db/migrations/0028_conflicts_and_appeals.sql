-- +goose Up
-- A conflict of interest that was declared by mistake is lifted by somebody it is not about and who did not declare
-- it. What the data shows stays. Who lifted it, when and why is an act; the row knows the last of it.
ALTER TABLE conflicts
  ADD COLUMN ended_by uuid REFERENCES persons,
  ADD CONSTRAINT a_declared_conflict_is_lifted_by_somebody_else CHECK (
    CASE WHEN ended_at IS NULL THEN ended_by IS NULL
    ELSE kind = 'declared' AND ended_by IS NOT NULL AND ended_by <> person_id AND ended_by IS DISTINCT FROM declared_by END);

-- A call with a provisional list may take appeals against the final one as well, in a window of its own.
ALTER TABLE calls DROP CONSTRAINT appeals_are_about_one_list;
