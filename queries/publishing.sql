-- What is asked before a result goes out.

-- name: DraftsStillOpen :one
-- Drafts that may yet be submitted though the round is closed: by a deadline of their own, because their owner
-- asked in time to be let in, or within the grace period.
SELECT count(*)::int AS number FROM applications a
JOIN deadlines_in_force f ON f.application_id = a.id AND f.kind = 'closes'
WHERE a.round_id = @round_id AND a.phase = 'draft' AND (f.closes_at + make_interval(mins => @grace::int) > @now::timestamptz OR EXISTS (
  SELECT 1 FROM sign_ins s WHERE s.application_id = a.id AND s.late_until > @now::timestamptz));
