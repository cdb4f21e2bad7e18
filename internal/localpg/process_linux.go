package localpg

import "syscall"

// dieWithParent has the kernel send farewell when the parent dies.
func dieWithParent(attr *syscall.SysProcAttr, farewell syscall.Signal) { attr.Pdeathsig = farewell }
