package e2e

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"coppice/internal/druid"
)

// rule is a rule in the two languages: as the configuration declares it and as Druid is told. They are written apart
// from each other, so that a mistake in translating would show as a difference.
type rule struct {
	hcl, json string
	period    string // empty for kinds without one
}

// periods of generated rules. They are all different in length from the steps of the segments, and from each other.
var periods = []string{"P1D", "P3D", "P7D", "P10D", "P1W", "P2W", "P1M", "P45D", "P1M15D", "P2M", "P3M", "P6M", "P1Y", "P1Y2M3DT4H", "PT36H", "PT100H", "P0D"}

// weighted are the kinds of rules, repeated by how often they come.
var weighted = strings.Fields(`load/period load/period load/period load/period load/interval load/interval drop/period drop/period
	drop/before drop/before drop/before drop/interval drop/interval broadcast/period broadcast/interval
	load/forever drop/forever drop/forever`)

// someRules makes a list of up to six rules. Broadcasts are seldom, since nobody can really load the made-up segments.
func someRules(r *rand.Rand, around druid.Interval) []rule {
	list := []rule{}
	for range 1 + r.IntN(5) {
		kind := weighted[r.IntN(len(weighted))]
		if strings.HasPrefix(kind, "broadcast") && r.IntN(3) > 0 {
			continue
		}
		verb, by, _ := strings.Cut(kind, "/")
		list = append(list, someRule(r, verb, by, around))
	}
	switch r.IntN(4) {
	case 0:
		return append(list, someRule(r, "drop", "forever", around))
	case 1:
		return append(list, someRule(r, "load", "forever", around))
	case 2:
		if r.IntN(6) == 0 {
			return append(list, someRule(r, "broadcast", "forever", around))
		}
	}
	return list
}

func someRule(r *rand.Rand, verb, by string, around druid.Interval) rule {
	kind, hcl, json := verb, []string{}, []string{}
	add := func(name, key, value string) {
		hcl, json = append(hcl, name+" = "+value), append(json, fmt.Sprintf("%q:%s", key, value))
	}
	made := rule{}
	switch by {
	case "forever":
		kind += "Forever"
		hcl = append(hcl, "forever = true")
	case "interval":
		kind += "ByInterval"
		add("interval", "interval", fmt.Sprintf("%q", someRange(r, around).String()))
	case "before":
		kind += "BeforeByPeriod"
		made.period = periods[r.IntN(len(periods))]
		add("before_period", "period", fmt.Sprintf("%q", made.period))
	case "period":
		kind += "ByPeriod"
		made.period = periods[r.IntN(len(periods))]
		add("period", "period", fmt.Sprintf("%q", made.period))
		if r.IntN(2) == 0 {
			add("include_future", "includeFuture", fmt.Sprint(r.IntN(2) == 0))
		}
	}
	if verb == "load" {
		add("tiered_replicants", "tieredReplicants", "{}")
	}
	json = append(json, fmt.Sprintf(`"type":%q`, kind))
	made.hcl = fmt.Sprintf("    %s {\n      %s\n    }\n", verb, strings.Join(hcl, "\n      "))
	made.json = "{" + strings.Join(json, ",") + "}"
	return made
}

// someRange is a range of days around the segments' time, seldom a huge one.
func someRange(r *rand.Rand, around druid.Interval) druid.Interval {
	if r.IntN(12) == 0 {
		return []druid.Interval{druid.Eternity, {Start: druid.MinInstant, End: around.Start + around.End/2 - around.Start/2},
			{Start: around.Start, End: druid.MaxInstant}}[r.IntN(3)]
	}
	days := int64(around.End-around.Start) / dayMillis
	from := r.Int64N(days)
	to := from + 1 + r.Int64N(min(days-from, 120))
	return druid.Interval{Start: around.Start + druid.Instant(from*dayMillis), End: around.Start + druid.Instant(to*dayMillis)}
}

const dayMillis = 24 * hourMillis
const hourMillis = 3_600_000

func rulesJSON(list []rule) string {
	texts := make([]string, len(list))
	for i, one := range list {
		texts[i] = one.json
	}
	return "[" + strings.Join(texts, ",") + "]"
}

func rulesHCL(dataSource string, list []rule) string {
	text := fmt.Sprintf("datasource %q {\n  rules {\n", dataSource)
	for _, one := range list {
		text += one.hcl
	}
	return text + "  }\n}\n"
}
