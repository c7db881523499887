package druid

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestCapabilitiesByVersion(t *testing.T) {
	cases := []struct {
		version string
		pins    bool
		names   string
	}{
		{"27.0.0", false, ""},
		{"28.0.1", false, "kill-limit"},
		{"29.0.0", false, "kill-limit kill-cut-off unused-list"},
		{"30.0.0", true, "kill-limit kill-cut-off kill-versions unused-list"},
		{"31.0.0-SNAPSHOT", true, "kill-limit kill-cut-off kill-versions unused-list active-locks"},
		{"37.0.0", true, "kill-limit kill-cut-off kill-versions unused-list active-locks overlord-marks duties"},
		{"0.23.0", false, ""},
		{"2024.03.0-iap", false, ""},
		{"99999999999999999999999.0", false, ""},
		{"", false, ""},
		{"latest", false, ""},
		{"-33", false, ""},
	}
	for _, c := range cases {
		var names []string
		for _, one := range Capabilities {
			if one.In(c.version) {
				names = append(names, one.Name)
			}
		}
		if got := strings.Join(names, " "); got != c.names || PinsKills(c.version) != c.pins {
			t.Errorf("%q: %s, pins kills: %t", c.version, got, PinsKills(c.version))
		}
	}
}

// The table that people read is the one that decides.
func TestCapabilitiesAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/druid.md")
	if err != nil {
		t.Fatal(err)
	}
	how := map[bool]string{true: "its version", false: "asking"}
	rows := 0
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "| `") && strings.Contains(line, " | its version | ") || strings.Contains(line, " | asking | ") {
			rows++
		}
	}
	for _, c := range Capabilities {
		if row := fmt.Sprintf("| `%s` | %d | %s | ", c.Name, c.Since, how[c.ByVersion]); !strings.Contains(string(text), "\n"+row) {
			t.Errorf("docs/druid.md has no row %q", row)
		}
	}
	if rows != len(Capabilities) {
		t.Errorf("docs/druid.md has %d rows of capabilities, the table %d", rows, len(Capabilities))
	}
}
