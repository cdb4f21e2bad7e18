// Package figures measures what the product is held to, at full size on a
// real database, and prints one table of ratios: to what the same machine can
// do without us, in the same run. make bench runs it. Nothing here fails for
// being slow; a figure that cannot be taken fails.
//
// Everything is in its test files, so that nothing of it is in the product.
package figures
