package render

import (
	"fmt"
	"strconv"
	"strings"
)

// count writes thousands separators: 41870 is "41,870".
func count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// counted is a count with its noun: "1 segment", "41,870 segments". The plural adds an s.
func counted(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(n) + " " + noun + "s"
}

var sizeUnits = [...]string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}

// size writes bytes with one decimal of the largest binary unit that leaves at least 1: "12.6 TiB", "512 B".
func size(bytes int64) string {
	if bytes < 1024 {
		return strconv.FormatInt(bytes, 10) + " B"
	}
	value, unit := float64(bytes), 0
	// 1023.95 is where one decimal would round up to 1024.0.
	for value >= 1023.95 && unit < len(sizeUnits)-1 {
		value /= 1024
		unit++
	}
	return fmt.Sprintf("%.1f %s", value, sizeUnits[unit])
}

// percent writes part of whole with as many digits as are worth reading.
func percent(part, whole int64) string {
	if whole <= 0 {
		return ""
	}
	share := 100 * float64(part) / float64(whole)
	switch {
	case part == whole:
		return "100%"
	case share > 99.9:
		return "99.9%"
	case share < 0.1:
		return "under 0.1%"
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", share), ".0") + "%"
}
