package config

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkLoad reads a thousand datasources with retention, kill and guard.
func BenchmarkLoad(b *testing.B) {
	var text strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&text, "datasource \"d%d\" {\n  retention {\n    keep = \"P%dM\"\n    stage {\n      newest     = \"P%dD\"\n      replicants = { hot = 1 }\n    }\n  }\n"+
			"  kill {\n    superseded_after = \"P1D\"\n  }\n  guard {\n    max_unused_percent = 20\n  }\n}\n", i, i%24+2, i%27+1)
	}
	fsys := directory(map[string]string{"a.hcl": text.String()})
	b.ReportAllocs()
	for b.Loop() {
		if _, list := Load(fsys, options); len(list) > 0 {
			b.Fatal(rendered(list[:1]))
		}
	}
}
