package journal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/executor"
	"coppice/internal/druid"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestBaselinesOutliveTheRun(t *testing.T) {
	folder := t.TempDir()
	j := opened(t, folder)
	apply, err := j.Begin(document(t), 5)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		b := executor.Baseline{At: druid.Instant(rapid.Int64Range(0, 1e12).Draw(rt, "at")),
			Datasource: rapid.SampledFrom([]string{"d", "../d", "d d", "D"}).Draw(rt, "name"), Used: []executor.Held{}}
		for n := range rapid.IntRange(0, 3).Draw(rt, "chunks") {
			b.Used = append(b.Used, executor.Held{Interval: druid.Interval{Start: druid.Instant(n), End: druid.Instant(n + 1)}, Version: "v1",
				Partitions: []int32{0, 1, 2, 7}})
		}
		if err := apply.Baseline(b); err != nil {
			rt.Fatal(err)
		}
		again := &Apply{journal: j, id: apply.id}
		got, err := again.Earlier(b.Datasource)
		if err != nil || cmp.Diff(&b, got) != "" {
			rt.Fatalf("%v, %s", err, cmp.Diff(&b, got))
		}
	})
	if got, err := apply.Earlier("never seen"); got != nil || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := (&Apply{journal: j, id: "another"}).Earlier("d"); got != nil || err != nil {
		t.Errorf("another apply: %v, %v", got, err)
	}
	if err := apply.Record(executor.Record{Step: executor.StepEnd, Complete: false}); err != nil {
		t.Fatal(err)
	}
	if got, _ := apply.Earlier("d"); got == nil {
		t.Error("forgotten while something is left to resume")
	}
	if err := apply.Record(executor.Record{Step: executor.StepEnd, Complete: true}); err != nil {
		t.Fatal(err)
	}
	if got, err := apply.Earlier("d"); got != nil || err != nil {
		t.Errorf("kept for nothing: %v, %v", got, err)
	}
}

func TestADamagedBaselineIsAnError(t *testing.T) {
	j := opened(t, t.TempDir())
	apply, err := j.Begin(document(t), 5)
	if err != nil {
		t.Fatal(err)
	}
	if err := apply.Baseline(executor.Baseline{Datasource: "d"}); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"{", `{"datasource":"e","used":[]}`} {
		if err := os.WriteFile(apply.baselinePath("d"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := apply.Earlier("d"); got != nil || err == nil || !strings.Contains(err.Error(), "read baseline of d") {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	if !strings.HasPrefix(apply.baselinePath("../.."), filepath.Join(j.folder, baselineName)) {
		t.Error("a name leads out of the folder")
	}
}
