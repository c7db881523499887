package druid

import (
	"slices"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"
)

func TestParseSegmentID(t *testing.T) {
	const days = "2020-01-01T00:00:00.000Z_2020-01-02T00:00:00.000Z"
	day := mustInterval(t, "2020-01-01/2020-01-02")
	cases := []struct {
		name, dataSource, text string
		want                   SegmentID
	}{
		{"plain", "d", "d_" + days + "_v", SegmentID{"d", day, "v", 0}},
		{"partition", "d", "d_" + days + "_v_12", SegmentID{"d", day, "v", 12}},
		{"underscores everywhere", "a_b", "a_b_" + days + "_x_y_3", SegmentID{"a_b", day, "x_y", 3}},
		{"partition 0 belongs to the version", "d", "d_" + days + "_v_0", SegmentID{"d", day, "v_0", 0}},
		{"leading zeros", "d", "d_" + days + "_v_03", SegmentID{"d", day, "v", 3}},
		{"too large for a partition", "d", "d_" + days + "_v_2147483648", SegmentID{"d", day, "v_2147483648", 0}},
		{"sign", "d", "d_" + days + "_v_-1", SegmentID{"d", day, "v_-1", 0}},
		{"empty version", "d", "d_" + days + "__5", SegmentID{"d", day, "", 5}},
		{"a number is the version when there is no other", "d", "d_" + days + "_5", SegmentID{"d", day, "5", 0}},
		{"eternity", "d", SegmentID{"d", Eternity, "v", 1}.String(), SegmentID{"d", Eternity, "v", 1}},
		{"odd spelling of a date", "d", "d_2020-1-1T0:0:0.0z_2020-01-02T01:00:00.000+01:00_v", SegmentID{"d", day, "v", 0}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got, err := ParseSegmentID(c.dataSource, c.text); err != nil || got != c.want {
				t.Errorf("ParseSegmentID(%q) = %+v, %v, want %+v", c.text, got, err, c.want)
			}
		})
	}
	for _, text := range []string{"", "d", "d_", "e_" + days + "_v", "d_" + days, "d_2020-01-01_2020-01-02_v",
		"d_2020-01-02T00:00:00.000Z_2020-01-01T00:00:00.000Z_v", "d_2020-01-01T00:00:00.000Z_2020-01-01T00:00:00.000Z_v",
		"d_2020-01-01T00:00:00Z_2020-01-02T00:00:00Z_v", "d_2020-01-01T00:00:00.000_2020-01-02T00:00:00.000_v"} {
		if got, err := ParseSegmentID("d", text); err == nil {
			t.Errorf("ParseSegmentID(%q) = %+v, want an error", text, got)
		}
	}
}

// TestSegmentIDReadsBack: an id with a partition, or a version without underscore, always does.
func TestSegmentIDReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := rapid.Int64Range(int64(MinInstant), int64(MaxInstant)-1).Draw(t, "start")
		id := SegmentID{rapid.String().Draw(t, "datasource"), span(start, rapid.Int64Range(start+1, int64(MaxInstant)).Draw(t, "end")),
			rapid.String().Draw(t, "version"), rapid.Int32Min(1).Draw(t, "partition")}
		if back, err := ParseSegmentID(id.DataSource, id.String()); err != nil || back != id {
			t.Fatalf("%q reads back as %+v, %v", id, back, err)
		}
	})
}

// TestCompareVersionsEqualsUTF16 compares code unit by code unit, as String.compareTo does.
func TestCompareVersionsEqualsUTF16(t *testing.T) {
	word := rapid.StringOf(rapid.SampledFrom([]rune{'a', 'b', '\u00e9', '\u07ff', '\u0800', '\ud7ff', '\ue000', '\uefff', '\uf000', '\uffff',
		'\U00010000', '\U0010ffff', '\U0001f600'}))
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		want := slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
		if got := CompareVersions(a, b); (got < 0) != (want < 0) || (got > 0) != (want > 0) {
			t.Fatalf("CompareVersions(%q, %q) = %d, want %d", a, b, got, want)
		}
	})
}
