-- The invariants of the product, asked of a live database: each query returns one line per violation and
-- none where all is well. Ids, states and numbers only.

-- name: OfferDisagrees :many
SELECT format('application %s is %s: offer should be %s, is %s', a.id, a.state, s.offer, coalesce(o.status, 'none'))::text AS violation
FROM applications a JOIN definition_states s ON s.definition_id = a.definition_id AND s.name = a.state
LEFT JOIN offers o ON o.application_id = a.id AND o.status IN ('open', 'confirmed')
WHERE s.offer <> coalesce(o.status, 'none') ORDER BY a.id;

-- name: NominationDisagrees :many
SELECT format('application %s is %s: nomination should be %s, is %s', a.id, a.state, s.nomination, coalesce(n.status, 'none'))::text AS violation
FROM applications a JOIN definition_states s ON s.definition_id = a.definition_id AND s.name = a.state
LEFT JOIN nominations n ON n.application_id = a.id AND n.status IN ('draft', 'sent', 'accepted')
WHERE s.nomination <> CASE WHEN n.status IS NULL THEN 'none' WHEN n.status = 'accepted' THEN 'accepted' ELSE 'live' END ORDER BY a.id;

-- name: PlaceDisagrees :many
SELECT format('application %s is %s and holds %s pools', a.id, a.state, count(h.pool_id))::text AS violation
FROM applications a JOIN definition_states s ON s.definition_id = a.definition_id AND s.name = a.state
LEFT JOIN place_holds h ON h.application_id = a.id
GROUP BY a.id, a.state, s.holds_place HAVING s.holds_place <> (count(h.pool_id) > 0) ORDER BY a.id;

-- name: SubmissionMissing :many
SELECT format('application %s is %s without a submission', a.id, a.state)::text AS violation
FROM applications a WHERE a.phase NOT IN ('draft', 'closed') AND NOT EXISTS (SELECT 1 FROM submissions s WHERE s.application_id = a.id) ORDER BY a.id;

-- name: StateUnknown :many
SELECT format('application %s is %s (%s), which its definition lacks', a.id, a.state, a.phase)::text AS violation
FROM applications a WHERE NOT EXISTS (SELECT 1 FROM definition_states s WHERE s.definition_id = a.definition_id AND s.name = a.state AND s.phase = a.phase) ORDER BY a.id;

-- name: DefinitionNotTheCalls :many
SELECT format('application %s pins another lifecycle than its call', a.id)::text AS violation
FROM applications a JOIN calls c ON c.id = a.call_id WHERE c.definition_id <> a.definition_id ORDER BY a.id;

-- name: HistoryHasGap :many
SELECT format('application %s at revision %s has %s events, up to %s', a.id, a.revision, count(e.id), coalesce(max(e.revision), 0))::text AS violation
FROM applications a LEFT JOIN events e ON e.application_id = a.id
GROUP BY a.id, a.revision HAVING count(e.id) <> a.revision OR coalesce(max(e.revision), 0) <> a.revision OR coalesce(min(e.revision), 0) <> 1 ORDER BY a.id;

-- name: HistoryDoesNotConnect :many
SELECT format('event %s of application %s leaves %s, the one before led to %s', x.id, x.application_id, coalesce(x.from_state, 'nothing'), coalesce(x.before, 'nothing'))::text AS violation
FROM (SELECT e.id, e.application_id, e.revision, e.from_state, lag(e.to_state) OVER (PARTITION BY e.application_id ORDER BY e.revision) AS before FROM events e) x
WHERE x.from_state IS DISTINCT FROM x.before ORDER BY x.application_id, x.revision;

-- name: HistoryLedElsewhere :many
SELECT format('application %s is %s, its history led to %s', a.id, a.state, coalesce(e.to_state, 'nothing'))::text AS violation
FROM applications a LEFT JOIN events e ON e.application_id = a.id AND e.revision = a.revision
WHERE e.to_state IS DISTINCT FROM a.state ORDER BY a.id;

-- name: EventNoMove :many
SELECT format('event %s: %s from %s to %s is no move of its definition', e.id, coalesce(e.move, e.kind), coalesce(e.from_state, 'nothing'), e.to_state)::text AS violation
FROM events e
WHERE (e.kind = 'move' AND NOT EXISTS (SELECT 1 FROM definition_moves m
    WHERE m.definition_id = e.definition_id AND m.name = e.move AND m.from_state = e.from_state AND m.to_state = e.to_state))
  OR (e.kind <> 'move' AND NOT EXISTS (SELECT 1 FROM definition_states s WHERE s.definition_id = e.definition_id AND s.name = e.to_state))
  OR (e.kind = 'start') <> (e.revision = 1)
ORDER BY e.application_id, e.revision;

-- name: PoolMiscounted :many
SELECT format('pool %s says %s held, %s are', p.id, p.held, count(h.application_id))::text AS violation
FROM pools p LEFT JOIN place_holds h ON h.pool_id = p.id GROUP BY p.id, p.held HAVING p.held <> count(h.application_id) ORDER BY p.id;

-- name: PoolBeyondAllowed :many
SELECT format('pool %s is held %s of %s', p.id, p.held, p.places + p.overbooked)::text AS violation
FROM pools p WHERE p.held > p.places + p.overbooked OR p.held < 0 ORDER BY p.id;

-- name: OverbookingMiscounted :many
SELECT format('pool %s says %s overbooked, the records %s', p.id, p.overbooked, coalesce(sum(o.number), 0))::text AS violation
FROM pools p LEFT JOIN overbookings o ON o.pool_id = p.id GROUP BY p.id, p.overbooked HAVING p.overbooked <> coalesce(sum(o.number), 0) ORDER BY p.id;

-- name: HoldElsewhere :many
-- Held are exactly the pools of the destination of the live offer.
SELECT format('application %s holds pool %s, which its live offer does not draw on', h.application_id, h.pool_id)::text AS violation
FROM place_holds h JOIN pools p ON p.id = h.pool_id WHERE NOT EXISTS (SELECT 1 FROM offers o
  WHERE o.application_id = h.application_id AND o.status IN ('open', 'confirmed') AND o.destination_id = h.destination_id
    AND CASE WHEN p.kind = 'money' THEN o.given = 'with' ELSE h.pool_id IN (SELECT pools_taken(o.application_id, o.destination_id)) END)
UNION ALL
SELECT format('application %s has an offer and does not hold pool %s', o.application_id, t.pool_id)
FROM offers o CROSS JOIN LATERAL pools_taken(o.application_id, o.destination_id) AS t (pool_id)
WHERE o.status IN ('open', 'confirmed') AND NOT EXISTS (SELECT 1 FROM place_holds h WHERE h.application_id = o.application_id AND h.pool_id = t.pool_id)
UNION ALL
SELECT format('application %s has an offer with a grant and does not hold money pool %s', o.application_id, p.id)
FROM offers o JOIN applications a ON a.id = o.application_id JOIN pools p ON p.call_id = a.call_id AND p.kind = 'money' AND p.dropped_at IS NULL
WHERE o.status IN ('open', 'confirmed') AND o.given = 'with' AND (NOT p.grouped OR EXISTS (SELECT 1 FROM pool_members m WHERE m.pool_id = p.id AND m.application_id = a.id))
  AND NOT EXISTS (SELECT 1 FROM place_holds h WHERE h.application_id = o.application_id AND h.pool_id = p.id)
ORDER BY 1;

-- name: OffersTwice :many
SELECT format('application %s has %s live offers', o.application_id, count(*))::text AS violation
FROM offers o WHERE o.status IN ('open', 'confirmed') GROUP BY o.application_id HAVING count(*) > 1 ORDER BY o.application_id;

-- name: NominationsTwice :many
SELECT format('application %s has %s live nominations', n.application_id, count(*))::text AS violation
FROM nominations n WHERE n.status IN ('draft', 'sent', 'accepted') GROUP BY n.application_id HAVING count(*) > 1 ORDER BY n.application_id;

-- name: NominationElsewhere :many
SELECT format('nomination %s is to another destination or host than the live offer of application %s', n.id, n.application_id)::text AS violation
FROM nominations n JOIN destinations d ON d.id = n.destination_id
LEFT JOIN offers o ON o.application_id = n.application_id AND o.status IN ('open', 'confirmed')
WHERE n.status IN ('draft', 'sent', 'accepted') AND (d.host_institution_id <> n.host_institution_id OR (o.id IS NOT NULL AND o.destination_id <> n.destination_id))
ORDER BY n.id;

-- name: ShareStrays :many
-- A nomination is shared with its host and nobody else, so that the host still sees what it answered; a cancelled one with nobody.
SELECT format('nomination %s (%s) is shared with %s hosts', n.id, n.status, count(s.id))::text AS violation
FROM nominations n LEFT JOIN shares s ON s.nomination_id = n.id AND s.until IS NULL
GROUP BY n.id, n.status, n.host_institution_id, n.application_id
HAVING count(s.id) <> CASE WHEN n.status IN ('sent', 'accepted', 'refused') THEN 1 ELSE 0 END
  OR bool_or(s.visible_to <> n.host_institution_id OR s.application_id <> n.application_id) ORDER BY n.id;

-- name: SubmissionsMisnumbered :many
SELECT format('application %s has %s submissions numbered up to %s', s.application_id, count(*), max(s.number))::text AS violation
FROM submissions s GROUP BY s.application_id HAVING count(*) <> max(s.number) OR min(s.number) <> 1 ORDER BY s.application_id;

-- name: ChoicesBeyondCall :many
SELECT format('submission %s has %s choices numbered up to %s in %s languages, the call allows %s in %s', s.id, count(*), max(x.position), count(DISTINCT d.language), c.max_choices, c.max_languages)::text AS violation
FROM submissions s JOIN applications a ON a.id = s.application_id JOIN calls c ON c.id = a.call_id
JOIN choices x ON x.submission_id = s.id JOIN destinations d ON d.id = x.destination_id
GROUP BY s.id, c.max_choices, c.max_languages
HAVING count(*) > c.max_choices OR max(x.position) <> count(*) OR min(x.position) <> 1
  OR (c.max_languages > 0 AND count(DISTINCT d.language) > c.max_languages) ORDER BY s.id;

-- name: ChoiceElsewhere :many
SELECT format('submission %s names destination %s of another round or application', x.submission_id, x.destination_id)::text AS violation
FROM choices x JOIN submissions s ON s.id = x.submission_id JOIN applications a ON a.id = s.application_id JOIN destinations d ON d.id = x.destination_id
WHERE d.round_id <> a.round_id OR x.application_id <> s.application_id ORDER BY x.submission_id, x.destination_id;

-- name: PublishedNotMoved :many
-- A published result moved everybody it decides about, but those held back by name.
SELECT format('application %s is decided by published ranking %s and was not moved by it', e.application_id, r.id)::text AS violation
FROM rankings r JOIN ranking_entries e ON e.ranking_id = r.id JOIN applications a ON a.id = e.application_id
WHERE r.status = 'published' AND a.held_back = '' AND NOT EXISTS (SELECT 1 FROM events v WHERE v.application_id = a.id AND v.data ->> 'ranking' = r.id::text)
ORDER BY e.application_id;

-- name: DraftMoved :many
SELECT format('event %s follows ranking %s, which is not published', v.id, r.id)::text AS violation
FROM rankings r JOIN events v ON v.data ->> 'ranking' = r.id::text WHERE r.status <> 'published' ORDER BY v.id;

-- name: PlacedWithoutOffer :many
SELECT format('application %s was placed at %s by published ranking %s and was never offered it', e.application_id, e.destination_id, r.id)::text AS violation
FROM rankings r JOIN ranking_entries e ON e.ranking_id = r.id JOIN applications a ON a.id = e.application_id
WHERE r.status = 'published' AND e.outcome = 'placed' AND a.held_back = ''
  AND NOT EXISTS (SELECT 1 FROM offers o WHERE o.application_id = e.application_id AND o.ranking_id = r.id AND o.destination_id = e.destination_id)
ORDER BY e.application_id;

-- name: PublishedTwice :many
SELECT format('round %s was published %s times', r.round_id, count(*))::text AS violation
FROM rankings r WHERE r.status = 'published' GROUP BY r.round_id HAVING count(*) > 1 ORDER BY r.round_id;

-- name: PublishedRankings :many
SELECT id, engine, input, result, input_hash, result_hash FROM rankings WHERE status = 'published' ORDER BY id;

-- name: LettersTwice :many
SELECT format('%s letters %s are planned about %s', count(*), l.kind, l.subject_key)::text AS violation
FROM letters l GROUP BY l.subject_key, l.kind HAVING count(*) > 1 ORDER BY 1;

-- name: EventMoves :many
-- Which moves of which lifecycles were ever made.
SELECT DISTINCT e.definition_id, e.move::text AS move, e.from_state::text AS from_state, e.to_state FROM events e WHERE e.kind = 'move';

-- name: EventWithoutLetter :many
-- Events whose move promises a letter, without its row; a skipped or retracted letter has one too.
SELECT format('event %s (%s of application %s) has no letter %s', e.id, e.move, e.application_id, p.kind)::text AS violation
FROM (SELECT unnest(@definitions::uuid[]) AS definition_id, unnest(@moves::text[]) AS move, unnest(@from_states::text[]) AS from_state,
  unnest(@to_states::text[]) AS to_state, unnest(@kinds::text[]) AS kind) p
JOIN events e ON e.definition_id = p.definition_id AND e.move = p.move AND e.from_state = p.from_state AND e.to_state = p.to_state
WHERE NOT EXISTS (SELECT 1 FROM letters l WHERE l.event_id = e.id AND l.kind = p.kind) ORDER BY e.id;

-- name: SentUnaccounted :many
-- One of which nobody knew has no such attempt: a person or a server's report told that it arrived.
SELECT format('letter %s is %s after %s attempts that say sent', l.id, l.status, count(t.letter_id))::text AS violation
FROM letters l LEFT JOIN letter_attempts t ON t.letter_id = l.id AND t.outcome = 'sent'
GROUP BY l.id, l.status, l.skip_reason, l.sent_at
HAVING count(t.letter_id) <> CASE WHEN l.status = 'sent' AND l.skip_reason NOT IN ('known_received', 'reported') THEN 1 ELSE 0 END OR (l.status = 'sent') <> (l.sent_at IS NOT NULL) ORDER BY l.id;

-- name: AttemptWithoutText :many
-- What was attempted was rendered and frozen before; erasure takes the text, of people who are gone.
SELECT format('letter %s was attempted without a frozen text', l.id)::text AS violation
FROM letters l WHERE EXISTS (SELECT 1 FROM letter_attempts t WHERE t.letter_id = l.id)
  AND NOT EXISTS (SELECT 1 FROM letter_texts x WHERE x.letter_id = l.id)
  AND EXISTS (SELECT 1 FROM person_facts f WHERE f.institution_id = l.institution_id AND f.person_id = coalesce((SELECT a.person_id FROM applications a WHERE a.id = l.application_id), l.person_id))
ORDER BY l.id;

-- name: EveryDeadline :many
SELECT id, kind, wall, zone, closes_at FROM deadlines ORDER BY id;

-- name: SubmissionTooLate :many
-- What arrived after the deadline was let in by something that lasted: an extension, a request to complete it, a sign-in
-- asked for in time, the grace period, a late link.
SELECT format('submission %s of application %s arrived at %s, after %s', s.id, s.application_id, s.arrived_at, e.ends)::text AS violation
FROM submissions s
CROSS JOIN LATERAL (SELECT max(x.closes_at) AS at FROM (
  SELECT f.closes_at FROM deadlines_in_force f WHERE f.application_id = s.application_id AND (f.kind = 'closes' OR (f.kind = 'complete_by' AND s.number > 1))
  UNION ALL
  SELECT c.closes_at FROM deadline_concerns k JOIN deadline_changes c ON c.id = k.change_id WHERE k.application_id = s.application_id AND c.kind = 'closes') x) d
LEFT JOIN late_submissions t ON t.submission_id = s.id
LEFT JOIN late_links l ON l.id = t.late_link_id
CROSS JOIN LATERAL (SELECT CASE WHEN t.let_in_by = 'link' THEN greatest(d.at, l.expires_at) WHEN t.let_in_by = 'grace' THEN d.at + interval '2 hours'
  WHEN s.late THEN d.at + interval '20 minutes' ELSE d.at END AS ends) e
WHERE s.arrived_at >= e.ends ORDER BY s.id;

-- name: OfferWithoutDeadline :many
SELECT format('open offer %s has no confirm-by', o.id)::text AS violation
FROM offers o WHERE o.status = 'open' AND NOT EXISTS (SELECT 1 FROM deadlines d WHERE d.offer_id = o.id AND d.kind = 'confirm_by') ORDER BY o.id;

-- name: ReserveStrays :many
-- Nobody waits who is over, or was offered a place, unless the call lets holders of an open offer go on waiting for better.
SELECT format('application %s is %s and still waits at destination %s', a.id, a.state, r.destination_id)::text AS violation
FROM reserve_places r JOIN applications a ON a.id = r.application_id JOIN calls c ON c.id = a.call_id
JOIN definition_states s ON s.definition_id = a.definition_id AND s.name = a.state
WHERE r.ended_at IS NULL AND (s.phase <> 'submitted' OR s.offer = 'confirmed' OR (s.offer = 'open' AND c.selection ->> 'upgrades' <> 'until_confirmed'))
ORDER BY a.id, r.destination_id;

-- name: RowsOfAnotherInstitution :many
SELECT format('%s %s belongs to another institution than its application', x.what, x.id)::text AS violation
FROM (
  SELECT 'submission' AS what, t.id, t.application_id, t.institution_id FROM submissions t
  UNION ALL SELECT 'event', t.id, t.application_id, t.institution_id FROM events t
  UNION ALL SELECT 'document', t.id, t.application_id, t.institution_id FROM documents t
  UNION ALL SELECT 'conflict', t.id, t.application_id, t.institution_id FROM conflicts t
  UNION ALL SELECT 'mark', t.id, t.application_id, t.institution_id FROM marks t
  UNION ALL SELECT 'assignment', t.id, t.application_id, t.institution_id FROM assignments t
  UNION ALL SELECT 'offer', t.id, t.application_id, t.institution_id FROM offers t
  UNION ALL SELECT 'nomination', t.id, t.application_id, t.institution_id FROM nominations t
  UNION ALL SELECT 'share', t.id, t.application_id, t.institution_id FROM shares t
  UNION ALL SELECT 'letter', t.id, t.application_id, t.institution_id FROM letters t
  UNION ALL SELECT 'deadline', t.id, t.application_id, t.institution_id FROM deadlines t
  UNION ALL SELECT 'place hold in pool', t.pool_id, t.application_id, t.institution_id FROM place_holds t
  UNION ALL SELECT 'reserve place at', t.destination_id, t.application_id, t.institution_id FROM reserve_places t) x
JOIN applications a ON a.id = x.application_id WHERE a.institution_id <> x.institution_id ORDER BY 1;

-- name: PlacesOfAnotherInstitution :many
-- Calls and what they are made of lie in one institution, and so do the roles in them.
SELECT format('%s %s lies across institutions or calls', x.what, x.id)::text AS violation
FROM (
  SELECT 'application' AS what, a.id FROM applications a JOIN calls c ON c.id = a.call_id JOIN rounds r ON r.id = a.round_id JOIN units u ON u.id = a.unit_id
    WHERE a.institution_id <> c.institution_id OR r.call_id <> a.call_id OR u.institution_id <> a.institution_id
  UNION ALL SELECT 'round', r.id FROM rounds r JOIN calls c ON c.id = r.call_id WHERE c.institution_id <> r.institution_id
  UNION ALL SELECT 'destination', d.id FROM destinations d JOIN rounds r ON r.id = d.round_id JOIN agreements g ON g.id = d.agreement_id
    WHERE d.institution_id <> r.institution_id OR d.call_id <> r.call_id OR g.institution_id <> d.institution_id OR g.host_institution_id <> d.host_institution_id
  UNION ALL SELECT 'pool', p.id FROM pools p JOIN agreements g ON g.id = p.agreement_id WHERE g.institution_id <> p.institution_id
  UNION ALL SELECT 'pool of destination', dp.destination_id FROM destination_pools dp JOIN destinations d ON d.id = dp.destination_id JOIN pools p ON p.id = dp.pool_id
    WHERE p.institution_id <> d.institution_id
  UNION ALL SELECT 'ranking', k.id FROM rankings k JOIN rounds r ON r.id = k.round_id WHERE k.call_id <> r.call_id OR k.institution_id <> r.institution_id
  UNION ALL SELECT 'role', o.id FROM roles o LEFT JOIN units u ON u.id = o.unit_id LEFT JOIN calls c ON c.id = o.call_id
    WHERE u.institution_id <> o.institution_id OR c.institution_id <> o.institution_id
  UNION ALL SELECT 'affiliation', f.id FROM affiliations f JOIN units u ON u.id = f.unit_id WHERE u.institution_id <> f.institution_id) x
ORDER BY 1;

-- name: WordsInHistory :many
-- History holds ids, codes and numbers: a text with a space or an at-sign in it is somebody's words or address.
SELECT format('%s %s holds words under %s', x.what, x.id, x.key)::text AS violation
FROM (
  SELECT 'event' AS what, e.id, k.key, k.value FROM events e CROSS JOIN LATERAL jsonb_each(e.data) AS k (key, value)
  UNION ALL SELECT 'letter', l.id, k.key, k.value FROM letters l CROSS JOIN LATERAL jsonb_each(l.data) AS k (key, value)
  UNION ALL SELECT 'act', a.id, k.key, k.value FROM acts a CROSS JOIN LATERAL jsonb_each(a.data) AS k (key, value)
  UNION ALL SELECT 'ranking entry of application', t.application_id, k.key, k.value FROM ranking_entries t CROSS JOIN LATERAL jsonb_each(t.data) AS k (key, value)) x
WHERE x.value::text ~ '"[^"]*[@[:space:]][^"]*"'
  OR x.key IN ('name', 'names', 'given_names', 'family_names', 'email', 'address', 'phone', 'birth_date', 'nationality', 'gender', 'reason', 'comment', 'answers', 'esi')
    AND x.value <> 'null'
ORDER BY 1;

-- name: ErasedLeftovers :many
SELECT format('erased person %s still has %s', p.id, x.what)::text AS violation
FROM persons p JOIN (
  SELECT f.person_id, 'facts' AS what FROM person_facts f
  UNION ALL SELECT a.person_id, 'an affiliation' FROM affiliations a
  UNION ALL SELECT d.person_id, 'a working copy' FROM drafts d
  UNION ALL SELECT c.person_id, 'answers' FROM submission_contents c
  UNION ALL SELECT t.person_id, 'words in the history' FROM event_texts t
  UNION ALL SELECT t.person_id, 'a comment in the history' FROM event_comments t
  UNION ALL SELECT t.person_id, 'a comment of an assessor' FROM assessment_comments t
  UNION ALL SELECT g.assessor_id, 'a file to assess' FROM assignments g WHERE g.ended_at IS NULL
  UNION ALL SELECT t.person_id, 'a letter' FROM letter_texts t
  UNION ALL SELECT t.person_id, 'a letter written by hand' FROM letter_edits t
  UNION ALL SELECT t.person_id, 'a letter written by hand' FROM letter_sources t
  UNION ALL SELECT t.person_id, 'a letter that came back' FROM letter_bounces t
  UNION ALL SELECT t.person_id, 'a sign-in letter that came back' FROM address_bounces t
  UNION ALL SELECT t.person_id, 'a nomination' FROM nomination_contents t
  UNION ALL SELECT t.person_id, 'values of a ranking' FROM ranking_details t
  UNION ALL SELECT t.person_id, 'imported values' FROM imported_values t
  UNION ALL SELECT t.person_id, 'earlier mobilities' FROM past_mobilities t
  UNION ALL SELECT t.person_id, 'words of a veto' FROM veto_texts t
  UNION ALL SELECT t.person_id, 'words of a placement' FROM placement_texts t
  UNION ALL SELECT o.person_id, 'an old address' FROM person_addresses o
  UNION ALL SELECT r.person_id, 'a role' FROM roles r WHERE r.valid_to IS NULL
  UNION ALL SELECT d.person_id, 'a file name' FROM documents d WHERE d.file_name <> ''
  UNION ALL SELECT q.id, 'an address or identifier' FROM persons q WHERE q.email <> '' OR q.esi IS NOT NULL) x ON x.person_id = p.id
WHERE p.erased_at IS NOT NULL ORDER BY 1;
