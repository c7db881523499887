package declare

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/memdir"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files anew")

// list reads a rule list as Druid prints it.
func list(t interface{ Fatal(...any) }, text string) druid.RuleList {
	read, err := druid.ParseRuleList([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func written(t *testing.T, source Source) *Result {
	t.Helper()
	source.Name = "imported"
	result, err := Write(source)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

const (
	days30 = `[{"type":"loadByPeriod","period":"P30D","tieredReplicants":{"_default_tier":1}},{"type":"dropForever"}]`
	tiered = `[{"type":"loadByInterval","interval":"2012-01-01/2013-01-01","tieredReplicants":{"_default_tier":2}},
		{"type":"dropByInterval","interval":"2014-01-01T06:00:00Z/2015-01-01"},
		{"type":"loadByPeriod","period":"P7D","tieredReplicants":{"hot tier":2,"_default_tier":1}},
		{"type":"loadByPeriod","period":"P1M","tieredReplicants":{"_default_tier":2}},
		{"type":"loadByPeriod","period":"P1Y"},{"type":"dropForever"}]`
	backwards = `[{"type":"loadByPeriod","period":"P30D"},{"type":"loadByPeriod","period":"P7D"},{"type":"loadForever","tieredReplicants":{}}]`
	odd       = `[{"type":"loadPartialByPeriod","period":"P1D","note":"${x} %{y} \"z\""},{"type":"dropByPeriod","period":"P1M","includeFuture":false},
		{"type":"broadcastByInterval","interval":"2030-01-01/2031-01-01"},{"type":"dropBeforeByPeriod","period":"P2Y"},{"type":"loadForever"}]`
)

func TestWrite(t *testing.T) {
	got := written(t, Source{Default: list(t, `[{"type":"loadForever"}]`), Taken: []string{"keep-p30d"}, Datasources: []Datasource{
		{"billing", list(t, odd)},
		{"clicks", list(t, days30)},
		{"empty", nil},
		{"events ${prod}", list(t, tiered)},
		{"narrow last", list(t, backwards)},
		{"stopped", list(t, `[{"type":"loadByPeriod","period":"P-1D"},{"type":"loadForever"}]`)},
		{"views", list(t, strings.Replace(days30, "P30D", "P4W2D", 1))},
		{"web*", list(t, days30)},
	}})
	golden(t, "testdata/written.hcl", got.Files[0].Text)
	want := Result{Files: got.Files, Datasources: 6, WithRules: 5, Shared: 2, Policies: []string{"keep-p30d-2"}, Default: true, Left: got.Left}
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Error(diff)
	}
	var left strings.Builder
	for _, l := range got.Left {
		fmt.Fprintf(&left, "%s: %s\n", l.Datasource, l.Why)
	}
	golden(t, "testdata/left.txt", []byte(left.String()))
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s: %s", path, diff)
	}
}

func TestWriteSplitsLongFiles(t *testing.T) {
	var source Source
	for n := range 8000 {
		source.Datasources = append(source.Datasources, Datasource{fmt.Sprintf("datasource with a long name %05d", n),
			list(t, fmt.Sprintf(`[{"type":"loadByPeriod","period":"P%dD"},{"type":"dropForever"}]`, 1+n%200))})
	}
	got := written(t, source)
	if len(got.Files) < 2 || got.Files[1].Name != "imported-2.hcl" || got.Datasources != 8000 || len(got.Policies) != 200 {
		t.Errorf("%d files, %d datasources, %d policies", len(got.Files), got.Datasources, len(got.Policies))
	}
	for _, f := range got.Files {
		if len(f.Text) > 2*fileBytes {
			t.Errorf("%s has %d bytes", f.Name, len(f.Text))
		}
	}
}

// rules are lists as clusters have them, mistakes included.
func rules() *rapid.Generator[string] {
	replicants := rapid.SampledFrom([]string{"", `,"tieredReplicants":{}`, `,"tieredReplicants":{"_default_tier":2}`, `,"tieredReplicants":null`,
		`,"tieredReplicants":{"hot":1,"a b":2}`, `,"useDefaultTierForNull":false`, `,"tieredReplicants":{"x\"${y}":3}`})
	where := rapid.SampledFrom([]string{`Forever"`, `ByPeriod","period":"P30D"`, `ByPeriod","period":"P1Y","includeFuture":false`,
		`ByPeriod","period":"P0D"`, `ByPeriod","period":"P-3D"`, `ByPeriod"`, `ByInterval","interval":"2020-01-01/2021-02-03T04:05:06.007Z"`,
		`ByInterval","interval":"-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z"`, `ByInterval"`, `ByPeriod","period":"P1M"`})
	return rapid.Custom(func(t *rapid.T) string {
		switch kind := rapid.SampledFrom([]string{"load", "load", "load", "drop", "broadcast", "before", "unknown", "null"}).Draw(t, "kind"); kind {
		case "load":
			return `{"type":"load` + where.Draw(t, "where") + replicants.Draw(t, "replicants") + "}"
		case "before":
			return `{"type":"dropBeforeByPeriod","period":"` + rapid.SampledFrom([]string{"P2Y", "P-1D", "PT36H"}).Draw(t, "period") + `"}`
		case "unknown":
			return `{"type":"loadPartialForever","x":[1,{"y":"%{if}"}]}`
		case "null":
			return "null"
		default:
			return `{"type":"` + kind + where.Draw(t, "where") + "}"
		}
	})
}

// Whatever lists a cluster has, what is written declares exactly them, and what is not written is named. Write compares
// by itself; here the files are read by hand, so that its comparison cannot be what is wrong.
func TestReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		source := Source{Name: "imported"}
		for n := range rapid.IntRange(0, 6).Draw(t, "datasources") {
			text := "[" + strings.Join(rapid.SliceOfN(rules(), 0, 5).Draw(t, "rules"), ",") + "]"
			source.Datasources = append(source.Datasources, Datasource{fmt.Sprintf("d%d", n), list(t, text)})
		}
		source.Default = list(t, "["+strings.Join(rapid.SliceOfN(rules(), 0, 3).Draw(t, "default"), ",")+"]")
		got, err := Write(source)
		if err != nil {
			t.Fatal(err)
		}
		read, problems := config.Load(memdir.Dir(got.Files), config.Options{})
		if len(problems) > 0 {
			t.Fatalf("%v\n%s", problems, got.Files[0].Text)
		}
		left := map[string]bool{}
		for _, l := range got.Left {
			left[l.Datasource] = true
			if l.Why == "" {
				t.Errorf("%s is left out without a reason", l.Datasource)
			}
		}
		for _, d := range source.Datasources {
			declared := read.Find(d.Name)
			switch {
			case left[d.Name]:
				if declared != nil {
					t.Errorf("%s is both declared and left out", d.Name)
				}
			case declared == nil, len(d.Rules) > 0 && (declared.Rules == nil || !declared.Rules.List.Equal(d.Rules)):
				t.Errorf("%s does not mean what it was", d.Name)
			}
		}
		if !left["_default"] && len(source.Default) > 0 && (read.DefaultRules == nil || !read.DefaultRules.List.Equal(source.Default)) {
			t.Error("the default does not mean what it was")
		}
	})
}
