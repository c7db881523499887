package snapfile

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/internal/snapshot"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func written(t rapid.TB, c *snapshot.Cluster) string {
	var b bytes.Buffer
	if err := Write(&b, c); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestReadsWhatItWrites: whatever was seen comes back, through plain and compressed streams, and is written alike again.
func TestReadsWhatItWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCluster(t)
		text := written(t, c)
		back, err := Read(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if diff := cmp.Diff(c, back, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("the snapshot changed on its way:\n%s\n%s", diff, text)
		}
		if back.Digest() != c.Digest() {
			t.Fatal("the digest changed on its way")
		}
		var z bytes.Buffer
		if err := Compress(&z, back); err != nil {
			t.Fatal(err)
		}
		again, err := Decompress(&z)
		if err != nil {
			t.Fatal(err)
		}
		if other := written(t, again); other != text {
			t.Fatalf("written again it differs:\n%s\n%s", text, other)
		}
	})
}

// TestEqualViewsHaveEqualBytes: in which order rows were read does not show.
func TestEqualViewsHaveEqualBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCluster(t)
		text := written(t, c)
		for _, d := range c.Datasources {
			d.Segments = rapid.Permutation(d.Segments).Draw(t, "order")
		}
		c.Finish()
		if written(t, c) != text {
			t.Fatal("another order of reading gives other bytes")
		}
		var z, again bytes.Buffer
		if err := errors.Join(Compress(&z, c), Compress(&again, c)); err != nil || !bytes.Equal(z.Bytes(), again.Bytes()) {
			t.Fatalf("compressed twice it differs (%v)", err)
		}
	})
}

// TestScanReadsAsParseDoes: the fast way and the slow way say the same of every line that both read.
func TestScanReadsAsParseDoes(t *testing.T) {
	scanned := 0
	rapid.Check(t, func(t *rapid.T) {
		d := drawDatasource(t, "a")
		w := newLineWriter(d)
		var last parts
		for i := range d.Segments {
			line := string(w.segment(nil, &d.Segments[i]))
			var fast, slow parts
			if err := slow.parse(line, "a"); err != nil {
				t.Fatalf("%v\n%s", err, line)
			}
			if fast.scan(line, w.head, &last) {
				scanned++
				if fast != slow {
					t.Fatalf("got %+v\nand %+v\nof %s", fast, slow, line)
				}
			}
			last = slow
		}
	})
	if scanned == 0 {
		t.Error("no line was read the fast way")
	}
}

// TestCutAnywhereIsRefused: no beginning of a file passes for the whole one.
func TestCutAnywhereIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCluster(t)
		text := written(t, c)
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		if got, err := Read(strings.NewReader(text[:at])); err == nil {
			t.Fatalf("%d of %d bytes were taken for a snapshot of %d datasources", at, len(text), len(got.Datasources))
		}
		var z bytes.Buffer
		if err := Compress(&z, c); err != nil {
			t.Fatal(err)
		}
		at = rapid.IntRange(0, z.Len()-1).Draw(t, "compressed at")
		if _, err := Decompress(bytes.NewReader(z.Bytes()[:at])); err == nil {
			t.Fatalf("%d of %d compressed bytes were taken for a snapshot", at, z.Len())
		}
	})
}

const (
	first   = `{"format":"coppice snapshot","format_version":"1.3","cluster":"prod","taken_at":"2026-01-01T00:00:00.000Z","datasources":[{"name":"a","segments":2,"later":1}],"later":{}}`
	day1    = `{"datasource":"a","interval":"2026-01-01T00:00:00.000Z/2026-01-02T00:00:00.000Z","version":"v","partition":0,"used":true}`
	day2    = `{"datasource":"a","interval":"2026-01-02T00:00:00.000Z/2026-01-03T00:00:00.000Z","version":"v","partition":0,"used":false}`
	another = `{"datasource":"b","interval":"2026-01-02T00:00:00.000Z/2026-01-03T00:00:00.000Z","version":"v","partition":0,"used":false}`
)

func TestRefuses(t *testing.T) {
	lines := func(l ...string) string { return strings.Join(l, "\n") + "\n" }
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "line 1: this is not a coppice snapshot"},
		{"something else", "{\"a\":1}\n", "line 1: this is not a coppice snapshot"},
		{"no JSON", "wikipedia\n", "line 1: this is not a coppice snapshot"},
		{"another major", lines(strings.Replace(first, "1.3", "2.0", 1)), `line 1: the snapshot has format "2.0", and this coppice reads 1.x`},
		{"no moment", lines(`{"format":"coppice snapshot","format_version":"1.0"}`), "line 1: bad header: taken_at is missing"},
		{"names out of order", lines(strings.Replace(first, `{"name":"a","segments":2`, `{"name":"b"},{"name":"a","segments":2`, 1)), `"b" and "a" are not in order`},
		{"cut between lines", lines(first, day1), "line 3: the snapshot was cut short: 1 of the 2 segments of a are there"},
		{"cut in a line", first + "\n" + day1 + "\n" + day2, "line 3: the snapshot was cut short: its last line has no end"},
		{"one too many", lines(first, day1, day2, another), "line 4: there are more lines than the header announces"},
		{"out of order", lines(first, day2, day1), "line 3: the segments are not in order"},
		{"twice", lines(first, day1, day1), "line 3: the segment stands in the line before already"},
		{"of another", lines(first, day1, another), `line 3: expected a segment of a, which the header announces, and found one of "b"`},
		{"no interval", lines(first, `{"datasource":"a"}`), "line 2: bad segment: interval is missing"},
		{"bad interval", lines(first, strings.Replace(day1, "2026-01-02", "2025-01-02", 1)), "line 2: bad segment: "},
		{"below zero", lines(first, strings.Replace(day1, `"partition":0`, `"partition":-1`, 1)), "line 2: bad segment: partition is below 0"},
		{"no size", lines(first, strings.Replace(day1, "}", `,"shard":{"type":"none"}}`, 1)), "line 2: bad segment: bytes is missing"},
		{"no file", lines(first, strings.Replace(day1, "}", `,"bytes":1,"file":"0000000000000000","shard":{"type":"none"}}`, 1)), "16 hexadecimal digits above 0"},
		{"empty line", lines(first, "", day1), "line 2: bad segment: "},
	} {
		_, err := Read(strings.NewReader(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
}

// TestLaterMinorsAreRead: unknown keys are ignored, in the header and in lines, and an unknown kind of shard spec is one
// that cannot be judged.
func TestLaterMinorsAreRead(t *testing.T) {
	line := strings.Replace(day1, `"used":true}`, `"used":true,"bytes":7,"shard":{"type":"fractal","depth":2},"later":[{"}":1}]}`, 1)
	c, err := Read(strings.NewReader(first + "\n" + line + "\n" + day2 + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	d := c.Find("a")
	if len(d.Segments) != 2 || !d.Segments[0].Has(snapshot.Details|snapshot.Used) || d.Segments[0].Bytes != 7 || d.Shards[0].Kind != 0 {
		t.Errorf("got %+v, shards %+v", d.Segments, d.Shards)
	}
}

func TestSaveAndLoad(t *testing.T) {
	c, err := Read(strings.NewReader(first + "\n" + day1 + "\n" + day2 + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for _, name := range []string{"s.jsonl", "s.jsonl.zst"} {
		path := filepath.Join(folder, name)
		if err := Save(path, c); err != nil {
			t.Fatal(err)
		}
		back, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, back); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
		}
	}
	if err := Save(filepath.Join(folder, "s.json"), c); err == nil || !strings.Contains(err.Error(), ".jsonl.zst") {
		t.Errorf("got %v, want the names that are possible", err)
	}
	if _, err := Load(filepath.Join(folder, "none.jsonl")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// FuzzRead: whatever is read is written and read again as the same, and nothing makes it fail otherwise than with an error.
func FuzzRead(f *testing.F) {
	f.Add(first + "\n" + day1 + "\n" + day2 + "\n")
	f.Add(strings.Replace(first, `"segments":2`, `"segments":1`, 1) + "\n" + strings.Replace(day1, "}", `,"bytes":1,"file":"00000000000000ff","shard":{"type":"numbered","has_core":true,"core":2},"root":"r","odd":true}`, 1) + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Read(strings.NewReader(text))
		if err != nil {
			return
		}
		again, err := Read(strings.NewReader(written(t, c)))
		if err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		if c.Digest() != again.Digest() {
			t.Fatal("what was read differs when it is read again")
		}
	})
}

// FuzzLine: a line that is read the fast way is read the slow way too, and as the same.
func FuzzLine(f *testing.F) {
	full := strings.Replace(day1, "}", `,"created_at":"2026-01-01T00:00:00.000Z","marked_at":"2026-01-02T00:00:00.000Z","bytes":12,"file":"00000000000000ff","shard":{"type":"numbered","has_core":true,"core":2},"root":"r","odd":true}`, 1)
	for _, line := range []string{day1, day2, full, strings.Replace(full, `"r"`, `"a\"b"`, 1), strings.Replace(full, "2026-01-01T00:00:00.000Z/", "2026-01-01T00:00:00.0001Z/", 1)} {
		f.Add(line, full)
	}
	head := newLineWriter(&snapshot.Datasource{Name: "a"}).head
	f.Fuzz(func(t *testing.T, line, before string) {
		var last, fast, slow parts
		if err := last.parse(before, "a"); err != nil {
			last = parts{}
		}
		if !fast.scan(line, head, &last) {
			return
		}
		if _, err := parseShard(fast.shard); fast.shard != "" && err != nil {
			return // the reader refuses it a step later
		}
		if err := slow.parse(line, "a"); err != nil || fast != slow {
			t.Fatalf("got %+v\nand %+v, %v\nof %s", fast, slow, err, line)
		}
	})
}
