package selection

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// waitingRoom reads a live reserve: places as in a tale; people one to a
// line, a name, then the destination held as "=X", and wishes in order of
// preference with the class and rank there, "X0/3".
func waitingRoom(until bool, places, people string) (ReserveState, []string) {
	in := tale(MethodDeferred, TiedID, places, "nobody")
	s := ReserveState{UntilConfirmed: until, Pools: in.Pools, Destinations: in.Destinations}
	var names []string
	for i, line := range strings.Split(strings.TrimSpace(people), "\n") {
		words := strings.Fields(line)
		names = append(names, words[0])
		w := Waiting{Applicant: id('a', byte(i))}
		for _, word := range words[1:] {
			switch class, rank, wish := strings.Cut(word[1:], "/"); {
			case word[0] == '=':
				w.Holds = id('d', word[1])
			case wish:
				c, _ := strconv.Atoi(class)
				r, _ := strconv.Atoi(rank)
				w.Wishes = append(w.Wishes, Stand{id('d', word[0]), c, r})
			default:
				w.Quotas = append(w.Quotas, word)
			}
		}
		s.Waiting = append(s.Waiting, w)
	}
	return s, names
}

// moves writes promotions as "ana:X" or, where something is given up,
// "ana:Y→X".
func moves(promoted []Promotion, names []string) string {
	var out []string
	for _, p := range promoted {
		from := ""
		if p.From != uuid.Nil {
			from = string(rune(p.From[15])) + "→"
		}
		out = append(out, fmt.Sprintf("%s:%s%c", names[p.Applicant[15]], from, p.Destination[15]))
	}
	return strings.Join(out, " ")
}

func TestPromoteByEitherRule(t *testing.T) {
	tests := map[string]struct {
		until                bool
		places, people, want string
	}{
		"none: the best-standing who waits": {false, "X:1", `
			ana X0/2
			bob X0/1`, "bob:X"},
		"none: put first by a correction, unplaced before decliners": {false, "X:2", `
			ana X2/1
			bob X1/9
			cid X0/9`, "bob:X cid:X"},
		"none: the better wish of two that are free": {false, "X:1 Y:1", `
			ana Y0/1 X0/1
			bob X0/2 Y0/2`, "ana:Y bob:X"},
		"none: each destination by its own order": {false, "X:1 Y:1", `
			ana X0/2 Y0/1
			bob Y0/2 X0/1`, "ana:X bob:Y"},
		"none: whoever holds an offer has left the reserve": {false, "X:1", `
			ana =Y X0/1
			bob X0/2`, "bob:X"},
		"none: a place needs room in every pool": {false, "X:1 Y:0 S:1=XY", `
			ana Y0/1 X0/5
			bob X0/2`, "bob:X"},
		"none: a quota for one group": {false, "X:2 U:0=X/law", `
			ana law X0/1
			bob X0/2`, "bob:X"},
		"none: crossing quotas, one by one": {false, "X:1 Y:1 S:1=XY U:1=Y/law W:1=XY/law", `
			ana law Y0/2 X0/3
			bob X0/1`, "bob:X"},
		"none: where nothing is known of a destination nothing is given": {false, "X:1", `
			ana Z0/1 X0/2`, "ana:X"},
		"until confirmed: a chain": {true, "X:1 Y:0 Z:0", `
			ana =Y X0/1
			bob =Z Y0/1
			cid Z0/1`, "ana:Y→X bob:Z→Y cid:Z"},
		"until confirmed: the better-standing waits where another holds nothing": {true, "X:1", `
			ana =Y X0/2
			bob X0/1`, "bob:X"},
		"until confirmed: straight to the best that comes free": {true, "X:1 Y:1", `
			ana =Z Y0/1 X0/1
			bob X0/2`, "ana:Z→Y bob:X"},
		"until confirmed: up again when more comes free": {true, "X:1 Y:0 Z:0", `
			ana Y0/1 Z0/1
			bob =Y X0/1
			cid =Z Y0/9`, "ana:Y bob:Y→X"},
		"until confirmed: nobody loses what they hold": {true, "X:0", `
			ana =X
			bob X0/1`, ""},
		"until confirmed: within a used-up pool the first in line may move": {true, "X:1 Y:1 S:0=XY", `
			ana =X Y0/1
			bob Y0/2`, "ana:X→Y"},
		"until confirmed: and nobody past others": {true, "X:1 Y:1 S:0=XY", `
			ana =X Y0/2
			bob Y0/1`, ""},
		"until confirmed: what is held without room is no place": {true, "X:-1 Y:1", `
			ana =X Y0/1
			bob X0/1`, "ana:X→Y"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, names := waitingRoom(tt.until, tt.places, tt.people)
			if got := moves(Promote(s), names); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			slices.Reverse(s.Waiting)
			slices.Reverse(s.Pools)
			slices.Reverse(s.Destinations)
			if got := moves(Promote(s), names); got != tt.want {
				t.Errorf("with rows the other way round got %s, want %s", got, tt.want)
			}
		})
	}
}
