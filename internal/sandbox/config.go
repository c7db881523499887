package sandbox

import (
	"math"
	"net/http"
	"strconv"
	"strings"
)

// dynamicConfig is CoordinatorDynamicConfig of Druid 33, in the order in which Druid prints it.
type dynamicConfig struct {
	MillisToWaitBeforeDeleting     int64    `json:"millisToWaitBeforeDeleting"`
	MaxSegmentsToMove              int      `json:"maxSegmentsToMove"`
	ReplicantLifetime              int      `json:"replicantLifetime"`
	ReplicationThrottleLimit       int      `json:"replicationThrottleLimit"`
	BalancerComputeThreads         int      `json:"balancerComputeThreads"`
	KillDataSourceWhitelist        []string `json:"killDataSourceWhitelist"`
	KillTaskSlotRatio              double   `json:"killTaskSlotRatio"`
	MaxKillTaskSlots               int      `json:"maxKillTaskSlots"`
	KillPendingSegmentsSkipList    []string `json:"killPendingSegmentsSkipList"`
	MaxSegmentsInNodeLoadingQueue  int      `json:"maxSegmentsInNodeLoadingQueue"`
	DecommissioningNodes           []string `json:"decommissioningNodes"`
	PauseCoordination              bool     `json:"pauseCoordination"`
	ReplicateAfterLoadTimeout      bool     `json:"replicateAfterLoadTimeout"`
	UseRoundRobinSegmentAssignment bool     `json:"useRoundRobinSegmentAssignment"`
	SmartSegmentLoading            bool     `json:"smartSegmentLoading"`
	DebugDimensions                any      `json:"debugDimensions"`
	TurboLoadingNodes              []string `json:"turboLoadingNodes"`
}

// double prints as Java prints a double: always with a point.
type double float64

// MarshalJSON implements json.Marshaler.
func (d double) MarshalJSON() ([]byte, error) {
	text := strconv.FormatFloat(float64(d), 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return []byte(text), nil
}

func firstConfig() dynamicConfig {
	return dynamicConfig{
		MillisToWaitBeforeDeleting: 15 * 60 * 1000, MaxSegmentsToMove: 100, ReplicantLifetime: 15,
		ReplicationThrottleLimit: 500, BalancerComputeThreads: 1, KillDataSourceWhitelist: []string{},
		KillTaskSlotRatio: 0.1, MaxKillTaskSlots: math.MaxInt32, KillPendingSegmentsSkipList: []string{},
		MaxSegmentsInNodeLoadingQueue: 500, DecommissioningNodes: []string{},
		UseRoundRobinSegmentAssignment: true, SmartSegmentLoading: true, TurboLoadingNodes: []string{},
	}
}

func (c *call) config() answer { return ok(c.state.Config) }

// setConfig merges: a field that is not sent keeps its value. A ratio out of range falls through to Jetty's page.
func (c *call) setConfig() answer {
	merged := c.state.Config
	if failed := c.decode(&merged); failed != nil {
		return *failed
	}
	if merged.KillTaskSlotRatio < 0 || merged.KillTaskSlotRatio > 1 {
		message := "killTaskSlotRatio [" + strconv.FormatFloat(float64(merged.KillTaskSlotRatio), 'f', 2, 64) +
			"] is invalid. It must be >= 0 and <= 1."
		return jetty(c.request.URL.Path, "org.apache.druid.error.DruidException", message)
	}
	c.state.Config = merged
	c.record(configAudit, configAudit, string(object(http.StatusOK, merged).body))
	return empty(http.StatusOK)
}

func (c *call) configHistory() answer { return c.history(configAudit, configAudit) }
