-- What this database is: a demo's or a production one.

-- name: InstallationKind :one
SELECT kind FROM installation;

-- name: MarkInstallation :exec
-- The first mark holds.
INSERT INTO installation (kind) VALUES (@kind) ON CONFLICT DO NOTHING;
