-- What one move reads and writes. Order of locks everywhere: call, pools by id, applications by id.

-- name: BusinessOffset :one
SELECT (extract(epoch FROM clock_offset) * 1000000)::bigint FROM installation;

-- name: VisibleApplication :one
-- Asked under the web role: no row means that the actor does not see the file.
SELECT id, institution_id, call_id, round_id, person_id, unit_id FROM applications WHERE id = @id;

-- name: ShareCall :exec
-- Holds the call against publishing and re-pinning, not against other moves.
SELECT pg_advisory_xact_lock_shared(hashtextextended(@call_id::text, 0));

-- name: LockCall :exec
SELECT pg_advisory_xact_lock(hashtextextended(@call_id::text, 0));

-- name: LockPools :many
SELECT id FROM pools WHERE id = ANY (@ids::uuid[]) ORDER BY id FOR NO KEY UPDATE;

-- name: PoolsInQuestion :many
-- The pools a move of this application may touch: those it holds, those of the destination asked for, and
-- those where its live offer or nomination is.
SELECT h.pool_id FROM place_holds h WHERE h.application_id = @application_id
UNION
SELECT p.pool_id FROM destination_pools p WHERE p.destination_id = sqlc.narg(destination_id)
UNION
SELECT q.pool_id FROM destination_quotas q WHERE q.destination_id = sqlc.narg(destination_id)
UNION
SELECT p.pool_id FROM destination_pools p JOIN offers o ON o.destination_id = p.destination_id
WHERE o.application_id = @application_id AND o.status IN ('open', 'confirmed')
UNION
SELECT p.pool_id FROM destination_pools p JOIN nominations n ON n.destination_id = p.destination_id
WHERE n.application_id = @application_id AND n.status IN ('draft', 'sent', 'accepted');

-- name: DestinationInQuestion :one
-- Where the application stands: its live offer's destination, else its live nomination's, else its only choice.
SELECT x.destination_id FROM (
  SELECT o.destination_id, 1 AS place FROM offers o WHERE o.application_id = @application_id AND o.status IN ('open', 'confirmed')
  UNION ALL
  SELECT n.destination_id, 2 FROM nominations n WHERE n.application_id = @application_id AND n.status IN ('draft', 'sent', 'accepted')
  UNION ALL
  SELECT c.destination_id, 3 FROM choices c
  WHERE c.submission_id = (SELECT s.id FROM submissions s WHERE s.application_id = @application_id ORDER BY s.number DESC LIMIT 1)
    AND NOT EXISTS (SELECT 1 FROM choices d WHERE d.submission_id = c.submission_id AND d.position <> c.position)) x
ORDER BY x.place LIMIT 1;

-- name: LastDestination :one
-- The destination of the newest offer or nomination, live or not.
SELECT x.destination_id FROM (
  SELECT o.destination_id, coalesce(o.ended_at, o.made_at) AS at FROM offers o WHERE o.application_id = @application_id
  UNION ALL
  SELECT n.destination_id, coalesce(n.answered_at, n.sent_at, '-infinity') FROM nominations n WHERE n.application_id = @application_id) x
ORDER BY x.at DESC LIMIT 1;

-- name: LockApplication :one
SELECT id, institution_id, call_id, round_id, person_id, unit_id, definition_id, state, phase, revision, held_back
FROM applications WHERE id = @id FOR NO KEY UPDATE;

-- name: DeadlinesInForce :many
SELECT kind, deadline_id, version, wall, zone, closes_at FROM deadlines_in_force WHERE application_id = @application_id;

-- name: RoundDeadlines :many
SELECT kind, id AS deadline_id, version, wall, zone, closes_at FROM deadlines WHERE round_id = @round_id;

-- name: DestinationDeadlines :many
SELECT kind, id AS deadline_id, version, wall, zone, closes_at FROM deadlines WHERE destination_id = @destination_id;

-- name: ApplicationFacts :one
SELECT
  (SELECT count(*) FROM submissions s WHERE s.application_id = a.id)::int AS submissions,
  EXISTS (SELECT 1 FROM rankings r WHERE r.round_id = a.round_id AND r.status = 'published') AS published,
  EXISTS (SELECT 1 FROM nominations n WHERE n.application_id = a.id AND n.status = 'refused') AS host_refused,
  EXISTS (SELECT 1 FROM offers o JOIN applications b ON b.id = o.application_id JOIN destinations d ON d.id = o.destination_id
    JOIN destinations mine ON mine.id = sqlc.narg(destination_id)
    WHERE b.person_id = a.person_id AND b.id <> a.id AND o.status = 'confirmed'
      AND CASE WHEN d.starts_on IS NOT NULL AND d.ends_on IS NOT NULL AND mine.starts_on IS NOT NULL AND mine.ends_on IS NOT NULL
        THEN daterange(d.starts_on, d.ends_on, '[]') && daterange(mine.starts_on, mine.ends_on, '[]')
        ELSE (SELECT c.academic_year FROM calls c WHERE c.id = d.call_id) = (SELECT c.academic_year FROM calls c WHERE c.id = mine.call_id)
          AND (d.term = mine.term OR d.term = 'year' OR mine.term = 'year') END) AS confirmed_elsewhere,
  EXISTS (SELECT 1 FROM offers o JOIN events e ON e.application_id = o.application_id
    WHERE o.application_id = a.id AND o.destination_id = sqlc.narg(destination_id) AND e.data ->> 'offer' = o.id::text AND e.data ->> 'offer_became' = 'confirmed') AS confirmed_before
FROM applications a WHERE a.id = @application_id;

-- name: DestinationFacts :one
SELECT d.id, d.call_id, d.round_id, d.host_institution_id, d.selected_by, (d.dropped_at IS NOT NULL)::bool AS dropped, coalesce(d.nomination_limit, 0)::int AS nomination_limit,
  coalesce((SELECT min(p.free) FROM pools_taken(@application_id, d.id) AS t (pool_id) JOIN pool_places p ON p.pool_id = t.pool_id), 0)::int AS free,
  (SELECT count(*) FROM nominations n WHERE n.destination_id = d.id AND n.status IN ('draft', 'sent', 'accepted'))::int AS open_nominations
FROM destinations d WHERE d.id = @id;

-- name: CallRules :one
SELECT c.id, c.institution_id, c.zone, c.selection, c.confirm_days, c.promotion_days, c.confirm_hour,
  (extract(epoch FROM c.confirm_minimum) * 1000000)::bigint AS confirm_minimum, c.lead_days, c.max_choices, c.max_languages,
  c.definition_id, c.form_id, c.scheme_id, c.facts_at,
  coalesce((SELECT s.seed FROM call_seeds s WHERE s.call_id = c.id), '')::text AS seed, c.academic_year, c.opened_at
FROM calls c WHERE c.id = @id;

-- name: HolidaysFrom :many
SELECT day FROM holidays WHERE institution_id = @institution_id AND day >= @first_day;

-- name: MoveApplication :execrows
UPDATE applications SET state = @to_state, phase = @to_phase, revision = revision + 1, moved_at = @at, late = late OR @late
WHERE id = @id AND state = @from_state AND revision = @revision;

-- name: AddApplication :exec
INSERT INTO applications (id, institution_id, call_id, round_id, person_id, unit_id, definition_id, state, phase, revision, created_at, moved_at)
VALUES (@id, @institution_id, @call_id, @round_id, @person_id, @unit_id, @definition_id, @state, @phase, 1, @at, @at);

-- name: AddEvent :exec
INSERT INTO events (id, institution_id, application_id, revision, kind, definition_id, move, from_state, to_state, at, actor_id, actor_role, data)
VALUES (@id, @institution_id, @application_id, @revision, @kind, @definition_id, sqlc.narg(move), sqlc.narg(from_state), @to_state, @at, sqlc.narg(actor_id), @actor_role, @data);

-- name: AddEventText :exec
INSERT INTO event_texts (event_id, person_id, reason) VALUES (@event_id, @person_id, @reason);

-- name: AddEventComment :exec
INSERT INTO event_comments (event_id, person_id, comment) VALUES (@event_id, @person_id, @comment);

-- name: AddReturnedQuestions :exec
INSERT INTO returned_questions (event_id, question) SELECT @event_id, unnest(@questions::text[]);

-- name: PutApplicationDeadline :one
-- Sets or moves the application's own deadline; moving it makes a new version.
INSERT INTO deadlines (id, institution_id, kind, application_id, wall, zone, closes_at)
VALUES (@id, @institution_id, @kind, @application_id, @wall, @zone, @closes_at)
ON CONFLICT (application_id, kind) WHERE application_id IS NOT NULL
DO UPDATE SET wall = excluded.wall, zone = excluded.zone, closes_at = excluded.closes_at, version = deadlines.version + 1
RETURNING id;

-- name: PutOfferDeadline :one
INSERT INTO deadlines (id, institution_id, kind, offer_id, wall, zone, closes_at)
VALUES (@id, @institution_id, 'confirm_by', @offer_id, @wall, @zone, @closes_at)
ON CONFLICT (offer_id, kind) WHERE offer_id IS NOT NULL
DO UPDATE SET wall = excluded.wall, zone = excluded.zone, closes_at = excluded.closes_at, version = deadlines.version + 1
RETURNING id;

-- name: LiveOffer :one
SELECT id, destination_id, status, given, grant_rank FROM offers WHERE application_id = @application_id AND status IN ('open', 'confirmed');

-- name: AddOffer :exec
INSERT INTO offers (id, institution_id, application_id, destination_id, ranking_id, status, promoted, made_at, given, grant_rank)
VALUES (@id, @institution_id, @application_id, @destination_id, sqlc.narg(ranking_id), @status, @promoted, @made_at, @given, @grant_rank);

-- name: SetOfferStatus :execrows
UPDATE offers SET status = @status, ended_at = sqlc.narg(ended_at) WHERE id = @id AND status = @from_status;

-- name: LiveNomination :one
SELECT id, destination_id, host_institution_id, status, proposal_id FROM nominations
WHERE application_id = @application_id AND status IN ('draft', 'sent', 'accepted');

-- name: AddNomination :exec
INSERT INTO nominations (id, institution_id, application_id, destination_id, host_institution_id, proposal_id, status, sent_at)
VALUES (@id, @institution_id, @application_id, @destination_id, @host_institution_id, @proposal_id, 'sent', @sent_at);

-- name: AddNominationContent :exec
INSERT INTO nomination_contents (nomination_id, person_id, content) VALUES (@nomination_id, @person_id, @content);

-- name: SetNominationStatus :execrows
UPDATE nominations SET status = @status, answered_at = sqlc.narg(answered_at), reason_code = @reason_code
WHERE id = @id AND status = ANY (@from_statuses::text[]);

-- name: SetNominationArrival :exec
UPDATE nominations SET arrived_on = @arrived_on WHERE application_id = @application_id AND status = 'accepted';

-- name: SetNominationEnd :exec
UPDATE nominations SET ended_on = @ended_on WHERE application_id = @application_id AND status = 'accepted';

-- name: ShareNomination :exec
INSERT INTO shares (id, institution_id, visible_to, application_id, nomination_id, why, since)
VALUES (@id, @institution_id, @visible_to, @application_id, @nomination_id, 'nomination', @since)
ON CONFLICT (visible_to, nomination_id) DO UPDATE SET until = NULL;

-- name: EndShares :exec
UPDATE shares SET until = @until WHERE nomination_id = @nomination_id AND until IS NULL;

-- name: HoldPlaces :execrows
INSERT INTO place_holds (application_id, pool_id, destination_id, institution_id, since)
SELECT @application_id, t.pool_id, d.id, d.institution_id, @since
FROM destinations d CROSS JOIN LATERAL pools_taken(@application_id, d.id) AS t (pool_id) WHERE d.id = @destination_id;

-- name: FreePlaces :execrows
DELETE FROM place_holds WHERE application_id = @application_id;

-- name: EndReserve :execrows
UPDATE reserve_places SET ended_at = @at WHERE application_id = @application_id AND ended_at IS NULL;

-- name: EndReserveAt :exec
UPDATE reserve_places SET ended_at = @at WHERE application_id = @application_id AND destination_id = @destination_id AND ended_at IS NULL;

-- name: ReopenReserve :execrows
-- Back on the reserve of every choice that was on it as decided, as first or second class.
-- Second class means after an offer: what was declined, or left to lapse, is not offered again by itself.
UPDATE reserve_places r SET ended_at = NULL, class = sqlc.arg(class)::smallint WHERE r.application_id = @application_id
  AND NOT EXISTS (SELECT 1 FROM destinations d WHERE d.id = r.destination_id AND d.dropped_at IS NOT NULL)
  AND NOT (sqlc.arg(class)::smallint = 2 AND EXISTS (SELECT 1 FROM offers o
    WHERE o.application_id = r.application_id AND o.destination_id = r.destination_id AND o.status IN ('declined', 'lapsed')));

-- name: PutFirstOnReserve :exec
INSERT INTO reserve_places (application_id, destination_id, institution_id, ranking_id, class, rank, position)
VALUES (@application_id, @destination_id, @institution_id, @ranking_id, 0, 0, 1)
ON CONFLICT (application_id, destination_id) DO UPDATE SET class = 0, ended_at = NULL;

-- name: PublishedRanking :one
SELECT id FROM rankings WHERE round_id = @round_id AND status = 'published';

-- name: AddOverbooking :exec
INSERT INTO overbookings (id, institution_id, pool_id, number, rule, why, person_id, at)
VALUES (@id, @institution_id, @pool_id, 1, @rule, @why, sqlc.narg(person_id), @at);

-- name: DestinationPools :many
SELECT p.pool_id AS id, p.free::int AS free FROM destination_pools dp JOIN pool_places p ON p.pool_id = dp.pool_id JOIN pools k ON k.id = p.pool_id
WHERE dp.destination_id = @destination_id AND k.kind = 'places' ORDER BY p.pool_id;

-- name: PoolsTaken :many
-- What a place at a destination takes for an application, quotas included.
SELECT p.pool_id AS id, p.free::int AS free FROM pools_taken(@application_id, @destination_id) AS t (pool_id) JOIN pool_places p ON p.pool_id = t.pool_id
ORDER BY p.pool_id;

-- name: AddLetter :execrows
INSERT INTO letters (id, institution_id, kind, queue, language, person_id, recipient, application_id, call_id, event_id, subject_key, data, status, planned_at)
VALUES (@id, @institution_id, @kind, @queue, @language, sqlc.narg(person_id), @recipient, sqlc.narg(application_id), sqlc.narg(call_id), sqlc.narg(event_id), @subject_key, @data, 'planned', @planned_at)
ON CONFLICT (subject_key, kind) DO NOTHING;

-- name: RetractLetters :many
-- Letters of an application that a correction overtakes. Those that wait are taken back; one that is being sent is not
-- tried again if this attempt fails, and none of them is sent once more.
UPDATE letters SET status = CASE WHEN status = 'planned' THEN 'retracted' ELSE status END,
  skip_reason = CASE WHEN status = 'planned' THEN @reason ELSE skip_reason END, overtaken_at = @at
WHERE application_id = @application_id AND status IN ('planned', 'sending', 'failed', 'unknown') AND overtaken_at IS NULL AND kind = ANY (@kinds::text[])
RETURNING id;

-- name: PersonLanguage :one
SELECT coalesce(nullif(p.language, ''), nullif(i.language, ''), 'en')::text AS language
FROM persons p, institutions i WHERE p.id = @person_id AND i.id = @institution_id;

-- name: InstitutionOffice :one
SELECT id, name, name_local, language, time_zone, office_email, office_phone FROM institutions WHERE id = @id;

-- name: NominationSource :one
-- What the nomination network asks of an outgoing student mobility (omobilities v3).
SELECT p.email, coalesce(p.esi, '') AS esi, f.given_names, f.family_names, f.birth_date, f.nationality, f.gender,
  coalesce(af.cycle, 0)::int AS cycle, coalesce(af.field, '') AS field, d.isced_f, d.term, g.home_agreement_id, g.host_agreement_id,
  c.academic_year, d.language, d.cefr, d.starts_on, d.ends_on
FROM applications a
JOIN persons p ON p.id = a.person_id
JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
JOIN calls c ON c.id = a.call_id
JOIN destinations d ON d.id = @destination_id
JOIN agreements g ON g.id = d.agreement_id
LEFT JOIN affiliations af ON af.person_id = a.person_id AND af.unit_id = a.unit_id
WHERE a.id = @application_id;

-- name: EventAt :one
SELECT move, at, actor_role, to_state FROM events WHERE application_id = @application_id AND revision = @revision;

-- name: RoundsOnPools :many
-- Every round whose destinations draw on these pools and that has a live reserve there.
-- A reserve over several destinations waits for each of them; freed money waits for whoever goes without.
SELECT d.round_id FROM destination_pools p JOIN destinations d ON d.id = p.destination_id JOIN calls c ON c.id = d.call_id
WHERE p.pool_id = ANY (@pools::uuid[]) AND EXISTS (SELECT 1 FROM reserve_places r JOIN destinations x ON x.id = r.destination_id
  WHERE r.ended_at IS NULL AND CASE WHEN c.selection -> 'reserve' ->> 'per' = 'destination' THEN r.destination_id = d.id ELSE x.round_id = d.round_id END)
UNION
SELECT a.round_id FROM pools p JOIN applications a ON a.call_id = p.call_id JOIN offers o ON o.application_id = a.id AND o.status IN ('open', 'confirmed') AND o.given = 'without'
WHERE p.id = ANY (@pools::uuid[]) AND p.kind = 'money';

-- name: PoolsLeftToOffice :many
-- The pools of the place that the application's last move freed for the office to decide about.
SELECT dp.pool_id FROM events e JOIN destination_pools dp ON dp.destination_id = (e.data ->> 'destination')::uuid
WHERE e.application_id = @application_id AND e.revision = @revision AND e.data ->> 'freed' = 'to_office' ORDER BY dp.pool_id;

-- name: LockPersonsPlaces :exec
-- One person confirms one place at a time, however many calls they are in: whoever comes second sees the first.
SELECT pg_advisory_xact_lock(hashtextextended('places of ' || sqlc.arg(person_id)::text, 0));

-- name: HeldPools :many
SELECT pool_id FROM place_holds WHERE application_id = @application_id ORDER BY pool_id;

-- name: PlannedHostLetter :one
-- A letter to this host for this call that nobody has begun to send: it will name the newcomer too.
SELECT l.id FROM letters l JOIN host_links h ON h.id = (l.data ->> 'host_link')::uuid
WHERE l.kind = @kind AND l.status = 'planned' AND h.call_id = @call_id AND h.host_institution_id = @host_institution_id
LIMIT 1 FOR SHARE OF l;

-- name: AddHostLink :exec
-- Made on the business clock like all that happens, it ends by the system's, as every link does.
INSERT INTO host_links (id, institution_id, call_id, host_institution_id, address, created_at, expires_at)
VALUES (@id, @institution_id, @call_id, @host_institution_id, @address, @created_at, sqlc.arg(expires_at)::timestamptz - (business_now() - now()));

-- name: HostAddress :one
-- Where the host officer of a destination reads mail: named for the destination, else the institution's office.
SELECT coalesce(nullif(d.host_email, ''), i.office_email)::text AS address, i.language
FROM destinations d JOIN institutions i ON i.id = d.host_institution_id WHERE d.id = @id;

-- name: ApplicationRow :one
SELECT id, institution_id, call_id, round_id, person_id, unit_id, definition_id, state, phase, revision, held_back
FROM applications WHERE id = @id;
