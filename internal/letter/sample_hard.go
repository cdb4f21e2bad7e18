package letter

import (
	"strings"
	"time"
)

// hardSampler has a name written from right to left, markup in every text,
// and four choices.
func hardSampler() sampler {
	s := usualSampler()
	s.name = "hard"
	s.frame.Reader = Reader{Name: "محمد بن سلمان الحسيني", Zone: zone("Europe/Lisbon")}
	s.frame.Office.Institution = "Universidade de <b>Trás-os-Montes</b> e Alto Douro & Filhos"
	s.file.Call = "Výjezdy 2027/28 [klikni](https://evil.example) ![x](https://evil.example/p.png) *všichni*"
	s.student = "Maria <script>alert(1)</script> Wolfeschlegelsteinhausenbergerdorff-Papadopoulou y García de la Concepción\r\nBcc: all@example.org"
	s.places = []Place{
		{"**Vilniaus kolegija** / Higher Education Institution `rm -rf`", "Vilnius", "LT", "full year 2027/28"},
		{"1. Instituto Politécnico de Beja", "Beja", "PT", "summer semester 2027/28"},
		{"Πανεπιστήμιο Πελοποννήσου", "Τρίπολη", "EL", "winter semester 2027/28"},
		{"Hochschule_für_angewandte_Wissenschaften # Deggendorf", "Deggendorf", "DE", "winter semester 2027/28"},
	}
	s.prose = "# Not a heading\r\n\r\n- not a list\n<img src=x onerror=alert(1)>\n1) first & foremost ](javascript:alert(1)) " +
		"and a line so long that it has to be broken somewhere before the seventy-third column of the plain text"
	s.until.ClosesAt = time.Date(2027, time.October, 31, 3, 0, 0, 0, s.until.Zone)
	return s
}

// longSampler has the longest of everything: names without a space to break
// at, and a reason of several paragraphs full of signs that are Markdown
// elsewhere.
func longSampler() sampler {
	s := usualSampler()
	s.name = "long"
	long := "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschafers"
	s.frame.Reader.Name = "Hubert Blaine " + long + "-" + long
	s.frame.Office.Institution = "Rheinisch-Westfälisch-Niederösterreichische Universität für Angewandte Kunst, Landwirtschaft und Verwaltungswissenschaften zu " + long
	s.frame.Office.Phone = "+420 500 000 000, +420 500 000 001, +420 500 000 002 (Mo–Fr 9–12)"
	s.file.Call = "Study stays 2027/28 of the Faculty of Regional Development and International Studies, second round, places left after the first (" + long + ")"
	s.student = "Hubert Blaine " + long
	s.places = []Place{{
		"Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch Institute of Technology and Applied Sciences",
		"Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch", "NL", "winter semester 2027/28",
	}}
	s.prose = Prose(strings.Repeat("The *transcript* of records (see §2.1 of the rules_of_the_call) is dated 2024-01-01 & lacks 12 of 60 credits; "+
		"write to [the office] <office@example.edu> or call +420 500 000 000 # before noon. ", 6) + "\n\n" + strings.Repeat(long, 3) + "\n\n> quoted | 1. numbered `code` ~~struck~~ " + long)
	return s
}

// singleSampler is somebody with one name and one choice.
func singleSampler() sampler {
	s := usualSampler()
	s.name = "single"
	s.frame.Reader.Name, s.student = "Suharto", "Suharto"
	s.places = s.places[1:]
	s.prose = "Yes."
	return s
}
