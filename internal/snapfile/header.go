package snapfile

import (
	"bytes"
	"encoding/json"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// FormatVersion is written into every file. Minor versions only add keys; an unknown major is refused.
const FormatVersion = "1.0"

// format tells such a file from other JSON Lines.
const format = "coppice snapshot"

// header is the first line.
type header struct {
	Format        string        `json:"format"`
	FormatVersion string        `json:"format_version"`
	Cluster       string        `json:"cluster"`
	Identity      string        `json:"identity"`
	TakenAt       druid.Instant `json:"taken_at"`
	DruidVersion  string        `json:"druid_version"`
	Sources       sources       `json:"sources"`
	Tiers         *[]string     `json:"tiers"` // null: not known
	Duties        *duties       `json:"duties"`
	AutoKill      *autoKill     `json:"auto_kill"`
	Gaps          []gap         `json:"gaps,omitempty"`
	DefaultRules  rules         `json:"default_rules"`
	Datasources   []datasource  `json:"datasources"`
}

type sources struct {
	Store       bool   `json:"store"`
	Coordinator bool   `json:"coordinator"`
	Replica     bool   `json:"replica"`
	Disagree    string `json:"disagree,omitempty"`
}

type duties struct {
	LastRunStart *druid.Instant `json:"last_run_start,omitempty"`
	LastRunEnd   *druid.Instant `json:"last_run_end,omitempty"`
	Stopped      bool           `json:"stopped"`
	Frozen       bool           `json:"frozen"`
	Detail       string         `json:"detail,omitempty"`
}

type autoKill struct {
	Coordinator killer `json:"coordinator"`
	Overlord    killer `json:"overlord"`
}

type killer struct {
	Unknown string       `json:"unknown,omitempty"`
	On      bool         `json:"on"`
	Buffer  druid.Period `json:"buffer"`
	Retain  string       `json:"retain,omitempty"`
	Only    []string     `json:"only"` // null: all
}

type gap struct {
	What     string          `json:"what"`
	Why      string          `json:"why"`
	Interval *druid.Interval `json:"interval,omitempty"` // absent: all of it
}

type rules struct {
	// List is absent when the key has no list of its own.
	List            *druid.RuleList `json:"list,omitempty"`
	Set             bool            `json:"set"`
	Since           *druid.Instant  `json:"since,omitempty"`
	Author          string          `json:"author,omitempty"`
	Comment         string          `json:"comment,omitempty"`
	History         []ruleVersion   `json:"history,omitempty"`
	HistoryComplete bool            `json:"history_complete"`
}

type ruleVersion struct {
	Since druid.Instant   `json:"since"`
	List  *druid.RuleList `json:"list,omitempty"`
}

type datasource struct {
	Name        string `json:"name"`
	Segments    int    `json:"segments"`
	Rules       rules  `json:"rules"`
	UnusedKnown bool   `json:"unused_known"`
	BusyKnown   bool   `json:"busy_known"`
	Busy        []busy `json:"busy,omitempty"`
	Gaps        []gap  `json:"gaps,omitempty"`
}

type busy struct {
	Interval druid.Interval `json:"interval"`
	Kind     string         `json:"kind"`
	By       string         `json:"by"`
}

// headerOf is everything of a cluster but its segments.
func headerOf(c *snapshot.Cluster) *header {
	h := &header{Format: format, FormatVersion: FormatVersion, Cluster: c.Name, Identity: c.Identity, TakenAt: c.TakenAt,
		DruidVersion: c.DruidVersion, Sources: sources(c.Sources), Gaps: gapsOf(c.Gaps), DefaultRules: rulesOf(&c.DefaultRules),
		Datasources: make([]datasource, 0, len(c.Datasources))}
	if c.TiersKnown {
		tiers := append([]string{}, c.Tiers...)
		h.Tiers = &tiers
	}
	if d := c.Duties; d != nil {
		h.Duties = &duties{instant(d.LastRunStart), instant(d.LastRunEnd), d.Stopped, d.Frozen, d.Detail}
	}
	if a := c.AutoKill; a != nil {
		h.AutoKill = &autoKill{killer(a.Coordinator), killer(a.Overlord)}
	}
	for _, d := range c.Datasources {
		h.Datasources = append(h.Datasources, datasourceOf(d))
	}
	return h
}

func datasourceOf(d *snapshot.Datasource) datasource {
	out := datasource{Name: d.Name, Segments: len(d.Segments), Rules: rulesOf(&d.Rules), UnusedKnown: d.UnusedKnown,
		BusyKnown: d.BusyKnown, Gaps: gapsOf(d.Gaps)}
	for _, b := range d.Busy {
		out.Busy = append(out.Busy, busy(b))
	}
	return out
}

func rulesOf(r *snapshot.Rules) rules {
	out := rules{List: listOf(r.List), Set: r.Set, Since: instant(r.Since), Author: r.LastAuthor, Comment: r.LastComment, HistoryComplete: r.HistoryComplete}
	for _, v := range r.History {
		out.History = append(out.History, ruleVersion{v.Since, listOf(v.List)})
	}
	return out
}

func listOf(l druid.RuleList) *druid.RuleList {
	if l == nil {
		return nil
	}
	return &l
}

func gapsOf(gaps []snapshot.Gap) []gap {
	var out []gap
	for _, g := range gaps {
		one := gap{What: g.What, Why: g.Why}
		if g.Interval != (druid.Interval{}) {
			one.Interval = &g.Interval
		}
		out = append(out, one)
	}
	return out
}

// instant is nil for a moment that is not known.
func instant(t druid.Instant) *druid.Instant {
	if !t.Known() {
		return nil
	}
	return &t
}

// print writes the header as one line.
func (h *header) print() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(h)
	return b.Bytes(), err
}
