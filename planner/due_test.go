package planner

import (
	"testing"

	"coppice/config"
	"coppice/internal/druid"

	"pgregory.net/rapid"
)

// TestRegionsOfAChain: what a chain drops lies in its drop regions, and what it does not drop in the others.
func TestRegionsOfAChain(t *testing.T) {
	within := func(list []region, i druid.Interval) bool {
		for _, r := range list {
			if r.firstFrom <= i.Start && i.Start < r.firstBelow && r.lastFrom < i.End && i.End <= r.lastBelow {
				return true
			}
		}
		return false
	}
	dropped, kept := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		chain := druid.Chain{Own: drawRules(t, "own"), Default: drawRules(t, "default")}
		now := days(10)
		regions := regionsOf(chain, now)
		for from := -3; from < 16; from++ {
			for _, length := range []int{1, 2, 5, 11} {
				for _, beside := range []druid.Instant{-1, 0, 1} {
					i := druid.Interval{Start: days(from) + beside, End: days(from+length) + beside}
					if j := judgeAt(chain, i, now); j.action == druid.ActionDrop {
						if dropped++; !within(regions.drops, i) {
							t.Fatalf("%s is dropped and in none of %v", i, regions.drops)
						}
					} else if kept++; !j.failed && !within(regions.keeps, i) {
						t.Fatalf("%s is kept and in none of %v", i, regions.keeps)
					}
				}
			}
		}
	})
	if dropped == 0 || kept == 0 {
		t.Errorf("%d were dropped, %d kept", dropped, kept)
	}
}

// TestLatestMarked: what is due now was not marked after that moment.
func TestLatestMarked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		period := druid.Period{Years: int32(rapid.IntRange(0, 2).Draw(t, "years")), Months: int32(rapid.IntRange(0, 14).Draw(t, "months")),
			Days: int32(rapid.IntRange(0, 40).Draw(t, "days")), Hours: int32(rapid.IntRange(0, 30).Draw(t, "hours"))}
		now := epoch + druid.Instant(rapid.IntRange(0, 1500).Draw(t, "now"))*day + druid.Instant(rapid.IntRange(0, int(day)-1).Draw(t, "time"))
		latest, any := latestMarked(now, &config.Setting[druid.Period]{Value: period})
		for back := druid.Instant(-3); back < 8; back++ {
			marked := latest + back*day + druid.Instant(rapid.IntRange(-2, 2).Draw(t, "beside"))
			if at, ends := due(period, marked); any && ends && at <= now && marked > latest {
				t.Fatalf("marked at %s, %s later is %s, not after %s; but the latest is %s", marked, period, at, now, latest)
			}
		}
	})
}
