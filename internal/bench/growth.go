package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing/fstest"
	"time"

	"coppice/config"
	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
	"coppice/planner"
)

func init() { contenders["growth"] = growth }

// growth prints tables of what planning costs at several sizes, from memory. It is a process of its own, so that what it
// holds does not count for others. The argument is the number of times that each size is measured; the least counts,
// since load from elsewhere only adds.
func growth(_ context.Context, arguments []string) error {
	times := 1
	if _, err := fmt.Sscan(arguments[0], &times); err != nil {
		return err
	}
	for _, table := range growths {
		if len(arguments) > 1 && !strings.Contains(table.title, arguments[1]) {
			continue
		}
		fmt.Printf("\n### %s\n\n%s\n\n| %s | processor time, ms | ns for one |\n|---|---|---|\n", table.title, table.about, table.unit)
		for _, size := range table.sizes {
			run, err := table.prepare(size)
			if err != nil {
				return fmt.Errorf("%s: %w", table.title, err)
			}
			least := time.Duration(0)
			for n := range times {
				start := processorTime()
				if err := run(); err != nil {
					return fmt.Errorf("%s: %w", table.title, err)
				}
				if spent := processorTime() - start; n == 0 || spent < least {
					least = spent
				}
			}
			fmt.Printf("| %d | %d | %d |\n", size, least.Milliseconds(), least.Nanoseconds()/int64(size))
		}
	}
	return nil
}

// processorTime is what this process has used so far, on all cores and with collecting garbage: load from elsewhere
// changes it less than the time on the wall.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// growing is one table: prepare makes what is measured at a size.
type growing struct {
	title, about, unit string
	sizes              []int
	prepare            func(size int) (run func() error, err error)
}

var growths = []growing{
	{"Loading a configuration", "Datasources that share 200 policies with retention, tiers and kill: read, evaluated, resolved, checked.", "datasources",
		[]int{3_000, 6_000, 12_000}, loading},
	{"Planning many datasources", "30 daily segments in each, a quarter with an old version below; 200 policies.", "datasources",
		[]int{3_000, 6_000, 12_000}, manyDatasources},
	{"Planning one datasource", "Hourly segments, every fourth with an old version below that is due to be deleted.", "segments",
		[]int{500_000, 1_000_000, 2_000_000}, func(size int) (func() error, error) { return oneDatasource(size, 4, 0) }},
	{"Segments of one interval", "All in one hour: partitions of one used version over one that is due to be deleted.", "segments",
		[]int{10_000, 50_000, 100_000}, oneInterval},
	{"Deleting from one datasource", "All unused and due, every twentieth held by nobody knowing when it was marked: kill tasks that take no held one.", "segments",
		[]int{500_000, 1_000_000, 2_000_000}, func(size int) (func() error, error) { return oneDatasource(size, 0, 20) }},
	{"Saving and reading a plan", "A plan of kill tasks, one run each: encoded, digested, decoded, checked.", "runs",
		[]int{10_000, 50_000, 100_000}, saving},
	{"A plan of many victims", "Runs of 333 partitions below compacted ones, in ten chunks of each datasource: planned, saved, read back, checked, shown as text and as a comment.", "victims",
		[]int{250_000, 500_000, 1_000_000}, manyVictims},
	{"Carrying out many deletions", "Kill tasks of one segment each in a hundred datasources, ten at a time: what apply itself does, without Druid, store and disk.", "tasks",
		[]int{10_000, 50_000, 100_000}, applying},
	{"Many victims of one chunk", "Every other partition of one version in one interval, in kill tasks of equal reach, 1,000 each: the same.", "victims",
		[]int{10_000, 50_000, 100_000}, oneChunk},
}

const (
	hour = druid.Instant(3_600_000)
	day  = 24 * hour
	// moment is what all of it is planned for.
	moment = druid.Instant(20_000) * day
)

// policyText is a configuration of datasources d00000, d00001 and so on.
func policyText(datasources int) string {
	var b strings.Builder
	b.WriteString("cluster \"bench\" {\n  coordinator = \"http://127.0.0.1:1\"\n}\n" + unlimited)
	for n := range 200 {
		fmt.Fprintf(&b, "policy \"p%d\" {\n  retention {\n    keep = \"P%dD\"\n    replicants = { _default_tier = 2 }\n    stage {\n      newest = \"P7D\"\n"+
			"      replicants = { hot = 2, _default_tier = 1 }\n    }\n  }\n  kill {\n    superseded_after = \"P1D\"\n    expired_after = \"P30D\"\n  }\n}\n", n, 3650+n)
	}
	for n := range datasources {
		fmt.Fprintf(&b, "datasource \"d%05d\" {\n  policy = \"p%d\"\n}\n", n, n%200)
	}
	return b.String()
}

// loaded reads a configuration from memory.
func loaded(text string) func() (*config.Config, error) {
	files := fstest.MapFS{"bench.hcl": {Data: []byte(text)}}
	return func() (*config.Config, error) {
		cfg, complaints := config.Load(files, config.Options{})
		for _, c := range complaints {
			if c.Severity == diag.Error {
				return nil, errors.New(c.Summary + ": " + c.Detail)
			}
		}
		return cfg, nil
	}
}

func loading(size int) (func() error, error) {
	read := loaded(policyText(size))
	return func() error { _, err := read(); return err }, nil
}

// filled is a configuration and a cluster of datasources with those rows.
func filled(datasources int, rows func(d *snapshot.Datasource, list druid.RuleList)) (planner.Input, error) {
	cfg, err := loaded(policyText(datasources))()
	if err != nil {
		return planner.Input{}, err
	}
	seen := &snapshot.Cluster{Name: "bench", DruidVersion: "33.0.0", DefaultRules: snapshot.Rules{Set: true, HistoryComplete: true}}
	for _, declared := range cfg.Datasources {
		d := &snapshot.Datasource{Name: declared.Name, UnusedKnown: true, BusyKnown: true,
			Rules:  snapshot.Rules{Set: true, List: declared.Rules.List, HistoryComplete: true},
			Shards: []druid.ShardSpec{{Kind: druid.ShardNumbered, CorePartitions: 1}}}
		rows(d, declared.Rules.List)
		d.Finish()
		seen.Datasources = append(seen.Datasources, d)
	}
	return planner.Input{Config: cfg, Cluster: cfg.Clusters[0], Snapshot: seen, Now: moment, ToolVersion: "bench"}, nil
}

// planned is what is measured: what a plan needs to be read, and the plan.
func planned(in planner.Input, err error) (func() error, error) {
	return func() error {
		planner.Needs(in)
		if p := planner.Build(in); len(p.Datasources) == 0 {
			return errors.New("nothing was planned")
		}
		return nil
	}, err
}

// row adds a segment of its own file to a datasource; versions must be added in ascending order of theirs.
func row(d *snapshot.Datasource, start, length druid.Instant, partition int32, version druid.Instant, flags snapshot.Flags) *snapshot.Segment {
	text := version.String()
	at := uint32(d.Versions.Len()) - 1
	if d.Versions.Len() == 0 || d.Versions.At(at) != text {
		at = d.Versions.Add(text)
	}
	d.Segments = append(d.Segments, snapshot.Segment{Interval: druid.Interval{Start: start, End: start + length}, MarkedAt: version + hour,
		CreatedAt: version, Bytes: 1000, File: uint64(len(d.Segments) + 1), Version: at, Partition: partition,
		Flags: flags | snapshot.Details})
	return &d.Segments[len(d.Segments)-1]
}

func manyDatasources(size int) (func() error, error) {
	return planned(filled(size, func(d *snapshot.Datasource, _ druid.RuleList) {
		for n := range druid.Instant(30) {
			start := moment - (40-n)*day
			if n%4 == 0 {
				row(d, start, day, 0, start+day, 0)
			}
			row(d, start, day, 0, start+day+hour, snapshot.Used)
		}
	}))
}

// oneDatasource has hourly rows: every so many used ones with an old version below, or, without those, unused ones of
// which every so many have no time of marking.
func oneDatasource(size, below, held int) (func() error, error) {
	return planned(filled(1, func(d *snapshot.Datasource, _ druid.RuleList) {
		for n := 0; len(d.Segments) < size; n++ {
			start := moment - druid.Instant(size-n+48)*hour
			switch {
			case below > 0 && n%below == 0:
				row(d, start, hour, 0, start+hour, 0)
				fallthrough
			case below > 0:
				row(d, start, hour, 0, start+2*hour, snapshot.Used)
			case n%held == 0:
				row(d, start-20*365*day, hour, 0, start+hour, 0).MarkedAt = druid.NoInstant
			default:
				row(d, start-20*365*day, hour, 0, start+hour, 0)
			}
		}
	}))
}

func oneInterval(size int) (func() error, error) {
	return planned(filled(1, func(d *snapshot.Datasource, _ druid.RuleList) {
		d.Shards = nil
		for n := range size {
			partition := int32(n % (size / 2))
			flags, version := snapshot.Flags(0), moment-60*day
			if n >= size/2 {
				flags, version = snapshot.Used, moment-50*day
			}
			row(d, moment-70*day, hour, partition, version, flags).Shard = uint32(partition)
			if n < size/2 {
				d.Shards = append(d.Shards, druid.ShardSpec{Kind: druid.ShardNumbered, HasCore: true, Partition: partition, CorePartitions: int32(size / 2)})
			}
		}
	}))
}

// replaced is so many hours of data in so many datasources, every other hour without any, each with an old version below
// that is due to be deleted by a task of its own.
func replaced(datasources, size int) (planner.Input, error) {
	each := druid.Instant(size / datasources)
	return filled(datasources, func(d *snapshot.Datasource, _ druid.RuleList) {
		for n := range each {
			start := moment - (2*each-2*n+48)*hour
			row(d, start, hour, 0, start+hour, 0)
			row(d, start, hour, 0, start+2*hour, snapshot.Used)
		}
	})
}

// saving makes a plan of one kill task for every run.
func saving(size int) (func() error, error) {
	in, err := replaced(1, size)
	if err != nil {
		return nil, err
	}
	p := planner.Build(in)
	return func() error {
		document, err := plan.Encode(p)
		if err != nil {
			return err
		}
		again, err := plan.Decode(document)
		if err != nil {
			return err
		}
		return plan.Check(again)
	}, nil
}
