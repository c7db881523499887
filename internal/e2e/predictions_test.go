package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/lib/pq"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// generated is how many datasources one run has.
const generated = 100

// TestPredictions: Druid marks exactly the segments that the plan said.
//
// It runs before the parallel tests, since it changes what the Coordinator does.
func TestPredictions(t *testing.T) { predict(realWorld(t, older), 5001) }

// TestPredictionsNewer is the same on the newer Druid, with other rules and segments.
func TestPredictionsNewer(t *testing.T) {
	t.Parallel()
	predict(realWorld(t, newer), 3)
}

// seedVariable adds a number to the seeds of all generated datasources, to look at others than the usual ones.
const seedVariable = "COPPICE_E2E_SEED"

// predict asks in both orders: what becomes of an overshadowed segment depends on which comes first, the rules that drop
// what covers it, or the clean-up, which begins a quarter of an hour after the Coordinator's start.
func predict(w *world, seed uint64) {
	w.Helper()
	if more := os.Getenv(seedVariable); more != "" {
		n, err := strconv.ParseUint(more, 10, 64)
		if err != nil {
			w.Fatalf("%s: %v", seedVariable, err)
		}
		seed += n
	}
	defer w.configure("pauseCoordination", false)
	rulesFirst(newForecast(w, seed))
	cleanUpFirst(newForecast(w, seed+1))
}

// never is a wait, in milliseconds, that no test sees the end of.
const never = 100 * dayMillis

// rulesFirst: rule runs uncover older segments one after the other, and the clean-up then takes what is still covered.
func rulesFirst(f *forecast) {
	f.Helper()
	defer f.forget()
	f.configure("millisToWaitBeforeDeleting", never)
	f.postRules()
	f.configure("pauseCoordination", false)
	uncovered := f.total(func(d *plan.Datasource) int64 { return d.Drop.Later.Segments })
	f.compares(ruleRuns)
	if f.Logf("%d of them were uncovered by an earlier rule run", uncovered); uncovered == 0 {
		f.Error("no rule run uncovers what the next one drops: the comparison says little")
	}

	f.plan()
	f.configure("millisToWaitBeforeDeleting", 0)
	f.compares(lastCleanUp)
}

// cleanUpFirst: nothing is left below what the rules drop then, so nothing is uncovered.
func cleanUpFirst(f *forecast) {
	f.Helper()
	defer f.forget()
	f.configure("millisToWaitBeforeDeleting", 0)
	f.configure("pauseCoordination", false)
	f.compares(firstCleanUp)

	f.postRules()
	f.compares(onlyVisible)
}

// trial is one datasource of a run.
type trial struct {
	name  string
	rules []rule
	rows  []made
}

// forecast is a set of generated datasources, and a plan for them.
type forecast struct {
	*world
	trials       []trial
	declarations string
	made         *plan.Plan
	// before is what was in the store when the plan was made.
	before []row
	// moving are datasources about which a plan decides otherwise some minutes later.
	moving map[string]bool
}

// newForecast puts the datasources into the store while the Coordinator stands still, and plans from every source.
func newForecast(w *world, seed uint64) *forecast {
	w.Helper()
	w.configure("pauseCoordination", true)
	now := druid.InstantOf(time.Now())
	f := &forecast{world: w, trials: generate(seed, now), moving: map[string]bool{}}
	for _, one := range f.trials {
		f.declarations += rulesHCL(one.name, one.rules)
	}
	f.insertAll()
	f.made = samePlans(w, f.declarations, "--now", now.String())
	f.before = w.rows(f.names()...)
	f.findMoving(now)
	f.comparesOvershadowed()
	return f
}

// timeToRun is more than passes between the plan and the last rule run.
const timeToRun = druid.Instant(10 * 60 * 1000)

// findMoving leaves out datasources about which plans decide otherwise while the test runs. It begins a millisecond after
// the plan that is compared: that one is made for the very moment at which boundaries were put, where a mistake shows.
func (f *forecast) findMoving(now druid.Instant) {
	f.Helper()
	p := newProgram(f.world, both, f.declarations)
	soon, later := p.anyPlan("--now", (now+1).String()), p.anyPlan("--now", (now+timeToRun).String())
	for _, one := range f.trials {
		a, b := find(f.T, soon, one.name), find(f.T, later, one.name)
		if !slices.Equal(idsIn(one.name, a.Drop.Group), idsIn(one.name, b.Drop.Group)) ||
			!slices.Equal(idsIn(one.name, a.Drop.Later), idsIn(one.name, b.Drop.Later)) {
			f.moving[one.name] = true
		}
	}
	if len(f.moving) > len(f.trials)/10 {
		f.Errorf("time moves %d of %d datasources: the comparison says little", len(f.moving), len(f.trials))
	}
}

// plan plans anew, from how things are now.
func (f *forecast) plan() {
	f.Helper()
	f.made = newProgram(f.world, both, f.declarations).anyPlan()
	f.before = f.rows(f.names()...)
	f.comparesOvershadowed()
}

// total adds up something of the plan's datasources.
func (f *forecast) total(of func(*plan.Datasource) int64) (sum int64) {
	for _, d := range f.made.Datasources {
		sum += of(d)
	}
	return sum
}

func generate(seed uint64, now druid.Instant) []trial {
	var trials []trial
	for n := range generated {
		r := rand.New(rand.NewPCG(seed, uint64(n)))
		one := trial{name: fmt.Sprintf("e2e_predict_%d_%03d", seed, n)}
		one.rules = someRules(r, span(now))
		one.rows = someSegments(r, one.name, now, one.rules)
		trials = append(trials, one)
	}
	return trials
}

func (f *forecast) names() []string {
	list := make([]string, len(f.trials))
	for i, one := range f.trials {
		list[i] = one.name
	}
	return list
}

func (f *forecast) postRules() {
	f.Helper()
	for _, one := range f.trials {
		f.setRules(one.name, rulesJSON(one.rules))
	}
}

// forget takes the datasources out of the store again, and their rules out of force.
func (f *forecast) forget() {
	f.Helper()
	for _, one := range f.trials {
		f.setRules(one.name, "[]")
	}
	f.exec(`DELETE FROM druid_segments WHERE datasource = ANY ($1)`, pq.Array(f.names()))
	f.until("the Coordinator has forgotten the segments", time.Minute, func() bool { return len(f.served(f.names()...)) == 0 })
}

// insertAll writes the rows in one transaction, and waits until the Coordinator has the used ones.
func (f *forecast) insertAll() {
	f.Helper()
	tx, err := f.store.BeginTx(f.Context(), nil)
	if err != nil {
		f.Fatal(err)
	}
	defer tx.Rollback()
	insert, err := tx.PrepareContext(f.Context(), `COPY druid_segments (id, datasource, created_date, start, "end", partitioned, version,
		used, payload, used_status_last_updated) FROM STDIN`)
	if err != nil {
		f.Fatal(err)
	}
	used := 0
	for _, one := range f.trials {
		for _, r := range one.rows {
			if _, err := insert.ExecContext(f.Context(), r.id.String(), one.name, instant(1), r.id.Interval.Start.String(),
				r.id.Interval.End.String(), true, r.id.Version, r.used, []byte(r.payload()), instant(1)); err != nil {
				f.Fatal(err)
			}
			if r.used {
				used++
			}
		}
	}
	if _, err := insert.ExecContext(f.Context()); err != nil {
		f.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		f.Fatal(err)
	}
	f.until("the Coordinator sees the segments", time.Minute, func() bool { return len(f.served(f.names()...)) == used })
}
