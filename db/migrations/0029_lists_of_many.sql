-- +goose Up
-- What lists of ten thousand files ask on every page, found without going through all there is.
CREATE INDEX applications_by_call ON applications (call_id);

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION barred_rounds() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT coalesce(array_agg(x.round_id), '{}') FROM (
  SELECT a.round_id FROM applications a WHERE a.person_id = (SELECT actor_person())
  UNION SELECT a.round_id FROM conflicts f JOIN applications a ON a.id = f.application_id WHERE f.person_id = (SELECT actor_person()) AND f.ended_at IS NULL) x
$$;
-- +goose StatementEnd

-- How many entries of a run, but those unseen, lead to which letters: a count is made of all of them, so that asking row by
-- row who may read it would take longer than counting. Only the house counts.
-- +goose StatementBegin
CREATE FUNCTION letter_plan(ranking uuid, unseen uuid[], OUT state text, OUT outcome text, OUT language text, OUT held boolean, OUT files integer)
RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT a.state, e.outcome, coalesce(nullif(p.language, ''), nullif(i.language, ''), 'en'), a.held_back <> '', count(*)
FROM rankings r JOIN institutions i ON i.id = r.institution_id
JOIN ranking_entries e ON e.ranking_id = r.id JOIN applications a ON a.id = e.application_id LEFT JOIN persons p ON p.id = a.person_id
WHERE r.id = ranking AND house_reads(r.institution_id) AND NOT e.application_id = ANY (unseen)
GROUP BY 1, 2, 3, 4 ORDER BY 2, 3, 1, 4
$$;
-- Who applied in a run's round and is not in the run; whether the reader sees them is for the query that asks.
CREATE FUNCTION unranked_applications(ranking uuid) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT a.id FROM rankings r JOIN applications a ON a.round_id = r.round_id AND a.phase <> 'draft'
WHERE r.id = ranking AND house_reads(r.institution_id)
  AND NOT EXISTS (SELECT 1 FROM ranking_entries e WHERE e.ranking_id = ranking AND e.application_id = a.id)
$$;
-- Files that wait to be assessed and lack a mark their scheme asks for, as lacking_marks says it for one: of a call, or of
-- all. What a scheme asks for is read once, not for each file.
CREATE FUNCTION unmarked_applications(institutions uuid[], call uuid) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
WITH wanted AS MATERIALIZED (
  SELECT c.id AS call_id, k AS asked, k ->> 'key' AS criterion, coalesce((k ->> 'assessors')::integer, 1) AS assessors
  FROM unnest(institutions) x (id) JOIN calls c ON c.institution_id = x.id JOIN schemes h ON h.id = c.scheme_id CROSS JOIN jsonb_array_elements(h.marked) k
  WHERE house_reads(x.id) AND coalesce(k ->> 'source', 'mark') = 'mark'
)
SELECT DISTINCT a.id
FROM wanted w JOIN applications a ON a.call_id = w.call_id AND a.phase NOT IN ('draft', 'closed') AND (call IS NULL OR a.call_id = call)
JOIN definition_states s ON s.definition_id = a.definition_id AND s.name = a.state AND s.turn = 'coordinator'
WHERE CASE WHEN w.assessors <= 1
  THEN NOT EXISTS (SELECT FROM marks m WHERE m.application_id = a.id AND m.criterion = w.criterion AND m.replaced_at IS NULL)
  ELSE NOT EXISTS (SELECT FROM marks m WHERE m.application_id = a.id AND m.criterion = w.criterion AND m.replaced_at IS NULL
    GROUP BY m.application_id HAVING count(*) >= marks_wanted(w.asked, count(*), max(m.points) - min(m.points))) END
$$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION letter_plan(uuid, uuid[]), unranked_applications(uuid), unmarked_applications(uuid[], uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION letter_plan(uuid, uuid[]), unranked_applications(uuid), unmarked_applications(uuid[], uuid) TO peregrine_web, peregrine_work;
