-- +goose Up
-- Which world a demo holds, known once it is whole: one that was interrupted is not taken for finished.
ALTER TABLE installation ADD COLUMN world text NOT NULL DEFAULT '' CONSTRAINT world_is_known CHECK (world IN ('', 'small', 'alliance')),
  ADD CONSTRAINT only_a_demo_holds_a_world CHECK (kind = 'demo' OR world = '');
UPDATE installation SET world = 'small' WHERE kind = 'demo' AND EXISTS (SELECT 1 FROM calls);
