-- What a letter needs to be written, and what becomes of it when it is sent.

-- name: LettersToSend :many
-- Letters with everything that may have taken their point away since they were planned.
SELECT l.id, l.institution_id, l.kind, l.language, l.person_id, l.recipient, l.application_id, l.call_id, l.event_id, l.data, l.status, l.planned_at,
  EXISTS (SELECT 1 FROM persons p WHERE p.erased_at IS NOT NULL AND (p.id = l.person_id OR p.id = a.person_id)) AS erased,
  coalesce(l.data ->> 'state' IS NOT NULL AND a.state <> l.data ->> 'state', false)::bool AS state_left,
  coalesce(l.subject_key LIKE 'reminder:%' AND l.subject_key NOT LIKE '%:' || d.id || ':v' || d.version || ':%', false)::bool AS deadline_moved,
  coalesce(l.subject_key LIKE 'reminder:%' AND d.closes_at <= business_now() AND NOT l.data ? 'after', false)::bool AS deadline_over,
  coalesce(l.data ? 'after' AND (l.data ->> 'due')::timestamptz < business_now() - interval '336 hours', false)::bool AS too_late,
  letter_waits(l.institution_id, l.kind, l.data ->> 'ranking')::bool AS paused,
  EXISTS (SELECT 1 FROM letters e WHERE e.application_id = l.application_id AND e.id <> l.id AND e.recipient = l.recipient
    AND e.status = 'sending' AND e.overtaken_at IS NOT NULL)::bool AS overtaken_on_its_way
FROM letters l
LEFT JOIN applications a ON a.id = l.application_id
LEFT JOIN deadlines d ON d.id = (l.data ->> 'deadline')::uuid
WHERE l.id = ANY (@ids::uuid[]);

-- name: LockLetters :many
SELECT l.id, l.status, (SELECT count(*) FROM letter_attempts t WHERE t.letter_id = l.id)::int AS attempts
FROM letters l WHERE l.id = ANY (@ids::uuid[]) ORDER BY l.id FOR UPDATE;

-- name: FrozenText :one
SELECT address, subject, plain, html, message_id FROM letter_texts WHERE letter_id = @letter_id;

-- name: EndOpenAttempts :execrows
-- Whoever began these attempts is gone: nobody knows what became of them.
UPDATE letter_attempts SET finished_at = now(), outcome = 'unknown', response = 'the sending process ended before it knew'
WHERE letter_id = @letter_id AND outcome IS NULL;

-- name: SetLetterStatus :execrows
UPDATE letters SET status = @status, skip_reason = @skip_reason,
  sent_at = CASE WHEN @status = 'sent' THEN business_now() ELSE sent_at END
WHERE id = @id AND status = @from_status;

-- name: SettleLostLetters :many
-- Letters whose sender is gone for so long that no job of theirs can be alive.
UPDATE letters l SET status = 'unknown' WHERE l.status = 'sending'
  AND NOT EXISTS (SELECT 1 FROM letter_attempts t WHERE t.letter_id = l.id AND t.outcome IS NULL AND t.started_at > now() - interval '1 hour')
RETURNING l.id;

-- name: LetterFiles :many
SELECT a.id, a.institution_id, a.call_id, a.round_id, a.person_id, a.state, c.title, c.zone, c.form_id, c.scheme_id, c.appeal,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS student
FROM applications a
JOIN calls c ON c.id = a.call_id
LEFT JOIN person_facts f ON f.person_id = a.person_id AND f.institution_id = a.institution_id
WHERE a.id = ANY (@ids::uuid[]);

-- name: LetterCall :one
SELECT id, title, zone FROM calls WHERE id = @id;

-- name: LetterOffices :many
-- Who signs: the institution, with the call's own contact if it has one. The nil UUID stands for no call.
SELECT i.id, k.call_id::uuid AS call_id, i.name, i.name_local, i.language, i.time_zone, i.office_email,
  coalesce(nullif(c.contact_email, ''), i.office_email)::text AS contact_email,
  coalesce(nullif(c.contact_phone, ''), i.office_phone)::text AS contact_phone
FROM (SELECT DISTINCT unnest(@institutions::uuid[]) AS institution_id, unnest(@calls::uuid[]) AS call_id) k
JOIN institutions i ON i.id = k.institution_id LEFT JOIN calls c ON c.id = k.call_id;

-- name: LetterReaders :many
-- The name is the one the institution knows, else any.
SELECT k.institution_id::uuid AS institution_id, p.id, p.email, p.time_zone, coalesce((SELECT trim(f.given_names || ' ' || f.family_names) FROM person_facts f WHERE f.person_id = p.id
  ORDER BY (f.institution_id = k.institution_id) DESC, f.institution_id LIMIT 1), '')::text AS name
FROM (SELECT DISTINCT unnest(@institutions::uuid[]) AS institution_id, unnest(@persons::uuid[]) AS person_id) k
JOIN persons p ON p.id = k.person_id AND p.erased_at IS NULL;

-- name: HomeOf :one
-- The institution that signs a person's sign-in letter: where they have a role, else study or work, else any.
SELECT x.institution_id FROM (
  SELECT r.institution_id, 1 AS place FROM roles r WHERE r.person_id = @person_id AND r.valid_to IS NULL
  UNION ALL SELECT a.institution_id, 2 FROM affiliations a WHERE a.person_id = @person_id
  UNION ALL SELECT f.institution_id, 3 FROM person_facts f WHERE f.person_id = @person_id) x
ORDER BY x.place, x.institution_id LIMIT 1;

-- name: LetterPlaces :many
SELECT d.id, i.name AS host, i.city, i.country, d.term, c.academic_year
FROM destinations d JOIN institutions i ON i.id = d.host_institution_id JOIN calls c ON c.id = d.call_id
WHERE d.id = ANY (@ids::uuid[]);

-- name: LetterEvents :many
SELECT e.id, e.application_id, e.revision, coalesce(e.move, '')::text AS move, e.definition_id, e.to_state, e.at, e.actor_role,
  coalesce(t.reason, '')::text AS reason, coalesce(m.comment, '')::text AS comment, s.phase, s.editable, s.turn
FROM events e
JOIN definition_states s ON s.definition_id = e.definition_id AND s.name = e.to_state
LEFT JOIN event_texts t ON t.event_id = e.id
LEFT JOIN event_comments m ON m.event_id = e.id
WHERE e.id = ANY (@ids::uuid[]);

-- name: LetterSubmissions :many
SELECT id, number, arrived_at FROM submissions WHERE id = ANY (@ids::uuid[]);

-- name: LetterChoices :many
SELECT c.submission_id, c.position, c.destination_id FROM choices c WHERE c.submission_id = ANY (@submissions::uuid[]) ORDER BY c.position;

-- name: LetterLastChoices :many
-- The choices of each application's last submission.
SELECT s.application_id, c.position, c.destination_id
FROM submissions s JOIN choices c ON c.submission_id = s.id
WHERE s.application_id = ANY (@applications::uuid[])
  AND NOT EXISTS (SELECT 1 FROM submissions t WHERE t.application_id = s.application_id AND t.number > s.number)
ORDER BY c.position;

-- name: LetterDeadlinesInForce :many
SELECT application_id::uuid AS application_id, kind, zone, closes_at FROM deadlines_in_force WHERE application_id = ANY (@applications::uuid[]);

-- name: LetterRankings :many
-- The published ranking of each round.
SELECT round_id, id FROM rankings WHERE round_id = ANY (@rounds::uuid[]) AND status = 'published';

-- name: ReturnedItems :many
-- What the newest return up to a revision asked to be completed.
SELECT q.question FROM returned_questions q
WHERE q.event_id = (SELECT e.id FROM events e WHERE e.application_id = @application_id AND e.revision <= @revision
  AND EXISTS (SELECT 1 FROM returned_questions x WHERE x.event_id = e.id) ORDER BY e.revision DESC LIMIT 1)
ORDER BY q.question;

-- name: LetterDeadlines :many
SELECT id, kind, destination_id, zone, closes_at FROM deadlines WHERE id = ANY (@ids::uuid[]);

-- name: OfferDeadline :one
SELECT id, zone, closes_at FROM deadlines WHERE offer_id = @offer_id AND kind = 'confirm_by';

-- name: NominationDeadlines :many
-- Until when the hosts of destinations take nominations.
SELECT destination_id::uuid AS destination_id, zone, closes_at FROM deadlines WHERE destination_id = ANY (@destinations::uuid[]) AND kind = 'host_nomination';

-- name: LetterEntries :many
SELECT e.ranking_id, e.application_id, e.rank, e.points, e.given, e.outcome, e.destination_id, e.data
FROM (SELECT DISTINCT unnest(@rankings::uuid[]) AS ranking_id, unnest(@applications::uuid[]) AS application_id) k
JOIN ranking_entries e ON e.ranking_id = k.ranking_id AND e.application_id = k.application_id;

-- name: LetterOffers :many
SELECT id, given FROM offers WHERE id = ANY (@ids::uuid[]);

-- name: LetterOutcomes :many
SELECT o.ranking_id, o.application_id, o.destination_id, o.position, o.outcome, o.rank, coalesce(o.reserve_rank, 0)::int AS reserve_rank, o.data
FROM (SELECT DISTINCT unnest(@rankings::uuid[]) AS ranking_id, unnest(@applications::uuid[]) AS application_id) k
JOIN choice_outcomes o ON o.ranking_id = k.ranking_id AND o.application_id = k.application_id ORDER BY o.position;

-- name: RankingResult :one
SELECT coalesce(ranking_result(@id), '')::text AS result;

-- name: LiveRanks :many
-- Where applications stand on each reserve now.
-- One list over several destinations is counted by heads.
SELECT r.application_id, r.destination_id, CASE WHEN c.selection -> 'reserve' ->> 'per' = 'destination'
  THEN (SELECT count(*) FROM reserve_places o WHERE o.destination_id = r.destination_id AND o.ended_at IS NULL
    AND (o.class, o.rank, o.application_id) <= (r.class, r.rank, r.application_id))
  ELSE (SELECT count(DISTINCT o.application_id) FROM reserve_places o JOIN destinations x ON x.id = o.destination_id
    WHERE x.round_id = d.round_id AND o.ended_at IS NULL AND (c.selection -> 'reserve' ->> 'per' = 'overall' OR x.language = d.language)
      AND (o.class, o.rank, o.application_id) <= (r.class, r.rank, r.application_id)) END::int AS rank
FROM reserve_places r JOIN destinations d ON d.id = r.destination_id JOIN calls c ON c.id = d.call_id WHERE r.application_id = ANY (@applications::uuid[]) AND r.ended_at IS NULL
ORDER BY r.position, r.destination_id;

-- name: EarlierLetter :one
-- The letter a correction corrects: the newest that told the applicant of a decision, or would have. Not told, it was
-- taken back before it went, or did not arrive.
SELECT (l.status IN ('sent', 'sending', 'unknown') AND t.letter_id IS NOT NULL)::bool AS told, coalesce(t.subject, '')::text AS subject,
  coalesce(l.sent_at, t.frozen_at, l.planned_at)::timestamptz AS told_at
FROM letters l LEFT JOIN letter_texts t ON t.letter_id = l.id
WHERE l.application_id = @application_id AND l.recipient = 'applicant' AND l.id <> @letter_id AND l.planned_at <= @planned_at
  AND l.queue = 'decisions' AND l.cause IN ('event', 'list', 'grant', 'again') AND l.kind <> 'receipt'
  AND (l.status IN ('sent', 'sending', 'unknown') OR l.status IN ('retracted', 'failed') AND l.overtaken_at IS NOT NULL
    AND l.kind NOT IN ('correction', 'reopened', 'offer_withdrawn'))
ORDER BY l.planned_at DESC, l.id DESC LIMIT 1;

-- name: HostLinkToSend :one
SELECT h.id, h.institution_id, h.call_id, h.host_institution_id, h.address, h.expires_at, i.name AS host, i.language, i.time_zone,
  (h.revoked_at IS NOT NULL OR h.expires_at <= now())::bool AS over
FROM host_links h JOIN institutions i ON i.id = h.host_institution_id WHERE h.id = @id;

-- name: OpenNominations :one
-- How many proposals to a host for a call wait for its answer.
SELECT count(*)::int AS number FROM nominations n JOIN applications a ON a.id = n.application_id
WHERE n.host_institution_id = @host_institution_id AND a.call_id = @call_id AND n.status = 'sent';

-- name: HostAnswerBy :one
-- By when a host is first asked to answer one of the proposals that wait, of what has not passed.
SELECT f.closes_at FROM nominations n
JOIN applications a ON a.id = n.application_id
JOIN deadlines_in_force f ON f.application_id = a.id AND f.kind = 'host_answer'
WHERE n.host_institution_id = @host_institution_id AND a.call_id = @call_id AND n.status = 'sent' AND f.closes_at > @now
ORDER BY f.closes_at LIMIT 1;

-- name: RefusalReason :one
-- Why the host said no, at the newest nomination it refused.
SELECT destination_id, reason_code FROM nominations WHERE application_id = @application_id AND status = 'refused'
ORDER BY answered_at DESC LIMIT 1;

-- name: NotNominated :one
-- Confirmed, not yet proposed to the host of a destination.
SELECT count(*)::int AS number FROM offers o
JOIN applications a ON a.id = o.application_id
JOIN definition_states s ON s.definition_id = a.definition_id AND s.name = a.state
WHERE o.destination_id = @destination_id AND o.status = 'confirmed' AND s.nomination = 'none';

-- name: ToAssess :one
-- Files of a call that wait for marks of this person, by any of their roles; assessors for those they are assigned to.
SELECT count(DISTINCT a.id)::int AS number FROM applications a
JOIN definition_reminders r ON r.definition_id = a.definition_id AND r.state = a.state AND r.letter = 'remind_coordinator'
JOIN roles ro ON ro.role = r.recipient AND ro.institution_id = a.institution_id AND (ro.unit_id IS NULL OR ro.unit_id = a.unit_id)
  AND (ro.call_id IS NULL OR ro.call_id = a.call_id) AND ro.valid_from <= business_now() AND (ro.valid_to IS NULL OR ro.valid_to > business_now())
WHERE a.call_id = @call_id AND ro.person_id = @person_id AND a.person_id <> ro.person_id
  AND NOT EXISTS (SELECT 1 FROM conflicts x WHERE x.application_id = a.id AND x.person_id = ro.person_id AND x.ended_at IS NULL)
  AND EXISTS (SELECT 1 FROM calls c JOIN schemes s ON s.id = c.scheme_id, lacking_marks(a.id, s.marked) k WHERE c.id = a.call_id
    AND NOT EXISTS (SELECT 1 FROM marks m WHERE m.application_id = a.id AND m.criterion = k AND m.assessor_id = ro.person_id AND m.replaced_at IS NULL)
    AND (ro.role <> 'assessor' OR EXISTS (SELECT 1 FROM assignments g WHERE g.application_id = a.id AND g.assessor_id = ro.person_id AND g.ended_at IS NULL)
      OR (c.assessors_see = 'unit' AND NOT EXISTS (SELECT 1 FROM assignments g WHERE g.application_id = a.id AND g.ended_at IS NULL))));

-- name: BusinessNow :one
SELECT business_now()::timestamptz AS at;
