// Package selection turns points and wishes into places. It is pure: no
// clock, no random source, no database, no floating point; the same input
// gives the same bytes whatever the order of its rows and the number of
// processors.
//
// Allocate gives places out by one of seven methods and says for every wish
// what became of it and which rule decided. In a strict order, where points
// and chain leave nobody equal or id or lot decides, deferred acceptance gives
// everybody the best place that any stable result gives them: nobody stands
// before somebody at a place they wanted more, more points never harm, and no
// other order or part of one's own list does better. The list, the lottery and
// first come are the same with one order for all. First choices first promises
// only that of equal rounds the better goes first; stating another first wish
// can pay. Hardest first promises that no destination passes somebody over who
// asked for it and had nothing at its turn. By hand promises what the person
// decided. Refusing or admitting tied groups whole gives the lowest score
// limits that keep within the places, or begin within them, and promises
// neither that more points help nor that honesty pays; within quotas of
// several levels it is a declared procedure and no more.
//
// Promote hands freed places to the reserve by either declared rule. Package
// proof proves both against what is promised, without sharing code with
// either; docs/selection.md has every promise and its counter-examples.
package selection
