package intake

// narrowFields are the narrow fields of ISCED-F 2013, by broad field. A
// detailed field adds one digit; 0 stands for "not further defined", 8 for
// inter-disciplinary, 9 for "not elsewhere classified".
var narrowFields = map[string]string{
	"00": "0123", "01": "1", "02": "123", "03": "12", "04": "12", "05": "1234",
	"06": "1", "07": "123", "08": "1234", "09": "12", "10": "1234",
}

// isced reads a field of 4 digits, or of no fewer than least.
func (c cell) isced(least int) string {
	if len(c.text) >= least && len(c.text) <= 4 && iscedKnown(c.text) {
		return c.text
	}
	// A spreadsheet that took 0311 for a number dropped its first digit.
	if len(c.text) == 3 && !iscedKnown(c.text) && iscedKnown("0"+c.text) {
		c.fail("intake.isced_zero_lost", map[string]any{"Code": "0" + c.text})
		return ""
	}
	code := "intake.isced"
	if least == 4 {
		code = "intake.isced_detailed"
	}
	c.fail(code, nil)
	return ""
}

func iscedKnown(code string) bool {
	for _, r := range code {
		if r < '0' || r > '9' {
			return false
		}
	}
	if len(code) < 2 {
		return false
	}
	narrow, ok := narrowFields[code[:2]]
	if !ok || len(code) == 2 {
		return ok
	}
	for _, digit := range narrow + "089" {
		if rune(code[2]) == digit {
			return true
		}
	}
	return false
}
