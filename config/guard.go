package config

import (
	"coppice/internal/diag"
	"coppice/internal/druid"
)

// guards merges the datasource's, the policy's and the directory's guard attribute by attribute.
func (r *resolver) guards(own, policy *body) Guard {
	blocks := layers{own.guard, policy.guard, r.guard}
	schema := r.language.block("guard")
	return Guard{
		Origin:             blocks.origin(),
		MaxUnusedPercent:   pickOr[float64](blocks, schema, "max_unused_percent"),
		NewestVictimAge:    pickOr[*druid.Period](blocks, schema, "newest_victim_age"),
		MaxKillSegments:    pickOr[int64](blocks, schema, "max_kill_segments"),
		MaxRestoreSegments: pickOr[int64](blocks, schema, "max_restore_segments"),
		MaxUnusedBytes:     optional[int64](blocks, "max_unused_bytes"),
		MaxKillBytes:       optional[int64](blocks, "max_kill_bytes"),
		MaxRestoreBytes:    optional[int64](blocks, "max_restore_bytes"),
		MaxFuture:          optional[druid.Period](blocks, "max_future"),
		Budget:             budget(blocks.inner("budget")),
	}
}

// budget merges attribute by attribute; nil when no layer has the block.
func budget(blocks layers) *Budget {
	origin := blocks.origin()
	if !origin.Known() {
		return nil
	}
	b := &Budget{
		Origin:      origin,
		MaxSegments: optional[int64](blocks, "max_segments"),
		MaxBytes:    optional[int64](blocks, "max_bytes"),
	}
	b.Window, _ = pick[druid.Period](blocks, "window")
	return b
}

// wholeBudget reports a budget block that has no window or no limit, be it its own or that of a block it overrides.
// Every layer is looked at once, with those below it, so that a mistake is told where it stands, and told once.
func (r *resolver) wholeBudget(guards layers, damaged bool) {
	own := guards[0].one("budget")
	if own == nil || own.damaged || damaged {
		return
	}
	blocks := guards.inner("budget")
	if !blocks.has("window") {
		r.missing(own, own.schema.attribute("window"))
	}
	if blocks.has("max_segments") || blocks.has("max_bytes") {
		return
	}
	r.add(diag.Diagnostic{
		Code: "missing-attribute", Range: own.origin, Summary: "budget has no limit",
		Detail: "Expected max_segments, max_bytes or both: a window alone limits nothing.",
		Hint:   pasted(own.schema.attribute("max_segments")),
	})
}
