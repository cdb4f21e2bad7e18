-- Announced rules of a call, changed: freely until somebody has submitted, by an amendment afterwards.

-- name: CallToAmend :one
-- Asked under the web role: no row means that the actor does not see the call.
SELECT c.id, c.institution_id, c.title, c.zone, c.academic_year, c.scheme_id, c.selection, c.max_choices, c.max_languages, c.definition_id, c.facts_at, h.source, h.name AS scheme_name, h.version AS scheme_version, f.questions
FROM calls c JOIN schemes h ON h.id = c.scheme_id JOIN forms f ON f.id = c.form_id WHERE c.id = @id;

-- name: CallStands :one
-- Whether somebody has submitted, and what has been told of results.
SELECT EXISTS (SELECT 1 FROM applications a JOIN submissions s ON s.application_id = a.id WHERE a.call_id = @call_id)::bool AS submitted,
  EXISTS (SELECT 1 FROM rankings r WHERE r.call_id = @call_id AND r.status = 'published')::bool AS published,
  EXISTS (SELECT 1 FROM rankings r WHERE r.call_id = @call_id AND r.status = 'provisional')::bool AS provisional,
  EXISTS (SELECT 1 FROM amendments m WHERE m.call_id = @call_id AND m.status = 'proposed')::bool AS waiting;

-- name: AmendedMarks :many
-- The marks that stand, by criterion, as far as the actor sees them; print changes with every one.
SELECT m.criterion, count(*)::int AS marks, count(DISTINCT m.application_id)::int AS applications, md5(string_agg(m.id::text, ',' ORDER BY m.id))::text AS print
FROM marks m JOIN applications a ON a.id = m.application_id
WHERE a.call_id = @call_id AND m.replaced_at IS NULL GROUP BY m.criterion ORDER BY m.criterion;

-- name: AmendedApplicants :one
-- Who would be written to, as far as the actor sees them.
SELECT count(DISTINCT a.person_id)::int AS people, coalesce(md5(string_agg(DISTINCT a.person_id::text, ',' ORDER BY a.person_id::text)), '')::text AS print
FROM applications a WHERE a.call_id = @call_id AND EXISTS (SELECT 1 FROM submissions s WHERE s.application_id = a.id);

-- name: TellAmendment :many
-- Every applicant who has submitted, once, with their newest application.
SELECT DISTINCT ON (a.person_id) a.id, a.person_id, p.language FROM applications a JOIN persons p ON p.id = a.person_id
WHERE a.call_id = @call_id AND p.erased_at IS NULL AND EXISTS (SELECT 1 FROM submissions s WHERE s.application_id = a.id)
ORDER BY a.person_id, a.id DESC;

-- name: BarredInCall :one
-- Whether a conflict of interest, or a file of their own, bars a person from what the call comes to.
SELECT EXISTS (SELECT 1 FROM applications a WHERE a.call_id = @call_id AND (a.person_id = @person_id
  OR EXISTS (SELECT 1 FROM conflicts f WHERE f.application_id = a.id AND f.person_id = @person_id AND f.ended_at IS NULL)))::bool AS barred;

-- name: AddAmendment :exec
INSERT INTO amendments (id, institution_id, call_id, number, source, selection, limits, mapping, changes, from_scheme, from_selection, from_limits, proposed_by, proposed_at)
VALUES (@id, @institution_id, @call_id, (SELECT coalesce(max(x.number), 0) + 1 FROM amendments x WHERE x.call_id = @call_id),
  @source, sqlc.narg(selection)::jsonb, sqlc.narg(limits)::jsonb, @mapping, @changes, @from_scheme, @from_selection::jsonb, @from_limits::jsonb, @proposed_by, @proposed_at);

-- name: AddAmendmentText :exec
INSERT INTO amendment_texts (amendment_id, part, institution_id, body) VALUES (@amendment_id, @part, @institution_id, @body);

-- name: AmendmentByID :one
SELECT m.id, m.institution_id, m.call_id, m.number, m.source, m.selection, m.limits, m.mapping, m.changes, m.from_scheme, m.from_selection, m.from_limits, m.status,
  m.proposed_by, m.proposed_at, m.decided_at, m.told, m.set_aside, coalesce((SELECT t.body FROM amendment_texts t WHERE t.amendment_id = m.id AND t.part = 'reason'), '')::text AS reason, h.source AS from_source
FROM amendments m JOIN schemes h ON h.id = m.from_scheme WHERE m.id = @id;

-- name: DecideAmendment :execrows
UPDATE amendments SET status = @status, decided_by = @decided_by, decided_at = @decided_at, told = @told, set_aside = @set_aside WHERE id = @id AND status = 'proposed';

-- name: AmendmentsOfCall :many
-- What became of the call's rules, newest first; who did it the house alone reads.
SELECT m.id, m.number, m.status, m.changes, m.proposed_by, m.proposed_at, m.decided_by, m.decided_at, m.told, m.set_aside,
  coalesce((SELECT t.body FROM amendment_texts t WHERE t.amendment_id = m.id AND t.part = 'reason'), '')::text AS reason,
  coalesce((SELECT t.body FROM amendment_texts t WHERE t.amendment_id = m.id AND t.part = 'answer'), '')::text AS answer,
  coalesce((SELECT trim(f.given_names || ' ' || f.family_names) FROM person_facts f WHERE f.person_id = m.proposed_by AND f.institution_id = m.institution_id), '')::text AS proposer,
  coalesce((SELECT trim(f.given_names || ' ' || f.family_names) FROM person_facts f WHERE f.person_id = m.decided_by AND f.institution_id = m.institution_id), '')::text AS decider
FROM amendments m WHERE m.call_id = @call_id ORDER BY m.number DESC;

-- name: AmendmentsToDecide :many
-- What other officers proposed and wait for somebody to decide.
SELECT m.id, m.call_id, m.number, m.proposed_at, c.title, c.academic_year, c.zone, m.changes,
  coalesce((SELECT t.body FROM amendment_texts t WHERE t.amendment_id = m.id AND t.part = 'reason'), '')::text AS reason,
  coalesce((SELECT trim(f.given_names || ' ' || f.family_names) FROM person_facts f WHERE f.person_id = m.proposed_by AND f.institution_id = m.institution_id), '')::text AS proposer
FROM amendments m JOIN calls c ON c.id = m.call_id
WHERE m.status = 'proposed' AND m.institution_id = ANY (@institutions::uuid[]) AND m.proposed_by <> @self ORDER BY m.proposed_at, m.id;

-- name: PinScheme :exec
UPDATE calls SET scheme_id = @scheme_id WHERE id = @id;

-- name: SetSelection :exec
UPDATE calls SET selection = @selection WHERE id = @id;

-- name: SetChoiceLimits :exec
UPDATE calls SET max_choices = @max_choices, max_languages = @max_languages WHERE id = @id;

-- name: TakeMarksOut :execrows
UPDATE marks m SET replaced_at = @at, amended_by = @amendment FROM applications a
WHERE a.id = m.application_id AND a.call_id = @call_id AND m.replaced_at IS NULL AND m.criterion = ANY (@criteria::text[]);

-- name: CarryMarksOn :execrows
-- Marks go on under the key their criterion has now, as they were given.
INSERT INTO marks (id, institution_id, application_id, submission_id, criterion, assessor_id, points, marked_at, range_min, range_max)
SELECT gen_random_uuid(), m.institution_id, m.application_id, m.submission_id, x.new, m.assessor_id, m.points, m.marked_at, m.range_min, m.range_max
FROM marks m JOIN (SELECT unnest(@old_keys::text[]) AS old, unnest(@new_keys::text[]) AS new) x ON x.old = m.criterion WHERE m.amended_by = @amendment;

-- name: DrawingOfCall :many
-- What destinations are, for the pools of the call's rules.
SELECT d.id, d.host_institution_id, d.term, d.language, i.name AS host FROM destinations d JOIN institutions i ON i.id = d.host_institution_id WHERE d.call_id = @call_id ORDER BY d.id;

-- name: ReleaseDestinationPools :exec
DELETE FROM destination_pools WHERE pool_id = ANY (@pools::uuid[]);

-- name: ReleaseDestinationQuotas :exec
DELETE FROM destination_quotas WHERE pool_id = ANY (@pools::uuid[]);

-- name: ReleaseRulesOf :exec
-- Takes a destination out of the limits per partner and quotas of its call.
WITH quotas AS (DELETE FROM destination_quotas WHERE destination_id = @destination_id)
DELETE FROM destination_pools dp USING pools p WHERE p.id = dp.pool_id AND p.call_id IS NOT NULL AND dp.destination_id = @destination_id;

-- name: DropCallPools :exec
DELETE FROM pools p WHERE p.id = ANY (@pools::uuid[]) AND p.call_id = @call_id AND NOT EXISTS (SELECT 1 FROM overbookings o WHERE o.pool_id = p.id);

-- name: RetireCallPools :exec
-- Where places were overbooked the pool stays on record, and counts nothing any more.
UPDATE pools SET dropped_at = @at WHERE id = ANY (@pools::uuid[]) AND call_id = @call_id;

-- name: SetCallPool :exec
UPDATE pools SET places = @places, label = @label WHERE id = @id AND call_id = @call_id;

-- name: PlacesOf :many
-- The places of agreements that a destination draws on.
SELECT p.id FROM destination_pools dp JOIN pools p ON p.id = dp.pool_id WHERE dp.destination_id = @destination_id AND p.kind = 'places' ORDER BY p.id;
