package examples

import (
	"fmt"
	"hash/fnv"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

const (
	hour = druid.Instant(3_600_000)
	day  = 24 * hour
	// taken is when the clusters of the examples were looked at.
	taken druid.Instant = 1_795_165_200_000 // 2026-11-20T09:00:00Z
	today               = taken - taken%day
)

// rows are segments of one datasource, one a day, from so many days ago until so many (both included).
type rows struct {
	from, to druid.Instant
	// versions of each day, an hour apart; 0 is one. Only the last is used, if any is.
	versions int
	// markedAgo is how many days ago the rows were marked unused; 0 leaves the last version of each day used, and marks
	// those below it when the next one came.
	markedAgo druid.Instant
	bytes     int64
}

// datasource is one with segments, whose rules have been in force for a year (none: only the default rules).
func datasource(t *testing.T, name, rules string, all ...rows) *snapshot.Datasource {
	d := &snapshot.Datasource{Name: name, UnusedKnown: true, BusyKnown: true, Rules: snapshot.Rules{Since: druid.NoInstant, HistoryComplete: true}}
	if rules != "" {
		list, err := druid.ParseRuleList([]byte(rules))
		if err != nil {
			t.Fatal(err)
		}
		d.Rules = snapshot.Rules{Set: true, List: list, Since: taken - 365*day, HistoryComplete: true, LastAuthor: "admin"}
	}
	for _, r := range all {
		for ago := r.from; ago >= r.to; ago-- {
			addDay(d, r, today-ago*day)
		}
	}
	return d
}

// addDay adds the versions of one day.
func addDay(d *snapshot.Datasource, r rows, start druid.Instant) {
	versions := max(r.versions, 1)
	for v := range versions {
		written := start + day + druid.Instant(v+1)*hour
		s := snapshot.Segment{Interval: druid.Interval{Start: start, End: start + day}, MarkedAt: written, CreatedAt: written,
			Bytes: r.bytes, Version: d.Versions.Add(written.String()), Shard: uint32(len(d.Shards)), Flags: snapshot.Details}
		switch {
		case r.markedAgo > 0:
			s.MarkedAt = taken - r.markedAgo*day
		case v == versions-1:
			s.Flags |= snapshot.Used
		default:
			s.MarkedAt = written + hour
		}
		file := fnv.New64a()
		fmt.Fprint(file, d.Name, start, v)
		s.File = file.Sum64()
		d.Shards = append(d.Shards, druid.ShardSpec{Kind: druid.ShardNumbered, HasCore: true, CorePartitions: 1})
		d.Segments = append(d.Segments, s)
	}
}

// cluster is one whose default rules keep everything, with a Coordinator that has just run.
func cluster(datasources ...*snapshot.Datasource) *snapshot.Cluster {
	c := &snapshot.Cluster{TakenAt: taken, Name: "prod", Identity: "router.example", DruidVersion: "33.0.0", TiersKnown: true,
		Tiers: []string{"_default_tier", "hot", "cold"}, Sources: snapshot.Sources{Coordinator: true}, Datasources: datasources,
		Duties: &snapshot.Duties{LastRunStart: taken - 60_000, LastRunEnd: taken - 59_000}}
	list, err := druid.ParseRuleList([]byte(`[{"type":"loadForever"}]`))
	if err != nil {
		panic(err)
	}
	c.DefaultRules = snapshot.Rules{Set: true, List: list, Since: taken - 365*day, HistoryComplete: true}
	c.Finish()
	return c
}
