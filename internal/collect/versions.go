package collect

import (
	"slices"
	"strings"

	"coppice/internal/druid"
)

// versionKeys holds one version a row in eight bytes. Nearly all versions are instants as Druid prints them; those of
// the years 0 to 9999 are held as their milliseconds, and sort as texts just as they sort as moments. Others are kept
// as texts and numbered below zero.
type versionKeys struct {
	keys    []int64
	others  []string
	numbers map[string]int64
	buffer  []byte
}

// yearZero makes milliseconds of the years that are printed in four digits positive.
const (
	yearZero      = -62167219200000
	yearFiveDigit = 253402300800000
)

func (v *versionKeys) add(version string) {
	at, err := druid.ParseInstant(version)
	if err == nil && at >= yearZero && at < yearFiveDigit {
		if v.buffer, err = at.AppendText(v.buffer[:0]); err == nil && string(v.buffer) == version {
			v.keys = append(v.keys, int64(at)-yearZero)
			return
		}
	}
	number, ok := v.numbers[version]
	if !ok {
		if v.numbers == nil {
			v.numbers = map[string]int64{}
		}
		v.others = append(v.others, strings.Clone(version))
		number = -int64(len(v.others))
		v.numbers[v.others[len(v.others)-1]] = number
	}
	v.keys = append(v.keys, number)
}

// indexed returns the distinct versions and each row's index among them. They are sorted as Java sorts them but for
// those kept as texts, which snapshot's Finish puts in their place.
func (v *versionKeys) indexed() (versions []string, indexes []uint32) {
	distinct := slices.Clone(v.keys)
	slices.Sort(distinct)
	distinct = slices.Clip(slices.Compact(distinct))
	indexes = make([]uint32, len(v.keys))
	for i, key := range v.keys {
		at, _ := slices.BinarySearch(distinct, key)
		indexes[i] = uint32(at)
	}
	return v.texts(distinct), indexes
}

// texts prints keys. The instants among them share one string.
func (v *versionKeys) texts(keys []int64) []string {
	const width = len("2026-01-01T00:00:00.000Z")
	printed := make([]byte, 0, len(keys)*width)
	for _, key := range keys {
		if key >= 0 {
			// AppendText of a known instant does not fail.
			printed, _ = druid.Instant(key + yearZero).AppendText(printed)
		}
	}
	all := string(printed)
	texts := make([]string, 0, len(keys))
	for _, key := range keys {
		if key < 0 {
			texts = append(texts, v.others[-key-1])
			continue
		}
		texts = append(texts, all[:width])
		all = all[width:]
	}
	return texts
}
