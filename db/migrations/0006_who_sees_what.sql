-- +goose Up
-- Row-level security. The web role reads what the actor may see and writes nothing but access lines;
-- every change is made by the work role, in a transaction that first proved under the web role that
-- the actor sees the file.

-- Destinations named by a file the actor is barred from: until publication the actor learns nothing
-- about their ranking (design rule 11). As definer, because the file itself is hidden from the actor.
-- +goose StatementBegin
CREATE FUNCTION barred_destinations() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT coalesce(array_agg(DISTINCT c.destination_id), '{}'::uuid[])
FROM conflicts f JOIN choices c ON c.application_id = f.application_id
WHERE f.person_id = nullif(current_setting('peregrine.person', true), '')::uuid AND f.ended_at IS NULL
$$;
-- +goose StatementEnd

-- Those files. Asked once for a query, not once for a row.
-- +goose StatementBegin
CREATE FUNCTION barred_applications() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT coalesce(array_agg(f.application_id), '{}'::uuid[]) FROM conflicts f
WHERE f.person_id = nullif(current_setting('peregrine.person', true), '')::uuid AND f.ended_at IS NULL
$$;
-- +goose StatementEnd

-- The people behind those files.
-- +goose StatementBegin
CREATE FUNCTION barred_persons() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT coalesce(array_agg(DISTINCT a.person_id), '{}'::uuid[])
FROM conflicts f JOIN applications a ON a.id = f.application_id
WHERE f.person_id = nullif(current_setting('peregrine.person', true), '')::uuid AND f.ended_at IS NULL
$$;
-- +goose StatementEnd

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOR t IN SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname NOT LIKE 'river%' AND c.relname NOT LIKE 'goose%' LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_sees_all ON %I TO peregrine_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY work_sees_all ON %I TO peregrine_work USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO peregrine_work', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['events', 'submissions', 'choices', 'submission_documents', 'choice_outcomes', 'ranking_entries', 'returned_questions', 'overbookings', 'acts', 'access_lines'] LOOP
    EXECUTE format('REVOKE UPDATE ON %I FROM peregrine_work', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['institutions', 'erasmus_codes', 'units', 'holidays', 'installation', 'definitions', 'definition_states', 'definition_moves', 'definition_timers', 'definition_reminders', 'forms', 'schemes', 'agreements'] LOOP
    EXECUTE format('GRANT SELECT ON %I TO peregrine_web', t);
    EXECUTE format('CREATE POLICY everybody_reads ON %I FOR SELECT TO peregrine_web USING (true)', t);
  END LOOP;
END $$;
-- +goose StatementEnd

GRANT DELETE ON place_holds, sessions, sign_ins, rate_counters, host_codes, call_units, destination_pools TO peregrine_work;
-- Erasure: the one function that deletes what a person gave goes through these.
GRANT DELETE ON drafts, person_facts, affiliations, submission_contents, event_texts, event_comments, letter_texts, nomination_contents, registrations TO peregrine_work;

GRANT SELECT ON calls, call_units, rounds, destinations, destination_pools, pools, overbookings, persons, person_facts, affiliations, roles,
  applications, drafts, documents, submissions, submission_contents, submission_documents, choices, events, event_texts, event_comments, returned_questions,
  conflicts, marks, rankings, ranking_entries, choice_outcomes, reserve_places, offers, place_holds, nominations, nomination_contents,
  deadlines, registrations, letters, letter_texts, letter_attempts, acts, access_lines, shares, host_links TO peregrine_web;
GRANT SELECT ON call_seeds TO peregrine_web;
GRANT INSERT ON access_lines TO peregrine_web;

-- Calls and what belongs to them: open ones are everybody's, others the house's.
CREATE POLICY open_or_own ON calls FOR SELECT TO peregrine_web
  USING (opened_at IS NOT NULL OR institution_id = ANY ((SELECT actor_staff_of())::uuid[]));
CREATE POLICY with_its_call ON call_units FOR SELECT TO peregrine_web USING (EXISTS (SELECT 1 FROM calls c WHERE c.id = call_id));
CREATE POLICY with_its_call ON rounds FOR SELECT TO peregrine_web USING (EXISTS (SELECT 1 FROM calls c WHERE c.id = call_id));
CREATE POLICY with_its_call ON destinations FOR SELECT TO peregrine_web USING (EXISTS (SELECT 1 FROM calls c WHERE c.id = call_id));
CREATE POLICY with_its_destination ON destination_pools FOR SELECT TO peregrine_web USING (EXISTS (SELECT 1 FROM destinations d WHERE d.id = destination_id));
CREATE POLICY revealed_with_the_result ON call_seeds FOR SELECT TO peregrine_web
  USING (EXISTS (SELECT 1 FROM rankings r WHERE r.call_id = call_seeds.call_id AND r.status = 'published'));
CREATE POLICY of_the_house ON pools FOR SELECT TO peregrine_web USING (institution_id = ANY ((SELECT actor_staff_of())::uuid[]));
CREATE POLICY of_the_house ON overbookings FOR SELECT TO peregrine_web USING (institution_id = ANY ((SELECT actor_staff_of())::uuid[]));

-- Files. Nobody barred by a conflict of interest sees one; a host sees what is shared with it.
CREATE POLICY own_reached_or_shared ON applications FOR SELECT TO peregrine_web USING (
  person_id = (SELECT actor_person())
  OR ((institution_id = ANY ((SELECT actor_institutions())::uuid[]) OR unit_id = ANY ((SELECT actor_units())::uuid[]) OR call_id = ANY ((SELECT actor_calls())::uuid[]))
    AND NOT id = ANY ((SELECT barred_applications())::uuid[]))
  OR EXISTS (SELECT 1 FROM shares s WHERE s.application_id = applications.id AND s.visible_to = ANY ((SELECT actor_hosts())::uuid[]) AND s.until IS NULL)
);
CREATE POLICY own_or_wide ON conflicts FOR SELECT TO peregrine_web
  USING (person_id = (SELECT actor_person()) OR institution_id = ANY ((SELECT actor_institutions())::uuid[]));
CREATE POLICY own_house_or_visible_to ON shares FOR SELECT TO peregrine_web
  USING (visible_to = ANY ((SELECT actor_hosts())::uuid[]) OR institution_id = ANY ((SELECT actor_staff_of())::uuid[]));

CREATE POLICY own ON drafts FOR SELECT TO peregrine_web USING (person_id = (SELECT actor_person()));

-- Of a file the applicant and the house, not the host.
-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['submissions', 'choices', 'events', 'reserve_places', 'offers', 'place_holds'] LOOP
    EXECUTE format($p$CREATE POLICY applicant_or_house ON %I FOR SELECT TO peregrine_web USING (EXISTS (
      SELECT 1 FROM applications a WHERE a.id = application_id
        AND (a.person_id = (SELECT actor_person()) OR a.institution_id = ANY ((SELECT actor_staff_of())::uuid[]))))$p$, t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['event_texts', 'returned_questions'] LOOP
    EXECUTE format('CREATE POLICY with_its_event ON %I FOR SELECT TO peregrine_web USING (EXISTS (SELECT 1 FROM events e WHERE e.id = event_id))', t);
  END LOOP;
END $$;
-- +goose StatementEnd
CREATE POLICY of_the_house ON event_comments FOR SELECT TO peregrine_web USING (EXISTS (
  SELECT 1 FROM events e WHERE e.id = event_id AND e.institution_id = ANY ((SELECT actor_staff_of())::uuid[])
    AND EXISTS (SELECT 1 FROM applications a WHERE a.id = e.application_id AND a.person_id <> (SELECT actor_person()))));
CREATE POLICY of_the_house ON marks FOR SELECT TO peregrine_web USING (EXISTS (
  SELECT 1 FROM applications a WHERE a.id = application_id AND a.institution_id = ANY ((SELECT actor_staff_of())::uuid[])
    AND a.person_id <> (SELECT actor_person())));

-- A host reads documents only from a device that gave the code sent to the address of record.
CREATE POLICY applicant_house_or_host ON documents FOR SELECT TO peregrine_web USING (EXISTS (
  SELECT 1 FROM applications a WHERE a.id = application_id
    AND (a.person_id = (SELECT actor_person()) OR a.institution_id = ANY ((SELECT actor_staff_of())::uuid[])
      OR current_setting('peregrine.host_documents', true) = 'yes')));
CREATE POLICY with_its_submission ON submission_documents FOR SELECT TO peregrine_web
  USING (EXISTS (SELECT 1 FROM documents d WHERE d.id = document_id));
CREATE POLICY with_its_submission ON submission_contents FOR SELECT TO peregrine_web
  USING (EXISTS (SELECT 1 FROM submissions s WHERE s.id = submission_id));
CREATE POLICY with_its_application ON nominations FOR SELECT TO peregrine_web USING (
  EXISTS (SELECT 1 FROM applications a WHERE a.id = application_id
    AND (a.person_id = (SELECT actor_person()) OR a.institution_id = ANY ((SELECT actor_staff_of())::uuid[])))
  OR EXISTS (SELECT 1 FROM shares s WHERE s.nomination_id = nominations.id AND s.visible_to = ANY ((SELECT actor_hosts())::uuid[]) AND s.until IS NULL));
CREATE POLICY with_its_nomination ON nomination_contents FOR SELECT TO peregrine_web
  USING (EXISTS (SELECT 1 FROM nominations n WHERE n.id = nomination_id));

-- Results: the house at once, except where a barred file is concerned; the applicant when published.
CREATE POLICY house_or_published ON rankings FOR SELECT TO peregrine_web USING (
  institution_id = ANY ((SELECT actor_staff_of())::uuid[])
  OR (status = 'published' AND EXISTS (SELECT 1 FROM applications a WHERE a.round_id = rankings.round_id AND a.person_id = (SELECT actor_person()))));
-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['ranking_entries', 'choice_outcomes'] LOOP
    EXECUTE format($p$CREATE POLICY house_or_published ON %1$I FOR SELECT TO peregrine_web USING (
      EXISTS (SELECT 1 FROM applications a JOIN rankings r ON r.id = ranking_id WHERE a.id = application_id AND (
        (a.person_id = (SELECT actor_person()) AND r.status = 'published' AND a.held_back = '')
        OR (a.person_id <> (SELECT actor_person()) AND a.institution_id = ANY ((SELECT actor_staff_of())::uuid[])
          AND (r.status = 'published' OR %1$I.destination_id IS NULL OR NOT %1$I.destination_id = ANY ((SELECT barred_destinations())::uuid[]))))))$p$, t);
  END LOOP;
END $$;
-- +goose StatementEnd

CREATE POLICY with_its_subject ON deadlines FOR SELECT TO peregrine_web USING (
  (round_id IS NOT NULL AND EXISTS (SELECT 1 FROM rounds r WHERE r.id = round_id))
  OR (destination_id IS NOT NULL AND EXISTS (SELECT 1 FROM destinations d WHERE d.id = destination_id))
  OR (application_id IS NOT NULL AND EXISTS (SELECT 1 FROM applications a WHERE a.id = application_id))
  OR (offer_id IS NOT NULL AND EXISTS (SELECT 1 FROM offers o WHERE o.id = offer_id)));

-- People: oneself; whom the house's roles reach; colleagues. Not who is behind a barred file.
CREATE POLICY own_reached_or_colleague ON person_facts FOR SELECT TO peregrine_web USING (
  person_id = (SELECT actor_person())
  OR ((institution_id = ANY ((SELECT actor_institutions())::uuid[])
      OR EXISTS (SELECT 1 FROM affiliations f WHERE f.person_id = person_facts.person_id AND f.unit_id = ANY ((SELECT actor_units())::uuid[]))
      OR EXISTS (SELECT 1 FROM applications a WHERE a.person_id = person_facts.person_id AND a.institution_id = person_facts.institution_id AND a.institution_id = ANY ((SELECT actor_staff_of())::uuid[]))
      OR EXISTS (SELECT 1 FROM roles r WHERE r.person_id = person_facts.person_id AND r.institution_id = person_facts.institution_id AND r.institution_id = ANY ((SELECT actor_staff_of())::uuid[])))
    AND NOT person_id = ANY ((SELECT barred_persons())::uuid[])));
CREATE POLICY own_or_with_facts ON persons FOR SELECT TO peregrine_web USING (
  id = (SELECT actor_person()) OR EXISTS (SELECT 1 FROM person_facts f WHERE f.person_id = persons.id));
CREATE POLICY own_or_reached ON affiliations FOR SELECT TO peregrine_web USING (
  person_id = (SELECT actor_person())
  OR ((institution_id = ANY ((SELECT actor_institutions())::uuid[]) OR unit_id = ANY ((SELECT actor_units())::uuid[]))
    AND NOT person_id = ANY ((SELECT barred_persons())::uuid[])));
CREATE POLICY own_or_house ON roles FOR SELECT TO peregrine_web
  USING (person_id = (SELECT actor_person()) OR institution_id = ANY ((SELECT actor_staff_of())::uuid[]));
CREATE POLICY of_the_office ON registrations FOR SELECT TO peregrine_web
  USING (institution_id = ANY ((SELECT actor_institutions())::uuid[]) OR unit_id = ANY ((SELECT actor_units())::uuid[]));

-- Letters: who got them, and the house for its files.
CREATE POLICY own_or_house ON letters FOR SELECT TO peregrine_web USING (
  person_id = (SELECT actor_person())
  OR (application_id IS NULL AND institution_id = ANY ((SELECT actor_institutions())::uuid[]))
  OR (application_id IS NOT NULL AND EXISTS (SELECT 1 FROM applications a WHERE a.id = application_id AND a.person_id <> (SELECT actor_person()) AND a.institution_id = ANY ((SELECT actor_staff_of())::uuid[]))));
CREATE POLICY with_its_letter ON letter_texts FOR SELECT TO peregrine_web USING (EXISTS (SELECT 1 FROM letters l WHERE l.id = letter_id));
CREATE POLICY with_its_letter ON letter_attempts FOR SELECT TO peregrine_web USING (
  EXISTS (SELECT 1 FROM letters l WHERE l.id = letter_id AND l.institution_id = ANY ((SELECT actor_staff_of())::uuid[])));

CREATE POLICY of_the_house ON acts FOR SELECT TO peregrine_web USING (institution_id = ANY ((SELECT actor_staff_of())::uuid[]));
CREATE POLICY of_the_office ON access_lines FOR SELECT TO peregrine_web USING (institution_id = ANY ((SELECT actor_institutions())::uuid[]));
CREATE POLICY anybody_leaves_a_line ON access_lines FOR INSERT TO peregrine_web WITH CHECK (true);
CREATE POLICY house_or_host ON host_links FOR SELECT TO peregrine_web USING (
  institution_id = ANY ((SELECT actor_institutions())::uuid[]) OR host_institution_id = ANY ((SELECT actor_hosts())::uuid[]));
