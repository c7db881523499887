package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"coppice/config"
	"coppice/internal/collect"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
	"coppice/planner"
)

// TestDueIsPartOfTheFullPlan: whatever a store holds and a configuration says, a plan of what is due, made from the rows
// that it concerns, is that part of the full plan, made from all rows.
func TestDueIsPartOfTheFullPlan(t *testing.T) {
	read, twice := map[bool]int{}, 0
	rapid.Check(t, func(t *rapid.T) {
		w := drawStore(t)
		w.many = rapid.IntRange(0, 1).Draw(t, "many")
		read[w.comparePlans(t) < 0]++
		twice += w.begunAt
	})
	if twice == 0 {
		t.Error("nothing was read through two views")
	}
	if read[true] == 0 {
		t.Errorf("no plan read less than all rows; %d read all", read[false])
	}
}

// TestDueReadsAllOfManyRows: where too many rows are concerned, wherever that turns out, all are read, and the plan is the
// same.
func TestDueReadsAllOfManyRows(t *testing.T) {
	whole := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		w := drawStore(t)
		w.few, w.many = int64(rapid.IntRange(1, 12).Draw(t, "few")), rapid.IntRange(0, 1).Draw(t, "many")
		w.whole = ""
		w.comparePlans(t)
		whole[w.whole]++
	})
	if many := "so many segments are concerned that reading all is cheaper"; whole[many] == 0 || whole[""] == 0 {
		t.Errorf("why all rows were read, and how often: %v", whole)
	}
}

// TestDueKnowsHowManyRowsThereAre: a third of them is worth reading.
func TestDueKnowsHowManyRowsThereAre(t *testing.T) {
	w := &store{now: dueEpoch + 20*dueDay, hcl: "cluster \"c\" {\n  coordinator = \"http://c.invalid\"\n}\ndatasource \"d0\" {}\n",
		rules: []druid.RuleRecord{{Key: "_default", Since: 0, List: mustRules(`[{"type":"dropBeforeByPeriod","period":"P15D"},{"type":"loadForever"}]`)}}}
	for n := range 9 { // five of them are dropped
		w.rows = append(w.rows, storedRow{dataSource: "d0", start: dueDays(n), end: dueDays(n + 1), version: dueDays(n), used: true, core: 1, file: n})
	}
	w.few = 1
	for estimate, want := range map[int64]bool{0: true, 12: true, 15: false} {
		w.estimate, w.whole = estimate, ""
		w.comparePlans(t)
		if (w.whole != "") != want {
			t.Errorf("of about %d rows: %q", estimate, w.whole)
		}
	}
}

// TestDueDoesNotCutRowsOff: damaged rows are not worth counting, but where they fill a statement the rest is not lost.
func TestDueDoesNotCutRowsOff(t *testing.T) {
	w := &store{now: dueEpoch + 20*dueDay, few: 1, hcl: "cluster \"c\" {\n  coordinator = \"http://c.invalid\"\n}\ndatasource \"d0\" {}\n",
		rules: []druid.RuleRecord{{Key: "_default", Since: 0, List: mustRules(`[{"type":"dropBeforeByPeriod","period":"P15D"},{"type":"loadForever"}]`)}}}
	for n, marked := range []string{"yesterday", "yesterday", "yesterday", dueDays(1)} {
		w.rows = append(w.rows, storedRow{dataSource: "d0", start: dueDays(n), end: dueDays(n + 1), version: dueDays(n), used: true, core: 1, file: n, marked: marked})
	}
	w.comparePlans(t)
	if w.whole == "" {
		t.Error("not all rows were read")
	}
}

// TestPayloadsBesideRows: whether payloads come with their rows or are asked for afterwards, the snapshot and the plan are the same.
func TestPayloadsBesideRows(t *testing.T) {
	wanted := 0
	rapid.Check(t, func(t *rapid.T) {
		w := drawStore(t)
		apart := planner.Build(w.input(t, nil))
		w.beside = true
		together := planner.Build(w.input(t, nil))
		if diff := cmp.Diff(document(t, apart), document(t, together)); diff != "" {
			t.Fatalf("payloads read apart (-) and with their rows (+):\n%s\n%s", diff, w)
		}
		wanted += w.together
	})
	if wanted == 0 {
		t.Error("no payload came with its row")
	}
}

// TestDueDoesNotWaitForItself: where a second view waits for the first one to end, all is read through the first.
func TestDueDoesNotWaitForItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawStore(t)
		w.many, w.waits, w.begunAt = 1, true, 0
		w.comparePlans(t)
		if w.begunAt == 0 {
			t.Error("no second view was begun")
		}
	})
}

// tester is what rapid's T and testing's have in common.
type tester interface {
	Fatal(...any)
	Fatalf(string, ...any)
	Skip(...any)
}

// comparePlans compares the plan of what is due with that part of the full plan, and returns how many rows more it read.
func (w *store) comparePlans(t tester) int64 {
	all := planner.Build(w.input(t, nil))
	full := planner.Build(w.due(w.input(t, nil)))
	due := planner.Build(w.due(w.input(t, planner.Concern)))
	more := due.Cluster.Segments - full.Cluster.Segments
	due.Cluster.Segments, due.SnapshotDigest = full.Cluster.Segments, full.SnapshotDigest
	if diff := cmp.Diff(document(t, full), document(t, due)); diff != "" {
		t.Fatalf("the due part of the full plan (-) and the plan of what is due (+) differ:\n%s\n%s", diff, w)
	}
	plan.OnlyDue(all)
	if diff := cmp.Diff(document(t, full), document(t, all)); diff != "" {
		t.Fatalf("what is due in the full plan (+) is another part of it (-):\n%s", diff)
	}
	return more
}

// TestDueReadsWholeComponents: a drop concerns what it covers, and what covers the rest of that, however far it goes on.
func TestDueReadsWholeComponents(t *testing.T) {
	row := func(from, to, version int, used bool) storedRow {
		return storedRow{dataSource: "d0", start: dueDays(from), end: dueDays(to), version: dueDays(version), used: used, core: 1,
			file: 10*from + version, marked: dueDays(10)}
	}
	declared := func(rules string) string {
		return "cluster \"c\" {\n  coordinator = \"http://c.invalid\"\n}\ndatasource \"d0\" {\n" + rules + "  guard {\n    max_unused_percent = 100\n" +
			"    newest_victim_age = \"none\"\n  }\n}\n"
	}
	dropsFirstDay := "  rules {\n    drop {\n      interval = \"2026-01-01/2026-01-02\"\n    }\n    load {\n      forever = true\n    }\n  }\n"
	kills := "  kill {\n    superseded_after = \"P1D\"\n  }\n"
	tests := map[string]*store{
		// The second day's cover decides whether the old days are overshadowed at all.
		"covered by two": {hcl: declared(dropsFirstDay), rows: []storedRow{row(0, 1, 2, true), row(0, 2, 1, true), row(1, 2, 3, true), row(8, 9, 1, true)}},
		"a long way":     {hcl: declared(dropsFirstDay), rows: []storedRow{row(0, 1, 4, true), row(0, 2, 1, true), row(1, 3, 2, true), row(2, 4, 3, true), row(3, 4, 4, true), row(8, 9, 1, true)}},
		// A clash where nothing is due stops all of the datasource.
		"a clash elsewhere": {hcl: declared(dropsFirstDay), rows: []storedRow{row(0, 1, 1, true), row(8, 10, 1, true), row(9, 11, 1, true)}},
		// What is old enough hides something that was marked this morning.
		"hidden": {hcl: declared(kills), rows: []storedRow{row(0, 1, 3, true), row(0, 1, 2, false), {dataSource: "d0", start: dueDays(0), end: dueDays(1),
			version: dueDays(1), core: 1, file: 99, marked: dueDays(20)}, row(8, 9, 1, true)}},
		// The old row of the first day may go because the longer one above it is covered, of which the second day has a part.
		"explained by a neighbour": {hcl: declared(kills), rows: []storedRow{row(0, 1, 3, true), row(1, 2, 3, true), row(0, 1, 1, false), {dataSource: "d0",
			start: dueDays(0), end: dueDays(2), version: dueDays(2), core: 1, file: 99, marked: dueDays(20)}, row(8, 9, 1, true)}},
		"nothing is due": {hcl: declared(kills), rows: []storedRow{row(8, 9, 1, true)}},
	}
	for name, w := range tests {
		t.Run(name, func(t *testing.T) {
			w.now = dueEpoch + 20*dueDay
			w.rules = []druid.RuleRecord{{Key: "_default", Since: 0, List: mustRules(`[{"type":"loadForever"}]`)}}
			if more := w.comparePlans(t); more >= 0 && name != "a clash elsewhere" {
				t.Error("all rows were read")
			}
		})
	}
}

// TestDueCountsStrays: Druid counts every unused row of the version against the limit of a task whose times do not sort as
// texts, wherever it lies, so that a task without room for them may take nothing.
func TestDueCountsStrays(t *testing.T) {
	rules := `[{"type":"dropByInterval","interval":"-3001-01-01/-2000-01-01"},{"type":"loadForever"}]`
	w := &store{now: dueEpoch + 20*dueDay,
		hcl: "cluster \"c\" {\n  coordinator = \"http://c.invalid\"\n}\ndatasource \"d0\" {\n  kill {\n    expired_after = \"P1D\"\n  }\n}\n",
		rules: []druid.RuleRecord{{Key: "_default", Since: 0, List: mustRules(`[{"type":"loadForever"}]`)},
			{Key: "d0", Since: dueEpoch - 300*dueDay, List: mustRules(rules)}},
		rows: []storedRow{
			{dataSource: "d0", start: "-3000-01-01T00:00:00.000Z", end: "-2999-01-01T00:00:00.000Z", version: dueDays(1), core: 1, file: 98, marked: dueDays(12)},
			{dataSource: "d0", start: dueDays(4), end: dueDays(5), version: dueDays(1), core: 1, file: 97, marked: dueDays(11)}}}
	made := planner.Build(w.input(t, nil))
	if len(made.Actions) != 1 || made.Actions[0].Task.Limit != 2 {
		t.Fatalf("no task with room for a stray: %s", document(t, made))
	}
	w.comparePlans(t)
}

// TestRecheckOfAPart: the recheck before a kill says the same of the rows that the task concerns as of all rows, also when
// the cluster changed since the plan was made.
func TestRecheckOfAPart(t *testing.T) {
	rechecked := 0
	rapid.Check(t, func(t *rapid.T) {
		w := drawStore(t)
		made := planner.Build(w.input(t, nil))
		for range 20 { // few stores have something to kill
			if slices.ContainsFunc(made.Actions, func(a *plan.Action) bool { return a.Kind == plan.KillTask }) {
				break
			}
			w = drawStore(t)
			made = planner.Build(w.input(t, nil))
		}
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			w.change(t)
		}
		for _, action := range made.Actions {
			if action.Kind != plan.KillTask {
				continue
			}
			rechecked++
			whole := planner.Recheck(w.inputOne(t, action.Datasource, nil), action)
			part := planner.Recheck(w.inputOne(t, action.Datasource, func(in planner.Input) snapshot.Concern {
				return planner.RecheckConcern(in, action)
			}), action)
			if diff := cmp.Diff(whole, part); diff != "" {
				t.Fatalf("the recheck from all rows (-) and from a part (+) differ:\n%s\n%s", diff, w)
			}
		}
	})
	if rechecked == 0 {
		t.Error("no kill was rechecked")
	}
}

func document(t tester, p *plan.Plan) string {
	encoded, err := plan.Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(encoded, &fields); err != nil {
		t.Fatal(err)
	}
	delete(fields, "digest")
	indented, _ := json.MarshalIndent(fields, "", " ")
	return string(indented)
}

// store is a generated metadata store with its configuration. It shows rows as their texts sort, not as moments do.
type store struct {
	rows  []storedRow
	rules []druid.RuleRecord
	hcl   string
	now   druid.Instant
	busy  []druid.Claim
	// estimate is what the server believes to have.
	estimate int64
	// few is how many rows are always worth reading by themselves, 0 as usual; whole is why all were read at last.
	few   int64
	whole string
	// many is from how many datasources on rows are read through two views, 0 as usual; begunAt counts the second ones.
	many, begunAt int
	// waits: the second view cannot be opened as long as there is a first one.
	waits bool
	// beside: payloads may come with their rows; together counts those that did.
	beside   bool
	together int
}

type storedRow struct {
	dataSource, start, end, version, marked, root string
	used                                          bool
	partition, core, file                         int
}

const dueDay = druid.Instant(24 * 3600 * 1000)

var dueEpoch = druid.Instant(1767225600000) // 2026-01-01

func dueDays(n int) string { return (dueEpoch + druid.Instant(n)*dueDay).String() }

func drawStore(t *rapid.T) *store {
	w := &store{now: dueEpoch + 20*dueDay}
	seen := map[string]bool{}
	for range rapid.IntRange(1, 24).Draw(t, "rows") {
		r := drawStored(t)
		if !seen[r.id()] {
			seen[r.id()] = true
			w.rows = append(w.rows, r)
		}
	}
	for _, key := range []string{"_default", "d0", "d1", "d2"} {
		for version := range rapid.IntRange(0, 2).Draw(t, "lists") {
			since := dueEpoch + druid.Instant(rapid.IntRange(0, 9).Draw(t, "since")+10*version)*dueDay
			w.rules = append(w.rules, druid.RuleRecord{Key: key, Since: since, List: mustRules("[" + strings.Join(drawRuleTexts(t), ",") + "]")})
		}
	}
	if rapid.IntRange(0, 4).Draw(t, "busy") == 0 {
		at := rapid.IntRange(0, 12).Draw(t, "lock")
		w.busy = []druid.Claim{{DataSource: "d0", Kind: druid.ClaimLock, By: "task",
			Interval: druid.Interval{Start: dueEpoch + druid.Instant(at)*dueDay, End: dueEpoch + druid.Instant(at+1)*dueDay}}}
	}
	w.hcl = drawConfiguration(t)
	return w
}

func drawStored(t *rapid.T) storedRow {
	length := rapid.SampledFrom([]int{1, 1, 2, 2, 3, 5, 7}).Draw(t, "length")
	at := rapid.IntRange(0, 16).Draw(t, "start")
	if rapid.IntRange(0, 2).Draw(t, "aligned") > 0 {
		at -= at % length
	}
	r := storedRow{dataSource: fmt.Sprint("d", rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "of")), start: dueDays(at), end: dueDays(at + length),
		version: dueDays(rapid.IntRange(0, 4).Draw(t, "version")), used: rapid.Bool().Draw(t, "used"),
		partition: rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "partition"), core: rapid.SampledFrom([]int{1, 1, 1, 2, 0}).Draw(t, "core"),
		file: rapid.IntRange(0, 40).Draw(t, "file"), marked: dueDays(rapid.IntRange(8, 20).Draw(t, "marked"))}
	switch rapid.IntRange(0, 40).Draw(t, "odd") {
	case 0:
		r.start = druid.MinInstant.String()
	case 1:
		r.end = druid.MaxInstant.String()
	case 2:
		r.start, r.end = druid.MinInstant.String(), druid.MaxInstant.String()
	case 3:
		r.end = "12026-01-01T00:00:00.000Z"
	case 4:
		r.start = "-2026-01-01T00:00:00.000Z"
	case 5:
		r.start, r.end = "-3000-01-01T00:00:00.000Z", "-2999-01-01T00:00:00.000Z"
	case 6:
		r.end = r.start
	case 7:
		r.end = strings.Replace(r.end, ".000Z", "Z", 1)
	case 8:
		r.marked, r.used = "yesterday", false
	case 9, 10, 11:
		r.marked = ""
	case 12:
		r.marked = "-0100-01-01T00:00:00.000Z"
	case 13:
		r.root = "d0_" + dueDays(0) + "_" + dueDays(1) + "_" + dueDays(0)
	}
	return r
}

func (r *storedRow) id() string {
	id := strings.Join([]string{r.dataSource, r.start, r.end, r.version}, "_")
	if r.partition > 0 {
		id += fmt.Sprint("_", r.partition)
	}
	return id
}

// record reads the row as the metadata store does.
func (r *storedRow) record() (*druid.SegmentRecord, *druid.OddRecord) {
	odd := &druid.OddRecord{DataSource: r.dataSource, ID: r.id(), Reason: "it is odd"}
	start, startErr := druid.ParseInstant(r.start)
	end, endErr := druid.ParseInstant(r.end)
	if startErr != nil || endErr != nil || start.String() != r.start || end.String() != r.end || start >= end {
		return nil, odd
	}
	odd.Interval = druid.Interval{Start: start, End: end}
	record := &druid.SegmentRecord{ID: druid.SegmentID{DataSource: r.dataSource, Interval: odd.Interval, Version: r.version, Partition: int32(r.partition)},
		Used: r.used, MarkedAt: druid.NoInstant, CreatedAt: dueEpoch, Root: r.root}
	if r.marked != "" {
		var err error
		if record.MarkedAt, err = druid.ParseInstant(r.marked); err != nil {
			return nil, odd
		}
	}
	return record, nil
}

func (r *storedRow) payload() []byte {
	return fmt.Appendf(nil, `{"dataSource":%q,"interval":"%s/%s","version":%q,"loadSpec":{"type":"local","path":"/%d"},`+
		`"shardSpec":{"type":"numbered","partitionNum":%d,"partitions":%d},"size":%d}`, r.dataSource, r.start, r.end, r.version, r.file, r.partition, r.core, 100+r.file)
}

func mustRules(text string) druid.RuleList {
	list, err := druid.ParseRuleList([]byte(text))
	if err != nil {
		panic(err)
	}
	return list
}

func drawRuleTexts(t *rapid.T) []string {
	var texts []string
	for range rapid.IntRange(0, 3).Draw(t, "rules") {
		n := rapid.IntRange(0, 22).Draw(t, "n")
		text := rapid.SampledFrom([]string{`{"type":"loadByPeriod","period":"P%dD"}`, `{"type":"loadByPeriod","period":"P%dD"}`,
			`{"type":"loadByPeriod","period":"P%dD","includeFuture":false}`, `{"type":"dropByPeriod","period":"P%dD"}`,
			`{"type":"dropBeforeByPeriod","period":"P%dD"}`, `{"type":"dropByInterval","interval":"2026-01-05/P%dD"}`,
			`{"type":"loadByInterval","interval":"2026-01-04/P%dD"}`, `{"type":"loadForever","x":%d}`, `{"type":"dropForever","x":%d}`,
			`{"type":"loadPartial","x":%d}`}).Draw(t, "rule")
		texts = append(texts, strings.Replace(fmt.Sprintf(text, n), "P0D", "P1D", 1))
	}
	return texts
}

// drawConfiguration declares some of d0 to d2, and sometimes a hold, removals and default rules.
func drawConfiguration(t *rapid.T) string {
	var b strings.Builder
	b.WriteString("cluster \"c\" {\n  coordinator = \"http://c.invalid\"\n}\n")
	for n := range rapid.IntRange(1, 3).Draw(t, "declared") {
		fmt.Fprintf(&b, "datasource \""+rapid.SampledFrom([]string{"d%d", "d%d", "*%d"}).Draw(t, "name")+"\" {\n", n)
		drawBody(t, &b)
		b.WriteString("}\n")
	}
	from := func(name string) int { return rapid.IntRange(0, 19).Draw(t, name) }
	if rapid.IntRange(0, 4).Draw(t, "hold") == 0 {
		at := from("held")
		fmt.Fprintf(&b, "hold \"h\" {\n  datasources = [%q]\n  interval = \"%s/%s\"\n  reason = \"r\"\n}\n", rapid.SampledFrom([]string{"d*", "d0", "d2"}).Draw(t, "who"),
			dueDays(at), dueDays(at+2))
	}
	if rapid.IntRange(0, 4).Draw(t, "removal") == 0 {
		at := from("removed")
		fmt.Fprintf(&b, "removal \"r\" {\n  datasource = \"d%d\"\n  interval = \"%s/%s\"\n  reason = \"r\"\n", rapid.IntRange(0, 2).Draw(t, "of"), dueDays(at), dueDays(at+3))
		b.WriteString(rapid.SampledFrom([]string{"  before = \"2026-01-03T00:00:00Z\"\n", fmt.Sprintf("  versions = [%q]\n", dueDays(2)),
			"  tombstones = true\n"}).Draw(t, "by"))
		b.WriteString(rapid.SampledFrom([]string{"", "  kill_after = \"P1D\"\n"}).Draw(t, "kill_after") + "}\n")
	}
	if rapid.IntRange(0, 9).Draw(t, "default") == 0 {
		b.WriteString("default_rules {\n  load {\n    forever = true\n  }\n}\n")
	}
	return b.String()
}

func drawBody(t *rapid.T, b *strings.Builder) {
	if texts := drawRuleTexts(t); rapid.Bool().Draw(t, "declares rules") && len(texts) > 0 {
		b.WriteString("  rules {\n")
		for _, text := range texts {
			fmt.Fprintf(b, "    rule {\n      json = %q\n    }\n", text)
		}
		b.WriteString("  }\n")
	}
	if rapid.IntRange(0, 3).Draw(t, "kills") > 0 {
		b.WriteString("  kill {\n")
		for _, name := range []string{"superseded_after", "expired_after"} {
			if rapid.IntRange(0, 3).Draw(t, name) > 0 {
				fmt.Fprintf(b, "    %s = %q\n", name, rapid.SampledFrom([]string{"P1D", "P3D", "P6D", "P1M", "PT1H"}).Draw(t, name))
			}
		}
		b.WriteString("  }\n")
	}
	if rapid.IntRange(0, 3).Draw(t, "restores") == 0 {
		b.WriteString("  restore = false\n")
	}
	fmt.Fprintf(b, "  guard {\n    max_unused_percent = %d\n    newest_victim_age = \"none\"\n  }\n", rapid.SampledFrom([]int{5, 50, 100}).Draw(t, "percent"))
}

// change marks a row otherwise, or takes it away.
func (w *store) change(t *rapid.T) {
	if len(w.rows) == 0 {
		return
	}
	i := rapid.IntRange(0, len(w.rows)-1).Draw(t, "changed")
	switch rapid.IntRange(0, 3).Draw(t, "how") {
	case 0:
		w.rows[i].used = !w.rows[i].used
	case 1:
		w.rows[i].marked = dueDays(20)
	case 2:
		w.rows = slices.Delete(slices.Clone(w.rows), i, i+1)
	case 3:
		r := drawStored(t)
		if !slices.ContainsFunc(w.rows, func(o storedRow) bool { return o.id() == r.id() }) {
			w.rows = append(w.rows, r)
		}
	}
}

func (w *store) String() string {
	var b strings.Builder
	for _, r := range w.rows {
		fmt.Fprintf(&b, "%s used %v marked %q core %d file %d\n", r.id(), r.used, r.marked, r.core, r.file)
	}
	for _, r := range w.rules {
		rules, _ := json.Marshal(r.List)
		fmt.Fprintf(&b, "%s since %s: %s\n", r.Key, r.Since, rules)
	}
	return b.String() + w.hcl
}

func (w *store) due(in planner.Input) planner.Input {
	in.Due = true
	return in
}

// input reads the store: all of it, or what is concerned.
func (w *store) input(t tester, concern func(planner.Input) snapshot.Concern) planner.Input {
	return w.inputOf(t, "", concern)
}

func (w *store) inputOne(t tester, name string, concern func(planner.Input) snapshot.Concern) planner.Input {
	return w.inputOf(t, name, concern)
}

func (w *store) inputOf(t tester, only string, concern func(planner.Input) snapshot.Concern) planner.Input {
	cfg, problems := config.Load(fstest.MapFS{"c.hcl": {Data: []byte(w.hcl)}}, config.Options{Offline: true})
	if problems.HasErrors() {
		t.Skip("the configuration makes no sense", problems[0])
	}
	in := planner.Input{Config: cfg, Cluster: cfg.Clusters[0], Now: w.now, ToolVersion: "test", Due: concern != nil && only == ""}
	request := collect.Request{Name: "c", Begin: func(context.Context) (collect.View, error) { return w, nil },
		Now: func() druid.Instant { return w.now }, Sleep: func(ctx context.Context, _ time.Duration) error { <-ctx.Done(); return ctx.Err() },
		BeginAt: func(context.Context, string) (collect.View, error) { w.begunAt++; return w, nil },
		Few:     w.few, Many: w.many, OnWhole: func(why string) { w.whole = why }}
	if w.waits { // for a connection that the first view has
		request.Sleep = func(context.Context, time.Duration) error { return nil }
		request.BeginAt = func(ctx context.Context, _ string) (collect.View, error) {
			w.begunAt++
			<-ctx.Done()
			return nil, ctx.Err()
		}
	}
	concerning := func(c *snapshot.Cluster) snapshot.Concern {
		in.Snapshot = c
		return concern(in)
	}
	if concern == nil {
		concerning = nil
	}
	if w.beside {
		request.Payloads = func(name string) bool { return planner.WantsUnused(in, name) }
	}
	read := collect.Due
	if only != "" {
		read = func(ctx context.Context, r collect.Request, c collect.Concerning) (*collect.Session, error) {
			return collect.DueOne(ctx, r, only, c)
		}
	}
	seen, err := read(context.Background(), request, concerning)
	if err != nil {
		t.Fatal(err)
	}
	in.Snapshot = seen.Cluster
	if err := fill(context.Background(), seen, planner.Needs(in)); err != nil {
		t.Fatal(err)
	}
	return in
}

// The view of the store.

func (w *store) Identity() string { return "store" }
func (w *store) Replica() bool    { return false }
func (w *store) Close() error     { return nil }

func (w *store) each(picked func(*storedRow) bool, row func(*druid.SegmentRecord) error, odd func(druid.OddRecord) error) error {
	for i := range w.rows {
		if !picked(&w.rows[i]) {
			continue
		}
		record, oddity := w.rows[i].record()
		if oddity != nil {
			if err := odd(*oddity); err != nil {
				return err
			}
		} else if err := row(record); err != nil {
			return err
		}
	}
	return nil
}

func (w *store) Segments(_ context.Context, names, payloads []string, row func(*druid.SegmentRecord) error, odd func(druid.OddRecord) error) error {
	return w.each(func(r *storedRow) bool { return len(names) == 0 || slices.Contains(names, r.dataSource) }, func(r *druid.SegmentRecord) error {
		if !r.Used && slices.Contains(payloads, r.ID.DataSource) {
			if r.Data = w.data(r); r.Data != nil {
				w.together++
			}
		}
		if r.Used && len(payloads) > 0 {
			r.Place = uint64(1 + slices.IndexFunc(w.rows, func(s storedRow) bool { return s.id() == r.ID.String() }))
		}
		return row(r)
	}, odd)
}

func (w *store) Steer(context.Context, bool) error       { return nil }
func (w *store) Indexed(context.Context) (bool, error)   { return true, nil }
func (w *store) Estimate(context.Context) int64          { return w.estimate }
func (w *store) PassPays(context.Context, int, int) bool { return false }

func (w *store) Datasources(context.Context) ([]string, error) {
	names := map[string]bool{}
	for _, r := range w.rows {
		names[r.dataSource] = true
	}
	return slices.Sorted(maps.Keys(names)), nil
}

func (w *store) DatasourcesAmong(ctx context.Context, names []string) ([]string, error) {
	all, err := w.Datasources(ctx)
	return slices.DeleteFunc(all, func(name string) bool { return !slices.Contains(names, name) }), err
}

// Regions compares texts, as the server does.
func (w *store) Regions(_ context.Context, regions []druid.Region, most int64, row func(int, *druid.SegmentRecord) error, odd func(druid.OddRecord) error) (more bool, err error) {
	found := int64(0)
	for n := range regions {
		g := &regions[n]
		err := w.each(func(r *storedRow) bool {
			is := found < most && r.dataSource == g.DataSource && r.used == g.Used && r.start < text(g.StartBelow) && r.end > text(g.EndAfter) &&
				r.start >= text(g.StartFrom) && r.end <= text(g.EndUntil) && len(r.start)+len(r.end) == 48
			if is {
				found++
			}
			return is
		}, func(r *druid.SegmentRecord) error {
			if !g.Has(r) {
				return nil
			}
			if g.Payloads {
				r.Data = w.data(r)
			}
			return row(n, r)
		}, odd)
		if err != nil {
			return false, err
		}
	}
	return found >= most, nil
}

// data is what the row's payload says.
func (w *store) data(r *druid.SegmentRecord) *druid.DataSegment {
	for i := range w.rows {
		if w.rows[i].id() != r.ID.String() {
			continue
		}
		if data, err := druid.ParseDataSegment(w.rows[i].payload()); err == nil && data.ID == r.ID {
			return &data
		}
	}
	return nil
}

func text(t druid.Instant) string {
	const yearZero, yearFiveDigit druid.Instant = -62167219200000, 253402300800000
	switch {
	case t < yearZero:
		return ""
	case t >= yearFiveDigit:
		return "z"
	}
	return t.String()
}

func (w *store) Export(context.Context) (string, error) { return "this moment", nil }

func (w *store) Census(_ context.Context, names []string, visit func(druid.Census) error) error {
	for _, name := range names {
		if err := visit(w.census(name)); err != nil {
			return err
		}
	}
	return nil
}

func (r *storedRow) isOdd() bool { return len(r.start)+len(r.end) != 48 || r.start >= r.end }

func (w *store) census(name string) druid.Census {
	c := druid.Census{DataSource: name}
	spans := map[druid.Interval]bool{}
	for _, r := range w.rows {
		switch {
		case r.dataSource != name || !r.used:
			continue
		case r.isOdd():
			c.Odd = append(c.Odd, [2]string{r.start, r.end})
		default:
			start, _ := druid.ParseInstant(r.start)
			end, _ := druid.ParseInstant(r.end)
			spans[druid.Interval{Start: start, End: end}] = true
			c.Used++
		}
	}
	c.Contested = druid.Contested(slices.SortedFunc(maps.Keys(spans), func(a, b druid.Interval) int {
		return druid.Interval{Start: a.End, End: a.Start}.Compare(druid.Interval{Start: b.End, End: b.Start})
	}))
	return c
}

func (w *store) OddUnused(_ context.Context, names []string, visit func(dataSource, start, end string)) error {
	for _, r := range w.rows {
		if !r.used && r.isOdd() && slices.Contains(names, r.dataSource) {
			visit(r.dataSource, r.start, r.end)
		}
	}
	return nil
}

func (w *store) Exactly(_ context.Context, name string, written [][2]string, row func(*druid.SegmentRecord) error, odd func(druid.OddRecord) error) error {
	for _, times := range written { // a join: what is asked for twice is found twice
		is := func(r *storedRow) bool { return r.dataSource == name && times == [2]string{r.start, r.end} }
		if err := w.each(is, row, odd); err != nil {
			return err
		}
	}
	return nil
}

func (w *store) Latest(context.Context, []string, int, func(*druid.SegmentRecord) error) error {
	return nil
}

func (w *store) Payloads(_ context.Context, ids []string, visit func(id, payload []byte) error) error {
	for i := range w.rows {
		if id := w.rows[i].id(); slices.Contains(ids, id) {
			if err := visit([]byte(id), w.rows[i].payload()); err != nil {
				return err
			}
		}
	}
	return nil
}

// PayloadsAt knows the rows by their numbers, from 1.
func (w *store) PayloadsAt(ctx context.Context, places []uint64, visit func(id, payload []byte) error) error {
	var ids []string
	for _, place := range places {
		ids = append(ids, w.rows[place-1].id())
	}
	return w.Payloads(ctx, ids, visit)
}

func (w *store) AllPayloads(ctx context.Context, used bool, visit func(id, payload []byte) error) error {
	var ids []string
	for i := range w.rows {
		if w.rows[i].used == used {
			ids = append(ids, w.rows[i].id())
		}
	}
	return w.Payloads(ctx, ids, visit)
}

func (w *store) Rules(context.Context) ([]druid.RuleRecord, error) { return slices.Clone(w.rules), nil }
func (w *store) Authors(context.Context) (map[string]string, error) {
	return nil, nil
}
func (w *store) Claims(context.Context) ([]druid.Claim, error) { return slices.Clone(w.busy), nil }
func (w *store) Config(context.Context, string) ([]byte, bool, error) {
	return nil, false, nil
}
func (w *store) UsedAmong(context.Context, []string) ([]string, error) { return nil, nil }
