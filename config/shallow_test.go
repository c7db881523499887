package config

import (
	"strings"
	"testing"
)

// FuzzShallow: what is found shallow without taking it apart is so for the lexer.
func FuzzShallow(f *testing.F) {
	for _, text := range []string{
		"datasource \"a-b\" {}\n\ndatasource \"c\" {\n  x = [1, -2] # three\n}\n", strings.Repeat("x {\n", 201), "x = " + strings.Repeat("[", 201),
		"x = 1" + strings.Repeat(" - 1\n", 201), strings.Repeat("x = \"\n}\n${\"\n}\n", 99), "x = <<E\n" + strings.Repeat("}\n", 9) + "E\n",
		strings.Repeat("x = { # }\n", 201), strings.Repeat("a = \"#{\"\n", 201), "/*\n" + strings.Repeat("}\n", 300) + "*/" + strings.Repeat("{\n", 201),
		strings.Repeat("x = -\n", 201), "x == " + strings.Repeat("-", 201) + "1", strings.Repeat("}{\n", 300) + strings.Repeat("{(\n", 101),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if at, deep := deepToken("a.hcl", []byte(text)); deep && shallow([]byte(text)) {
			t.Errorf("it is deep at %d:%d", at.Line, at.Column)
		}
	})
}

// TestShallow: what most files are made of need not be taken apart, and what nests deeply is.
func TestShallow(t *testing.T) {
	plain := "# some of many\ncluster \"c\" {\n  coordinator = \"http://c:8081\" # the leader\n}\n" + strings.Repeat("datasource \"Billing-x.y_1\" {\n  a = [1, -2]\n}\n\n", 1000)
	for text, want := range map[string]bool{
		plain: true, strings.Repeat("x {\n", maxDepth-1): true, strings.Repeat("x {\n", maxDepth+1): false, "x = " + strings.Repeat("-", maxDepth) + "1\n": true,
		"x = " + strings.Repeat("-", maxDepth+1) + "1\n": false, "x = \"${y}\"\n": false, "x = \"\\\"\"\n": false, "x = <<E\nE\n": false, "x = \"a\n": false, "x = a == b\n": false,
	} {
		if got := shallow([]byte(text)); got != want {
			t.Errorf("shallow(%.60q) = %v", text, got)
		}
	}
}
