package metastore

import (
	"bytes"
	"database/sql"
	"fmt"
	"slices"
	"strconv"

	"coppice/internal/druid"
)

// scannedRow is one row as it came. It is reused from row to row.
type scannedRow struct {
	columns []string
	// values are the texts of the columns, nil for NULL; state is that of the used column.
	values  []sql.RawBytes
	state   any
	targets []any
}

func newScannedRow(columns []string) *scannedRow {
	r := &scannedRow{columns: columns, values: make([]sql.RawBytes, len(columns)), targets: make([]any, len(columns))}
	for i, column := range columns {
		r.targets[i] = &r.values[i]
		if column == "used" {
			r.targets[i] = &r.state
		}
	}
	return r
}

// rowReader turns the columns of one narrow row into a record. It is reused from row to row.
type rowReader struct {
	*scannedRow
	record druid.SegmentRecord
	// names are the datasources that were met, and version is the last one: texts that are not made again.
	names   map[string]string
	version string
	at      segmentColumns
}

// segmentColumns is where each column is; -1 for one that is not there.
type segmentColumns struct{ dataSource, start, end, version, used, created, id, marked, root, payload, place int }

func newRowReader(columns []string) *rowReader {
	index := func(column string) int { return slices.Index(columns, column) }
	return &rowReader{scannedRow: newScannedRow(columns), names: map[string]string{}, at: segmentColumns{index("datasource"), index("start"),
		index("end"), index("version"), index("used"), index("created_date"), index("id"), index("used_status_last_updated"),
		index("upgraded_from_segment_id"), index("payload"), index("ctid")}}
}

// text gives a column's text, until the next row is read; ok is false for NULL and for a column that is not there.
func (r *rowReader) text(column int) (text []byte, ok bool) {
	if column < 0 || r.values[column] == nil {
		return nil, false
	}
	return r.values[column], true
}

// name is the name of the datasource as a text that stays.
func (r *rowReader) name(text []byte) string {
	name, ok := r.names[string(text)]
	if !ok {
		name = string(text)
		r.names[name] = name
	}
	return name
}

// parse fills the record and returns why it cannot; empty when it could.
func (r *rowReader) parse() (reason string) {
	r.record = druid.SegmentRecord{MarkedAt: druid.NoInstant, CreatedAt: druid.NoInstant}
	name, ok := r.text(r.at.dataSource)
	if !ok || len(name) == 0 {
		return "it names no datasource"
	}
	r.record.ID.DataSource = r.name(name)
	version, ok := r.text(r.at.version)
	if !ok {
		return "it has no version"
	}
	if string(version) != r.version {
		r.version = string(version)
	}
	r.record.ID.Version = r.version
	if r.record.Used, ok = r.state.(bool); !ok {
		return "it is neither used nor unused"
	}
	if reason := r.parseInterval(); reason != "" {
		return reason
	}
	if reason := r.parseMoments(); reason != "" {
		return reason
	}
	if place, ok := r.text(r.at.place); ok {
		r.record.Place = placeOf(place)
	}
	root, _ := r.text(r.at.root)
	r.record.Root = string(root)
	return r.parseID()
}

func (r *rowReader) parseInterval() (reason string) {
	start, _ := r.text(r.at.start)
	end, _ := r.text(r.at.end)
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
	if text, ok := r.text(r.at.marked); ok {
		if r.record.MarkedAt, ok = druidInstant(text); !ok {
			r.record.MarkedAt = druid.NoInstant
			return fmt.Sprintf("its used_status_last_updated %q is not an instant as Druid writes it", text)
		}
	}
	if text, ok := r.text(r.at.created); ok {
		if r.record.CreatedAt, ok = druidInstant(text); !ok {
			r.record.CreatedAt = druid.NoInstant
		}
	}
	return ""
}

// parseID takes the partition from the id, which must be the one that the other columns call for. Since the version is
// known, an id that ends in _5 is not ambiguous here.
func (r *rowReader) parseID() (reason string) {
	id, _ := r.text(r.at.id)
	name, _ := r.text(r.at.dataSource)
	rest, ok := bytes.CutPrefix(id, name)
	for _, column := range [...]int{r.at.start, r.at.end, r.at.version} {
		part, _ := r.text(column)
		if ok = ok && len(rest) > 0 && rest[0] == '_'; ok {
			rest, ok = bytes.CutPrefix(rest[1:], part)
		}
	}
	if !ok {
		return "its id does not fit its datasource, interval and version"
	}
	if len(rest) == 0 {
		return ""
	}
	n, err := strconv.ParseInt(string(rest[1:]), 10, 32)
	if err != nil || n <= 0 || rest[0] != '_' || rest[1] == '+' || rest[1] == '0' {
		return "its id does not end in a partition number"
	}
	r.record.ID.Partition = int32(n)
	return ""
}

// odd describes the row as far as it can be told.
func (r *rowReader) odd(reason string) druid.OddRecord {
	id, _ := r.text(r.at.id)
	odd := druid.OddRecord{DataSource: r.record.ID.DataSource, ID: string(id), Reason: reason, Interval: r.record.ID.Interval}
	if odd.Interval == (druid.Interval{}) && r.parseInterval() == "" {
		odd.Interval = r.record.ID.Interval
	}
	return odd
}

// druidInstant reads an instant and demands Druid's own print of it, because Druid compares these texts as texts.
func druidInstant[T string | []byte](text T) (druid.Instant, bool) {
	if t, ok := druid.StoredInstant(text); ok {
		return t, true
	}
	t, err := druid.ParseInstant(string(text))
	return t, err == nil && t.String() == string(text)
}
