package health_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"peregrine/internal/health"
	"peregrine/internal/store"
)

// database answers as it is told.
type database struct {
	ahead      time.Duration
	version    int64
	time, says error
}

func (d database) DatabaseTime(context.Context) (time.Time, error) {
	return time.Now().Add(d.ahead), d.time
}
func (d database) DatabaseVersion(context.Context) (int64, error) { return d.version, d.says }

func TestAsk(t *testing.T) {
	t.Parallel()
	current, gone := store.Version(), errors.New("gone")
	for name, c := range map[string]struct {
		db   database
		want string // "": fit
	}{
		"fit":                {database{version: current}, ""},
		"half a second":      {database{version: current, ahead: 500 * time.Millisecond}, ""},
		"a clock ahead":      {database{version: current, ahead: time.Minute}, "apart"},
		"a clock behind":     {database{version: current, ahead: -time.Minute}, "apart"},
		"not yet migrated":   {database{version: current - 1}, "this program needs"},
		"migrated by newer":  {database{version: current + 1}, "this program needs"},
		"no database":        {database{time: gone}, "does not answer"},
		"a database of ours": {database{says: gone}, "does not say its version"},
	} {
		fault, cause := health.Ask(context.Background(), c.db, time.Now)
		if (fault == "") != (c.want == "") || !strings.Contains(fault, c.want) {
			t.Errorf("%s: %q", name, fault)
		}
		if gone := c.db.time != nil || c.db.says != nil; gone != (cause != nil) {
			t.Errorf("%s: cause %v", name, cause)
		}
	}
}
