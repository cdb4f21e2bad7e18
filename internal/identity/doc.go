// Package identity says who is asking. It lets people in by a link and a code
// sent by mail, keeps their sessions, turns a session into an Actor with the
// roles in force, and does the same for a host officer who comes by a
// personal link.
//
// It works on a pool of the work role and begins its own transactions, as
// credentials are no process. Secrets are made by the job that sends them and
// exist in the database only as hashes. What counts here is the system clock;
// only roles and the late window of a deadline follow the business clock.
// A login by a university's own service would end, like the others, in an
// Entrance.
package identity
