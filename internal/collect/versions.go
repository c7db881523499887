package collect

import (
	"strings"

	"coppice/internal/snapshot"
)

// versionKeys makes a key of eight bytes of a version: those of snapshot.VersionKey, and numbers below zero of versions that have
// none, which are kept as texts.
type versionKeys struct {
	others  []string
	numbers map[string]int64
}

func (v *versionKeys) key(version string) int64 {
	if key, ok := snapshot.VersionKey(version); ok {
		return key
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
