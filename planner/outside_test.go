package planner

import (
	"testing"

	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"

	"github.com/google/go-cmp/cmp"
)

// TestOutside: a list is shown as somebody else's only when it is newer than the last apply and does not bear coppice's
// comment; what cannot be told is not said.
func TestOutside(t *testing.T) {
	last := druid.Instant(10)
	anna := plan.Outside{At: 11, Author: "anna", Comment: "why not"}
	for name, c := range map[string]struct {
		rules snapshot.Rules
		last  *druid.Instant
		want  *plan.Outside
	}{
		"newer":           {snapshot.Rules{Set: true, Since: 11, LastAuthor: "anna", LastComment: "why not"}, &last, &anna},
		"nobody known":    {snapshot.Rules{Set: true, Since: 11}, &last, &plan.Outside{At: 11}},
		"at the apply":    {snapshot.Rules{Set: true, Since: 10, LastAuthor: "anna"}, &last, nil},
		"our own":         {snapshot.Rules{Set: true, Since: 11, LastComment: plan.Comment("0123456789abcdef", "")}, &last, nil},
		"no moment":       {snapshot.Rules{Set: true, Since: druid.NoInstant, LastAuthor: "anna"}, &last, nil},
		"no list":         {snapshot.Rules{Since: 11, LastAuthor: "anna"}, &last, nil},
		"no apply so far": {snapshot.Rules{Set: true, Since: 11, LastAuthor: "anna"}, nil, nil},
	} {
		in := &Input{LastApply: c.last}
		if diff := cmp.Diff(c.want, in.outside(&c.rules)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}
