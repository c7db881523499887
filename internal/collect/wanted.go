package collect

import (
	"hash/maphash"

	"coppice/internal/snapshot"
)

// wantedRows finds rows by their ids in 16 bytes a row: a table of hashes, without the ids themselves. A search in the
// sorted datasource takes several times as long, and a pass over all payloads looks for every row of the store.
type wantedRows struct {
	rows []wantedRow
	// slots hold 1 + an index into rows, at the id's hash or behind it; their number is a power of two.
	slots []uint32
	// of are the datasources by number.
	of   []*snapshot.Datasource
	seed maphash.Seed
	// id is the space for ids.
	id []byte
}

// wantedRow is a row's place: the number of its datasource, and its index there.
type wantedRow struct{ share, index int32 }

// makeRoom is called first, with the most rows that will be added.
func (w *wantedRows) makeRoom(most int) {
	size := 2
	for size < 2*most {
		size *= 2
	}
	w.rows, w.slots, w.seed = make([]wantedRow, 0, most), make([]uint32, size), maphash.MakeSeed()
}

// datasource numbers a datasource, from 0.
func (w *wantedRows) datasource(d *snapshot.Datasource) (share int32) {
	w.of = append(w.of, d)
	return int32(len(w.of) - 1)
}

// add takes a row; a second time it does nothing.
func (w *wantedRows) add(row wantedRow) {
	d := w.of[row.share]
	at, found := w.slot(d.ID(&d.Segments[row.index]).Append(nil))
	if !found {
		w.rows = append(w.rows, row)
		w.slots[at] = uint32(len(w.rows))
	}
}

// find returns the place of the row with that id.
func (w *wantedRows) find(id string) (at wantedRow, ok bool) {
	slot, found := w.slot([]byte(id))
	if !found {
		return wantedRow{}, false
	}
	return w.rows[w.slots[slot]-1], true
}

// slot returns where the id is, or where it is to be put.
func (w *wantedRows) slot(id []byte) (at uint64, found bool) {
	mask := uint64(len(w.slots) - 1)
	for at = maphash.Bytes(w.seed, id) & mask; w.slots[at] != 0; at = (at + 1) & mask {
		row := w.rows[w.slots[at]-1]
		d := w.of[row.share]
		if w.id = d.ID(&d.Segments[row.index]).Append(w.id[:0]); string(w.id) == string(id) {
			return at, true
		}
	}
	return at, false
}
