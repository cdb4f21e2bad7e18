package intake

import (
	_ "embed" // the lists that come with the program
	"fmt"
)

//go:embed data/eche-institutions.csv
var institutionsCSV []byte

//go:embed data/heroes-members.csv
var membersCSV []byte

// BuiltInInstitutions returns the European list that comes with the program
// (data/README.md says whose it is).
func BuiltInInstitutions() (File[Institution], error) {
	f, err := Institutions(institutionsCSV)
	if err != nil {
		return f, fmt.Errorf("built-in list of institutions: %w", err)
	}
	return f, nil
}

// Members returns the members of the HEROES alliance.
func Members() (File[Member], error) {
	f, err := AllianceMembers(membersCSV)
	if err != nil {
		return f, fmt.Errorf("built-in list of members: %w", err)
	}
	return f, nil
}
