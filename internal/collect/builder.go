package collect

import (
	"fmt"
	"strings"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// builder gathers one datasource's rows in any order, packed from the start.
type builder struct {
	name     string
	rows     gatheredRows
	versions versionKeys
	roots    map[string]uint32
	rootList []string
	shards   shardTable
	rules    snapshot.Rules
	gaps     []snapshot.Gap
	// more counts odd rows beyond maxOddRows.
	more        int
	unusedKnown bool
	// part: the store has rows of it, of which only some are read.
	part bool
}

// maxOddRows is how many odd rows of a datasource are named one by one; more of them concern all of it.
const maxOddRows = 200

func (s *Session) builder(name string) *builder {
	b, ok := s.builders[name]
	if !ok {
		b = &builder{name: strings.Clone(name), unusedKnown: s.allListed || s.bare[name]}
		s.builders[b.name] = b
	}
	return b
}

// add takes a row over; nothing of the record is kept but its texts.
func (b *builder) add(r *druid.SegmentRecord) {
	row := snapshot.Segment{Interval: r.ID.Interval, MarkedAt: r.MarkedAt, CreatedAt: r.CreatedAt,
		Bytes: snapshot.UnknownBytes, Root: b.root(r.Root), Partition: r.ID.Partition}
	if r.Used {
		row.Flags = snapshot.Used
	}
	if r.Data != nil {
		b.shards.fill(&row, r.Data)
	} else {
		row.File = r.Place
	}
	b.rows.add(&row, b.versions.key(r.ID.Version))
}

func (b *builder) root(id string) uint32 {
	if id == "" {
		return 0
	}
	at, ok := b.roots[id]
	if !ok {
		if b.roots == nil {
			b.roots = map[string]uint32{}
		}
		b.rootList = append(b.rootList, id)
		at = uint32(len(b.rootList))
		b.roots[id] = at
	}
	return at
}

// odd makes a gap of a row that cannot be understood.
func (b *builder) odd(o druid.OddRecord) {
	if len(b.gaps) >= maxOddRows {
		b.more++
		return
	}
	b.gaps = append(b.gaps, snapshot.Gap{What: gapRow, Why: o.ID + ": " + o.Reason, Interval: o.Interval})
}

// build packs what was gathered; the builder is spent afterwards.
func (b *builder) build() *snapshot.Datasource {
	rows, versions := b.rows.joined(&b.versions)
	b.rows, b.versions = gatheredRows{}, versionKeys{}
	if b.more > 0 {
		b.gaps = append(b.gaps, snapshot.Gap{What: gapRow, Why: fmt.Sprintf("%d more rows cannot be understood", b.more)})
	}
	d := &snapshot.Datasource{Name: b.name, Rules: b.rules, Versions: versions, Shards: b.shards.list, Roots: b.rootList,
		Segments: rows, UnusedKnown: b.unusedKnown, Gaps: b.gaps}
	if b.part {
		d.Part = &snapshot.Part{}
	}
	d.Finish()
	return d
}

// The names of gaps, which the planner knows.
const (
	gapRow     = "segment row"
	gapRules   = "rules"
	gapHistory = "rule history"
	gapUnused  = "unused segments"
	gapLocks   = "locks"
	gapTiers   = "tiers"
	gapDuties  = "duties"
	gapVersion = "version"
	gapNames   = "datasources"
	gapCompare = "comparison with the Coordinator"
)
