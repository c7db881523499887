package render

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestNameWords(t *testing.T) {
	cases := []struct {
		names []string
		limit int
		want  string
	}{
		{[]string{"b", "a"}, 0, "a, b"},
		{[]string{"web_09", "web_10", "web_08"}, 0, "web_08 to web_10"},
		{[]string{"web_1", "web_2"}, 0, "web_1, web_2"},
		{[]string{"web_9", "web_10", "web_11"}, 0, "web_10, web_11, web_9"},
		{[]string{"w1", "w2", "w3", "w5", "x4"}, 0, "w1 to w3, w5, x4"},
		{[]string{"1", "2", "3"}, 0, "1 to 3"},
		{[]string{"w9223372036854775806", "w9223372036854775807", "w9223372036854775808"}, 0,
			"w9223372036854775806, w9223372036854775807, w9223372036854775808"},
		{[]string{"a", "b", "c", "d1", "d2", "d3"}, 2, "a, b and 4 more"},
		{[]string{"a", "b", "c"}, 2, "a, b, c"},
	}
	for _, c := range cases {
		if got := nameWords(c.names, c.limit, asIs); got != c.want {
			t.Errorf("nameWords(%v, %d) = %q, want %q", c.names, c.limit, got, c.want)
		}
	}
}

// A span stands for exactly the names between its ends: what is read back is what was written.
func TestNameWordsReadBack(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		all := rapid.SliceOfNDistinct(rapid.Custom(func(r *rapid.T) string {
			return rapid.SampledFrom([]string{"a", "a_", "b"}).Draw(r, "head") + fmt.Sprintf("%0*d", rapid.IntRange(1, 3).Draw(r, "digits"), rapid.IntRange(0, 120).Draw(r, "number"))
		}), 1, 60, rapid.ID).Draw(r, "names")
		var read []string
		for word := range strings.SplitSeq(nameWords(all, 0, asIs), ", ") {
			first, last, span := strings.Cut(word, " to ")
			if !span {
				read = append(read, word)
				continue
			}
			head, digits := cutNumber(first)
			_, lastDigits := cutNumber(last)
			from, _ := strconv.Atoi(digits)
			to, _ := strconv.Atoi(lastDigits)
			for n := from; n <= to; n++ {
				read = append(read, fmt.Sprintf("%s%0*d", head, len(digits), n))
			}
		}
		if diff := cmp.Diff(slices.Sorted(slices.Values(all)), slices.Sorted(slices.Values(read))); diff != "" {
			r.Fatalf("read back (-want +got):\n%s", diff)
		}
	})
}
