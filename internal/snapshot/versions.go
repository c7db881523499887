package snapshot

import (
	"cmp"
	"slices"

	"coppice/internal/druid"
)

// Versions is a list of versions in eight bytes each: nearly all are instants as Druid prints them. The zero value is an empty list.
// A list by itself is in the order in which versions were added; that of a finished datasource is sorted as Java sorts texts, each once.
type Versions struct {
	// keys are those of VersionKey, or -1-n for others[n].
	keys   []int64
	others []string
}

// yearZero makes milliseconds of the years that are printed in four digits positive.
const yearZero = -62167219200000

// VersionKey makes a number of a version that is an instant of the years 0 to 9999 as Druid prints it; never below 0. These sort as
// numbers just as they sort as texts.
func VersionKey[T string | []byte](version T) (key int64, ok bool) {
	at, ok := druid.StoredInstant(version)
	return int64(at) - yearZero, ok
}

// VersionsOf is a list of these versions, in this order.
func VersionsOf(versions ...string) (v Versions) {
	for _, version := range versions {
		v.Add(version)
	}
	return v
}

// PackedVersions is a list of keys: those of VersionKey, and -1-n for others[n]. Both belong to the list from then on.
func PackedVersions(keys []int64, others []string) Versions { return Versions{keys, others} }

// Len is how many there are.
func (v *Versions) Len() int { return len(v.keys) }

// At is the nth version, from 0.
func (v *Versions) At(n uint32) string {
	return v.text(v.keys[n])
}

// text is the version of a key.
func (v *Versions) text(key int64) string {
	if key < 0 {
		return v.others[-1-key]
	}
	return druid.Instant(key + yearZero).String()
}

// Append appends the nth version's text.
func (v *Versions) Append(to []byte, n uint32) []byte {
	key := v.keys[n]
	if key < 0 {
		return append(to, v.others[-1-key]...)
	}
	// AppendText of a known instant does not fail.
	to, _ = druid.Instant(key + yearZero).AppendText(to)
	return to
}

// All are the texts of all of them.
func (v *Versions) All() []string {
	texts := make([]string, v.Len())
	for n := range texts {
		texts[n] = v.At(uint32(n))
	}
	return texts
}

// Add puts a version behind the others, and says where it is.
func (v *Versions) Add(version string) (n uint32) {
	key, ok := VersionKey(version)
	if !ok {
		v.others = append(v.others, version)
		key = -int64(len(v.others))
	}
	v.keys = append(v.keys, key)
	return uint32(len(v.keys) - 1)
}

// AddAll puts the versions of another list behind the others.
func (v *Versions) AddAll(o *Versions) {
	shift := int64(len(v.others))
	v.others = append(v.others, o.others...)
	for _, key := range o.keys {
		if key < 0 {
			key -= shift
		}
		v.keys = append(v.keys, key)
	}
}

// Equal reports whether both lists have the same texts in the same order.
func (v Versions) Equal(o Versions) bool { return slices.Equal(v.All(), o.All()) }

// Find returns how many versions of a sorted list sort below this one, and whether it is the next one.
func (v *Versions) Find(version string) (n int, found bool) {
	key, ok := VersionKey(version)
	return slices.BinarySearchFunc(v.keys, key, func(a, b int64) int {
		if ok && a >= 0 {
			return cmp.Compare(a, b)
		}
		return druid.CompareVersions(v.text(a), version)
	})
}

func (v *Versions) compare(a, b int64) int {
	if a >= 0 && b >= 0 {
		return cmp.Compare(a, b)
	}
	return druid.CompareVersions(v.text(a), v.text(b))
}

// sort brings the list into order, each version once, and says where each went; nil when they stay where they are.
func (v *Versions) sort() (moved []uint32) {
	if strictly(v.keys, v.compare) {
		return nil
	}
	order := v.order()
	sorted, moved := make([]int64, 0, len(order)), make([]uint32, len(order))
	for _, from := range order {
		if n := len(sorted); n == 0 || v.compare(sorted[n-1], v.keys[from]) != 0 {
			sorted = append(sorted, v.keys[from])
		}
		moved[from] = uint32(len(sorted) - 1)
	}
	v.keys = sorted
	return moved
}

// placeBits leaves room for 4 million versions of a datasource, whose instants lie within 139 years.
const placeBits = 22

// order are the places of the versions in ascending order. An instant and its place make one number where that is possible, since numbers
// sort several times as fast as anything else.
func (v *Versions) order() []uint32 {
	order := make([]uint32, len(v.keys))
	lowest, highest := slices.Min(v.keys), slices.Max(v.keys)
	if lowest < 0 || highest-lowest >= 1<<(63-placeBits) || len(order) > 1<<placeBits {
		for i := range order {
			order[i] = uint32(i)
		}
		slices.SortStableFunc(order, func(a, b uint32) int { return v.compare(v.keys[a], v.keys[b]) })
		return order
	}
	places := make([]uint64, len(order))
	for i, key := range v.keys {
		places[i] = uint64(key-lowest)<<placeBits | uint64(i)
	}
	slices.Sort(places)
	for i, place := range places {
		order[i] = uint32(place & (1<<placeBits - 1))
	}
	return order
}
