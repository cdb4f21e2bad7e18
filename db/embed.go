// Package db carries the migrations of the database.
package db

import "embed"

// Migrations holds the numbered SQL files, in the order they are applied.
//
//go:embed migrations/*.sql
var Migrations embed.FS
