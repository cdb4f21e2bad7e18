//go:build !linux

package localpg

import "syscall"

// dieWithParent does nothing: only Linux tells a child of its parent's death.
// Elsewhere the next start stops what a killed process left behind.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}
