package archtest

import (
	"io/fs"
	"os"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"coppice/internal/plan"
)

const (
	kindWhy = "what an action does to a cluster is explained in docs"
	codeWhy = "a finding's code is explained in docs/findings.md, which is where people look it up"
)

// TestKindsAndFindingsAreDocumented: every kind of action and every code of a finding stands in docs.
func TestKindsAndFindingsAreDocumented(t *testing.T) {
	fsys := os.DirFS(root)
	if _, err := fs.Stat(fsys, "docs/findings.md"); err != nil {
		t.Fatalf("docs/findings.md: %v", err)
	}
	files, err := parseAll(fsys)
	if err != nil {
		t.Fatal(err)
	}
	for why, mentions := range map[string][]mention{kindWhy: kinds(files), codeWhy: findingCodes(files)} {
		found, err := undocumented(fsys, mentions, why)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range found {
			t.Error(v)
		}
	}
}

// TestMentionsAreSeen: reading the source finds what the running program knows.
func TestMentionsAreSeen(t *testing.T) {
	files, err := parseAll(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	words := func(mentions []mention) []string {
		var all []string
		for _, m := range mentions {
			all = append(all, m.word)
		}
		return all
	}
	for _, kind := range plan.Kinds {
		if !slices.Contains(words(kinds(files)), string(kind)) {
			t.Errorf("kind %s is not seen", kind)
		}
	}
	codes := words(findingCodes(files))
	for _, code := range []string{"resurfacing", "gap", "timeline-clash", "shard-spec-unknown", "guard-max-unused-percent", "unmanaged"} {
		if !slices.Contains(codes, code) {
			t.Errorf("finding %s is not seen", code)
		}
	}
}

func TestUndocumentedWordsAreFound(t *testing.T) {
	fsys := fstest.MapFS{
		"docs/findings.md":      {Data: []byte("`known` is explained; bare-word is not\n")},
		"internal/plan/plan.go": {Data: []byte("package plan\ntype Kind string\nconst (\nA Kind = \"known\"\nB Kind = \"bare-word\"\nC = \"other\"\n)\n")},
		"planner/findings.go": {Data: []byte("package planner\nfunc f() {\ng(complaint{severity: 1, code: \"new-code\"})\n" +
			"x := reason{code: \"no-finding\"}\nx.code = \"changed-code\"\nh(\"guard-new\", 3)\n}\n")},
	}
	files, err := parseAll(fsys)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, mentions := range [][]mention{kinds(files), findingCodes(files)} {
		found, err := undocumented(fsys, mentions, "why")
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range found {
			got = append(got, v.String())
		}
	}
	want := []string{
		`internal/plan/plan.go:5: "bare-word": why`, `planner/findings.go:3: "new-code": why`,
		`planner/findings.go:5: "changed-code": why`, `planner/findings.go:6: "guard-new": why`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("undocumented (-want +got):\n%s", diff)
	}
}
