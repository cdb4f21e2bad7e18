-- What is asked before a result goes out.

-- name: BarredFromRanking :one
-- Whether a conflict of interest bars this person from a file of the ranking's round, and whether one bars
-- whoever computed it; one person cannot approve for themselves.
SELECT
  EXISTS (SELECT 1 FROM conflicts f JOIN applications a ON a.id = f.application_id
    WHERE a.round_id = r.round_id AND f.ended_at IS NULL AND f.person_id = @person_id) AS publisher,
  (r.computed_by = @person_id OR EXISTS (SELECT 1 FROM conflicts f JOIN applications a ON a.id = f.application_id
    WHERE a.round_id = r.round_id AND f.ended_at IS NULL AND f.person_id = r.computed_by))::bool AS computer
FROM rankings r WHERE r.id = @id;

-- name: DraftsStillOpen :one
-- Drafts that may yet be submitted though the round is closed: by a deadline of their own, or because
-- their owner asked in time to be let in.
SELECT count(*)::int AS number FROM applications a
JOIN deadlines_in_force f ON f.application_id = a.id AND f.kind = 'closes'
WHERE a.round_id = @round_id AND a.phase = 'draft' AND (f.closes_at > @now::timestamptz OR EXISTS (
  SELECT 1 FROM sign_ins s WHERE s.application_id = a.id AND s.late_until > @now::timestamptz));
