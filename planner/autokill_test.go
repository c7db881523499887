package planner

import (
	"strings"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// autoKill reads a scene's lines: SERVICE on BUFFER [only=A,B], or SERVICE unknown. The other leader's killer is off.
func autoKill(t *testing.T, text string) *snapshot.AutoKill {
	t.Helper()
	if text == "" {
		return nil
	}
	found := &snapshot.AutoKill{}
	for line := range lines(text) {
		fields := strings.Fields(line)
		k := map[string]*snapshot.Killer{"coordinator": &found.Coordinator, "overlord": &found.Overlord}[fields[0]]
		if fields[1] == "unknown" {
			k.Unknown = "it may not be read"
			continue
		}
		period, err := druid.ParsePeriod(fields[2])
		if err != nil || fields[1] != "on" {
			t.Fatalf("auto-kill line %q: %v", line, err)
		}
		k.On, k.Buffer = true, period
		if len(fields) > 3 {
			k.Only = strings.Split(strings.TrimPrefix(fields[3], "only="), ",")
		}
	}
	return found
}

// conflict plans a datasource with a killer beside it, and returns the finding.
func conflict(t *testing.T, block string, k snapshot.AutoKill) *plan.Finding {
	t.Helper()
	cfg := loadConfig(t, "datasource \"d\" {\n"+block+"\n}\n")
	d := &snapshot.Datasource{Name: "d", UnusedKnown: true, BusyKnown: true}
	p := Build(Input{Config: cfg, Cluster: cfg.Clusters[0], Now: at(t, "2026-11-20"),
		Snapshot: &snapshot.Cluster{AutoKill: &k, Datasources: []*snapshot.Datasource{d}}})
	for i := range p.Findings {
		if p.Findings[i].Code == "auto-kill-conflict" {
			return &p.Findings[i]
		}
	}
	return nil
}

func TestAutoKillSaysTheNumbers(t *testing.T) {
	k := snapshot.AutoKill{Coordinator: snapshot.Killer{On: true, Buffer: druid.Period{Days: 7}, Retain: "P90D"}}
	f := conflict(t, `kill {
  superseded_after = "P1D"
  expired_after    = "P1M"
}`, k)
	if f == nil {
		t.Fatal("no finding")
	}
	for _, want := range []string{"druid.coordinator.kill.on is true", "unused for P7D", "but for data of the last P90D", "expired segments stay for P1M"} {
		if !strings.Contains(f.Detail, want) {
			t.Errorf("%q lacks %q", f.Detail, want)
		}
	}
	if strings.Contains(f.Detail, "superseded") || !strings.Contains(f.Hint, "druid.coordinator.kill.bufferPeriod to P31D or longer") {
		t.Errorf("got %q and %q", f.Detail, f.Hint)
	}
}

func TestAutoKillBuffer(t *testing.T) {
	both := func(superseded, expired string) string {
		return "kill {\n  superseded_after = \"" + superseded + "\"\n  expired_after = \"" + expired + "\"\n}"
	}
	cases := []struct {
		name, block, buffer string
		want                bool
	}{
		{"as long as the grace", both("P7D", "P7D"), "P7D", false},
		{"an hour shorter", both("P7D", "P7D"), "PT167H", true},
		{"longer than one of two", both("P1D", "P30D"), "P7D", true},
		{"a month may have 31 days", both("P1D", "P1M"), "P30D", true},
		{"as long as any month", both("P1D", "P1M"), "P31D", false},
		{"a leap year", both("P1D", "P1Y"), "P365D", true},
		{"as long as any year", both("P1D", "P1Y"), "P366D", false},
		{"never", both("P1D", "never"), "P3000D", true},
		{"nothing is said", "", "PT1S", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			buffer, err := druid.ParsePeriod(c.buffer)
			if err != nil {
				t.Fatal(err)
			}
			if got := conflict(t, c.block, snapshot.AutoKill{Overlord: snapshot.Killer{On: true, Buffer: buffer}}); (got != nil) != c.want {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestAutoKillState(t *testing.T) {
	off, on, unknown := snapshot.Killer{}, snapshot.Killer{On: true}, snapshot.Killer{Unknown: "why"}
	for _, c := range []struct {
		a    *snapshot.AutoKill
		want string
	}{
		{nil, ""}, {&snapshot.AutoKill{Coordinator: off, Overlord: off}, plan.AutoKillOff}, {&snapshot.AutoKill{Coordinator: off, Overlord: unknown}, plan.AutoKillUnknown},
		{&snapshot.AutoKill{Coordinator: unknown, Overlord: on}, plan.AutoKillOn},
	} {
		in := Input{Snapshot: &snapshot.Cluster{AutoKill: c.a}}
		if got := in.autoKillState(); got != c.want {
			t.Errorf("%+v: %q", c.a, got)
		}
	}
}
