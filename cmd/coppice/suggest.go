package main

import "slices"

// nearest is the candidate that is at most two letters away from a word, the nearest first; empty when there is none.
func nearest(word string, candidates []string) string {
	best, distance := "", 3
	for _, one := range candidates {
		if d := edits(word, one); d < distance && d < len(one) {
			best, distance = one, d
		}
	}
	return best
}

// edits is the number of letters to add, remove or change to turn a into b (Levenshtein's distance).
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := slices.Clone(row)
		row[0] = i + 1
		for j := range len(b) {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, last[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
