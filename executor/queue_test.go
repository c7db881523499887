package executor

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// chain is a plan of that many kills, each over a day of its own, in two datasources.
func chain(days int) *plan.Plan {
	p := &plan.Plan{}
	for n := range days {
		start := druid.Instant(n) * 86_400_000
		name := "a"
		if n >= days/2 {
			name = "b"
		}
		p.Actions = append(p.Actions, &plan.Action{ID: fmt.Sprint(n), Kind: plan.KillTask, Datasource: name,
			Task: &plan.Task{Interval: druid.Interval{Start: start, End: start + 86_400_000}}})
	}
	return p
}

// TestQueue: what is taken is gone, the rest stays in the order of the plan, and only what was to go before an action
// over the same time holds it up.
func TestQueue(t *testing.T) {
	p := chain(6)
	q := newQueue(p)
	q.fill(p.Actions, func(a *plan.Action) bool { return a.ID == "4" })
	q.take("a", 1)
	q.take("a", 0)
	q.take("b", 1)
	if left := append(slices.Clone(q.of["a"]), q.of["b"]...); len(left) != 2 || left[0].ID != "2" || left[1].ID != "3" {
		t.Errorf("left: %v", left)
	}
	q.take("a", 0)
	if !slices.Equal(q.names, []string{"b"}) {
		t.Errorf("datasources left: %v", q.names)
	}
	later := &plan.Action{Kind: plan.KillTask, Datasource: "a", Task: p.Actions[1].Task}
	q.places[later] = 9
	q.ended(p.Actions[1], Done)
	if q.undoneBelow(later) != nil {
		t.Error("what was done holds up")
	}
	q.ended(p.Actions[0], Deferred)
	q.ended(p.Actions[1], Deferred)
	if got := q.undoneBelow(later); got != p.Actions[1] {
		t.Errorf("held up by %v", got)
	}
	if q.undoneBelow(p.Actions[1]) != nil {
		t.Error("an action holds itself up")
	}
}

// TestProgressOfManyDeletions: it is told now and then, and not once all is done.
func TestProgressOfManyDeletions(t *testing.T) {
	s := deletion(10, 20, 30, 40)
	s.o.Limits.PollMin, s.o.Limits.PollMax = 40*time.Second, 40*time.Second
	expect(t, s.run(t), ClassDone, Done, Done, Done, Done)
	var told []Deleting
	for _, e := range s.events {
		if d, ok := e.(Deleting); ok {
			told = append(told, d)
		}
	}
	if len(told) == 0 || len(told) > 3 {
		t.Fatalf("told %d times: %+v", len(told), told)
	}
	for n, d := range told {
		part := d.Tasks * int(d.AllSegments) / d.AllTasks // all tasks are of one size
		want := d.Spent * time.Duration(d.AllTasks-d.Tasks) / time.Duration(d.Tasks)
		if d.AllTasks != 4 || d.Tasks <= 0 || d.Tasks >= 4 || int(d.Segments) != part || (d.Left-want).Abs() > time.Second {
			t.Errorf("%d: %+v, want %d segments and %v left", n, d, part, want)
		}
	}
}

// BenchmarkQueue takes all kills of a plan, one after the other; a slot each, in two datasources.
func BenchmarkQueue(b *testing.B) {
	for _, size := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			p := chain(size)
			for b.Loop() {
				q := newQueue(p)
				q.fill(p.Actions, func(*plan.Action) bool { return false })
				for len(q.names) > 0 {
					name := q.names[0]
					if a := q.of[name][0]; q.undoneBelow(a) == nil {
						q.take(name, 0)
						q.ended(a, Done)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(size), "ns/kill")
		})
	}
}
