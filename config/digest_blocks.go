package config

import (
	"slices"

	"coppice/internal/druid"
)

type guardMeaning struct {
	MaxUnusedPercent   float64        `json:"max_unused_percent"`
	NewestVictimAge    *periodMeaning `json:"newest_victim_age"`
	MaxKillSegments    int64          `json:"max_kill_segments"`
	MaxRestoreSegments int64          `json:"max_restore_segments"`
	MaxUnusedBytes     *int64         `json:"max_unused_bytes"`
	MaxKillBytes       *int64         `json:"max_kill_bytes"`
	MaxRestoreBytes    *int64         `json:"max_restore_bytes"`
	MaxFuture          *periodMeaning `json:"max_future,omitempty"`
	Budget             *budgetMeaning `json:"budget,omitempty"`
}

type budgetMeaning struct {
	Window      *periodMeaning `json:"window"`
	MaxSegments *int64         `json:"max_segments"`
	MaxBytes    *int64         `json:"max_bytes"`
}

func meaningOfGuard(g Guard) guardMeaning {
	m := guardMeaning{
		MaxUnusedPercent: g.MaxUnusedPercent.Value, NewestVictimAge: meaningOfPeriod(g.NewestVictimAge.Value),
		MaxKillSegments: g.MaxKillSegments.Value, MaxRestoreSegments: g.MaxRestoreSegments.Value,
		MaxUnusedBytes: limitOf(g.MaxUnusedBytes), MaxKillBytes: limitOf(g.MaxKillBytes), MaxRestoreBytes: limitOf(g.MaxRestoreBytes),
		MaxFuture: meaningOfGrace(g.MaxFuture),
	}
	if b := g.Budget; b != nil {
		m.Budget = &budgetMeaning{meaningOfPeriod(&b.Window.Value), limitOf(b.MaxSegments), limitOf(b.MaxBytes)}
	}
	return m
}

func limitOf(s *Setting[int64]) *int64 {
	if s == nil {
		return nil
	}
	return &s.Value
}

type allowMeaning struct {
	Code        string   `json:"code"`
	Datasources []string `json:"datasources"`
	Interval    []int64  `json:"interval"`
	MaxSegments *int64   `json:"max_segments"`
	Until       int64    `json:"until"`
	Reason      string   `json:"reason"`
}

func meaningOfAllow(a Allow) allowMeaning {
	m := allowMeaning{Code: a.Code, MaxSegments: a.MaxSegments, Until: int64(a.Until), Reason: a.Reason}
	m.Datasources, m.Interval = asSet(a.Datasources), meaningOfInterval(a.Interval)
	return m
}

type holdMeaning struct {
	Name        string   `json:"name"`
	Datasources []string `json:"datasources"`
	Interval    []int64  `json:"interval"`
	Until       *int64   `json:"until"`
	Reason      string   `json:"reason"`
}

func meaningOfHold(h Hold) holdMeaning {
	return holdMeaning{
		Name: h.Name, Datasources: asSet(h.Datasources), Interval: meaningOfInterval(h.Interval), Until: meaningOfInstant(h.Until),
		Reason: h.Reason,
	}
}

type removalMeaning struct {
	Name       string         `json:"name"`
	Datasource string         `json:"datasource"`
	Interval   []int64        `json:"interval"`
	Before     *int64         `json:"before"`
	Versions   []string       `json:"versions"`
	SegmentIDs []string       `json:"segment_ids"`
	Tombstones bool           `json:"tombstones"`
	KillAfter  *periodMeaning `json:"kill_after"`
	Reason     string         `json:"reason"`
}

func meaningOfRemoval(r Removal) removalMeaning {
	m := removalMeaning{
		Name: r.Name, Datasource: r.Datasource, Interval: meaningOfInterval(r.Interval), Before: meaningOfInstant(r.Before),
		Versions: asSet(r.Versions), Tombstones: r.Tombstones, KillAfter: meaningOfGrace(r.KillAfter), Reason: r.Reason,
	}
	for _, id := range r.SegmentIDs {
		m.SegmentIDs = append(m.SegmentIDs, id.String()) // ids that were parsed are equal when they print alike
	}
	slices.Sort(m.SegmentIDs)
	return m
}

// asSet is for lists whose order and repeats say nothing.
func asSet(texts []string) []string { return slices.Compact(slices.Sorted(slices.Values(texts))) }

func meaningOfInterval(i *druid.Interval) []int64 {
	if i == nil {
		return nil
	}
	return []int64{int64(i.Start), int64(i.End)}
}

func meaningOfInstant(t *druid.Instant) *int64 {
	if t == nil {
		return nil
	}
	millis := int64(*t)
	return &millis
}
