package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"coppice/internal/diag"
)

func seedFrom(f *testing.F, folder string) {
	f.Helper()
	paths, err := filepath.Glob("testdata/" + folder + "/*.hcl")
	if err != nil || len(paths) == 0 {
		f.Fatalf("no files in %s: %v", folder, err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
}

func mustLoad(t interface{ Fatalf(string, ...any) }, files map[string]string, opts Options) *Config {
	config, list := Load(directory(files), opts)
	if len(list) > 0 {
		t.Fatalf("Load: messages\n%s", rendered(list))
	}
	return config
}

// topBlocks cuts a file into its top-level blocks.
func topBlocks(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.SplitAfter(strings.TrimSpace(string(text)), "\n}\n")
}

// Property: the order of files and of blocks says nothing.
func TestOrderOfFilesAndBlocksDoesNotMatter(t *testing.T) {
	for _, path := range inputs(t, "valid") {
		t.Run(path, func(t *testing.T) { orderDoesNotMatter(t, topBlocks(t, path)) })
	}
}

func orderDoesNotMatter(t *testing.T, blocks []string) {
	if len(blocks) < 10 {
		t.Fatalf("%d blocks, want more", len(blocks))
	}
	want := mustLoad(t, map[string]string{"a.hcl": strings.Join(blocks, "\n")}, options)
	rapid.Check(t, func(t *rapid.T) {
		files := map[string]string{}
		for _, block := range rapid.Permutation(blocks).Draw(t, "blocks") {
			name := rapid.SampledFrom([]string{"a.hcl", "b.hcl", "z.hcl"}).Draw(t, "file")
			files[name] += "\n" + block + "\n"
		}
		got := mustLoad(t, files, options)
		for _, cluster := range []string{"prod", "try", "store", ""} {
			if diff := cmp.Diff(string(want.meaning(cluster)), string(got.meaning(cluster))); diff != "" {
				t.Fatalf("meaning for %s changed (-want +got):\n%s", cluster, diff)
			}
		}
	})
}

const small = `cluster "prod" {
  coordinator = "https://a:8281"
  metadata {
    dsn = env("DSN")
  }
  auth {
    username = "u"
    password = env("SECRET")
  }
}

guard {
  max_unused_percent = 40
}

datasource "x" {
  retention {
    keep       = "P7D"
    replicants = { a = 1, b = 2 }
    stage {
      newest     = "P1D"
      replicants = { a = 2 }
    }
    stage {
      newest     = "P2D"
      replicants = { a = 3 }
    }
  }
  kill {
    superseded_after = "P1D"
    task {
      context = { a = 1 }
    }
  }
}

allow "resurfacing" {
  datasources = ["a", "b"]
  until       = "2026-12-31"
  reason      = "r"
}
`

func TestDigestIsAboutMeaning(t *testing.T) {
	cases := []struct {
		name, from, to string
		same           bool
	}{
		{"nothing", "", "", true},
		{"a comment", `cluster "prod" {`, "# note\n\ncluster \"prod\" {", true},
		{"another spelling of a period", `"P7D"`, `"P1W"`, true},
		{"another spelling of a grace", `superseded_after = "P1D"`, `superseded_after = "PT24H"`, true},
		{"another spelling of a date", `"2026-12-31"`, `"2026-12-31T02:00:00+02:00"`, true},
		{"the order of tiers", `{ a = 1, b = 2 }`, `{ b = 2, a = 1 }`, true},
		{"the order of names", `["a", "b"]`, `["b", "a"]`, true},
		{"a default written out", `context = { a = 1 }`, "context = { a = 1 }\n      max_segments = 1000", true},
		{"a default of a rule written out", `keep       = "P7D"`, "keep       = \"P7D\"\n    include_future = true", true},
		{"the password", `env("SECRET")`, `"other"`, true},
		{"the user", `username = "u"`, `username = "v"`, true},
		{"the DSN", `env("DSN")`, `"host=other"`, true},
		{"a period", `"P7D"`, `"P8D"`, false},
		{"replicants", `b = 2`, `b = 3`, false},
		{"a stage", `"P2D"`, `"P3D"`, false},
		{"include_future", `keep       = "P7D"`, "keep       = \"P7D\"\n    include_future = false", false},
		{"grace", `superseded_after = "P1D"`, `superseded_after = "P2D"`, false},
		{"no grace", `superseded_after = "P1D"`, ``, false},
		{"expired grace", `superseded_after = "P1D"`, "superseded_after = \"P1D\"\n    expired_after = \"P1D\"", false},
		{"older_than", `superseded_after = "P1D"`, "superseded_after = \"P1D\"\n    older_than = \"P1D\"", false},
		{"task size", `context = { a = 1 }`, "context = { a = 1 }\n      max_segments = 1001", false},
		{"task span", `context = { a = 1 }`, "context = { a = 1 }\n      max_interval = \"P30D\"", false},
		{"tasks in flight", `context = { a = 1 }`, "context = { a = 1 }\n      concurrency = 2", false},
		{"task context", `context = { a = 1 }`, `context = { a = 2 }`, false},
		{"a guard", `max_unused_percent = 40`, `max_unused_percent = 41`, false},
		{"another guard", `max_unused_percent = 40`, "max_unused_percent = 40\n  max_kill_bytes = \"1TB\"", false},
		{"victim age", `max_unused_percent = 40`, "max_unused_percent = 40\n  newest_victim_age = \"none\"", false},
		{"restore", `datasource "x" {`, "datasource \"x\" {\n  restore = false", false},
		{"the datasource's name", `datasource "x"`, `datasource "y"`, false},
		{"a second datasource", `guard {`, "datasource \"y\" {\n}\nguard {", false},
		{"default rules", `guard {`, "default_rules {\n  load {\n    forever = true\n  }\n}\nguard {", false},
		{"no allow", `"resurfacing"`, `"drops-everything"`, false},
		{"the allow's end", `"2026-12-31"`, `"2027-12-31"`, false},
		{"the allow's reach", `until `, "interval = \"2026/2027\"\n  until ", false},
		{"the allow's size", `until `, "max_segments = 5\n  until ", false},
		{"the cluster's place", `a:8281`, `b:8281`, false},
		{"the cluster's slots", `auth {`, "kill_tasks {\n    max_slots_percent = 11\n  }\n  auth {", false},
		{"the tables", `env("DSN")`, "env(\"DSN\")\n    tables = \"other\"", false},
	}
	want := mustLoad(t, map[string]string{"a.hcl": small}, options).Digest("prod")
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(small, c.from) {
				t.Fatalf("%q does not occur", c.from)
			}
			got := mustLoad(t, map[string]string{"b.hcl": strings.Replace(small, c.from, c.to, 1)}, options).Digest("")
			if (got == want) != c.same {
				t.Errorf("%q for %q: same digest is %v, want %v", c.to, c.from, got == want, c.same)
			}
		})
	}
}

func TestDigestTellsRulesThatAreEmptyFromNone(t *testing.T) {
	none := mustLoad(t, map[string]string{"a.hcl": "datasource \"x\" {\n}\n"}, options)
	empty := mustLoad(t, map[string]string{"a.hcl": "datasource \"x\" {\n  rules {\n  }\n}\n"}, options)
	if none.Datasources[0].Rules != nil || empty.Datasources[0].Rules == nil {
		t.Fatalf("rules: %v and %v, want nil and an empty list", none.Datasources[0].Rules, empty.Datasources[0].Rules)
	}
	if none.Digest("") == empty.Digest("") {
		t.Error("equal digests")
	}
}

func TestSelect(t *testing.T) {
	config := mustLoad(t, map[string]string{"a.hcl": `
cluster "prod" {
  coordinator = "http://a"
}
cluster "staging" {
  coordinator = "http://b"
}
`}, options)
	one := mustLoad(t, map[string]string{"a.hcl": "cluster \"prod\" {\n  coordinator = \"http://a\"\n}\n"}, options)
	none := mustLoad(t, map[string]string{"a.hcl": ""}, options)
	cases := []struct {
		name             string
		config           *Config
		ask              string
		want, code, hint string
	}{
		{"by name", config, "staging", "staging", "", ""},
		{"the only one", one, "", "prod", "", ""},
		{"two and no name", config, "", "", "cluster-not-chosen", "--cluster prod"},
		{"unknown", config, "stagin", "", "unknown-cluster", "--cluster staging"},
		{"the only one has another name", one, "staging", "", "unknown-cluster", "--cluster prod"},
		{"none", none, "", "", "no-cluster", "cluster \"prod\""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cluster, list := c.config.Select(c.ask)
			if c.want != "" {
				if len(list) > 0 || cluster.Name != c.want {
					t.Errorf("Select(%q) = %v, %v; want %s", c.ask, cluster, list, c.want)
				}
				return
			}
			if cluster != nil || len(list) != 1 || list[0].Code != c.code || !strings.HasPrefix(list[0].Hint, c.hint) || !list.HasErrors() {
				t.Errorf("Select(%q) = %v, %+v; want %s with the hint %s", c.ask, cluster, list, c.code, c.hint)
			}
		})
	}
}

// A secret is in no form of a configuration that anything could print, save or log.
func TestSecretsAreNeverShown(t *testing.T) {
	const text = `
cluster "prod" {
  coordinator = env("URL")
  overlord    = env("URL")
  metadata {
    dsn = env("DSN")
  }
  auth {
    username = env("SECRET")
    password = env("SECRET")
  }
}
cluster "bearer" {
  coordinator = "http://a"
  auth {
    token = "` + secretText + `"
  }
}
`
	config := mustLoad(t, map[string]string{"a.hcl": text}, options)
	if got := config.Clusters[1].Auth.Password.Reveal(); got != secretText {
		t.Fatalf("password = %q, want the value of the environment", got)
	}
	if got := config.Clusters[1].Coordinator.Value; got != "https://"+secretText+":8888" {
		t.Fatalf("coordinator = %q, want the value of the environment", got)
	}
	shown := map[string]string{"meaning": string(config.meaning("prod")), "json": string(canonical(config))}
	values := map[string]any{"config": config, "*config": *config}
	for _, c := range config.Clusters {
		values[c.Name], values["*"+c.Name] = c, *c
		values["auth "+c.Name], values["*auth "+c.Name] = c.Auth, *c.Auth
		values["slice "+c.Name], values["password "+c.Name] = []*Cluster{c}, c.Auth.Password
		if c.Metadata != nil {
			values["metadata "+c.Name], values["dsn "+c.Name] = c.Metadata, c.Metadata.DSN
		}
	}
	for name, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T %[1]v"} {
			shown[name+" "+verb] = fmt.Sprintf(verb, value)
		}
		shown[name+" json"] = string(canonical(value))
	}
	hexed := fmt.Sprintf("%x", secretText)
	for form, text := range shown {
		if strings.Contains(text, secretText) || strings.Contains(text, hexed) {
			t.Errorf("%s shows the secret: %s", form, text)
		}
	}
}

func TestAllowableCodes(t *testing.T) {
	codes := AllowableCodes()
	for _, never := range []string{"rule-stops-coordinator", "timeline-clash", "held-data-dropped"} {
		if slices.Contains(codes, never) {
			t.Errorf("%s may be allowed", never)
		}
	}
	for _, code := range []string{"resurfacing", "drops-everything", "guard-max-kill-segments", "kill-unpinned"} {
		if !slices.Contains(codes, code) {
			t.Errorf("%s may not be allowed", code)
		}
	}
	for _, f := range Findings() {
		if f.Allowable == (f.Why != "") {
			t.Errorf("%s: allowable %v and reason %q", f.Code, f.Allowable, f.Why)
		}
	}
}

func TestDiagnosticsNameBothPlacesOfADuplicate(t *testing.T) {
	_, list := Load(directory(map[string]string{
		"a.hcl": "\n\ndatasource \"x\" {\n}\n", "b.hcl": "datasource \"x\" {\n}\n",
	}), options)
	if len(list) != 1 || list[0].Range != (diag.Range{File: "b.hcl", Line: 1, Column: 1, EndLine: 1, EndColumn: 15}) ||
		!strings.Contains(list[0].Detail, "a.hcl:3") || !strings.Contains(list[0].Detail, "b.hcl:1") {
		t.Errorf("messages:\n%s", rendered(list))
	}
}
