package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"iter"
	"strconv"
	"strings"
	"sync"

	"coppice/internal/druid"
)

// IDs yields the ids of the run's segments, by partition.
func (r Run) IDs(dataSource string) iter.Seq[druid.SegmentID] {
	return func(yield func(druid.SegmentID) bool) {
		for _, partition := range r.Partitions {
			id := druid.SegmentID{DataSource: dataSource, Interval: r.Interval, Version: r.Version, Partition: partition}
			if !yield(id) {
				return
			}
		}
	}
}

// RunsDigest is a SHA-256, in hex, of exactly the segments that the runs name. How they are folded into runs, and what
// else the runs say, does not matter as long as the order of the ids is the same.
func RunsDigest(dataSource string, runs []Run) string {
	d := newDigester()
	for n := range runs {
		run := &runs[n]
		first := druid.SegmentID{DataSource: dataSource, Interval: run.Interval, Version: run.Version}
		d.id = first.Append(d.id[:0]) // as that of partition 0; every other one only has its number behind it
		for _, partition := range run.Partitions {
			id := d.id
			if partition != 0 {
				id = strconv.AppendInt(append(id, '_'), int64(partition), 10)
			}
			field(d, id)
		}
	}
	return d.sum(sha256.Size)
}

// digester hashes fields. There may be tens of thousands of tasks to be named, so that it is used again.
type digester struct {
	hash hash.Hash
	// written is what is still to be hashed; id is space for one.
	written, id []byte
}

var digesters = sync.Pool{New: func() any { return &digester{hash: sha256.New()} }}

func newDigester() *digester {
	d := digesters.Get().(*digester)
	d.hash.Reset()
	return d
}

// field adds a text so that two neighbours cannot be mistaken for two others ("a","bc" and "ab","c").
func field[T string | []byte](d *digester, text T) {
	d.written = append(append(strconv.AppendInt(d.written, int64(len(text)), 10), ':'), text...)
	if d.written = append(d.written, ','); len(d.written) > 1<<12 {
		d.flush()
	}
}

func (d *digester) flush() {
	d.hash.Write(d.written)
	d.written = d.written[:0]
}

// sum is the first bytes of the hash, in hex; the digester is done with.
func (d *digester) sum(size int) string {
	d.flush()
	var hash [sha256.Size]byte
	text := hex.EncodeToString(d.hash.Sum(hash[:0])[:size])
	digesters.Put(d)
	return text
}

// ActionID names an action by what it does: kind, datasource, rules before and after, segments and task. Reasons,
// sizes and the blocked flag do not count, so that a moved line in the configuration does not make another action.
func ActionID(a *Action) string { return ActionIDOf(a, RunsDigest(a.Datasource, a.Runs)) }

// ActionIDOf is ActionID for who has the digest of the runs already.
func ActionIDOf(a *Action, runsDigest string) string {
	d := newDigester()
	field(d, a.Datasource)
	field(d, a.RulesBefore.Digest())
	if a.RulesAfter != nil {
		field(d, a.RulesAfter.Digest())
	}
	field(d, runsDigest)
	if a.Task != nil {
		field(d, a.Task.ID)
	}
	if a.Restamp {
		field(d, "restamp")
	}
	return string(a.Kind) + "-" + d.sum(8)
}

// maxTaskName bounds the datasource's part of a task id. Druid keeps ids in a column of 255 characters.
const maxTaskName = 80

// TaskID names a kill task by its reach, its cut-off and exactly the segments it is meant for (idsDigest, see
// RunsDigest). Druid refuses an id that it has seen before, so the same deletion is not submitted twice. ordinal tells
// tasks of equal reach apart; 0 when there is one.
func TaskID(dataSource string, interval druid.Interval, versions []string, cutOff druid.Instant, idsDigest string, ordinal int) string {
	d := newDigester()
	for _, text := range [...]string{dataSource, interval.String(), cutOff.String(), idsDigest, strconv.Itoa(ordinal)} {
		field(d, text)
	}
	for _, version := range versions {
		field(d, version)
	}
	return "coppice-kill-" + safeName(dataSource) + "-" + d.sum(16)
}

// RetryTaskID is the id of another attempt (2, 3, ...) at a task whose own id is spent: Druid never takes an id
// twice, not even after the task was shut down while it waited and nothing was deleted.
func RetryTaskID(id string, attempt int) string {
	if attempt < 2 {
		return id
	}
	return id + "-" + strconv.Itoa(attempt)
}

// safeName keeps what every Druid takes in a task id ("/" is refused), and shortens. The digest tells names apart that
// become equal.
func safeName(dataSource string) string {
	name := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_.-", r) {
			return r
		}
		return '_'
	}, dataSource)
	return name[:min(len(name), maxTaskName)]
}
