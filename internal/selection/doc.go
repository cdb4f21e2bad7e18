// Package selection turns points and wishes into places. It is pure: no
// clock, no random source, no database; the same input gives the same bytes
// whatever the order of its rows.
//
// Allocate gives places out by one of seven methods and says for every wish
// what became of it and which rule decided. Promote hands freed places to the
// reserve. Package proof proves both against what is promised, without
// sharing code with either; docs/selection.md says what that is.
package selection
