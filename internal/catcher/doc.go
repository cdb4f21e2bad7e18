// Package catcher is a mail server that keeps what it is given: the demo's
// inbox, and the server under test control against which sending is proven. It
// listens on the loopback interface only and delivers nothing to anybody.
package catcher
