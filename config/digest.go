package config

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"coppice/internal/druid"
)

// Digest is the SHA-256, in hex, of what the configuration means for a cluster: everything that decides what a plan
// holds, and neither positions nor the order of files and blocks, nor anything secret. An empty name stands for the
// only cluster.
func (c *Config) Digest(clusterName string) string {
	sum := sha256.Sum256(c.meaning(clusterName))
	return hex.EncodeToString(sum[:])
}

// meaning is the canonical JSON behind Digest.
func (c *Config) meaning(clusterName string) []byte {
	cluster, _ := c.Select(clusterName)
	m := struct {
		Format       int              `json:"format"`
		Cluster      *clusterMeaning  `json:"cluster"`
		DefaultRules *string          `json:"default_rules"`
		Datasources  []datasourceMean `json:"datasources"`
		Families     []datasourceMean `json:"families,omitempty"`
		Holds        []holdMeaning    `json:"holds,omitempty"`
		Removals     []removalMeaning `json:"removals,omitempty"`
		Guard        *guardMeaning    `json:"guard,omitempty"` // counts for what only a removal manages
		Allows       []json.RawMessage
	}{Format: 1, Cluster: meaningOfCluster(cluster), DefaultRules: meaningOfRules(c.DefaultRules)}
	for _, d := range c.Datasources {
		m.Datasources = append(m.Datasources, meaningOfDatasource(d))
	}
	for _, d := range c.Families {
		m.Families = append(m.Families, meaningOfDatasource(d))
	}
	for _, h := range c.Holds {
		m.Holds = append(m.Holds, meaningOfHold(h))
	}
	for _, r := range c.Removals {
		m.Removals = append(m.Removals, meaningOfRemoval(r))
	}
	if len(c.Removals) > 0 {
		guard := meaningOfGuard(c.Guard)
		m.Guard = &guard
	}
	for _, a := range c.Allows {
		m.Allows = append(m.Allows, canonical(meaningOfAllow(a)))
	}
	slices.SortFunc(m.Allows, func(a, b json.RawMessage) int { return bytes.Compare(a, b) })
	return canonical(m)
}

// canonical is for values that always have a JSON form: strings, numbers, and raw JSON that was checked when read.
func canonical(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic("the meaning of a configuration has no JSON form: " + err.Error())
	}
	return text
}

// clusterMeaning leaves out how to get in. URLs that came from env() are as secret as a password: only that there is
// one counts.
type clusterMeaning struct {
	Name            string `json:"name"`
	Coordinator     string `json:"coordinator"`
	Overlord        string `json:"overlord"`
	Tables          string `json:"tables"`
	MaxSlotsPercent int    `json:"max_slots_percent"`
	Sandbox         string `json:"sandbox"`
}

func meaningOfCluster(c *Cluster) *clusterMeaning {
	if c == nil {
		return nil
	}
	m := &clusterMeaning{
		Name: c.Name, Coordinator: c.ShownCoordinator(), Overlord: c.ShownOverlord(), MaxSlotsPercent: c.MaxSlotsPercent.Value,
	}
	if c.Metadata != nil {
		m.Tables = c.Metadata.Tables.Value
	}
	if c.Sandbox != nil {
		m.Sandbox = c.Sandbox.Directory.Value
	}
	return m
}

type datasourceMean struct {
	Name    string       `json:"name"`
	Except  []string     `json:"except,omitempty"`
	Rules   *string      `json:"rules"`
	Kill    *killMeaning `json:"kill"`
	Guard   guardMeaning `json:"guard"`
	Restore bool         `json:"restore"`
}

func meaningOfDatasource(d *Datasource) datasourceMean {
	return datasourceMean{
		Name: d.Name, Except: asSet(d.Except), Rules: meaningOfRules(d.Rules), Kill: meaningOfKill(d.Kill), Guard: meaningOfGuard(d.Guard),
		Restore: d.Restore.Value,
	}
}

func meaningOfRules(r *Rules) *string {
	if r == nil {
		return nil
	}
	digest := r.List.Digest()
	return &digest
}

// periodMeaning is equal for periods of the same arithmetic: P7D and P1W, PT60M and PT1H, but not P30D and P1M, nor
// P1Y and P12M, which clamp one after the other.
type periodMeaning struct {
	Years  int32 `json:"years"`
	Months int32 `json:"months"`
	Millis int64 `json:"millis"`
}

func meaningOfPeriod(p *druid.Period) *periodMeaning {
	if p == nil {
		return nil
	}
	return &periodMeaning{p.Years, p.Months, fixedMillis(*p)}
}

func meaningOfGrace(s *Setting[druid.Period]) *periodMeaning {
	if s == nil {
		return nil
	}
	return meaningOfPeriod(&s.Value)
}

type killMeaning struct {
	SupersededAfter *periodMeaning             `json:"superseded_after"`
	ExpiredAfter    *periodMeaning             `json:"expired_after"`
	OlderThan       *periodMeaning             `json:"older_than"`
	MaxSegments     int                        `json:"max_segments"`
	MaxInterval     *periodMeaning             `json:"max_interval"`
	Concurrency     int                        `json:"concurrency"`
	Context         map[string]json.RawMessage `json:"context"`
}

func meaningOfKill(k *Kill) *killMeaning {
	if k == nil {
		return nil
	}
	m := &killMeaning{
		SupersededAfter: meaningOfGrace(k.SupersededAfter), ExpiredAfter: meaningOfGrace(k.ExpiredAfter),
		OlderThan: meaningOfGrace(k.OlderThan), MaxSegments: k.Task.MaxSegments.Value,
		MaxInterval: meaningOfPeriod(&k.Task.MaxInterval.Value), Concurrency: k.Task.Concurrency.Value,
	}
	if len(k.Task.Context) > 0 {
		m.Context = k.Task.Context
	}
	return m
}
