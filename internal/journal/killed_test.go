package journal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/executor"
	"coppice/internal/plan"
)

func TestSent(t *testing.T) {
	folder := t.TempDir()
	j := opened(t, folder)
	a, err := j.Begin(document(t), now)
	done(t, err)
	send := func(name, task, victim string) {
		m := executor.Manifest{Datasource: name, Victims: []executor.Victim{{ID: victim}}}
		m.Task.ID = task
		done(t, a.Manifest(m))
		done(t, a.Record(executor.Record{Step: executor.StepIntent, Action: task, Kind: plan.KillTask, Datasource: name, Task: task}))
	}
	send("d", "t1", "one")
	send("e", "t2", "two")
	send("d", "t3", "three")
	// A manifest whose task was never announced was never sent.
	unsent := executor.Manifest{Datasource: "d"}
	unsent.Task.ID = "t4"
	done(t, a.Manifest(unsent))
	done(t, j.Close())
	state, err := Read(folder)
	done(t, err)
	sent, missing := state.Sent(folder, "d")
	if len(sent) != 2 || len(missing) > 0 || sent[0].Apply != a.ID() || sent[0].Manifest.Victims[0].ID != "one" || sent[1].Manifest.Victims[0].ID != "three" {
		t.Errorf("sent %+v, missing %v", sent, missing)
	}
	done(t, os.Remove(filepath.Join(folder, manifestName, a.ID(), "t3.json")))
	done(t, os.WriteFile(filepath.Join(folder, manifestName, a.ID(), "t1.json"), []byte("{"), 0o600))
	sent, missing = state.Sent(folder, "d")
	if len(sent) != 0 || len(missing) != 2 || !strings.Contains(missing[0], "task t1") || !strings.Contains(missing[1], "task t3") {
		t.Errorf("sent %+v, missing %v", sent, missing)
	}
}
