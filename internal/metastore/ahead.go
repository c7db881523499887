package metastore

import "database/sql"

// pieceRows is how many rows are handed over at once: enough that handing over costs nothing, few enough to stay in a core's cache.
const pieceRows = 128

// piece is some rows as they came: their texts one behind the other, each value's end among them (-1 for NULL), and the states apart.
type piece struct {
	texts  []byte
	ends   []int
	states []any
}

func (p *piece) take(row *scannedRow) {
	for _, value := range row.values {
		if value == nil {
			p.ends = append(p.ends, -1)
			continue
		}
		p.texts = append(p.texts, value...)
		p.ends = append(p.ends, len(p.texts))
	}
	p.states = append(p.states, row.state)
}

// each puts one row after the other into row and calls visit.
func (p *piece) each(row *scannedRow, visit func() error) error {
	from, ends := 0, p.ends
	for _, state := range p.states {
		row.state = state
		for i := range row.values {
			row.values[i] = nil
			if end := ends[i]; end >= 0 {
				row.values[i] = p.texts[from:end:end]
				from = end
			}
		}
		ends = ends[len(row.values):]
		if err := visit(); err != nil {
			return err
		}
	}
	return nil
}

// ahead reads rows in a goroutine of its own and visits each of them in this one: the driver keeps a core busy, and so does
// understanding payloads. It returns when both are done, with the error of visit, and with that of reading.
func ahead(rows *sql.Rows, row *scannedRow, visit func() error) (visited, read error) {
	full, free := make(chan *piece, 1), make(chan *piece, 3)
	for range cap(free) {
		free <- &piece{}
	}
	go func() {
		defer close(full)
		read = readPieces(rows, newScannedRow(row.columns), free, full)
	}()
	for p := range full {
		if visited = p.each(row, visit); visited != nil {
			break
		}
		free <- p
	}
	close(free) // the reader ends at the next piece that it has to wait for
	for range full {
	}
	return visited, read
}

// readPieces ends when free is closed.
func readPieces(rows *sql.Rows, row *scannedRow, free <-chan *piece, full chan<- *piece) error {
	for p := range free {
		p.texts, p.ends, p.states = p.texts[:0], p.ends[:0], p.states[:0]
		for len(p.states) < pieceRows && rows.Next() {
			if err := rows.Scan(row.targets...); err != nil {
				return err
			}
			p.take(row)
		}
		if len(p.states) == 0 {
			break
		}
		full <- p
	}
	return rows.Err()
}
