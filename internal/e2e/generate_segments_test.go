package e2e

import (
	"fmt"
	"math/rand/v2"

	"coppice/internal/druid"
)

// made is a generated row.
type made struct {
	id        druid.SegmentID
	shardSpec string
	tombstone bool
	used      bool
}

// group is what Druid calls a partition holder: the segments of one interval and version.
type group struct {
	interval druid.Interval
	version  string
}

// collection makes the segments of one datasource.
type collection struct {
	*rand.Rand
	dataSource string
	now        druid.Instant
	groups     map[group]bool
	rows       []made
}

// versions of generated segments, in Druid's order. Those of later moments come later, and odd ones are texts like others.
var versions = []string{"0", "2023-12-31T23:59:59.999Z", "2024-01-01T00:00:00.000Z", "2024-01-01T00:00:00.000Z_7x",
	"2025-06-01T12:00:00.000Z", "2026-01-01T00:00:00.000Z", "V", "v", "v1", "v10", "v2"}

// span is the time that most generated segments are in.
func span(now druid.Instant) druid.Interval {
	midnight := now - now%dayMillis
	return druid.Interval{Start: midnight - 500*dayMillis, End: midnight + 60*dayMillis}
}

// someSegments makes the segments of a datasource: a few places where several layers of different granularities lie over
// each other, boundaries right at where the rules' windows end, odd ends of time, and what rules never see.
func someSegments(r *rand.Rand, dataSource string, now druid.Instant, rules []rule) []made {
	c := &collection{Rand: r, dataSource: dataSource, now: now, groups: map[group]bool{}}
	for range 2 + r.IntN(4) {
		c.layers()
	}
	for _, one := range rules {
		c.boundaries(one.period)
	}
	if r.IntN(3) == 0 {
		c.scattered()
	}
	if r.IntN(4) == 0 {
		c.endless()
	}
	return c.rows
}

// layers puts finer segments of other versions over coarse ones, wholly or in part.
func (c *collection) layers() {
	at := c.someDay()
	steps := [][]int64{{365, 30, 1}, {30, 7, 1}, {31, 10, 2}, {7, 1}, {14, 3}}[c.IntN(5)]
	for n, days := range steps {
		version := versions[min(2*n+c.IntN(4), len(versions)-1)]
		if c.IntN(6) == 0 {
			version = versions[c.IntN(len(versions))]
		}
		count := min(steps[0]/days, 1+c.Int64N(8))
		offset := c.Int64N(steps[0]/days - count + 1)
		for k := range count {
			if n > 0 && c.IntN(8) == 0 {
				continue
			}
			start := at + druid.Instant((offset+k)*days*dayMillis)
			c.add(druid.Interval{Start: start, End: start + druid.Instant(days*dayMillis)}, version)
		}
	}
	if c.IntN(3) == 0 {
		for k := range 1 + c.Int64N(24) {
			start := at + druid.Instant(k*hourMillis)
			c.add(druid.Interval{Start: start, End: start + hourMillis}, versions[4+c.IntN(4)])
		}
	}
}

// someDay is a midnight, more often a recent one: that is where rules differ.
func (c *collection) someDay() druid.Instant {
	around := span(c.now)
	back := []int64{20, 60, 120, 490}[c.IntN(4)]
	return around.End - 60*dayMillis - druid.Instant(c.Int64N(back)*dayMillis) + druid.Instant(c.Int64N(10)*dayMillis)
}

// boundaries makes segments that begin or end exactly where the window of a period begins, or a millisecond before, and
// exactly now. Only sides that time does not change are taken: it goes on between the plan and the rule run.
func (c *collection) boundaries(period string) {
	if period == "" {
		return
	}
	p, err := druid.ParsePeriod(period)
	if err != nil {
		panic(err) // a period of this package
	}
	edge, err := p.Before(c.now)
	if err != nil {
		panic(err)
	}
	length := druid.Instant((1 + c.Int64N(40)) * hourMillis)
	for _, i := range []druid.Interval{{Start: edge - length, End: edge}, {Start: edge - length, End: edge - 1},
		{Start: edge - 1, End: edge - 1 + length}, {Start: c.now - length, End: c.now}, {Start: c.now - 1, End: c.now - 1 + length},
		{Start: c.now + dayMillis, End: c.now + dayMillis + length}} {
		if c.IntN(3) == 0 {
			c.add(i, versions[c.IntN(len(versions))])
		}
	}
}

// scattered makes intervals that respect no granularity: they overlap each other anyhow.
func (c *collection) scattered() {
	at := c.someDay()
	for range 3 + c.IntN(8) {
		start := at + druid.Instant(c.Int64N(12)*6*hourMillis)
		c.add(druid.Interval{Start: start, End: start + druid.Instant((1+c.Int64N(10))*6*hourMillis)}, versions[c.IntN(len(versions))])
	}
}

// endless makes segments that reach to an end of time, tombstones and others.
func (c *collection) endless() {
	cut := c.someDay()
	for range 1 + c.IntN(3) {
		i := []druid.Interval{druid.Eternity, {Start: druid.MinInstant, End: cut}, {Start: cut, End: druid.MaxInstant}}[c.IntN(3)]
		g := group{i, versions[c.IntN(len(versions))]}
		if c.IntN(2) == 0 {
			c.add(g.interval, g.version)
		} else if c.free(g) {
			c.tombstone(g)
		}
	}
}

// free reserves a group, unless another interval of the same version overlaps it: Druid cannot live with that.
func (c *collection) free(g group) bool {
	for other := range c.groups {
		if other.version == g.version && other.interval.Overlaps(g.interval) {
			return false
		}
	}
	c.groups[g] = true
	return true
}

// add makes a group of some kind of partitions; now and then one is missing or unused.
func (c *collection) add(i druid.Interval, version string) {
	g := group{i, version}
	if !c.free(g) {
		return
	}
	if c.IntN(9) == 0 {
		c.tombstone(g)
		return
	}
	for _, one := range c.partitions() {
		c.put(g, one.number, one.spec, false)
	}
}

func (c *collection) tombstone(g group) {
	core := 0
	if c.IntN(5) == 0 {
		core = 1 // as Druid 28 and earlier wrote them
	}
	c.put(g, 0, fmt.Sprintf(`{"type":"tombstone","partitionNum":0,"partitions":%d}`, core), true)
}

// put adds a row, unless it is to be missing; some are unused, and rules do not see them.
func (c *collection) put(g group, partition int, spec string, tombstone bool) {
	if c.IntN(25) == 0 {
		return
	}
	c.rows = append(c.rows, made{
		id:        druid.SegmentID{DataSource: c.dataSource, Interval: g.interval, Version: g.version, Partition: int32(partition)},
		shardSpec: spec, tombstone: tombstone, used: c.IntN(20) > 0,
	})
}

// partition is a shard spec with its number.
type partition struct {
	number int
	spec   string
}

// partitions makes a set of one kind. Sets may lack members, and have appended partitions behind their core.
func (c *collection) partitions() []partition {
	core := 1 + c.IntN(3)
	kind := c.IntN(16)
	var set []partition
	for n := range core {
		set = append(set, partition{n, c.spec(kind, n, core)})
	}
	if kind == 15 {
		return set[:1]
	}
	if core > 1 && c.IntN(4) == 0 {
		missing := c.IntN(core)
		set = append(set[:missing], set[missing+1:]...)
	}
	for n := range c.IntN(3) {
		if c.IntN(3) == 0 {
			set = append(set, partition{core + n, c.appended(kind, core+n, core)})
		}
	}
	return set
}

// spec is member n of a core set.
func (c *collection) spec(kind, n, core int) string {
	border := func(k int) string {
		if k == 0 || k == core {
			return "null"
		}
		return fmt.Sprintf(`"%c"`, 'a'+k)
	}
	tuple := func(k int) string {
		if text := border(k); text != "null" {
			return "[" + text + "]"
		}
		return "null"
	}
	switch kind {
	case 9, 10:
		return fmt.Sprintf(`{"type":"hashed","partitionNum":%d,"partitions":%d,"bucketId":%d,"numBuckets":%d,"partitionDimensions":["a"],"partitionFunction":"murmur3_32_abs"}`, n, core, n, core)
	case 11:
		return fmt.Sprintf(`{"type":"range","dimensions":["a"],"start":%s,"end":%s,"partitionNum":%d,"numCorePartitions":%d}`, tuple(n), tuple(n+1), n, core)
	case 12:
		return fmt.Sprintf(`{"type":"single","dimension":"a","start":%s,"end":%s,"partitionNum":%d,"numCorePartitions":%d}`, border(n), border(n+1), n, core)
	case 13:
		return fmt.Sprintf(`{"type":"single","dimension":"a","start":%s,"end":%s,"partitionNum":%d}`, border(n), border(n+1), n)
	case 14:
		return fmt.Sprintf(`{"type":"linear","partitionNum":%d}`, n)
	case 15:
		return `{"type":"none"}`
	}
	return fmt.Sprintf(`{"type":"numbered","partitionNum":%d,"partitions":%d}`, n, core)
}

// appended is a partition behind a core set: numbered, whatever the set is of, but for kinds that have no core.
func (c *collection) appended(kind, n, core int) string {
	switch kind {
	case 13, 14:
		return fmt.Sprintf(`{"type":"linear","partitionNum":%d}`, n)
	}
	return fmt.Sprintf(`{"type":"numbered","partitionNum":%d,"partitions":%d}`, n, core)
}

// payload is the row's document, with files that are nowhere.
func (m made) payload() string {
	load := `{"type":"local","path":"/nowhere"}`
	if m.tombstone {
		load = `{"type":"tombstone","path":null}`
	}
	return fmt.Sprintf(`{"dataSource":%q,"interval":%q,"version":%q,"loadSpec":%s,"dimensions":"a","metrics":"","shardSpec":%s,"binaryVersion":9,"size":1}`,
		m.id.DataSource, m.id.Interval, m.id.Version, load, m.shardSpec)
}
