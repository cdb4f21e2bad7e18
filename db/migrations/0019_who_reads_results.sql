-- +goose Up
-- A result names everybody in it: pages of applicants are made of their own entries and of published figures, and only
-- the house reads a whole input or result.
REVOKE SELECT ON rankings FROM peregrine_web;
-- +goose StatementBegin
DO $$
BEGIN
  EXECUTE (SELECT format('GRANT SELECT (%s) ON rankings TO peregrine_web', string_agg(quote_ident(column_name), ', '))
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'rankings' AND column_name NOT IN ('input', 'result'));
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION house_reads(institution uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
SELECT current_setting('role') <> 'peregrine_web' OR institution = ANY (actor_staff_of())
$$;
CREATE FUNCTION ranking_result(ranking uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT r.result FROM rankings r WHERE r.id = ranking AND house_reads(r.institution_id)
$$;
CREATE FUNCTION ranking_input(ranking uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT r.input FROM rankings r WHERE r.id = ranking AND house_reads(r.institution_id)
$$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION ranking_result(uuid), ranking_input(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ranking_result(uuid), ranking_input(uuid) TO peregrine_web, peregrine_work;
