package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"coppice/internal/druid"
)

// segment is a row to be put into the store, with a file in deep storage.
type segment struct {
	interval, version string
	partition         int
	used              bool
	// marked is how many days ago it was marked; unmarked: nobody knows.
	marked   int
	unmarked bool
	// tombstone: it has no file. fileOf is the segment whose file it needs; upgraded says so in the table.
	tombstone bool
	fileOf    *segment
	upgraded  bool
}

// Versions of seeded segments: moments of the past, so that the locks of kill tasks cover them.
const (
	version0 = "2024-01-31T00:00:00.000Z"
	version1 = "2024-02-01T00:00:00.000Z"
	version2 = "2024-02-02T00:00:00.000Z"
	version3 = "2024-02-03T00:00:00.000Z"
)

func (s segment) id(dataSource string) string {
	interval, err := druid.ParseInterval(s.interval)
	if err != nil {
		panic(err) // an interval of a test
	}
	return druid.SegmentID{DataSource: dataSource, Interval: interval, Version: s.version, Partition: int32(s.partition)}.String()
}

// seed puts segments into the store and waits until the Coordinator has those that are used.
func (w *world) seed(dataSource string, segments ...segment) {
	w.Helper()
	var used []string
	for _, s := range segments {
		w.insert(dataSource, s)
		if s.used {
			used = append(used, s.id(dataSource))
		}
	}
	w.visible(dataSource, used...)
}

// visible waits until the Coordinator's snapshot has the segments.
func (w *world) visible(dataSource string, ids ...string) {
	w.Helper()
	w.until("the Coordinator sees "+dataSource, 30*time.Second, func() bool {
		served := w.served(dataSource)
		return !slices.ContainsFunc(ids, func(id string) bool { _, seen := served[id]; return !seen })
	})
}

func (w *world) insert(dataSource string, s segment) {
	w.Helper()
	start, end, _ := strings.Cut(s.interval, "/")
	type object map[string]any
	loadSpec, shardSpec := object{"type": "tombstone", "path": nil}, object{"type": "tombstone", "partitionNum": 0, "partitions": 0}
	if !s.tombstone {
		loadSpec, shardSpec = object{"type": "local", "path": w.place(dataSource, s)}, object{"type": "numbered", "partitionNum": s.partition, "partitions": 1}
	}
	payload := asJSON(object{"dataSource": dataSource, "interval": s.interval, "version": s.version,
		"loadSpec": loadSpec, "dimensions": "page", "metrics": "", "shardSpec": shardSpec, "binaryVersion": 9, "size": 1000})
	var marked, root any
	if !s.unmarked {
		marked = instant(s.marked)
	}
	if s.upgraded {
		root = s.fileOf.id(dataSource)
	}
	w.exec(`INSERT INTO druid_segments (id, datasource, created_date, start, "end", partitioned, version, used, payload, used_status_last_updated,
		upgraded_from_segment_id) VALUES ($1, $2, $3, $4, $5, true, $6, $7, $8, $9, $10)`, s.id(dataSource), dataSource, instant(0), start, end,
		s.version, s.used, []byte(payload), marked, root)
}

// place is where the segment's file lies; it is written unless it is another segment's.
func (w *world) place(dataSource string, s segment) string {
	w.Helper()
	if s.fileOf != nil {
		return filepath.Join(w.DeepStorage, dataSource, s.fileOf.folder(), "index")
	}
	place := filepath.Join(w.DeepStorage, dataSource, s.folder(), "index")
	if err := os.MkdirAll(place, 0o755); err != nil {
		w.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(place, "00000.smoosh"), make([]byte, 1000), 0o644); err != nil {
		w.Fatal(err)
	}
	return place
}

// folder is where the segment's own files lie, below those of its datasource.
func (s segment) folder() string {
	start, end, _ := strings.Cut(s.interval, "/")
	return filepath.Join(start+"_"+end, s.version, strconv.Itoa(s.partition))
}

// superseded are old versions, marked long ago, of so many days, each below a used newer one.
func superseded(days int) (old, live []segment) {
	for d := range days {
		old = append(old, segment{interval: dayOf(200 - d), version: version1, marked: 20})
		live = append(live, segment{interval: dayOf(200 - d), version: version2, used: true, marked: 20})
	}
	return old, live
}

func idsOf(dataSource string, segments []segment) []string {
	list := []string{}
	for _, s := range segments {
		list = append(list, s.id(dataSource))
	}
	return list
}
