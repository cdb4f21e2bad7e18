package figures

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"golang.org/x/sync/errgroup"

	"peregrine/internal/fetch"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
)

// script is what one request did to the database, to be done again for other
// applications by bare clients.
type script []bareCall

// bareCall is a statement with its arguments as text. Where an id stands that
// belongs to the one application recorded, or was made for it, a mark stands
// in place of it; nil is NULL.
type bareCall struct {
	sql   string
	args  []*string
	types []string
}

// mark is the place of an id of this kind: see planted.
func mark(kind string) string { return "\x00" + kind + "\x00" }

var (
	aMark      = regexp.MustCompile("\x00(..)\x00")
	anID       = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	nameLine   = regexp.MustCompile(`(?m)^\s*--.*$`)
	lastOption = regexp.MustCompile(`set_config\('peregrine.host_documents', \$7, true\)`)
)

// script turns what is on the tape into a script for any application.
func (s *site) script(number int) script {
	s.T.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.URL)
	s.check(err)
	defer func() { _ = conn.Close(ctx) }()
	var out script
	kinds := map[string]string{planted(person, number).String(): person, planted(application, number).String(): application}
	for i, c := range s.tape.calls {
		// Bare clients hold one connection, of the work role; where the
		// product asks as the web role, it becomes that one in the
		// statement that says who asks.
		sql := strings.TrimSpace(nameLine.ReplaceAllString(c.sql, ""))
		sql = lastOption.ReplaceAllString(sql, "$0, set_config('role', '"+store.RoleWeb+"', true)")
		described, err := conn.Prepare(ctx, fmt.Sprint("script", i), sql)
		s.check(err)
		b := bareCall{sql: sql}
		for j, arg := range c.args {
			b.args = append(b.args, s.tape.mark(s.text(conn, described.ParamOIDs[j], arg), kinds))
			b.types = append(b.types, s.typeName(described.ParamOIDs[j]))
		}
		out = append(out, b)
	}
	return out
}

// text is an argument as it would be written, nil for NULL.
func (s *site) text(conn *pgx.Conn, oid uint32, arg any) *string {
	s.T.Helper()
	b, err := conn.TypeMap().Encode(oid, pgtype.TextFormatCode, arg, nil)
	s.check(err)
	if b == nil {
		return nil
	}
	text := string(b)
	return &text
}

func (s *site) typeName(oid uint32) string {
	return testkit.One[string](s.World, `SELECT format_type($1, NULL)`, oid)
}

// mark marks the ids in an argument that are of one kind, or were made while
// the tape ran.
func (t *tape) mark(text *string, kinds map[string]string) *string {
	if text == nil {
		return nil
	}
	marked := anID.ReplaceAllStringFunc(*text, func(id string) string {
		if _, known := kinds[id]; !known && t.made(uuid.MustParse(id)) {
			kinds[id] = strconv.Itoa(10 + len(kinds))
		}
		if kinds[id] == "" {
			return id
		}
		return mark(kinds[id])
	})
	return &marked
}

// made reports whether the id was made while the tape ran: ids of the product
// hold the time.
func (t *tape) made(id uuid.UUID) bool {
	seconds, _ := id.Time().UnixTime()
	return id.Version() == 7 && seconds >= t.since.Unix()
}

// load is how much bare clients do: each of them so many applications, from
// the first on.
type load struct{ clients, each, first int }

func (l load) total() int { return l.clients * l.each }

// bareLoop replays the script over as many connections as there are clients,
// and returns how many applications a second were done.
func (s *site) bareLoop(all script, l load) float64 {
	s.T.Helper()
	ctx := context.Background()
	conns := make([]*pgx.Conn, l.clients)
	for i := range conns {
		conns[i] = s.bareConn(ctx, all)
		defer func() { _ = conns[i].Close(ctx) }()
	}
	start := time.Now()
	var group errgroup.Group
	for i, conn := range conns {
		group.Go(func() error {
			for n := range l.each {
				if err := all.run(ctx, conn, l.first+i*l.each+n); err != nil {
					return err
				}
			}
			return nil
		})
	}
	s.check(group.Wait())
	return float64(l.total()) / time.Since(start).Seconds()
}

func (s *site) bareConn(ctx context.Context, all script) *pgx.Conn {
	s.T.Helper()
	conn, err := pgx.Connect(ctx, s.URL)
	s.check(err)
	_, err = conn.Exec(ctx, "SET ROLE "+store.RoleWork)
	s.check(err)
	for i, c := range all {
		_, err := conn.Prepare(ctx, fmt.Sprint("s", i), c.sql)
		s.check(err)
	}
	return conn
}

func (all script) run(ctx context.Context, conn *pgx.Conn, number int) error {
	for i, c := range all {
		values := make([][]byte, len(c.args))
		for j, arg := range c.args {
			if arg != nil {
				values[j] = []byte(aMark.ReplaceAllStringFunc(*arg, func(m string) string { return planted(m[1:3], number).String() }))
			}
		}
		if r := conn.PgConn().ExecPrepared(ctx, fmt.Sprint("s", i), values, nil, nil).Read(); r.Err != nil {
			return fmt.Errorf("%w: %s", r.Err, c.sql)
		}
	}
	return nil
}

// pgbench runs the script with pgbench, if that lies beside the server's
// programs and runs; ok is false if not.
func (s *site) pgbench(all script, l load) (perSecond float64, ok bool) {
	s.T.Helper()
	bin := testkit.One[string](s.World, `SELECT setting FROM pg_config() WHERE name = 'BINDIR'`)
	file := filepath.Join(s.T.TempDir(), "script.sql")
	s.check(os.WriteFile(file, []byte(all.pgbench()), 0o600))
	cmd := exec.Command(filepath.Join(bin, "pgbench"), "-n", "-M", "prepared", "-f", file, "-c", strconv.Itoa(l.clients), "-j", "2", "-t", strconv.Itoa(l.each),
		"-D", "i=-1", "-D", fmt.Sprint("each=", l.each), "-D", fmt.Sprint("first=", l.first), s.URL)
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PG") }), "PGOPTIONS=-c role="+store.RoleWork)
	if root := filepath.Join(bin, "../../../../.."); root != "/" {
		cmd.Env = append(cmd.Env, fetch.LibraryPath(root))
	}
	out, err := cmd.CombinedOutput()
	if os.IsNotExist(err) {
		return 0, false
	}
	found := regexp.MustCompile(`tps = ([0-9.]+) \(without`).FindSubmatch(out)
	if err != nil || found == nil {
		s.T.Logf("pgbench: %v: %s", err, out)
		return 0, false
	}
	perSecond, err = strconv.ParseFloat(string(found[1]), 64)
	s.check(err)
	return perSecond, true
}

// pgbench writes the script as pgbench reads it.
func (all script) pgbench() string {
	var b strings.Builder
	b.WriteString("\\set i :i + 1\n\\set n :first + :client_id * :each + :i\n")
	argument := regexp.MustCompile(`\$(\d+)`)
	for _, c := range all {
		b.WriteString(argument.ReplaceAllStringFunc(c.sql, func(ref string) string {
			j, _ := strconv.Atoi(ref[1:])
			return "(" + literal(c.args[j-1]) + ")::" + c.types[j-1]
		}))
		b.WriteString(";\n")
	}
	return b.String()
}

// literal writes an argument; a colon would begin a variable of pgbench.
func literal(arg *string) string {
	if arg == nil {
		return "NULL"
	}
	var parts []string
	rest := *arg
	for rest != "" || len(parts) == 0 {
		at := aMark.FindStringIndex(rest)
		if at == nil {
			return strings.Join(append(parts, quoted(rest)), " || ")
		}
		if at[0] > 0 {
			parts = append(parts, quoted(rest[:at[0]]))
		}
		parts = append(parts, "planted('"+rest[at[0]+1:at[0]+3]+"', :n)::text")
		rest = rest[at[1]:]
	}
	return strings.Join(parts, " || ")
}

func quoted(s string) string {
	return "E'" + strings.NewReplacer(`\`, `\\`, `'`, `''`, `:`, `\072`).Replace(s) + "'"
}
