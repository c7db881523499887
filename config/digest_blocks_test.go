package config

import (
	"strings"
	"testing"
)

const deletions = `guard {
  max_future = "P2D"
  budget {
    window       = "P7D"
    max_segments = 5
  }
}

datasource "exact" {
}

datasource "events_*" {
  except = ["events_b", "events_c"]
}

hold "h" {
  datasources = ["a", "b"]
  interval    = "2025-01-01/2025-07-01"
  until       = "2027-01-01"
  reason      = "order"
}

removal "r" {
  datasource = "clicks"
  interval   = "2024-05-06/2024-05-07"
  versions   = ["v1", "v2"]
  kill_after = "P7D"
  reason     = "double"
}

removal "ids" {
  datasource = "clicks"
  segment_ids = [
    "clicks_2024-05-06T00:00:00.000Z_2024-05-07T00:00:00.000Z_v1",
    "clicks_2024-05-06T00:00:00.000Z_2024-05-07T00:00:00.000Z_v2_1",
  ]
  reason = "ids"
}
`

func TestDigestIsAboutHoldsRemovalsAndFamilies(t *testing.T) {
	cases := []struct {
		name, from, to string
		same           bool
	}{
		{"the order of exceptions", `["events_b", "events_c"]`, `["events_c", "events_b"]`, true},
		{"the order of held datasources", `["a", "b"]`, `["b", "a"]`, true},
		{"the order of versions", `["v1", "v2"]`, `["v2", "v1"]`, true},
		{"another spelling of an interval", `"2024-05-06/2024-05-07"`, `"2024-05-06/P1D"`, true},
		{"another spelling of a partition", `_v2_1"`, `_v2_01"`, true},
		{"the order of ids", "Z_v1\",\n    \"clicks_2024-05-06T00:00:00.000Z_2024-05-07T00:00:00.000Z_v2_1",
			"Z_v2_1\",\n    \"clicks_2024-05-06T00:00:00.000Z_2024-05-07T00:00:00.000Z_v1", true},
		{"another spelling of an end", `"2027-01-01"`, `"2027-01-01T00:00:00Z"`, true},
		{"another spelling of a window", `"P7D"`, `"P1W"`, true},
		{"never written out", `reason = "ids"`, "kill_after = \"never\"\n  reason = \"ids\"", true},
		{"a family's pattern", `"events_*"`, `"event_*"`, false},
		{"an exception", `"events_c"`, `"events_d"`, false},
		{"no exception", `except = ["events_b", "events_c"]`, ``, false},
		{"a family's policy", `except =`, "restore = false\n  except =", false},
		{"an exact block for a family", `"exact"`, `"exact*"`, false},
		{"the hold's name", `hold "h"`, `hold "i"`, false},
		{"a held datasource", `["a", "b"]`, `["a", "c"]`, false},
		{"what is held", `"2025-01-01/2025-07-01"`, `"2025-01-01/2025-07-02"`, false},
		{"all time is held", `interval    = "2025-01-01/2025-07-01"`, ``, false},
		{"the hold's end", `"2027-01-01"`, `"2027-01-02"`, false},
		{"no end", `until       = "2027-01-01"`, ``, false},
		{"the hold's reason", `"order"`, `"other"`, false},
		{"the removal's name", `removal "r"`, `removal "s"`, false},
		{"the removal's datasource", `datasource = "clicks"`, `datasource = "other"`, false},
		{"the removal's interval", `"2024-05-06/2024-05-07"`, `"2024-05-06/2024-05-08"`, false},
		{"a version", `"v2"]`, `"v3"]`, false},
		{"another claim", `versions   = ["v1", "v2"]`, `before = "2024-05-08T00:00:00Z"`, false},
		{"tombstones", `versions   = ["v1", "v2"]`, `tombstones = true`, false},
		{"grace", `kill_after = "P7D"`, `kill_after = "P8D"`, false},
		{"no kill", `kill_after = "P7D"`, ``, false},
		{"an interval for ids", `reason = "ids"`, "interval = \"2024-05-06/2024-05-07\"\n  reason = \"ids\"", false},
		{"an id's version", `Z_v1"`, `Z_v3"`, false},
		{"an id's partition", `_v2_1"`, `_v2_2"`, false},
		{"the removal's reason", `"double"`, `"other"`, false},
		{"max_future", `"P2D"`, `"P3D"`, false},
		{"no max_future", `max_future = "P2D"`, ``, false},
		{"a window", `window       = "P7D"`, `window       = "P8D"`, false},
		{"a limit", `max_segments = 5`, `max_segments = 6`, false},
		{"another limit", `max_segments = 5`, `max_bytes = "5KB"`, false},
		{"a limit more", `max_segments = 5`, "max_segments = 5\n    max_bytes = \"5KB\"", false},
	}
	want := mustLoad(t, map[string]string{"a.hcl": deletions}, options).Digest("")
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(deletions, c.from) {
				t.Fatalf("%q does not occur", c.from)
			}
			got := mustLoad(t, map[string]string{"b.hcl": strings.Replace(deletions, c.from, c.to, 1)}, options).Digest("")
			if (got == want) != c.same {
				t.Errorf("%q for %q: same digest is %v, want %v", c.to, c.from, got == want, c.same)
			}
		})
	}
}

// What only a removal manages is under the directory's guard, so that the guard means something without datasources.
func TestDigestIsAboutTheGuardOfRemovals(t *testing.T) {
	const removal = "removal \"r\" {\n  datasource = \"a\"\n  interval = \"2024/2025\"\n  tombstones = true\n  reason = \"r\"\n}\n"
	const guard = "guard {\n  max_unused_percent = 1\n}\n"
	digest := func(text string) string { return mustLoad(t, map[string]string{"a.hcl": text}, options).Digest("") }
	if digest(removal) == digest(removal+guard) {
		t.Error("with a removal the guard changes nothing")
	}
	if digest("") != digest(guard) {
		t.Error("a guard of nothing changes the digest")
	}
}
