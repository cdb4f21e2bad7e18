// Package process holds one file per thing that changes something: move an
// application, save a draft, compute and publish a ranking, import, open a
// call. It is the only package that begins a transaction for a change. Each
// process first proves under the reader's own eyes (the web role, row-level
// security) that the actor sees what is to change, then lets the same
// transaction act as the work role, decides by pure rules, and commits state,
// history, letters and jobs together. Nothing is sent or rendered here.
package process
