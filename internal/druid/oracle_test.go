package druid

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// vector is one question that Druid's own classes answered: testdata/oracle/README.md.
type vector struct {
	Kind string          `json:"kind"`
	In   json.RawMessage `json:"in"`
	Out  json.RawMessage `json:"out"`
}

// verdict is how this package's answer compares with Druid's.
type verdict uint8

const (
	agrees verdict = iota
	differs
	refused
	notCompared
)

// judges say for each kind whether the answer agrees, and what was got.
var judges = []struct {
	kind  string
	judge func(in, out json.RawMessage) (verdict, string)
}{
	{"period", judgePeriod},
	{"interval", judgeInterval},
	{"rule", judgeRule},
	{"rulejson", judgeRuleJSON},
	{"chain", judgeChain},
	{"timeline", judgeTimeline},
	{"segmentid", judgeSegmentID},
}

// TestOracle puts every vector of COPPICE_ORACLE_VECTORS (default testdata/oracle) to this package.
func TestOracle(t *testing.T) {
	folder, handed := os.LookupEnv("COPPICE_ORACLE_VECTORS")
	if !handed {
		folder = filepath.Join("testdata", "oracle")
	}
	total := 0
	for _, k := range judges {
		t.Run(k.kind, func(t *testing.T) {
			var count, mismatches, refusals int
			eachVector(t, folder, k.kind, func(line string, v vector) {
				verdict, got := k.judge(v.In, v.Out)
				count++
				switch verdict {
				case refused:
					refusals++
				case differs:
					if mismatches++; mismatches <= 20 {
						t.Errorf("%s\n  got %s", shorten(line), got)
					}
				}
			})
			fmt.Printf("oracle: %d vectors of %s, %d mismatches, %d refused\n", count, k.kind, mismatches, refusals)
			if total += count; count == 0 && !handed {
				t.Errorf("no vectors of %s in %s", k.kind, folder)
			}
		})
	}
	if total == 0 {
		t.Errorf("no vectors in %s", folder)
	}
}

func shorten(line string) string {
	const most = 3000
	if len(line) > most {
		return line[:most] + "..."
	}
	return line
}

// eachVector reads KIND*.jsonl and KIND*.jsonl.gz of the folder.
func eachVector(t *testing.T, folder, kind string, visit func(line string, v vector)) {
	t.Helper()
	for _, pattern := range []string{kind + "*.jsonl", kind + "*.jsonl.gz"} {
		names, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			readVectors(t, name, kind, visit)
		}
	}
}

func readVectors(t *testing.T, name, kind string, visit func(line string, v vector)) {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var in io.Reader = file
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(file); err != nil {
			t.Fatal(err)
		}
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if v.Kind == kind && v.Out != nil {
			visit(lines.Text(), v)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// decode reads one half of a vector; int64 fields keep every bit.
func decode[T any](raw json.RawMessage) T {
	var value T
	if err := json.Unmarshal(raw, &value); err != nil {
		panic(fmt.Sprintf("vector %s: %v", raw, err))
	}
	return value
}

// compare is agrees or differs, with the value that was got.
func compare(same bool, got ...any) (verdict, string) {
	if same {
		return agrees, ""
	}
	return differs, fmt.Sprintln(got...)
}

// span makes an interval of the vectors' milliseconds.
func span(start, end int64) Interval { return Interval{Instant(start), Instant(end)} }
