package sandbox

import (
	"fmt"
	"net/http"
	"time"

	"coppice/internal/druid"
)

func (c *call) status() answer {
	const megabyte = 1 << 20
	return ok(struct {
		Version string           `json:"version"`
		Modules []string         `json:"modules"`
		Memory  map[string]int64 `json:"memory"`
	}{c.options.Version, []string{}, map[string]int64{
		"maxMemory": 256 * megabyte, "totalMemory": 256 * megabyte, "freeMemory": 200 * megabyte,
		"usedMemory": 56 * megabyte, "directMemory": 256 * megabyte,
	}})
}

func (c *call) health() answer { return ok(true) }

// properties are the static settings; those of automatic kill are absent unless the options give them, as in Druid.
func (c *call) properties() answer {
	all := map[string]string{
		"druid.service":                        "druid/coordinator",
		"druid.coordinator.asOverlord.enabled": "true",
		"druid.storage.type":                   "local",
		"druid.storage.storageDirectory":       c.DeepStorage(),
	}
	for name, value := range c.options.Properties {
		all[name] = value
	}
	return ok(all)
}

// base is the URL by which the client came, so that it can be reached whatever the address.
func (c *call) base() string { return "http://" + c.request.Host }

func (c *call) leader() answer { return text(http.StatusOK, c.base()) }

func (c *call) isLeader() answer { return ok(map[string]bool{"leader": true}) }

type server struct {
	Host     string `json:"host"`
	Tier     string `json:"tier"`
	Type     string `json:"type"`
	Priority int    `json:"priority"`
	CurrSize int64  `json:"currSize"`
	MaxSize  int64  `json:"maxSize"`
}

const historicalSize = 10 << 30

// tiers lists the tiers of live Historicals, or with ?simple their sizes.
func (c *call) tiers() answer {
	if !c.query.Has("simple") {
		return ok(c.options.Tiers)
	}
	sizes := map[string]map[string]int64{}
	for _, tier := range c.options.Tiers {
		sizes[tier] = map[string]int64{"currSize": c.servedBytes(), "maxSize": historicalSize}
	}
	return ok(sizes)
}

// servers are one Historical per tier and one indexer.
func (c *call) servers() answer {
	var all []server
	for i, tier := range c.options.Tiers {
		all = append(all, server{fmt.Sprintf("127.0.0.1:%d", 8083+i), tier, "historical", 0, c.servedBytes(), historicalSize})
	}
	all = append(all, server{"127.0.0.1:8091", defaultTier, "indexer-executor", 0, 0, 0})
	if c.query.Has("simple") {
		return ok(all)
	}
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.Host
	}
	return ok(names)
}

func (c *call) servedBytes() (sum int64) {
	for _, r := range c.state.Segments {
		if r.Used && c.served[r.ID] {
			sum += r.Bytes
		}
	}
	return sum
}

// loadStatus is the part of the segments to load that is loaded, per datasource, in percent.
func (c *call) loadStatus() answer {
	percent := map[string]double{}
	for _, name := range c.view.names {
		loaded := 0
		for _, seen := range c.view.segments[name] {
			if c.served[seen.row.ID] {
				loaded++
			}
		}
		percent[name] = double(100*loaded) / double(len(c.view.segments[name]))
	}
	return ok(percent)
}

type dutyGroup struct {
	Name             string   `json:"name"`
	Period           string   `json:"period"`
	DutyNames        []string `json:"dutyNames"`
	LastRunStart     string   `json:"lastRunStart"`
	LastRunEnd       string   `json:"lastRunEnd"`
	AvgRuntimeMillis int64    `json:"avgRuntimeMillis"`
	AvgRunGapMillis  int64    `json:"avgRunGapMillis"`
}

// duties shows the one group that the sandbox runs. A rule that throws shows here: lastRunEnd stands still.
func (c *call) duties() answer {
	const prefix = "org.apache.druid.server.coordinator.duty."
	period := c.options.DutyPeriod
	return ok(map[string][]dutyGroup{"dutyGroups": {{
		Name:   "HistoricalManagementDuties",
		Period: druid.Period{Millis: int32(period.Milliseconds() % 1000), Seconds: int32(period / time.Second)}.String(),
		DutyNames: []string{
			prefix + "RunRules", prefix + "MarkOvershadowedSegmentsAsUnused", prefix + "MarkEternityTombstonesAsUnused",
		},
		LastRunStart: druid.Instant(c.state.LastRunStart).String(), LastRunEnd: druid.Instant(c.state.LastRunEnd).String(),
		AvgRunGapMillis: period.Milliseconds(),
	}}})
}
