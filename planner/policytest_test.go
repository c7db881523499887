package planner

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const testedPolicy = `
cluster "test" {
  coordinator = "http://localhost:1"
}
datasource "d" {
  retention {
    keep = "P30D"
  }
  kill {
    superseded_after = "P1D"
    expired_after    = "P10D"
  }
}
removal "bad" {
  datasource = "d"
  interval   = "2026-11-05/2026-11-06"
  versions   = ["2026-11-06"]
  reason     = "double"
}
hold "audit" {
  datasources = ["d"]
  interval    = "2026-06-01/2026-06-02"
  reason      = "audit"
}
`

// loadTest loads one test with these segments, each a line "INTERVAL attribute=value...".
func loadTest(t testing.TB, policy string, segments ...string) (*config.Config, *config.Test) {
	t.Helper()
	text := "test \"t\" {\n  now = \"2026-11-20T00:00:00Z\"\n"
	for _, s := range segments {
		fields := strings.Fields(s)
		text += fmt.Sprintf("  segment {\n    datasource = \"d\"\n    interval = %q\n    %s\n  }\n", fields[0], strings.Join(fields[1:], "\n    "))
	}
	cfg, tests, problems := config.LoadTests(fstest.MapFS{"a.hcl": {Data: []byte(policy)}, "a.test.hcl": {Data: []byte(text + "}\n")}}, config.Options{})
	if problems.HasErrors() {
		t.Fatalf("%+v\n%s", problems, text)
	}
	return cfg, tests[0]
}

// Every decision that a made up cluster can have is reached, for its own reason.
func TestDecisionsOfPolicyTests(t *testing.T) {
	cfg, test := loadTest(t, testedPolicy,
		`2026-11-18/2026-11-19 expect="keep" rule=1`,
		`2026-10-01/2026-10-02 expect="drop" rule=2`,
		`2026-11-01/2026-11-02 version="2026-11-03" expect="keep"`,
		`2026-11-01/2026-11-02 version="2026-11-02" expect="shadowed"`,
		`2026-11-01/2026-11-02 version="2026-11-01" used=false marked_at="2026-11-02T00:00:00Z" expect="kill"`,
		`2026-11-05/2026-11-06 version="2026-11-06" expect="remove"`,
		`2026-06-01/2026-06-02 used=false marked_at="2026-07-05T00:00:00Z" expect="hold"`,
		`2026-07-01/2026-07-02 used=false marked_at="2026-08-05T00:00:00Z" expect="kill"`,
		`2026-10-15/2026-10-16 used=false marked_at="2026-11-16T00:00:00Z" expect="pending"`,
		`2026-11-10/2026-11-11 used=false marked_at="2026-11-12T00:00:00Z" expect="hold"`,
		`2026-08-01/2026-08-02 used=false expect="hold"`,
		`2030-01-01/2030-01-02 expect="keep"`)
	outcome := Test(cfg, test, nil)
	for _, s := range outcome.Segments {
		if !s.Passed || s.OfSnapshot {
			t.Errorf("%s: got %s (%s), want %s", s.Interval, s.Got.Decision, s.Got.Reason.Text, s.Expect)
		}
	}
	if !outcome.Passed || len(outcome.Segments) != 12 {
		t.Errorf("%d segments, passed: %v", len(outcome.Segments), outcome.Passed)
	}
}

// Sets are complete when their partitions follow one another; what was appended stands by itself.
func TestSetsOfPolicyTests(t *testing.T) {
	cases := []struct {
		name     string
		segments []string
	}{
		{"complete", []string{`2026-11-01/2026-11-02 version="b" expect="keep"`, `2026-11-01/2026-11-02 version="b" partition=1 expect="keep"`,
			`2026-11-01/2026-11-02 version="a" expect="shadowed"`}},
		{"half of a set unused", []string{`2026-11-01/2026-11-02 version="b" expect="keep"`,
			`2026-11-01/2026-11-02 version="b" partition=1 used=false expect="hold"`, `2026-11-01/2026-11-02 version="a" expect="keep"`}},
		{"appended", []string{`2026-11-01/2026-11-02 version="b" expect="keep"`, `2026-11-01/2026-11-02 version="b" partition=7 expect="keep"`,
			`2026-11-01/2026-11-02 version="a" expect="shadowed"`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cfg, test := loadTest(t, testedPolicy, c.segments...)
			for _, s := range Test(cfg, test, nil).Segments {
				if !s.Passed {
					t.Errorf("%s partition %d: got %s, want %s", s.Got.Version, s.Got.Partition, s.Got.Decision, s.Expect)
				}
			}
		})
	}
}

// A test fails for another decision, for another rule, and for a rule where none decides.
func TestPolicyTestsFail(t *testing.T) {
	for _, segment := range []string{`2026-11-18/2026-11-19 expect="drop"`, `2026-11-18/2026-11-19 expect="keep" rule=2`,
		`2026-08-01/2026-08-02 used=false expect="kill"`} {
		cfg, test := loadTest(t, testedPolicy, segment)
		if outcome := Test(cfg, test, nil); outcome.Passed || outcome.Segments[0].Passed || outcome.Segments[0].Got == nil {
			t.Errorf("%s passes: %+v", segment, outcome)
		}
	}
	cfg, test := loadTest(t, "cluster \"c\" {\n  coordinator = \"http://c\"\n}\ndatasource \"d\" {\n  rules {\n    load {\n      period = \"P1D\"\n    }\n  }\n}\n",
		`2026-08-01/2026-08-02 expect="keep" rule=2`, `2026-11-20/2026-11-21 expect="keep" rule=1`)
	if outcome := Test(cfg, test, nil); !outcome.Passed {
		t.Errorf("the default rule behind the own one is not counted on: %+v", outcome.Segments)
	}
}

// Property: of a snapshot, a test passes exactly where it expects what explain says.
func TestPolicyTestsAgreeWithExplain(t *testing.T) {
	base := loadConfig(t, "")
	rapid.Check(t, func(t *rapid.T) {
		in := drawWorld(t, base).input(nil)
		in.Snapshot.TakenAt = in.Now
		said := decisions(t, in)
		for id, s := range said {
			version, partition := s.Version, int64(s.Partition)
			expect := rapid.SampledFrom(config.Decisions()).Draw(t, "expect")
			test := &config.Test{Now: in.Now, Segments: []config.TestSegment{{Datasource: "d", Interval: s.Interval, Version: &version,
				Partition: &partition, Expect: config.Setting[string]{Value: expect}}}}
			got := Test(in.Config, test, in.Snapshot)
			if got.Passed != (string(s.Decision) == expect) || len(got.Segments) == 0 {
				t.Fatalf("%s: explain says %s, a test that expects %s passes: %v", id, s.Decision, expect, got.Passed)
			}
		}
	})
}

// What a snapshot does not have has failed.
func TestSegmentsThatASnapshotLacks(t *testing.T) {
	cfg, test := loadTest(t, testedPolicy, `2026-11-18/2026-11-19 expect="keep"`)
	outcome := Test(cfg, test, &snapshot.Cluster{})
	want := plan.TestOutcome{Name: "t", Range: test.Origin, Now: test.Now, Segments: []plan.TestedSegment{
		{Range: test.Segments[0].Origin, Datasource: "d", Interval: test.Segments[0].Interval, Expect: plan.DecisionKeep}}}
	if diff := cmp.Diff(want, outcome); diff != "" {
		t.Errorf("outcome (-want +got)\n%s", diff)
	}
}

// An endless interval has no end to take a version from.
func TestEndlessMadeUpSegments(t *testing.T) {
	cfg, test := loadTest(t, testedPolicy, `2026-11-18/2026-11-19 expect="keep"`)
	test.Segments[0].Interval = druid.Eternity
	if outcome := Test(cfg, test, nil); outcome.Segments[0].Got.Version != "2026-11-20T00:00:00.000Z" {
		t.Errorf("version %s", outcome.Segments[0].Got.Version)
	}
}
