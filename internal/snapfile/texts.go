package snapfile

import (
	"bytes"
	"encoding/binary"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// texts numbers texts in the order in which they come. What came not long ago keeps its number; what comes again later
// may get another one.
type texts struct {
	all  []byte
	ends []int
	// recent are numbers above 0, at the place that a text's last bytes say: one more than what number returns.
	recent [64]uint32
}

func (t *texts) number(text []byte) uint32 {
	at := &t.recent[placeOf(text)]
	if *at > 0 && bytes.Equal(t.text(*at-1), text) {
		return *at - 1
	}
	t.all = append(t.all, text...)
	t.ends = append(t.ends, len(t.all))
	*at = uint32(len(t.ends))
	return *at - 1
}

// placeOf tells texts apart that differ in their last bytes or, like the versions of days, further ahead.
func placeOf(text []byte) int {
	const odd = 0x9e3779b97f4a7c15
	if len(text) < 16 {
		return len(text)
	}
	last, before := binary.LittleEndian.Uint64(text[len(text)-8:]), binary.LittleEndian.Uint64(text[len(text)-16:])
	return int((last*odd ^ before) * odd >> 58)
}

func (t *texts) text(number uint32) []byte {
	if number == 0 {
		return t.all[:t.ends[0]]
	}
	return t.all[t.ends[number-1]:t.ends[number]]
}

// take hands all out, as parts of one string, and begins anew.
func (t *texts) take() []string {
	if len(t.ends) == 0 {
		return nil
	}
	list, all, start := make([]string, len(t.ends)), string(t.all), 0
	for i, end := range t.ends {
		list[i], start = all[start:end], end
	}
	t.clear()
	return list
}

// versions is take of texts that are versions.
func (t *texts) versions() snapshot.Versions {
	keys, others := make([]int64, len(t.ends)), []string(nil)
	for n := range keys {
		text := t.text(uint32(n))
		key, ok := snapshot.VersionKey(text)
		if !ok {
			others = append(others, string(text))
			key = -int64(len(others))
		}
		keys[n] = key
	}
	t.clear()
	return snapshot.PackedVersions(keys, others)
}

func (t *texts) clear() { t.all, t.ends, t.recent = t.all[:0], t.ends[:0], [64]uint32{} }

// shards numbers shard specs by their JSON. Different texts may mean the same, which Finish sees.
type shards struct {
	list []druid.ShardSpec
	// texts are the JSON of the list; numbers are their places in it, and follows is which one came behind each last.
	texts   []string
	numbers map[string]uint32
	follows []uint32
	last    uint32
	// known are specs read before, whatever their datasource.
	known map[string]druid.ShardSpec
}

// maxKnown is for how many shard specs there is room at once: partitions of a datasource that has borders without end.
const maxKnown = 1 << 12

// likely is what comes next if it comes as before: in a set, one partition follows the other. It is empty when nothing
// has come yet.
func (s *shards) likely() string {
	if len(s.list) == 0 {
		return ""
	}
	return s.texts[s.follows[s.last]]
}

// number is false when the text is no shard spec.
func (s *shards) number(text []byte, to *uint32) bool {
	if s.likely() == string(text) && len(s.list) > 0 {
		s.last = s.follows[s.last]
		*to = s.last
		return true
	}
	at, ok := s.numbers[string(text)]
	if !ok {
		spec, err := s.spec(text)
		if err != nil {
			return false
		}
		at = s.add(string(text), spec)
	}
	s.follows[s.last], s.last, *to = at, at, at
	return true
}

func (s *shards) add(text string, spec druid.ShardSpec) uint32 {
	at := uint32(len(s.list))
	s.list, s.texts, s.follows = append(s.list, spec), append(s.texts, text), append(s.follows, at)
	if s.numbers == nil {
		s.numbers = map[string]uint32{}
	}
	s.numbers[text] = at
	return at
}

func (s *shards) spec(text []byte) (druid.ShardSpec, error) {
	if spec, ok := s.known[string(text)]; ok {
		return spec, nil
	}
	spec, err := parseShard(text)
	if err == nil && (s.known == nil || len(s.known) >= maxKnown) {
		s.known = map[string]druid.ShardSpec{}
	}
	if err == nil {
		s.known[string(text)] = spec
	}
	return spec, err
}

// take hands all out and begins anew.
func (s *shards) take() []druid.ShardSpec {
	list := s.list
	s.list, s.texts, s.follows, s.last = nil, s.texts[:0], s.follows[:0], 0
	clear(s.numbers)
	return list
}
