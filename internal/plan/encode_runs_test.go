package plan

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// sharing is a plan with kill tasks of equal reach: so many tasks of one segment each, over every other partition.
func sharing(t testing.TB, tasks int) *Plan {
	p := small(t)
	kill := p.Actions[3]
	r := &kill.Runs[0]
	r.Partitions = nil
	for n := range tasks {
		r.Partitions = append(r.Partitions, int32(2*n))
	}
	r.Amount = Amount{int64(tasks), int64(10 * tasks)}
	digest := RunsDigest(kill.Datasource, kill.Runs)
	p.Actions = p.Actions[:3]
	for n := range tasks {
		a, task := *kill, *kill.Task
		task.Limit, a.Amount = 1, Amount{1, 10}
		task.ID = TaskID(a.Datasource, task.Interval, task.Versions, task.MaxUsedStatusLastUpdated, digest, n+1)
		a.Task = &task
		a.ID = ActionIDOf(&a, digest)
		if n > 0 {
			a.RunsOf = p.Actions[3].ID
		}
		p.Actions = append(p.Actions, &a)
	}
	return p
}

func TestSharedRunsStandOnce(t *testing.T) {
	p := sharing(t, 3)
	document := encoded(t, p)
	if n := bytes.Count(document, []byte(`"partitions": "0,2,4"`)); n != 1 {
		t.Errorf("the runs stand %d times in the document", n)
	}
	if p.Actions[5].Runs == nil {
		t.Error("Encode changed the plan")
	}
	got, err := Decode(document)
	if err != nil {
		t.Fatalf("Decode: %v", err)
	}
	for _, a := range got.Actions[3:] {
		if a.Runs[0].Partitions.String() != "0,2,4" || ActionID(a) != a.ID {
			t.Errorf("action %s has runs %v", a.ID, a.Runs)
		}
	}
	if err := Check(got); err != nil {
		t.Errorf("Check: %v", err)
	}
	if again := encoded(t, got); !bytes.Equal(again, document) {
		t.Error("encoding again gives other bytes")
	}
}

// TestSharedRunsGrowWithTasksAlone: each further task costs what a task costs, however many segments it may choose from.
func TestSharedRunsGrowWithTasksAlone(t *testing.T) {
	size := func(tasks int) int { return len(encoded(t, sharing(t, tasks))) }
	if few, many := size(200)-size(100), size(2000)-size(1900); many > few+200*100 {
		t.Errorf("a hundred tasks more have %d bytes, and %d where there are many", few, many)
	}
	p, err := Decode(encoded(t, sharing(t, 100)))
	if err != nil {
		t.Fatal(err)
	}
	if !sameRuns(p.Actions[3].Runs, p.Actions[102].Runs) {
		t.Error("a decoded plan has shared runs several times")
	}
}

func TestSharedRunsOfNobodyAreRefused(t *testing.T) {
	const nobody = "no kill of that datasource before it"
	cases := []struct {
		name          string
		change        func(p *Plan)
		encode, check string
	}{
		{"of nothing", func(p *Plan) { p.Actions[4].RunsOf = "kill-0" }, nobody, nobody},
		{"of itself", func(p *Plan) { p.Actions[4].RunsOf = p.Actions[4].ID }, nobody, nobody},
		{"of a later one", func(p *Plan) { p.Actions[3].RunsOf = p.Actions[4].ID }, nobody, nobody},
		{"of one that has another's", func(p *Plan) { p.Actions[5].RunsOf = p.Actions[4].ID }, nobody, nobody},
		{"of a mark", func(p *Plan) { p.Actions[4].RunsOf = p.Actions[2].ID }, nobody, nobody},
		{"of another datasource", func(p *Plan) { p.Actions[4].Datasource = "other" }, nobody, nobody},
		{"a mark", func(p *Plan) { p.Actions[2].RunsOf = p.Actions[3].ID }, nobody, "and nothing else"},
		{"rules", func(p *Plan) { p.Actions[0].RunsOf = p.Actions[3].ID }, nobody, "and nothing else"},
		{"other runs", func(p *Plan) { p.Actions[4].Runs = []Run{p.Actions[4].Runs[0]} }, "other runs than", "not those of"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := sharing(t, 3)
			c.change(p)
			if _, err := Encode(p); err == nil || !strings.Contains(err.Error(), c.encode) {
				t.Errorf("Encode: %v", err)
			}
			if err := Check(p); err == nil || !strings.Contains(err.Error(), c.check) {
				t.Errorf("Check: %v", err)
			}
		})
	}
}

func TestDamagedSharedRunsAreRefused(t *testing.T) {
	document := encoded(t, sharing(t, 2))
	id := sharing(t, 2).Actions[3].ID
	for name, fresh := range map[string]string{"of nothing": `"runs_of": "kill-0"`, "and own ones": `"runs": [], "runs_of": "` + id + `"`} {
		t.Run(name, func(t *testing.T) {
			if _, err := Decode(resign(t, document, `"runs_of": "`+id+`"`, fresh)); !errors.Is(err, ErrDamaged) {
				t.Errorf("Decode: %v", err)
			}
		})
	}
}
