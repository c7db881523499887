package render

import (
	"fmt"
	"strings"

	"coppice/internal/plan"
)

// part is one heading of the plan's screen: a decision that changes segments.
type part struct {
	title, sign string
	// asked is the title when the plan is of a request; empty: the same.
	asked string
	ink   ink
	// pick returns the group's runs, and which of them belong here.
	pick func(*plan.Datasource) (runs []plan.Run, belongs func(*plan.Run) bool)
	// note is the short remark at the end of an entry's first line.
	note func(*entry) string
	// words describes a fold besides its reason; may be empty.
	words func(*fold) string
}

// parts in the order of harm.
var parts = []part{
	{title: "DELETE FOR GOOD", sign: "-", ink: inkDanger, note: killNote, words: killWords,
		pick: func(d *plan.Datasource) ([]plan.Run, func(*plan.Run) bool) { return d.Kill.Runs, anyRun }},
	{title: "MARK UNUSED", sign: "-", ink: inkWarning, note: shareNote,
		pick: func(d *plan.Datasource) ([]plan.Run, func(*plan.Run) bool) { return d.Drop.Runs, notByTime }},
	{title: "REMOVE (mark unused what a removal names)", asked: "MARK UNUSED", sign: "-", ink: inkWarning, note: shareNote, words: lockWords,
		pick: func(d *plan.Datasource) ([]plan.Run, func(*plan.Run) bool) { return d.Remove.Runs, anyRun }},
	{title: "RESTORE (mark used again)", asked: "MARK USED", sign: "+", ink: inkGood, words: lockWords,
		pick: func(d *plan.Datasource) ([]plan.Run, func(*plan.Run) bool) { return d.Restore.Runs, anyRun }},
	{title: "GIVE A MARKING TIME", sign: "~", ink: inkWarning,
		pick: func(d *plan.Datasource) ([]plan.Run, func(*plan.Run) bool) { return stampRuns(d), anyRun }},
}

func anyRun(*plan.Run) bool      { return true }
func notByTime(r *plan.Run) bool { return !r.ByTime }

// part writes one part, if any datasource has something in it. Datasources that are alike are one entry, which names them.
func (s *screen) part(p *plan.Plan, one part) {
	list := entries(p, one, s.verbose)
	if len(list) == 0 {
		return
	}
	rows := make([]row, len(list))
	for i, e := range list {
		rows[i] = partRow(e, one)
	}
	title := one.title
	if marksAlone(p) && one.asked != "" {
		title = one.asked
	}
	s.title(title, one.ink)
	widths := s.widest(rows)
	for i, e := range list {
		s.row(rows[i], widths, one.ink)
		s.blockedLine(p, e.all[0])
		s.causes(e.folder, one)
		s.members(e, one)
		s.everyRun(e.all[0], one)
	}
}

// gather folds the runs of a datasource that belong to a part, and adds them up.
func gather(d *plan.Datasource, one part) (*folder, *fold) {
	folder, total := newFolder(), newFold(cause{})
	runs, belongs := one.pick(d)
	for i := range runs {
		if belongs(&runs[i]) {
			folder.add(&runs[i])
			total.add(&runs[i])
		}
	}
	return folder, total
}

// taskCounts are the kill tasks per datasource.
func taskCounts(p *plan.Plan) map[string]int {
	tasks := map[string]int{}
	for _, a := range p.Actions {
		if a.Kind == plan.KillTask {
			tasks[a.Datasource]++
		}
	}
	return tasks
}

func partRow(e *entry, one part) row {
	r := row{sign: one.sign, name: e.name(), span: interval(e.total.span), amount: segments(e.total.Segments),
		size: sizeOf(e.total.Amount, e.total.unsized)}
	if one.note != nil {
		r.note = one.note(e)
	}
	if e.all[0].Blocked {
		r.note = strings.TrimSuffix("BLOCKED, "+r.note, ", ")
	}
	return r
}

func killNote(e *entry) string { return counted(int64(e.tasks), "task") }

// shareNote is how much of a datasource's used segments that is.
func shareNote(e *entry) string {
	if e.least == nil {
		return ""
	}
	least, most := percent(e.least.part, e.least.whole), percent(e.most.part, e.most.whole)
	if least != most {
		return least + " to " + most + " of used"
	}
	if len(e.all) > 1 {
		return most + " of used each"
	}
	return most + " of used"
}

// blockedLine says why a datasource is blocked and what that means.
func (s *screen) blockedLine(p *plan.Plan, d *plan.Datasource) {
	if !d.Blocked {
		return
	}
	text := "BLOCKED: apply skips this; not in the totals"
	if codes := blockedBy(p, d.Name); len(codes) > 0 {
		text = "BLOCKED by " + strings.Join(codes, ", ") + ": apply skips this; not in the totals"
	}
	s.inked(detailIndent, span{text, inkDanger}, "")
}

// causes writes one sentence per fold.
func (s *screen) causes(f *folder, one part) {
	limit := maxFolds
	if s.verbose {
		limit = 0
	}
	folds := f.folds(limit)
	for _, each := range folds {
		text := foldText(each, one)
		if len(folds) > 1 {
			text = amountWords(each) + ", " + interval(each.span) + ": " + text
		}
		s.sentence(detailIndent, text, places(each))
	}
}

// places is the line that asks for a fold, and how many others do.
func places(f *fold) string {
	at := place(&f.place)
	if len(f.places) > 0 {
		at += " and " + counted(int64(len(f.places)), "other line")
	}
	return at
}

// amountWords is "634 segments, 211.3 GiB".
func amountWords(f *fold) string {
	if text := sizeOf(f.Amount, f.unsized); text != "" {
		return segments(f.Segments) + ", " + text
	}
	return segments(f.Segments)
}

// foldText is why, in a sentence.
func foldText(f *fold, one part) string {
	if f.mixed && f.code == "" {
		return "for several other reasons (--verbose shows every run)"
	}
	text := strings.Replace(f.text, lastCopy, loudLastCopy, 1)
	if f.mixed {
		text += ", and the like"
	}
	if one.words != nil {
		if more := one.words(f); more != "" {
			text += "; " + more
		}
	}
	return text
}

// lastCopy is how a reason says that nothing else holds the data.
const lastCopy, loudLastCopy = "the last copy", "THE LAST COPY"

// killWords says what makes a deletion worse or better: whether it is the last copy, how many versions, how long ago.
func killWords(f *fold) string {
	var words []string
	if f.class == plan.ClassExpired && !strings.Contains(f.text, lastCopy) {
		words = append(words, loudLastCopy)
	}
	if v := f.versions; f.class == plan.ClassSuperseded && v.intervals > 0 && !f.mixed {
		words = append(words, versionWords(v))
	}
	if f.marked.Known() {
		words = append(words, "marked until "+instant(f.marked))
	}
	return strings.Join(words, "; ")
}

// versionWords is "2 to 30 old versions in each of 364 intervals".
func versionWords(v versionCount) string {
	versions := counted(int64(v.most), "old version")
	if v.least != v.most {
		versions = count(int64(v.least)) + " to " + versions
	}
	if v.intervals == 1 {
		return versions
	}
	return versions + " in each of " + counted(int64(v.intervals), "interval")
}

// lockWords says when a decision waits.
func lockWords(f *fold) string {
	if f.waits == "" {
		return ""
	}
	return "NOT IN THIS PLAN'S ACTIONS: waits for " + waitWords(f.waits)
}

// everyRun lists the runs one by one when asked to.
func (s *screen) everyRun(d *plan.Datasource, one part) {
	if !s.verbose {
		return
	}
	runs, belongs := one.pick(d)
	for i := range runs {
		if belongs(&runs[i]) {
			s.run(&runs[i])
		}
	}
}

// run writes one run: with the datasource it names the segments exactly.
func (s *screen) run(r *plan.Run) {
	s.line(detailIndent+2, plain(fmt.Sprintf("%s  %s  partitions %s  %s  %s", interval(r.Interval), clean(r.Version), r.Partitions,
		segments(r.Segments), runSize(r))))
}

func runSize(r *plan.Run) string {
	return sizeOf(plan.Amount{Segments: r.Segments, Bytes: max(r.Bytes, 0)}, unsizedRuns([]plan.Run{*r}))
}
