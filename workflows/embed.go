// Package workflows carries the lifecycle definitions that come with the
// product, and the schema by which editors help to write them.
package workflows

import "embed"

// Files holds every built-in definition and schema.json.
//
//go:embed *.yaml schema.json
var Files embed.FS
