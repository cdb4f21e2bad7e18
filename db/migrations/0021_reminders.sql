-- +goose Up
-- When reminders are due, who wants them how, and what the scan has done with.

ALTER TABLE definition_reminders
  ADD COLUMN id integer GENERATED ALWAYS AS IDENTITY CONSTRAINT reminder_is_numbered UNIQUE,
  ADD COLUMN hours text NOT NULL DEFAULT 'any' CONSTRAINT reminder_hours_are_known CHECK (hours IN ('any', 'working'));

-- Days of a shift are days on the wall where the deadline is set, its hours are time that passes.
-- +goose StatementBegin
CREATE FUNCTION reminder_due(closes_at timestamptz, zone text, shift interval) RETURNS timestamptz LANGUAGE sql STABLE
RETURN CASE WHEN extract(day FROM shift) = 0 THEN closes_at
  ELSE (closes_at AT TIME ZONE zone + make_interval(days => extract(day FROM shift)::int)) AT TIME ZONE zone END
  + (shift - make_interval(days => extract(day FROM shift)::int));
-- The next instant from 08:00 to 18:00 on a working day of an institution.
CREATE FUNCTION working_hour(at timestamptz, zone text, institution uuid) RETURNS timestamptz LANGUAGE sql STABLE AS $$
SELECT coalesce((
  SELECT CASE WHEN d.n = 0 AND (at AT TIME ZONE zone)::time >= time '08:00' THEN at ELSE (d.day + time '08:00') AT TIME ZONE zone END
  FROM (SELECT n, (at AT TIME ZONE zone)::date + n AS day FROM generate_series(0, 60) n) d
  WHERE extract(isodow FROM d.day) < 6 AND (d.n > 0 OR (at AT TIME ZONE zone)::time < time '18:00')
    AND NOT EXISTS (SELECT 1 FROM holidays h WHERE h.institution_id = institution AND h.day = d.day)
  ORDER BY d.n LIMIT 1), at)
$$;
-- When a reminder goes to its reader: in their working hours if so declared, unless that would be after the deadline it
-- is to come before.
CREATE FUNCTION reminder_goes(closes_at timestamptz, zone text, shift interval, hours text, reader_zone text, institution uuid) RETURNS timestamptz LANGUAGE sql STABLE
RETURN CASE WHEN hours = 'any' THEN reminder_due(closes_at, zone, shift)
  WHEN shift < interval '0' AND working_hour(reminder_due(closes_at, zone, shift), reader_zone, institution) >= closes_at THEN reminder_due(closes_at, zone, shift)
  ELSE working_hour(reminder_due(closes_at, zone, shift), reader_zone, institution) END;
-- Until when it has a point: the deadline it comes before, or two weeks after it was due.
CREATE FUNCTION reminder_ends(closes_at timestamptz, shift interval, due_at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE
RETURN CASE WHEN shift < interval '0' THEN closes_at ELSE due_at + interval '336 hours' END;
-- What it is about and why: with the kind of letter, a reminder is written once.
CREATE FUNCTION reminder_key(subject text, deadline uuid, version integer, shift interval) RETURNS text LANGUAGE sql STABLE
RETURN 'reminder:' || subject || ':' || deadline || ':v' || version || ':' || extract(epoch FROM shift)::int;
-- +goose StatementEnd

-- Every reminder of every file in the state it is declared for, whenever it is due: the one place that says so. The
-- scan plans from it, and what is shown of reminders to come is read from it, each under its reader's eyes. A reminder
-- whose time was over before the file came into the state is none: whoever moved it had just been told.
CREATE VIEW file_reminders WITH (security_invoker = true) AS
SELECT f.application_id, a.institution_id, a.call_id, a.round_id, a.unit_id, a.person_id, a.moved_at, r.id AS reminder_id, r.recipient, r.letter,
  f.state, f.kind AS deadline, r.shift, r.hours, f.deadline_id, f.version, f.closes_at, f.zone, n.host_institution_id,
  reminder_goes(f.closes_at, f.zone, r.shift, r.hours, coalesce(h.time_zone, i.time_zone), coalesce(h.id, i.id)) AS due_at
FROM definition_reminders r
JOIN deadlines_in_force f ON f.definition_id = r.definition_id AND f.state = r.state AND f.kind = r.deadline
JOIN applications a ON a.id = f.application_id
JOIN institutions i ON i.id = a.institution_id
LEFT JOIN nominations n ON r.recipient = 'host' AND n.application_id = a.id AND n.status = 'sent'
LEFT JOIN institutions h ON h.id = n.host_institution_id
WHERE r.recipient <> 'host' OR n.id IS NOT NULL;
GRANT SELECT ON file_reminders TO peregrine_web, peregrine_work;

-- Reminders of a deadline that all are planned: the scan need not look at them again.
CREATE TABLE reminder_marks (
  reminder_id integer NOT NULL REFERENCES definition_reminders (id),
  deadline_id uuid NOT NULL REFERENCES deadlines ON DELETE CASCADE,
  version integer NOT NULL,
  marked_at timestamptz NOT NULL,
  PRIMARY KEY (deadline_id, reminder_id, version)
);
CREATE INDEX deadlines_of_a_kind_in_order ON deadlines (kind, closes_at);

-- Up to when reminders have been looked for: however long nobody looked, the next scan begins there.
CREATE TABLE reminder_scan (
  only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT reminder_scan_is_one_row CHECK (only_row),
  at timestamptz NOT NULL
);

-- How a person wants to be reminded, and whether announcements are welcome. 'default', as no row: at once, and officers
-- by the office's mailbox alone.
CREATE TABLE reminder_choices (
  person_id uuid PRIMARY KEY REFERENCES persons,
  way text NOT NULL CONSTRAINT reminder_way_is_known CHECK (way IN ('default', 'at_once', 'daily', 'weekly', 'none')),
  weekday integer NOT NULL DEFAULT 1 CONSTRAINT weekday_is_iso CHECK (weekday BETWEEN 1 AND 7),
  hour integer NOT NULL DEFAULT 8 CONSTRAINT hour_is_of_the_day CHECK (hour BETWEEN 0 AND 23),
  zone text NOT NULL DEFAULT 'UTC',
  announcements boolean NOT NULL DEFAULT true,
  chosen_at timestamptz NOT NULL -- business time
);
CREATE INDEX reminder_digests ON reminder_choices (person_id) WHERE way IN ('daily', 'weekly');

-- +goose StatementBegin
CREATE FUNCTION wants_announcements(person uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT NOT EXISTS (SELECT 1 FROM reminder_choices c WHERE c.person_id = person AND NOT c.announcements)
$$;
-- +goose StatementEnd

CREATE INDEX letters_reminders_by_call ON letters (call_id, planned_at) WHERE queue = 'reminders';

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['reminder_marks', 'reminder_scan', 'reminder_choices'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_sees_all ON %I TO peregrine_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY work_sees_all ON %I TO peregrine_work USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO peregrine_work', t);
  END LOOP;
END $$;
-- +goose StatementEnd
GRANT DELETE ON reminder_choices TO peregrine_work; -- erasure
GRANT SELECT ON reminder_choices TO peregrine_web;
CREATE POLICY own ON reminder_choices FOR SELECT TO peregrine_web USING (person_id = (SELECT actor_person()));
