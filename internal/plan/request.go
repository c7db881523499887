package plan

import (
	"fmt"
	"slices"

	"coppice/internal/druid"
)

// Command is what a request asks for. The names are those of the command line.
type Command string

const (
	// AskUnused marks used segments unused, AskUsed unused ones used again; AskKill deletes unused segments for good.
	AskUnused Command = "mark-unused"
	AskUsed   Command = "mark-used"
	AskKill   Command = "kill"
	// AskRestore brings unused segments back under the declared rules, or undoes an apply; it alone may change rules.
	AskRestore Command = "restore"
	// AskStamp gives unused segments whose marking time is not known a new one.
	AskStamp Command = "restamp"
)

var askable = []Command{AskUnused, AskUsed, AskKill, AskStamp, AskRestore}

// Request is what somebody asked for beside the configuration. A plan with a request is about nothing else: rules stay
// as they are, and nothing is deleted that the request does not name. Who has the plan can make its input again.
type Request struct {
	Command    Command `json:"command"`
	Datasource string  `json:"datasource"`
	// Interval names what lies in it (contained; overlapping is not enough); nil: any time.
	Interval *druid.Interval `json:"interval"`
	// Versions names segments of these versions; none: any version.
	Versions []string `json:"versions,omitempty"`
	// SegmentIDs names exactly these; then there is neither Interval nor Versions nor All.
	SegmentIDs []string `json:"segment_ids,omitempty"`
	// Apply is the id of the apply that a restore undoes; then Datasource limits it to one, and nothing else is named.
	Apply string `json:"apply,omitempty"`
	// All names every segment of the datasource; then there is neither Interval nor Versions.
	All bool `json:"all,omitempty"`
	// OlderThanMarked: only what was marked at least this long ago, of kill alone; nil: however short ago.
	OlderThanMarked *druid.Period `json:"older_than_marked,omitempty"`
}

// IDs are the segments named one by one. The error is the first text that is no segment id of the datasource.
func (r *Request) IDs() ([]druid.SegmentID, error) {
	var ids []druid.SegmentID
	for _, text := range r.SegmentIDs {
		id, err := druid.ParseSegmentID(r.Datasource, text)
		if err != nil {
			return nil, fmt.Errorf("%q is no segment id of %s: %w", text, r.Datasource, err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// Check says what is wrong with a request by itself; nil when it can be planned.
func (r *Request) Check() error {
	ids, window := len(r.SegmentIDs) > 0, r.Interval != nil || len(r.Versions) > 0
	switch {
	case !slices.Contains(askable, r.Command):
		return fmt.Errorf("a request for %q is not known", r.Command)
	case r.Command == AskRestore || r.Apply != "":
		return r.checkRestore()
	case r.Datasource == "" || r.Datasource == DefaultRules:
		return fmt.Errorf("a request is about one datasource, not about %q", r.Datasource)
	case !ids && !window && !r.All:
		return fmt.Errorf("nothing is named: give an interval, --versions, --segment-ids, or --all")
	case ids && (window || r.All):
		return fmt.Errorf("segment ids name segments exactly, and go with neither interval nor versions nor all")
	case r.All && window:
		return fmt.Errorf("all means every segment, and goes with neither interval nor versions")
	case r.OlderThanMarked != nil && r.Command != AskKill:
		return fmt.Errorf("a time since marking goes with kill alone")
	case r.OlderThanMarked != nil && r.OlderThanMarked.Negative():
		return fmt.Errorf("%s is negative", r.OlderThanMarked)
	}
	_, err := r.IDs()
	return err
}

// checkRestore: an apply, maybe of one datasource alone, or a datasource and an interval.
func (r *Request) checkRestore() error {
	other := len(r.SegmentIDs) > 0 || len(r.Versions) > 0 || r.All || r.OlderThanMarked != nil
	switch {
	case r.Command != AskRestore:
		return fmt.Errorf("only a restore undoes an apply")
	case r.Datasource == DefaultRules:
		return fmt.Errorf("%s is the default rule list, and no datasource", DefaultRules)
	case r.Apply != "" && (r.Interval != nil || other):
		return fmt.Errorf("to undo an apply goes with no interval, versions or segment ids: the apply says what it did")
	case r.Apply == "" && (r.Datasource == "" || r.Interval == nil || other):
		return fmt.Errorf("say what: DATASOURCE INTERVAL, or --apply ID (coppice history lists the ids; \"last\" is the newest)")
	}
	return nil
}

// request checks what was asked for, and that no action goes beyond it.
func (c *checker) request(p *Plan) {
	r := p.Request
	if r == nil {
		if slices.ContainsFunc(p.Actions, func(a *Action) bool { return a.Restamp }) {
			c.complain("new marking times were not asked for")
		}
		return
	}
	if err := r.Check(); err != nil {
		c.complain("request: %w", err)
	}
	allowed := map[Command][]Kind{AskUnused: {MarkUnused}, AskStamp: {MarkUnused}, AskUsed: {MarkUsed}, AskKill: {KillTask},
		AskRestore: {SetRules, MarkUsed}}[r.Command]
	for _, a := range p.Actions {
		named := a.Datasource == r.Datasource || r.Datasource == "" && r.Apply != ""
		if !slices.Contains(allowed, a.Kind) || !named || a.Restamp != (r.Command == AskStamp) {
			c.complain("a %s of %s was not asked for", a.Kind, a.Datasource)
		}
	}
}
