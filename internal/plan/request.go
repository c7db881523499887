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
	// AskStamp gives unused segments whose marking time is not known a new one.
	AskStamp Command = "restamp"
)

var askable = []Command{AskUnused, AskUsed, AskKill, AskStamp}

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
	case r.Datasource == "" || r.Datasource == DefaultRules:
		return fmt.Errorf("a request is about one datasource, not about %q", r.Datasource)
	case !ids && !window && !r.All:
		return fmt.Errorf("nothing is named: give an interval, versions, segment ids, or all")
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
	allowed := map[Command]Kind{AskUnused: MarkUnused, AskStamp: MarkUnused, AskUsed: MarkUsed, AskKill: KillTask}[r.Command]
	for _, a := range p.Actions {
		if a.Kind != allowed || a.Datasource != r.Datasource || a.Restamp != (r.Command == AskStamp) {
			c.complain("a %s of %s was not asked for", a.Kind, a.Datasource)
		}
	}
}
