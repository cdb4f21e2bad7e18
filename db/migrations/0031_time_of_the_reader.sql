-- +goose Up
-- Reminders that lost their point before a file came to them are left out by name; readers have a time zone of their
-- own, and working hours in it; who has to assess what is said in one place.

-- Up to when files that came into their state were looked at.
ALTER TABLE reminder_scan ADD COLUMN came_at timestamptz;
CREATE INDEX applications_by_last_move ON applications (moved_at);

-- The zone a person wants to be told the time in; '' is their institution's.
ALTER TABLE persons ADD COLUMN time_zone text NOT NULL DEFAULT '';
ALTER TABLE reminder_choices DROP COLUMN zone; -- an overview comes in its reader's

-- The zones anybody ever chose: a reminder that keeps to working hours is planned zone by zone.
CREATE TABLE reader_zones (
  zone text PRIMARY KEY
);
ALTER TABLE reader_zones ENABLE ROW LEVEL SECURITY;
ALTER TABLE reader_zones FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_sees_all ON reader_zones TO peregrine_owner USING (true) WITH CHECK (true);
CREATE POLICY work_sees_all ON reader_zones TO peregrine_work USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON reader_zones TO peregrine_work;
-- +goose StatementBegin
CREATE FUNCTION zones_of_readers(house text, hours text, recipient text) RETURNS SETOF text LANGUAGE sql STABLE AS $$
SELECT house UNION SELECT z.zone FROM reader_zones z WHERE hours = 'working' AND recipient <> 'officer' -- an office keeps its own
$$;
-- +goose StatementEnd

-- zone: whose readers are all planned, '' if the reminder keeps to nobody's hours.
ALTER TABLE reminder_marks ADD COLUMN zone text NOT NULL DEFAULT '';
ALTER TABLE reminder_marks DROP CONSTRAINT reminder_marks_pkey;
ALTER TABLE reminder_marks ADD PRIMARY KEY (deadline_id, reminder_id, version, zone);
GRANT DELETE ON reminder_marks TO peregrine_work;

CREATE OR REPLACE VIEW file_reminders WITH (security_invoker = true) AS
SELECT f.application_id, a.institution_id, a.call_id, a.round_id, a.unit_id, a.person_id, a.moved_at, r.id AS reminder_id, r.recipient, r.letter,
  f.state, f.kind AS deadline, r.shift, r.hours, f.deadline_id, f.version, f.closes_at, f.zone, n.host_institution_id,
  reminder_goes(f.closes_at, f.zone, r.shift, r.hours, coalesce(nullif(p.time_zone, ''), h.time_zone, i.time_zone), coalesce(h.id, i.id)) AS due_at,
  coalesce(nullif(p.time_zone, ''), h.time_zone, i.time_zone) AS reader_zone -- of staff: the institution's, each may have another
FROM definition_reminders r
JOIN deadlines_in_force f ON f.definition_id = r.definition_id AND f.state = r.state AND f.kind = r.deadline
JOIN applications a ON a.id = f.application_id
JOIN institutions i ON i.id = a.institution_id
LEFT JOIN nominations n ON r.recipient = 'host' AND n.application_id = a.id AND n.status = 'sent'
LEFT JOIN institutions h ON h.id = n.host_institution_id
LEFT JOIN persons p ON r.recipient = 'applicant' AND p.id = a.person_id
WHERE r.recipient <> 'host' OR n.id IS NOT NULL;

-- Who has to assess a file by their roles and has not marked all they may.
CREATE VIEW files_to_assess WITH (security_invoker = true) AS
SELECT a.id AS application_id, ro.person_id, ro.role, ro.valid_from, ro.valid_to
FROM applications a
JOIN roles ro ON ro.role IN ('coordinator', 'assessor') AND ro.institution_id = a.institution_id AND (ro.unit_id IS NULL OR ro.unit_id = a.unit_id)
  AND (ro.call_id IS NULL OR ro.call_id = a.call_id)
WHERE ro.person_id <> a.person_id
  AND NOT EXISTS (SELECT 1 FROM conflicts x WHERE x.application_id = a.id AND x.person_id = ro.person_id AND x.ended_at IS NULL)
  AND EXISTS (SELECT 1 FROM calls c JOIN schemes s ON s.id = c.scheme_id, lacking_marks(a.id, s.marked) k WHERE c.id = a.call_id
    AND NOT EXISTS (SELECT 1 FROM marks m WHERE m.application_id = a.id AND m.criterion = k AND m.assessor_id = ro.person_id AND m.replaced_at IS NULL)
    AND (ro.role <> 'assessor' OR EXISTS (SELECT 1 FROM assignments g WHERE g.application_id = a.id AND g.assessor_id = ro.person_id AND g.ended_at IS NULL)
      OR (c.assessors_see = 'unit' AND NOT EXISTS (SELECT 1 FROM assignments g WHERE g.application_id = a.id AND g.ended_at IS NULL))));
GRANT SELECT ON files_to_assess TO peregrine_web, peregrine_work;
