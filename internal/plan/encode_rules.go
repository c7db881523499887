package plan

import (
	"encoding/json"

	"coppice/internal/diag"
	"coppice/internal/druid"
)

// ruleChange is RuleChange with a Before that can be null: Druid has no word for a list that is not there.
type ruleChange struct {
	Change    Change          `json:"change"`
	Before    *druid.RuleList `json:"before"`
	After     druid.RuleList  `json:"after"`
	Effective druid.RuleList  `json:"effective,omitempty"`
	Sources   []*diag.Range   `json:"sources,omitempty"`
	Range     *diag.Range     `json:"range"`
	Outside   *Outside        `json:"outside,omitempty"`
}

// MarshalJSON writes null for no list of its own.
func (c RuleChange) MarshalJSON() ([]byte, error) {
	wire := ruleChange{c.Change, &c.Before, c.After, c.Effective, c.Sources, c.Range, c.Outside}
	if c.Before == nil {
		wire.Before = nil
	}
	return json.Marshal(wire)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *RuleChange) UnmarshalJSON(data []byte) error {
	var wire ruleChange
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	*c = RuleChange{wire.Change, nil, wire.After, wire.Effective, wire.Sources, wire.Range, wire.Outside}
	if wire.Before != nil {
		c.Before = *wire.Before
	}
	return nil
}
