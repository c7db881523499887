package planner

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"syscall"
	"testing"

	"github.com/klauspost/compress/zstd"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/snapfile"
	"coppice/internal/snapshot"
)

// fileInput is a cluster of so many segments in datasources of ten thousand, all of them managed: hourly data, a quarter
// of the hours with an old version below, the oldest twentieth behind the cutoff.
func fileInput(b *testing.B, size int) Input {
	const each, hour = 10_000, day / 24
	text := ""
	for n := range size / each {
		text += fmt.Sprintf("datasource \"events_%03d\" {\n  retention {\n    keep = \"P317D\"\n  }\n  kill {\n    superseded_after = \"P30D\"\n  }\n}\n", n)
	}
	base := loadConfig(b, text)
	c := &snapshot.Cluster{Name: "test", TakenAt: epoch, DruidVersion: "33.0.0", DefaultRules: snapshot.Rules{Set: true, HistoryComplete: true}}
	for n := range size / each {
		d := &snapshot.Datasource{Name: fmt.Sprintf("events_%03d", n), UnusedKnown: true, BusyKnown: true, Shards: []druid.ShardSpec{{Kind: druid.ShardNumbered, HasCore: true, CorePartitions: 1}}}
		d.Rules = snapshot.Rules{Set: true, List: base.Find(d.Name).Rules.List, HistoryComplete: true}
		for k := 0; len(d.Segments) < each; k++ {
			end := epoch - druid.Instant(k)*hour
			s := snapshot.Segment{Interval: druid.Interval{Start: end - hour, End: end}, MarkedAt: end + hour, CreatedAt: end + hour/2,
				Bytes: int64(n*k*7919) % 900_000_000, File: uint64(n*each+k+1) * 0x9e3779b97f4a7c15, Flags: snapshot.Details | snapshot.Used}
			for old := range 1 + min(1, (k+3)%4/3) {
				row := s
				row.Version = d.Versions.Add((end + hour - druid.Instant(old)).String())
				if old == 1 {
					row.Flags, row.File = snapshot.Details, row.File+1
				}
				d.Segments = append(d.Segments, row)
			}
		}
		c.Datasources = append(c.Datasources, d)
	}
	c.Finish()
	return Input{Config: base, Cluster: base.Clusters[0], Snapshot: c, Now: epoch, ToolVersion: "bench"}
}

// BenchmarkFile compares, over one compressed file: bare (decompress it and cut it into lines), read (a snapshot of it),
// and plan (the snapshot and its plan). Figures are per segment.
func BenchmarkFile(b *testing.B) {
	for _, size := range []int{100_000, 1_000_000} {
		in := fileInput(b, size)
		var file bytes.Buffer
		if err := snapfile.Compress(&file, in.Snapshot); err != nil {
			b.Fatal(err)
		}
		in.Snapshot = nil
		run := func(name string, work func(*config.Config) int) {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				perSegment(b, size, func() {
					if work(in.Config) < size {
						b.Fatal("something is missing")
					}
				})
				b.ReportMetric(float64(file.Len())/float64(size), "B/segment-of-file")
			})
		}
		run("bare", func(*config.Config) int { return bareLines(b, file.Bytes()) })
		run("read", func(*config.Config) int { return countRows(readFile(b, file.Bytes())) })
		run("plan", func(*config.Config) int {
			in := in
			in.Snapshot = readFile(b, file.Bytes())
			return int(Build(in).Cluster.Segments)
		})
	}
}

// perSegment reports what the work costs by the clock, and on all processors together: that does not depend on what else
// the machine does.
func perSegment(b *testing.B, size int, work func()) {
	b.ReportAllocs()
	before := processorTime(b)
	for b.Loop() {
		work()
	}
	n := float64(b.N) * float64(size)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n, "ns/segment")
	b.ReportMetric(float64(processorTime(b)-before)/n, "cpu-ns/segment")
}

func processorTime(b *testing.B) int64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return used.Utime.Nano() + used.Stime.Nano()
}

// BenchmarkForecast compares a year's forecast with the plan of the same cluster. Most of its segments are dropped within
// the year.
func BenchmarkForecast(b *testing.B) {
	for _, size := range []int{100_000, 1_000_000} {
		in := fileInput(b, size)
		b.Run(fmt.Sprintf("plan/%d", size), func(b *testing.B) {
			perSegment(b, size, func() { Build(in) })
		})
		b.Run(fmt.Sprintf("year/%d", size), func(b *testing.B) {
			perSegment(b, size, func() {
				if f := Forecast(in, in.Now+365*day); f.Summary.Drop.Segments < int64(size)/2 {
					b.Fatalf("got %+v", f.Summary)
				}
			})
		})
	}
}

func bareLines(b *testing.B, file []byte) int {
	z, err := zstd.NewReader(bytes.NewReader(file), zstd.WithDecoderConcurrency(1)) // on one core it costs least
	if err != nil {
		b.Fatal(err)
	}
	defer z.Close()
	lines, buffer := 0, make([]byte, 256<<10)
	for {
		n, err := z.Read(buffer)
		for rest := buffer[:n]; ; lines++ {
			at := bytes.IndexByte(rest, '\n')
			if at < 0 {
				break
			}
			rest = rest[at+1:]
		}
		if err == io.EOF {
			return lines
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func readFile(b *testing.B, file []byte) *snapshot.Cluster {
	c, err := snapfile.Read(bytes.NewReader(file))
	if err != nil {
		b.Fatal(err)
	}
	return c
}

func countRows(c *snapshot.Cluster) int {
	n := 0
	for _, d := range c.Datasources {
		n += len(d.Segments)
	}
	return n
}

// BenchmarkForecastUnderOne forecasts hours that all lie over one old segment, which is deleted after a day: until then
// every change looks at all of them.
func BenchmarkForecastUnderOne(b *testing.B) {
	for _, size := range []int{1_000, 2_000, 4_000, 8_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			in := fileInput(b, 10_000)
			d := in.Snapshot.Datasources[0]
			d.Segments = slices.DeleteFunc(d.Segments, func(s snapshot.Segment) bool { return !s.Has(snapshot.Used) })[:size]
			old := d.Segments[0]
			old.Interval.End, old.Flags, old.File, old.MarkedAt = d.Segments[size-1].Interval.End, snapshot.Details, 1, in.Now-29*day
			old.Version = d.Versions.Add("2000-01-01T00:00:00.000Z")
			d.Segments = append(d.Segments, old)
			d.Finish()
			perSegment(b, size, func() {
				if f := Forecast(in, in.Now+300*day); f.Summary.Drop.Segments == 0 || f.Summary.Kill.Segments == 0 {
					b.Fatalf("got %+v", f.Summary)
				}
			})
		})
	}
}
