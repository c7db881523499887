package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"coppice/executor"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// badAnswer is one way in which a request goes wrong.
type badAnswer struct {
	name string
	// worked: the cluster does what was asked before the answer goes wrong.
	worked bool
	answer func(r *http.Request) (*http.Response, error)
	// codes are the exit codes when it happens to the posting of rules, to marks, to the submission of a task.
	rules, marks, task exitCode
}

func status(code int, kind, body string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		header := http.Header{}
		if kind != "" {
			header.Set("Content-Type", kind)
		}
		if code == http.StatusTemporaryRedirect {
			header.Set("Location", "http://other.invalid"+r.URL.RequestURI())
		}
		return &http.Response{StatusCode: code, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header,
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r}, nil
	}
}

func broken(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

// half is an answer that ends in the middle.
func half(r *http.Request) (*http.Response, error) {
	response, err := status(http.StatusOK, "application/json", `[{"task":"`)(r)
	response.ContentLength = 500
	response.Body = io.NopCloser(io.MultiReader(strings.NewReader(`[{"task":"`), failing{}))
	return response, err
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func hangs(*http.Request) (*http.Response, error) { return nil, errHang }

// badAnswers are all ways. An error whose effect can be seen afterwards is no failure; one without an effect is.
var badAnswers = []badAnswer{
	{"500 before the work", false, status(500, "", ""), exitError, exitError, exitError},
	{"500 after the work", true, status(500, "", ""), exitDone, exitDone, exitDone},
	{"cut before the work", false, broken, exitError, exitError, exitError},
	{"cut after the work", true, broken, exitDone, exitDone, exitDone},
	{"half an answer", true, half, exitDone, exitDone, exitDone},
	{"hang before the work", false, hangs, exitError, exitError, exitError},
	{"hang after the work", true, hangs, exitDone, exitDone, exitDone},
	{"redirect to another host", false, status(307, "", ""), exitError, exitError, exitError},
	{"503", false, status(503, "text/plain", "Service Unavailable"), exitError, exitError, exitError},
	{"a web page", false, status(200, "text/html", "<html><body>Sign in</body></html>"), exitDifference, exitError, exitError},
	{"401", false, status(401, "text/html", "<html>Unauthorized</html>"), exitError, exitError, exitError},
}

// want is the exit code when the answer happens to a request that changes something.
func (b badAnswer) want(at spot) exitCode {
	switch {
	case strings.Contains(at.path, "/rules/"):
		return b.rules
	case strings.HasSuffix(at.path, "/task"):
		return b.task
	}
	return b.marks
}

// readAttempts is how often a read is tried.
const readAttempts = 4

// strike makes the answer go wrong at one request; as often as it takes, or once.
func (s *stage) strike(at spot, bad badAnswer, times int) {
	spoil := func(now spot, r *http.Request) (*http.Response, error) {
		if now.method != at.method || now.path != at.path || now.nth < at.nth || now.nth >= at.nth+times {
			return nil, nil
		}
		return bad.answer(r)
	}
	s.wire.count, s.wire.spots = map[string]int{}, nil
	if bad.worked {
		s.wire.after = spoil
	} else {
		s.wire.before = spoil
	}
}

// undisturbed is the list of requests of an apply, and how everything ends.
func undisturbed(t *testing.T) (spots []spot, end string) {
	t.Helper()
	s := newStage(t)
	path, _ := s.plan()
	s.wire.count, s.wire.spots = map[string]int{}, nil
	if code, m := s.coppice("apply", path); code != exitDone {
		t.Fatalf("apply ended with %d\n%s%s", code, &m.out, &m.errs)
	}
	spots = slices.Clone(s.wire.spots)
	s.settle()
	s.sound()
	return spots, s.picture()
}

// TestBadAnswerToAWrite: every way in which a request that changes something can go wrong.
func TestBadAnswerToAWrite(t *testing.T) {
	spots, end := undisturbed(t)
	for _, at := range spots {
		if !at.write() {
			continue
		}
		for _, bad := range badAnswers {
			t.Run(bad.name+"/"+at.String(), func(t *testing.T) {
				t.Parallel()
				withoutTime(t, func(t *testing.T) {
					s, code := badAnswerAt(t, at, bad, 1)
					if want := bad.want(at); code != want {
						t.Errorf("exit %d, want %d", code, want)
					}
					s.ends(end)
				})
			})
		}
	}
}

// withoutTime runs a test in which waiting for an answer takes no time.
func withoutTime(t *testing.T, test func(t *testing.T)) { synctest.Test(t, test) }

// TestBadAnswerToARead: every read goes wrong, for as long as it is tried again; or each kind of read once only, which
// nobody notices.
func TestBadAnswerToARead(t *testing.T) {
	spots, end := undisturbed(t)
	first, turn := map[string]bool{}, 0
	for _, at := range spots {
		if at.write() {
			continue
		}
		ways, shape := badReads(), shapeOf(at)
		again := first[shape]
		if first[shape] = true; again {
			// The same kind of request again: one of the ways, each in its turn.
			turn++
			ways = ways[turn%len(ways):][:1]
		}
		for _, bad := range ways {
			t.Run(bad.name+"/"+at.String(), func(t *testing.T) {
				t.Parallel()
				withoutTime(t, func(t *testing.T) {
					s, code := badAnswerAt(t, at, bad, readAttempts)
					if code == exitStale && strings.HasSuffix(at.path, "/unusedSegments") {
						t.Errorf("exit %d: a list that could not be read is no change", code)
					}
					s.ends(end)
				})
			})
		}
		if again {
			continue
		}
		t.Run("503 once/"+at.String(), func(t *testing.T) {
			t.Parallel()
			s, code := badAnswerAt(t, at, badAnswers[8], 1)
			if code != exitDone {
				t.Errorf("exit %d, want 0", code)
			}
			s.ends(end)
		})
	}
}

// badReads leaves out what makes no difference to a read: whether its work was done.
func badReads() []badAnswer {
	return slices.DeleteFunc(slices.Clone(badAnswers), func(b badAnswer) bool { return b.worked && b.name != "half an answer" })
}

// shapeOf is a request without the names of tasks and datasources.
func shapeOf(at spot) string {
	parts := strings.Split(at.path, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, "coppice-kill-") || slices.Contains([]string{"narrow", "plain", "widen"}, part) {
			parts[i] = "*"
		}
	}
	return at.method + strings.Join(parts, "/")
}

// badAnswerAt applies while a request goes wrong, and checks that the report is honest.
func badAnswerAt(t *testing.T, at spot, bad badAnswer, times int) (*stage, exitCode) {
	t.Helper()
	s := newStage(t)
	path, made := s.plan()
	s.strike(at, bad, times)
	code, m := s.coppice("apply", "--json", path)
	s.wire.quiet()
	s.honest(made, code, m)
	return s, code
}

// honest compares a report with the cluster, and the exit code with the report.
func (s *stage) honest(made *plan.Plan, code exitCode, m *memoryProcess) {
	s.t.Helper()
	var said struct {
		executor.Report
		Outcome string `json:"outcome"`
	}
	if m.out.Len() == 0 {
		// Nothing was begun.
		if code == exitDone || m.errs.Len() == 0 {
			s.t.Errorf("exit %d without a report\n%s", code, &m.errs)
		}
		return
	}
	if err := json.Unmarshal(m.out.Bytes(), &said); err != nil {
		s.t.Fatalf("read the report: %v\n%s", err, &m.out)
	}
	if want := codeOfReport(&said.Report); code != want {
		s.t.Errorf("exit %d, and the report means %d\n%s", code, want, &m.out)
	}
	for i, a := range made.Actions {
		if problem := s.belies(a, said.Actions[i]); problem != "" {
			s.t.Errorf("%s %s is reported as %s: %s\n%s%s", a.Kind, a.Datasource, said.Actions[i].Outcome, problem, &m.out, &m.errs)
		}
	}
}

// codeOfReport is the table of docs/design.md.
func codeOfReport(r *executor.Report) exitCode {
	codes := []exitCode{exitDone}
	for _, a := range r.Actions {
		if len(a.Differences) > 0 {
			codes = append(codes, exitDifference)
		}
		codes = append(codes, map[executor.Outcome]exitCode{executor.Failed: exitError, executor.Stale: exitStale,
			executor.Unknown: exitPartial, executor.Deferred: exitPartial, executor.NotStarted: exitPartial}[a.Outcome])
	}
	for _, m := range r.Marks {
		if m.NotPredicted > 0 || m.UsedAgain > 0 {
			codes = append(codes, exitDifference)
		}
		if m.NotMarked > 0 || m.Problem != "" {
			codes = append(codes, exitPartial)
		}
	}
	if r.Stopped != "" {
		codes = append(codes, exitError)
	}
	for _, code := range []exitCode{exitError, exitDifference, exitPartial, exitStale} {
		if slices.Contains(codes, code) {
			return code
		}
	}
	return exitDone
}

// belies says how the cluster contradicts what was reported of an action; empty when it does not.
func (s *stage) belies(a *plan.Action, said *executor.ActionReport) string {
	if a.Kind == plan.SetRules {
		return s.beliesRules(a, said.Outcome)
	}
	total, there, used := int64(0), int64(0), int64(0)
	rows := map[string]bool{}
	for _, r := range s.box.Rows(a.Datasource) {
		rows[r.ID] = r.Used
	}
	for _, r := range a.Runs {
		for id := range r.IDs(a.Datasource) {
			isUsed, found := rows[id.String()]
			total++
			if found {
				there++
			}
			if isUsed {
				used++
			}
		}
	}
	changed := total - there
	if a.Kind == plan.MarkUsed {
		changed = used
	}
	switch done := said.Outcome == executor.Done || said.Outcome == executor.DoneBefore; {
	case done && changed != total && (!s.othersAct || said.Real.Segments != changed):
		return fmt.Sprintf("%d of %d are changed", changed, total)
	case (said.Outcome == executor.NotStarted || said.Outcome == executor.Stale) && changed > 0:
		return fmt.Sprintf("%d are changed", changed)
	case (said.Outcome == executor.Failed || said.Outcome == executor.Deferred) && said.Real.Segments >= 0 && said.Real.Segments != changed:
		return fmt.Sprintf("%d are changed, %d reported", changed, said.Real.Segments)
	}
	return ""
}

func (s *stage) beliesRules(a *plan.Action, outcome executor.Outcome) string {
	live, err := druid.ParseRuleList([]byte(s.ask("/druid/coordinator/v1/rules/" + a.Datasource)))
	try(s.t, err)
	switch {
	case s.rulesEdited:
		return ""
	case outcome == executor.Done && !live.Equal(*a.RulesAfter):
		return "the rules are others"
	case (outcome == executor.NotStarted || outcome == executor.Stale || outcome == executor.Failed) && live.Equal(*a.RulesAfter):
		return "the rules are posted"
	}
	return ""
}
