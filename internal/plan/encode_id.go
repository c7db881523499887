package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"iter"
	"strconv"
	"strings"

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
	h := sha256.New()
	id, written := make([]byte, 0, 128), make([]byte, 0, 256)
	for _, run := range runs {
		for each := range run.IDs(dataSource) {
			id = each.Append(id[:0])
			written = append(append(strconv.AppendInt(written, int64(len(id)), 10), ':'), id...)
			if written = append(written, ','); len(written) > 1<<12 {
				h.Write(written)
				written = written[:0]
			}
		}
	}
	h.Write(written)
	return hex.EncodeToString(h.Sum(nil))
}

// field writes a text so that two neighbours cannot be mistaken for two others ("a","bc" and "ab","c").
func field(w io.Writer, text string) {
	_, _ = io.WriteString(w, strconv.Itoa(len(text))+":"+text+",") // a hash takes everything
}

// ActionID names an action by what it does: kind, datasource, rules before and after, segments and task. Reasons,
// sizes and the blocked flag do not count, so that a moved line in the configuration does not make another action.
func ActionID(a *Action) string { return ActionIDOf(a, RunsDigest(a.Datasource, a.Runs)) }

// ActionIDOf is ActionID for who has the digest of the runs already.
func ActionIDOf(a *Action, runsDigest string) string {
	h := sha256.New()
	field(h, a.Datasource)
	field(h, a.RulesBefore.Digest())
	if a.RulesAfter != nil {
		field(h, a.RulesAfter.Digest())
	}
	field(h, runsDigest)
	if a.Task != nil {
		field(h, a.Task.ID)
	}
	if a.Restamp {
		field(h, "restamp")
	}
	return string(a.Kind) + "-" + hex.EncodeToString(h.Sum(nil))[:16]
}

// maxTaskName bounds the datasource's part of a task id. Druid keeps ids in a column of 255 characters.
const maxTaskName = 80

// TaskID names a kill task by its reach, its cut-off and exactly the segments it is meant for (idsDigest, see
// RunsDigest). Druid refuses an id that it has seen before, so the same deletion is not submitted twice. ordinal tells
// tasks of equal reach apart; 0 when there is one.
func TaskID(dataSource string, interval druid.Interval, versions []string, cutOff druid.Instant, idsDigest string, ordinal int) string {
	h := sha256.New()
	for _, text := range []string{dataSource, interval.String(), cutOff.String(), idsDigest, strconv.Itoa(ordinal)} {
		field(h, text)
	}
	for _, version := range versions {
		field(h, version)
	}
	return "coppice-kill-" + safeName(dataSource) + "-" + hex.EncodeToString(h.Sum(nil))[:32]
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
