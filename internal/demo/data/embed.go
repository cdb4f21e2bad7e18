// Package data holds the files of the demo world: the units of MENDELU, its
// agreements, people and staff. They come in through the same import as an
// office's files. Institutions are real; agreements, places and deadlines are
// invented or after published ones, and all people are invented: their
// addresses end in .example, which no mail reaches.
package data

import _ "embed" // the files themselves

// Units of MENDELU: its five faculties and its institute (kind units).
//
//go:embed units-mendelu.csv
var Units []byte

// Agreements of MENDELU's faculties for study stays in 2027/28 (kind
// agreements). Deadlines of members of the alliance are the published ones
// where there are any.
//
//go:embed agreements-mendelu.csv
var Agreements []byte

// SpringAgreements are agreements of the Faculty of Business and Economics
// for the spring of 2028 alone (kind agreements).
//
//go:embed agreements-mendelu-pef.csv
var SpringAgreements []byte

// BIP is the agreement on a blended intensive programme at Fontys for the
// Faculty of Business and Economics (kind agreements).
//
//go:embed agreements-bip.csv
var BIP []byte

// People are MENDELU's students (kind people).
//
//go:embed people-mendelu.csv
var People []byte

// SpringPeople are those of them who apply for the spring of 2028 (kind
// people).
//
//go:embed people-mendelu-pef.csv
var SpringPeople []byte

// Staff are officers, coordinators and assessors, and the contacts of hosts
// (kind staff).
//
//go:embed staff.csv
var Staff []byte

// CallSpring is the call in the middle of its selection, in full.
//
//go:embed calls-spring.yaml
var CallSpring []byte

// CallStudy is the study-stay call that is open, in full.
//
//go:embed calls-study.yaml
var CallStudy []byte

// CallStudyEarly and CallStudyLastYear say only what is different in them.
//
//go:embed calls-study-early.yaml
var CallStudyEarly []byte

// CallStudyLastYear is the call of the year before.
//
//go:embed calls-study-last-year.yaml
var CallStudyLastYear []byte

// CallBIP is the call for the programme at Fontys.
//
//go:embed calls-bip.yaml
var CallBIP []byte

// Alliance is what the world of the whole alliance is made of: its members,
// how large they are, their units, and names as people have them there.
//
//go:embed alliance.yaml
var Alliance []byte

// CallAlliance is the call of that world, in full; every call of it says only
// what is different.
//
//go:embed calls-alliance.yaml
var CallAlliance []byte
