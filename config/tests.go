package config

import (
	"fmt"
	"io/fs"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"coppice/internal/diag"
	"coppice/internal/druid"
)

// Test is one policy test: segments at one moment, and what must become of them.
type Test struct {
	Name   string
	Origin diag.Range
	// Now is the moment that is planned for.
	Now druid.Instant
	// Snapshot names a file, relative to the configuration directory; an empty value when the segments are written out.
	Snapshot Setting[string]
	// Segments are in the order written; at least one.
	Segments []TestSegment
}

// TestSegment is a segment that is made up, or a choice of segments of a snapshot.
type TestSegment struct {
	Origin     diag.Range
	Datasource string
	Interval   druid.Interval
	// Expect is a decision's name.
	Expect Setting[string]
	// Rule must decide, counted from 1 through the own list and the default one behind it; nil when it does not matter.
	Rule *Setting[int64]
	// Version and Partition are nil when not written.
	Version   *string
	Partition *int64
	// Used is true unless written otherwise. MarkedAt is nil when not known.
	Used     bool
	MarkedAt *druid.Instant
}

// Decisions are what may become of a segment, as tests and plans name it.
func Decisions() []string {
	return []string{"keep", "drop", "shadowed", "remove", "restore", "kill", "pending", "hold"}
}

// LoadTests reads a configuration as Load does, and the policy tests beside it (*.test.hcl), in the order of their
// files and lines. With errors among the messages only the Files of the configuration may be used.
func LoadTests(fsys fs.FS, opts Options) (*Config, []*Test, diag.List) {
	d := newDecoder(opts)
	config := d.configuration(fsys)
	usable := config
	if d.list.HasErrors() {
		usable = nil
	}
	d.sources = nil
	d.readFiles(fsys, isTest)
	tests := d.tests(usable)
	return config, tests, d.finish(config)
}

// tests reads the sources as tests of a configuration, nil when it is of no use.
func (d *decoder) tests(config *Config) []*Test {
	for _, file := range d.sources {
		d.broken = append(d.broken, file.broken...)
	}
	d.language = TestLanguage()
	root := d.readAll(func(*hclsyntax.Block) bool { return true }, true)
	var tests []*Test
	for _, s := range root.sections {
		if d.first(s) {
			tests = append(tests, d.test(s, config))
		}
	}
	return tests
}

func (d *decoder) test(s *section, config *Config) *Test {
	now, _ := setting[druid.Instant](s, "now")
	t := &Test{Name: s.labels[0], Origin: s.origin, Now: now.Value}
	t.Snapshot, _ = setting[string](s, "snapshot")
	places := map[string]diag.Range{}
	for _, inner := range s.all("segment") {
		segment := d.testSegment(inner, s.has("snapshot"))
		if !s.has("snapshot") {
			d.testedOnce(inner, &segment, places)
		}
		d.testedPolicy(inner, config)
		t.Segments = append(t.Segments, segment)
	}
	if len(t.Segments) == 0 && !s.damaged {
		d.add(diag.Diagnostic{
			Code: "empty-test", Range: s.origin, Summary: "Test without a segment",
			Detail: "It would pass whatever the configuration says.",
			Hint:   "segment {\n  datasource = \"clicks\"\n  interval   = \"2026-02-27/2026-02-28\"\n  expect     = \"drop\"\n}",
		})
	}
	return t
}

func (d *decoder) testSegment(s *section, ofSnapshot bool) TestSegment {
	datasource, _ := setting[string](s, "datasource")
	interval, _ := setting[druid.Interval](s, "interval")
	t := TestSegment{Origin: s.origin, Datasource: datasource.Value, Interval: interval.Value, Used: true,
		Rule: optional[int64](layers{s}, "rule"), Version: valueOf[string](s, "version"), Partition: valueOf[int64](s, "partition"),
		MarkedAt: valueOf[druid.Instant](s, "marked_at")}
	t.Expect, _ = setting[string](s, "expect")
	if used, written := setting[bool](s, "used"); written {
		t.Used = used.Value
	}
	d.expectation(s, &t)
	d.testedState(s, &t, ofSnapshot)
	return t
}

// expectation refuses what no segment ever becomes.
func (d *decoder) expectation(s *section, t *TestSegment) {
	if !t.Expect.Range.Known() || slices.Contains(Decisions(), t.Expect.Value) {
		return
	}
	p := diag.Diagnostic{Code: "unknown-decision", Range: t.Expect.Range, Summary: "Unknown decision " + quote(t.Expect.Value),
		Detail: "The decisions are " + list(Decisions()) + "." + didYouMean(t.Expect.Value, Decisions()), Hint: `expect = "keep"`}
	if near := diag.Nearest(t.Expect.Value, Decisions()); near != "" {
		p.Hint = fmt.Sprintf("expect = %q", near)
	}
	d.add(p)
}

// testedState refuses states that cannot be.
func (d *decoder) testedState(s *section, t *TestSegment, ofSnapshot bool) {
	for _, name := range []string{"used", "marked_at"} {
		if ofSnapshot && s.has(name) {
			d.add(diag.Diagnostic{Code: "state-of-snapshot", Range: s.written[name], Summary: "The snapshot says what is used",
				Detail: name + " is for segments that a test makes up; those of a snapshot are as they were seen.", Hint: "Remove it."})
			return
		}
	}
	if t.MarkedAt != nil && t.Used {
		d.add(diag.Diagnostic{Code: "marked-and-used", Range: s.written["marked_at"], Summary: "A used segment is not marked unused",
			Detail: "marked_at is when a segment was marked unused, and this one is used.", Hint: "used = false"})
	}
}

// testedOnce refuses two segments of one id.
func (d *decoder) testedOnce(s *section, t *TestSegment, places map[string]diag.Range) {
	version, partition := "", int64(0)
	if t.Version != nil {
		version = *t.Version
	}
	if t.Partition != nil {
		partition = *t.Partition
	}
	id := fmt.Sprintf("%s %s %s %d", t.Datasource, t.Interval, version, partition)
	if earlier, repeated := places[id]; repeated {
		d.add(diag.Diagnostic{Code: "duplicate-segment", Range: s.origin, Summary: "Second segment of one id",
			Detail: fmt.Sprintf("Datasource, interval, version and partition are those of the segment at %s.", place(earlier)),
			Hint:   "partition = 1"})
		return
	}
	places[id] = s.origin
}

// testedPolicy refuses a test of what no block is about: keep would be expected, and found, for a wrong reason.
func (d *decoder) testedPolicy(s *section, config *Config) {
	name, written := setting[string](s, "datasource")
	if isPattern(name.Value) {
		d.add(diag.Diagnostic{Code: "bad-name", Range: name.Range, Summary: "A segment belongs to one datasource",
			Detail: "Found " + quote(name.Value) + ": a name with * stands for a family.", Hint: "Write the name of a member."})
		return
	}
	if !written || config == nil || config.DefaultRules != nil || config.concerns(name.Value) {
		return
	}
	if config.Contested(name.Value) {
		d.list = append(d.list, config.Ambiguous([]string{name.Value})...)
		return
	}
	var known []string
	for _, of := range slices.Concat(config.Datasources, config.Families) {
		known = append(known, of.Name)
	}
	d.add(diag.Diagnostic{Code: "unknown-datasource", Range: name.Range, Summary: "No block is about " + quote(name.Value),
		Detail: "The configuration does not touch it, so that there is nothing to test." + didYouMean(name.Value, known),
		Hint:   "datasource = " + Literal(or(diag.Nearest(name.Value, known), "the name of a declared datasource"))})
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// concerns reports whether a block is about a datasource.
func (c *Config) concerns(name string) bool {
	return c.For(name) != nil || slices.ContainsFunc(c.Removals, func(r Removal) bool { return r.Datasource == name }) ||
		slices.ContainsFunc(c.Holds, func(h Hold) bool {
			return slices.ContainsFunc(h.Datasources, func(pattern string) bool { return Matches(pattern, name) })
		})
}
