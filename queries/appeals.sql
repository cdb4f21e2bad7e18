-- Appeals: filed by applicants, assigned, answered; and what a granted one corrects.

-- name: AppealTarget :one
-- What somebody would appeal against now, and until when.
SELECT a.id, a.institution_id, a.call_id, a.round_id, a.person_id, a.phase, a.held_back, k.id AS ranking_id, k.status, e.outcome, d.deadline_id, d.closes_at, d.zone, (c.provisional_days IS NOT NULL AND c.appeal_days IS NULL)::bool AS provisional_only
FROM applications a
JOIN calls c ON c.id = a.call_id
JOIN LATERAL (SELECT r.id, r.status FROM rankings r WHERE r.round_id = a.round_id AND r.status IN ('provisional', 'published') ORDER BY r.status = 'published' DESC LIMIT 1) k ON true
JOIN ranking_entries e ON e.ranking_id = k.id AND e.application_id = a.id
JOIN deadlines_in_force d ON d.application_id = a.id AND d.kind = 'appeal'
WHERE a.id = @id;

-- name: NextAppealNumber :one
SELECT (coalesce(max(p.number), 0) + 1)::int AS number FROM appeals p JOIN applications a ON a.id = p.application_id WHERE a.call_id = @call_id;

-- name: AddAppeal :exec
INSERT INTO appeals (id, institution_id, application_id, ranking_id, number, filed_at, status)
VALUES (@id, @institution_id, @application_id, @ranking_id, @number, @filed_at, 'filed');

-- name: AddAppealText :exec
INSERT INTO appeal_texts (appeal_id, part, institution_id, person_id, body) VALUES (@appeal_id, @part, @institution_id, @person_id, @body);

-- name: VisibleAppeal :one
-- Asked under the web role: no row means that the actor does not see the appeal.
SELECT p.id, p.application_id FROM appeals p WHERE p.id = @id;

-- name: LockAppeal :one
SELECT p.id, p.institution_id, p.application_id, p.ranking_id, p.number, p.status, p.assigned_to, p.filed_at, a.call_id, a.round_id, a.person_id
FROM appeals p JOIN applications a ON a.id = p.application_id WHERE p.id = @id FOR UPDATE OF p;

-- name: AppealRow :one
SELECT p.id, p.institution_id, p.application_id, p.ranking_id, p.number, p.status, p.assigned_to, p.filed_at, a.call_id, a.round_id, a.person_id
FROM appeals p JOIN applications a ON a.id = p.application_id WHERE p.id = @id;

-- name: AssignAppeal :execrows
UPDATE appeals SET status = 'assigned', assigned_to = @assigned_to, assigned_by = @assigned_by, assigned_at = @assigned_at WHERE id = @id AND status IN ('filed', 'assigned');

-- name: AnswerAppeal :execrows
UPDATE appeals SET status = @status, decided_by = @decided_by, decided_at = @decided_at, correction = @correction, data = @data WHERE id = @id AND status = 'assigned' AND assigned_to = @decided_by;

-- name: WithdrawAppeal :execrows
UPDATE appeals SET status = 'withdrawn', withdrawn_at = @at WHERE id = @id AND status IN ('filed', 'assigned');

-- name: AppealDeciders :many
-- Who may decide an appeal: the office, and coordinators who reach the file; nobody who marked it, who filed it, or whom
-- a conflict of interest or a file of their own bars from the round.
WITH RECURSIVE up AS (
  SELECT u.id, u.parent_id FROM applications x JOIN units u ON u.id = x.unit_id WHERE x.id = @application_id
  UNION SELECT n.id, n.parent_id FROM units n JOIN up ON up.parent_id = n.id
)
SELECT r.person_id, bool_or(r.role = 'officer')::bool AS officer, coalesce(max(trim(f.given_names || ' ' || f.family_names)), '')::text AS name
FROM applications a JOIN roles r ON r.institution_id = a.institution_id
LEFT JOIN person_facts f ON f.person_id = r.person_id AND f.institution_id = r.institution_id
WHERE a.id = @application_id AND r.role IN ('officer', 'administrator', 'coordinator') AND (r.call_id IS NULL OR r.call_id = a.call_id)
  AND (r.unit_id IS NULL OR r.unit_id IN (SELECT up.id FROM up))
  AND r.valid_from <= @now AND (r.valid_to IS NULL OR r.valid_to > @now)
  AND NOT EXISTS (SELECT 1 FROM marks m WHERE m.application_id = a.id AND m.assessor_id = r.person_id)
  AND NOT EXISTS (SELECT 1 FROM applications o WHERE o.round_id = a.round_id AND (o.person_id = r.person_id
    OR EXISTS (SELECT 1 FROM conflicts c WHERE c.application_id = o.id AND c.person_id = r.person_id AND c.ended_at IS NULL)))
GROUP BY r.person_id ORDER BY 3, 1;

-- name: StandingMark :one
SELECT m.id, m.application_id, m.criterion, m.assessor_id, m.points, m.submission_id FROM marks m WHERE m.id = @id AND m.replaced_at IS NULL;

-- name: CorrectMark :exec
INSERT INTO marks (id, institution_id, application_id, submission_id, criterion, assessor_id, points, marked_at, range_min, range_max, corrects, corrected_by)
VALUES (@id, @institution_id, @application_id, @submission_id, @criterion, @assessor_id, @points, @marked_at, @range_min, @range_max, @corrects, @corrected_by);

-- name: AddException :exec
INSERT INTO ranking_exceptions (id, institution_id, application_id, destination_id, gate, appeal_id, made_by, made_at)
VALUES (@id, @institution_id, @application_id, sqlc.narg(destination_id), @gate, sqlc.narg(appeal_id), @made_by, @made_at);

-- name: AddExceptionText :exec
INSERT INTO ranking_exception_texts (exception_id, institution_id, person_id, reason) VALUES (@exception_id, @institution_id, @person_id, @reason);

-- name: LiftedGates :many
-- Gates that do not hold any more for the applications of a round.
SELECT x.application_id, x.destination_id, x.gate FROM ranking_exceptions x JOIN applications a ON a.id = x.application_id
WHERE a.round_id = @round_id ORDER BY x.application_id, x.gate, x.destination_id;

-- name: MyAppeals :many
SELECT p.id, p.number, p.ranking_id, p.filed_at, p.status, p.decided_at, p.withdrawn_at,
  coalesce((SELECT t.body FROM appeal_texts t WHERE t.appeal_id = p.id AND t.part = 'reason'), '')::text AS reason,
  coalesce((SELECT t.body FROM appeal_texts t WHERE t.appeal_id = p.id AND t.part = 'answer'), '')::text AS answer
FROM appeals p WHERE p.application_id = @application_id ORDER BY p.filed_at DESC;

-- name: OfficeAppeals :many
-- Appeals of a call: open ones first, the oldest at the top.
SELECT p.id, p.number, p.filed_at, p.status, p.assigned_to, p.decided_at, p.withdrawn_at, a.id AS application_id, u.code AS unit,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name,
  coalesce(trim(g.given_names || ' ' || g.family_names), '')::text AS decider
FROM appeals p JOIN applications a ON a.id = p.application_id JOIN units u ON u.id = a.unit_id
LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
LEFT JOIN person_facts g ON g.person_id = coalesce(p.decided_by, p.assigned_to) AND g.institution_id = a.institution_id
WHERE a.call_id = @call_id AND a.person_id <> @self
ORDER BY p.status IN ('filed', 'assigned') DESC, CASE WHEN p.status IN ('filed', 'assigned') THEN p.filed_at END, coalesce(p.decided_at, p.withdrawn_at) DESC NULLS LAST, p.number;

-- name: OfficeAppeal :one
SELECT p.id, p.number, p.ranking_id, p.filed_at, p.status, p.assigned_to, p.assigned_at, p.decided_at, p.withdrawn_at, p.correction, p.data,
  a.id AS application_id, a.institution_id, a.call_id, a.round_id, a.person_id, a.state, a.revision, a.definition_id, c.title, c.zone, k.status AS list,
  h.source AS scheme, q.questions,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name, u.code AS unit,
  coalesce(trim(g.given_names || ' ' || g.family_names), '')::text AS assigned_name,
  coalesce(trim(b.given_names || ' ' || b.family_names), '')::text AS decided_name,
  coalesce((SELECT t.body FROM appeal_texts t WHERE t.appeal_id = p.id AND t.part = 'reason'), '')::text AS reason,
  coalesce((SELECT t.body FROM appeal_texts t WHERE t.appeal_id = p.id AND t.part = 'answer'), '')::text AS answer,
  coalesce((SELECT t.body FROM appeal_texts t WHERE t.appeal_id = p.id AND t.part = 'note'), '')::text AS note,
  EXISTS (SELECT 1 FROM rankings r WHERE r.round_id = a.round_id AND r.status = 'published') AS final,
  coalesce((SELECT d.closes_at FROM deadlines_in_force d WHERE d.application_id = a.id AND d.kind = 'appeal'), p.filed_at)::timestamptz AS closes_at
FROM appeals p JOIN applications a ON a.id = p.application_id JOIN calls c ON c.id = a.call_id JOIN units u ON u.id = a.unit_id JOIN rankings k ON k.id = p.ranking_id
JOIN schemes h ON h.id = coalesce(k.scheme_id, c.scheme_id) JOIN forms q ON q.id = c.form_id
LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
LEFT JOIN person_facts g ON g.person_id = p.assigned_to AND g.institution_id = a.institution_id
LEFT JOIN person_facts b ON b.person_id = p.decided_by AND b.institution_id = a.institution_id
WHERE p.id = @id AND a.person_id <> @self AND a.institution_id = ANY (@institutions::uuid[]);

-- name: AppealMarks :many
-- The marks that count for one application, to be corrected one by one.
SELECT m.id, m.criterion, m.points, m.marked_at, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS assessor
FROM marks m LEFT JOIN person_facts f ON f.person_id = m.assessor_id AND f.institution_id = m.institution_id
WHERE m.application_id = @application_id AND m.replaced_at IS NULL ORDER BY m.criterion, m.marked_at, m.id;

-- name: OpenAppealsOf :many
-- Appeals that wait, by call: whom they wait for decides whose work they are.
SELECT a.call_id, c.title, c.academic_year, count(*)::int AS open, count(*) FILTER (WHERE p.status = 'filed')::int AS unassigned,
  count(*) FILTER (WHERE p.assigned_to = @self)::int AS mine, min(p.filed_at)::timestamptz AS since
FROM appeals p JOIN applications a ON a.id = p.application_id JOIN calls c ON c.id = a.call_id
WHERE p.status IN ('filed', 'assigned') AND a.person_id <> @self AND a.institution_id = ANY (@institutions::uuid[])
GROUP BY a.call_id, c.title, c.academic_year ORDER BY min(p.filed_at), a.call_id;

-- name: CallTakesAppeals :one
-- Whether a call has appeals to show, or will have.
SELECT (c.provisional_days IS NOT NULL OR c.appeal_days IS NOT NULL)::bool AS takes FROM calls c WHERE c.id = @id;

-- name: LetterAppeal :one
SELECT p.id, p.number, p.status, p.filed_at, p.assigned_to, p.application_id, k.status AS list,
  coalesce((SELECT t.body FROM appeal_texts t WHERE t.appeal_id = p.id AND t.part = 'reason'), '')::text AS reason,
  coalesce((SELECT t.body FROM appeal_texts t WHERE t.appeal_id = p.id AND t.part = 'answer'), '')::text AS answer
FROM appeals p JOIN rankings k ON k.id = p.ranking_id WHERE p.id = @id;

-- name: EraseAppealTexts :exec
DELETE FROM appeal_texts WHERE person_id = @person_id AND institution_id = ANY (@institutions::uuid[]);

-- name: EraseExceptionTexts :exec
DELETE FROM ranking_exception_texts WHERE person_id = @person_id AND institution_id = ANY (@institutions::uuid[]);

-- name: AppealsOpenOf :one
-- Appeals of a person that wait for an answer.
SELECT count(*)::int AS number FROM appeals p JOIN applications a ON a.id = p.application_id
WHERE a.person_id = @person_id AND p.institution_id = ANY (@institutions::uuid[]) AND p.status IN ('filed', 'assigned');

-- name: AppealOutsideWindow :many
-- An appeal was filed after its list was told and before its window closed.
SELECT format('appeal %s was filed at %s against ranking %s, told at %s, until %s', p.id, p.filed_at, p.ranking_id, coalesce(r.provisional_at, r.published_at), d.closes_at)::text AS violation
FROM appeals p JOIN rankings r ON r.id = p.ranking_id
LEFT JOIN deadlines_in_force d ON d.application_id = p.application_id AND d.kind = 'appeal'
WHERE d.closes_at IS NULL OR p.filed_at >= d.closes_at OR p.filed_at < coalesce(r.provisional_at, r.published_at, 'infinity') ORDER BY 1;

-- name: AppealHalfAnswered :many
SELECT format('appeal %s is %s: decided by %s at %s', p.id, p.status, coalesce(p.decided_by::text, 'nobody'), coalesce(p.decided_at::text, 'no time'))::text AS violation
FROM appeals p WHERE (p.status IN ('granted', 'refused')) <> (p.decided_by IS NOT NULL AND p.decided_at IS NOT NULL)
  OR (p.status = 'granted') <> (p.correction <> '') OR (p.status = 'assigned' AND p.assigned_to IS NULL) ORDER BY 1;

-- name: AppealDecidedByParty :many
-- Nobody decides about themselves or about what they marked.
SELECT format('appeal %s was decided by %s', p.id, p.decided_by)::text AS violation
FROM appeals p JOIN applications a ON a.id = p.application_id
WHERE p.decided_by IS NOT NULL AND (a.person_id = p.decided_by OR EXISTS (SELECT 1 FROM marks m WHERE m.application_id = a.id AND m.assessor_id = p.decided_by)) ORDER BY 1;

-- name: AppealStrays :many
-- An appeal is against a list of its application's round, in one institution, and what was written is its applicant's.
SELECT format('appeal %s is against ranking %s of another round or institution', p.id, p.ranking_id)::text AS violation
FROM appeals p JOIN applications a ON a.id = p.application_id JOIN rankings r ON r.id = p.ranking_id
WHERE r.round_id <> a.round_id OR p.institution_id <> a.institution_id
UNION ALL SELECT format('the %s of appeal %s is kept for another person', t.part, t.appeal_id)
FROM appeal_texts t JOIN appeals p ON p.id = t.appeal_id JOIN applications a ON a.id = p.application_id WHERE t.person_id <> a.person_id OR t.institution_id <> a.institution_id
UNION ALL SELECT format('exception %s lies in another institution', x.id) FROM ranking_exceptions x JOIN applications a ON a.id = x.application_id WHERE x.institution_id <> a.institution_id
ORDER BY 1;

-- name: ErasedAppealWords :many
SELECT format('erased person %s left the %s of appeal %s', p.id, t.part, t.appeal_id)::text AS violation
FROM persons p JOIN appeal_texts t ON t.person_id = p.id WHERE p.erased_at IS NOT NULL
UNION ALL SELECT format('erased person %s left the reason of exception %s', p.id, t.exception_id)
FROM persons p JOIN ranking_exception_texts t ON t.person_id = p.id WHERE p.erased_at IS NOT NULL ORDER BY 1;

-- name: FileToCorrect :one
-- An application in the round's newest run, with how its points came about.
SELECT a.id, a.institution_id, a.call_id, a.round_id, c.title, h.source AS scheme, q.questions,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name,
  coalesce((SELECT t.breakdown FROM ranking_details t JOIN rankings r ON r.id = t.ranking_id WHERE t.application_id = a.id ORDER BY r.number DESC LIMIT 1), '{}')::jsonb AS breakdown
FROM applications a JOIN calls c ON c.id = a.call_id JOIN schemes h ON h.id = c.scheme_id JOIN forms q ON q.id = c.form_id
LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
WHERE a.id = @id AND a.person_id <> @self AND a.institution_id = ANY (@institutions::uuid[]);

