package druid

// atEdge reports whether the year is one that Joda lets through only at the ends of Java's long.
func (m *moment) atEdge() bool { return m.year < minYear || m.year > maxYear }

func (m *moment) edgeInstant() (Instant, bool) { return 0, false }
