package plan

import (
	"strings"
	"testing"

	"coppice/internal/druid"
)

// A restore names an apply, or a datasource and an interval, and nothing else; it alone may change rules.
func TestRestoreRequests(t *testing.T) {
	window := &druid.Interval{Start: 0, End: 1}
	for name, c := range map[string]struct {
		request Request
		fits    bool
	}{
		"an apply":                     {Request{Command: AskRestore, Apply: "a"}, true},
		"an apply of one datasource":   {Request{Command: AskRestore, Apply: "a", Datasource: "d"}, true},
		"an interval":                  {Request{Command: AskRestore, Datasource: "d", Interval: window}, true},
		"nothing":                      {Request{Command: AskRestore}, false},
		"no interval":                  {Request{Command: AskRestore, Datasource: "d"}, false},
		"an apply and an interval":     {Request{Command: AskRestore, Apply: "a", Datasource: "d", Interval: window}, false},
		"an apply and ids":             {Request{Command: AskRestore, Apply: "a", SegmentIDs: []string{"x"}}, false},
		"the default list":             {Request{Command: AskRestore, Apply: "a", Datasource: DefaultRules}, false},
		"another command and an apply": {Request{Command: AskUsed, Apply: "a", Datasource: "d", All: true}, false},
	} {
		if err := c.request.Check(); (err == nil) != c.fits {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := &Plan{FormatVersion: FormatVersion, Now: 1, ExpiresAt: 2, Request: &Request{Command: AskRestore, Datasource: "d", Interval: window},
		Datasources: []*Datasource{{Name: "d"}, {Name: "e"}}}
	for _, name := range []string{"d", "e"} {
		after := druid.RuleList{}
		a := &Action{Kind: SetRules, Datasource: name, RulesAfter: &after}
		a.ID = ActionID(a)
		p.Actions = append(p.Actions, a)
	}
	if err := Check(p); err == nil || strings.Contains(err.Error(), "set_rules of d was not") || !strings.Contains(err.Error(), "set_rules of e was not asked for") {
		t.Errorf("%v", err)
	}
}
