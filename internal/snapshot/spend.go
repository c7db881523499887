package snapshot

// Spend takes the rows out of a cluster, so that the memory of a datasource's can be let go of before that of all others. What it
// returns gives a datasource with its rows, once; it may be called for several datasources at the same time.
func (c *Cluster) Spend() func(d *Datasource) *Datasource {
	type holder struct{ d *Datasource }
	held := make(map[*Datasource]*holder, len(c.Datasources))
	for _, d := range c.Datasources {
		whole := *d
		held[d] = &holder{&whole}
		d.Segments, d.Elsewhere = nil, d.Count()
	}
	return func(d *Datasource) *Datasource {
		h := held[d]
		if h == nil { // it is not of this cluster, and has what it has
			return d
		}
		whole := h.d
		h.d = nil
		return whole
	}
}
