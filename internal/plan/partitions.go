package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Partitions is an ascending list of partition numbers without repetition, written compactly: "0-7,9".
type Partitions []int32

// String writes ranges of three and more, and of two, with a hyphen.
func (p Partitions) String() string {
	var b strings.Builder
	for i := 0; i < len(p); {
		j := i
		for j+1 < len(p) && p[j+1] == p[j]+1 {
			j++
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(int(p[i])))
		if j > i {
			b.WriteByte('-')
			b.WriteString(strconv.Itoa(int(p[j])))
		}
		i = j + 1
	}
	return b.String()
}

// MarshalText implements encoding.TextMarshaler.
func (p Partitions) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// maxPartitions bounds what one written list may expand to, so that a damaged plan cannot exhaust memory.
const maxPartitions = 1 << 20

// UnmarshalText reads what MarshalText writes, and refuses anything that is not ascending.
func (p *Partitions) UnmarshalText(text []byte) error {
	var read Partitions
	if len(text) == 0 {
		*p = read
		return nil
	}
	for part := range strings.SplitSeq(string(text), ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		first, err1 := strconv.ParseInt(from, 10, 32)
		last, err2 := strconv.ParseInt(to, 10, 32)
		if err1 != nil || err2 != nil || last < first || first < 0 || int(last-first)+len(read) >= maxPartitions {
			return fmt.Errorf("partitions %q are not a list such as 0-7,9", text)
		}
		for n := first; n <= last; n++ {
			read = append(read, int32(n))
		}
	}
	if !slices.IsSorted(read) || len(slices.Compact(slices.Clone(read))) != len(read) {
		return fmt.Errorf("partitions %q are not ascending", text)
	}
	*p = read
	return nil
}
