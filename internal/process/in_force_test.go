package process_test

import (
	"testing"

	"peregrine/internal/testkit"
)

// inForce says which deadlines hold for each application as one reads it:
// application by application. The view says it so that it is fast to ask.
const inForce = `
	SELECT a.id, d.kind, d.id AS deadline FROM applications a JOIN deadlines d ON d.application_id = a.id
	UNION ALL
	SELECT a.id, d.kind, d.id FROM applications a JOIN deadlines d ON d.round_id = a.round_id
	WHERE NOT EXISTS (SELECT 1 FROM deadlines own WHERE own.application_id = a.id AND own.kind = d.kind)
	UNION ALL
	SELECT o.application_id, d.kind, d.id FROM offers o JOIN deadlines d ON d.offer_id = o.id WHERE o.status = 'open'
	UNION ALL
	SELECT a.id, d.kind, d.id FROM applications a JOIN deadlines d ON d.destination_id = coalesce(
		(SELECT o.destination_id FROM offers o WHERE o.application_id = a.id AND o.status IN ('open', 'confirmed')),
		(SELECT n.destination_id FROM nominations n WHERE n.application_id = a.id AND n.status IN ('draft', 'sent', 'accepted')))
	UNION ALL
	SELECT w.application_id, 'reserve_ends', w.id FROM (SELECT DISTINCT ON (r.application_id) r.application_id, d.id
		FROM reserve_places r JOIN deadlines d ON d.destination_id = r.destination_id AND d.kind = 'host_nomination'
		WHERE r.ended_at IS NULL ORDER BY r.application_id, d.closes_at DESC, d.id DESC) w`

// deadlinesAgree proves that the view says the same, with the state beside it.
func deadlinesAgree(t *testing.T, w *testkit.World) {
	t.Helper()
	for _, sql := range []string{
		`SELECT count(*)::int FROM (SELECT * FROM (` + inForce + `) slow EXCEPT ALL SELECT application_id, kind, deadline_id FROM deadlines_in_force) x`,
		`SELECT count(*)::int FROM (SELECT application_id, kind, deadline_id FROM deadlines_in_force EXCEPT ALL SELECT * FROM (` + inForce + `) slow) x`,
		`SELECT count(*)::int FROM deadlines_in_force f JOIN applications a ON a.id = f.application_id WHERE (a.state, a.definition_id) <> (f.state, f.definition_id)`,
	} {
		if n := testkit.One[int](w, sql); n != 0 {
			t.Errorf("the view is wrong about %d deadlines: %s", n, sql)
		}
	}
}
