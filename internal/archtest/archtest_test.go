package archtest

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// root is the module's folder as seen from this package's tests.
const root = "../.."

// TestModuleKeepsItsRules is the check itself.
func TestModuleKeepsItsRules(t *testing.T) {
	files, err := parseAll(os.DirFS(root))
	if err != nil {
		t.Fatalf("parse the module: %v", err)
	}
	if len(files) < 20 {
		t.Fatalf("found %d files: the walk does not see the module", len(files))
	}
	for _, v := range check(files) {
		t.Error(v)
	}
}

// TestEveryLayerIsThere keeps the table free of packages that no longer exist.
func TestEveryLayerIsThere(t *testing.T) {
	for _, l := range layers {
		if l.why == "" {
			t.Errorf("layer %s has no sentence", l.pkg)
		}
		for _, name := range l.may {
			if name != everything && !slices.ContainsFunc(layers, func(o layer) bool { return o.pkg == name }) {
				t.Errorf("layer %s may import %s, which has no line", l.pkg, name)
			}
		}
	}
}

// TestLayersHaveNoCycle: following the table, no package can reach itself.
func TestLayersHaveNoCycle(t *testing.T) {
	rank := map[string]int{}
	var visit func(pkg string, path []string)
	visit = func(pkg string, path []string) {
		if slices.Contains(path, pkg) {
			t.Fatalf("the table allows a cycle: %s", strings.Join(append(path, pkg), " -> "))
		}
		if rank[pkg]++; rank[pkg] > 1 && len(path) == 0 {
			return
		}
		for _, l := range layers {
			if l.pkg != pkg {
				continue
			}
			for _, next := range l.may {
				if next != everything {
					visit(next, append(slices.Clone(path), pkg))
				}
			}
		}
	}
	for _, l := range layers {
		visit(l.pkg, nil)
	}
}

func TestPlantedViolationsAreFound(t *testing.T) {
	cases := []struct {
		name, path, text string
		want             string
	}{
		{"import against the table", "planner/kill.go", "package planner\n\nimport _ \"coppice/executor\"\n",
			"planner/kill.go:3: planner imports executor: " + whyOf("planner")},
		{"package without a line", "internal/fresh/fresh.go", "package fresh\n\nimport _ \"coppice/config\"\n",
			"internal/fresh/fresh.go:3: internal/fresh imports config: a package of the module has its line in the import table"},
		{"package below a layer", "internal/druid/deep/deep.go", "package deep\nimport _ \"coppice/internal/plan\"\n",
			"internal/druid/deep/deep.go:2: internal/druid/deep imports internal/plan: " + whyOf("internal/druid")},
		{"clock in the planner", "internal/plan/x.go", "package plan\nimport \"time\"\nvar now = time.Now\n",
			"internal/plan/x.go:3: time.Now: " + calls[0].why},
		{"clock under another name", "executor/x.go", "package executor\nimport clock \"time\"\nfunc f() { clock.Sleep(1) }\n",
			"executor/x.go:3: time.Sleep: " + calls[0].why},
		{"network in the executor", "executor/x.go", "package executor\nimport _ \"net/http\"\n",
			"executor/x.go:2: executor imports net/http: " + limits[2].why},
		{"everything below a path", "planner/x.go", "package planner\nimport _ \"github.com/hashicorp/hcl/v2/hclsyntax\"\n",
			"planner/x.go:2: planner imports github.com/hashicorp/hcl/v2/hclsyntax: " + limits[1].why},
		{"printing", "internal/collect/x.go", "package collect\nimport \"fmt\"\nfunc f() { fmt.Println(1) }\n",
			"internal/collect/x.go:3: fmt.Println: " + calls[1].why},
		{"ending elsewhere", "cmd/coppice/plan.go", "package main\nimport \"os\"\nfunc f() { os.Exit(1) }\n",
			"cmd/coppice/plan.go:3: os.Exit: " + calls[3].why},
		{"testing in shipped code", "internal/journal/x.go", "package journal\nimport _ \"testing\"\n",
			"internal/journal/x.go:2: internal/journal imports testing: " + testingLimit.why},
		{"tests' tools in shipped code", "cmd/coppice/plan.go", "package main\nimport _ \"coppice/internal/druidkit\"\n",
			"cmd/coppice/plan.go:2: cmd/coppice imports internal/druidkit: " + developingWhy},
		{"empty name", "internal/render/util/x.go", "package util\n",
			"internal/render/util/x.go:1: package util: " + emptyNameWhy},
		{"goroutine", "config/x.go", "package config\nfunc f() { go f() }\n",
			"config/x.go:2: go statement: " + goroutineWhy},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			files, err := parseAll(fstest.MapFS{c.path: {Data: []byte(c.text)}})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, v := range check(files) {
				got = append(got, v.String())
			}
			if diff := cmp.Diff([]string{c.want}, got); diff != "" {
				t.Errorf("check(%s) (-want +got):\n%s", c.path, diff)
			}
		})
	}
}

func TestWhatIsAllowedPasses(t *testing.T) {
	files, err := parseAll(fstest.MapFS{
		"cmd/coppice/main.go":      {Data: []byte("package main\nimport (\n\"os\"\n_ \"coppice/planner\"\n)\nfunc f() { os.Exit(1) }\n")},
		"planner/kill.go":          {Data: []byte("package planner\nimport _ \"coppice/config\"\n")},
		"planner/kill_test.go":     {Data: []byte("package planner\nimport _ \"testing\"\n")},
		"planner/testdata/x.go":    {Data: []byte("package util\n")},
		"internal/sandbox/time.go": {Data: []byte("package sandbox\nimport \"time\"\nvar now = time.Now\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if found := check(files); len(found) > 0 {
		t.Errorf("check found %v, want nothing", found)
	}
}

// whyOf is the sentence of a layer.
func whyOf(pkg string) string {
	for _, l := range layers {
		if l.pkg == pkg {
			return l.why
		}
	}
	return ""
}
