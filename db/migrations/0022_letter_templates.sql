-- +goose Up
-- Letters as an institution words them itself, and letters an office writes to many at once.

CREATE TABLE letter_templates (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  kind text NOT NULL,
  language text NOT NULL,
  version integer NOT NULL,
  body text NOT NULL, -- "Subject: …", then Markdown with placeholders
  active boolean NOT NULL,
  written_by uuid REFERENCES persons,
  written_at timestamptz NOT NULL,
  CONSTRAINT letter_template_version_is_unique UNIQUE (institution_id, kind, language, version)
);
CREATE UNIQUE INDEX one_letter_template_is_used ON letter_templates (institution_id, kind, language) WHERE active;

-- A wording stays as it was checked; it is only taken into use and out of it.
-- +goose StatementBegin
CREATE FUNCTION keep_letter_template() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (to_jsonb(NEW) - 'active') <> (to_jsonb(OLD) - 'active') THEN
    RAISE EXCEPTION 'wording % stays as it is', OLD.id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'history_is_never_changed';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER letter_template_stays BEFORE UPDATE ON letter_templates FOR EACH ROW EXECUTE FUNCTION keep_letter_template();
CREATE TRIGGER letter_template_is_never_deleted BEFORE DELETE OR TRUNCATE ON letter_templates FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A letter to everybody on a list, as an office wrote it. Its letters name it in their data.
CREATE TABLE announcements (
  id uuid PRIMARY KEY, -- made with the form: the same form sends once
  institution_id uuid NOT NULL REFERENCES institutions,
  call_id uuid REFERENCES calls, -- NULL: to people
  list text NOT NULL CONSTRAINT announcement_list_is_known CHECK (list IN ('candidates', 'nominations', 'people')),
  filter text NOT NULL, -- which of the list: codes and ids
  recipients_hash text NOT NULL, -- of those it went to, as the writer saw them
  sample boolean NOT NULL DEFAULT false, -- went to the writer alone
  written_by uuid NOT NULL REFERENCES persons,
  written_at timestamptz NOT NULL,
  CONSTRAINT announcement_about_files_names_its_call CHECK ((list = 'people') = (call_id IS NULL))
);
CREATE INDEX announcements_by_call ON announcements (call_id);
CREATE INDEX letters_by_announcement ON letters ((data ->> 'announcement')) WHERE data ? 'announcement';

CREATE TABLE announcement_texts (
  announcement_id uuid NOT NULL REFERENCES announcements,
  language text NOT NULL,
  institution_id uuid NOT NULL REFERENCES institutions,
  subject text NOT NULL,
  body text NOT NULL,
  why text NOT NULL CONSTRAINT announcement_says_why CHECK (btrim(why) <> ''),
  PRIMARY KEY (announcement_id, language)
);
CREATE TRIGGER history_is_never_changed BEFORE UPDATE OR DELETE ON announcements FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER history_is_never_truncated BEFORE TRUNCATE ON announcements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER history_is_never_changed BEFORE UPDATE OR DELETE ON announcement_texts FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER history_is_never_truncated BEFORE TRUNCATE ON announcement_texts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['letter_templates', 'announcements', 'announcement_texts'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_sees_all ON %I TO peregrine_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY work_sees_all ON %I TO peregrine_work USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO peregrine_work', t);
    EXECUTE format('GRANT SELECT ON %I TO peregrine_web', t);
    EXECUTE format('CREATE POLICY of_the_house ON %I FOR SELECT TO peregrine_web USING (institution_id = ANY ((SELECT actor_staff_of())::uuid[]))', t);
  END LOOP;
END $$;
-- +goose StatementEnd
GRANT UPDATE (active) ON letter_templates TO peregrine_work;
