package metastore

import (
	"bytes"
	"context"
	"strconv"
)

// A place is where PostgreSQL keeps a version of a row: the number of the block times 65536, and the item there, counted from 1. What a
// view has seen stays where it is until the view ends: nothing is cleaned up that it may still see, and whoever rewrites the table waits for it.

// placeOf reads a ctid, "(block,item)"; 0 is none.
func placeOf(ctid []byte) uint64 {
	block, item, found := bytes.Cut(bytes.Trim(ctid, "()"), []byte{','})
	b, blockErr := strconv.ParseUint(string(block), 10, 32)
	i, itemErr := strconv.ParseUint(string(item), 10, 16)
	if !found || blockErr != nil || itemErr != nil {
		return 0
	}
	return b<<16 | i
}

// PayloadsAt hands over id and payload of the rows at these places, which this view has seen, in no order. There the server finds them
// in less than half of the time that it takes by their ids. Both are valid during the call only. An error of visit stops the reading and is returned.
func (v *View) PayloadsAt(ctx context.Context, places []uint64, visit func(id, payload []byte) error) error {
	list := []byte{'{'}
	for i, place := range places {
		if i > 0 {
			list = append(list, ',')
		}
		list = strconv.AppendUint(append(list, `"(`...), place>>16, 10)
		list = append(strconv.AppendUint(append(list, ','), place&0xffff, 10), `)"`...)
	}
	query := "SELECT " + v.store.tables.text("id") + ", payload FROM " + v.store.tables.name("segments") + " WHERE ctid = ANY($1::tid[])"
	rows, err := v.tx.QueryContext(ctx, query, string(append(list, '}')))
	return v.visitPayloads(rows, err, visit)
}
