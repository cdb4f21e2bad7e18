-- Letters, people and what an administrator keeps.

-- name: OfficeLetters :many
SELECT l.id, l.kind, l.recipient, l.language, l.status, l.skip_reason, l.planned_at, l.sent_at, l.application_id, l.person_id, c.title AS call,
  coalesce(t.address, '')::text AS address, coalesce(t.subject, '')::text AS subject,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name, coalesce(p.email, '')::text AS email,
  x.code, coalesce(x.response, '')::text AS response, coalesce(x.number, 0)::int AS attempts, (count(*) OVER ())::int AS total,
  coalesce(b.reason, '')::text AS bounce, coalesce(b.status, '')::text AS bounce_status, coalesce(b.diagnostic, '')::text AS bounce_words,
  coalesce(b.settled_how, '')::text AS bounce_settled
FROM letters l
LEFT JOIN LATERAL (SELECT * FROM letter_bounces y WHERE y.letter_id = l.id AND y.action = 'failed' ORDER BY y.settled_at NULLS FIRST, y.at DESC LIMIT 1) b ON true
LEFT JOIN letter_texts t ON t.letter_id = l.id
LEFT JOIN calls c ON c.id = l.call_id
LEFT JOIN persons p ON p.id = l.person_id
LEFT JOIN person_facts f ON f.person_id = l.person_id AND f.institution_id = l.institution_id
LEFT JOIN letter_attempts x ON x.letter_id = l.id AND x.number = (SELECT max(n.number) FROM letter_attempts n WHERE n.letter_id = l.id)
WHERE l.institution_id = ANY (@institutions::uuid[]) AND l.person_id IS DISTINCT FROM @self::uuid
  AND (CASE @status::text
    WHEN '' THEN (l.status IN ('failed', 'unknown') AND l.skip_reason <> 'sent_again')
      OR l.id IN (SELECT o.letter_id FROM letter_bounces o WHERE o.action = 'failed' AND o.settled_at IS NULL)
    WHEN 'bounced' THEN l.id IN (SELECT o.letter_id FROM letter_bounces o WHERE o.action = 'failed')
    WHEN 'waiting' THEN l.status IN ('planned', 'sending')
    WHEN 'all' THEN true ELSE l.status = @status END)
  AND (@kind::text = '' OR l.kind = @kind)
  AND (sqlc.narg(call_id)::uuid IS NULL OR l.call_id = sqlc.narg(call_id))
ORDER BY l.planned_at DESC, l.id DESC LIMIT @most OFFSET @skip;

-- name: OfficeLetter :one
SELECT l.id, l.institution_id, l.kind, l.recipient, l.status, l.skip_reason, l.person_id, l.application_id, l.call_id, l.planned_at, l.again_of,
  coalesce((SELECT x.id FROM letters x WHERE x.again_of = l.id ORDER BY x.planned_at DESC LIMIT 1), '00000000-0000-0000-0000-000000000000')::uuid AS again_as,
  coalesce(t.address, '')::text AS address, coalesce(t.subject, '')::text AS subject, coalesce(t.plain, '')::text AS plain,
  coalesce(p.email, '')::text AS email, coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name
FROM letters l LEFT JOIN letter_texts t ON t.letter_id = l.id LEFT JOIN persons p ON p.id = l.person_id
LEFT JOIN person_facts f ON f.person_id = l.person_id AND f.institution_id = l.institution_id
WHERE l.id = @id AND l.institution_id = ANY (@institutions::uuid[]) AND l.person_id IS DISTINCT FROM @self::uuid;

-- name: OfficeLetterAttempts :many
SELECT number, started_at, finished_at, coalesce(outcome, '')::text AS outcome, code, response FROM letter_attempts WHERE letter_id = @letter_id ORDER BY number;

-- name: VisibleLetter :one
-- Asked under the web role: no row means that the actor may not know of the letter.
SELECT id, institution_id, status, skip_reason, person_id, (overtaken_at IS NOT NULL)::bool AS overtaken FROM letters WHERE id = @id;

-- name: SettleLetter :execrows
-- A person decided what becomes of a letter that failed or is unknown; what happened to it stays as it is.
UPDATE letters SET skip_reason = @how, status = CASE WHEN @sent::bool THEN 'sent' ELSE status END,
  sent_at = CASE WHEN @sent THEN @at ELSE sent_at END
WHERE id = @id AND status = @from_status AND skip_reason <> 'sent_again';

-- name: PlanAgain :exec
-- The same letter once more: written anew, to the address of today.
INSERT INTO letters (id, institution_id, kind, queue, language, person_id, recipient, application_id, call_id, event_id, subject_key, data, status, planned_at, again_of)
SELECT @id, institution_id, kind, queue, language, person_id, recipient, application_id, call_id, event_id, 'again:' || id, data, 'planned', @at, id
FROM letters WHERE letters.id = @old_id;

-- name: LetterQueue :one
SELECT queue FROM letters WHERE id = @id;

-- name: OfficePeople :many
SELECT p.id, p.email, coalesce(p.esi, '')::text AS esi, f.given_names, f.family_names, coalesce(u.code, '')::text AS unit, (count(*) OVER ())::int AS total
FROM persons p JOIN person_facts f ON f.person_id = p.id
LEFT JOIN affiliations a ON a.person_id = p.id AND a.institution_id = f.institution_id
  AND a.id = (SELECT x.id FROM affiliations x WHERE x.person_id = p.id AND x.institution_id = f.institution_id ORDER BY x.id LIMIT 1)
LEFT JOIN units u ON u.id = a.unit_id
WHERE f.institution_id = ANY (@institutions::uuid[])
  AND (p.email ILIKE '%' || @sought::text || '%' OR coalesce(p.esi, '') ILIKE '%' || @sought || '%'
    OR f.given_names || ' ' || f.family_names || ' ' || f.given_names ILIKE '%' || @sought || '%')
ORDER BY f.family_names COLLATE "und-x-icu", f.given_names COLLATE "und-x-icu", p.id LIMIT @most;

-- name: OfficePerson :one
SELECT p.id, p.email, coalesce(p.esi, '')::text AS esi, p.language, f.institution_id, f.given_names, f.family_names, f.birth_date, f.nationality, f.phone
FROM persons p JOIN person_facts f ON f.person_id = p.id
WHERE p.id = @id AND f.institution_id = ANY (@institutions::uuid[]) ORDER BY f.institution_id LIMIT 1;

-- name: OfficeAffiliations :many
SELECT a.kind, a.cycle, a.field, a.year, a.average, a.credits, a.imported_at, u.code, u.name AS unit
FROM affiliations a JOIN units u ON u.id = a.unit_id WHERE a.person_id = @person_id AND a.institution_id = ANY (@institutions::uuid[]) ORDER BY u.code;

-- name: OfficeRolesOf :many
SELECT r.role, coalesce(u.code, '')::text AS unit, r.valid_from, r.valid_to FROM roles r LEFT JOIN units u ON u.id = r.unit_id
WHERE r.person_id = @person_id AND r.institution_id = ANY (@institutions::uuid[]) ORDER BY r.valid_from;

-- name: OfficeRegistrations :many
SELECT r.id, r.email, r.given_names, r.family_names, r.asked_at, r.status, c.title, u.name AS unit, c.registration
FROM registrations r JOIN calls c ON c.id = r.call_id JOIN units u ON u.id = r.unit_id
WHERE r.institution_id = ANY (@institutions::uuid[]) AND r.status = 'pending' ORDER BY r.asked_at;

-- name: AdminDefinitions :many
SELECT d.id, d.name, d.version, d.loaded_at, (d.institution_id IS NOT NULL)::bool AS own,
  (SELECT count(*) FROM calls c WHERE c.definition_id = d.id AND c.institution_id = ANY (@institutions::uuid[]))::int AS calls
FROM definitions d WHERE d.institution_id IS NULL OR d.institution_id = ANY (@institutions::uuid[]) ORDER BY d.name, d.version DESC;

-- name: AdminPins :many
SELECT c.id, c.title, c.academic_year, c.opened_at, d.id AS definition_id, d.name, d.version
FROM calls c JOIN definitions d ON d.id = c.definition_id
WHERE c.institution_id = ANY (@institutions::uuid[]) ORDER BY d.name, c.academic_year DESC, c.id;

-- name: AdminUnits :many
SELECT u.id, u.parent_id, u.code, u.name, i.name AS institution,
  (SELECT count(*) FROM affiliations a WHERE a.unit_id = u.id AND a.kind = 'student')::int AS students,
  (SELECT count(*) FROM affiliations a WHERE a.unit_id = u.id AND a.kind = 'staff')::int AS staff
FROM units u JOIN institutions i ON i.id = u.institution_id WHERE u.institution_id = ANY (@institutions::uuid[]) ORDER BY i.name, u.code;

-- name: AdminRoles :many
SELECT r.id, r.role, r.valid_from, r.valid_to, coalesce(u.code, '')::text AS unit, c.title AS call, p.id AS person_id, p.email,
  coalesce(trim(f.given_names || ' ' || f.family_names), '')::text AS name
FROM roles r JOIN persons p ON p.id = r.person_id
LEFT JOIN person_facts f ON f.person_id = r.person_id AND f.institution_id = r.institution_id
LEFT JOIN units u ON u.id = r.unit_id LEFT JOIN calls c ON c.id = r.call_id
WHERE r.institution_id = ANY (@institutions::uuid[]) ORDER BY r.valid_to IS NOT NULL, r.role, f.family_names COLLATE "und-x-icu", r.id;
