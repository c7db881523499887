package planner

import (
	"fmt"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// overOne is a datasource of hourly segments, newest last, all over one long segment that never goes: one that the rules keep, or one
// that somebody marked, or an old version that nothing is to delete.
func overOne(t testing.TB, size int, below string) (Input, druid.Instant) {
	kill := "superseded_after = \"P1D\"\n"
	if below == "superseded" {
		kill = ""
	}
	// What overlaps the last month stays: so the long segment does, which ends tomorrow.
	base := loadConfig(t, "datasource \"d\" {\n  rules {\n    load {\n      period = \"P30D\"\n    }\n    drop {\n      forever = true\n    }\n  }\n"+
		"  kill {\n    "+kill+"    expired_after = \"P5D\"\n  }\n}\n")
	const hour = day / 24
	in := benchInput(base, 0)
	d := in.Snapshot.Datasources[0]
	first := in.Now - druid.Instant(size)*hour
	version := func(at druid.Instant) uint32 {
		return d.Versions.Add(at.String())
	}
	long := snapshot.Segment{Interval: druid.Interval{Start: first - day, End: in.Now + 60*day}, MarkedAt: in.Now - day, CreatedAt: first, Bytes: 1, File: 1,
		Flags: snapshot.Details, Version: version(first)}
	switch below {
	case "used":
		long.Flags |= snapshot.Used
	case "superseded":
		long.Interval = druid.Interval{Start: first, End: in.Now}
	}
	d.Segments = append(d.Segments, long)
	for n := range size {
		start := first + druid.Instant(n)*hour
		d.Segments = append(d.Segments, snapshot.Segment{Interval: druid.Interval{Start: start, End: start + hour}, MarkedAt: druid.NoInstant, CreatedAt: start,
			Bytes: 1000, File: uint64(n + 2), Flags: snapshot.Details | snapshot.Used, Version: version(start + hour)})
	}
	d.Finish()
	return in, in.Now + 40*day
}

// BenchmarkForecastOverOne: figures per segment, at several sizes, so that growth shows.
func BenchmarkForecastOverOne(b *testing.B) {
	for _, below := range []string{"used", "unexplained", "superseded"} {
		for _, size := range []int{500, 1_000, 2_000, 4_000} {
			b.Run(fmt.Sprintf("%s/%d", below, size), func(b *testing.B) {
				in, until := overOne(b, size, below)
				var f *plan.Forecast
				for b.Loop() {
					f = Forecast(in, until)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(size), "ns/segment")
				b.ReportMetric(float64(f.Summary.Drop.Segments), "dropped")
				b.ReportMetric(float64(f.Summary.Kill.Segments), "killed")
			})
		}
	}
}
