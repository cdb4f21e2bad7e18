-- Lists before they are final: a second person's approval, the provisional list, its appeal window.

-- name: CallLists :one
-- How a call's lists come out.
SELECT approval, provisional_days, provisional_hour, appeal_days FROM calls WHERE id = @id;

-- name: SetLists :exec
UPDATE calls SET approval = @approval, provisional_days = sqlc.narg(provisional_days), provisional_hour = @provisional_hour, appeal_days = sqlc.narg(appeal_days) WHERE id = @id;

-- name: BarredInRound :one
-- Whether a conflict of interest, or a file of their own, bars a person from what a round comes to.
SELECT EXISTS (SELECT 1 FROM applications a WHERE a.round_id = @round_id AND (a.person_id = @person_id
  OR EXISTS (SELECT 1 FROM conflicts f WHERE f.application_id = a.id AND f.person_id = @person_id AND f.ended_at IS NULL)))::bool AS barred;

-- name: AddApproval :execrows
INSERT INTO ranking_approvals (id, institution_id, ranking_id, result_hash, approved_by, approved_at)
VALUES (@id, @institution_id, @ranking_id, @result_hash, @approved_by, @approved_at)
ON CONFLICT (ranking_id, result_hash, approved_by) DO NOTHING;

-- name: ApprovedByAnother :one
-- Whether somebody else approved exactly this result whom nothing bars from the round now.
SELECT EXISTS (SELECT 1 FROM ranking_approvals v JOIN rankings r ON r.id = v.ranking_id
  WHERE v.ranking_id = @ranking_id AND v.result_hash = r.result_hash AND v.approved_by <> @person_id
    AND NOT EXISTS (SELECT 1 FROM applications a WHERE a.round_id = r.round_id AND (a.person_id = v.approved_by
      OR EXISTS (SELECT 1 FROM conflicts f WHERE f.application_id = a.id AND f.person_id = v.approved_by AND f.ended_at IS NULL))))::bool AS approved;

-- name: Approvals :many
SELECT v.approved_by, v.approved_at, v.result_hash, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name
FROM ranking_approvals v LEFT JOIN person_facts f ON f.person_id = v.approved_by AND f.institution_id = v.institution_id
WHERE v.ranking_id = @ranking_id ORDER BY v.approved_at, v.id;

-- name: ProvisionalList :one
-- The list of a round that was told provisionally; it stays that also after a newer run was published.
SELECT r.id, r.number, r.status, r.result_hash, r.provisional_at::timestamptz AS provisional_at,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS provisional_by
FROM rankings r LEFT JOIN person_facts f ON f.person_id = r.provisional_by AND f.institution_id = r.institution_id
WHERE r.round_id = @round_id AND r.provisional_at IS NOT NULL;

-- name: MarkProvisional :execrows
UPDATE rankings SET status = 'provisional', provisional_at = @at, provisional_by = @by WHERE id = @id AND status = 'draft';

-- name: PutRoundAppeal :one
-- Until when the applicants of a round may appeal.
INSERT INTO deadlines (id, institution_id, kind, round_id, wall, zone, closes_at)
VALUES (@id, @institution_id, 'appeal', @round_id, @wall, @zone, @closes_at)
ON CONFLICT (round_id, kind) WHERE round_id IS NOT NULL
DO UPDATE SET wall = excluded.wall, zone = excluded.zone, closes_at = excluded.closes_at, version = deadlines.version + 1
RETURNING id;

-- name: ProlongOwnAppeals :exec
-- Windows of single applications that would close before that of their round.
UPDATE deadlines d SET wall = @wall, zone = @zone, closes_at = @closes_at, version = d.version + 1
WHERE d.kind = 'appeal' AND d.closes_at < @closes_at AND d.application_id IN (SELECT a.id FROM applications a WHERE a.round_id = @round_id);

-- name: AppealWindow :one
-- When the last window of a round closes, the round's own or one somebody has for themselves.
SELECT d.id, d.closes_at, d.zone FROM deadlines d
WHERE d.kind = 'appeal' AND (d.round_id = @round_id OR d.application_id IN (SELECT a.id FROM applications a WHERE a.round_id = @round_id))
ORDER BY d.closes_at DESC LIMIT 1;

-- name: AppealsWaiting :one
SELECT appeals_waiting(@round_id)::int AS number;

-- name: AddListLetters :many
-- Letters that tell of a list and follow no move: one per person and list.
INSERT INTO letters (id, institution_id, kind, queue, language, person_id, recipient, application_id, call_id, subject_key, data, status, planned_at)
SELECT t.id, @institution_id, @kind, @queue, t.language, t.person_id, 'applicant', t.application_id, @call_id, 'list:' || @ranking_id::uuid || ':' || t.application_id, t.data::jsonb, 'planned', @planned_at
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@languages::text[]) AS language, unnest(@persons::uuid[]) AS person_id, unnest(@applications::uuid[]) AS application_id, unnest(@datas::text[]) AS data) AS t
ON CONFLICT (subject_key, kind) DO NOTHING RETURNING id;

-- name: ToldProvisionally :one
SELECT EXISTS (SELECT 1 FROM letters l WHERE l.application_id = @application_id AND l.kind = 'provisional_result' AND l.data ->> 'ranking' = @ranking::text)::bool AS told;

-- name: EarlierEntries :many
-- What the round's provisional list said of applications, if it was told to them and another list is in question.
SELECT k.ranking_id::uuid AS ranking_id, e.application_id, e.outcome, e.destination_id
FROM (SELECT unnest(@rankings::uuid[]) AS ranking_id, unnest(@applications::uuid[]) AS application_id) k
JOIN applications a ON a.id = k.application_id
JOIN rankings r ON r.round_id = a.round_id AND r.provisional_at IS NOT NULL AND r.id <> k.ranking_id
JOIN ranking_entries e ON e.ranking_id = r.id AND e.application_id = a.id
WHERE EXISTS (SELECT 1 FROM letters l WHERE l.application_id = e.application_id AND l.kind = 'provisional_result' AND l.data ->> 'ranking' = r.id::text);

-- name: MyList :many
-- What a list says of one's own application: the final one first, if there is one.
SELECT r.id AS ranking_id, r.status, r.provisional_at, r.published_at, e.rank, e.points, e.outcome, e.destination_id, e.data, coalesce(t.breakdown, '{}')::jsonb AS breakdown
FROM rankings r JOIN ranking_entries e ON e.ranking_id = r.id LEFT JOIN ranking_details t ON t.ranking_id = r.id AND t.application_id = e.application_id
WHERE e.application_id = @application_id AND r.status IN ('provisional', 'published') ORDER BY r.status = 'published' DESC;

-- name: PublishedUnapproved :many
-- A list that had to be approved by a second person was, before it was told.
SELECT format('ranking %s was told by %s without the approval of another', r.id, x.by)::text AS violation
FROM rankings r JOIN calls c ON c.id = r.call_id AND c.approval = 'second_person'
CROSS JOIN LATERAL (VALUES (r.provisional_at, r.provisional_by), (r.published_at, r.published_by)) AS x (at, by)
WHERE x.at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ranking_approvals v
  WHERE v.ranking_id = r.id AND v.result_hash = r.result_hash AND v.approved_by <> x.by AND v.approved_at <= x.at) ORDER BY 1;

-- name: FinalTooEarly :many
-- A final list waits for the provisional one, its window and every appeal against it. Where the final list opened
-- a window in its turn, that of the provisional one was as long as the call says at least, less the hours of a day.
SELECT format('ranking %s was published at %s: %s', r.id, r.published_at, CASE WHEN p.id IS NULL THEN 'there was no provisional list'
  WHEN w.closes_at > r.published_at THEN 'the window was open' ELSE 'appeals waited' END)::text AS violation
FROM rankings r JOIN calls c ON c.id = r.call_id AND c.provisional_days IS NOT NULL
LEFT JOIN rankings p ON p.round_id = r.round_id AND p.provisional_at <= r.published_at
LEFT JOIN deadlines d ON d.round_id = r.round_id AND d.kind = 'appeal'
CROSS JOIN LATERAL (SELECT CASE WHEN c.appeal_days IS NULL THEN d.closes_at + interval '2 minutes'
  ELSE p.provisional_at + make_interval(days => c.provisional_days - 1) END AS closes_at) w
WHERE r.status = 'published' AND (p.id IS NULL OR d.closes_at IS NULL OR w.closes_at > r.published_at
  OR EXISTS (SELECT 1 FROM appeals a WHERE a.ranking_id = p.id AND coalesce(a.decided_at, a.withdrawn_at, 'infinity') > r.published_at)) ORDER BY 1;

-- name: ProvisionalUntold :many
-- A provisional list has a window to appeal in.
SELECT format('ranking %s is provisional and nobody may appeal', r.id)::text AS violation
FROM rankings r WHERE r.provisional_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM deadlines d WHERE d.round_id = r.round_id AND d.kind = 'appeal') ORDER BY 1;
