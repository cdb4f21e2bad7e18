-- Mail that came back.

-- name: AddBounceMail :execrows
-- Zero rows: this mail was read before.
INSERT INTO bounce_mails (id, fingerprint, at, verdict) VALUES (@id, @fingerprint, @at, @verdict) ON CONFLICT (fingerprint) DO NOTHING;

-- name: LettersByMessageID :many
SELECT l.id, l.institution_id, l.status, l.person_id, l.recipient, t.address, t.message_id
FROM letter_texts t JOIN letters l ON l.id = t.letter_id WHERE t.message_id = ANY (@message_ids::text[]) FOR UPDATE OF l;

-- name: AddBounce :execrows
INSERT INTO letter_bounces (id, letter_id, mail_id, person_id, at, address, action, status, reason, about_address, diagnostic, mta)
VALUES (@id, @letter_id, @mail_id, sqlc.narg(person_id), @at, @address, @action, @status, @reason, @about_address, @diagnostic, @mta)
ON CONFLICT (letter_id, mail_id) DO NOTHING;

-- name: SignInsByMail :many
-- Whose sign-in letters these were. The key is in the letter and in nothing whoever asked for it was told.
SELECT s.mail_key, p.id AS person_id, p.email FROM sign_ins s JOIN persons p ON p.id = s.person_id
WHERE s.mail_key = ANY (@keys::uuid[]) AND p.erased_at IS NULL;

-- name: AddAddressBounce :exec
INSERT INTO address_bounces (id, mail_id, person_id, at, address, status, reason, about_address, diagnostic, mta)
VALUES (@id, sqlc.narg(mail_id), @person_id, @at, @address, @status, @reason, @about_address, @diagnostic, @mta)
ON CONFLICT (person_id, mail_id) DO NOTHING;

-- name: SettleAddressBounces :execrows
UPDATE address_bounces SET works_at = @at, works_by = sqlc.narg(works_by)
WHERE person_id = @person_id AND lower(address) = lower(@address) AND works_at IS NULL;

-- name: SignInLettersBack :many
-- Sign-in letters of people of these houses that came back from the address of today and that nobody has dealt with, the
-- newest of each.
SELECT DISTINCT ON (b.person_id) b.person_id, b.at, b.address, b.reason, b.status, b.diagnostic, b.about_address,
  trim(f.given_names || ' ' || f.family_names)::text AS name
FROM address_bounces b JOIN persons p ON p.id = b.person_id AND lower(p.email) = lower(b.address)
JOIN person_facts f ON f.person_id = b.person_id AND f.institution_id = ANY (@institutions::uuid[])
WHERE b.works_at IS NULL AND b.person_id <> @self AND (NOT b.about_address OR b.person_id IN (SELECT x.person_id FROM bounced_addresses x))
  AND (sqlc.narg(person_id)::uuid IS NULL OR b.person_id = sqlc.narg(person_id))
ORDER BY b.person_id, b.at DESC, b.id DESC LIMIT @most;

-- name: SentUnknown :execrows
-- A server reports that it has the letter, or that it handed it on: it was sent.
UPDATE letters SET status = 'sent', skip_reason = 'reported', sent_at = @at WHERE id = @id AND status = 'unknown' AND skip_reason <> 'sent_again';

-- name: PlannedLettersOfLinks :many
-- Letters that would go out with a link that has ended.
SELECT id FROM letters WHERE status = 'planned' AND (data ->> 'host_link')::uuid = ANY (@links::uuid[]) ORDER BY planned_at, id FOR UPDATE;

-- name: PointToLink :exec
UPDATE letters SET data = data || jsonb_build_object('host_link', @link::uuid) WHERE id = @id;

-- name: FailUnknown :execrows
-- A server reports on a letter of which nobody knew whether any server had taken it: one had, and it came back.
UPDATE letters SET status = 'failed', skip_reason = 'bounced' WHERE id = @id AND status = 'unknown' AND skip_reason <> 'sent_again';

-- name: SettleBounces :execrows
UPDATE letter_bounces SET settled_at = @at, settled_how = @how, settled_by = sqlc.narg(settled_by), again_id = sqlc.narg(again_id)
WHERE letter_id = @letter_id AND settled_at IS NULL AND action = 'failed';

-- name: SettleBouncesAt :execrows
-- The office knows that an address works after all.
UPDATE letter_bounces b SET settled_at = @at, settled_how = 'address_works', settled_by = sqlc.narg(settled_by)
FROM letters l WHERE l.id = b.letter_id AND l.institution_id = @institution_id
  AND b.person_id = @person_id AND b.settled_at IS NULL AND b.action = 'failed' AND lower(b.address) = lower(@address::text);

-- name: AddressIsDead :one
-- Whether a letter to this address of the person came back for a reason that speaks against the address.
SELECT (EXISTS (SELECT 1 FROM letter_bounces b WHERE b.person_id = @person_id AND lower(b.address) = lower(@address)
    AND b.action = 'failed' AND b.about_address AND b.settled_how <> 'address_works')
  OR EXISTS (SELECT 1 FROM address_bounces x WHERE x.person_id = @person_id AND lower(x.address) = lower(@address)
    AND x.about_address AND x.works_at IS NULL))::bool AS dead;

-- name: LetterToRepeat :one
-- Asked under the web role: no row means that the actor may not know of the letter.
SELECT l.id, l.institution_id, l.kind, l.queue, l.recipient, l.status, l.skip_reason, l.person_id, l.call_id, l.application_id,
  coalesce(t.address, '')::text AS address,
  EXISTS (SELECT 1 FROM letter_bounces b WHERE b.letter_id = l.id AND b.action = 'failed' AND b.settled_at IS NULL)::bool AS bounced
FROM letters l LEFT JOIN letter_texts t ON t.letter_id = l.id WHERE l.id = @id;

-- name: RepeatLetter :exec
-- The same letter once more. Of a host's letter the link is a new one.
INSERT INTO letters (id, institution_id, kind, queue, language, person_id, recipient, application_id, call_id, event_id, subject_key, data, status, planned_at, read_at, again_of)
SELECT @id, institution_id, kind, queue, language, person_id, recipient, application_id, call_id, event_id, 'again:' || id,
  CASE WHEN sqlc.narg(host_link)::uuid IS NULL THEN data ELSE data || jsonb_build_object('host_link', sqlc.narg(host_link)::uuid) END, 'planned', @at, read_at, id
FROM letters WHERE letters.id = @old_id;

-- name: RepeatText :execrows
-- What was written stays written: only where it goes, and by which id it is known, is new. Zero rows: it was never written.
INSERT INTO letter_texts (letter_id, person_id, address, subject, plain, html, message_id, frozen_at)
SELECT @id, person_id, @address, subject, plain, html, 'letter.' || @id::uuid || '@' || split_part(message_id, '@', 2), @at
FROM letter_texts WHERE letter_texts.letter_id = @old_id;

-- name: SettleFailed :execrows
UPDATE letters SET skip_reason = 'sent_again' WHERE id = @id AND status IN ('failed', 'unknown') AND skip_reason <> 'sent_again';

-- name: HostOfLetter :one
SELECT h.id, h.institution_id, h.call_id, h.host_institution_id, h.address, h.expires_at, i.name AS host, c.title AS call
FROM letters l JOIN host_links h ON h.id = (l.data ->> 'host_link')::uuid
JOIN institutions i ON i.id = h.host_institution_id JOIN calls c ON c.id = h.call_id WHERE l.id = @id;

-- name: RevokeHostLinksAt :many
-- Every link of a host for a call that was sent to the address that does not work.
UPDATE host_links SET revoked_at = @at, revoked_by = sqlc.narg(revoked_by)
WHERE call_id = @call_id AND host_institution_id = @host_institution_id AND lower(address) = lower(@address) AND revoked_at IS NULL
RETURNING id;

-- name: CorrectHostAddress :execrows
-- The destinations of the call where that address stands for the host, whether named there or the institution's.
UPDATE destinations d SET host_email = @email FROM institutions i
WHERE d.call_id = @call_id AND d.host_institution_id = @host_institution_id AND i.id = d.host_institution_id
  AND lower(coalesce(nullif(d.host_email, ''), i.office_email)) = lower(@address::text);

-- name: BouncedHostLetters :many
-- Letters to the same host for the same call that came back or failed at the same address.
SELECT l.id, l.kind, l.planned_at, t.subject FROM letters l JOIN letter_texts t ON t.letter_id = l.id JOIN host_links h ON h.id = (l.data ->> 'host_link')::uuid
WHERE l.recipient = 'host' AND h.call_id = @call_id AND h.host_institution_id = @host_institution_id AND lower(t.address) = lower(@address)
  AND ((l.status = 'failed' AND l.skip_reason <> 'sent_again')
    OR EXISTS (SELECT 1 FROM letter_bounces b WHERE b.letter_id = l.id AND b.action = 'failed' AND b.settled_at IS NULL))
ORDER BY l.planned_at, l.id;

-- name: BouncedLettersOf :many
-- A person's letters of one institution that came back or failed and that nobody has dealt with.
SELECT l.id, l.kind, l.planned_at, l.status, l.call_id, c.title AS call, coalesce(t.address, '')::text AS address, coalesce(t.subject, '')::text AS subject
FROM letters l LEFT JOIN letter_texts t ON t.letter_id = l.id LEFT JOIN calls c ON c.id = l.call_id
WHERE l.person_id = @person_id AND l.institution_id = @institution_id AND l.recipient IN ('applicant', 'person')
  AND ((l.status = 'failed' AND l.skip_reason <> 'sent_again')
    OR EXISTS (SELECT 1 FROM letter_bounces b WHERE b.letter_id = l.id AND b.action = 'failed' AND b.settled_at IS NULL))
ORDER BY l.planned_at DESC, l.id DESC;

-- name: AddressOrigin :one
-- Where the address of a person came from, as far as history tells: corrected here, given when registering, imported.
SELECT coalesce((SELECT max(a.at) FROM acts a WHERE a.subject_id = p.id AND a.act = 'address_corrected'), '0001-01-01')::timestamptz AS corrected_at,
  coalesce((SELECT max(r.asked_at) FROM registrations r WHERE lower(r.email) = lower(p.email) AND r.institution_id = @institution_id), '0001-01-01')::timestamptz AS registered_at,
  coalesce((SELECT max(f.imported_at) FROM affiliations f WHERE f.person_id = p.id AND f.institution_id = @institution_id), '0001-01-01')::timestamptz AS imported_at
FROM persons p WHERE p.id = @person_id;

-- name: LetterBounces :many
SELECT id, at, address, action, status, reason, about_address, diagnostic, mta, settled_at, settled_how, again_id
FROM letter_bounces WHERE letter_id = @letter_id ORDER BY at DESC, id DESC;

-- name: BouncesOf :many
-- The newest word on each of these letters.
SELECT DISTINCT ON (b.letter_id) b.letter_id, b.at, b.action, b.status, b.reason, b.diagnostic, b.settled_how
FROM letter_bounces b WHERE b.letter_id = ANY (@letters::uuid[]) ORDER BY b.letter_id, b.action DESC, b.at DESC, b.id DESC;

-- name: BouncedAmong :many
-- Which of these people have an address that does not work.
SELECT person_id::uuid AS person_id, since FROM bounced_addresses WHERE person_id = ANY (@persons::uuid[]);

-- name: BouncedApplicants :many
-- Whose application to a call has an address that does not work.
SELECT a.id AS application_id, b.since FROM bounced_addresses b JOIN applications a ON a.person_id = b.person_id WHERE a.call_id = @call_id;

-- name: BounceCounts :many
-- What the mails of the last thirty days turned out to be.
SELECT verdict, count(*)::int AS number FROM bounce_mails WHERE at > business_now() - interval '30 days' GROUP BY verdict ORDER BY verdict;

-- name: EraseBounces :exec
-- Also of letters to offices and hosts about the person's file.
DELETE FROM letter_bounces USING letters l WHERE l.id = letter_bounces.letter_id AND l.institution_id = ANY (@institutions::uuid[])
  AND (letter_bounces.person_id = @person_id OR l.person_id = @person_id
    OR EXISTS (SELECT 1 FROM applications a WHERE a.id = l.application_id AND a.person_id = @person_id));

-- name: EraseAddressBounces :exec
-- Once no institution knows the person any more, with the address itself.
DELETE FROM address_bounces WHERE person_id = @person_id;
