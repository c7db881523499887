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

// BenchmarkLoadPolicies reads twelve thousand datasources in twelve files that share two hundred policies, with a
// variable and two hundred locals.
func BenchmarkLoadPolicies(b *testing.B) {
	text := "variable \"days\" {\n  type    = number\n  default = 3\n}\n"
	for i := range 200 {
		text += fmt.Sprintf("policy \"p%d\" {\n  retention {\n    keep = \"P%dM\"\n  }\n  kill {\n    superseded_after = \"P1D\"\n  }\n}\n"+
			"locals {\n  grace%d = \"P${var.days + %d}D\"\n}\n", i, i%24+2, i, i)
	}
	files := map[string]string{"policies.hcl": text}
	for f := range 12 {
		var one strings.Builder
		for i := range 1000 {
			fmt.Fprintf(&one, "datasource \"d%d_%d\" {\n  policy = \"p%d\"\n  kill {\n    expired_after = local.grace%d\n  }\n}\n", f, i, i%200, i%200)
		}
		files[fmt.Sprintf("f%d.hcl", f)] = one.String()
	}
	fsys := directory(files)
	b.ReportAllocs()
	for b.Loop() {
		if config, list := Load(fsys, options); len(list) > 0 || len(config.Datasources) != 12_000 {
			b.Fatal(rendered(list[:1]))
		}
	}
}
