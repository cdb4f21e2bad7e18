-- name: RoundForRanking :one
SELECT r.id, r.call_id, r.institution_id, r.number,
  (SELECT d.closes_at FROM deadlines d WHERE d.round_id = r.id AND d.kind = 'closes') AS closes_at,
  EXISTS (SELECT 1 FROM rankings k WHERE k.round_id = r.id AND k.status = 'published') AS published
FROM rounds r WHERE r.id = @id;

-- name: SchemeSource :one
SELECT source FROM schemes WHERE id = @id;

-- name: RoundPools :many
SELECT dp.destination_id, p.pool_id, p.free::int AS free, k.kind, k.grouped, d.language, (d.dropped_at IS NOT NULL)::bool AS dropped
FROM destinations d JOIN (SELECT x.destination_id, x.pool_id FROM destination_pools x UNION ALL SELECT y.destination_id, y.pool_id FROM destination_quotas y) dp ON dp.destination_id = d.id
JOIN pool_places p ON p.pool_id = dp.pool_id JOIN pools k ON k.id = p.pool_id
WHERE d.round_id = @round_id ORDER BY dp.destination_id, p.pool_id;

-- name: NextRankingNumber :one
SELECT (coalesce(max(number), 0) + 1)::int AS number FROM rankings WHERE round_id = @round_id;

-- name: AddRanking :exec
INSERT INTO rankings (id, institution_id, call_id, round_id, number, status, engine, method, input, result, input_hash, result_hash, scheme_id, values_hash, computed_at, computed_by)
VALUES (@id, @institution_id, @call_id, @round_id, @number, 'draft', @engine, @method, @input, @result, @input_hash, @result_hash, @scheme_id, @values_hash, @computed_at, @computed_by);

-- name: AddRankingEntries :exec
INSERT INTO ranking_entries (ranking_id, application_id, rank, points, outcome, destination_id, reason, data, given, grant_rank, pools, values_hash)
SELECT @ranking_id, t.application_id, t.rank, t.points::numeric, t.outcome, nullif(t.destination, '')::uuid, t.reason, t.data::jsonb,
  t.given, t.grant_rank, t.pools::uuid[], decode(t.values_hash, 'hex')
FROM (SELECT unnest(@applications::uuid[]) AS application_id, unnest(@ranks::int[]) AS rank, unnest(@points::text[]) AS points, unnest(@standings::int[]) AS standing, unnest(@outcomes::text[]) AS outcome, unnest(@destinations::text[]) AS destination, unnest(@reasons::text[]) AS reason, unnest(@datas::text[]) AS data,
    unnest(@given::text[]) AS given, unnest(@grant_ranks::int[]) AS grant_rank, unnest(@pools::text[]) AS pools, unnest(@values_hashes::text[]) AS values_hash) AS t;

-- name: AddRankingDetails :exec
INSERT INTO ranking_details (ranking_id, application_id, person_id, inputs, breakdown)
SELECT @ranking_id, t.application_id, a.person_id, t.inputs, t.breakdown::jsonb
FROM (SELECT unnest(@applications::uuid[]) AS application_id, unnest(@inputs::text[]) AS inputs, unnest(@breakdowns::text[]) AS breakdown) AS t
JOIN applications a ON a.id = t.application_id;

-- name: AddChoiceOutcomes :exec
INSERT INTO choice_outcomes (ranking_id, application_id, destination_id, position, points, standing, outcome, rank, reserve_rank, reason, data)
SELECT @ranking_id, t.application_id, t.destination_id, t.position, t.points::numeric, t.standing, t.outcome, t.rank, nullif(t.reserve_rank, 0), t.reason, t.data::jsonb
FROM (SELECT unnest(@applications::uuid[]) AS application_id, unnest(@destinations::uuid[]) AS destination_id, unnest(@positions::int[]) AS position, unnest(@points::text[]) AS points, unnest(@standings::int[]) AS standing, unnest(@outcomes::text[]) AS outcome, unnest(@ranks::int[]) AS rank, unnest(@reserve_ranks::int[]) AS reserve_rank, unnest(@reasons::text[]) AS reason, unnest(@datas::text[]) AS data) AS t;

-- name: RankingForPublishing :one
SELECT id, institution_id, call_id, round_id, status, input_hash, result_hash, values_hash, scheme_id, engine, input, result FROM rankings WHERE id = @id;

-- name: VisibleRanking :one
-- Asked under the web role: no row means that the actor does not see the ranking.
SELECT id, institution_id, call_id, round_id FROM rankings WHERE id = @id;

-- name: VisibleRound :one
SELECT r.id, r.call_id, r.institution_id FROM rounds r WHERE r.id = @id;

-- name: MarkPublished :execrows
UPDATE rankings SET status = 'published', published_at = @at, published_by = @by WHERE id = @id AND status IN ('draft', 'provisional');

-- name: PublishingRows :many
-- The applications a ranking decides about, locked in order of id, with what their letters need.
SELECT a.id, a.person_id, a.state, a.revision, a.definition_id, a.held_back, e.outcome, e.destination_id, e.rank, e.given, e.grant_rank,
  coalesce(nullif(p.language, ''), nullif(i.language, ''), 'en')::text AS language, (d.dropped_at IS NOT NULL)::bool AS dropped
FROM applications a
JOIN ranking_entries e ON e.application_id = a.id AND e.ranking_id = @ranking_id
JOIN persons p ON p.id = a.person_id
JOIN institutions i ON i.id = a.institution_id
LEFT JOIN destinations d ON d.id = e.destination_id
ORDER BY a.id FOR NO KEY UPDATE OF a;

-- name: RoundPoolIDs :many
SELECT dp.pool_id FROM destinations d JOIN destination_pools dp ON dp.destination_id = d.id WHERE d.round_id = @round_id
UNION SELECT dq.pool_id FROM destinations d JOIN destination_quotas dq ON dq.destination_id = d.id WHERE d.round_id = @round_id
UNION SELECT p.id FROM rounds r JOIN pools p ON p.call_id = r.call_id WHERE r.id = @round_id AND p.kind = 'money' AND p.dropped_at IS NULL;

-- name: CallMoney :many
SELECT p.id, p.grouped, pp.free::int AS free FROM pools p JOIN pool_places pp ON pp.pool_id = p.id
WHERE p.call_id = @call_id AND p.kind = 'money' AND p.dropped_at IS NULL ORDER BY p.id;

-- name: MoveApplications :execrows
UPDATE applications a SET state = t.to_state, phase = t.to_phase, revision = a.revision + 1, moved_at = @at
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@from_states::text[]) AS from_state, unnest(@revisions::int[]) AS revision, unnest(@to_states::text[]) AS to_state, unnest(@to_phases::text[]) AS to_phase) AS t
WHERE a.id = t.id AND a.state = t.from_state AND a.revision = t.revision;

-- name: AddMoveEvents :exec
INSERT INTO events (id, institution_id, application_id, revision, kind, definition_id, move, from_state, to_state, at, actor_id, actor_role, data)
SELECT t.id, @institution_id, t.application_id, t.revision, 'move', @definition_id, t.move, t.from_state, t.to_state, @at, @actor_id, @actor_role, t.data::jsonb
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@applications::uuid[]) AS application_id, unnest(@revisions::int[]) AS revision, unnest(@moves::text[]) AS move, unnest(@from_states::text[]) AS from_state, unnest(@to_states::text[]) AS to_state, unnest(@datas::text[]) AS data) AS t;

-- name: AddOffers :exec
INSERT INTO offers (id, institution_id, application_id, destination_id, ranking_id, status, made_at, given, grant_rank)
SELECT t.id, @institution_id, t.application_id, t.destination_id, @ranking_id, 'open', @made_at, t.given, t.grant_rank
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@applications::uuid[]) AS application_id, unnest(@destinations::uuid[]) AS destination_id, unnest(@given::text[]) AS given, unnest(@grant_ranks::int[]) AS grant_rank) AS t;

-- name: AddOfferDeadlines :exec
INSERT INTO deadlines (id, institution_id, kind, offer_id, wall, zone, closes_at)
SELECT t.id, @institution_id, 'confirm_by', t.offer_id, t.wall, @zone, t.closes_at
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@offers::uuid[]) AS offer_id, unnest(@walls::timestamp[]) AS wall, unnest(@closes_at::timestamptz[]) AS closes_at) AS t;

-- name: HoldManyPlaces :execrows
INSERT INTO place_holds (application_id, pool_id, destination_id, institution_id, since)
SELECT t.application_id, p.pool_id, p.destination_id, @institution_id, @since
FROM (SELECT unnest(@applications::uuid[]) AS application_id, unnest(@destinations::uuid[]) AS destination_id) AS t
CROSS JOIN LATERAL (SELECT t.destination_id, x.pool_id FROM pools_taken(t.application_id, t.destination_id) AS x (pool_id)) p
ORDER BY p.pool_id, t.application_id;

-- name: HoldMoney :execrows
-- A grant is one hold of every money pool that applies.
INSERT INTO place_holds (application_id, pool_id, destination_id, institution_id, since)
SELECT a.id, p.id, t.destination_id, a.institution_id, @since
FROM (SELECT unnest(@applications::uuid[]) AS application_id, unnest(@destinations::uuid[]) AS destination_id) AS t
JOIN applications a ON a.id = t.application_id JOIN pools p ON p.call_id = a.call_id AND p.kind = 'money' AND p.dropped_at IS NULL
WHERE NOT p.grouped OR EXISTS (SELECT 1 FROM pool_members m WHERE m.pool_id = p.id AND m.application_id = a.id)
ORDER BY p.id, a.id;

-- name: AddPoolMembers :exec
-- Whom the grouped pools count, as the ranking decided.
INSERT INTO pool_members (application_id, pool_id, institution_id)
SELECT e.application_id, x.pool_id, a.institution_id FROM ranking_entries e JOIN applications a ON a.id = e.application_id CROSS JOIN LATERAL unnest(e.pools) AS x (pool_id)
WHERE e.ranking_id = @ranking_id ON CONFLICT DO NOTHING;

-- name: AddReservePlaces :exec
-- Whoever was offered nothing waits at every choice where the ranking put them on the reserve; whoever was, at those
-- they prefer where the call lets them move up. The rank is the one by which places move: over all where one reserve
-- is for several destinations.
INSERT INTO reserve_places (application_id, destination_id, institution_id, ranking_id, class, rank, position)
SELECT c.application_id, c.destination_id, @institution_id, c.ranking_id, 1, CASE WHEN @one_list::bool THEN e.rank ELSE c.standing END, c.position
FROM choice_outcomes c JOIN ranking_entries e ON e.ranking_id = c.ranking_id AND e.application_id = c.application_id
LEFT JOIN choice_outcomes g ON g.ranking_id = e.ranking_id AND g.application_id = e.application_id AND g.outcome = 'placed'
WHERE c.ranking_id = @ranking_id AND c.application_id = ANY (@applications::uuid[])
  AND (c.outcome = 'reserve' AND e.outcome = 'reserve'
    OR @upgrades::bool AND e.outcome = 'placed' AND c.outcome = 'not_placed' AND c.standing > 0 AND c.position < g.position);

-- name: AddLetters :exec
INSERT INTO letters (id, institution_id, kind, queue, language, person_id, recipient, application_id, call_id, event_id, subject_key, data, status, planned_at)
SELECT t.id, @institution_id, t.kind, @queue, t.language, t.person_id, 'applicant', t.application_id, @call_id, t.event_id, 'event:' || t.event_id, t.data::jsonb, 'planned', @planned_at
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@kinds::text[]) AS kind, unnest(@languages::text[]) AS language, unnest(@persons::uuid[]) AS person_id, unnest(@applications::uuid[]) AS application_id, unnest(@events::uuid[]) AS event_id, unnest(@datas::text[]) AS data) AS t;

-- name: HostDeadlines :many
SELECT d.id, t.closes_at FROM destinations d JOIN deadlines t ON t.destination_id = d.id AND t.kind = 'host_nomination'
WHERE d.round_id = @round_id;

-- name: LastSubmission :one
SELECT id, number FROM submissions WHERE application_id = @application_id ORDER BY number DESC LIMIT 1;

-- name: SetHeldBack :exec
UPDATE applications SET held_back = @why WHERE id = @id;

-- name: LiveReserve :many
-- With what an open offer holds already, and the grouped pools that count the applicant.
SELECT r.application_id, r.destination_id, r.class, r.rank, r.position, d.language, a.unit_id, o.destination_id AS holds,
  coalesce((SELECT array_agg(m.pool_id ORDER BY m.pool_id) FROM pool_members m WHERE m.application_id = r.application_id), '{}')::uuid[] AS pools
FROM reserve_places r JOIN applications a ON a.id = r.application_id JOIN destinations d ON d.id = r.destination_id
LEFT JOIN offers o ON o.application_id = a.id AND o.status = 'open'
WHERE a.round_id = @round_id AND r.ended_at IS NULL AND d.dropped_at IS NULL
ORDER BY r.class, r.rank, r.application_id, r.position;

-- name: TurnedDown :many
-- What somebody had and let go is not offered to them again by itself.
SELECT DISTINCT application_id, destination_id FROM offers WHERE application_id = ANY (@applications::uuid[]) AND status IN ('declined', 'lapsed');

-- name: RoundValueChoices :many
-- Every destination of a round as ValueChoices shows those that were chosen.
SELECT d.id AS destination_id, d.unit_id, d.cycle, d.selected_by, d.language, d.cefr, d.term, d.isced_f, d.months, (d.dropped_at IS NOT NULL)::bool AS dropped,
  u.code AS unit, i.country, i.name AS host_name, coalesce((SELECT min(e.code) FROM erasmus_codes e WHERE e.institution_id = i.id), '')::text AS host
FROM destinations d JOIN institutions i ON i.id = d.host_institution_id JOIN units u ON u.id = d.unit_id
WHERE d.round_id = @round_id ORDER BY i.name, d.id;

-- name: FreePlacesOf :exec
-- Whoever moves to a better place gives theirs up first: of two who change places neither has to wait for the other.
DELETE FROM place_holds WHERE application_id = ANY (@applications::uuid[]);

-- name: EndReserveFrom :exec
-- Of the choices of somebody with an offer, those wanted more stay on the reserve.
UPDATE reserve_places r SET ended_at = @at WHERE r.application_id = @application_id AND r.ended_at IS NULL
  AND (r.destination_id = @destination_id OR r.position >= (SELECT c.position FROM choice_outcomes c JOIN rankings k ON k.id = c.ranking_id AND k.status = 'published'
    WHERE c.application_id = r.application_id AND c.destination_id = @destination_id));

-- name: JoinReserve :execrows
-- Second class: behind all who were never offered anything, at every choice that took part, except where one was offered before.
INSERT INTO reserve_places (application_id, destination_id, institution_id, ranking_id, class, rank, position)
SELECT c.application_id, c.destination_id, a.institution_id, c.ranking_id, 2, CASE WHEN @one_list::bool THEN e.rank ELSE c.standing END, c.position
FROM choice_outcomes c JOIN rankings k ON k.id = c.ranking_id AND k.status = 'published' JOIN applications a ON a.id = c.application_id
JOIN ranking_entries e ON e.ranking_id = c.ranking_id AND e.application_id = c.application_id JOIN destinations d ON d.id = c.destination_id
WHERE c.application_id = @application_id AND c.standing > 0 AND d.dropped_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM offers o WHERE o.application_id = c.application_id AND o.destination_id = c.destination_id AND o.status IN ('declined', 'lapsed'))
ON CONFLICT (application_id, destination_id) DO UPDATE SET class = 2, ended_at = NULL;

-- name: OtherWishes :one
-- Whether somebody with an offer would have anything else to wait for.
SELECT EXISTS (SELECT 1 FROM choice_outcomes c JOIN rankings k ON k.id = c.ranking_id AND k.status = 'published' JOIN destinations d ON d.id = c.destination_id
  WHERE c.application_id = @application_id AND c.standing > 0 AND d.dropped_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM offers o WHERE o.application_id = c.application_id AND o.destination_id = c.destination_id AND o.status IN ('open', 'declined', 'lapsed'))) AS any_left;

-- name: GrantRank :one
-- Behind everybody who was placed by the ranking, in its order.
SELECT (coalesce(max(e.grant_rank), 0) + coalesce(max(e.rank) FILTER (WHERE e.application_id = @application_id), 0))::int AS rank
FROM ranking_entries e JOIN rankings k ON k.id = e.ranking_id AND k.status = 'published' WHERE k.round_id = @round_id;

-- name: WaitingForGrants :many
-- Who holds a place of the round without a grant, in the order in which grants are given.
SELECT o.id, o.application_id, o.destination_id, o.made_at, a.institution_id, a.person_id,
  coalesce((SELECT array_agg(m.pool_id) FROM pool_members m WHERE m.application_id = o.application_id), '{}')::uuid[] AS pools
FROM offers o JOIN applications a ON a.id = o.application_id
WHERE a.round_id = @round_id AND o.status IN ('open', 'confirmed') AND o.given = 'without'
ORDER BY o.grant_rank, o.application_id;

-- name: GiveGrant :exec
UPDATE offers SET given = 'with', given_at = @at WHERE id = @id AND given = 'without';

-- name: LockApplications :many
SELECT id FROM applications WHERE id = ANY (@ids::uuid[]) ORDER BY id FOR NO KEY UPDATE;

-- name: DueTimers :many
-- What the business clock has brought due: an application still in the state of a timer whose deadline is over. Page by
-- page, so that what cannot be moved stands in nobody's way.
SELECT a.id, t.move, a.revision, f.closes_at FROM definition_timers t
CROSS JOIN LATERAL (SELECT d.application_id, d.closes_at FROM deadlines_in_force d
  WHERE d.definition_id = t.definition_id AND d.state = t.state AND d.kind = t.deadline
    AND d.closes_at <= sqlc.arg(now)::timestamptz - interval '2 minutes'
  OFFSET 0) f -- looked for timer by timer, or all applications are passed over
JOIN applications a ON a.id = f.application_id
-- A draft outlasts its deadline by the longest grace period there can be, in every call, so that its end tells nobody
-- whether there is one; somebody who was let in by a link may still submit, so that draft does not end yet.
WHERE NOT (t.deadline = 'closes' AND (f.closes_at > sqlc.arg(now)::timestamptz - interval '122 minutes' OR EXISTS (SELECT 1 FROM sign_ins s WHERE s.application_id = a.id AND s.late_until > @now)
  OR EXISTS (SELECT 1 FROM late_links l WHERE l.round_id = a.round_id AND l.person_id = a.person_id AND l.used_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > @now)))
  AND (f.closes_at, a.id) > (sqlc.arg(after_time)::timestamptz, sqlc.arg(after_id)::uuid)
ORDER BY f.closes_at, a.id LIMIT @most;
