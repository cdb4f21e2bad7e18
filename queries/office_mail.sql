-- All e-mail of an office: what waits, what was paused, and the office's own addresses.

-- name: MailWaiting :many
-- Letters that wait to be sent, by kind and language, and how many of them because of a pause.
SELECT w.institution_id, w.kind, w.language, sum(w.number)::int AS number, min(w.oldest)::timestamptz AS oldest,
  coalesce(sum(w.number) FILTER (WHERE letter_waits(w.institution_id, w.kind, w.ranking)), 0)::int AS paused
FROM (SELECT institution_id, kind, language, data ->> 'ranking' AS ranking, count(*) AS number, min(planned_at) AS oldest
  FROM letters WHERE institution_id = ANY (@institutions::uuid[]) AND status = 'planned' GROUP BY 1, 2, 3, 4) w
GROUP BY 1, 2, 3 ORDER BY 1, number DESC, 2, 3;

-- name: MailPauses :many
-- Every pause there was, what is paused now first.
SELECT p.id, p.institution_id, p.everything, p.ranking_id, p.paused_at, p.resumed_at, c.title AS call,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS paused_by, coalesce(trim(g.given_names || ' ' || g.family_names), '')::text AS resumed_by,
  coalesce(t.reason, '')::text AS reason
FROM letter_pauses p
JOIN acts a ON a.subject_id = p.id AND a.act = 'letters_paused' LEFT JOIN act_texts t ON t.act_id = a.id
LEFT JOIN rankings r ON r.id = p.ranking_id LEFT JOIN calls c ON c.id = r.call_id
LEFT JOIN person_facts f ON f.person_id = p.paused_by AND f.institution_id = p.institution_id
LEFT JOIN person_facts g ON g.person_id = p.resumed_by AND g.institution_id = p.institution_id
WHERE p.institution_id = ANY (@institutions::uuid[]) ORDER BY p.resumed_at IS NOT NULL, p.paused_at DESC LIMIT @most;

-- name: OfficeMailboxes :many
SELECT id, name, office_email FROM institutions WHERE id = ANY (@institutions::uuid[]) ORDER BY name, id;

-- name: CallContacts :many
-- Calls that name an address of their own.
SELECT id, institution_id, title, contact_email FROM calls
WHERE institution_id = ANY (@institutions::uuid[]) AND contact_email <> '' ORDER BY academic_year DESC, id;

-- name: OfficeLettersBack :many
-- Letters to the offices themselves that came back or failed and that nobody has dealt with.
SELECT l.id, l.institution_id, l.kind, l.planned_at, t.address, t.subject,
  coalesce((SELECT b.reason FROM letter_bounces b WHERE b.letter_id = l.id AND b.action = 'failed' AND b.settled_at IS NULL ORDER BY b.at DESC LIMIT 1), '')::text AS reason
FROM letters l JOIN letter_texts t ON t.letter_id = l.id
WHERE l.institution_id = ANY (@institutions::uuid[]) AND l.recipient = 'office'
  AND ((l.status = 'failed' AND l.skip_reason <> 'sent_again')
    OR EXISTS (SELECT 1 FROM letter_bounces b WHERE b.letter_id = l.id AND b.action = 'failed' AND b.settled_at IS NULL))
ORDER BY l.planned_at DESC, l.id DESC LIMIT @most;

-- name: MoveOfficeMailbox :execrows
UPDATE institutions SET office_email = @email WHERE id = @id AND lower(office_email) = lower(@old::text);

-- name: MoveCallContacts :execrows
UPDATE calls SET contact_email = @email WHERE institution_id = @institution_id AND lower(contact_email) = lower(@old::text) AND @old::text <> '';
