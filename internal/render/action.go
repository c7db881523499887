package render

import (
	"strings"

	"coppice/executor"
	"coppice/internal/plan"
)

// kindWord is what an action does, as a verb.
func kindWord(k plan.Kind) string {
	switch k {
	case plan.SetRules:
		return "set rules"
	case plan.MarkUnused:
		return "mark unused"
	case plan.MarkUsed:
		return "mark used"
	case plan.KillTask:
		return "delete"
	}
	return clean(string(k))
}

// kindOrder is the order of harm.
func kindOrder(k plan.Kind) int {
	switch k {
	case plan.KillTask:
		return 0
	case plan.MarkUnused:
		return 1
	case plan.MarkUsed:
		return 2
	}
	return 3
}

// outcomeWord is how an action ended.
func outcomeWord(o executor.Outcome) string {
	switch o {
	case executor.Done:
		return "done"
	case executor.DoneBefore:
		return "done before"
	case executor.SkippedBlocked:
		return "skipped, blocked"
	case executor.Stale:
		return "NOT DONE, stale"
	case executor.Failed:
		return "FAILED"
	case executor.Deferred:
		return "deferred"
	case executor.Unknown:
		return "UNKNOWN"
	case executor.NotStarted:
		return "not started"
	}
	return clean(string(o))
}

func outcomeInk(o executor.Outcome) ink {
	switch o {
	case executor.Done, executor.DoneBefore:
		return inkGood
	case executor.Failed, executor.Unknown, executor.Stale:
		return inkDanger
	}
	return inkWarning
}

// actionText names an action in running text: "delete wikipedia, 1,000 segments, 12.0 GiB".
func actionText(a *plan.Action) string {
	text := kindWord(a.Kind) + " " + clean(a.Datasource)
	if a.Restamp {
		text = "give a marking time to " + clean(a.Datasource)
	}
	if a.Kind == plan.SetRules {
		return text
	}
	return strings.TrimSuffix(text+", "+segments(a.Segments)+", "+sizeOf(a.Amount, unsizedRuns(a.Runs)), ", ")
}

func unsizedRuns(runs []plan.Run) int64 {
	var n int64
	for i := range runs {
		if runs[i].Bytes < 0 {
			n += runs[i].Segments
		}
	}
	return n
}

// countsText is what was really done: "1,000 of 1,000 segments, 12.0 GiB".
func countsText(real, planned executor.Counts) string {
	text := count(real.Segments) + " of " + segments(planned.Segments)
	if real.Segments < 0 {
		text = "an unknown number of " + segments(planned.Segments)
	}
	if real.Bytes > 0 {
		text += ", " + size(real.Bytes)
	}
	return text
}
