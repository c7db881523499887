package plan

import "coppice/internal/druid"

// Hold is a hold that a plan obeys, declared or remembered.
type Hold struct {
	Name        string   `json:"name"`
	Datasources []string `json:"datasources"`
	// Interval: what overlaps it is held; nil means all time. Until is where the hold ends, exclusive; nil means never.
	Interval *druid.Interval `json:"interval"`
	Until    *druid.Instant  `json:"until"`
	Reason   string          `json:"reason"`
	// Withdrawn: the configuration does not say it any more, or not of all these datasources and this time; the last
	// apply knew it. LetGo: the apply of this plan is the last one that obeys it.
	Withdrawn bool `json:"withdrawn"`
	LetGo     bool `json:"let_go"`
}

// Remembered are the holds that the plan after the next one has to know of: all but those that this one lets go.
func (p *Plan) Remembered() []Hold {
	var left []Hold
	for _, h := range p.Holds {
		if !h.LetGo {
			left = append(left, h)
		}
	}
	return left
}
