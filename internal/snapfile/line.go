package snapfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// parts are what a segment's line says. Texts may be parts of the line.
type parts struct {
	intervalText        string
	interval            druid.Interval
	version             string
	partition           int32
	flags               snapshot.Flags
	createdAt, markedAt druid.Instant
	bytes               int64
	file                uint64
	shard, root         string // empty: absent
}

// segmentLine is the same as JSON; what a line must have is a pointer.
type segmentLine struct {
	Datasource string          `json:"datasource"`
	Interval   *druid.Interval `json:"interval"`
	Version    *string         `json:"version"`
	Partition  *int32          `json:"partition"`
	Used       *bool           `json:"used"`
	CreatedAt  *druid.Instant  `json:"created_at"`
	MarkedAt   *druid.Instant  `json:"marked_at"`
	Bytes      *int64          `json:"bytes"`
	File       string          `json:"file"`
	Shard      json.RawMessage `json:"shard"`
	Root       string          `json:"root"`
	Odd        bool            `json:"odd"`
}

// parse reads any line of that datasource; scan reads most of them, faster.
func (p *parts) parse(line, dataSource string) error {
	var l segmentLine
	if err := json.Unmarshal([]byte(line), &l); err != nil {
		return fmt.Errorf("bad segment: %w", err)
	}
	if l.Datasource != dataSource {
		return fmt.Errorf("expected a segment of %s, which the header announces, and found one of %q", dataSource, l.Datasource)
	}
	if err := l.check(); err != nil {
		return err
	}
	*p = parts{intervalText: l.Interval.String(), interval: *l.Interval, version: *l.Version, partition: *l.Partition,
		createdAt: known(l.CreatedAt), markedAt: known(l.MarkedAt), root: l.Root}
	if *l.Used {
		p.flags |= snapshot.Used
	}
	if l.Odd {
		p.flags |= snapshot.Odd
	}
	if l.Shard == nil || string(l.Shard) == "null" {
		return nil
	}
	p.shard, p.bytes = string(l.Shard), *l.Bytes
	if l.File == "" {
		return nil
	}
	file, ok := parseFile(l.File)
	if p.file = file; !ok {
		return fmt.Errorf("bad segment: file is %q, and 16 hexadecimal digits above 0 are expected", l.File)
	}
	return nil
}

func (l *segmentLine) check() error {
	for _, required := range []struct {
		name  string
		there bool
	}{{"interval", l.Interval != nil}, {"version", l.Version != nil}, {"partition", l.Partition != nil}, {"used", l.Used != nil},
		{"bytes", l.Bytes != nil || l.Shard == nil || string(l.Shard) == "null"}} {
		if !required.there {
			return fmt.Errorf("bad segment: %s is missing", required.name)
		}
	}
	if *l.Partition < 0 {
		return errors.New("bad segment: partition is below 0")
	}
	return nil
}

// parseFile reads 16 digits as appendFile writes them; strconv takes three times as long.
func parseFile(text string) (uint64, bool) {
	file := uint64(0)
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			file = file<<4 | uint64(c-'0')
		case c >= 'a' && c <= 'f':
			file = file<<4 | uint64(c-'a'+10)
		default:
			return 0, false
		}
	}
	return file, len(text) == 16 && file != snapshot.NoFile
}

func parseShard(text string) (druid.ShardSpec, error) {
	var s shard
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return druid.ShardSpec{}, fmt.Errorf("bad segment: shard: %w", err)
	}
	kind, ok := druid.ParseShardKind(s.Type)
	if !ok {
		// A type of a later version cannot be judged here, and what cannot be judged is kept.
		return druid.ShardSpec{Kind: druid.ShardUnknown}, nil
	}
	return druid.ShardSpec{Kind: kind, HasCore: s.HasCore, Minor: s.Minor, AtomicSize: s.AtomicSize, Partition: s.Partition,
		CorePartitions: s.Core, RootStart: s.RootStart, RootEnd: s.RootEnd, Start: s.Start, End: s.End}, nil
}

// scan reads a line that looks exactly as the writer writes most of them: keys in its order, texts without escapes,
// years of four digits. False says that the line is another one, or none at all.
func (p *parts) scan(line, head string, last *parts) bool {
	t := template{rest: line}
	t.word(head)
	p.intervalText = t.until('"')
	t.word(`","version":"`)
	p.version = t.until('"')
	t.word(`","partition":`)
	p.partition = int32(t.number(1<<31 - 1))
	p.flags, p.createdAt, p.markedAt = 0, druid.NoInstant, druid.NoInstant
	switch {
	case t.maybe(`,"used":true`):
		p.flags = snapshot.Used
	default:
		t.word(`,"used":false`)
	}
	if t.maybe(`,"created_at":"`) {
		p.createdAt = t.instant()
	}
	if t.maybe(`,"marked_at":"`) {
		p.markedAt = t.instant()
	}
	p.scanDetails(&t)
	if t.maybe(`,"odd":true`) {
		p.flags |= snapshot.Odd
	}
	return !t.other && t.rest == "}" && p.settle(last)
}

func (p *parts) scanDetails(t *template) {
	p.bytes, p.file, p.shard, p.root = 0, snapshot.NoFile, "", ""
	if t.maybe(`,"bytes":`) {
		p.bytes = t.number(1<<63 - 1)
		if t.maybe(`,"file":"`) {
			file, ok := parseFile(t.until('"'))
			t.other = t.other || !ok
			p.file = file
			t.word(`"`)
		}
		t.word(`,"shard":`)
		p.shard = t.object()
	}
	if t.maybe(`,"root":"`) {
		p.root = t.until('"')
		t.other = t.other || p.root == "" || !plain(p.root)
		t.word(`"`)
	}
}

// settle reads the texts that most lines share with the line before.
func (p *parts) settle(last *parts) bool {
	if p.version != last.version && !plain(p.version) {
		return false
	}
	if p.intervalText == last.intervalText && p.intervalText != "" {
		p.interval = last.interval
		return true
	}
	const width = len("2026-01-01T00:00:00.000Z")
	if len(p.intervalText) != 2*width+1 || p.intervalText[width] != '/' {
		return false
	}
	start, badStart := druid.ParseInstant(p.intervalText[:width])
	end, badEnd := druid.ParseInstant(p.intervalText[width+1:])
	p.interval = druid.Interval{Start: start, End: end}
	return badStart == nil && badEnd == nil && start <= end
}

// template takes a line apart from its beginning; other says that it does not look as expected.
type template struct {
	rest  string
	other bool
}

func (t *template) maybe(word string) bool {
	if !strings.HasPrefix(t.rest, word) {
		return false
	}
	t.rest = t.rest[len(word):]
	return true
}

func (t *template) word(word string) { t.other = !t.maybe(word) || t.other }

// until is what stands before the next such byte, which stays.
func (t *template) until(end byte) string {
	at := strings.IndexByte(t.rest, end)
	if at < 0 {
		t.other = true
		return ""
	}
	text := t.rest[:at]
	t.rest = t.rest[at:]
	return text
}

// number is a plain number of at most most.
func (t *template) number(most int64) int64 {
	n, digits := int64(0), 0
	for digits < len(t.rest) && t.rest[digits] >= '0' && t.rest[digits] <= '9' {
		n = n*10 + int64(t.rest[digits]-'0')
		digits++
	}
	t.other = t.other || digits == 0 || digits > 18 || n > most || digits > 1 && t.rest[0] == '0'
	t.rest = t.rest[digits:]
	return n
}

// instant is a moment and its closing quote.
func (t *template) instant() druid.Instant {
	text := t.until('"')
	at, err := druid.ParseInstant(text)
	t.other = t.other || err != nil || len(text) != len("2026-01-01T00:00:00.000Z")
	t.word(`"`)
	return at
}

// object is an object without objects in it and without escapes.
func (t *template) object() string {
	text := t.until('}')
	t.other = t.other || !strings.HasPrefix(text, "{") || strings.IndexByte(text, '\\') >= 0
	t.word("}")
	return text + "}"
}
