package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"

	"coppice/internal/diag"
	"coppice/internal/druid"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const day = druid.Instant(86_400_000)

func days(from, to int) druid.Interval {
	return druid.Interval{Start: druid.Instant(from) * day, End: druid.Instant(to) * day}
}

func rules(t testing.TB, text string) druid.RuleList {
	t.Helper()
	list, err := druid.ParseRuleList([]byte(text))
	if err != nil {
		t.Fatalf("ParseRuleList(%s): %v", text, err)
	}
	return list
}

// small is a plan with one action of each kind.
func small(t testing.TB) *Plan {
	before := rules(t, `[{"type":"loadByPeriod","period":"P3Y"},{"type":"dropForever"}]`)
	after := rules(t, `[{"type":"loadByPeriod","period":"P2Y"},{"type":"brandNew", "odd" : [1, 2]},{"type":"dropForever"}]`)
	marked := druid.Instant(19_990 * day)
	one := Run{Interval: days(100, 101), Version: "v1", Partitions: Partitions{0, 1, 2}, Amount: Amount{3, 300}}
	dead := Run{Interval: days(10, 11), Version: "v1", Partitions: Partitions{0, 2}, Amount: Amount{2, 20}, Class: ClassExpired,
		MarkedAt: &marked, Reason: Reason{"expired", "rule 2 dropForever", &diag.Range{File: "a.hcl", Line: 3, Column: 2}}}
	kill := &Action{Kind: KillTask, Datasource: "wiki", Permanent: true, Amount: Amount{2, 20}, Runs: []Run{dead},
		Task: &Task{Interval: days(10, 11), Versions: []string{"v1"}, Limit: 2, BatchSize: 100, MaxUsedStatusLastUpdated: marked,
			Context: map[string]json.RawMessage{"x": json.RawMessage(`{"a":1}`)}}}
	kill.Task.ID = TaskID("wiki", kill.Task.Interval, kill.Task.Versions, marked, RunsDigest("wiki", kill.Runs), 0)
	p := &Plan{FormatVersion: FormatVersion, ToolVersion: "test", Now: 20_000 * day, ExpiresAt: 20_007 * day,
		Cluster: Cluster{Name: "prod", Identity: "x<y>&", Segments: 5}, ConfigDigest: "c", SnapshotDigest: "s",
		DefaultRules: RuleChange{Change: ChangeNone, Before: rules(t, `[{"type":"loadForever"}]`)},
		Datasources: []*Datasource{{Name: "wiki", Managed: true,
			Rules: RuleChange{Change: ChangeUpdate, Before: before, After: after}, Kill: Group{Amount{2, 20}, []Run{dead}}}},
		Actions: []*Action{
			{Kind: SetRules, Datasource: "wiki", RulesBefore: before, RulesAfter: &after, Reason: Reason{Code: "rules-declared"}},
			{Kind: MarkUsed, Datasource: "wiki", Amount: one.Amount, Runs: []Run{one}},
			{Kind: MarkUnused, Datasource: "wiki", Amount: Amount{2, 20}, Runs: []Run{{Interval: days(5, 6), Version: "v0",
				Partitions: Partitions{4, 9}, Amount: Amount{2, 20}}}},
			kill},
		Findings: []Finding{{Severity: diag.Warning, Code: "straddle", Summary: "s"}}}
	for _, a := range p.Actions {
		a.ID = ActionID(a)
	}
	return p
}

func encoded(t testing.TB, p *Plan) []byte {
	t.Helper()
	document, err := Encode(p)
	if err != nil {
		t.Fatalf("Encode: %v", err)
	}
	return document
}

func digestOf(t testing.TB, p *Plan) string {
	t.Helper()
	sealed := *p
	if err := Seal(&sealed); err != nil {
		t.Fatalf("Seal: %v", err)
	}
	return sealed.Digest
}

func TestSmallPlanIsSound(t *testing.T) {
	if err := Check(small(t)); err != nil {
		t.Fatalf("Check: %v", err)
	}
}

func TestEncodeIsFaithful(t *testing.T) {
	p := small(t)
	document := encoded(t, p)
	if p.Digest != "" {
		t.Error("Encode changed the plan")
	}
	if !bytes.HasSuffix(document, []byte("}\n")) {
		t.Error("the document has no final newline")
	}
	if !bytes.Contains(document, []byte(`"x<y>&"`)) {
		t.Error("text is escaped as if for HTML")
	}
	if !bytes.Equal(document, encoded(t, small(t))) {
		t.Error("equal plans have other bytes")
	}
	got, err := Decode(document)
	if err != nil {
		t.Fatalf("Decode: %v", err)
	}
	if got.Digest != digestOf(t, p) {
		t.Errorf("decoded digest %s, sealed %s", got.Digest, digestOf(t, p))
	}
	if again := encoded(t, got); !bytes.Equal(again, document) {
		t.Errorf("encoding again (-first +second):\n%s", cmp.Diff(string(document), string(again)))
	}
	if err := Check(got); err != nil {
		t.Errorf("Check of the decoded plan: %v", err)
	}
}

func TestNoOwnListIsNull(t *testing.T) {
	p := small(t)
	p.Datasources[0].Rules.Before = nil
	document := encoded(t, p)
	if !bytes.Contains(document, []byte(`"before": null`)) {
		t.Error("a missing list is not written as null")
	}
	if got, err := Decode(document); err != nil || got.Datasources[0].Rules.Before != nil {
		t.Errorf("Decode: %v, want a nil list", err)
	}
	p.Datasources[0].Rules.Before = druid.RuleList{}
	if got, err := Decode(encoded(t, p)); err != nil || got.Datasources[0].Rules.Before == nil {
		t.Errorf("Decode: %v, want an empty list that is not nil", err)
	}
}

// digestAt finds the one digest of a document.
func digestAt(t testing.TB, document []byte) span {
	t.Helper()
	h, err := readHead(document)
	if err != nil || len(h.digests) != 1 {
		t.Fatalf("digests at %v, %v", h.digests, err)
	}
	return h.digests[0]
}

// resign replaces text in a document and gives it the digest that fits.
func resign(t testing.TB, document []byte, old, fresh string) []byte {
	t.Helper()
	if !bytes.Contains(document, []byte(old)) {
		t.Fatalf("the document has no %q", old)
	}
	document = bytes.Replace(slices.Clone(document), []byte(old), []byte(fresh), 1)
	at := digestAt(t, document)
	blank := slices.Concat(document[:at.start], document[at.end:])
	return slices.Concat(document[:at.start], []byte(sum(blank)), document[at.end:])
}

func TestDecodeRefuses(t *testing.T) {
	whole := encoded(t, small(t))
	version := fmt.Sprintf("%q: %q", "format_version", FormatVersion)
	cases := []struct {
		name     string
		document []byte
		want     error
		says     string
	}{
		{"nothing", nil, ErrNotPlan, ""},
		{"text", []byte("hello"), ErrNotPlan, ""},
		{"a list", []byte("[]"), ErrNotPlan, ""},
		{"another document", []byte(`{"a":1}`), ErrNotPlan, ""},
		{"a number for a version", []byte(`{"format_version":1}`), ErrNotPlan, ""},
		{"no digest", []byte(`{"format_version":"1.0"}`), ErrDamaged, ""},
		{"two digests", resign2(t, whole), ErrDamaged, ""},
		{"a digest in capitals", resign(t, whole, `"default_rules"`, `"Digest": "other", "default_rules"`), ErrDamaged, "two digests"},
		{"cut short", whole[:len(whole)/2], ErrDamaged, ""},
		{"final newline gone", whole[:len(whole)-1], ErrDamaged, ""},
		{"other line endings", bytes.ReplaceAll(whole, []byte("\n"), []byte("\r\n")), ErrDamaged, ""},
		{"something behind", append(slices.Clone(whole), "{}"...), ErrDamaged, ""},
		{"a blank behind", append(slices.Clone(whole), ' '), ErrDamaged, ""},
		{"one letter", bytes.Replace(whole, []byte(`"wiki"`), []byte(`"wikj"`), 1), ErrDamaged, ""},
		{"next major", resign(t, whole, version, `"format_version": "2.4"`), ErrVersion,
			"this plan was written by format 2.x; this coppice reads 1.x"},
		{"next major, damaged", bytes.Replace(whole, []byte(version), []byte(`"format_version": "2.0"`), 1), ErrVersion, ""},
		{"odd version", resign(t, whole, version, `"format_version": "one"`), ErrVersion, ""},
		{"unknown kind", resign(t, whole, `"kind": "kill"`, `"kind": "erase"`), ErrUnknownKind, `"erase"`},
		{"null action", resign(t, whole, `"actions": [`, `"actions": [null,`), ErrDamaged, ""},
		{"null datasource", resign(t, whole, `"datasources": [`, `"datasources": [null,`), ErrDamaged, ""},
		{"wrong type", resign(t, whole, `"limit": 2`, `"limit": "2"`), ErrDamaged, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode(c.document)
			if !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.says) {
				t.Errorf("Decode: %v, want %v and %q", err, c.want, c.says)
			}
		})
	}
}

// resign2 adds a second digest; the first one would fit.
func resign2(t testing.TB, whole []byte) []byte {
	at := digestAt(t, whole)
	blank := slices.Concat(whole[:at.start], []byte(`", "digest": "second`), whole[at.end:])
	return slices.Concat(whole[:at.start], []byte(sum(blank)), []byte(`", "digest": "second`), whole[at.end:])
}

func TestNewerMinorIsRead(t *testing.T) {
	whole := encoded(t, small(t))
	newer := resign(t, whole, `"tool_version"`, `"new_key": {"digest": "inner"}, "tool_version"`)
	newer = resign(t, newer, `"format_version": "1.0"`, `"format_version": "1.7"`)
	p, err := Decode(newer)
	if err != nil || len(p.Actions) != 4 {
		t.Fatalf("Decode: %v", err)
	}
	damaged := bytes.Replace(newer, []byte("inner"), []byte("other"), 1)
	if _, err := Decode(damaged); !errors.Is(err, ErrDamaged) {
		t.Errorf("Decode of a changed unknown key: %v, want %v", err, ErrDamaged)
	}
}

// TestEveryFlippedByteIsNoticed: whatever one byte becomes, the document is refused.
func TestEveryFlippedByteIsNoticed(t *testing.T) {
	whole := encoded(t, small(t))
	for i := range whole {
		flipped := slices.Clone(whole)
		flipped[i] ^= 1 << (i % 8)
		if _, err := Decode(flipped); err == nil {
			t.Fatalf("byte %d of %d flipped, %q: accepted", i, len(whole), flipped[max(0, i-20):min(i+20, len(whole))])
		}
	}
}

// leaves calls visit with every settable scalar below v.
func leaves(path string, v reflect.Value, visit func(string, reflect.Value)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			leaves(path, v.Elem(), visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			leaves(path+"."+v.Type().Field(i).Name, v.Field(i), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			leaves(fmt.Sprintf("%s[%d]", path, i), v.Index(i), visit)
		}
	default:
		visit(path, v)
	}
}

// TestDigestCoversEverything changes every field of a plan, one at a time.
func TestDigestCoversEverything(t *testing.T) {
	want := digestOf(t, small(t))
	// These are not fields of their own in JSON, or are left out of it.
	exempt := []string{".Digest", "EndLine", "EndColumn", "UseDefaultTierForNull", "IncludeFuture", ".Severity", ".Raw", ".Count",
		"After[1].Type"}
	p := small(t)
	seen := 0
	leaves("", reflect.ValueOf(p), func(path string, v reflect.Value) {
		if slices.ContainsFunc(exempt, func(e string) bool { return strings.Contains(path, e) }) || !v.CanSet() {
			return
		}
		old := reflect.ValueOf(v.Interface())
		switch v.Kind() {
		case reflect.String:
			v.SetString(v.String() + "x")
		case reflect.Bool:
			v.SetBool(!v.Bool())
		case reflect.Int, reflect.Int32, reflect.Int64:
			v.SetInt(v.Int() + 100)
		default:
			return
		}
		seen++
		if _, err := Encode(p); err == nil {
			if got := digestOf(t, p); got == want {
				t.Errorf("changing %s does not change the digest", path)
			}
		}
		v.Set(old)
	})
	if seen < 60 {
		t.Errorf("only %d fields were tried", seen)
	}
}

func drawRuns(t *rapid.T, marked druid.Instant) []Run {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Run {
		start := druid.Instant(rapid.Int64Range(-5000, 5000).Draw(t, "start")) * day
		var partitions Partitions
		for n := range int32(rapid.IntRange(1, 12).Draw(t, "partitions")) {
			if n == 0 || rapid.Bool().Draw(t, "present") {
				partitions = append(partitions, n)
			}
		}
		r := Run{Interval: druid.Interval{Start: start, End: start + day}, Version: rapid.StringN(1, 8, 32).Draw(t, "version"),
			Partitions: partitions, Amount: Amount{int64(len(partitions)), rapid.Int64().Draw(t, "bytes")},
			Class:    rapid.SampledFrom([]Class{"", ClassExpired, ClassSuperseded}).Draw(t, "class"),
			WaitsFor: rapid.SampledFrom([]WaitsFor{"", WaitsGrace}).Draw(t, "waits"),
			Reason:   Reason{"code", rapid.String().Draw(t, "text"), nil}}
		if rapid.Bool().Draw(t, "marked") {
			r.MarkedAt = &marked
		}
		return r
	}), 1, 5).Draw(t, "runs")
}

func TestRoundTripOfDrawnPlans(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := small(t)
		p.Actions[1].Runs = drawRuns(rt, day)
		p.Datasources[0].Drop.Later.Runs = drawRuns(rt, 2*day)
		p.Datasources[0].Name = rapid.String().Draw(rt, "name")
		name := rapid.String().Draw(rt, "witness")
		p.Findings[0].Witness = &name
		document, err := Encode(p)
		if err != nil {
			rt.Fatalf("Encode: %v", err)
		}
		got, err := Decode(document)
		if err != nil {
			rt.Fatalf("Decode: %v\n%s", err, document)
		}
		if again, err := Encode(got); err != nil || !bytes.Equal(again, document) {
			rt.Fatalf("Encode again: %v\n%s", err, cmp.Diff(string(document), string(again)))
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add(encoded(f, small(f)))
	f.Add([]byte(`{"format_version":"1.0","digest":""}`))
	f.Add([]byte(`{"format_version":"1.0","digest":"","actions":[{"kind":"kill"}]}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		// Most inputs fail at the digest; with a fitting one the rest is reached.
		if h, err := readHead(document); err == nil && len(h.digests) == 1 {
			at := h.digests[0]
			blank := slices.Concat(document[:at.start], document[at.end:])
			document = slices.Concat(document[:at.start], []byte(sum(blank)), document[at.end:])
		}
		p, err := Decode(document)
		if err != nil {
			return
		}
		_ = Check(p)
		again, err := Encode(p)
		if err != nil {
			t.Fatalf("Encode of a decoded plan: %v", err)
		}
		if _, err := Decode(again); err != nil {
			t.Fatalf("Decode of an encoded plan: %v", err)
		}
	})
}

func TestMillionVictimsStaySmall(t *testing.T) {
	p := small(t)
	partitions := make(Partitions, 1000)
	for i := range partitions {
		partitions[i] = int32(i)
	}
	r := p.Actions[3].Runs[0]
	r.Partitions, r.Amount = partitions, Amount{1000, 1}
	p.Actions[3].Runs = nil
	for i := range 1000 {
		r.Interval = days(i, i+1)
		p.Actions[3].Runs = append(p.Actions[3].Runs, r)
	}
	if n := len(encoded(t, p)); n > 1_000_000 {
		t.Errorf("a plan over a million segments has %d bytes", n)
	}
}

func BenchmarkEncode(b *testing.B) { benchmark(b, func(p *Plan, _ []byte) { encoded(b, p) }) }

func BenchmarkDecode(b *testing.B) {
	benchmark(b, func(_ *Plan, document []byte) {
		if _, err := Decode(document); err != nil {
			b.Fatal(err)
		}
	})
}

// benchmark runs over a plan of 10,000 runs.
func benchmark(b *testing.B, run func(*Plan, []byte)) {
	p := small(b)
	r := p.Actions[3].Runs[0]
	for range 10_000 {
		r.Interval = days(rand.Intn(10_000), 10_001)
		p.Datasources[0].Kill.Runs = append(p.Datasources[0].Kill.Runs, r)
	}
	document := encoded(b, p)
	b.SetBytes(int64(len(document)))
	for b.Loop() {
		run(p, document)
	}
}
