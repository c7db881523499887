package render

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"coppice/internal/diag"
	"coppice/internal/plan"
)

// Shown are so many failed segments of one test, and of one of its blocks, which may be about all segments of an interval; the others
// are counted.
const shownFailures, shownOfBlock = 10, 3

// Tested writes what policy tests came to: a line for each that passed, and of one that failed each segment with what was
// expected, what was decided instead, and by which line. The error is the writer's.
func Tested(w io.Writer, run *plan.TestRun, o Options) error {
	s := newScreen(w, o)
	for n := range run.Tests {
		if n > 0 && !(run.Tests[n].Passed && run.Tests[n-1].Passed) {
			s.blank()
		}
		s.tested(&run.Tests[n])
	}
	if run.Failed > 0 {
		s.blank()
	}
	text, color := fmt.Sprintf("%s passed, %s failed.", count(int64(run.Passed)), count(int64(run.Failed))), inkGood
	if run.Failed > 0 {
		color = inkDanger
	}
	s.line(0, span{text, color})
	return s.flush()
}

func (s *screen) tested(t *plan.TestOutcome) {
	if t.Passed {
		s.placed(0, []span{{"ok", inkGood}, plain("    " + clean(t.Name))}, place(&t.Range))
		return
	}
	s.placed(0, []span{{"FAIL", inkDanger}, {"  " + clean(t.Name), inkBold}, {" · at " + instantSeconds(t.Now), inkFaint}}, place(&t.Range))
	shown, hidden := 0, 0
	for _, block := range failedBlocks(t) {
		left := shownFailures - shown
		if len(block) > shownOfBlock+1 {
			left = min(left, shownOfBlock)
		}
		if s.verbose {
			left = len(block)
		}
		left = min(left, len(block))
		for _, one := range block[:left] {
			s.failed(one)
		}
		if shown += left; left > 0 && left < len(block) {
			s.sentence(2, fmt.Sprintf("and %s of this block (--verbose shows each)", moreSegments(len(block)-left)), "")
		} else if left == 0 {
			hidden += len(block)
		}
	}
	if hidden > 0 {
		s.sentence(2, fmt.Sprintf("and %s (--verbose shows each)", moreSegments(hidden)), "")
	}
}

// failedBlocks are the failed segments, those of one block together.
func failedBlocks(t *plan.TestOutcome) [][]*plan.TestedSegment {
	var blocks [][]*plan.TestedSegment
	for n := range t.Segments {
		one := &t.Segments[n]
		last := len(blocks) - 1
		switch {
		case one.Passed:
		case last >= 0 && blocks[last][0].Range == one.Range:
			blocks[last] = append(blocks[last], one)
		default:
			blocks = append(blocks, []*plan.TestedSegment{one})
		}
	}
	return blocks
}

func (s *screen) failed(t *plan.TestedSegment) {
	s.placed(2, []span{plain(testedName(t))}, place(&t.Range))
	s.testLine("expected", expectedWords(t), "", inkGood)
	if t.Got == nil {
		s.testLine("got", "the snapshot has no such segment", "", inkDanger)
		return
	}
	s.testLine("got", gotWords(t), "", inkDanger)
	s.testLine("why", t.Got.Reason.Text, place(t.Got.Reason.Range), inkPlain)
	if t.RuleText != "" && t.RuleText != t.Got.Reason.Text && t.Got.Rule != nil {
		s.testLine("rule", t.RuleText, place(t.Got.Rule.Range), inkPlain)
	}
	if t.Got.WaitsFor != "" {
		s.testLine("waits for", waitWords(t.Got.WaitsFor), "", inkPlain)
	}
	if t.Got.EligibleAt != nil {
		s.testLine("due", dueInstant(*t.Got.EligibleAt), "", inkPlain)
	}
}

// testLine is a fact that is set in twice.
func (s *screen) testLine(label, text, at string, color ink) {
	const indent, width = 4, 11
	for i, one := range wrap(text, s.width-indent-width) {
		if i > 0 {
			label, at = "", ""
		}
		spans := []span{{padRight(label, width), inkFaint}, {one, color}}
		if at != "" {
			s.placed(indent, spans, at)
			continue
		}
		s.line(indent, spans...)
	}
}

// testedName is the segment as the test writes it, or its id when a snapshot gave it.
func testedName(t *plan.TestedSegment) string {
	if t.Got == nil || !t.OfSnapshot {
		return clean(t.Datasource) + " " + interval(t.Interval)
	}
	return clean(t.Got.ID)
}

func expectedWords(t *plan.TestedSegment) string {
	if t.ExpectRule == nil {
		return clean(string(t.Expect))
	}
	return fmt.Sprintf("%s, by rule %d", clean(string(t.Expect)), *t.ExpectRule)
}

func gotWords(t *plan.TestedSegment) string {
	text := decisionWords(t.Got)
	switch {
	case t.ExpectRule == nil:
		return text
	case t.Rule == nil:
		return text + ", by no rule"
	}
	return fmt.Sprintf("%s, by rule %d", text, *t.Rule)
}

// TestComplaints are the failed segments as messages about the lines that expect something else, one for each block.
func TestComplaints(run *plan.TestRun) diag.List {
	var list diag.List
	for n := range run.Tests {
		for _, block := range failedBlocks(&run.Tests[n]) {
			s := block[0]
			d := diag.Diagnostic{Severity: diag.Error, Code: "policy-test", Range: s.Range,
				Summary: fmt.Sprintf("%s: %s", clean(run.Tests[n].Name), failureWords(s))}
			if s.Got != nil {
				d.Detail = strings.TrimSpace(clean(s.Got.Reason.Text) + "  " + place(s.Got.Reason.Range))
			}
			if more := len(block) - 1; more > 0 {
				d.Detail = strings.TrimSpace(fmt.Sprintf("%s\nand %s of this block", d.Detail, moreSegments(more)))
			}
			list = append(list, d)
		}
	}
	return list
}

func moreSegments(n int) string {
	if n == 1 {
		return "1 more segment"
	}
	return count(int64(n)) + " more segments"
}

// The form of JUnit that CI systems read.
type junitSuites struct {
	XMLName  xml.Name   `xml:"testsuites"`
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Suite    junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	ClassName string        `xml:"classname,attr"`
	File      string        `xml:"file,attr"`
	Line      int           `xml:"line,attr"`
	Failure   *junitFailure `xml:"failure"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",cdata"`
}

// JUnit writes the same as XML for CI systems. It has no times: a policy test takes none. The error is the writer's.
func JUnit(w io.Writer, run *plan.TestRun) error {
	suite := junitSuite{Name: "coppice", Tests: len(run.Tests), Failures: run.Failed}
	for n := range run.Tests {
		one, err := junitTest(&run.Tests[n])
		if err != nil {
			return err
		}
		suite.Cases = append(suite.Cases, one)
	}
	text, err := xml.MarshalIndent(junitSuites{Name: suite.Name, Tests: suite.Tests, Failures: suite.Failures, Suite: suite}, "", "  ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, xml.Header+string(text)+"\n")
	return err
}

func junitTest(t *plan.TestOutcome) (junitCase, error) {
	one := junitCase{Name: clean(t.Name), ClassName: t.Range.File, File: t.Range.File, Line: t.Range.Line}
	if t.Passed {
		return one, nil
	}
	var text strings.Builder
	s := newScreen(&text, Options{Width: 120})
	s.tested(t)
	one.Failure = &junitFailure{Message: firstFailure(t), Text: ""}
	err := s.flush()
	one.Failure.Text = text.String()
	return one, err
}

func firstFailure(t *plan.TestOutcome) string {
	for n := range t.Segments {
		if s := &t.Segments[n]; !s.Passed {
			return failureWords(s)
		}
	}
	return ""
}

func failureWords(s *plan.TestedSegment) string {
	if s.Got == nil {
		return testedName(s) + ": the snapshot has no such segment"
	}
	return fmt.Sprintf("%s: expected %s, got %s", testedName(s), expectedWords(s), gotWords(s))
}
