-- +goose Up
-- Who assesses what, with marks and words of each assessor; and calls whose assessors do not learn whom they judge.

ALTER TABLE calls
  ADD COLUMN assessors_see text NOT NULL DEFAULT 'unit' CONSTRAINT assessors_see_is_known CHECK (assessors_see IN ('unit', 'assigned')),
  ADD COLUMN blind boolean NOT NULL DEFAULT false;

-- What a file is called where its name is hidden: the same for everybody and for good.
ALTER TABLE applications ADD COLUMN candidate integer;
CREATE UNIQUE INDEX candidate_number_is_unique_in_call ON applications (call_id, candidate) WHERE candidate IS NOT NULL;

-- +goose StatementBegin
CREATE FUNCTION number_candidate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT c.blind FROM calls c WHERE c.id = NEW.call_id) THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('candidate:' || NEW.call_id, 0));
    SELECT coalesce(max(a.candidate), 0) + 1 INTO NEW.candidate FROM applications a WHERE a.call_id = NEW.call_id;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER candidate_is_numbered BEFORE INSERT ON applications FOR EACH ROW EXECUTE FUNCTION number_candidate();

CREATE TABLE assignments (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institutions,
  application_id uuid NOT NULL REFERENCES applications,
  assessor_id uuid NOT NULL REFERENCES persons,
  how text NOT NULL CONSTRAINT assignment_way_is_known CHECK (how IN ('hand', 'unit', 'even')),
  assigned_by uuid REFERENCES persons,
  assigned_at timestamptz NOT NULL,
  ended_by uuid REFERENCES persons,
  ended_at timestamptz
);
CREATE UNIQUE INDEX assessor_is_assigned_once ON assignments (application_id, assessor_id) WHERE ended_at IS NULL;
CREATE INDEX assignments_by_assessor ON assignments (assessor_id) WHERE ended_at IS NULL;

-- What an assessor writes beside the marks. Erasure of the applicant deletes the row.
CREATE TABLE assessment_comments (
  application_id uuid NOT NULL REFERENCES applications,
  assessor_id uuid NOT NULL REFERENCES persons,
  audience text NOT NULL CONSTRAINT comment_audience_is_known CHECK (audience IN ('committee', 'applicant')),
  institution_id uuid NOT NULL REFERENCES institutions,
  person_id uuid NOT NULL REFERENCES persons, -- the applicant
  body text NOT NULL,
  revision integer NOT NULL DEFAULT 1,
  saved_at timestamptz NOT NULL,
  PRIMARY KEY (application_id, assessor_id, audience)
);
CREATE INDEX assessment_comments_by_person ON assessment_comments (person_id);

-- Each assessor has a mark of their own; it knows the range it was given in.
DROP INDEX one_standing_mark_per_criterion;
CREATE UNIQUE INDEX one_standing_mark_per_assessor ON marks (application_id, criterion, assessor_id) WHERE replaced_at IS NULL;
ALTER TABLE marks ADD COLUMN range_min numeric(12, 4), ADD COLUMN range_max numeric(12, 4); -- NULL: as the scheme says

-- Nobody assesses whom a conflict of interest bars from the file, nor themselves.
-- +goose StatementBegin
CREATE FUNCTION refuse_barred_assessor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM conflicts f WHERE f.application_id = NEW.application_id AND f.person_id = NEW.assessor_id AND f.ended_at IS NULL)
    OR EXISTS (SELECT 1 FROM applications a WHERE a.id = NEW.application_id AND a.person_id = NEW.assessor_id) THEN
    RAISE EXCEPTION '% has a conflict of interest with application %', NEW.assessor_id, NEW.application_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'assessor_has_no_conflict';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER assessor_has_no_conflict BEFORE INSERT ON assignments FOR EACH ROW EXECUTE FUNCTION refuse_barred_assessor();
CREATE TRIGGER assessor_has_no_conflict BEFORE INSERT ON marks FOR EACH ROW EXECUTE FUNCTION refuse_barred_assessor();

-- However a conflict comes to light, whom it bars assesses the file no longer; what they gave before does not
-- stand, unless it was published.
-- +goose StatementBegin
CREATE FUNCTION take_assessor_off() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.ended_at IS NOT NULL THEN RETURN NULL; END IF;
  PERFORM 1 FROM applications a WHERE a.id = NEW.application_id FOR NO KEY UPDATE; -- after marks under way
  UPDATE assignments SET ended_at = NEW.at, ended_by = NEW.declared_by
    WHERE application_id = NEW.application_id AND assessor_id = NEW.person_id AND ended_at IS NULL;
  UPDATE marks SET replaced_at = NEW.at
    WHERE application_id = NEW.application_id AND assessor_id = NEW.person_id AND replaced_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM applications a JOIN rankings k ON k.round_id = a.round_id AND k.status = 'published' WHERE a.id = NEW.application_id);
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER barred_assess_no_longer AFTER INSERT OR UPDATE ON conflicts FOR EACH ROW EXECUTE FUNCTION take_assessor_off();

-- How many assessors a criterion wants, given the marks there are: what it declares, and one more where they lie
-- further apart than it allows. As scheme.Marking.Wanted.
-- +goose StatementBegin
CREATE FUNCTION marks_wanted(asked jsonb, given bigint, spread numeric) RETURNS integer LANGUAGE sql IMMUTABLE
RETURN greatest(coalesce((asked ->> 'assessors')::integer, 1), 1)
  + CASE WHEN given >= greatest(coalesce((asked ->> 'assessors')::integer, 1), 1) AND spread > (asked ->> 'spread')::numeric THEN 1 ELSE 0 END;
-- +goose StatementEnd

-- The criteria of a scheme for which an application lacks marks. Written to become part of the query that asks:
-- called row by row, who may see what would be found out anew for each.
-- +goose StatementBegin
CREATE FUNCTION lacking_marks(application uuid, marked jsonb) RETURNS SETOF text LANGUAGE sql STABLE AS $$
SELECT k ->> 'key' FROM jsonb_array_elements(marked) k
WHERE coalesce(k ->> 'source', 'mark') = 'mark' AND CASE
  WHEN coalesce((k ->> 'assessors')::integer, 1) <= 1
    THEN NOT EXISTS (SELECT 1 FROM marks m WHERE m.application_id = application AND m.criterion = k ->> 'key' AND m.replaced_at IS NULL)
  ELSE NOT EXISTS (SELECT 1 FROM marks m WHERE m.application_id = application AND m.criterion = k ->> 'key' AND m.replaced_at IS NULL
    GROUP BY m.application_id HAVING count(*) >= marks_wanted(k, count(*), max(m.points) - min(m.points))) END
$$;
-- +goose StatementEnd

-- What the actor reaches by another role than assessor. Whoever sets nothing reaches nothing.
-- +goose StatementBegin
CREATE FUNCTION actor_full_institutions() RETURNS uuid[] LANGUAGE sql STABLE
RETURN coalesce(nullif(current_setting('peregrine.full_institutions', true), '')::uuid[], '{}'::uuid[]);
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION actor_full_units() RETURNS uuid[] LANGUAGE sql STABLE
RETURN coalesce(nullif(current_setting('peregrine.full_units', true), '')::uuid[], '{}'::uuid[]);
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION actor_full_calls() RETURNS uuid[] LANGUAGE sql STABLE
RETURN coalesce(nullif(current_setting('peregrine.full_calls', true), '')::uuid[], '{}'::uuid[]);
-- +goose StatementEnd

-- Files whose assessor the actor is.
-- +goose StatementBegin
CREATE FUNCTION assigned_applications() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT coalesce(array_agg(s.application_id), '{}'::uuid[]) FROM assignments s WHERE s.assessor_id = actor_person() AND s.ended_at IS NULL
$$;
-- +goose StatementEnd

-- Calls whose assessors see only what they are assigned to.
-- +goose StatementBegin
CREATE FUNCTION assigned_calls() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT coalesce(array_agg(c.id), '{}'::uuid[]) FROM calls c WHERE c.assessors_see = 'assigned' AND c.institution_id = ANY (actor_staff_of())
$$;
-- +goose StatementEnd

-- Files whose name is hidden from the actor, and the people behind them. A person hidden once is hidden
-- everywhere: else another list would tell who the candidate is.
-- +goose StatementBegin
CREATE FUNCTION blind_applications() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT coalesce(array_agg(a.id), '{}'::uuid[]) FROM calls c JOIN applications a ON a.call_id = c.id
WHERE c.blind AND c.institution_id = ANY ((SELECT actor_staff_of())::uuid[]) AND a.person_id <> (SELECT actor_person())
  AND NOT (a.institution_id = ANY ((SELECT actor_full_institutions())::uuid[]) OR a.unit_id = ANY ((SELECT actor_full_units())::uuid[]) OR a.call_id = ANY ((SELECT actor_full_calls())::uuid[]))
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION blind_persons() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT coalesce(array_agg(DISTINCT a.person_id), '{}'::uuid[]) FROM calls c JOIN applications a ON a.call_id = c.id
WHERE c.blind AND c.institution_id = ANY ((SELECT actor_staff_of())::uuid[]) AND a.person_id <> (SELECT actor_person())
  AND NOT (a.institution_id = ANY ((SELECT actor_full_institutions())::uuid[]) OR a.unit_id = ANY ((SELECT actor_full_units())::uuid[]) OR a.call_id = ANY ((SELECT actor_full_calls())::uuid[]))
$$;
-- +goose StatementEnd

-- What a blind assessor reads of a submission: the answers that identify nobody, the facts about the studies. Its
-- row is hidden from them, so that whatever else reads it finds nothing.
-- +goose StatementBegin
CREATE FUNCTION blind_content(submission uuid, OUT answers jsonb, OUT facts jsonb) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT coalesce((SELECT jsonb_object_agg(x.key, x.value) FROM jsonb_each(k.answers) x
    WHERE NOT EXISTS (SELECT 1 FROM jsonb_array_elements(f.questions) q
      WHERE q ->> 'key' = split_part(x.key, '@', 1) AND q ->> 'identifies' = 'true')), '{}'),
  k.facts - '{given_names,family_names,birth_date,nationality,gender}'::text[]
FROM submission_contents k JOIN submissions s ON s.id = k.submission_id JOIN forms f ON f.id = s.form_id
WHERE k.submission_id = submission AND s.application_id = ANY (blind_applications())
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION shown_facts(submission uuid) RETURNS jsonb LANGUAGE sql STABLE
RETURN coalesce((SELECT k.facts FROM submission_contents k WHERE k.submission_id = submission), (blind_content(submission)).facts);
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION shown_answers(submission uuid) RETURNS jsonb LANGUAGE sql STABLE
RETURN coalesce((SELECT k.answers FROM submission_contents k WHERE k.submission_id = submission), (blind_content(submission)).answers);
-- +goose StatementEnd

-- A blind assessor's documents: no pictures, none that identifies, under a name that says what it answers.
-- +goose StatementBegin
CREATE FUNCTION blind_documents(application uuid) RETURNS TABLE (
  id uuid, application_id uuid, person_id uuid, institution_id uuid, question text, destination_id uuid, file_name text, media_type text, size bigint, uploaded_at timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT d.id, d.application_id, d.person_id, d.institution_id, d.question, d.destination_id,
  d.question || CASE d.media_type WHEN 'application/pdf' THEN '.pdf' ELSE '' END, d.media_type, d.size, d.uploaded_at
FROM documents d JOIN applications a ON a.id = d.application_id JOIN calls c ON c.id = a.call_id JOIN forms f ON f.id = c.form_id
WHERE d.application_id = application AND application = ANY (blind_applications()) AND d.media_type NOT LIKE 'image/%'
  AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(f.questions) q WHERE q ->> 'key' = d.question AND q ->> 'identifies' = 'true')
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION blind_document_file(document uuid) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT d.application_id FROM documents d WHERE d.id = document AND d.application_id = ANY (blind_applications())
$$;
-- +goose StatementEnd
ALTER POLICY with_its_submission ON submission_documents USING (
  EXISTS (SELECT 1 FROM documents d WHERE d.id = document_id)
  OR EXISTS (SELECT 1 FROM submissions s WHERE s.id = submission_id AND s.application_id = ANY ((SELECT blind_applications())::uuid[])));

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['assignments', 'assessment_comments'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_sees_all ON %I TO peregrine_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY work_sees_all ON %I TO peregrine_work USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO peregrine_work', t);
    EXECUTE format('GRANT SELECT ON %I TO peregrine_web', t);
  END LOOP;
END $$;
-- +goose StatementEnd
GRANT DELETE ON assessment_comments TO peregrine_work; -- erasure

CREATE POLICY of_the_house ON assignments FOR SELECT TO peregrine_web USING (EXISTS (
  SELECT 1 FROM applications a WHERE a.id = application_id AND a.institution_id = ANY ((SELECT actor_staff_of())::uuid[]) AND a.person_id <> (SELECT actor_person())));
CREATE POLICY house_or_published ON assessment_comments FOR SELECT TO peregrine_web USING (EXISTS (
  SELECT 1 FROM applications a WHERE a.id = application_id AND (
    (a.institution_id = ANY ((SELECT actor_staff_of())::uuid[]) AND a.person_id <> (SELECT actor_person()))
    OR (audience = 'applicant' AND a.person_id = (SELECT actor_person()) AND a.held_back = ''
      AND EXISTS (SELECT 1 FROM rankings r WHERE r.round_id = a.round_id AND r.status = 'published')))));

-- Assessors of a call may see only what they are assigned to.
ALTER POLICY own_reached_or_shared ON applications USING (
  person_id = (SELECT actor_person())
  OR ((institution_id = ANY ((SELECT actor_institutions())::uuid[]) OR unit_id = ANY ((SELECT actor_units())::uuid[]) OR call_id = ANY ((SELECT actor_calls())::uuid[]))
    AND NOT id = ANY ((SELECT barred_applications())::uuid[])
    AND ((institution_id = ANY ((SELECT actor_full_institutions())::uuid[]) OR unit_id = ANY ((SELECT actor_full_units())::uuid[]) OR call_id = ANY ((SELECT actor_full_calls())::uuid[])) OR NOT call_id = ANY ((SELECT assigned_calls())::uuid[]) OR id = ANY ((SELECT assigned_applications())::uuid[])))
  OR EXISTS (SELECT 1 FROM shares s WHERE s.application_id = applications.id AND s.visible_to = ANY ((SELECT actor_hosts())::uuid[]) AND s.until IS NULL)
);

-- People: assessors see those whose files they see, unless a call hides them.
ALTER POLICY own_reached_or_colleague ON person_facts USING (
  person_id = (SELECT actor_person())
  OR ((institution_id = ANY ((SELECT actor_full_institutions())::uuid[])
      OR EXISTS (SELECT 1 FROM affiliations f WHERE f.person_id = person_facts.person_id AND f.unit_id = ANY ((SELECT actor_full_units())::uuid[]))
      OR EXISTS (SELECT 1 FROM applications a WHERE a.person_id = person_facts.person_id AND a.institution_id = person_facts.institution_id AND a.institution_id = ANY ((SELECT actor_staff_of())::uuid[]))
      OR EXISTS (SELECT 1 FROM roles r WHERE r.person_id = person_facts.person_id AND r.institution_id = person_facts.institution_id AND r.institution_id = ANY ((SELECT actor_staff_of())::uuid[])))
    AND NOT person_id = ANY ((SELECT barred_persons())::uuid[])
    AND NOT person_id = ANY ((SELECT blind_persons())::uuid[])));

-- Whatever of a file holds the name, or words that may.
ALTER POLICY with_its_submission ON submission_contents USING (
  EXISTS (SELECT 1 FROM submissions s WHERE s.id = submission_id) AND NOT person_id = ANY ((SELECT blind_persons())::uuid[]));
ALTER POLICY applicant_house_or_host ON documents USING (EXISTS (
  SELECT 1 FROM applications a WHERE a.id = application_id
    AND (a.person_id = (SELECT actor_person())
      OR (a.institution_id = ANY ((SELECT actor_staff_of())::uuid[]) AND NOT a.id = ANY ((SELECT blind_applications())::uuid[]))
      OR current_setting('peregrine.host_documents', true) = 'yes' AND NOT a.id = ANY ((SELECT blind_applications())::uuid[]))));
ALTER POLICY with_its_event ON event_texts USING (
  EXISTS (SELECT 1 FROM events e WHERE e.id = event_id) AND NOT person_id = ANY ((SELECT blind_persons())::uuid[]));
ALTER POLICY of_the_house ON event_comments USING (EXISTS (
  SELECT 1 FROM events e WHERE e.id = event_id AND e.institution_id = ANY ((SELECT actor_staff_of())::uuid[])
    AND EXISTS (SELECT 1 FROM applications a WHERE a.id = e.application_id AND a.person_id <> (SELECT actor_person())))
  AND NOT person_id = ANY ((SELECT blind_persons())::uuid[]));
ALTER POLICY with_its_application_or_just_ended ON nomination_contents USING (
  (EXISTS (SELECT 1 FROM nominations n JOIN applications a ON a.id = n.application_id WHERE n.id = nomination_id)
    OR EXISTS (SELECT 1 FROM shares s WHERE s.nomination_id = nomination_contents.nomination_id
      AND s.visible_to = ANY ((SELECT actor_hosts())::uuid[]) AND s.until > business_now() - interval '1 day'))
  AND NOT person_id = ANY ((SELECT blind_persons())::uuid[]));
ALTER POLICY with_its_act ON act_texts USING (
  EXISTS (SELECT 1 FROM acts a WHERE a.id = act_id)
  AND (person_id IS NULL OR NOT person_id = ANY ((SELECT barred_persons())::uuid[]) AND NOT person_id = ANY ((SELECT blind_persons())::uuid[])));
ALTER POLICY own_or_house ON letters USING (
  person_id = (SELECT actor_person())
  OR (application_id IS NULL AND institution_id = ANY ((SELECT actor_full_institutions())::uuid[]))
  OR (application_id IS NOT NULL AND NOT application_id = ANY ((SELECT blind_applications())::uuid[])
    AND EXISTS (SELECT 1 FROM applications a WHERE a.id = application_id AND a.person_id <> (SELECT actor_person()) AND a.institution_id = ANY ((SELECT actor_staff_of())::uuid[]))));
ALTER POLICY of_the_office ON registrations USING (
  (institution_id = ANY ((SELECT actor_institutions())::uuid[]) OR unit_id = ANY ((SELECT actor_units())::uuid[]))
  AND ((institution_id = ANY ((SELECT actor_full_institutions())::uuid[]) OR unit_id = ANY ((SELECT actor_full_units())::uuid[]) OR call_id = ANY ((SELECT actor_full_calls())::uuid[])) OR NOT EXISTS (SELECT 1 FROM calls c WHERE c.id = call_id AND c.blind)));
-- Whoever is barred for being the applicant would tell who that is.
ALTER POLICY own_or_wide ON conflicts USING (person_id = (SELECT actor_person()) OR institution_id = ANY ((SELECT actor_full_institutions())::uuid[]));
