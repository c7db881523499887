package render

import "coppice/internal/plan"

// row is one datasource's first line in a part of the screen: what happens to it, over which span, how much.
type row struct {
	sign, name, span, amount, size string
	// note is short and comes last, such as "42 tasks" or "BLOCKED".
	note string
}

// columns are the widths of a part's rows.
type columns struct{ name, span, amount, size int }

// widest looks at all rows once. Names longer than a third of the screen do not widen the column.
func (s *screen) widest(rows []row) columns {
	var c columns
	for i := range rows {
		if n := cells(rows[i].name); n <= s.width/3 {
			c.name = max(c.name, n)
		}
		c.span = max(c.span, cells(rows[i].span))
		c.amount = max(c.amount, cells(rows[i].amount))
		c.size = max(c.size, cells(rows[i].size))
	}
	return c
}

// row writes one row. A row that is too long gets a second line instead of being cut.
func (s *screen) row(r row, c columns, color ink) {
	numbers := padLeft(r.amount, c.amount)
	if c.size > 0 {
		numbers += "  " + padLeft(r.size, c.size)
	}
	if c.span > 0 {
		numbers = padRight(r.span, c.span) + "  " + numbers
	}
	head := span{r.sign + " ", color}
	if cells(r.name) > c.name || 4+c.name+cells(numbers) > s.width {
		s.line(0, head, span{r.name, inkBold})
		s.noted(detailIndent, []span{plain(numbers)}, r.note)
		return
	}
	s.noted(0, []span{head, {padRight(r.name, c.name), inkBold}, plain("  " + numbers)}, r.note)
}

// noted writes spans and a note behind them, or below when there is no room.
func (s *screen) noted(indent int, spans []span, note string) {
	used := indent + 2 + cells(note)
	for _, one := range spans {
		used += cells(one.text)
	}
	if note == "" || used <= s.width {
		s.line(indent, append(spans, plain("  "+note))...)
		return
	}
	s.line(indent, spans...)
	s.sentence(max(indent, detailIndent), note, "")
}

// segments is an amount's number with its noun.
func segments(n int64) string { return counted(n, "segment") }

// sizeOf is an amount's size in words that do not claim more than is known: sizes are read only where a decision needs
// them, and a size of zero may be one that was not read.
func sizeOf(a plan.Amount, unsized int64) string {
	switch {
	case unsized >= a.Segments && a.Segments > 0:
		return "size not read"
	case unsized > 0:
		return "over " + size(a.Bytes)
	}
	return totalSize(a)
}

// totalSize is the size of a total, whose parts without a size are not known any more: nothing is said about none.
func totalSize(a plan.Amount) string {
	if a.Bytes <= 0 {
		return ""
	}
	return size(a.Bytes)
}

// amountText is a total in running text: "744 segments, 96.0 GiB".
func amountText(a plan.Amount) string {
	if text := totalSize(a); text != "" {
		return segments(a.Segments) + ", " + text
	}
	return segments(a.Segments)
}
