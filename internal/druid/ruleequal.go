package druid

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
)

// Equal reports whether both rules mean the same to Druid: defaults are filled in, the order of tiers and
// useDefaultTierForNull (once the replicants are there) mean nothing, and periods are equal when they do the same
// arithmetic for every moment: P1W and P7D do, P1M and P30D do not. Unknown kinds are compared as JSON values.
func (r Rule) Equal(o Rule) bool { return bytes.Equal(r.meaning(nil), o.meaning(nil)) }

// Equal compares rule by rule, in order.
func (l RuleList) Equal(o RuleList) bool { return l.same(o) || bytes.Equal(l.meaning(), o.meaning()) }

// same: it is one list. Of most datasources no list is declared, so that the one that is planned is the one in force.
func (l RuleList) same(o RuleList) bool { return len(l) == len(o) && (len(l) == 0 || &l[0] == &o[0]) }

// Digest is the SHA-256 of what the list means, in hexadecimal digits: equal lists have equal digests.
func (l RuleList) Digest() string {
	sum := sha256.Sum256(l.meaning())
	return hex.EncodeToString(sum[:])
}

func (l RuleList) meaning() []byte {
	var b []byte
	for i := range l {
		b = append(l[i].meaning(b), '\n')
	}
	return b
}

// meaning appends a form that is equal for rules of equal meaning.
func (r *Rule) meaning(b []byte) []byte {
	if r.Raw != nil {
		return appendSorted(append(b, "raw "...), r.Raw)
	}
	fields := r.parameters()
	b = append(b, r.Type...)
	if fields&hasPeriod != 0 {
		b = r.period().meaning(append(b, " period="...))
	}
	if fields&hasInterval != 0 {
		b = appendInterval(append(b, " interval="...), r.Interval)
	}
	if fields&hasFuture != 0 {
		b = appendBool(append(b, " future="...), r.IncludeFuture)
	}
	if fields&hasReplicants != 0 {
		b = appendReplicants(append(b, " replicants="...), r.replicants().sorted())
	}
	return b
}

// sorted is a copy in the order of tiers; the last number of a tier counts, as in Druid's map.
func (l Replicants) sorted() Replicants {
	var out Replicants
	for _, tier := range l {
		out = out.with(tier.Tier, tier.Count)
	}
	slices.SortFunc(out, func(a, b TierReplicants) int { return cmp.Compare(a.Tier, b.Tier) })
	return out
}

// appendSorted prints a JSON value with sorted keys and no blanks, numbers as they were written.
func appendSorted(b []byte, raw []byte) []byte {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return append(b, raw...)
	}
	sorted, err := json.Marshal(value)
	if err != nil {
		return append(b, raw...)
	}
	return append(b, sorted...)
}

// meaning keeps years and months apart (they clamp one after the other) and folds the fields of fixed length into
// milliseconds, unless their signs differ: then the order of adding could matter at the ends of time.
func (p Period) meaning(b []byte) []byte {
	sum, up, down := int64(0), false, false
	for _, step := range p.steps() {
		sum += step
		up, down = up || step > 0, down || step < 0
	}
	if up && down {
		return append(b, p.String()...)
	}
	for _, n := range [...]int64{int64(p.Years), int64(p.Months), sum} {
		b = append(strconv.AppendInt(b, n, 10), ',')
	}
	return b
}
