package snapfile

import (
	"bytes"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// names are the datasources that a header announces, by how their lines begin as the writer quotes them, and by name.
type names struct {
	byHead, byName map[string]int
}

func (h *header) names() *names {
	n := &names{map[string]int{}, map[string]int{}}
	for i := range h.Datasources {
		name := h.Datasources[i].Name
		n.byHead[headOf(name)], n.byName[name] = i, i
	}
	return n
}

// run is lines of one datasource that follow each other in a piece, and are in order. Rows refer to the run's own lists,
// in which something may stand more than once.
type run struct {
	// datasource is its place in the header.
	datasource int
	rows       int
	versions   snapshot.Versions
	roots      []string
	shards     []druid.ShardSpec
}

// scanner reads lines into runs. Each line is read in one of two ways: fast is for what the writer writes mostly, and slow
// for everything else. Where both read a line they say the same.
type scanner struct {
	names *names
	// slowly is for tests: no line is read the fast way.
	slowly bool
	// open says that there is a run that the next line may belong to.
	open bool
	run  run
	head string
	// prefix is how the line before began, up to its partition: what it has of interval and version. Nil: not known.
	prefix []byte
	// last is the row before, in a run that has one.
	last *snapshot.Segment
	// interval is the text of the last interval that was read the fast way.
	interval        []byte
	versions, roots texts
	shards          shards
}

// lines reads lines until one cannot be taken. The text must not change while the scanner reads a piece.
func (s *scanner) lines(f *found, text []byte) bool {
	for len(text) > 0 {
		if !s.slowly {
			if n := s.fast(f, text); n > 0 {
				text = text[n:]
				continue
			}
		}
		end := bytes.IndexByte(text, '\n') + 1
		if !s.slow(f, text[:end-1]) {
			f.bad = bytes.Clone(text[:end-1])
			return false
		}
		text = text[end:]
	}
	return true
}

// turn opens a run of another datasource.
func (s *scanner) turn(f *found, to int, head string) {
	s.close(f)
	s.open, s.head, s.prefix, s.interval = true, head, nil, nil
	s.run = run{datasource: to}
}

// close puts the run that is open among those found.
func (s *scanner) close(f *found) {
	if !s.open {
		return
	}
	s.run.versions, s.run.roots, s.run.shards = s.versions.versions(), s.roots.take(), s.shards.take()
	if s.open = false; s.run.rows > 0 {
		f.runs = append(f.runs, s.run)
	}
}

// place opens the run of the line's datasource when that is another one; false when the line does not begin with one that
// the header announces, as the writer writes it.
func (s *scanner) place(f *found, text []byte) bool {
	if s.open && has(text, s.head) {
		return true
	}
	const first, key = `{"datasource":"`, `","interval":"`
	if !has(text, first) {
		return false
	}
	end := bytes.Index(text[len(first):], []byte(key))
	if end < 0 {
		return false
	}
	head := text[:len(first)+end+len(key)]
	to, ok := s.names.byHead[string(head)]
	if ok {
		s.turn(f, to, string(head))
	}
	return ok
}

const (
	instantSize  = len("2026-01-01T00:00:00.000Z")
	intervalSize = 2*instantSize + 1
)

// fast reads a line that looks exactly as the writer writes most of them: keys in its order, texts without escapes, years
// of four digits. It returns the line's length with its end, or 0: the line is another one, or none at all, and nothing
// of it has been taken.
func (s *scanner) fast(f *found, text []byte) int {
	l := line{text: text, row: snapshot.Segment{MarkedAt: druid.NoInstant, CreatedAt: druid.NoInstant, Bytes: snapshot.UnknownBytes}}
	switch {
	case s.open && s.prefix != nil && bytes.HasPrefix(text, s.prefix):
		l.at, l.row.Interval, l.row.Version = len(s.prefix), s.last.Interval, s.last.Version
	case s.place(f, text):
		s.span(&l)
	default:
		return 0
	}
	l.likely = s.shards.likely()
	prefix := text[:min(l.at, len(text))]
	l.body()
	if l.other || l.version != nil && !plainVersion(l.version) {
		return 0
	}
	if l.version != nil {
		l.row.Version = s.versions.number(l.version)
	}
	if !s.inOrder(&l.row) || l.shard != nil && !s.shards.number(l.shard, &l.row.Shard) {
		return 0
	}
	if l.root != nil {
		l.row.Root = 1 + s.roots.number(l.root)
	}
	if l.version != nil {
		s.prefix, s.interval = prefix, prefix[len(s.head):len(s.head)+intervalSize]
	}
	s.take(f, &l.row)
	return l.at
}

// slow reads any line, and says whether it could be taken.
func (s *scanner) slow(f *found, text []byte) bool {
	var p parts
	if p.parse(text) != nil {
		return false
	}
	to, ok := s.names.byName[p.datasource]
	if !ok {
		return false
	}
	if !s.open || s.run.datasource != to {
		s.turn(f, to, headOf(p.datasource))
	}
	row := p.row()
	row.Version = s.versions.number([]byte(p.version))
	if !s.inOrder(&row) || p.shard != "" && !s.shards.number([]byte(p.shard), &row.Shard) {
		return false
	}
	if p.root != "" {
		row.Root = 1 + s.roots.number([]byte(p.root))
	}
	s.prefix, s.interval = nil, nil
	s.take(f, &row)
	return true
}

func (s *scanner) take(f *found, row *snapshot.Segment) {
	s.run.rows++
	f.rows = append(f.rows, *row)
	s.last = &f.rows[len(f.rows)-1]
}

// span reads how a line begins: interval and version.
func (s *scanner) span(l *line) {
	if l.at = len(s.head); len(l.text)-l.at < intervalSize {
		l.other = true
		return
	}
	if text := l.text[l.at : l.at+intervalSize]; bytes.Equal(text, s.interval) {
		l.row.Interval = s.last.Interval
	} else {
		start, good := druid.StoredInstant(text[:instantSize])
		end, alsoGood := druid.StoredInstant(text[instantSize+1:])
		l.row.Interval = druid.Interval{Start: start, End: end}
		l.other = !good || !alsoGood || text[instantSize] != '/' || start > end
	}
	l.at += intervalSize
	l.must(`","version":"`)
	l.version = l.until('"')
	l.must(`","partition":`)
}

// inOrder reports whether a row sorts behind the one before it in its run.
func (s *scanner) inOrder(row *snapshot.Segment) bool {
	if s.run.rows == 0 {
		return true
	}
	order := s.last.Interval.Compare(row.Interval)
	if order == 0 && s.last.Version != row.Version {
		order = druid.CompareVersions(string(s.versions.text(s.last.Version)), string(s.versions.text(row.Version)))
	}
	return order < 0 || order == 0 && s.last.Partition < row.Partition
}

// line is a line that is taken apart from its beginning: text[at:] is still to be read. What is behind it may be more
// lines. other says that it does not look as expected.
type line struct {
	text  []byte
	at    int
	other bool
	row   snapshot.Segment
	// version is nil when it is that of the line before; shard and root when they are absent.
	version, shard, root []byte
	// likely is the shard to be expected; empty: none.
	likely string
}

// body reads what follows interval and version.
func (l *line) body() {
	l.row.Partition = int32(l.number(1<<31 - 1))
	if l.has(`,"used":true`) {
		l.row.Flags = snapshot.Used
	} else {
		l.must(`,"used":false`)
	}
	if l.has(`,"created_at":"`) {
		l.row.CreatedAt = l.instant()
	}
	if l.has(`,"marked_at":"`) {
		l.row.MarkedAt = l.instant()
	}
	if l.has(`,"bytes":`) {
		l.details()
	}
	if l.has(`,"root":"`) {
		l.root = l.until('"')
		l.other = l.other || len(l.root) == 0 || !plain(l.root)
		l.must(`"`)
	}
	if l.has(`,"odd":true`) {
		l.row.Flags |= snapshot.Odd
	}
	l.must("}\n")
}

func (l *line) details() {
	l.row.Flags |= snapshot.Details
	l.row.Bytes = l.number(1<<63 - 1)
	if l.has(`,"file":"`) {
		l.row.File = l.file()
	}
	l.must(`,"shard":`)
	if start := l.at; l.likely != "" && l.has(l.likely) {
		l.shard = l.text[start:l.at]
	} else {
		l.shard = l.object()
	}
}

// plainVersion is plain of a version. Nearly all are moments, which are seen faster than any text.
func plainVersion(version []byte) bool {
	_, moment := druid.StoredInstant(version)
	return moment || plain(version)
}

// has takes a word if it comes next.
func (l *line) has(word string) bool {
	if !has(l.text[l.at:], word) {
		return false
	}
	l.at += len(word)
	return true
}

func (l *line) must(word string) { l.other = !l.has(word) || l.other }

// until is what stands before the next such byte, which stays.
func (l *line) until(end byte) []byte {
	n := bytes.IndexByte(l.text[l.at:], end)
	if n < 0 {
		l.other = true
		return nil
	}
	l.at += n
	return l.text[l.at-n : l.at]
}

// number is a plain number of at most most.
func (l *line) number(most int64) int64 {
	n, digits, text := int64(0), 0, l.text[l.at:]
	for ; digits < len(text) && text[digits]-'0' < 10; digits++ {
		n = n*10 + int64(text[digits]-'0')
	}
	l.at += digits
	l.other = l.other || digits == 0 || digits > 18 || n > most || digits > 1 && text[0] == '0'
	return n
}

// quoted is so many bytes, behind which a quote must stand.
func (l *line) quoted(size int) []byte {
	if len(l.text)-l.at <= size || l.text[l.at+size] != '"' {
		l.other = true
		return nil
	}
	l.at += size + 1
	return l.text[l.at-size-1 : l.at-1]
}

// instant is a moment and its closing quote.
func (l *line) instant() druid.Instant {
	at, ok := druid.StoredInstant(l.quoted(instantSize))
	l.other = l.other || !ok
	return at
}

// file is a fingerprint and its closing quote.
func (l *line) file() uint64 {
	file, ok := parseFile(l.quoted(fileSize))
	l.other = l.other || !ok
	return file
}

// object is an object without objects in it and without escapes.
func (l *line) object() []byte {
	text := l.until('}')
	if l.other || len(text) == 0 || text[0] != '{' || bytes.IndexByte(text, '\\') >= 0 {
		l.other = true
		return nil
	}
	l.at++
	return l.text[l.at-len(text)-1 : l.at]
}

func has(text []byte, word string) bool {
	return len(text) >= len(word) && string(text[:len(word)]) == word
}
