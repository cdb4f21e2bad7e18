-- Who is asking: sign-in by mail, sessions, roles. Times here are the system clock's, except where
-- a name says business.

-- name: CountUse :one
-- Counts one more use of key in the running hour.
INSERT INTO rate_counters (key, period, count) VALUES (@key, date_trunc('hour', now()), 1)
ON CONFLICT (key, period) DO UPDATE SET count = rate_counters.count + 1
RETURNING count;

-- name: PersonOfAddress :one
SELECT id FROM persons WHERE lower(email) = lower(@email) AND erased_at IS NULL;

-- name: OwnDeadlineAhead :one
-- The deadline by which this person's application is submitted, if it has not passed.
SELECT d.application_id, d.closes_at FROM deadlines_in_force d JOIN applications a ON a.id = d.application_id
WHERE a.id = @application_id AND a.person_id = @person_id AND d.kind = 'closes'
  AND d.closes_at > @business_now::timestamptz
ORDER BY d.closes_at LIMIT 1;

-- name: AddSignIn :exec
INSERT INTO sign_ins (id, email, person_id, language, application_id, late_until, expires_at)
VALUES (@id, @email, sqlc.narg(person_id), @language, sqlc.narg(application_id), sqlc.narg(late_until), now() + make_interval(secs => @seconds::double precision));

-- name: MakeSignIn :one
-- A retry makes the secrets anew; those of an attempt that failed are good for nothing then.
UPDATE sign_ins s SET token_hash = @token_hash, code_hash = @code_hash, mail_key = @mail_key
FROM persons p
WHERE s.id = @id AND s.used_at IS NULL AND s.expires_at > now() AND p.id = s.person_id AND p.erased_at IS NULL
RETURNING p.id AS person_id, p.email, s.language, s.late_until, s.application_id,
  round(extract(epoch FROM s.expires_at - now()) / 60)::int AS minutes;

-- name: UseSignInLink :one
-- Zero rows: it was used, has expired, or never was. Whoever follows the link reads mail at that address.
WITH used AS (
  UPDATE sign_ins s SET used_at = now()
  FROM persons p
  WHERE s.token_hash = @token_hash AND s.used_at IS NULL AND s.expires_at > now() AND p.id = s.person_id AND p.erased_at IS NULL
  RETURNING p.id AS person_id, p.email, s.late_until, s.application_id),
works AS (UPDATE address_bounces b SET works_at = business_now() FROM used WHERE b.person_id = used.person_id AND lower(b.address) = lower(used.email) AND b.works_at IS NULL)
SELECT person_id, late_until, application_id FROM used;

-- name: SignInOfLink :one
SELECT (used_at IS NOT NULL)::bool AS used, (expires_at <= now())::bool AS expired FROM sign_ins WHERE token_hash = @token_hash;

-- name: TrySignInCode :one
-- Takes one of the tries, also for an address nobody has.
UPDATE sign_ins SET tries = tries + 1
WHERE id = @id AND used_at IS NULL AND expires_at > now() AND tries < @most::int
RETURNING person_id, code_hash, late_until, application_id;

-- name: UseSignInCode :one
-- No row: somebody was quicker. Whoever types the code reads mail at that address.
WITH used AS (
  UPDATE sign_ins s SET used_at = now()
  FROM persons p
  WHERE s.id = @id AND s.used_at IS NULL AND p.id = s.person_id AND p.erased_at IS NULL
  RETURNING p.id AS person_id, p.email),
works AS (UPDATE address_bounces b SET works_at = business_now() FROM used WHERE b.person_id = used.person_id AND lower(b.address) = lower(used.email) AND b.works_at IS NULL)
SELECT count(*)::int AS number FROM used;

-- name: FindSession :one
SELECT data FROM sessions WHERE token_hash = @token_hash AND expires_at > now();

-- name: AddSession :exec
INSERT INTO sessions (token_hash, person_id, data, expires_at) VALUES (@token_hash, @person_id, @data, @expires_at);

-- name: EndSession :exec
DELETE FROM sessions WHERE token_hash = @token_hash;

-- name: EndSessionsOf :execrows
DELETE FROM sessions WHERE person_id = @person_id;

-- name: SessionsOf :many
SELECT token_hash, data, expires_at FROM sessions WHERE person_id = @person_id AND expires_at > now() ORDER BY expires_at DESC;

-- name: SignedInPerson :one
-- Name, and the zone of who chose none, come from the institution that knows the person best: one where they have a role, else
-- are affiliated, else any; always the same one. With each role in force on the business clock, its unit and all
-- below; UNION, not UNION ALL: a ring of units ends there.
WITH RECURSIVE below AS (
  SELECT g.id AS role_id, u.id AS unit_id FROM roles g JOIN units u ON u.id = g.unit_id WHERE g.person_id = @id
  UNION
  SELECT b.role_id, c.id FROM below b JOIN units c ON c.parent_id = b.unit_id
)
SELECT p.id, p.email, p.language,
  coalesce(nullif(trim(f.given_names || ' ' || f.family_names), ''), p.email)::text AS name,
  coalesce(nullif(p.time_zone, ''), i.time_zone, 'UTC')::text AS time_zone, coalesce(i.language, '')::text AS institution_language,
  (SELECT count(*) FROM notices n WHERE n.person_id = p.id AND n.read_at IS NULL)::int AS unread,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('role', r.role, 'institution', r.institution_id, 'unit', r.unit_id, 'call', r.call_id,
      'units', (SELECT coalesce(jsonb_agg(b.unit_id ORDER BY b.unit_id), '[]') FROM below b WHERE b.role_id = r.id)) ORDER BY r.id), '[]')
    FROM roles r WHERE r.person_id = p.id AND r.valid_from <= business_now() AND (r.valid_to IS NULL OR r.valid_to > business_now()))::jsonb AS grants
FROM persons p
LEFT JOIN LATERAL (
  SELECT x.institution_id, x.given_names, x.family_names FROM person_facts x WHERE x.person_id = p.id
  ORDER BY EXISTS (SELECT 1 FROM roles r WHERE r.person_id = p.id AND r.institution_id = x.institution_id) DESC,
    EXISTS (SELECT 1 FROM affiliations a WHERE a.person_id = p.id AND a.institution_id = x.institution_id) DESC, x.institution_id
  LIMIT 1) f ON true
LEFT JOIN institutions i ON i.id = f.institution_id
WHERE p.id = @id AND p.erased_at IS NULL;

-- name: SetPersonLanguage :exec
UPDATE persons SET language = @language WHERE id = @id AND erased_at IS NULL;

-- name: DemoPerson :one
-- Nobody, unless this database is a demo's.
SELECT p.id FROM persons p, installation i WHERE p.id = @id AND p.erased_at IS NULL AND i.kind = 'demo';

-- name: DatabaseTime :one
SELECT clock_timestamp()::timestamptz AS at;

-- name: SweepSessions :execrows
DELETE FROM sessions WHERE expires_at <= now();

-- name: SweepSignIns :execrows
DELETE FROM sign_ins WHERE asked_at < now() - interval '1 day';

-- name: SweepRateCounters :execrows
DELETE FROM rate_counters WHERE period < now() - interval '1 day';

-- name: SweepHostCodes :execrows
DELETE FROM host_codes WHERE asked_at < now() - interval '1 day';

-- name: ProlongSession :execrows
-- The only change a session knows. One that was ended meanwhile is not there any more and stays so.
UPDATE sessions SET data = @data, expires_at = @expires_at WHERE token_hash = @token_hash AND person_id = @person_id;
