package snapfile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"coppice/internal/snapshot"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/klauspost/compress/zstd"
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
		again, err := Read(&z)
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

// readAlike reads a text in several ways that must not differ in what they give: the usual one, without the fast way, in
// pieces of any size, from frames of any size, and datasource by datasource.
func readAlike(t rapid.TB, text string, size int) (*snapshot.Cluster, error) {
	c, err := Read(strings.NewReader(text))
	for name, way := range map[string]func() (*snapshot.Cluster, error){
		"slowly": func() (*snapshot.Cluster, error) { return read(strings.NewReader(text), reading{usual.size, true}) },
		"pieces": func() (*snapshot.Cluster, error) { return read(strings.NewReader(text), reading{size, false}) },
		"frames": func() (*snapshot.Cluster, error) { return Read(bytes.NewReader(framed(text, size))) },
		"stream": func() (*snapshot.Cluster, error) {
			return read(bytes.NewReader(streamed(t, text)), reading{size, false})
		},
		"rows by and by": func() (*snapshot.Cluster, error) { return byAndBy(t, text, size) },
	} {
		other, otherErr := way()
		if diff := cmp.Diff(c, other); diff != "" || fmt.Sprint(err) != fmt.Sprint(otherErr) {
			t.Fatalf("read as %s it differs, %v and %v:\n%s\n%s", name, err, otherErr, diff, text)
		}
	}
	return c, err
}

// byAndBy reads the rows of each datasource for itself, last ones first, while the file is being read.
func byAndBy(t rapid.TB, text string, size int) (*snapshot.Cluster, error) {
	s, err := stream(strings.NewReader(text), reading{size, false}, func(err error) error { return err })
	if err != nil {
		return nil, err
	}
	c := *s.Cluster
	c.Datasources = nil
	for _, d := range slices.Backward(s.Cluster.Datasources) {
		whole := s.Rows(d)
		if c.Datasources = slices.Insert(c.Datasources, 0, whole); whole.Name != d.Name {
			t.Fatalf("asked for %s, and got %s", d.Name, whole.Name)
		}
	}
	if err := s.Wait(); err != nil {
		return nil, err
	}
	for n, d := range s.Cluster.Datasources {
		if len(d.Segments) > 0 || d.Elsewhere != len(c.Datasources[n].Segments) {
			t.Fatalf("%d rows and %d elsewhere, %d came", len(d.Segments), d.Elsewhere, len(c.Datasources[n].Segments))
		}
	}
	return &c, nil
}

// encoder is made once: it has large tables.
var encoder, _ = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(1<<16))

// framed compresses a text in frames of that size.
func framed(text string, size int) []byte {
	var file []byte
	for part := range slices.Chunk([]byte(text), size) {
		file = encoder.EncodeAll(part, file)
	}
	return file
}

// streamed compresses a text into one frame that does not say how long it is.
func streamed(t rapid.TB, text string) []byte {
	var b bytes.Buffer
	encoder.Reset(&b)
	half := len(text) / 2
	_, err := encoder.Write([]byte(text[:half]))
	_, alsoErr := encoder.Write([]byte(text[half:]))
	if err := errors.Join(err, alsoErr, encoder.Flush(), encoder.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestEveryWayReadsAlike: whatever becomes of a file on its way, all ways to read it agree on what it says, or on which
// line is wrong and why.
func TestEveryWayReadsAlike(t *testing.T) {
	read, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		lines := strings.SplitAfter(written(t, drawCluster(t)), "\n")
		for range rapid.IntRange(0, 2).Draw(t, "changes") {
			at, other := rapid.IntRange(0, len(lines)-1).Draw(t, "line"), rapid.IntRange(0, len(lines)-1).Draw(t, "other line")
			switch rapid.SampledFrom([]string{"drop", "repeat", "exchange", "bytes", "key"}).Draw(t, "change") {
			case "drop":
				lines[at] = ""
			case "repeat":
				lines[at] += lines[at]
			case "exchange":
				lines[at], lines[other] = lines[other], lines[at]
			case "key":
				lines[at] = strings.Replace(lines[at], "}\n", rapid.SampledFrom([]string{`,"later":1}`, `,"odd":true}`, ` }`, `,"root":"r"}`, `}}`}).Draw(t, "key")+"\n", 1)
			default:
				if text := []byte(lines[at]); len(text) > 0 {
					text[rapid.IntRange(0, len(text)-1).Draw(t, "byte")] = rapid.SampledFrom([]byte("0129-:}\"\\\n,{azt \x00")).Draw(t, "to")
					lines[at] = string(text)
				}
			}
		}
		if _, err := readAlike(t, strings.Join(lines, ""), rapid.SampledFrom([]int{1, 7, 100, 400}).Draw(t, "size")); err != nil {
			refused++
		} else {
			read++
		}
	})
	if read == 0 || refused == 0 {
		t.Errorf("%d files were read and %d refused, want some of each", read, refused)
	}
}

// TestUsualLinesAreReadFast: the fast way takes what a store has most of.
func TestUsualLinesAreReadFast(t *testing.T) {
	for _, line := range []string{day1, day2, full, strings.Replace(full, `,"odd":true`, "", 1), strings.Replace(full, `"version":"v"`, `"version":"2026-01-01T00:00:00.000Z"`, 1)} {
		s := scanner{names: (&header{Datasources: []datasource{{Name: "a"}}}).names()}
		if n := s.fast(&found{}, []byte(line+"\n")); n != len(line)+1 {
			t.Errorf("%d bytes are taken of %s", n, line)
		}
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
		if _, err := Read(bytes.NewReader(z.Bytes()[:at])); err == nil {
			t.Fatalf("%d of %d compressed bytes were taken for a snapshot", at, z.Len())
		}
	})
}

const (
	first   = `{"format":"coppice snapshot","format_version":"1.3","cluster":"prod","taken_at":"2026-01-01T00:00:00.000Z","datasources":[{"name":"a","segments":2,"later":1}],"later":{}}`
	day1    = `{"datasource":"a","interval":"2026-01-01T00:00:00.000Z/2026-01-02T00:00:00.000Z","version":"v","partition":0,"used":true}`
	day2    = `{"datasource":"a","interval":"2026-01-02T00:00:00.000Z/2026-01-03T00:00:00.000Z","version":"v","partition":0,"used":false}`
	full    = `{"datasource":"a","interval":"2026-01-01T00:00:00.000Z/2026-01-02T00:00:00.000Z","version":"v","partition":0,"used":true,"created_at":"2026-01-01T00:00:00.000Z","marked_at":"2026-01-02T00:00:00.000Z","bytes":12,"file":"00000000000000ff","shard":{"type":"numbered","has_core":true,"core":2},"root":"r","odd":true}`
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

// FuzzRead: whatever is read is written and read again as the same, all ways to read it agree, and nothing makes it fail
// otherwise than with an error.
func FuzzRead(f *testing.F) {
	f.Add(first+"\n"+day1+"\n"+day2+"\n", 100)
	f.Add(strings.Replace(first, `"segments":2`, `"segments":1`, 1)+"\n"+full+"\n", 7)
	for _, line := range []string{strings.Replace(full, `"r"`, `"a\"b"`, 1), strings.Replace(full, "2026-01-01T00:00:00.000Z/", "2026-01-01T00:00:00.0001Z/", 1), another} {
		f.Add(first+"\n"+full+"\n"+line+"\n", 300)
	}
	f.Fuzz(func(t *testing.T, text string, size int) {
		if size < 1 || size > 1000 || len(text)/size > 1000 {
			return
		}
		c, err := readAlike(t, text, size)
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

// FuzzCompressed: nothing that pretends to be compressed makes reading fail otherwise than with an error.
func FuzzCompressed(f *testing.F) {
	text := first + "\n" + day1 + "\n" + day2 + "\n"
	f.Add(framed(text, 100))
	f.Add(streamed(f, text))
	f.Fuzz(func(t *testing.T, file []byte) {
		c, err := Read(bytes.NewReader(file))
		if err == nil && written(t, c) == "" {
			t.Fatal("nothing was read")
		}
	})
}
