package planner

import (
	"testing"

	"coppice/config"
	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// TestConsentFallsShort: a block that is about a finding and does not consent to it says why, at its very boundaries.
func TestConsentFallsShort(t *testing.T) {
	d, two, window := "d", int64(2), druid.Interval{Start: 10, End: 20}
	a := config.Allow{Code: "resurfacing", Datasources: []string{"d*"}, Until: 100, Interval: &window, MaxSegments: &two,
		Origin: diag.Range{File: "a.hcl", Line: 7}}
	for _, c := range []struct {
		now  druid.Instant
		c    complaint
		want string
	}{
		{99, complaint{code: "resurfacing", segments: 2, interval: window}, ""},
		{100, complaint{code: "resurfacing", segments: 2, interval: window}, " The allow block at a.hcl:7 does not consent: it ended at 1970-01-01T00:00:00.100Z."},
		{99, complaint{code: "resurfacing", segments: 1234, interval: window},
			" The allow block at a.hcl:7 does not consent: it is for 2 segments at most, and this concerns 1,234."},
		{99, complaint{code: "resurfacing", segments: 2, interval: druid.Interval{Start: 10, End: 21}},
			" The allow block at a.hcl:7 does not consent: it is for 1970-01-01T00:00:00.010Z/1970-01-01T00:00:00.020Z, and this concerns 1970-01-01T00:00:00.010Z/1970-01-01T00:00:00.021Z."},
		{99, complaint{code: "resurfacing", segments: 2},
			" The allow block at a.hcl:7 does not consent: it is for 1970-01-01T00:00:00.010Z/1970-01-01T00:00:00.020Z, and this concerns all time."},
	} {
		in := &Input{Now: c.now, Config: &config.Config{Allows: []config.Allow{a}}}
		c.c.severity = diag.Error
		found, blocking := in.findings(&d, []complaint{c.c})
		if found[0].Detail != c.want || (found[0].AllowedBy != nil) != (c.want == "") || (len(blocking) == 0) != (c.want == "") {
			t.Errorf("got %q, allowed by %v, blocking %v; want %q", found[0].Detail, found[0].AllowedBy, blocking, c.want)
		}
	}
}

// TestConsentEnds: what a plan was allowed counts at the moment of its apply as well.
func TestConsentEnds(t *testing.T) {
	d := "d"
	cfg := &config.Config{Allows: []config.Allow{{Code: "resurfacing", Datasources: []string{"d"}, Until: 100}, {Code: "other", Datasources: []string{"*"}, Until: 200}}}
	p := &plan.Plan{Findings: []plan.Finding{{Code: "gap"}, {Code: "resurfacing", Datasource: &d, AllowedBy: &diag.Range{File: "a.hcl", Line: 1}}}}
	if f := ConsentEnded(cfg, p, 99); f != nil {
		t.Errorf("it lasts: %+v", f)
	}
	if f := ConsentEnded(cfg, p, 100); f == nil || f.Code != "resurfacing" {
		t.Errorf("it has ended: %+v", f)
	}
}

// TestOverSaysWhatIsOver: the arithmetic is never "30.0 % is over 30 %".
func TestOverSaysWhatIsOver(t *testing.T) {
	for _, c := range []struct {
		part, all float64
		limit     float64
		want      string
	}{{104, 261, 30, "39.8"}, {3001, 10000, 30, "30.01"}, {1, 3, 33.3, "33.33"}, {10, 10, 30, "100.0"}} {
		if got := over(100*c.part/c.all, c.limit); got != c.want {
			t.Errorf("%g of %g over %g: %s, want %s", c.part, c.all, c.limit, got, c.want)
		}
	}
}
