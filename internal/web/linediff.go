package web

// side says in which of two texts a line stands.
type side int

const (
	both side = iota
	onlyOld
	onlyNew
)

type diffLine struct {
	text string
	side side
}

// differenceOf sets two texts beside each other by their longest common
// sequence of lines.
func differenceOf(old, current []string) []diffLine {
	common := make([][]int, len(old)+1) // longest common sequence of the rests
	for i := range common {
		common[i] = make([]int, len(current)+1)
	}
	for i := len(old) - 1; i >= 0; i-- {
		for j := len(current) - 1; j >= 0; j-- {
			if old[i] == current[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out []diffLine
	i, j := 0, 0
	for i < len(old) || j < len(current) {
		switch {
		case i < len(old) && j < len(current) && old[i] == current[j]:
			out = append(out, diffLine{old[i], both})
			i, j = i+1, j+1
		case j == len(current) || i < len(old) && common[i+1][j] >= common[i][j+1]:
			out = append(out, diffLine{old[i], onlyOld})
			i++
		default:
			out = append(out, diffLine{current[j], onlyNew})
			j++
		}
	}
	return out
}
