package collect

import (
	"strings"

	"coppice/internal/druid"
)

// versionKeys makes a key of eight bytes of a version. Nearly all versions are instants as Druid prints them; those of
// the years 0 to 9999 are held as their milliseconds, and sort as texts just as they sort as moments. Others are kept
// as texts and numbered below zero.
type versionKeys struct {
	others  []string
	numbers map[string]int64
}

// yearZero makes milliseconds of the years that are printed in four digits positive.
const yearZero = -62167219200000

func (v *versionKeys) key(version string) int64 {
	if at, ok := druid.StoredInstant(version); ok {
		return int64(at) - yearZero
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
	return number
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
