package main

// mistake is one wrong line in place of a right one. right stands exactly once in the file.
type mistake struct {
	name, file, right, wrong string
	// tests are the packages of which at least one test must fail.
	tests []string
}

var planner = []string{"./planner"}
var semantics = []string{"./internal/druid"}
var safety = []string{"./internal/safety"}

// mistakes are the classic ones of retention and deletion, each of which has cost somebody data.
var mistakes = []mistake{
	{"boundary-grace", "planner/obstacles.go", "if v.eligible > w.in.Now {", "if v.eligible > w.in.Now+1 {", planner},
	{"boundary-grace-late", "planner/obstacles.go", "if v.eligible > w.in.Now {", "if v.eligible >= w.in.Now {", planner},
	{"null-killable", "planner/obstacles.go", "case !s.MarkedAt.Known():\n\t\treturn becauseNoTime\n", "", planner},
	{"no-versions", "planner/kill.go", "e.versions = append(e.versions, s.Version)", "for v := range w.seen.Versions {\n\t\t\te.versions = append(e.versions, uint32(v))\n\t\t}", planner},
	{"no-cut-off", "planner/kill.go", "\te.cutoff = max(e.cutoff, s.MarkedAt)\n", "\te.cutoff = w.in.Now\n", planner},
	{"umbrella-interval", "planner/kill.go", "l.interval.Start != b.open.interval.End", "l.interval.Start < b.open.interval.End", planner},
	{"foreign-row-in-reach", "planner/kill.go", "return r.cutoff < r.first && len(r.versions) <= maxVersions", "return len(r.versions) <= maxVersions", planner},
	{"foreign-in-own-interval", "planner/obstacles.go", "first = min(first, w.rows[i].MarkedAt)", "_ = first", planner},
	{"defaults-ignored", "planner/work.go", "w.inForce = druid.Chain{Own: s.seen.Rules.List, Default: in.presentDefault()}", "w.inForce = druid.Chain{Own: s.seen.Rules.List}", planner},
	{"kill-before-hidden", "planner/obstacles.go", "if value == nothing {\n\t\treturn\n\t}\n\tfor i := g.from", "if value != 0 {\n\t\treturn\n\t}\n\tfor i := g.from", planner},
	{"version-order-alone", "planner/classes.go", "if w.complete(g, w.counts) {", "if w.anyOf(g, w.counts) {", planner},
	{"unexplained-supersedes", "planner/classes.go", "v.decision == restore || v.class == expired\n", "v.decision == restore || v.class == expired || v.class == unexplained\n", planner},
	{"below-unexplained", "planner/classes.go", "} else if unsafe.over(g.interval) > 0 {", "} else if unsafe.over(g.interval) > 1 {", planner},
	{"planned-rules-only", "planner/classes.go", "return w.judge(w.inForce, i).action == druid.ActionDrop && w", "return w", planner},
	{"lock-ignored", "planner/obstacles.go", "case w.busy(w.rows[i].Interval):", "case false:", planner},
	{"shared-file-used", "planner/obstacles.go", "case files.sharedWithUsed(i):", "case false:", planner},
	{"shared-file-unused", "planner/files.go", "return w.verdicts[i].decision != kill }) {\n\t\t\tcontinue", "return w.verdicts[i].decision != kill }) || true {\n\t\t\tcontinue", planner},
	{"shared-bytes-twice", "planner/files.go", "w.verdicts[i].counted || n != first", "w.verdicts[i].counted && n != first", planner},
	{"history-ignored", "planner/grace.go", "return max(s.MarkedAt, w.droppedSince(s.Interval))", "return s.MarkedAt", planner},
	{"recheck-blind", "planner/recheck.go", "case !approved:", "case false:", planner},
	{"used-row-in-reach", "planner/classes.go", "if w.used(i) || w.verdicts[i].decision == restore {\n\t\t\tcontinue", "if w.verdicts[i].decision == restore {\n\t\t\tcontinue", planner},
	{"hand-marked-restored", "planner/restore.go", "return dropped || !known", "return dropped || known || !known", planner},
	{"restore-and-kill", "planner/obstacles.go", "case w.restores:", "case false:", planner},

	{"unpinned-over-used", "planner/unpinned.go", "if w.verdicts[i].decision != kill {\n\t\t\treturn false", "if w.verdicts[i].decision != kill && !w.used(i) {\n\t\t\treturn false", planner},
	{"unpinned-joined", "planner/kill.go", "if !b.w.in.canPin() {", "if b.w.in.canPin() && l.rows == nil {", planner},
	{"unpinned-without-consent", "planner/unpinned.go", "if w.in.allowedBy(&a.Datasource, c) == nil {", "if false {", planner},
	{"unpinned-rechecked-as-pinned", "planner/recheck.go", "|| !w.in.canPin() {", "|| w.lengthless && !within {", planner},

	{"window-one-late", "planner/lint_region.go", "r.lastFrom = cutoff\n", "r.lastFrom = cutoff + 1\n", planner},
	{"drop-region-overlaps", "planner/lint_region.go", "r.firstFrom, r.lastBelow = s.interval.Start, s.interval.End", "r.lastFrom, r.firstBelow = s.interval.Start, s.interval.End", planner},
	{"future-always-in", "planner/lint_region.go", "\t\tif !s.future {\n\t\t\tr.firstBelow = now\n\t\t}\n", "", planner},
	{"reachable-today-only", "planner/lint_moments.go", " || !m.combinations(day+1, until, yield)", "", planner},
	{"months-without-ends", "planner/lint_moments.go", "for ; day < min(next, until); day++ {", "for day = next; day < min(next, until); day++ {", planner},
	{"meeting-without-after", "planner/lint_moments.go", "at = append(at, bound+distance, bound+distance+1)", "at = append(at, bound+distance)", planner},
	{"meetings-overlooked", "planner/lint_moments.go", "if day > today {", "if day > today && p.Zero() {", planner},
	{"unknown-kind-hides", "planner/lint_grid.go", "if g.judged[rule] && g.in(s, rule) {", "if g.in(s, rule) {", planner},
	{"hidden-is-harmless", "planner/lint_reach.go", "if !r.shapes[h.by].keeps() {\n\t\t\treturn false", "if h.by < 0 {\n\t\t\treturn false", planner},
	{"unchanged-rules-block", "planner/lint.go", "if already && !w.countsAsNew() {", "if already && w.countsAsNew() {", planner},
	{"default-error-ignored", "planner/build.go", "append(blocking, also...)", "append(blocking, also[:0]...)", planner},
	{"no-copies-need-a-tier", "planner/lint_cluster.go", "wanted.Count == 0 || ", "", planner},
	{"arrival-by-any-interval", "planner/lint_band.go", "(present || shapes[first].scope != byInterval)", "(present || shapes[first].scope == byInterval)", planner},
	{"appended-to-a-tombstone", "planner/lint_segments.go", "|| w.complete(g, lives) {", "|| w.complete(g, with) {", planner},
	{"every-edge-is-coarse", "planner/lint_segments.go", "return c.length == 0 || ", "return c.length >= 0 || ", planner},

	{"default-before-own", "planner/actions.go", "\tstepNarrow\n\tstepNarrowDefault\n", "\tstepNarrowDefault\n\tstepNarrow\n", planner},
	{"own-after-default", "planner/actions.go", "\tstepBeforeDefault = iota\n\tstepWidenDefault\n", "\tstepWidenDefault = iota\n\tstepBeforeDefault\n", planner},
	{"own-never-waits", "planner/actions.go", "\tstepNarrowDefault\n\tstepAfterDefault\n", "\tstepAfterDefault\n\tstepNarrowDefault\n", planner},
	{"order-by-what-is-there", "planner/order.go", "!c.loses[atEnd][ownOnly] && proof.safe(ownNew, w.in.Now, w.in.expiry())", "!c.loses[atEnd][ownOnly] && proof.safe(ownNew, w.in.Now, w.in.Now-1)", planner},
	{"order-safe-today-only", "planner/order.go", "proof.safe(defaultIsNew, w.in.Now, w.in.expiry())", "proof.safe(defaultIsNew, w.in.Now, w.in.Now)", planner},
	{"order-unjudged-is-safe", "planner/order_proof.go", " || !g.judgesAll() {", " {", planner},
	{"widening-drops", "planner/order.go", "r.Action() != druid.ActionDrop && !contains(list, r)", "!contains(list, r)", planner},
	{"widening-forgets-the-default", "planner/order.go", "[]druid.Chain{planned, inForce}", "[]druid.Chain{planned, {Own: inForce.Own}}", planner},
	{"narrowing-says-it-widens", "planner/actions.go", "Widens: !narrows", "Widens: true", planner},
	{"default-out-of-turn", "executor/rules.go", "if r.outOfTurn(a) || ", "if ", []string{"./executor"}},

	{"hold-ignored", "planner/obstacles.go", "case w.heldBy(s.Interval) != nil:", "case false:", planner},
	{"hold-withdrawn-at-once", "planner/hold.go", "for _, h := range in.withdrawn() {", "for _, h := range in.withdrawn()[:0] {", planner},
	{"hold-shortened-unseen", "planner/withdrawn.go", "return time && end && ", "_ = end\n\treturn time && ", planner},
	{"hold-narrowed-unseen", "planner/withdrawn.go", "return time && end && ", "_ = time\n\treturn end && ", planner},
	{"hold-let-go-by-a-part", "planner/withdrawn.go", "h.LetGo = in.whole()", "h.LetGo = true", []string{"./cmd/coppice"}},
	{"removal-beats-hold", "planner/removal.go", "return w.used(i) && w.claimedBy(i) != nil && w.heldBy(w.rows[i].Interval) == nil", "return w.used(i) && w.claimedBy(i) != nil", planner},
	{"removal-claims-later-data", "planner/removal.go", "return old[s.Version] && s.CreatedAt.Known() && s.CreatedAt < *r.Before", "return old[s.Version] && s.CreatedAt.Known()", planner},
	{"removal-by-overlap", "planner/removal.go", "(r.Interval == nil || r.Interval.Contains(w.rows[i].Interval)) && wants(i)", "(r.Interval == nil || r.Interval.Overlaps(w.rows[i].Interval)) && wants(i)", planner},
	{"removed-supersedes", "planner/classes.go", " && v.decision != remove || v.decision == restore", " || v.decision == restore", planner},

	{"auto-kill-buffer-of-any-class", "planner/autokill.go", "\t\t\t\tcontinue\n\t\t\t}\n\t\t}\n\t\tearly", "\t\t\t\treturn nil\n\t\t\t}\n\t\t}\n\t\tearly", planner},
	{"auto-kill-short-months", "planner/autokill.go", "least, most = min(least, length), max(most, length)", "least, most = min(least, length), min(least, length)", planner},
	{"auto-kill-of-others", "internal/snapshot/autokill.go", "if !k.On || k.Only == nil {", "if k.On || k.Only == nil {", planner},
	{"auto-kill-unknown-is-off", "planner/autokill.go", "if k.Unknown != \"\" && !slices", "if k.Unknown == \"\" && !slices", planner},

	{"far-future-at-the-edge", "planner/future.go", "interval.End <= edge", "interval.End < edge", planner},
	{"far-future-by-start", "planner/future.go", "interval.End <= edge", "interval.Start <= edge", planner},
	{"budget-forgets-the-past", "planner/budget.go", "limit == nil || used+more <= limit.Value", "limit == nil || more <= limit.Value", planner},
	{"budget-window-late", "planner/budget.go", "d.List[i].At >= from", "d.List[i].At > from", planner},
	{"budget-of-all-datasources", "planner/budget.go", "d.List[i].Datasource == datasource && ", "", planner},
	{"budget-blind", "planner/budget.go", "past == nil || past.Unknown != \"\"", "past == nil", planner},
	{"budget-forgets-unknown-ends", "internal/journal/kills.go", "record.Outcome == executor.Unknown:", "record.Outcome != executor.Unknown:", []string{"./internal/journal"}},
	{"family-guessed", "planner/input.go", "return subject{in.Config.For(name), orEmpty(seen, name), seen != nil}", "return subject{in.Config.Find(name), orEmpty(seen, name), seen != nil}", planner},
	{"ambiguity-silent", "planner/build.go", "\tw.contested()\n", "", planner},
	{"members-not-listed", "internal/collect/segments.go", "r.Also == nil || !r.Also(name)", "r.Also == nil || r.Also(name) || true", []string{"./internal/collect"}},
	{"first-family-wins", "config/family.go", "if len(claiming) != 1 {", "if len(claiming) < 1 {", []string{"./config"}},

	{"secret-variable-shown", "config/variables.go", "\tif v.sensitive {\n\t\tv.value = v.value.Mark(sensitive)\n\t}\n", "", []string{"./config"}},
	{"file-beats-flag", "config/outside.go", "for _, a := range d.options.Vars {\n", "for _, a := range d.options.Vars[:0] {\n", []string{"./config"}},
	{"condition-ignored", "config/variables.go", "return plain.True()", "return plain.True() || true", []string{"./config"}},

	{"slots-of-nobody", "cmd/coppice/slots.go", "return max(1, int(", "return max(0, int(", []string{"./cmd/coppice"}},

	{"first-match-ignored", "internal/druid/rulechain.go", "for i := range c.Len() {\n\t\tr := c.at(i)\n\t\tapplies", "for i := c.Len() - 1; i >= 0; i-- {\n\t\tr := c.at(i)\n\t\tapplies", semantics},
	{"load-contains", "internal/druid/ruleapplies.go", "return r.Interval.Overlaps(segment), nil", "return r.Interval.Contains(segment), nil", semantics},
	{"drop-overlaps", "internal/druid/ruleapplies.go", "return r.Interval.Contains(segment), nil", "return r.Interval.Overlaps(segment), nil", semantics},
	{"load-boundary", "internal/druid/ruleapplies.go", "bool { return cutoff < segment.End }", "bool { return cutoff <= segment.End }", semantics},
	{"drop-boundary", "internal/druid/ruleapplies.go", "bool { return cutoff <= segment.Start }", "bool { return cutoff < segment.Start }", semantics},
	{"before-boundary", "internal/druid/ruleapplies.go", "bool { return segment.End <= cutoff }", "bool { return segment.End < cutoff }", semantics},
	{"negative-period-silent", "internal/druid/ruleapplies.go", "if err == nil && start > now {", "if err == nil && start > now+1 {", semantics},
	{"julian-leap-years", "internal/druid/calendar.go", "return y%4 == 0 && (y%100 != 0 || y%400 == 0)", "return y%4 == 0", semantics},
	{"interval-closed", "internal/druid/interval.go", "return i.Start < o.End && o.Start < i.End }", "return i.Start <= o.End && o.Start <= i.End }", semantics},

	{"recheck-verdict-ignored", "executor/kill.go", "if differences := unapproved(a, verdict); len(differences) > 0 {\n\t\tr.endStale", "if differences := unapproved(a, verdict); len(differences) > 1000 {\n\t\tr.endStale", safety},
	{"manifest-after-submit", "executor/submit.go", "if !r.manifest(a, id, victims) || !r.intend(a, id, &amounts) {\n\t\treturn false\n\t}\n\tr.reports[a.ID].Task = id\n\terr := r.cluster.SubmitKill(r.ctx, killTask(a, id))\n", "if !r.intend(a, id, &amounts) {\n\t\treturn false\n\t}\n\tr.reports[a.ID].Task = id\n\terr := r.cluster.SubmitKill(r.ctx, killTask(a, id))\n\tr.manifest(a, id, victims)\n", safety},
	{"intent-after-submit", "executor/submit.go", "if !r.manifest(a, id, victims) || !r.intend(a, id, &amounts) {\n\t\treturn false\n\t}\n\tr.reports[a.ID].Task = id\n\terr := r.cluster.SubmitKill(r.ctx, killTask(a, id))\n", "if !r.manifest(a, id, victims) {\n\t\treturn false\n\t}\n\tr.reports[a.ID].Task = id\n\terr := r.cluster.SubmitKill(r.ctx, killTask(a, id))\n\tr.intend(a, id, &amounts)\n", safety},
	{"resume-submits-again", "executor/kill.go", "if a.Kind != plan.KillTask || !progress.inFlight() || r.halted() {", "if a.Kind != plan.KillTask || progress.inFlight() || !progress.inFlight() {", safety},
	{"cut-off-not-sent", "executor/submit.go", "MaxUsedStatusLastUpdated: a.Task.MaxUsedStatusLastUpdated,", "MaxUsedStatusLastUpdated: 253402300799000,", safety},
	{"versions-not-sent", "executor/submit.go", "Versions: slices.Clone(a.Task.Versions),", "Versions: slices.Clone(a.Task.Versions[:0]),", safety},
	{"baseline-not-looked-for", "executor/baseline.go", "if earlier == nil {", "if earlier == nil || true {", []string{"./executor"}},
	{"uncompared-is-complete", "executor/report.go", "if m.NotMarked > 0 || m.Problem != \"\" {\n\t\t\treturn false", "if m.NotMarked > 0 && m.Problem != \"\" {\n\t\t\treturn false", []string{"./executor"}},
	{"restored-below-killed", "planner/killed.go", "int64(w.rows[i].Version) >= w.killed.over(w.rows[i].Interval)", "int64(w.rows[i].Version) >= 0", planner},
	{"killed-hides-its-own", "planner/killed.go", "druid.CompareVersions(w.seen.Versions[n], version) >= 0", "druid.CompareVersions(w.seen.Versions[n], version) > 0", planner},
	{"sent-is-gone", "planner/killed.go", "_, there := w.seen.IndexOf(k.ID); !there", "_, there := w.seen.IndexOf(k.ID); !there || there", planner},
	{"unseen-is-gone", "planner/recheck.go", "v := Verdict{Differences: w.unseen(action.Task.Interval)}", "v := Verdict{}", planner},
	{"restore-forgotten", "planner/restore.go", "return w.unfinished(i) || w.droppedByRules(i)", "return w.droppedByRules(i)", planner},
	{"restore-of-what-others-marked", "planner/restore.go", "w.rows[i].MarkedAt <= planned)", "w.rows[i].MarkedAt <= planned+1)", planner},

	{"unlisted-is-listed", "planner/obstacles.go", "case !w.seen.UnusedKnown:", "case false:", planner},
	{"unlisted-is-restored", "planner/restore.go", "len(w.in.Unfinished) > 0) && w.seen.UnusedKnown", "len(w.in.Unfinished) > 0)", planner},
	{"unlisted-freezes-rules", "planner/used.go", "if gap.What == unusedGap {", "if gap.What != unusedGap {", planner},
	{"any-number-is-a-version", "internal/druid/capability.go", "return major >= c.Since && major <= newestMajor", "return major >= c.Since", semantics},
	{"since-is-too-new", "internal/druid/capability.go", "return major >= c.Since && major", "return major > c.Since && major", semantics},
	{"pinned-without-versions", "internal/druid/capability.go", " && KillVersions.In(version)", "", semantics},
	{"pinned-on-any-druid", "planner/unpinned.go", "|| druid.PinsKills(v)", "|| druid.PinsKills(v) || true", planner},
	{"workers-do-not-count", "internal/druidapi/state.go", "slices.MinFunc(append(versions, c.workerVersions(ctx)...), compareVersions)", "slices.MinFunc(versions, compareVersions)", []string{"./internal/druidapi"}},
	{"credentials-for-workers", "internal/druidapi/workers.go", "anonymous: true", "anonymous: false", []string{"./internal/druidapi"}},
}
