-- How a host officer without an account comes in, and the line each visit leaves.

-- name: MakeHostLink :execrows
UPDATE host_links SET token_hash = @token_hash WHERE id = @id AND revoked_at IS NULL AND expires_at > now();

-- name: HostLinkOfToken :one
SELECT l.id, l.institution_id, l.call_id, l.host_institution_id, l.address, l.expires_at,
  (l.expires_at <= now())::bool AS expired, (l.revoked_at IS NOT NULL)::bool AS revoked,
  i.name AS home, coalesce(nullif(c.contact_email, ''), i.office_email)::text AS contact
FROM host_links l JOIN institutions i ON i.id = l.institution_id JOIN calls c ON c.id = l.call_id WHERE l.token_hash = @token_hash;

-- name: DeviceKnown :one
-- A device that gave a code sent to this address for this host needs no second one for a later link.
SELECT EXISTS (
  SELECT 1 FROM host_devices d JOIN host_links l ON l.id = d.host_link_id
  WHERE d.device_hash = @device_hash AND lower(l.address) = lower(@address) AND l.host_institution_id = @host_institution_id
    AND d.since > now() - interval '180 days')::bool AS known;

-- name: AddHostCode :execrows
INSERT INTO host_codes (id, host_link_id, asked_at, expires_at)
SELECT @id, l.id, now(), now() + make_interval(secs => @seconds::double precision)
FROM host_links l WHERE l.id = @host_link_id AND l.revoked_at IS NULL AND l.expires_at > now();

-- name: MakeHostCode :one
UPDATE host_codes c SET code_hash = @code_hash
FROM host_links l JOIN institutions h ON h.id = l.host_institution_id
WHERE c.id = @id AND c.used_at IS NULL AND c.expires_at > now() AND l.id = c.host_link_id AND l.revoked_at IS NULL AND l.expires_at > now()
RETURNING l.id AS host_link_id, l.institution_id, l.call_id, l.address, h.language,
  round(extract(epoch FROM c.expires_at - now()) / 60)::int AS minutes;

-- name: TryHostCode :one
-- Takes one of the tries of the newest code asked for on this link.
UPDATE host_codes c SET tries = c.tries + 1
WHERE c.id = (SELECT n.id FROM host_codes n WHERE n.host_link_id = @host_link_id ORDER BY n.asked_at DESC, n.id DESC LIMIT 1)
  AND c.used_at IS NULL AND c.expires_at > now() AND c.tries < @most::int
RETURNING c.id, c.code_hash;

-- name: UseHostCode :execrows
UPDATE host_codes c SET used_at = now()
FROM host_links l
WHERE c.id = @id AND c.used_at IS NULL AND l.id = c.host_link_id AND l.revoked_at IS NULL AND l.expires_at > now();

-- name: AddHostDevice :exec
INSERT INTO host_devices (device_hash, host_link_id, since) VALUES (@device_hash, @host_link_id, now());

-- name: AddAccessLine :exec
INSERT INTO access_lines (id, institution_id, actor_id, host_link_id, page, subject_ids, filter, count)
VALUES (@id, sqlc.narg(institution_id), sqlc.narg(actor_id), sqlc.narg(host_link_id), @page, @subject_ids, @filter, @count);
