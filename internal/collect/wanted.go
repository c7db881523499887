package collect

import (
	"hash/maphash"

	"coppice/internal/snapshot"
)

// wantedRows finds rows by their ids in 18 bytes a row: a table of hashes, without the ids themselves. A search in the
// sorted datasource takes several times as long, and a pass over all payloads looks for every row of the store.
type wantedRows struct {
	rows []wantedRow
	// slots hold 1 + an index into rows, at the id's hash or behind it; their number is a power of two.
	slots []uint32
	// tags hold seven bits of the hash and one that is always set, by slot; 0 is an empty slot. They spare a look at most
	// rows that are something else.
	tags []uint8
	// of are the datasources by number.
	of   []*snapshot.Datasource
	seed maphash.Seed
	// id and added are the space for ids.
	id, added []byte
}

// wantedRow is a row's place: the number of its datasource, and its index there.
type wantedRow struct{ share, index int32 }

// makeRoom is called first, with the most rows that will be added.
func (w *wantedRows) makeRoom(most int) {
	size := 2
	for size < 2*most {
		size *= 2
	}
	w.rows, w.slots, w.tags, w.seed = make([]wantedRow, 0, most), make([]uint32, size), make([]uint8, size), maphash.MakeSeed()
}

// datasource numbers a datasource, from 0.
func (w *wantedRows) datasource(d *snapshot.Datasource) (share int32) {
	w.of = append(w.of, d)
	return int32(len(w.of) - 1)
}

// add takes a row; a second time it does nothing.
func (w *wantedRows) add(row wantedRow) {
	d := w.of[row.share]
	w.added = d.ID(&d.Segments[row.index]).Append(w.added[:0])
	at, tag, found := w.slot(w.added)
	if !found {
		w.rows = append(w.rows, row)
		w.slots[at], w.tags[at] = uint32(len(w.rows)), tag
	}
}

// find returns the place of the row with that id.
func (w *wantedRows) find(id string) (at wantedRow, ok bool) {
	slot, _, found := w.slot([]byte(id))
	if !found {
		return wantedRow{}, false
	}
	return w.rows[w.slots[slot]-1], true
}

// slot returns where the id is, or where it is to be put, with its tag.
func (w *wantedRows) slot(id []byte) (at uint64, tag uint8, found bool) {
	mask, hash := uint64(len(w.slots)-1), maphash.Bytes(w.seed, id)
	tag = uint8(hash>>57) | 1<<7
	for at = hash & mask; w.tags[at] != 0; at = (at + 1) & mask {
		if w.tags[at] != tag {
			continue
		}
		row := w.rows[w.slots[at]-1]
		d := w.of[row.share]
		if w.id = d.ID(&d.Segments[row.index]).Append(w.id[:0]); string(w.id) == string(id) {
			return at, tag, true
		}
	}
	return at, tag, false
}
