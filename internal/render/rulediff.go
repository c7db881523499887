package render

import "coppice/internal/druid"

// ruleLine is one line of a diff between two rule lists.
type ruleLine struct {
	// sign is ' ' for a rule that stays, '~' for one that becomes another of its type, '-' and '+'.
	sign byte
	// before and after are the rules, each with its number (from 1); nil and 0 where there is none.
	before, after  *druid.Rule
	oldNum, newNum int
}

// maxDiffCells bounds the table of the longest common subsequence; longer lists are shown as all old, all new.
const maxDiffCells = 1 << 20

// diffRules compares by meaning (druid.Rule.Equal), and pairs what stands in the same place and has the same type.
func diffRules(before, after druid.RuleList) []ruleLine {
	var lines []ruleLine
	i, j := 0, 0
	for _, pair := range append(commonRules(before, after), [2]int{len(before), len(after)}) {
		lines = append(lines, replaced(before, after, i, pair[0], j, pair[1])...)
		i, j = pair[0], pair[1]
		if i < len(before) && j < len(after) {
			lines = append(lines, ruleLine{sign: ' ', before: &before[i], after: &after[j], oldNum: i + 1, newNum: j + 1})
			i, j = i+1, j+1
		}
	}
	return lines
}

// replaced are the lines for before[i:iEnd] giving way to after[j:jEnd].
func replaced(before, after druid.RuleList, i, iEnd, j, jEnd int) []ruleLine {
	var lines []ruleLine
	for i < iEnd && j < jEnd && before[i].Type == after[j].Type {
		lines = append(lines, ruleLine{sign: '~', before: &before[i], after: &after[j], oldNum: i + 1, newNum: j + 1})
		i, j = i+1, j+1
	}
	for ; i < iEnd; i++ {
		lines = append(lines, ruleLine{sign: '-', before: &before[i], oldNum: i + 1})
	}
	for ; j < jEnd; j++ {
		lines = append(lines, ruleLine{sign: '+', after: &after[j], newNum: j + 1})
	}
	return lines
}

// commonRules is a longest common subsequence as pairs of indexes, ascending.
func commonRules(before, after druid.RuleList) [][2]int {
	if (len(before)+1)*(len(after)+1) > maxDiffCells {
		return nil
	}
	lengths := commonLengths(before, after)
	var pairs [][2]int
	for i, j := 0, 0; i < len(before) && j < len(after); {
		switch {
		case before[i].Equal(after[j]):
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		case lengths[i+1][j] >= lengths[i][j+1]:
			i++
		default:
			j++
		}
	}
	return pairs
}

// commonLengths[i][j] is the length of the longest common subsequence of before[i:] and after[j:].
func commonLengths(before, after druid.RuleList) [][]int {
	lengths := make([][]int, len(before)+1)
	for i := range lengths {
		lengths[i] = make([]int, len(after)+1)
	}
	for i := len(before) - 1; i >= 0; i-- {
		for j := len(after) - 1; j >= 0; j-- {
			if before[i].Equal(after[j]) {
				lengths[i][j] = lengths[i+1][j+1] + 1
			} else {
				lengths[i][j] = max(lengths[i+1][j], lengths[i][j+1])
			}
		}
	}
	return lengths
}
