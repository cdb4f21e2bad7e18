-- +goose Up
-- Until publication a conflict of interest hides how a destination comes out that the file names. That
-- takes hiding all who compete for it: where a rival waits, or what points kept them out, tells as much.

-- As definer, because choices are read here for files the actor may not see.
-- +goose StatementBegin
CREATE FUNCTION barred_rivals() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT coalesce(array_agg(DISTINCT c.application_id), '{}'::uuid[]) FROM choices c WHERE c.destination_id = ANY (barred_destinations())
$$;
-- +goose StatementEnd

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['ranking_entries', 'choice_outcomes'] LOOP
    EXECUTE format($p$ALTER POLICY house_or_published ON %I USING (
      EXISTS (SELECT 1 FROM applications a JOIN rankings r ON r.id = ranking_id WHERE a.id = application_id AND (
        (a.person_id = (SELECT actor_person()) AND r.status = 'published' AND a.held_back = '')
        OR (a.person_id <> (SELECT actor_person()) AND a.institution_id = ANY ((SELECT actor_staff_of())::uuid[])
          AND (r.status = 'published' OR NOT a.id = ANY ((SELECT barred_rivals())::uuid[]))))))$p$, t);
  END LOOP;
END $$;
-- +goose StatementEnd
