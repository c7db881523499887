package planner

import (
	"fmt"
	"testing"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// BenchmarkBuild plans one datasource of daily segments: a quarter of the days has an old version below the used one,
// and a sixth is behind the cutoff. Figures are per segment, at three sizes, so that growth shows.
func BenchmarkBuild(b *testing.B) {
	base := loadConfig(b, `datasource "d" {
  retention {
    keep = "P3650D"
  }
  kill {
    superseded_after = "P1D"
    expired_after    = "P30D"
  }
  guard {
    max_unused_percent = 100
    max_kill_segments  = 100000000
    newest_victim_age  = "none"
  }
}`)
	for _, size := range []int{1_000, 10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			in := benchInput(base, size)
			b.ReportAllocs()
			var p *plan.Plan
			for b.Loop() {
				p = Build(in)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(size), "ns/segment")
			b.ReportMetric(float64(p.Summary.Kill.Segments), "killed")
		})
	}
}

func benchInput(base *config.Config, size int) Input {
	d := &snapshot.Datasource{Name: "d", UnusedKnown: true, BusyKnown: true}
	d.Rules = snapshot.Rules{Set: true, List: base.Find("d").Rules.List, Since: 0, HistoryComplete: true}
	d.Shards = []druid.ShardSpec{{Kind: druid.ShardNumbered, CorePartitions: 1}}
	const hour = day / 24
	now := epoch
	for n := 0; len(d.Segments) < size; n++ {
		end := now - druid.Instant(n)*hour
		s := snapshot.Segment{Interval: druid.Interval{Start: end - hour, End: end}, MarkedAt: end + hour, CreatedAt: end, Bytes: 1000,
			File: uint64(2 * n), Flags: snapshot.Details | snapshot.Used}
		version := func(at druid.Instant) uint32 {
			return d.Versions.Add(at.String())
		}
		s.Version = version(end + hour)
		d.Segments = append(d.Segments, s)
		if n%4 == 0 && len(d.Segments) < size {
			old := s
			old.Version, old.File, old.Flags = version(end), uint64(2*n+1), snapshot.Details
			d.Segments = append(d.Segments, old)
		}
	}
	d.Finish()
	cluster := &snapshot.Cluster{Name: "test", DruidVersion: "33.0.0", Datasources: []*snapshot.Datasource{d},
		DefaultRules: snapshot.Rules{Set: true, HistoryComplete: true}}
	return Input{Config: base, Cluster: base.Clusters[0], Snapshot: cluster, Now: now, ToolVersion: "bench"}
}

// BenchmarkExplain explains one instant of a datasource of ten thousand segments, reading aside.
func BenchmarkExplain(b *testing.B) {
	in := benchInput(loadConfig(b, "datasource \"d\" {\n  retention {\n    keep = \"P3650D\"\n  }\n}\n"), 10_000)
	at := (in.Now - 100*day).String()
	for b.Loop() {
		if e, err := Explain(in, "d", at); err != nil || len(e.Segments) == 0 {
			b.Fatal(e, err)
		}
	}
}
