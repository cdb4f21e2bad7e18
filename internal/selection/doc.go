// Package selection turns points and wishes into places. It is pure: no
// clock, no random source, no database; the same input gives the same bytes
// whatever the order of its rows.
//
// A Scheme turns marks and a study average into points with a readable
// breakdown. Allocate walks the list down by points, tie chain and lot, and
// says for every wish what became of it and which rule decided. Verify proves
// a result against the promises of its method without sharing code with
// Allocate. Promote hands freed places to the reserve, VerifyPromotion proves
// that.
package selection
