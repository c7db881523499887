package druid

import (
	"math"
	"strconv"
	"strings"
)

// SegmentID names one segment (org.apache.druid.timeline.SegmentId).
type SegmentID struct {
	DataSource string
	Interval   Interval
	Version    string
	Partition  int32
}

// String prints the id as Druid stores it: datasource, start, end, version and, unless it is 0, the partition number,
// joined by underscores.
func (id SegmentID) String() string {
	return string(id.Append(make([]byte, 0, len(id.DataSource)+len(id.Version)+64)))
}

// Append appends what String returns.
func (id SegmentID) Append(b []byte) []byte {
	b = append(append(b, id.DataSource...), '_')
	b = append(id.Interval.Start.append(b), '_')
	b = append(id.Interval.End.append(b), '_')
	b = append(b, id.Version...)
	if id.Partition != 0 {
		b = strconv.AppendInt(append(b, '_'), int64(id.Partition), 10)
	}
	return b
}

// ParseSegmentID reads an id of a known datasource (SegmentId.tryParse). A trailing piece of digits from 1 to the
// largest int is the partition, even if it was meant as the end of the version; so not every id prints back to itself.
func ParseSegmentID(dataSource, text string) (SegmentID, error) {
	rest, found := strings.CutPrefix(text, dataSource+"_")
	pieces := strings.SplitN(rest, "_", 3)
	if !found || len(pieces) < 3 {
		return SegmentID{}, &TextError{"segment id", text, "expected datasource_start_end_version"}
	}
	start, startOK := parseSegmentDate(pieces[0])
	end, endOK := parseSegmentDate(pieces[1])
	if !startOK || !endOK || start >= end {
		return SegmentID{}, &TextError{"segment id", text, "its interval is not two full date-times in order"}
	}
	id := SegmentID{DataSource: dataSource, Interval: Interval{Start: start, End: end}}
	id.Version, id.Partition = splitPartition(pieces[2])
	return id, nil
}

// splitPartition parts the number behind the last underscore off the version.
func splitPartition(text string) (version string, partition int32) {
	at := strings.LastIndexByte(text, '_')
	if at < 0 || at+1 == len(text) || !allDigits(text[at+1:]) {
		return text, 0
	}
	n, err := strconv.ParseInt(text[at+1:], 10, 64)
	if err != nil || n < 1 || n > math.MaxInt32 {
		return text, 0
	}
	return text[:at], int32(n)
}

// CompareVersions orders versions as Java compares strings: by UTF-16 code units. That differs from the order of bytes
// only where a character beyond U+FFFF meets one from U+E000 on.
func CompareVersions(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return compareLead(a[i], b[i])
		}
	}
	return len(a) - len(b)
}

// compareLead compares the first bytes that differ. 0xF0 and up lead characters beyond U+FFFF, which are surrogates
// (U+D800 to U+DFFF) in Java; 0xEE and 0xEF lead U+E000 to U+FFFF.
func compareLead(a, b byte) int {
	if a >= 0xEE && b >= 0xEE && (a >= 0xF0) != (b >= 0xF0) {
		return int(b) - int(a)
	}
	return int(a) - int(b)
}
