package planner

import (
	"fmt"
	"slices"
	"strings"

	"coppice/config"
	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// foreignKiller is a killer of the cluster's own that is on and takes the datasource. It deletes whatever has been unused
// for its buffer, of every class, and knows no hold.
type foreignKiller struct {
	*snapshot.Killer
	service, on, buffer string
}

// foreignKillers are those that the datasource is exposed to.
func (w *work) foreignKillers() []foreignKiller {
	seen := w.in.Snapshot.AutoKill
	if seen == nil {
		return nil
	}
	var list []foreignKiller
	for _, k := range []foreignKiller{
		{&seen.Coordinator, "Coordinator", "druid.coordinator.kill.on", "druid.coordinator.kill.bufferPeriod"},
		{&seen.Overlord, "Overlord", "druid.manager.segments.killUnused.enabled", "druid.manager.segments.killUnused.bufferPeriod"},
	} {
		if k.Takes(w.seen.Name) {
			list = append(list, k)
		}
	}
	return list
}

// autoKill complains where the cluster deletes by itself what the configuration wants to stay for longer.
func (w *work) autoKill() {
	for _, k := range w.foreignKillers() {
		w.heldUnderKiller(k)
		if early := w.deletedEarly(k); len(early) > 0 {
			w.complainAutoKill(k, early)
		}
	}
}

// promise is how long unused segments of one kind stay by the configuration; a nil period means for ever.
type promise struct {
	what   string
	period *druid.Period
	origin diag.Range
}

// words says it in a sentence's middle.
func (p promise) words() string {
	if p.period == nil {
		return p.what + " stay for ever"
	}
	return fmt.Sprintf("%s stay for %s", p.what, p.period)
}

// promises are what the configuration says of unused segments: its kill block, removals, and holds over data that is
// there and used (held data that is unused already is a complaint of its own). Without any of them, what is unused in the
// datasource is left to the cluster.
func (w *work) promises() []promise {
	var list []promise
	add := func(what string, grace *config.Setting[druid.Period], block diag.Range) {
		p := promise{what: what, origin: block}
		if grace != nil {
			p.period = &grace.Value
		}
		list = append(list, p)
	}
	if w.policy != nil && w.policy.Kill != nil {
		add("superseded segments", w.policy.Kill.SupersededAfter, w.policy.Kill.Origin)
		add("expired segments", w.policy.Kill.ExpiredAfter, w.policy.Kill.Origin)
	}
	for _, r := range w.removals {
		add(fmt.Sprintf("segments of removal %q", r.Name), r.KillAfter, r.Origin)
	}
	named := map[*config.Hold]bool{}
	for i := range w.rows {
		if h := w.heldBy(w.rows[i].Interval); h != nil && w.used(i) && !named[h] {
			named[h] = true
			add(fmt.Sprintf("segments under hold %q", h.Name), nil, h.Origin)
		}
	}
	return list
}

// deletedEarly are the promises that the killer's buffer is shorter than, in any month of the year.
func (w *work) deletedEarly(k foreignKiller) []promise {
	buffer, _, ends := lengths(k.Buffer)
	var early []promise
	for _, p := range w.promises() {
		if p.period != nil {
			if _, grace, graceEnds := lengths(*p.period); !ends || graceEnds && grace <= buffer {
				continue
			}
		}
		early = append(early, p)
	}
	return early
}

// lengths are the least and the greatest length of a period in milliseconds, over the months of four years from which it
// can be counted; false when it leads behind the end of time.
func lengths(p druid.Period) (least, most int64, ends bool) {
	const leapYear druid.Instant = 1704067200000 // 2024-01-01
	for month := range int32(4 * 12) {
		from, err := druid.Period{Months: month}.After(leapYear)
		if err != nil {
			return 0, 0, false
		}
		to, ok := due(p, from)
		if !ok {
			return 0, 0, false
		}
		length := int64(to - from)
		if month == 0 {
			least = length
		}
		least, most = min(least, length), max(most, length)
	}
	return least, most, true
}

func (w *work) complainAutoKill(k foreignKiller, early []promise) {
	var broken []string
	for _, p := range early {
		broken = append(broken, p.words())
	}
	detail := fmt.Sprintf("%s is true on the leading %s, which deletes for good whatever has been unused for %s (%s)%s. By the configuration %s.",
		k.on, k.service, k.Buffer, k.buffer, k.spares(), joined(broken))
	w.complain(complaint{severity: diag.Error, code: "auto-kill-conflict", detail: detail, origin: known(early[0].origin),
		summary: fmt.Sprintf("The %s itself deletes what is to stay for longer", k.service),
		hint:    k.remedy(early) + ", or consent with:" + w.allowBlock("auto-kill-conflict")})
}

// spares is what the killer leaves alone, for the text: open-ended segments die all the same.
func (k foreignKiller) spares() string {
	if k.Retain == "" {
		return ""
	}
	return fmt.Sprintf(", but for data of the last %s", k.Retain)
}

// remedy names the settings. A longer buffer helps only where nothing stays for ever.
func (k foreignKiller) remedy(early []promise) string {
	ways := []string{fmt.Sprintf("Set %s = false and restart the %s", k.on, k.service)}
	if k.service == "Coordinator" {
		ways = append(ways, "name only other datasources in killDataSourceWhitelist of the dynamic configuration")
	}
	const day = 24 * 60 * 60 * 1000
	var most int64
	for _, p := range early {
		if p.period == nil {
			return strings.Join(ways, ", or ")
		}
		_, length, ends := lengths(*p.period)
		if !ends {
			return strings.Join(ways, ", or ")
		}
		most = max(most, length)
	}
	return strings.Join(append(ways, fmt.Sprintf("set %s to P%dD or longer", k.buffer, (most+day-1)/day)), ", or ")
}

// heldUnderKiller complains about held data that is unused: the hold stops coppice's deletions, not the cluster's own.
func (w *work) heldUnderKiller(k foreignKiller) {
	for i := range w.rows {
		h := w.heldBy(w.rows[i].Interval)
		if h == nil || w.used(i) {
			continue
		}
		w.complain(complaint{severity: diag.Error, code: "held-data-dropped",
			summary: fmt.Sprintf("Data under hold %q is unused, and the %s itself deletes", h.Name, k.service),
			detail: fmt.Sprintf("%s is true on the leading %s: what has been unused for %s is deleted for good. The hold (%s) stops coppice only.",
				k.on, k.service, k.Buffer, h.Reason),
			hint:    k.remedy([]promise{{}}) + "; or mark it used and keep it with a rule in front of all others:\n" + heldRule(h),
			witness: w.id(i), origin: known(h.Origin), interval: w.rows[i].Interval, segments: 1})
	}
}

// promisesAnything reports whether the configuration says of anything how long it stays unused.
func (in *Input) promisesAnything() bool {
	kills := func(d *config.Datasource) bool { return d.Kill != nil }
	return slices.ContainsFunc(in.Config.Datasources, kills) || slices.ContainsFunc(in.Config.Families, kills) ||
		len(in.Config.Removals)+len(in.Config.Holds) > 0
}

// autoKillUnknown warns, once, that nobody can tell whether the cluster deletes by itself, where anything is to stay.
func (in *Input) autoKillUnknown() []complaint {
	seen := in.Snapshot.AutoKill
	if seen == nil || !in.promisesAnything() {
		return nil
	}
	var why []string
	for _, k := range []snapshot.Killer{seen.Coordinator, seen.Overlord} {
		if k.Unknown != "" && !slices.Contains(why, k.Unknown) {
			why = append(why, k.Unknown)
		}
	}
	if len(why) == 0 {
		return nil
	}
	return []complaint{{severity: diag.Warning, code: "auto-kill-unknown", summary: "The cluster may delete by itself",
		detail: fmt.Sprintf("Whether it does could not be read: %s.", strings.Join(why, "; ")),
		hint:   "Look at druid.coordinator.kill.on and druid.manager.segments.killUnused.enabled of the leaders: both are to be false."}}
}

// autoKillState sums both killers up for the plan; empty when no Coordinator was asked.
func (in *Input) autoKillState() string {
	switch a := in.Snapshot.AutoKill; {
	case a == nil:
		return ""
	case a.Coordinator.On || a.Overlord.On:
		return plan.AutoKillOn
	case a.Coordinator.Unknown+a.Overlord.Unknown != "":
		return plan.AutoKillUnknown
	}
	return plan.AutoKillOff
}
