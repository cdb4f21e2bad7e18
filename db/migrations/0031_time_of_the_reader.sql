-- +goose Up
-- Reminders that lost their point before a file came to them are left out by name.

-- Up to when files that came into their state were looked at.
ALTER TABLE reminder_scan ADD COLUMN came_at timestamptz;
CREATE INDEX applications_by_last_move ON applications (moved_at);
