package safety

import (
	"fmt"
	"testing"
	"testing/fstest"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/planner"
)

// ruleScope is a cluster whose own list and default change together: a day of a hundred days ago and one of ten, which
// the lists tell apart.
type ruleScope struct {
	// own, wanted, defaults and declared are indexes into lists.
	own, wanted, defaults, declared int
}

// ruleScopes are all ways between the lists.
func ruleScopes() (all []ruleScope) {
	ways := [][2]int{}
	for from := range lists {
		for to := range lists {
			if from != to {
				ways = append(ways, [2]int{from, to})
			}
		}
	}
	for _, own := range ways {
		for _, defaults := range ways {
			all = append(all, ruleScope{own[0], own[1], defaults[0], defaults[1]})
		}
	}
	return all
}

func (s ruleScope) begin() *cluster {
	c := &cluster{now: start, own: []posted{{lists[s.own], start - 300*day}}, defaults: lists[s.defaults]}
	for _, ago := range []druid.Instant{100, 10} {
		from := (20_000 - ago) * day
		id := druid.SegmentID{DataSource: name, Interval: druid.Interval{Start: from, End: from + day}, Version: versions[0]}
		c.rows = append(c.rows, &row{id: id, key: keyOf(id), used: true, marked: start - 5*day})
	}
	return c
}

// explorer plans for the scope; what is blocked by a finding may be applied all the same, so that nothing but the order
// of the lists protects.
func (s ruleScope) explorer(t *testing.T) *explorer {
	text := fmt.Sprintf("cluster \"test\" {\n coordinator = \"http://druid.invalid\"\n}\ndatasource \"d\" {\nrules {\n%s\n}\n}\ndefault_rules {\n%s\n}\n"+
		"allow \"drops-everything\" {\n datasources = [\"*\"]\n until = \"2030-01-01\"\n reason = \"a test\"\n}\n", texts[s.wanted].hcl, texts[s.declared].hcl)
	cfg, problems := config.Load(fstest.MapFS{"main.hcl": {Data: []byte(text)}}, config.Options{})
	if problems.HasErrors() {
		t.Errorf("configuration: %+v\n%s", problems, text)
		return nil
	}
	in := planner.Input{Config: cfg, Cluster: cfg.Clusters[0], Snapshot: s.begin().snapshot(), Now: start, ToolVersion: "test"}
	made := planner.Build(in)
	for _, a := range made.Actions {
		if a.Blocked {
			t.Errorf("%+v is blocked: %+v", s, made.Summary.Blocked)
			return nil
		}
	}
	if err := plan.Seal(made); err != nil {
		t.Error(err)
		return nil
	}
	wanted := lists[s.wanted]
	return &explorer{plan: made, begin: s.begin, recall: in, wanted: &wanted, lists: lists[:1], budget: 1}
}

// TestSmallScopeOfRules explores every way from an own list and a default to others, with the Coordinator running, a
// crash or another foreign action at every point.
func TestSmallScopeOfRules(t *testing.T) { exploreAll(t, "rules", ruleScopes()) }
