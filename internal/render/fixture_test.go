package render

import (
	"testing"

	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

const day = druid.Instant(millisOfDay)

// at parses a moment of a test.
func at(t testing.TB, text string) druid.Instant {
	t.Helper()
	moment, err := druid.ParseInstant(text)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func ref[T any](v T) *T { return &v }

func line(file string, n int) *diag.Range { return &diag.Range{File: file, Line: n, Column: 3} }

// rules parses a list as Druid writes it.
func rules(t testing.TB, text string) druid.RuleList {
	t.Helper()
	list, err := druid.ParseRuleList([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// group adds runs up.
func group(runs ...plan.Run) plan.Group {
	g := plan.Group{Runs: runs}
	for _, r := range runs {
		g.Amount.Add(r.Amount)
	}
	return g
}

// days makes one run a day from a first day on, each of one segment.
func days(first druid.Instant, n int, version string, bytes int64, each func(*plan.Run)) []plan.Run {
	runs := make([]plan.Run, n)
	for i := range runs {
		start := first + druid.Instant(i)*day
		runs[i] = plan.Run{Interval: druid.Interval{Start: start, End: start + day}, Version: version,
			Partitions: plan.Partitions{0}, Amount: plan.Amount{Segments: 1, Bytes: bytes}}
		each(&runs[i])
	}
	return runs
}

const gib = 1 << 30

// storyPlan has something of everything: two deletions, a narrowing, a removal, a restore, a blocked datasource, alike
// rule changes, what waits and what is held, and findings of every severity.
func storyPlan(t testing.TB) *plan.Plan {
	p := &plan.Plan{
		FormatVersion: plan.FormatVersion, Now: at(t, "2026-11-20T09:00:00Z"), ExpiresAt: at(t, "2026-11-27T09:00:00Z"),
		Cluster: plan.Cluster{Name: "prod", DruidVersion: "33.0.0", Segments: 5012338, Datasources: 412, Managed: 38,
			Sources: "PostgreSQL and Coordinator agree"},
		DefaultRules: plan.RuleChange{Change: plan.ChangeNone},
		Datasources: []*plan.Datasource{wikipedia(t), eventsWeb(t), billing(t), clicks(t), orders(t),
			alike("pages_a"), alike("pages_b"), alike("pages_c")},
		Findings: storyFindings(),
	}
	for _, d := range p.Datasources[5:] {
		d.Rules = plan.RuleChange{Change: plan.ChangeCreate, Before: nil, Range: line("pages.hcl", 3),
			After:   rules(t, `[{"type":"loadByPeriod","period":"P90D"},{"type":"dropForever"}]`),
			Sources: []*diag.Range{line("pages.hcl", 4), line("pages.hcl", 4)}}
	}
	for i := range 3 {
		name := []string{"wikipedia", "wikipedia", "events_web"}[i]
		p.Actions = append(p.Actions, &plan.Action{Kind: plan.KillTask, Datasource: name, Permanent: true})
	}
	storySummary(p)
	return p
}

func storySummary(p *plan.Plan) {
	m := &p.Summary
	m.Left = &plan.Left{}
	m.RuleChanges = 5
	m.Blocked = []plan.Blocked{{Datasource: ref("clicks"), Code: "resurfacing"}}
	for _, d := range p.Datasources {
		if d.Blocked {
			continue
		}
		m.Pending.Add(d.Pending.Amount)
		m.Hold.Add(d.Hold.Amount)
		m.Kill.Add(d.Kill.Amount)
		m.Unused.Add(plan.Amount{Segments: d.Drop.Segments - d.Drop.ByTime.Segments, Bytes: d.Drop.Bytes - d.Drop.ByTime.Bytes})
		m.Unused.Add(d.Remove.Amount)
		m.Restore.Add(d.Restore.Amount)
	}
	m.Kill.Tasks = 3
	m.ByTime.Amount, m.ByTime.Datasources = plan.Amount{Segments: 744, Bytes: 96 * gib}, 31
	m.Shadowed = plan.Amount{Segments: 12, Bytes: 3 * gib}
	m.Deferred = plan.Amount{Segments: 2}
}

func wikipedia(t testing.TB) *plan.Datasource {
	first := at(t, "2025-11-20T00:00:00Z")
	var killed []plan.Run
	for i := range 363 {
		for v := range 2 + i%29 {
			killed = append(killed, days(first+druid.Instant(i)*day, 1, "2026-01-"+string(rune('a'+v)), gib/3, func(r *plan.Run) {
				r.Class, r.MarkedAt = plan.ClassSuperseded, ref(at(t, "2026-11-18T23:10:22.123Z"))
				r.Reason = plan.Reason{Code: "superseded", Text: "superseded by a used version, grace P1D", Range: line("policies.hcl", 14)}
			})...)
		}
	}
	pending := days(at(t, "2026-11-18T00:00:00Z"), 2, "2026-11-19T00:00:00.000Z", -1, func(r *plan.Run) {
		r.Class, r.WaitsFor, r.EligibleAt = plan.ClassSuperseded, plan.WaitsGrace, ref(at(t, "2026-11-21T02:10:00.250Z"))
		r.Reason = plan.Reason{Code: "grace", Text: "superseded, grace P1D", Range: line("policies.hcl", 14)}
	})
	pending = append(pending, days(at(t, "2026-11-01T00:00:00Z"), 2, "2026-11-02T00:00:00.000Z", -1, func(r *plan.Run) {
		r.Class, r.WaitsFor = plan.ClassSuperseded, plan.WaitsLock
		r.Reason = plan.Reason{Code: "lock", Text: "superseded, a task works on the interval", Range: line("policies.hcl", 14)}
	})...)
	return &plan.Datasource{Name: "wikipedia", Managed: true, Kill: group(killed...), Pending: group(pending...)}
}

func eventsWeb(t testing.TB) *plan.Datasource {
	killed := days(at(t, "2024-08-01T00:00:00Z"), 30, "2024-08-01T00:00:00.000Z", 7*gib, func(r *plan.Run) {
		r.Class, r.MarkedAt = plan.ClassExpired, ref(at(t, "2026-10-20T09:02:00Z"))
		r.Reason = plan.Reason{Code: "expired", Text: "expired by rule 2 dropForever, grace P30D", Range: line("policies.hcl", 15)}
	})
	held := days(at(t, "2024-01-01T00:00:00Z"), 40, "2024-01-01T00:00:00.000Z", -1, func(r *plan.Run) {
		r.Class, r.Reason = plan.ClassUnexplained, plan.Reason{Code: "unexplained", Text: "somebody marked it"}
	})
	held = append(held, days(at(t, "2024-03-01T00:00:00Z"), 6, "2024-03-01T00:00:00.000Z", -1, func(r *plan.Run) {
		r.Class, r.Reason = plan.ClassUnexplained, plan.Reason{Code: "marking-time-unknown", Text: "nobody knows when it was marked"}
	})...)
	return &plan.Datasource{Name: "events_web", Managed: true, Kill: group(killed...), Hold: plan.Held{Group: group(held...)}}
}

func billing(t testing.TB) *plan.Datasource {
	dropped := days(at(t, "2023-11-20T00:00:00Z"), 365, "2023-11-20T00:00:00.000Z", 5*gib, func(r *plan.Run) {
		r.Reason = plan.Reason{Code: "rule", Text: "rule 2 dropBeforeByPeriod, was P3Y, becomes P2Y", Range: line("billing.hcl", 22)}
	})
	removed := days(at(t, "2026-05-06T03:00:00Z"), 1, "2026-05-06T00:00:00.000Z", gib, func(r *plan.Run) {
		r.Reason = plan.Reason{Code: "removal", Text: "removal bad-ingest: double ingestion", Range: line("billing.hcl", 40)}
	})
	// What time alone drops is in the totals' line of its own, and nowhere else.
	byTime := days(at(t, "2023-11-01T00:00:00Z"), 7, "2023-11-01T00:00:00.000Z", gib, func(r *plan.Run) {
		r.ByTime, r.Reason = true, plan.Reason{Code: "rule", Text: "BY TIME ALONE"}
	})
	return &plan.Datasource{Name: "billing", Managed: true, Remove: group(removed...),
		Drop: plan.Drop{Group: group(append(byTime, dropped...)...), ByTime: group(byTime...).Amount},
		Used: &plan.Amount{Segments: 1461},
		Rules: plan.RuleChange{Change: plan.ChangeUpdate, Range: line("billing.hcl", 18),
			Before:  rules(t, `[{"type":"loadByPeriod","period":"P30D"},{"type":"dropBeforeByPeriod","period":"P3Y"},{"type":"loadForever"}]`),
			After:   rules(t, `[{"type":"loadByPeriod","period":"P30D"},{"type":"dropBeforeByPeriod","period":"P2Y"},{"type":"loadForever"}]`),
			Sources: []*diag.Range{line("billing.hcl", 19), line("billing.hcl", 22), line("billing.hcl", 25)}}}
}

func clicks(t testing.TB) *plan.Datasource {
	dropped := days(at(t, "2026-01-01T00:00:00Z"), 10, "2026-03-01T00:00:00.000Z", gib, func(r *plan.Run) {
		r.Reason = plan.Reason{Code: "rule", Text: "rule 1 dropByInterval, new", Range: line("clicks.hcl", 7)}
	})
	// Of a blocked datasource nothing is counted, what waits and what is held included.
	held := days(at(t, "2026-02-01T00:00:00Z"), 5, "2026-03-01T00:00:00.000Z", gib, func(r *plan.Run) {
		r.Class, r.WaitsFor, r.Reason = plan.ClassUnexplained, plan.WaitsGrace, plan.Reason{Code: "of-a-blocked-one"}
	})
	return &plan.Datasource{Name: "clicks", Managed: true, Blocked: true, Hold: plan.Held{Group: group(held...)}, Pending: group(held...), Drop: plan.Drop{Group: group(dropped...)},
		Used: &plan.Amount{Segments: 100}}
}

func orders(t testing.TB) *plan.Datasource {
	restored := days(at(t, "2026-09-21T00:00:00Z"), 30, "2026-09-21T00:00:00.000Z", 4*gib/3, func(r *plan.Run) {
		r.Class = plan.ClassExpired
		r.Reason = plan.Reason{Code: "restore", Text: "keep was P30D, becomes P60D", Range: line("orders.hcl", 4)}
	})
	return &plan.Datasource{Name: "orders", Managed: true, Restore: group(restored...),
		Rules: plan.RuleChange{Change: plan.ChangeUpdate, Range: line("orders.hcl", 3),
			Before:  rules(t, `[{"type":"loadByPeriod","period":"P30D"},{"type":"dropForever"}]`),
			After:   rules(t, `[{"type":"loadByPeriod","period":"P60D"},{"type":"dropForever"}]`),
			Sources: []*diag.Range{line("orders.hcl", 4), line("orders.hcl", 4)}}}
}

func alike(name string) *plan.Datasource { return &plan.Datasource{Name: name, Managed: true} }

func storyFindings() []plan.Finding {
	findings := []plan.Finding{
		{Severity: diag.Note, Code: "unmanaged", Summary: "374 datasources are not in the configuration",
			Detail: "Nothing of them is changed."},
		{Severity: diag.Error, Code: "resurfacing", Datasource: ref("clicks"), Range: line("clicks.hcl", 7),
			Summary: "Old rows would answer queries again",
			Detail: "Dropping 2026-01-01/2026-01-11 uncovers the month 2026-01 (version 2026-02-01T00:00:00.000Z), still used: " +
				"queries would answer from old rows. Mark the month unused first, or allow it.",
			Witness: ref("clicks_2026-01-01T00:00:00.000Z_2026-02-01T00:00:00.000Z_2026-02-01T00:00:00.000Z"),
			Hint:    "allow \"resurfacing\" {\n  datasources = [\"clicks\"]\n  until       = \"2026-12-31\"\n  reason      = \"...\"\n}"},
		{Severity: diag.Error, Code: "guard-max-unused-percent", Datasource: ref("billing"), Range: line("billing.hcl", 18),
			Summary: "25.1% of its used segments would go", Detail: "The guard allows 20%.", AllowedBy: line("allow.hcl", 2)},
	}
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		findings = append(findings, plan.Finding{Severity: diag.Warning, Code: "rule-fall-through", Datasource: ref("pages_" + name),
			Summary: "12 segments match none of its own rules", Detail: "The default rule 1 loadForever catches them.", Range: line("pages.hcl", 3)})
	}
	return findings
}

// quietPlan has nothing to do.
func quietPlan(t testing.TB) *plan.Plan {
	p := storyPlan(t)
	p.Actions, p.Findings = nil, nil
	p.Datasources = []*plan.Datasource{{Name: "wikipedia", Pending: wikipedia(t).Pending}, {Name: "events_web", Hold: eventsWeb(t).Hold}}
	p.Summary = plan.Summary{}
	storySummary(p)
	p.Summary.RuleChanges, p.Summary.Blocked = 0, nil
	p.Cluster.AutoKill = plan.AutoKillOff
	return p
}

// stoppedPlan is blocked as a whole, and changes the default rules.
func stoppedPlan(t testing.TB) *plan.Plan {
	p := storyPlan(t)
	p.Datasources = p.Datasources[2:3]
	p.Datasources[0].Blocked = true
	p.DefaultRules = plan.RuleChange{Change: plan.ChangeUpdate, Range: line("default.hcl", 1),
		Before:  rules(t, `[{"type":"loadForever"}]`),
		After:   rules(t, `[{"type":"loadByPeriod","period":"P1Y"},{"type":"dropForever"}]`),
		Sources: []*diag.Range{line("default.hcl", 2), line("default.hcl", 5)}}
	p.Summary = plan.Summary{Blocked: []plan.Blocked{{Code: "timeline-clash"}}}
	p.Findings = []plan.Finding{{Severity: diag.Error, Code: "timeline-clash", Summary: "One version covers different intervals",
		Detail: "The Coordinator's view stands still until it is mended."}}
	return p
}
