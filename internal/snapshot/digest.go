package snapshot

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"runtime"

	"coppice/internal/druid"
	"coppice/internal/parallel"
)

// Digest is a fingerprint (sha256, hex) of what decisions depend on, in a finished cluster: when it was read, times of
// the last duty runs, authors and the wording of gaps do not count. Details count once they are filled in, so two
// digests compare only when both were taken before or both after that.
func (c *Cluster) Digest() string {
	d := digester{hash: sha256.New()}
	d.text("coppice snapshot 2")
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
	d.texts(c.datasourceSums())
	return hex.EncodeToString(d.sum())
}

// datasourceSums are the hashes of the datasources, each by itself, so that they are made at the same time.
func (c *Cluster) datasourceSums() []string {
	sums, workers := make([]string, len(c.Datasources)), runtime.GOMAXPROCS(0)
	free := make(chan *digester, workers)
	for range workers {
		free <- &digester{hash: sha256.New()}
	}
	parallel.Each(len(sums), workers, func(i int) {
		d := <-free
		d.hash.Reset()
		d.datasource(c.Datasources[i])
		sums[i] = string(d.sum())
		free <- d
	})
	return sums
}

// digester feeds a hash with values of known length, so that no two different contents read alike.
type digester struct {
	hash   hash.Hash
	buffer []byte
}

func (d *digester) sum() []byte {
	d.flush()
	return d.hash.Sum(nil)
}

func (d *digester) flush() {
	d.hash.Write(d.buffer)
	d.buffer = d.buffer[:0]
}

// room makes some where the buffer is nearly full.
func (d *digester) room() {
	if len(d.buffer) > 1<<14 {
		d.flush()
	}
}

func (d *digester) number(n int64) {
	d.room()
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

func (d *digester) versions(v *Versions) {
	d.number(int64(v.Len()))
	for n := range v.Len() {
		d.room()
		d.text(v.At(uint32(n)))
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
	d.versions(&s.Versions)
	d.texts(s.Roots)
	d.number(int64(len(s.Segments)))
	shards := shardNumbers{numbers: make([]uint32, len(s.Shards))}
	for i := range s.Segments {
		d.segment(s, &s.Segments[i], &shards)
	}
}

// shardNumbers numbers shard specs from 1, in the order in which rows refer to them: what no row refers to does not count.
type shardNumbers struct {
	numbers []uint32
	last    uint32
}

// segment feeds a row; its shard spec follows it where it is referred to for the first time.
func (d *digester) segment(s *Datasource, row *Segment, shards *shardNumbers) {
	d.room()
	b, order := d.buffer, binary.BigEndian
	b = append(b, byte(row.Flags))
	b = order.AppendUint64(b, uint64(row.Interval.Start))
	b = order.AppendUint64(b, uint64(row.Interval.End))
	b = order.AppendUint64(b, uint64(row.MarkedAt))
	b = order.AppendUint64(b, uint64(row.CreatedAt))
	b = order.AppendUint64(b, uint64(row.Version)<<32|uint64(row.Root))
	b = order.AppendUint32(b, uint32(row.Partition))
	if !row.Has(Details) {
		d.buffer = b
		return
	}
	number := shards.numbers[row.Shard]
	b = order.AppendUint64(b, uint64(row.Bytes))
	b = order.AppendUint64(b, row.File)
	d.buffer = order.AppendUint32(b, number)
	if number == 0 {
		shards.last++
		shards.numbers[row.Shard] = shards.last
		d.shard(&s.Shards[row.Shard])
	}
}

func (d *digester) shard(s *druid.ShardSpec) {
	d.flags(s.HasCore)
	for _, n := range [...]int64{int64(s.Kind), int64(s.Minor), int64(s.AtomicSize), int64(s.Partition), int64(s.CorePartitions),
		int64(s.RootStart), int64(s.RootEnd)} {
		d.number(n)
	}
	d.text(s.Start)
	d.text(s.End)
}
