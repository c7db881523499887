package collect

import (
	"hash/maphash"

	"coppice/internal/snapshot"
)

// wantedRows finds rows by their ids in about 24 bytes a row, without the ids themselves: by hashes of 64 bits with a seed
// that nobody can guess. Whoever fills a row in compares the payload's own id with the row's: rows whose hashes are equal
// would be left without their payloads, never with those of others.
type wantedRows struct {
	rows []wantedRow
	// slots hold 1 + an index into rows, at the id's hash or behind it; their number is a power of two.
	slots []uint32
	// of are the datasources by number.
	of   []*snapshot.Datasource
	seed maphash.Seed
	// id is the space for an id.
	id []byte
}

// wantedRow is a row's place: the number of its datasource, and its index there; with the hash of its id.
type wantedRow struct {
	share, index int32
	hash         uint64
}

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
func (w *wantedRows) add(share, index int32) {
	d := w.of[share]
	w.id = d.ID(&d.Segments[index]).Append(w.id[:0])
	hash := maphash.Bytes(w.seed, w.id)
	if at, found := w.slot(hash); !found {
		w.rows = append(w.rows, wantedRow{share, index, hash})
		w.slots[at] = uint32(len(w.rows))
	}
}

// find returns the place of the row with that id.
func (w *wantedRows) find(id []byte) (at wantedRow, ok bool) {
	slot, found := w.slot(maphash.Bytes(w.seed, id))
	if !found {
		return wantedRow{}, false
	}
	return w.rows[w.slots[slot]-1], true
}

// slot returns where the hash is, or where it is to be put.
func (w *wantedRows) slot(hash uint64) (at uint64, found bool) {
	mask := uint64(len(w.slots) - 1)
	for at = hash & mask; w.slots[at] != 0; at = (at + 1) & mask {
		if w.rows[w.slots[at]-1].hash == hash {
			return at, true
		}
	}
	return at, false
}
