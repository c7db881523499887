package snapshot

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"

	"coppice/internal/druid"
)

// Digest is a fingerprint (sha256, hex) of what decisions depend on, in a finished cluster: when it was read, times of
// the last duty runs, authors and the wording of gaps do not count. Details count once they are filled in, so two
// digests compare only when both were taken before or both after that.
func (c *Cluster) Digest() string {
	d := digester{hash: sha256.New()}
	d.text("coppice snapshot 1")
	d.text(c.Identity)
	d.text(c.DruidVersion)
	d.flags(c.Sources.Store, c.Sources.Coordinator, c.Sources.Replica, c.Sources.Disagree != "", c.TiersKnown, c.Duties != nil,
		c.AutoKill != nil)
	if c.Duties != nil {
		d.flags(c.Duties.Stopped, c.Duties.Frozen)
	}
	d.autoKill(c.AutoKill)
	d.texts(c.Tiers)
	d.rules(&c.DefaultRules)
	d.gaps(c.Gaps)
	d.number(int64(len(c.Datasources)))
	for _, datasource := range c.Datasources {
		d.datasource(datasource)
	}
	return d.sum()
}

// digester feeds a hash with values of known length, so that no two different contents read alike.
type digester struct {
	hash   hash.Hash
	buffer []byte
}

func (d *digester) sum() string {
	d.flush()
	return hex.EncodeToString(d.hash.Sum(nil))
}

func (d *digester) flush() {
	d.hash.Write(d.buffer)
	d.buffer = d.buffer[:0]
}

func (d *digester) number(n int64) {
	if len(d.buffer) > 1<<14 {
		d.flush()
	}
	d.buffer = binary.BigEndian.AppendUint64(d.buffer, uint64(n))
}

func (d *digester) text(s string) {
	d.number(int64(len(s)))
	d.buffer = append(d.buffer, s...)
}

func (d *digester) texts(list []string) {
	d.number(int64(len(list)))
	for _, s := range list {
		d.text(s)
	}
}

func (d *digester) flags(flags ...bool) {
	var bits int64
	for i, flag := range flags {
		if flag {
			bits |= 1 << i
		}
	}
	d.number(bits)
}

func (d *digester) rules(r *Rules) {
	d.flags(r.Set, r.HistoryComplete)
	d.number(int64(r.Since))
	d.text(r.List.Digest())
	d.number(int64(len(r.History)))
	for _, version := range r.History {
		d.number(int64(version.Since))
		d.text(version.List.Digest())
	}
}

func (d *digester) gaps(gaps []Gap) {
	d.number(int64(len(gaps)))
	for _, gap := range gaps {
		d.text(gap.What)
		d.number(int64(gap.Interval.Start))
		d.number(int64(gap.Interval.End))
	}
}

func (d *digester) datasource(s *Datasource) {
	d.text(s.Name)
	d.rules(&s.Rules)
	d.flags(s.UnusedKnown, s.BusyKnown, s.Part != nil)
	if s.Part != nil {
		d.number(s.Part.Used)
	}
	d.number(int64(len(s.Busy)))
	for _, busy := range s.Busy {
		d.number(int64(busy.Interval.Start))
		d.number(int64(busy.Interval.End))
		d.text(busy.Kind)
		d.text(busy.By)
	}
	d.gaps(s.Gaps)
	d.texts(s.Versions)
	d.texts(s.Roots)
	d.number(int64(len(s.Segments)))
	shards := make([][]byte, len(s.Shards))
	for i := range s.Segments {
		d.segment(s, &s.Segments[i], shards)
	}
}

// segment feeds a row; shards are what was fed for each shard spec, nil before the first.
func (d *digester) segment(s *Datasource, row *Segment, shards [][]byte) {
	numbers := [8]int64{int64(row.Interval.Start), int64(row.Interval.End), int64(row.MarkedAt), int64(row.CreatedAt),
		int64(row.Version)<<32 | int64(row.Root), int64(row.Partition)<<8 | int64(row.Flags), row.Bytes, int64(row.File)}
	if !row.Has(Details) {
		d.numbers(numbers[:6])
		return
	}
	d.numbers(numbers[:])
	if shards[row.Shard] == nil {
		shards[row.Shard] = appendShard(nil, &s.Shards[row.Shard])
	}
	d.buffer = append(d.buffer, shards[row.Shard]...)
}

// numbers feeds some numbers at once.
func (d *digester) numbers(list []int64) {
	if len(d.buffer) > 1<<14 {
		d.flush()
	}
	for _, n := range list {
		d.buffer = binary.BigEndian.AppendUint64(d.buffer, uint64(n))
	}
}

func appendShard(b []byte, s *druid.ShardSpec) []byte {
	core := 0
	if s.HasCore {
		core = 1
	}
	for _, n := range [...]int{core, int(s.Kind), int(s.Minor), int(s.AtomicSize), int(s.Partition), int(s.CorePartitions),
		int(s.RootStart), int(s.RootEnd)} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	for _, text := range [...]string{s.Start, s.End} {
		b = append(binary.BigEndian.AppendUint64(b, uint64(len(text))), text...)
	}
	return b
}
