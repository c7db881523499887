package planner

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// A scene is a small cluster in a text file: what is declared, what is there, and what must be decided.
//
//	-- now --            the moment of planning
//	-- coppice.hcl --    the configuration (datasource "d")
//	-- request --        what is asked for instead, JSON without the datasource; absent: the configuration is planned
//	-- rules --          the own rules in force, JSON; absent: none
//	-- default --        the default rules in force, JSON; absent: loadForever
//	-- history --        older own lists: a line "INSTANT JSON" each, newest first; the list in force is from "since"
//	-- since --          when the own rules in force were written; absent: long ago
//	-- default-since --  when the default rules were written, with nothing known before; absent: long ago, all known
//	-- busy --           intervals under a lock
//	-- tiers --          tiers of live servers; absent: not known
//	-- auto-kill --      the cluster's own killers: SERVICE on BUFFER [only=A,B], or SERVICE unknown; absent: not asked
//	-- deleted --        what earlier applies deleted: INSTANT DATASOURCE SEGMENTS BYTES; "unknown": no journal; absent: none read
//	-- remembered --     holds that the last apply knew: NAME DATASOURCES INTERVAL|always UNTIL|ever
//	-- killed --         what manifests of earlier applies name: INTERVAL VERSION [PARTITION] [by APPLY]; a line "unknown": a manifest is lost
//	-- undo --           what the apply that a request undoes did: "before JSON", "after JSON", "marked INTERVAL VERSION [PARTITION]", "stays TEXT"
//	-- segments --       INTERVAL VERSION STATE [PARTITION/CORE|tombstone] [file=X] [root=X] [created=X] => DECISION [CLASS] [WAITS] [REASON]
//	-- findings --       SEVERITY CODE, in order
//	-- says --           what findings say somewhere, one text a line
//	-- bytes --          how many bytes are deleted
//	-- tasks --          INTERVAL VERSIONS LIMIT CUTOFF, in order
//
// STATE is "used", "unused@INSTANT" or "unused@null".
type scene struct {
	files map[string]string
	input Input
	rows  []sceneRow
}

type sceneRow struct{ id, want string }

func TestScenes(t *testing.T) {
	names, err := filepath.Glob("testdata/scenes/*.txtar")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d scenes: %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			s := readScene(t, a)
			s.input.Request, s.input.Undo = sceneRequest(t, s.files["request"]), sceneUndo(t, s.files["undo"])
			s.check(t)
			s.input.Snapshot = throughFile(t, s.input.Snapshot)
			s.check(t) // no decision depends on whether the cluster or a file of it was read
		})
	}
}

func readScene(t *testing.T, a *txtar.Archive) *scene {
	t.Helper()
	s := &scene{files: map[string]string{}}
	for _, f := range a.Files {
		s.files[f.Name] = strings.TrimSpace(string(f.Data))
	}
	d := &snapshot.Datasource{Name: "d", UnusedKnown: true, BusyKnown: true}
	d.Rules = s.rules(t, "rules")
	cluster := &snapshot.Cluster{Name: "test", DruidVersion: "33.0.0", Datasources: []*snapshot.Datasource{d}}
	cluster.DefaultRules = snapshot.Rules{Set: true, Since: at(t, "2020-01-01"), HistoryComplete: true,
		List: mustRules(t, or(s.files["default"], `[{"type":"loadForever"}]`))}
	if since := s.files["default-since"]; since != "" {
		cluster.DefaultRules.Since, cluster.DefaultRules.HistoryComplete = at(t, since), false
	}
	if v := s.files["druid"]; v != "" {
		cluster.DruidVersion = v
	}
	for line := range lines(s.files["tiers"]) {
		cluster.Tiers, cluster.TiersKnown = append(cluster.Tiers, line), true
	}
	for line := range lines(s.files["busy"]) {
		d.Busy = append(d.Busy, snapshot.Busy{Interval: mustInterval(t, line), Kind: "lock", By: "somebody"})
	}
	cluster.AutoKill = autoKill(t, s.files["auto-kill"])
	s.segments(t, d)
	cfg := loadConfig(t, s.files["coppice.hcl"])
	s.input = Input{Config: cfg, Cluster: cfg.Clusters[0], Snapshot: cluster, Now: at(t, s.files["now"]), ToolVersion: "test",
		Deletions: deleted(t, s.files["deleted"]), Remembered: remembered(t, s.files["remembered"]),
		Killed: sceneKilled(t, s.files["killed"])}
	return s
}

func sceneRequest(t *testing.T, text string) *plan.Request {
	t.Helper()
	if text == "" {
		return nil
	}
	request := &plan.Request{Datasource: "d"}
	if err := json.Unmarshal([]byte(text), request); err != nil {
		t.Fatal(err)
	}
	return request
}

func (s *scene) rules(t *testing.T, name string) snapshot.Rules {
	t.Helper()
	r := snapshot.Rules{HistoryComplete: true}
	if s.files[name] == "" {
		return r
	}
	r.Set, r.List, r.Since = true, mustRules(t, s.files[name]), at(t, or(s.files["since"], "2020-01-01"))
	for line := range lines(s.files["history"]) {
		since, list, _ := strings.Cut(line, " ")
		r.History = append(r.History, snapshot.RuleVersion{Since: at(t, since), List: mustRules(t, list)})
	}
	return r
}

// row is a segment before it is packed.
type row struct {
	snapshot.Segment
	version, root string
	shard         druid.ShardSpec
}

func (s *scene) segments(t *testing.T, d *snapshot.Datasource) {
	t.Helper()
	for line := range lines(s.files["segments"]) {
		before, want, ok := strings.Cut(line, "=>")
		fields := strings.Fields(before)
		if !ok || len(fields) < 3 {
			t.Fatalf("segment line %q", line)
		}
		r := row{version: fields[1], shard: druid.ShardSpec{Kind: druid.ShardNumbered, CorePartitions: 1}}
		r.Interval, r.Flags, r.Bytes = mustInterval(t, fields[0]), snapshot.Details, 100
		r.CreatedAt, r.MarkedAt = druid.NoInstant, druid.NoInstant
		if fields[2] == "used" {
			r.Flags |= snapshot.Used
		}
		if stamp, ok := strings.CutPrefix(fields[2], "unused@"); ok && stamp != "null" {
			r.MarkedAt = at(t, stamp)
		}
		for _, f := range fields[3:] {
			sceneOption(t, &r, f)
		}
		if r.File == snapshot.NoFile && r.shard.Kind != druid.ShardTombstone {
			r.File = uint64(1000 + len(s.rows))
		}
		pack(d, r)
		id := druid.SegmentID{DataSource: "d", Interval: r.Interval, Version: r.version, Partition: r.Partition}
		s.rows = append(s.rows, sceneRow{id.String(), strings.Join(strings.Fields(want), " ")})
	}
	d.Finish()
}

// pack appends a row; the datasource is finished afterwards.
func pack(d *snapshot.Datasource, r row) {
	r.Version, r.Shard = d.Versions.Add(r.version), uint32(len(d.Shards))
	d.Shards = append(d.Shards, r.shard)
	if r.root != "" {
		d.Roots = append(d.Roots, r.root)
		r.Root = uint32(len(d.Roots))
	}
	d.Segments = append(d.Segments, r.Segment)
}

func sceneOption(t *testing.T, r *row, f string) {
	t.Helper()
	var partition, core int32
	switch n, _ := fmt.Sscanf(f, "%d/%d", &partition, &core); {
	case n == 2:
		r.Partition, r.shard.Partition, r.shard.CorePartitions = partition, partition, core
	case f == "tombstone":
		r.shard = druid.ShardSpec{Kind: druid.ShardTombstone}
	case f == "overwrite":
		r.shard.Kind = druid.ShardOverwrite
	case f == "odd":
		r.Flags |= snapshot.Odd
	case strings.HasPrefix(f, "file="):
		r.File = uint64(f[5])
	case strings.HasPrefix(f, "created="):
		r.CreatedAt = at(t, f[len("created="):])
	case strings.HasPrefix(f, "root="):
		r.root = f[5:]
	default:
		t.Fatalf("option %q", f)
	}
}

func (s *scene) check(t *testing.T) {
	t.Helper()
	p := Build(s.input)
	if err := plan.Check(p); err != nil {
		t.Errorf("Check: %v", err)
	}
	e, err := Explain(s.input, "d", "")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]plan.ExplainedSegment{}
	for _, segment := range e.Segments {
		got[segment.ID] = segment
	}
	for _, row := range s.rows {
		if diff := cmp.Diff(row.want, told(got[row.id], len(strings.Fields(row.want)))); diff != "" {
			t.Errorf("%s (-want +got)\n%s%v", row.id, diff, got[row.id].Reason)
		}
	}
	if diff := cmp.Diff(slices.Collect(lines(s.files["findings"])), findingsOf(p)); diff != "" {
		t.Errorf("findings (-want +got)\n%s", diff)
	}
	for line := range lines(s.files["says"]) {
		if !slices.ContainsFunc(p.Findings, func(f plan.Finding) bool { return strings.Contains(f.Summary+" "+f.Detail+" "+f.Hint, line) }) {
			t.Errorf("no finding says %q: %+v", line, p.Findings)
		}
	}
	if want, ok := s.files["tasks"]; ok {
		if diff := cmp.Diff(slices.Collect(lines(want)), tasksOf(p)); diff != "" {
			t.Errorf("tasks (-want +got)\n%s", diff)
		}
	}
	if want, ok := s.files["bytes"]; ok && want != fmt.Sprint(p.Summary.Kill.Bytes) {
		t.Errorf("%d bytes are deleted, want %s", p.Summary.Kill.Bytes, want)
	}
	if want, ok := s.files["actions"]; ok {
		if diff := cmp.Diff(slices.Collect(lines(want)), actionsOf(p)); diff != "" {
			t.Errorf("actions (-want +got)\n%s", diff)
		}
	}
}

// told is as many words of the verdict as the scene asks for.
func told(e plan.ExplainedSegment, words int) string {
	var all []string
	for _, word := range []string{string(e.Decision), string(e.Then), string(e.Class), string(e.WaitsFor), e.Reason.Code} {
		if word != "" {
			all = append(all, word)
		}
	}
	if e.EligibleAt != nil {
		all = append(all, e.EligibleAt.String())
	}
	return strings.Join(all[:min(words, len(all))], " ")
}

func findingsOf(p *plan.Plan) []string {
	var list []string
	for _, f := range p.Findings {
		text := f.Severity.String() + " " + f.Code
		if f.AllowedBy != nil {
			text += " allowed"
		}
		list = append(list, text)
	}
	return list
}

func tasksOf(p *plan.Plan) []string {
	var list []string
	for _, a := range p.Actions {
		if a.Kind == plan.KillTask {
			list = append(list, fmt.Sprintf("%s %s %d %s", a.Task.Interval, strings.Join(a.Task.Versions, ","), a.Task.Limit,
				a.Task.MaxUsedStatusLastUpdated))
		}
	}
	return list
}

func actionsOf(p *plan.Plan) []string {
	var list []string
	for _, a := range p.Actions {
		text := fmt.Sprintf("%s %s %d", a.Kind, a.Datasource, a.Segments)
		if n := total(a.Uncovers); n > 0 {
			text += fmt.Sprintf(" uncovers %d", n)
		}
		if a.Blocked {
			text += " blocked"
		}
		list = append(list, text)
	}
	return list
}

func total(runs []plan.Run) (n int64) {
	for _, r := range runs {
		n += r.Segments
	}
	return n
}

func lines(text string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for line := range strings.SplitSeq(text, "\n") {
			line, _, _ = strings.Cut(line, "#")
			if line = strings.TrimSpace(line); line != "" && !yield(line) {
				return
			}
		}
	}
}

func loadConfig(t testing.TB, text string) *config.Config {
	t.Helper()
	fsys := fstest.MapFS{"coppice.hcl": {Data: []byte("cluster \"test\" {\n  coordinator = \"http://localhost:1\"\n}\n" + text)}}
	cfg, problems := config.Load(fsys, config.Options{})
	if problems.HasErrors() {
		t.Fatalf("configuration: %+v\n%s", problems, text)
	}
	return cfg
}

func at(t testing.TB, text string) druid.Instant {
	t.Helper()
	i, err := druid.ParseInstant(text)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func mustInterval(t testing.TB, text string) druid.Interval {
	t.Helper()
	if text == "eternity" {
		return druid.Eternity
	}
	i, err := druid.ParseInterval(text)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func mustRules(t fataler, text string) druid.RuleList {
	l, err := druid.ParseRuleList([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return l
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
