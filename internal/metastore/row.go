package metastore

import (
	"fmt"
	"strconv"
	"strings"

	"coppice/internal/druid"
)

// rowReader turns the columns of one narrow row into a record. It is reused from row to row.
type rowReader struct {
	// values are as lib/pq decodes them: string, bool or nil. Scanning into any spares a copy of every text.
	values  []any
	targets []any
	at      map[string]int
	record  druid.SegmentRecord

	dataSource, start, end, version, used, created, id, marked, root int
}

func newRowReader(columns []string) *rowReader {
	r := &rowReader{values: make([]any, len(columns)), targets: make([]any, len(columns)), at: map[string]int{}}
	for i, column := range columns {
		r.targets[i] = &r.values[i]
		r.at[column] = i
	}
	index := func(column string) int {
		if i, ok := r.at[column]; ok {
			return i
		}
		return -1
	}
	r.dataSource, r.start, r.end, r.version = index("datasource"), index("start"), index("end"), index("version")
	r.used, r.created, r.id = index("used"), index("created_date"), index("id")
	r.marked, r.root = index("used_status_last_updated"), index("upgraded_from_segment_id")
	return r
}

// text gives a column's text; ok is false for NULL and for a column that is not there.
func (r *rowReader) text(column int) (text string, ok bool) {
	if column < 0 {
		return "", false
	}
	text, ok = r.values[column].(string)
	return text, ok
}

// parse fills the record and returns why it cannot; empty when it could.
func (r *rowReader) parse() (reason string) {
	r.record = druid.SegmentRecord{MarkedAt: druid.NoInstant, CreatedAt: druid.NoInstant}
	var ok bool
	if r.record.ID.DataSource, ok = r.text(r.dataSource); !ok || r.record.ID.DataSource == "" {
		return "it names no datasource"
	}
	if r.record.ID.Version, ok = r.text(r.version); !ok {
		return "it has no version"
	}
	if r.record.Used, ok = r.values[r.used].(bool); !ok {
		return "it is neither used nor unused"
	}
	if reason := r.parseInterval(); reason != "" {
		return reason
	}
	if reason := r.parseMoments(); reason != "" {
		return reason
	}
	r.record.Root, _ = r.text(r.root)
	return r.parseID()
}

func (r *rowReader) parseInterval() (reason string) {
	start, _ := r.text(r.start)
	end, _ := r.text(r.end)
	var interval druid.Interval
	var ok bool
	if interval.Start, ok = druidInstant(start); !ok {
		return fmt.Sprintf("its start %q is not an instant as Druid writes it", start)
	}
	if interval.End, ok = druidInstant(end); !ok {
		return fmt.Sprintf("its end %q is not an instant as Druid writes it", end)
	}
	if interval.Empty() {
		return fmt.Sprintf("its interval %s/%s has no length", start, end)
	}
	r.record.ID.Interval = interval
	return ""
}

// parseMoments reads the time of marking, which kill tasks compare as text: one in another form than Druid's own
// would mean one thing here and another there. The time of creation is only ever shown or compared here.
func (r *rowReader) parseMoments() (reason string) {
	if text, ok := r.text(r.marked); ok {
		if r.record.MarkedAt, ok = druidInstant(text); !ok {
			r.record.MarkedAt = druid.NoInstant
			return fmt.Sprintf("its used_status_last_updated %q is not an instant as Druid writes it", text)
		}
	}
	if text, ok := r.text(r.created); ok {
		if r.record.CreatedAt, ok = druidInstant(text); !ok {
			r.record.CreatedAt = druid.NoInstant
		}
	}
	return ""
}

// parseID takes the partition from the id, which must be the one that the other columns call for. Since the version is
// known, an id that ends in _5 is not ambiguous here.
func (r *rowReader) parseID() (reason string) {
	id, _ := r.text(r.id)
	rest, ok := strings.CutPrefix(id, r.record.ID.DataSource)
	for _, column := range [...]int{r.start, r.end, r.version} {
		part, _ := r.text(column)
		if ok = ok && strings.HasPrefix(rest, "_"); ok {
			rest, ok = strings.CutPrefix(rest[1:], part)
		}
	}
	if !ok {
		return "its id does not fit its datasource, interval and version"
	}
	if rest == "" {
		return ""
	}
	n, err := strconv.ParseInt(strings.TrimPrefix(rest, "_"), 10, 32)
	if err != nil || n <= 0 || rest[0] != '_' || rest[1] == '+' || rest[1] == '0' {
		return "its id does not end in a partition number"
	}
	r.record.ID.Partition = int32(n)
	return ""
}

// odd describes the row as far as it can be told.
func (r *rowReader) odd(reason string) druid.OddRecord {
	id, _ := r.text(r.id)
	odd := druid.OddRecord{DataSource: r.record.ID.DataSource, ID: id, Reason: reason, Interval: r.record.ID.Interval}
	if odd.Interval == (druid.Interval{}) && r.parseInterval() == "" {
		odd.Interval = r.record.ID.Interval
	}
	return odd
}

// druidInstant reads an instant and demands Druid's own print of it, because Druid compares these texts as texts.
func druidInstant(text string) (druid.Instant, bool) {
	if t, ok := druid.StoredInstant(text); ok {
		return t, true
	}
	t, err := druid.ParseInstant(text)
	return t, err == nil && t.String() == text
}
