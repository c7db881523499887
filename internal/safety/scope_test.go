package safety

import (
	"flag"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/fstest"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/planner"
)

// full explores two deeds in every cluster instead of the smaller ones only.
var full = flag.Bool("full", false, "explore two foreign actions in all clusters; takes minutes")

// scope is one cluster with what is wanted for it.
type scope struct {
	// slots are two intervals times two versions: absent, used, or unused for long.
	slots [4]slot
	// inForce and wanted are indexes into lists; wanted may be asIs.
	inForce, wanted int
	// most is the number of segments of one task.
	most int
}

type slot uint8

const (
	absent slot = iota
	used
	unused
)

const asIs = -1

var versions = [2]string{"1", "2"}

// texts are the rule lists, as Druid and as the configuration write them.
var texts = []struct{ druid, hcl string }{
	{`[{"type":"loadForever"}]`, "load {\n forever = true\n }"},
	{`[{"type":"loadByPeriod","period":"P30D"},{"type":"dropForever"}]`, "load {\n period = \"P30D\"\n }\n drop {\n forever = true\n }"},
	// What these leave to the default is the one age of data or the other; see ruleScope.
	{`[{"type":"loadByPeriod","period":"P30D"}]`, "load {\n period = \"P30D\"\n }"},
	{`[{"type":"loadByInterval","interval":"2024-01-01/2024-08-01"}]`, "load {\n interval = \"2024-01-01/2024-08-01\"\n }"},
	{`[{"type":"loadByInterval","interval":"2024-01-01/2024-08-01"},{"type":"dropForever"}]`,
		"load {\n interval = \"2024-01-01/2024-08-01\"\n }\n drop {\n forever = true\n }"},
}

// plain is how many of the texts the clusters with tasks have.
const plain = 2

// lists are the parsed texts.
var lists = parse()

func parse() (parsed []druid.RuleList) {
	for _, text := range texts {
		list, err := druid.ParseRuleList([]byte(text.druid))
		if err != nil {
			panic(err) // a constant
		}
		parsed = append(parsed, list)
	}
	return parsed
}

// scopes are all clusters, one of each pair that differs by the order of its intervals only.
func scopes() (all []scope) {
	for n := range 81 {
		var s scope
		for i, left := 0, n; i < 4; i, left = i+1, left/3 {
			s.slots[i] = slot(left % 3)
		}
		if s.slots[0]*3+s.slots[1] < s.slots[2]*3+s.slots[3] {
			continue
		}
		for inForce := range plain {
			for wanted := asIs; wanted < plain; wanted++ {
				for _, most := range []int{1, 1000} {
					s.inForce, s.wanted, s.most = inForce, wanted, most
					all = append(all, s)
				}
			}
		}
	}
	return all
}

func (s scope) segments() (n int) {
	for _, slot := range s.slots {
		if slot != absent {
			n++
		}
	}
	return n
}

// begin builds the cluster: data of a hundred days ago, unused for fifty.
func (s scope) begin() *cluster {
	c := &cluster{now: start, own: []posted{{lists[s.inForce], start - 300*day}}, defaults: lists[0]}
	for i, slot := range s.slots {
		if slot == absent {
			continue
		}
		from := (20_000 - 100 + druid.Instant(i/2)) * day
		id := druid.SegmentID{DataSource: name, Interval: druid.Interval{Start: from, End: from + day}, Version: versions[i%2]}
		c.rows = append(c.rows, &row{id: id, key: keyOf(id), used: slot == used, marked: start - 50*day})
	}
	return c
}

func (s scope) config(t *testing.T) *config.Config {
	rules := ""
	if s.wanted != asIs {
		rules = "rules {\n" + texts[s.wanted].hcl + "\n}\n"
	}
	text := fmt.Sprintf("cluster \"test\" {\n coordinator = \"http://druid.invalid\"\n}\ndatasource \"d\" {\n%skill {\n superseded_after = \"P1D\"\n"+
		" expired_after = \"P30D\"\n task {\n max_segments = %d\n }\n}\nguard {\n max_unused_percent = 100\n}\n}\n", rules, s.most)
	cfg, problems := config.Load(fstest.MapFS{"main.hcl": {Data: []byte(text)}}, config.Options{})
	if problems.HasErrors() {
		t.Fatalf("configuration: %+v\n%s", problems, text)
	}
	return cfg
}

// explorer plans for the scope; nil when there is nothing to do.
func (s scope) explorer(t *testing.T) *explorer {
	cfg := s.config(t)
	first := s.begin()
	in := planner.Input{Config: cfg, Cluster: cfg.Clusters[0], Snapshot: first.snapshot(), Now: start, ToolVersion: "test"}
	made := planner.Build(in)
	open := false
	for _, a := range made.Actions {
		open = open || !a.Blocked
	}
	if !open {
		return nil
	}
	if err := plan.Seal(made); err != nil {
		t.Fatal(err)
	}
	var wanted *druid.RuleList
	if s.wanted != asIs {
		wanted = &lists[s.wanted]
	}
	budget := 1
	if *full || s.segments() <= 2 && s.most > 1 {
		budget = 2
	}
	return &explorer{plan: made, begin: s.begin, recall: in, wanted: wanted, lists: lists[:plain], budget: budget}
}

// TestSmallScope explores every cluster of up to four segments in two versions with up to two foreign actions.
func TestSmallScope(t *testing.T) { exploreAll(t, "safety", scopes()) }

// exploreAll explores many clusters side by side, and prints how many states there were.
func exploreAll[S interface{ explorer(*testing.T) *explorer }](t *testing.T, what string, all []S) {
	t.Helper()
	var mu sync.Mutex
	states, plans := 0, 0
	var trouble []string
	work := make(chan S)
	var ended sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		ended.Go(func() {
			for s := range work {
				e := s.explorer(t)
				if e == nil {
					continue
				}
				e.explore()
				mu.Lock()
				states, plans = states+len(e.seen), plans+1
				for _, text := range e.trouble {
					trouble = append(trouble, fmt.Sprintf("%+v: %s", s, text))
				}
				mu.Unlock()
			}
		})
	}
	for _, s := range all {
		work <- s
	}
	close(work)
	ended.Wait()
	for _, text := range trouble[:min(len(trouble), 20)] {
		t.Error(text)
	}
	t.Logf("%s: %d states, %d plans, %d violations", what, states, plans, len(trouble))
}
